"""Reads a local OpenStreetMap extract into the layers that the measurements start from."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from pyproj import CRS

from qinshui_geo.errors import SourceError
from qinshui_geo.sources.osm_files import UnsortedError, require_osm_file, sort_copy
from qinshui_geo.sources.osm_objects import Box, Extract, OsmObject, Progress, read_objects
from qinshui_geo.sources.osm_tags import AREA_THEMES, LINE_THEMES, RULES

_Shapes = list[tuple[OsmObject, Any]]

_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "green_areas": {"access": "str"},
    **{theme: {"layer": "int64", "bridge": "bool", "tunnel": "bool"} for theme in LINE_THEMES},
    "streets": {"layer": "int64", "bridge": "bool", "tunnel": "bool", "access": "str"},
    "paths": {"layer": "int64", "bridge": "bool", "tunnel": "bool", "access": "str", "route": "bool"},
    "places": {"population": "str"},
}
"""Columns with their types, beside source_id, name and kind."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OsmLayers:
    """What an OpenStreetMap extract holds, by theme.

    Parameters
    ----------
    layers : Mapping of str to GeoDataFrame
        Every theme of :data:`qinshui_geo.sources.osm_tags.RULES`, empty where the extract has nothing
        of it. All have ``source_id`` (``way/123``), ``name`` and ``kind``; ``green_areas``, ``streets``
        and ``paths`` also ``access``; the line themes ``layer`` (int), ``bridge`` and ``tunnel`` (bool);
        ``paths`` ``route`` (bool: member of a hiking, foot or bicycle route); ``places`` the text
        ``population``.
        Rows are sorted by type and id; geometries are valid. An object stands in several themes when
        its tags say so (a school is ``built_land`` and a point of ``pois``), in one theme only once.
    extent : tuple of float
        West, south, east, north in WGS84 degrees: the bounding box that the file declares, else that
        of its data.
    as_of : str, optional
        ISO date of the data: of the file's header, else of its newest object, else in the file's name.
    skipped : Mapping of str to int
        Objects whose geometry could not be built (missing nodes or members), by theme.
    repaired : Mapping of str to int
        Invalid areas that were made valid, by theme.
    clipped : Mapping of str to int
        Lines that were cut where the extract lacks their further nodes, by theme.
    """

    layers: Mapping[str, GeoDataFrame]
    extent: Box
    as_of: str | None
    skipped: Mapping[str, int]
    repaired: Mapping[str, int]
    clipped: Mapping[str, int]


def read_osm(path: Path, *, crs: CRS | None = None, progress: Progress | None = None) -> OsmLayers:
    """Read an OpenStreetMap file (``.osm``, ``.osm.gz``, ``.osm.bz2``, ``.osm.pbf``).

    Areas are closed ways and multipolygons. A closed way is used once: as a line when it is a
    ``highway``, unless ``area=yes``; otherwise as an area when a theme of areas claims it. The outer way
    of a multipolygon that repeats the tags of its relation is dropped, and a multipolygon without tags
    of its own takes those of its outer way. An invalid area is repaired, keeping its polygons. Files
    whose objects are not in the usual order (as some Overpass exports) are sorted first.

    Parameters
    ----------
    path : Path
        The extract.
    crs : pyproj.CRS, optional
        CRS of the layers; WGS84 degrees (EPSG:4326) when left out.
    progress : callable, optional
        Called now and then with the number of objects read since the last call, as
        ``tqdm.tqdm.update`` wants it.

    Raises
    ------
    SourceError
        If the file is missing, a folder, of another format, truncated or damaged, or holds nothing of
        any theme.
    """
    path = Path(path)
    require_osm_file(path)
    extract = _read_in_order(path, progress)
    return _as_layers(path, extract, crs)


def _read_in_order(path: Path, progress: Progress | None) -> Extract:
    """Objects of the file, through a sorted copy where its own order lost or forbade some."""
    try:
        extract = read_objects(path, progress)
        if not extract.suspect:
            return extract
    except UnsortedError:
        pass
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "sorted.osm.pbf"
        sort_copy(path, copy)
        return read_objects(copy, progress)


def _as_layers(path: Path, extract: Extract, crs: CRS | None) -> OsmLayers:
    tally = _Tally(extract.skipped.copy(), Counter())
    areas = list(_settled(_polygons(extract.areas, tally), extract.outers))
    lines = _decoded(extract.lines)
    points = [*_decoded(extract.points), *_on_surface(areas)]
    layers = {theme: _frame(theme, _group(theme, points, lines, areas)) for theme in RULES}
    if all(frame.empty for frame in layers.values()):
        raise SourceError(
            "the extract holds nothing of any theme (streets, buildings, parks, water, ...)",
            where=str(path), mend="check the place of the extract, or download it again",
        )  # fmt: skip
    extent = extract.box or _extent(layers)
    if crs is not None:
        layers = {theme: frame.to_crs(crs) for theme, frame in layers.items()}
    return OsmLayers(
        layers=layers, extent=extent, as_of=extract.as_of or _date_in(path.name),
        skipped=dict(tally.skipped), repaired=dict(tally.repaired), clipped=dict(extract.clipped),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Tally:
    skipped: Counter[str]
    repaired: Counter[str]


def _group(theme: str, points: _Shapes, lines: _Shapes, areas: _Shapes) -> _Shapes:
    group = areas if theme in AREA_THEMES else lines if theme in LINE_THEMES else points
    return [(obj, geometry) for obj, geometry in group if theme in obj.themes]


def _decoded(objects: list[OsmObject]) -> _Shapes:
    return list(zip(objects, shapely.from_wkb([obj.wkb for obj in objects]), strict=True))


def _polygons(objects: list[OsmObject], tally: _Tally) -> _Shapes:
    """Areas with valid polygons; what has none is left out and counted."""
    shapes = shapely.from_wkb(np.array([obj.wkb for obj in objects], dtype=object))
    rings = (shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING) & (
        shapely.get_num_coordinates(shapes) >= 4
    )
    coordinates, index = shapely.get_coordinates(shapes[rings], return_index=True)
    shapes[rings] = shapely.polygons(shapely.linearrings(coordinates, indices=index))
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    lost = shapely.is_empty(shapes) | (shapely.get_dimensions(shapes) < 2)
    for obj, was_broken, is_lost in zip(objects, broken, lost, strict=True):
        if was_broken or is_lost:
            (tally.skipped if is_lost else tally.repaired).update(list(obj.themes))
    return [(obj, shape) for obj, shape, gone in zip(objects, shapes, lost, strict=True) if not gone]


def _settled(areas: _Shapes, outers: Mapping[int, tuple[int, ...]]) -> Iterator[tuple[OsmObject, Any]]:
    """Areas of which none is there twice, as a multipolygon and as its outer way."""
    ways = {obj.id: obj for obj, _ in areas if obj.kind == "way"}
    for relation, _ in areas:
        if relation.kind != "relation":
            continue
        members = [ways[number] for number in outers[relation.id] if number in ways]
        if not relation.themes and members:
            first = members[0]
            relation.themes, relation.access = dict(first.themes), relation.access or first.access
            relation.name = relation.name or first.name
        for way in members:
            way.themes = {t: k for t, k in way.themes.items() if relation.themes.get(t) != k}
    yield from areas


def _on_surface(areas: _Shapes) -> _Shapes:
    """Points that stand for the areas among the points of interest."""
    chosen = _group("pois", areas, [], []) + _group("places", areas, [], [])
    points = shapely.point_on_surface([shape for _, shape in chosen])
    return [(obj, point) for (obj, _), point in zip(chosen, points, strict=True)]


_TYPE_ORDER = ("node", "way", "relation")


def _frame(theme: str, shapes: _Shapes) -> GeoDataFrame:
    shapes = sorted(shapes, key=lambda pair: (_TYPE_ORDER.index(pair[0].kind), pair[0].id))
    objects = [obj for obj, _ in shapes]
    columns = {
        "source_id": pd.Series([obj.source_id for obj in objects], dtype="str"),
        "name": pd.Series([obj.name for obj in objects], dtype="str"),
        "kind": pd.Series([obj.themes[theme] for obj in objects], dtype="str"),
    }
    for column, dtype in _COLUMNS.get(theme, {}).items():
        columns[column] = pd.Series([getattr(obj, column) for obj in objects], dtype=dtype)
    return GeoDataFrame(columns, geometry=[shape for _, shape in shapes], crs=4326)


def _extent(layers: Mapping[str, GeoDataFrame]) -> Box:
    bounds = np.array([frame.total_bounds for frame in layers.values() if not frame.empty])
    west, south = bounds[:, :2].min(axis=0).tolist()
    east, north = bounds[:, 2:].max(axis=0).tolist()
    return west, south, east, north


def _date_in(name: str) -> str | None:
    """Date in a file name such as ``town_20241118.osm``, as ISO text."""
    found = re.search(r"(?<!\d)(19|20)(\d{2})-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)", name)
    return "{}{}-{}-{}".format(*found.groups()) if found else None
