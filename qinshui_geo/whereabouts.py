"""Where the county is: the extent that is looked at, and the seat of the town."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from geopandas import GeoDataFrame, GeoSeries

from qinshui_geo.errors import LayerError
from qinshui_geo.measurement import Note
from qinshui_geo.profile import CountyProfile
from qinshui_geo.sources.osm import OsmLayers

Bounds = tuple[float, float, float, float]
LonLat = tuple[float, float]

_SEAT_KINDS = ("city", "town", "suburb", "village")
_AROUND_SEAT_DEGREES = 0.1
_SEAT_MARGIN_DEGREES = 0.05


def area_of_interest(
    profile: CountyProfile,
    county: GeoDataFrame | None,
    osm: OsmLayers | None,
    frames: Mapping[str, GeoDataFrame],
) -> Bounds:
    """Extent in degrees that the rasters are read for: the data's, within the county's.

    Raises
    ------
    LayerError
        If the OpenStreetMap extract lies outside the county, or nothing says where the county is.
    """
    data = None if osm is None else osm.extent
    if data is None and frames:
        bounds = np.array([frame.total_bounds for frame in frames.values() if len(frame)])
        data = (*bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0)) if len(bounds) else None
    limits = None if county is None else tuple(float(edge) for edge in county.total_bounds)
    if data is not None and county is not None and not county.intersects(shapely.box(*data)).any():
        raise LayerError(
            f"the map data ({_degrees(data)}) lie outside the county ({_degrees(county.total_bounds)})",
            where=str(profile.source_path("osm") or "vectors"),
            mend="bring the extract of this county, or the boundary of that one",
        )  # fmt: skip
    if data is not None and limits is not None:
        return _common(data, limits)
    found = data or limits or _around(profile.seat)
    if found is None:
        raise LayerError(
            "nothing says where the county is", where=f"profile {profile.id}",
            mend="bring an OSM extract, a boundary, or the seat",
        )  # fmt: skip
    return tuple(float(edge) for edge in found)  # type: ignore[return-value]


def _common(one: Any, other: Any) -> Bounds:
    west, south = max(one[0], other[0]), max(one[1], other[1])
    return float(west), float(south), float(min(one[2], other[2])), float(min(one[3], other[3]))


def _around(seat: tuple[float, float] | None) -> Bounds | None:
    if seat is None:
        return None
    lon, lat = seat
    reach = _AROUND_SEAT_DEGREES
    return lon - reach, lat - reach, lon + reach, lat + reach


def _degrees(bounds: Any) -> str:
    return " ".join(f"{edge:.4f}" for edge in bounds) + " W S E N"


def seat_of(profile: CountyProfile, osm: OsmLayers | None, area: Bounds) -> tuple[LonLat, tuple[Note, ...]]:
    """Seat in degrees, and where it was taken from if the profile does not give it.

    Without one in the profile: the chief place of the extract, else the median of its buildings, else
    the centre of the extent.

    Raises
    ------
    LayerError
        If the profile's seat lies outside the data.
    """
    if profile.seat is not None:
        return _checked(profile.seat, profile, area), ()
    centre = shapely.box(*area).centroid
    place = None if osm is None else _chief_place(osm.layers["places"], centre)
    if place is not None:
        return place[0], (
            Note(f"驻地点取 OSM 地名:{place[1]}", f"the seat is OpenStreetMap's place {place[1]}"),
        )
    if osm is not None and len(osm.layers["buildings"]):
        middle = GeoSeries(osm.layers["buildings"].geometry).representative_point()
        note = Note("驻地点取建筑物中位坐标", "the seat is the median position of the buildings")
        return (float(middle.x.median()), float(middle.y.median())), (note,)
    note = Note("驻地点取数据范围中心", "the seat is the centre of the data's extent")
    return (float(centre.x), float(centre.y)), (note,)


def _checked(seat: LonLat, profile: CountyProfile, area: Bounds) -> LonLat:
    if shapely.box(*area).buffer(_SEAT_MARGIN_DEGREES).contains(shapely.Point(seat)):
        return seat
    raise LayerError(
        f"the seat ({seat[0]:g} E, {seat[1]:g} N) lies outside the data ({_degrees(area)})",
        where=f"profile {profile.id}", mend="correct the seat, or bring data that cover it",
    )  # fmt: skip


def _chief_place(places: GeoDataFrame, centre: Any) -> tuple[LonLat, str] | None:
    for kind in _SEAT_KINDS:
        of_kind = places[places["kind"] == kind]
        if len(of_kind):
            nearest = of_kind.iloc[int(np.argmin(shapely.distance(of_kind.geometry.to_numpy(), centre)))]
            return (float(nearest.geometry.x), float(nearest.geometry.y)), str(nearest["name"] or kind)
    return None
