"""Greenway connectivity (绿道连通度): how far the greenways hang together as one network."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.clipping import clipped
from qinshui_geo.crs import require_metric, require_same_crs
from qinshui_geo.indicators.network import Network, build_network
from qinshui_geo.measurement import Measurement, Note, Quantity

NAME_ZH, NAME_EN = (
    "绿道网络连通度(最大连通分量长度占比)",
    "Greenway connectivity (largest-component length share)",
)

PATH_KINDS = frozenset({"cycleway", "footway", "path", "pedestrian", "track", "bridleway", "steps"})
NAME_MARKS = ("绿道", "步道")
CLOSED_ACCESS = frozenset({"private", "no"})
REACH_M = 1000.0
"""Greenways up to this far from the built-up area serve it (service radius of a greenway, 1 km)."""

_REASONS = {
    "name": ("名称含绿道或步道", "named as greenway or trail"),
    "route": ("徒步或骑行路线成员", "member of a walking or cycling route"),
    "along": ("位于公园或水体之内或沿线", "in or along a park or water"),
    "candidate": ("其他慢行路径,仅为备选", "other path, a candidate only"),
}


def classify_greenways(
    paths: GeoDataFrame, *, green_or_water: GeoDataFrame, along_m: float = 30.0
) -> GeoDataFrame:
    """Decide for every public path whether it is a greenway or only a candidate, and say why.

    A greenway is a path whose name holds 绿道 or 步道, a member of a hiking, foot or bicycle route, or
    one of which at least half lies in or within ``along_m`` of a park or water.

    Parameters
    ----------
    paths : GeoDataFrame
        Lines in a metric CRS with ``name`` and ``kind``; ``route`` and ``access`` where known.
    green_or_water : GeoDataFrame
        Parks, water areas and waterways, same CRS.
    along_m : float
        Distance in metres that still counts as along.

    Returns
    -------
    GeoDataFrame
        Public paths only: adds ``greenway_class`` (greenway or candidate), ``reason``, ``reason_zh``.
    """
    require_same_crs({"paths": paths, "parks and water": green_or_water})
    public = paths[paths["kind"].isin(PATH_KINDS)]
    if "access" in public:
        public = public[~public["access"].isin(CLOSED_ACCESS)]
    public = public.copy()
    named = public["name"].map(_marks_a_greenway).astype(bool)
    beside = _share_beside(public, green_or_water, along_m) >= 0.5
    route = public["route"].eq(True).fillna(value=False) if "route" in public else named & False
    why = np.select([named, route.astype(bool), beside], ["name", "route", "along"], "candidate")
    public["greenway_class"] = np.where(why == "candidate", "candidate", "greenway")
    public["reason_zh"], public["reason"] = ([_REASONS[w][i] for w in why] for i in (0, 1))
    return public


def _marks_a_greenway(name: object) -> bool:
    return isinstance(name, str) and any(mark in name for mark in NAME_MARKS)


def _share_beside(paths: GeoDataFrame, places: GeoDataFrame, along_m: float) -> npt.NDArray[np.float64]:
    """Share of each path's length within ``along_m`` of the places."""
    lines = paths.geometry.to_numpy()
    zone = shapely.get_parts(
        shapely.disjoint_subset_union_all(shapely.buffer(places.geometry.to_numpy(), along_m, quad_segs=4))
    )
    length = shapely.length(lines)
    line, part = shapely.STRtree(zone).query(lines, predicate="intersects")
    shapely.prepare(zone)
    whole = shapely.covers(zone[part], lines[line])
    beside = np.zeros(len(lines))
    beside[line[whole]] = length[line[whole]]
    crossing, zone_part = line[~whole], part[~whole]
    np.add.at(beside, crossing, shapely.length(shapely.intersection(lines[crossing], zone[zone_part])))
    return np.asarray(np.divide(beside, length, out=np.zeros(len(lines)), where=length > 0))


def near_town(paths: GeoDataFrame, *, built_up: GeoDataFrame, reach_m: float = REACH_M) -> GeoDataFrame:
    """The parts of the paths within ``reach_m`` of the built-up area, both in one metric CRS.

    The outline of the built-up area is drawn to within 1 % of ``reach_m``.
    """
    require_same_crs({"paths": paths, "built-up area": built_up})
    outline = shapely.simplify(built_up.geometry.to_numpy(), reach_m / 100)
    zone = shapely.union_all(shapely.buffer(outline, reach_m, quad_segs=4))
    cut = paths.set_geometry(clipped(paths.geometry.to_numpy(), zone))
    return cut[cut.geometry.length > 0]


def greenway_connectivity(
    greenways: GeoDataFrame, *, snap_m: float = 10.0, population: float | None = None
) -> Measurement:
    """Length share of the largest connected component of the greenways, in percent.

    ``details`` hold the length, the count of components, and of the network without degree-2 nodes
    (v vertices, e edges, p parts) ``beta = e / v``, ``alpha = (e - v + p) / (2 v - 5)`` and
    ``gamma = e / (3 (v - 2))``, which assume a planar network.

    Parameters
    ----------
    greenways : GeoDataFrame
        Lines in a metric CRS; candidates, if any, are told apart by ``greenway_class`` and are no
        part of the figure.
    snap_m : float
        Ends within this distance are joined, in metres.
    population : float, optional
        Persons of the town, for km per 10,000 persons.

    Returns
    -------
    Measurement
        ``quantity`` in percent, ``None`` without greenways; ``features`` are the edges.

    Examples
    --------
    >>> lines = [shapely.LineString([(0, 0), (300, 0)]), shapely.LineString([(400, 0), (500, 0)])]
    >>> greenways = GeoDataFrame({"name": ["沁河绿道", None]}, geometry=lines, crs=4546)
    >>> greenway_connectivity(greenways).quantity
    Quantity(value=75.0, unit='percent')
    """
    require_metric(greenways, "greenways")
    chosen = greenways
    if "greenway_class" in greenways:
        chosen = greenways[greenways["greenway_class"] == "greenway"]
    network = build_network(chosen, snap_m=snap_m)
    total = float(network.edges["length_m"].sum())
    largest = float(network.edges.loc[network.edges["component"] == 1, "length_m"].sum())
    return Measurement(
        "greenway_connectivity", Quantity(100 * largest / total, "percent") if total > 0 else None,
        NAME_ZH, NAME_EN,
        numerator=Quantity(largest / 1e3, "km"), denominator=Quantity(total / 1e3, "km"),
        notes=_notes(total, snap_m), details=_details(network, total, population),
        features=_features(network, chosen, greenways),
    )  # fmt: skip


def _features(network: Network, chosen: GeoDataFrame, greenways: GeoDataFrame) -> GeoDataFrame:
    """Edges with what is known of the line they came from; candidates follow, outside any component."""
    edges = network.edges
    origin = chosen.iloc[edges["row"].to_numpy()].reset_index(drop=True)
    frame = _described(origin, edges.geometry.to_numpy(), greenways.crs)
    frame["component"] = edges["component"].astype("Int64")
    if "greenway_class" in greenways:
        rest = greenways[greenways["greenway_class"] != "greenway"].explode(index_parts=False)
        rest = rest[rest.geometry.length > 0]  # a path that only touched a zone's edge leaves points
        others = _described(rest.reset_index(drop=True), rest.geometry.to_numpy(), greenways.crs)
        others["component"] = pd.Series(pd.NA, index=others.index, dtype="Int64")
        frame = pd.concat([frame, others], ignore_index=True)
    frame["in_largest"] = frame["component"].eq(1).fillna(value=False).astype(bool)
    frame.insert(0, "edge_id", pd.RangeIndex(1, len(frame) + 1))
    return GeoDataFrame(frame, geometry="geometry", crs=greenways.crs)


def _described(origin: pd.DataFrame, shapes: npt.NDArray[Any], crs: object) -> GeoDataFrame:
    columns = {"source_id": "source_ids", "name": "name", "kind": "kind", "greenway_class": "greenway_class",
               "reason": "reason", "reason_zh": "reason_zh"}  # fmt: skip
    known = {new: origin[old].to_numpy() for old, new in columns.items() if old in origin}
    frame = GeoDataFrame(known, geometry=shapes, crs=crs)
    frame["length_m"] = frame.geometry.length
    return frame


def _details(network: Network, total_m: float, population: float | None) -> dict[str, Quantity]:
    vertices, edges, parts = network.simplified_counts()
    details = {
        "length": Quantity(total_m / 1e3, "km"),
        "components": Quantity(parts, "count"),
        "vertices": Quantity(vertices, "count"),
        "edges": Quantity(edges, "count"),
    }
    if vertices > 2:
        details["alpha_index"] = Quantity((edges - vertices + parts) / (2 * vertices - 5), "ratio")
        details["beta_index"] = Quantity(edges / vertices, "ratio")
        details["gamma_index"] = Quantity(edges / (3 * (vertices - 2)), "ratio")
    if population:
        details["per_10000_persons"] = Quantity(total_m / 1e3 / population * 1e4, "km")
    return details


def _notes(total_m: float, snap_m: float) -> tuple[Note, ...]:
    if total_m == 0:
        return (
            Note(
                "没有查到绿道:请提供路径图层(paths)或补绘 OSM",
                "no greenway was found: bring a layer of paths, or complete OpenStreetMap",
            ),
        )
    return (
        Note(
            f"端点间距不大于 {snap_m:g} m 视为相连;规划未给数值,按本项目设定的阈值判定",
            f"ends within {snap_m:g} m are joined; the plan gives no number, so a project-defined threshold "
            "judges",
        ),
    )
