"""Service-radius coverage of parks (公园绿地服务半径覆盖率): residential land near a park.

In a straight line, which is the official figure, and on foot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.clipping import clipped, polygons_only
from qinshui_geo.crs import require_same_crs
from qinshui_geo.grid import Grid
from qinshui_geo.indicators.park_entrances import park_entrances
from qinshui_geo.indicators.residential_land import residential_areas
from qinshui_geo.indicators.residential_walks import Walks, walks_to_parks
from qinshui_geo.indicators.walking import WalkingNetwork
from qinshui_geo.measurement import Measurement, Note, Quantity
from qinshui_geo.zonal import sums

NAME_ZH, NAME_EN = "公园绿地服务半径覆盖率", "Service-radius coverage of parks"

FLOOR_PERCENT, AWARD_PERCENT = 80.0, 90.0
"""GB 55014-2021 2.1.3 (by content) and ecological garden city."""

SERVED_SHARE = 0.5
"""A residential area is served where at least this share of its land is. Project-defined; the coverage
itself counts land, not areas."""

_AREA_DECIMALS = 3
_ARC = 32
"""Segments of a quarter circle around a park: the radius is short by 0.03 % at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRadius:
    """From which size a park serves how far: ``far_m`` from ``large_m2``, ``near_m`` from ``small_m2``.

    Wording of the indicator among the 65 of the city check-up (城市体检): 500 m from 5,000 m2, 300 m from
    2,000 m2.
    """

    small_m2: float = 2000.0
    large_m2: float = 5000.0
    near_m: float = 300.0
    far_m: float = 500.0


def park_service_coverage(
    parks: GeoDataFrame,
    residential: GeoDataFrame,
    *,
    built_up: GeoDataFrame,
    population: Grid | None = None,
    network: WalkingNetwork | None = None,
    radius: ServiceRadius | None = None,
) -> Measurement:
    """Residential land within the service radius of a counted park / residential land, in percent.

    The official figure is straight-line from the park's boundary; beside it stand the shares of
    residents and, with a network, those on foot from the park's entrances. A park's size is that of
    the whole parcel.

    Parameters
    ----------
    parks : GeoDataFrame
        See :func:`qinshui_geo.indicators.park_classes.classify_parks`; those ``counted`` serve.
    residential : GeoDataFrame
        Residential land with ``source_id`` and ``name``, same metric CRS.
    built_up : GeoDataFrame
        Built-up area, same CRS; only residential land within it counts.
    population : Grid, optional
        Persons per cell, for the shares of residents; those on residential land are counted.
    network : WalkingNetwork, optional
        See :func:`qinshui_geo.indicators.walking.walking_network`, in the same CRS.
    radius : ServiceRadius, optional
        Sizes and distances.

    Returns
    -------
    Measurement
        ``quantity`` in percent; ``None`` where no residential land or no counted park is known.
        ``features``, and the layer ``residential_areas``, hold the areas, those not served first and of
        these the one with most persons: ``area_id``, ``name``, ``area_ha``, ``persons``,
        ``persons_unserved``, ``straight_served``, ``straight_share_percent``, ``walk_served``,
        ``walk_share_percent``, ``walk_m`` (from a point within the area, missing where no entrance is
        reached), ``nearest_park``, ``reason``, ``reason_zh``.

    Raises
    ------
    CRSError
        If the layers are not in one metric CRS.
    LayerError
        If residential land is invalid.

    References
    ----------
    GB 55014-2021 2.1.3; 城市体检 65 indicators.

    Examples
    --------
    >>> park, homes = shapely.box(0, 0, 100, 100), shapely.box(500, 0, 700, 100)
    >>> table = {"source_id": ["p"], "name": ["P"], "counted": [True]}
    >>> parks = GeoDataFrame(table, geometry=[park], crs=4546)
    >>> land = GeoDataFrame({"source_id": ["h"], "name": [None]}, geometry=[homes], crs=4546)
    >>> town = GeoDataFrame(geometry=[shapely.box(0, 0, 1000, 1000)], crs=4546)
    >>> park_service_coverage(parks, land, built_up=town).quantity
    Quantity(value=50.0, unit='percent')
    """
    require_same_crs({"parks": parks, "residential land": residential, "built-up area": built_up})
    reach = radius or ServiceRadius()
    areas = residential_areas(residential, built_up=built_up)
    counted = parks[parks["counted"]]
    if areas.empty or counted.empty:
        return _unmeasured(areas, no_land=areas.empty)
    size = np.round(shapely.area(counted.geometry.to_numpy()), _AREA_DECIMALS)
    large = counted[size >= reach.large_m2]
    small = counted[(size >= reach.small_m2) & (size < reach.large_m2)]
    near = _within_reach(areas, large, small, reach)
    walks = None if network is None else walks_to_parks(
        areas, _gates(large, network), _gates(small, network), network=network, population=population,
        near_m=reach.near_m, far_m=reach.far_m,
    )  # fmt: skip
    areas = _served(areas, near, walks, population)
    areas["nearest_park"] = _nearest(areas, pd.concat([large, small]))
    area = float(areas.area.sum())
    served = min(float(shapely.area(near).sum()), area)
    ranked = _ranked(_with_reasons(areas))
    return Measurement(
        "park_service_coverage", Quantity(100 * served / area, "percent"), NAME_ZH, NAME_EN,
        numerator=Quantity(served, "m2"), denominator=Quantity(area, "m2"),
        notes=_notes(reach, len(large), len(small)), details=_details(areas, walks, len(large), len(small)),
        features=ranked, layers={"residential_areas": ranked},
    )  # fmt: skip


def _within_reach(
    areas: GeoDataFrame, large: GeoDataFrame, small: GeoDataFrame, reach: ServiceRadius
) -> npt.NDArray[Any]:
    """Part of every residential area within the service radius of a park."""
    around = [
        shapely.buffer(frame.geometry.to_numpy(), metres, quad_segs=_ARC)
        for frame, metres in ((large, reach.far_m), (small, reach.near_m))
    ]
    reached = shapely.union_all(np.concatenate(around))
    return polygons_only(clipped(areas.geometry.to_numpy(), reached))


def _gates(parks: GeoDataFrame, network: WalkingNetwork) -> npt.NDArray[Any]:
    return park_entrances(parks.geometry.to_numpy(), network)[0]


def _served(
    areas: GeoDataFrame, near: npt.NDArray[Any], walks: Walks | None, population: Grid | None
) -> GeoDataFrame:
    """Areas with their persons and what of them is served."""
    found = areas.copy()
    share = np.minimum(shapely.area(near) / shapely.area(areas.geometry.to_numpy()), 1.0)
    found["straight_served"] = share >= SERVED_SHARE
    found["straight_share_percent"] = 100 * share
    found["persons"] = found["persons_unserved"] = np.nan
    if population is not None:
        found["persons"] = sums(areas, population)
        inside = shapely.area(near) > 0
        served = sums(
            GeoDataFrame(geometry=near[inside], crs=areas.crs, index=areas.index[inside]), population
        )
        found["persons_unserved"] = (found["persons"] - served.reindex(areas.index, fill_value=0.0)).clip(
            lower=0
        )
    on_foot = np.full(len(areas), np.nan) if walks is None else walks.land_share
    found["walk_share_percent"] = 100 * on_foot
    found["walk_served"] = pd.array(on_foot >= SERVED_SHARE, dtype="boolean")
    found.loc[np.isnan(on_foot), "walk_served"] = pd.NA
    metres = np.full(len(areas), np.nan) if walks is None else walks.metres
    found["walk_m"] = np.where(np.isfinite(metres), metres, np.nan)
    return found


def _nearest(areas: GeoDataFrame, parks: GeoDataFrame) -> npt.NDArray[Any]:
    """Name, or else id, of the park nearest to each area in a straight line."""
    if parks.empty:
        return np.full(len(areas), None, dtype=object)
    label = parks["name"].astype(object).where(parks["name"].notna(), parks["source_id"]).to_numpy()
    nearest: npt.NDArray[Any] = label[
        shapely.STRtree(parks.geometry.to_numpy()).nearest(areas.geometry.to_numpy())
    ]
    return nearest


def _with_reasons(areas: GeoDataFrame) -> GeoDataFrame:
    near, walk = areas["straight_served"], areas["walk_served"]
    cases = {
        ("服务半径之内", "within the service radius"): near & walk.isna(),
        ("服务半径之内,步行可达", "within the service radius, also on foot"): near & walk.fillna(False),
        (
            "直线在服务半径之内,步行绕行过远",
            "within the service radius in a straight line, too far on foot",
        ): near,
        ("大部分在服务半径之外", "mostly outside the service radius"): areas["straight_share_percent"] > 0,
    }
    flags = [case.to_numpy(dtype=bool) for case in cases.values()]
    zh, en = zip(*cases, strict=True)
    return areas.assign(
        reason=np.select(flags, en, "outside the service radius of every park"),
        reason_zh=np.select(flags, zh, "不在任何公园的服务半径之内"),
    )


def _ranked(areas: GeoDataFrame) -> GeoDataFrame:
    """Areas that are not served first, those with most persons (else land) first among them."""
    people = areas["persons_unserved"].fillna(0)
    order = np.lexsort((areas["area_id"], -areas["area_ha"], -people, areas["straight_served"]))
    return areas.iloc[order].reset_index(drop=True)


def _details(areas: GeoDataFrame, walks: Walks | None, large: int, small: int) -> dict[str, Quantity]:
    details = {
        "residential_area": Quantity(float(areas["area_ha"].sum()), "ha"),
        "underserved_areas": Quantity(int((~areas["straight_served"]).sum()), "count"),
        "parks_large": Quantity(large, "count"), "parks_small": Quantity(small, "count"),
    }  # fmt: skip
    persons = float(areas["persons"].sum())
    if persons > 0:
        unserved = float(areas["persons_unserved"].sum())
        details["straight_residents"] = Quantity(100 * (1 - unserved / persons), "percent")
        details["underserved_persons"] = Quantity(unserved, "person")
    if walks is not None:
        weight = areas["area_ha"].to_numpy()
        share = float((walks.land_share * weight).sum() / weight.sum())
        details["walking_land"] = Quantity(100 * share, "percent")
        if walks.residents_share is not None:
            details["walking_residents"] = Quantity(100 * walks.residents_share, "percent")
    return details


def _notes(reach: ServiceRadius, large: int, small: int) -> tuple[Note, ...]:
    return (
        Note(
            f"居住用地:距 {reach.large_m2:,.0f} m² 以上公园({large} 处){reach.far_m:g} m 或 "
            f"{reach.small_m2:,.0f}–{reach.large_m2:,.0f} m² 公园({small} 处){reach.near_m:g} m 以内,"
            "自公园边界直线量算;步行值自公园入口沿路网量算,并列",
            f"residential land within {reach.far_m:g} m of parks from {reach.large_m2:,.0f} m2 ({large}) or "
            f"{reach.near_m:g} m of parks from {reach.small_m2:,.0f} m2 ({small}), straight from the park's "
            "boundary; the figures on foot are measured on the network from park entrances",
        ),
        Note(
            f"参考下限 {FLOOR_PERCENT:g}%(GB 55014-2021),国家生态园林城市 {AWARD_PERCENT:g}%",
            f"reference floor {FLOOR_PERCENT:g} % (GB 55014-2021); ecological garden city "
            f"{AWARD_PERCENT:g} %",
        ),
    )


def _unmeasured(areas: GeoDataFrame, *, no_land: bool) -> Measurement:
    note = Note(
        "建成区内没有居住用地,无法计算:请提供 built_land 图层(kind 为 residential)",
        "no residential land within the built-up area, so no figure: bring the layer built_land with kind "
        "residential",
    ) if no_land else Note(
        "建成区内没有可计入的公园,地图没有不等于实地没有:请提供 green_areas 图层(绿地普查)",
        "no park that counts is mapped in the built-up area, which is no proof that there is none: bring "
        "the layer green_areas (green-space inventory)",
    )  # fmt: skip
    return Measurement("park_service_coverage", None, NAME_ZH, NAME_EN, notes=(note,))
