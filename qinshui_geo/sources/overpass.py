"""Downloads OpenStreetMap for a boundary from Overpass, through osmnx, into a file for ``read_osm``."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium
import osmnx
import requests
import shapely
from osmium.osm import mutable
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from qinshui_geo.errors import OutputError, SourceError
from qinshui_geo.measurement import Provenance
from qinshui_geo.sources.osm_files import osm_format
from qinshui_geo.sources.osm_tags import KEYS, ROUTE_KINDS
from qinshui_geo.sources.provenance import sidecar_of, write_provenance

Area = Polygon | MultiPolygon
Progress = Callable[[int], object]

ENDPOINT = "https://overpass-api.de/api"
"""Public Overpass server that is asked when no other is named."""

QUERY_TAGS: dict[str, bool | str | list[str]] = {
    **{key: True for key in KEYS if key != "boundary"},
    "admin_level": "8",
    "route": sorted(ROUTE_KINDS),
}
"""What is asked for: every key of the themes; of the boundaries only the townships, as an outline of
a province would bring all its nodes."""

MARGIN_DEG = 0.005
"""Width in degrees (some 500 m) by which the boundary is widened, so that simplifying loses nothing."""

_BUSY = frozenset({429, 504})
TRIES = 4
"""How often a busy server is asked."""
_TYPES = ("node", "way", "relation")


def fetch_osm(
    boundary: BaseGeometry,
    target: Path,
    *,
    endpoint: str | None = None,
    timeout_s: int = 180,
    progress: Progress | None = None,
) -> Path:
    """Download the OpenStreetMap features of all themes within a boundary.

    The answers of Overpass are merged into one OpenStreetMap file, with its sidecar
    ``<target>.provenance.json``. A file that was there before is replaced only after full success.
    A busy server (429, 504) is asked again after osmnx's pause of about a minute, four times in all.

    Parameters
    ----------
    boundary : shapely geometry
        Polygon or multipolygon in WGS84 degrees; widened by 0.005 degrees and simplified by as much.
    target : Path
        File to write, by its ending ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``.
    endpoint : str, optional
        Address of another Overpass server, up to and with ``/api``.
    timeout_s : int
        Seconds that the server may take for one answer.
    progress : callable, optional
        Called with the number of bytes of each answer.

    Returns
    -------
    Path
        ``target``.

    Raises
    ------
    SourceError
        If the boundary is no area in degrees, the server cannot be reached, stays busy, or answers
        with an error, a truncated text, or nothing.
    OutputError
        If the file cannot be written.
    """
    file_format = osm_format(target)
    if file_format is None:
        raise SourceError(
            f"not a known OpenStreetMap format: {target.name!r}", where=str(target),
            mend="name a file that ends in .osm.pbf",
        )  # fmt: skip
    area = _query_area(boundary)
    answers = _Answers((endpoint or ENDPOINT).rstrip("/"), progress)
    _ask(area, answers, timeout_s)
    if not answers.elements:
        raise SourceError(
            "Overpass knows no feature within the boundary", where=answers.endpoint,
            mend="check the boundary (longitude before latitude, WGS84 degrees)",
        )  # fmt: skip
    _write(target, file_format, answers, area)
    return target


def _query_area(boundary: BaseGeometry) -> Area:
    """The boundary, slightly wider and with few vertices, as Overpass wants it."""
    mend = "give a polygon in WGS84 degrees, longitude before latitude"
    if not isinstance(boundary, Area) or boundary.is_empty:
        raise SourceError("the boundary is not an area", mend=mend)
    west, south, east, north = boundary.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise SourceError(f"the boundary is not in degrees (it begins at {west:g}, {south:g})", mend=mend)
    wider = shapely.make_valid(boundary).buffer(MARGIN_DEG, join_style="mitre").simplify(MARGIN_DEG)
    return wider if isinstance(wider, Area) else boundary


@dataclass(slots=True)
class _Answers:
    """Collects what the server answers, and stops at the first answer that is no result."""

    endpoint: str
    progress: Progress | None
    elements: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    stamps: set[str] = field(default_factory=set)
    refusals: int = 0

    def take(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """Look at one HTTP response (called by requests, before osmnx sees it)."""
        if response.request.method != "POST":
            return
        size = len(response.content)  # read before any error, so that the connection is given back
        if response.status_code in _BUSY:
            self._refused(response)
        elif not response.ok:
            raise self._error(f"Overpass answered {response.status_code} {response.reason}")
        else:
            self._merge(self._parsed(response))
            if self.progress is not None:
                self.progress(size)

    def _refused(self, response: requests.Response) -> None:
        self.refusals += 1
        if self.refusals >= TRIES:
            raise self._error(f"Overpass stays busy ({response.status_code}), asked {TRIES} times")

    def _parsed(self, response: requests.Response) -> Mapping[str, Any]:
        try:
            answer = json.loads(response.content)
        except ValueError:
            raise self._error("the answer of Overpass is truncated or is no JSON") from None
        if not isinstance(answer, dict) or not isinstance(answer.get("elements"), list):
            raise self._error("the answer is not one of Overpass: it has no list of elements")
        if "remark" in answer:
            raise self._error(f"Overpass gave up: {answer['remark']}")
        return answer

    def _merge(self, answer: Mapping[str, Any]) -> None:
        self.stamps.add(str(answer.get("osm3s", {}).get("timestamp_osm_base", "")))
        for element in answer["elements"]:
            if element["type"] in _TYPES:
                key = (_TYPES.index(element["type"]), element["id"])
                known = self.elements.get(key)
                if known is None or element.get("version", 0) > known.get("version", 0):
                    self.elements[key] = element

    def _error(self, what: str) -> SourceError:
        mend = "try again later, with a smaller boundary or a longer timeout, or name another endpoint"
        return SourceError(what, where=self.endpoint, mend=mend)

    @property
    def as_of(self) -> str | None:
        """Time of the oldest answer, where the server told it."""
        return min(self.stamps - {""}, default=None)


def _ask(area: Area, answers: _Answers, timeout_s: int) -> None:
    """Let osmnx ask Overpass; the answers are taken from the responses themselves."""
    try:
        status = requests.get(f"{answers.endpoint}/status", timeout=30, **osmnx.settings.requests_kwargs)
        limited = status.ok and "Rate limit: 0" not in status.text
        with _settings(answers, timeout_s, limited):
            osmnx.features.features_from_polygon(area, QUERY_TAGS)
    except InterruptedError:
        return  # how osmnx ends in its cache-only mode, which spares building its own frame
    except requests.RequestException as fault:
        raise SourceError(
            f"no connection to Overpass: {type(fault).__name__}", where=answers.endpoint,
            mend="check the internet connection and the address, or bring a downloaded extract",
        ) from None  # fmt: skip


@contextmanager
def _settings(answers: _Answers, timeout_s: int, limited: bool) -> Iterator[None]:
    """Settings of osmnx for one download; they, and the name look-up it bends, are put back."""
    settings = osmnx.settings
    wanted = {
        "overpass_url": answers.endpoint,
        "requests_timeout": timeout_s,
        "overpass_rate_limit": limited,  # osmnx would wait without end at a server that sets no limit
        "use_cache": False,
        "cache_only_mode": True,
        "doh_url_template": None,
        "http_user_agent": f"qinshui-geo, with {settings.http_user_agent}",
        "requests_kwargs": {**settings.requests_kwargs, "hooks": {"response": answers.take}},
    }
    before = {name: getattr(settings, name) for name in wanted}
    look_up = socket.getaddrinfo
    try:
        for name, value in wanted.items():
            setattr(settings, name, value)
        yield
    finally:
        socket.getaddrinfo = look_up
        for name, value in before.items():
            setattr(settings, name, value)


def _write(target: Path, file_format: str, answers: _Answers, area: Area) -> None:
    """Write the file and its sidecar beside the target, then put both in place."""
    request = {"endpoint": answers.endpoint, "tags": QUERY_TAGS, "polygon": shapely.to_wkt(area)}
    provenance = Provenance(
        "osm", "OpenStreetMap contributors via Overpass", licence="ODbL-1.0", as_of=answers.as_of
    )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-") as folder:
            part = Path(folder) / target.name
            _write_osm(part, file_format, answers, area)
            write_provenance(part, provenance, request)
            os.replace(part, target)  # noqa: PTH105  replaces an older file on Windows too
            os.replace(sidecar_of(part), sidecar_of(target))  # noqa: PTH105
    except OSError as fault:
        raise OutputError(
            f"cannot write the extract: {fault.strerror}", where=str(target),
            mend="check the folder's permissions and free space",
        ) from None  # fmt: skip


def _write_osm(path: Path, file_format: str, answers: _Answers, area: Area) -> None:
    header = osmium.io.Header()
    west, south, east, north = area.bounds
    header.add_box(osmium.osm.Box(west, south, east, north))
    header.set("generator", "qinshui-geo")
    header.set("sorting", "Type_then_ID")
    if answers.as_of:
        header.set("osmosis_replication_timestamp", answers.as_of)
        header.set("timestamp", answers.as_of)
    with osmium.SimpleWriter(osmium.io.File(str(path), file_format), header=header) as writer:
        add = (writer.add_node, writer.add_way, writer.add_relation)
        for (rank, _), element in sorted(answers.elements.items()):
            add[rank](_OBJECT[rank](element))


def _node(element: Mapping[str, Any]) -> Any:
    return mutable.Node(location=(element["lon"], element["lat"]), **_common(element))


def _way(element: Mapping[str, Any]) -> Any:
    return mutable.Way(nodes=element.get("nodes", []), **_common(element))


def _relation(element: Mapping[str, Any]) -> Any:
    members = [
        (member["type"][0], member["ref"], member.get("role", "")) for member in element.get("members", [])
    ]
    return mutable.Relation(members=members, **_common(element))


_OBJECT = (_node, _way, _relation)


def _common(element: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": element["id"], "version": element.get("version", 0), "tags": element.get("tags", {})}
