"""Services near people: charging points along main roads, eldercare in every township."""

from __future__ import annotations

import numpy as np
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.crs import require_same_crs
from qinshui_geo.measurement import Measurement, Note, Quantity

CHARGING_ZH, CHARGING_EN = "主要县乡道充电设施覆盖率", "Charging coverage of main county and township roads"
ELDERCARE_ZH, ELDERCARE_EN = "乡镇养老服务覆盖率", "Townships with an eldercare facility"

MAIN_ROADS = frozenset({"trunk", "primary", "secondary", "tertiary"})
"""Highway classes taken for main county and township roads (主要县乡道)."""


def charging_coverage(streets: GeoDataFrame, pois: GeoDataFrame, *, reach_m: float = 1000.0) -> Measurement:
    """Share of main road length within ``reach_m`` (straight line) of a charging point, in percent.

    Parameters
    ----------
    streets : GeoDataFrame
        Lines in a metric CRS with ``kind`` = highway class.
    pois : GeoDataFrame
        Points, same CRS, with ``kind``; ``charging_station`` counts.
    reach_m : float
        Reach of a charging point in metres.

    Returns
    -------
    Measurement
        ``None`` where no main road or no charging point is known: a map without charging points is
        no proof that there are none.
    """
    require_same_crs({"streets": streets, "pois": pois})
    roads = streets.geometry[streets["kind"].isin(MAIN_ROADS)].to_numpy()
    points = pois.geometry[pois["kind"] == "charging_station"].to_numpy()
    if len(roads) == 0 or len(points) == 0:
        return Measurement("charging_coverage", None, CHARGING_ZH, CHARGING_EN, notes=(_BRING_CHARGING,))
    roads = shapely.get_parts(shapely.union_all(roads))
    near = shapely.union_all(shapely.buffer(points, reach_m, quad_segs=32))
    covered = float(np.sum(shapely.length(shapely.intersection(roads, near))))
    total = float(np.sum(shapely.length(roads)))
    return Measurement(
        "charging_coverage", Quantity(100 * covered / total, "percent"), CHARGING_ZH, CHARGING_EN,
        numerator=Quantity(covered / 1e3, "km"), denominator=Quantity(total / 1e3, "km"),
        details={"charging_stations": Quantity(len(points), "count")},
        notes=(Note(
            f"主要县乡道取 trunk 至 tertiary 级道路,直线距离 {reach_m:g} m 内有充电设施为覆盖",
            f"main roads are classes trunk to tertiary; covered within {reach_m:g} m in a straight line",
        ),),
    )  # fmt: skip


def eldercare_coverage(townships: GeoDataFrame, pois: GeoDataFrame) -> Measurement:
    """Share of townships that hold an eldercare facility, in percent.

    Parameters
    ----------
    townships : GeoDataFrame
        Polygons in a metric CRS.
    pois : GeoDataFrame
        Points, same CRS, with ``kind``; ``eldercare`` counts, and one right on a common boundary for
        both sides.

    Returns
    -------
    Measurement
        ``None`` without townships or without any known facility; ``features`` are the townships with
        ``eldercare`` (bool).
    """
    require_same_crs({"townships": townships, "pois": pois})
    points = pois.geometry[pois["kind"] == "eldercare"].to_numpy()
    if townships.empty or len(points) == 0:
        return Measurement("eldercare_coverage", None, ELDERCARE_ZH, ELDERCARE_EN, notes=(_BRING_ELDERCARE,))
    served = townships.copy()
    within, _ = shapely.STRtree(points).query(townships.geometry.to_numpy(), predicate="intersects")
    served["eldercare"] = np.isin(np.arange(len(townships)), within)
    count = int(served["eldercare"].sum())
    return Measurement(
        "eldercare_coverage", Quantity(100 * count / len(served), "percent"), ELDERCARE_ZH, ELDERCARE_EN,
        numerator=Quantity(count, "count"), denominator=Quantity(len(served), "count"),
        notes=(Note(
            "乡镇范围取 OSM 行政边界(admin_level=8),设施取 OSM 养老设施",
            "townships are OpenStreetMap boundaries (admin_level=8), facilities as mapped there",
        ),), features=served,
    )  # fmt: skip


_BRING_CHARGING = Note(
    "没有主要道路或充电设施数据:请提供 pois 图层(kind=charging_station)或在统计表中给出 charging_coverage",
    "no main roads or no charging points known: bring a layer pois (kind=charging_station) or give "
    "charging_coverage in the statistics",
)
_BRING_ELDERCARE = Note(
    "没有乡镇边界或养老设施数据:请提供 townships、pois 图层或在统计表中给出 eldercare_coverage",
    "no township boundaries or no eldercare facilities known: bring the layers townships and pois, or give "
    "eldercare_coverage in the statistics",
)
