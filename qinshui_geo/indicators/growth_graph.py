"""The distance graph of land patches: which hang together with the seat's, for any linking distance.

The gaps between patches are measured once, up to the largest linking distance of a sweep; growth for a
smaller one is a filter and a search for connected components, exact and without any buffer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from pyproj import CRS
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from shapely import Point

from qinshui_geo.clipping import require_valid
from qinshui_geo.crs import require_metric

Geometries = npt.NDArray[Any]
Numbers = npt.NDArray[np.int64]
Metres = npt.NDArray[np.float64]

SEED_REACH_M = 1000.0
"""A seat in no patch takes the largest cluster within this distance (project-defined: gazetteer points
of a county seat differ by kilometres), else the nearest patch."""

_STRETCH = 32
"""Segments of a stretch of outline. A town's outline has ten thousands of vertices and thousands of
neighbours, each near a few stretches only: their gaps cost in proportion to the outlines, not to the
product of both."""


@dataclass(frozen=True, slots=True, eq=False)
class GrowthGraph:
    """Patches and the gaps between them.

    Parameters
    ----------
    polygons : ndarray of shape (n,)
        Single polygons, the largest first, in an order that does not depend on that of the rows.
    near, other : ndarray of int of shape (m,)
        Numbers of two patches no more than ``reach_m`` apart, each pair once.
    gap_m : ndarray of float of shape (m,)
        Gap between them in metres, 0 where they touch.
    sides : tuple of two ndarrays of shape (m,)
        Stretches of the outlines of ``near`` and ``other`` at which the gap is least.
    away_m : ndarray of float of shape (n,)
        Distance of each patch from the seat.
    reach_m : float
        Largest linking distance for which the graph can be asked.
    crs : pyproj.CRS
        Metric CRS of the polygons.
    """

    polygons: Geometries
    near: Numbers
    other: Numbers
    gap_m: Metres
    sides: tuple[Geometries, Geometries]
    away_m: Metres
    reach_m: float
    crs: CRS


@dataclass(frozen=True, slots=True, eq=False)
class Growth:
    """The patches that hang together with the seat's.

    Parameters
    ----------
    seed : int
        Number of the patch from which the town grows.
    joined : ndarray of bool of shape (n,)
        Patches of the cluster.
    link_m : float
        Largest gap that was bridged.
    """

    seed: int
    joined: npt.NDArray[np.bool_]
    link_m: float


def growth_graph(patches: GeoDataFrame, *, seat: Point, reach_m: float) -> GrowthGraph:
    """Measure the gaps of up to ``reach_m`` between patches.

    Parameters
    ----------
    patches : GeoDataFrame
        Polygons in a metric CRS; other shapes and empty ones are passed over.
    seat : shapely.Point
        Seed, in the same CRS.
    reach_m : float
        Largest linking distance in metres that will be asked.

    Raises
    ------
    CRSError
        If ``patches`` is not in a metric CRS.
    LayerError
        If a patch is invalid.

    Examples
    --------
    >>> patches = GeoDataFrame(geometry=[shapely.box(0, 0, 10, 10), shapely.box(109, 0, 119, 10)], crs=4546)
    >>> graph = growth_graph(patches, seat=Point(5, 5), reach_m=200)
    >>> graph.gap_m.tolist(), [int(grown(graph, link).joined.sum()) for link in (98, 99)]
    ([99.0], [1, 2])
    """
    require_metric(patches, "built-up patches")
    require_valid(patches.geometry.to_numpy(), "built-up patches")
    polygons = _single_polygons(patches)
    outlines = stretches(polygons)
    pairs = _gaps(polygons, outlines, reach_m)
    near, other = pairs["near"].to_numpy(), pairs["other"].to_numpy()
    sides = tuple(outlines.lines[pairs[name].to_numpy()] for name in ("near_side", "other_side"))
    away_m = shapely.distance(polygons, seat)
    return GrowthGraph(
        polygons, near, other, pairs["gap_m"].to_numpy(), sides, away_m, reach_m, CRS(patches.crs)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Outlines cut into short lines.

    Parameters
    ----------
    lines : ndarray of shape (k,)
        Consecutive stretches of the rings, holes included.
    owner : ndarray of int of shape (k,)
        Number of the polygon that each belongs to.
    """

    lines: Geometries
    owner: Numbers


def stretches(polygons: Geometries) -> Stretches:
    """Cut the outlines of polygons into lines of at most 32 segments.

    Examples
    --------
    >>> cut = stretches(shapely.buffer(shapely.points([[0, 0], [9, 9]]), 1, quad_segs=16))
    >>> cut.owner.tolist(), shapely.get_num_coordinates(cut.lines).tolist()
    ([0, 0, 1, 1], [33, 33, 33, 33])
    """
    rings, owner = shapely.get_rings(polygons, return_index=True)
    places = shapely.get_coordinates(rings)
    size = shapely.get_num_coordinates(rings)
    count = -(-(size - 1) // _STRETCH)
    ring = np.repeat(np.arange(len(rings)), count)
    first = np.cumsum(size)[ring] - size[ring]  # place of the ring's first vertex
    start = first + _STRETCH * (np.arange(len(ring)) - np.repeat(np.cumsum(count) - count, count))
    length = np.minimum(start + _STRETCH, first + size[ring] - 1) - start + 1
    vertex = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length - start, length)
    lines = shapely.linestrings(places[vertex], indices=np.repeat(np.arange(len(ring)), length))
    return Stretches(np.atleast_1d(lines), owner[ring])


def _gaps(polygons: Geometries, outlines: Stretches, reach_m: float) -> pd.DataFrame:
    """Every pair of polygons within reach, with its least gap and the stretches where it is."""
    boxes = shapely.box(*(shapely.bounds(outlines.lines) + reach_m * np.array([-1, -1, 1, 1])).T)
    side, other_side = shapely.STRtree(outlines.lines).query(boxes)
    apart = outlines.owner[side] < outlines.owner[other_side]
    side, other_side = side[apart], other_side[apart]
    gap_m = shapely.distance(outlines.lines[side], outlines.lines[other_side])
    close = gap_m <= reach_m
    apart_pairs = _pairs(outlines.owner, side[close], other_side[close], gap_m[close])
    near, other = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    first = np.searchsorted(outlines.owner, np.arange(len(polygons)))
    inside = near < other  # they overlap, or one lies within the other: no gap, however far the outlines
    touching = _pairs(outlines.owner, first[near[inside]], first[other[inside]], np.zeros(inside.sum()))
    pairs = pd.concat([touching, apart_pairs], ignore_index=True)
    pairs = pairs.sort_values(["near", "other", "gap_m"], kind="stable")
    return pairs.drop_duplicates(["near", "other"], ignore_index=True)


def _pairs(owner: Numbers, side: Numbers, other_side: Numbers, gap_m: Metres) -> pd.DataFrame:
    return pd.DataFrame({
        "near": owner[side], "other": owner[other_side], "gap_m": gap_m, "near_side": side,
        "other_side": other_side,
    })  # fmt: skip


def _single_polygons(patches: GeoDataFrame) -> Geometries:
    """Polygons with an area, the largest first, in an order that does not depend on that of the rows."""
    parts = shapely.get_parts(patches.geometry.to_numpy())
    parts = parts[shapely.area(parts) > 0]
    return parts[np.lexsort(np.column_stack([shapely.bounds(parts), -shapely.area(parts)]).T)]


def grown(graph: GrowthGraph, link_m: float) -> Growth:
    """The cluster of the seat: patches that a chain of gaps of at most ``link_m`` joins to its patch.

    The seed is the patch that contains the seat; else, of the largest cluster within
    :data:`SEED_REACH_M`, the patch nearest to it; else the nearest patch of all.

    Parameters
    ----------
    graph : GrowthGraph
        With at least one patch.
    link_m : float
        Largest gap in metres that is bridged, at most ``graph.reach_m``.

    Raises
    ------
    ValueError
        If ``link_m`` exceeds the reach of the graph, or there is no patch.
    """
    if len(graph.polygons) == 0:
        raise ValueError("there is no patch from which to grow")
    _, cluster = connected_components(adjacency(graph, link_m), directed=False)
    seed = _seed(graph, cluster)
    return Growth(seed, cluster == cluster[seed], link_m)


def adjacency(graph: GrowthGraph, link_m: float) -> csr_array[Any]:
    """Symmetric matrix of shape (n, n) of the gaps of at most ``link_m``: 1 where there is one."""
    if link_m > graph.reach_m:
        raise ValueError(f"the gaps were measured up to {graph.reach_m:g} m, not {link_m:g} m")
    near, other = (ends[graph.gap_m <= link_m] for ends in (graph.near, graph.other))
    both = np.concatenate([near, other]), np.concatenate([other, near])
    return csr_array((np.ones(2 * len(near)), both), shape=(len(graph.polygons),) * 2)


def _seed(graph: GrowthGraph, cluster: npt.NDArray[Any]) -> int:
    away_m = graph.away_m
    nearest = int(np.argmin(away_m))
    if away_m[nearest] == 0 or away_m[nearest] > SEED_REACH_M:
        return nearest
    size = np.bincount(cluster, weights=shapely.area(graph.polygons))
    within = np.unique(cluster[away_m <= SEED_REACH_M])
    largest = within[np.argmax(size[within])]
    return int(np.argmin(np.where(cluster == largest, away_m, np.inf)))
