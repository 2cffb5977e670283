"""Streams the objects of an OpenStreetMap file that belong to any theme, through pyosmium.

What is untagged never reaches Python; geometries are carried as WKB and built in one go afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium
import shapely
from osmium.osm import NODE, WAY

from qinshui_geo.sources.osm_files import osm_format, read_header, stream
from qinshui_geo.sources.osm_tags import (
    AREA_THEMES,
    KEYS,
    LINE_THEMES,
    POINT_TAGS,
    POINT_THEMES,
    ROUTE_KINDS,
    classify,
)

Progress = Callable[[int], object]
Box = tuple[float, float, float, float]

_PROGRESS_STEP = 2_000
_AREA_OR_POINT = (*AREA_THEMES, *POINT_THEMES)
_POLYGON_TYPES = frozenset({"multipolygon", "boundary"})
_UNTAGGED = frozenset({"type", "source", "created_by", "note", "name"})
"""Keys that do not say what a relation is: such a multipolygon is what its outer way is."""


@dataclass(slots=True)
class OsmObject:
    """One object of the file with what the layers keep of it; ``wkb`` is hexadecimal."""

    kind: str
    id: int
    name: str | None
    themes: dict[str, str]
    wkb: str
    access: str | None = None
    population: str | None = None
    layer: int = 0
    bridge: bool = False
    tunnel: bool = False
    route: bool = False

    @property
    def source_id(self) -> str:
        """Type and id, as in ``way/123``."""
        return f"{self.kind}/{self.id}"


@dataclass(slots=True)
class Extract:
    """The objects of a file, by the geometry they have."""

    points: list[OsmObject] = field(default_factory=list)
    lines: list[OsmObject] = field(default_factory=list)
    areas: list[OsmObject] = field(default_factory=list)
    outers: dict[int, tuple[int, ...]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    clipped: Counter[str] = field(default_factory=Counter)
    box: Box | None = None
    as_of: str | None = None
    suspect: bool = False
    """Whether nodes were missing that may stand after their ways, as the file declares no order."""


class _Relations:
    """First pass: members of routes, outer ways and themes of multipolygons; drops what has no theme."""

    def __init__(self) -> None:
        self.on_route: set[int] = set()
        self.outers: dict[int, tuple[int, ...]] = {}
        self.themes: dict[int, dict[str, str]] = {}

    def relation(self, relation: Any) -> bool:
        """Whether the area builder shall leave the relation out (called by osmium)."""
        tags = relation.tags
        if tags.get("route") in ROUTE_KINDS:
            self.on_route.update(member.ref for member in relation.members if member.type == "w")
        if tags.get("type") not in _POLYGON_TYPES:
            return True
        themes = _only(classify(tags), _AREA_OR_POINT)
        if not themes and not all(tag.k in _UNTAGGED for tag in tags):
            return True
        self.themes[relation.id] = themes
        self.outers[relation.id] = tuple(
            member.ref for member in relation.members if member.type == "w" and member.role != "inner"
        )
        return False


def read_objects(path: Path, progress: Progress | None = None) -> Extract:
    """Read the objects of every theme.

    Raises
    ------
    SourceError
        If the file is not a readable OpenStreetMap file; ``UnsortedError`` if its order forbids it.
    """
    reader = _ObjectReader()
    file = osmium.io.File(str(path), osm_format(path) or "")
    processor = osmium.FileProcessor(file, NODE | WAY).with_areas(reader.relations)
    for entity, wanted in (
        (NODE, osmium.filter.TagFilter(*POINT_TAGS)),
        (WAY, osmium.filter.KeyFilter(*KEYS)),
    ):
        wanted.enable_for(entity)
        processor.with_filter(wanted)
    reader.read_header(read_header(path, processor))
    for obj in _counted(stream(path, processor), progress):
        reader.add(obj)
    return reader.finish()


def _counted(objects: Iterator[Any], progress: Progress | None) -> Iterator[Any]:
    """The objects, with word of how many have passed."""
    number = 0
    for number, obj in enumerate(objects, start=1):
        yield obj
        if progress is not None and number % _PROGRESS_STEP == 0:
            progress(_PROGRESS_STEP)
    if progress is not None:
        progress(number % _PROGRESS_STEP)


class _ObjectReader:
    """Sorts the streamed objects into points, lines and areas."""

    def __init__(self) -> None:
        self.relations = _Relations()
        self.extract = Extract()
        self._factory = osmium.geom.WKBFactory()
        self._declared_sorted = False
        self._newest = ""
        self._built: set[int] = set()

    def read_header(self, header: Any) -> None:
        """Take the bounding box, the date and the order that the file declares."""
        box = header.box()
        if box.valid():
            low, high = box.bottom_left, box.top_right
            self.extract.box = (low.lon, low.lat, high.lon, high.lat)
        stamp = header.get("osmosis_replication_timestamp") or header.get("timestamp")
        self.extract.as_of = stamp[:10] or None
        self._declared_sorted = header.get("sorting") == "Type_then_ID"

    def add(self, obj: Any) -> None:
        """Take one node, way or area."""
        if obj.is_area():
            if not obj.from_way():
                self._add_relation(obj)
            return
        themes = classify(obj.tags)
        if not themes:
            return
        self._date(obj)
        if obj.is_node():
            self._add_node(obj, _only(themes, POINT_THEMES))
        else:
            self._add_way(obj, themes)

    def finish(self) -> Extract:
        """What was read, once the stream has ended."""
        relations, extract = self.relations, self.extract
        for missing in relations.themes.keys() - self._built:
            extract.skipped.update(list(relations.themes[missing]))
        extract.outers = {relation: relations.outers[relation] for relation in self._built}
        extract.as_of = extract.as_of or self._newest or None
        return extract

    def _date(self, obj: Any) -> None:
        if self.extract.as_of is None and obj.timestamp.year > 1970:
            self._newest = max(self._newest, obj.timestamp.date().isoformat())

    def _add_node(self, node: Any, themes: dict[str, str]) -> None:
        wkb = self._geometry(node, themes, self._factory.create_point) if themes else None
        if wkb is not None:
            name, population = node.tags.get("name"), node.tags.get("population")
            self.extract.points.append(OsmObject("node", node.id, name, themes, wkb, population=population))

    def _add_way(self, way: Any, themes: dict[str, str]) -> None:
        lines, areas = _only(themes, LINE_THEMES), _only(themes, _AREA_OR_POINT)
        as_area = _is_area(way, lines, areas)
        themes = areas if as_area else lines
        if not themes or (not as_area and way.tags.get("area") == "yes"):
            return
        wkb = self._geometry(way, themes, self._factory.create_linestring if as_area else self._line)
        if wkb is None:
            return
        if as_area:
            self.extract.areas.append(_area("way", way.id, way, themes, wkb))
        else:
            self.extract.lines.append(_line(way, themes, wkb, route=way.id in self.relations.on_route))

    def _line(self, way: Any) -> str:
        """Line of a way; where the extract cut it off, its longest part whose nodes are there."""
        try:
            return self._factory.create_linestring(way)
        except osmium.InvalidLocationError:
            part = _longest_part(way)
            if len(part) < 2:
                raise
            self.extract.suspect = not self._declared_sorted
            self.extract.clipped.update(_only(classify(way.tags), LINE_THEMES).keys())
            return shapely.to_wkb(shapely.LineString(part), hex=True)

    def _add_relation(self, area: Any) -> None:
        """Multipolygon, also one without themes of its own: it may take those of its outer way."""
        themes = self.relations.themes[area.orig_id()]
        wkb = self._geometry(area, themes, self._factory.create_multipolygon)
        self._built.add(area.orig_id())
        if wkb is not None:
            self.extract.areas.append(_area("relation", area.orig_id(), area, themes, wkb))

    def _geometry(self, obj: Any, themes: dict[str, str], build: Callable[[Any], str]) -> str | None:
        try:
            return build(obj)
        except (osmium.InvalidLocationError, RuntimeError):  # nodes missing or too few, or rings of no area
            self.extract.suspect = not self._declared_sorted
            self.extract.skipped.update(list(themes))
            return None


def _longest_part(way: Any) -> list[tuple[float, float]]:
    """Degrees of the longest run of nodes that are in the file, each place once."""
    runs: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if not node.location.valid():
            runs.append([])
        elif not runs[-1] or runs[-1][-1] != (node.lon, node.lat):
            runs[-1].append((node.lon, node.lat))
    return max(runs, key=len)


def _only(themes: dict[str, str], wanted: tuple[str, ...]) -> dict[str, str]:
    return {theme: kind for theme, kind in themes.items() if theme in wanted}


def _is_area(way: Any, lines: dict[str, str], areas: dict[str, str]) -> bool:
    """Whether a way is used as an area: closed, and not a road unless it says so."""
    said = way.tags.get("area")
    if not areas or said == "no" or not way.is_closed():
        return False
    return said == "yes" or lines.keys().isdisjoint(("streets", "paths"))


def _area(kind: str, number: int, obj: Any, themes: dict[str, str], wkb: str) -> OsmObject:
    return OsmObject(kind, number, obj.tags.get("name"), themes, wkb, access=obj.tags.get("access"))


def _line(way: Any, themes: dict[str, str], wkb: str, *, route: bool) -> OsmObject:
    tags = way.tags
    return OsmObject(
        "way", way.id, tags.get("name"), themes, wkb, layer=_layer(tags.get("layer")),
        bridge=_is_set(tags.get("bridge")), tunnel=_is_set(tags.get("tunnel")), route=route,
        access=tags.get("access"),
    )  # fmt: skip


def _is_set(value: str | None) -> bool:
    return value is not None and value != "no"


def _layer(value: str | None) -> int:
    """Level of a way; what is not a whole number is the ground, 0."""
    try:
        return int(value) if value else 0
    except ValueError:
        return 0
