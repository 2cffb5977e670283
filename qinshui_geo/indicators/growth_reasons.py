"""Why each land patch is in the built-up area or not: the layer that explains the growth."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.indicators.growth_graph import Growth, GrowthGraph, stretches
from qinshui_geo.indicators.growth_tree import NONE, GrowthTree, growth_tree

Flags = npt.NDArray[np.bool_]


def growth_layers(
    graph: GrowthGraph, growth: Growth, pieces: GeoDataFrame, *, min_patch_ha: float
) -> dict[str, GeoDataFrame]:
    """The patches with the reason why they count or not, and the links by which they were joined.

    Parameters
    ----------
    graph, growth : GrowthGraph, Growth
        The patches, and those that hang together with the seat's.
    pieces : GeoDataFrame
        Pieces of the built-up area, after holes were filled and small pieces dropped.
    min_patch_ha : float
        Size under which a piece was dropped.

    Returns
    -------
    dict of str to GeoDataFrame
        ``built_up_patches``: ``patch`` (from 1), ``area_ha``, ``joined`` (whether its ground counts),
        ``step``, ``link_to`` and ``link_m`` (the joining link, kept for a dropped patch, over which
        others may hang), ``reason`` and ``reason_zh``. ``built_up_links``: ``from_patch`` is one step
        nearer to the seed than ``to_patch``, ``length_m``; patches that touch have no line.
    """
    tree = growth_tree(graph, growth)
    patches = _patches(graph, growth, tree, _counted(graph, pieces))
    reasons = list(_reasons(graph, growth, patches, min_patch_ha))
    patches["reason"] = pd.Series([english for english, _ in reasons], dtype=object)
    patches["reason_zh"] = pd.Series([chinese for _, chinese in reasons], dtype=object)
    return {"built_up_patches": patches, "built_up_links": _links(graph, tree)}


def _counted(graph: GrowthGraph, pieces: GeoDataFrame) -> Flags:
    """Patches whose ground is part of the built-up area; each lies wholly inside a piece or outside."""
    inside = shapely.point_on_surface(graph.polygons)
    counted = np.zeros(len(inside), dtype=bool)
    counted[shapely.STRtree(inside).query(pieces.geometry.to_numpy(), predicate="intersects")[1]] = True
    return counted


def _patches(graph: GrowthGraph, growth: Growth, tree: GrowthTree, counted: Flags) -> GeoDataFrame:
    table = {
        "patch": np.arange(1, len(graph.polygons) + 1),
        "area_ha": shapely.area(graph.polygons) / 1e4,
        "joined": counted,
        "step": pd.array(np.where(tree.step == NONE, np.nan, tree.step), dtype="Int64"),
        "link_to": pd.array(np.where(tree.link_to == NONE, np.nan, tree.link_to + 1), dtype="Int64"),
        "link_m": tree.link_m,
    }
    return GeoDataFrame(table, geometry=graph.polygons, crs=graph.crs)


def _links(graph: GrowthGraph, tree: GrowthTree) -> GeoDataFrame:
    outer = np.flatnonzero(tree.link_m > 0)
    inner, pair = tree.link_to[outer], tree.pair[outer]
    lines = shapely.shortest_line(graph.sides[0][pair], graph.sides[1][pair])
    lines = np.where(graph.near[pair] == inner, lines, shapely.reverse(lines))
    table = {"from_patch": inner + 1, "to_patch": outer + 1, "length_m": tree.link_m[outer]}
    return GeoDataFrame(table, geometry=lines, crs=graph.crs)


def _reasons(
    graph: GrowthGraph, growth: Growth, patches: GeoDataFrame, min_patch_ha: float
) -> Iterator[tuple[str, str]]:
    """English and Chinese reason of each patch."""
    gaps_m = _gaps_to_town(graph, growth)
    rows = patches[["patch", "joined", "step", "link_to", "link_m"]].itertuples(index=False)
    for row, gap_m in zip(rows, gaps_m, strict=True):
        if row.patch == growth.seed + 1:
            yield _seed(float(graph.away_m[growth.seed]))
        elif pd.isna(row.step):
            yield _enclosed() if row.joined else _left_out(gap_m, growth.link_m)
        else:
            linked = _linked(row.link_m, row.link_to, row.step)
            yield linked if row.joined else _dropped(linked, min_patch_ha)


def _gaps_to_town(graph: GrowthGraph, growth: Growth) -> npt.NDArray[np.float64]:
    """Distance of each patch outside the cluster from the nearest one in it; NaN for those in it."""
    gaps_m = np.full(len(graph.polygons), np.nan)
    outlines, outside = stretches(graph.polygons[growth.joined]), np.flatnonzero(~growth.joined)
    (rows, _), found_m = shapely.STRtree(outlines.lines).query_nearest(
        graph.polygons[outside], return_distance=True, all_matches=False
    )
    gaps_m[outside[rows]] = found_m
    return gaps_m


def _seed(away_m: float) -> tuple[str, str]:
    if away_m == 0:
        return "seed: holds the point of the county seat", "种子图斑:含县城驻地点"
    return (
        f"seed: {away_m:.1f} m from the point of the county seat, which lies in no patch",
        f"种子图斑:距县城驻地点 {away_m:.1f} m(驻地点不在任何图斑内)",
    )


def _linked(gap_m: float, link_to: int, step: int) -> tuple[str, str]:
    if gap_m == 0:
        return f"joined: touches patch {link_to} (step {step})", f"并入:与 {link_to} 号图斑相接(第 {step} 步)"
    return (
        f"joined over a gap of {gap_m:.1f} m from patch {link_to} (step {step})",
        f"并入:与 {link_to} 号图斑间距 {gap_m:.1f} m(第 {step} 步)",
    )


def _dropped(linked: tuple[str, str], min_patch_ha: float) -> tuple[str, str]:
    return (
        f"dropped: its piece is under {min_patch_ha:g} ha ({linked[0]})",
        f"剔除:所在片小于 {min_patch_ha:g} 公顷({linked[1]})",
    )


def _enclosed() -> tuple[str, str]:
    return "counted: lies in a hole of the built-up area, which is filled", "计入:位于建成区内已填充的空洞中"


def _left_out(gap_m: float, link_m: float) -> tuple[str, str]:
    """The gap is rounded up, so that it never reads as no more than the linking distance."""
    gap = f"{math.ceil(gap_m * 10) / 10:,.1f}"
    return (
        f"left out: the nearest patch of the town is {gap} m away, more than {link_m:g} m",
        f"未并入:距最近的城区图斑 {gap} m,大于 {link_m:g} m",
    )
