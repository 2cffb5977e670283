"""The tree by which the patches of a town hang on its seed: which link joined which patch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import dijkstra

from qinshui_geo.indicators.growth_graph import (
    Growth,
    GrowthGraph,
    Metres,
    Numbers,
    adjacency,
)

NONE = -1
"""In place of a patch number or a count of steps: there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class GrowthTree:
    """How each patch of the cluster hangs on the seed: by the fewest links, then the shortest last one.

    Parameters
    ----------
    step : ndarray of int of shape (n,)
        Links between the patch and the seed; 0 for the seed, :data:`NONE` outside the cluster.
    link_to : ndarray of int of shape (n,)
        The patch one step nearer to the seed; :data:`NONE` for the seed and outside the cluster.
    link_m : ndarray of float of shape (n,)
        Gap of that link; NaN where there is none.
    pair : ndarray of int of shape (n,)
        Place of that link in the graph; :data:`NONE` where there is none.
    """

    step: Numbers
    link_to: Numbers
    link_m: Metres
    pair: Numbers


def growth_tree(graph: GrowthGraph, growth: Growth) -> GrowthTree:
    """The joining link of every patch of the cluster.

    Examples
    --------
    >>> import shapely
    >>> from geopandas import GeoDataFrame
    >>> from qinshui_geo.indicators.growth_graph import growth_graph, grown
    >>> boxes = [shapely.box(x, 0, x + 10, 10) for x in (0, 60, 120)]
    >>> graph = growth_graph(GeoDataFrame(geometry=boxes, crs=4546), seat=shapely.Point(5, 5), reach_m=50)
    >>> tree = growth_tree(graph, grown(graph, 50))
    >>> tree.step.tolist(), tree.link_to.tolist(), tree.link_m.tolist()
    ([0, 1, 2], [-1, 0, 1], [nan, 50.0, 50.0])
    """
    links = adjacency(graph, growth.link_m)
    hops = dijkstra(links, directed=False, indices=[growth.seed], unweighted=True)[0]
    step = np.where(np.isfinite(hops), hops, NONE).astype(np.int64)
    pair = np.tile(np.flatnonzero(graph.gap_m <= growth.link_m), 2)
    forth = np.arange(len(pair)) < len(pair) // 2
    start = np.where(forth, graph.near[pair], graph.other[pair])
    end = np.where(forth, graph.other[pair], graph.near[pair])
    outward = (step[start] >= 0) & (step[end] == step[start] + 1)
    start, end, pair = start[outward], end[outward], pair[outward]
    last = np.lexsort((start, graph.gap_m[pair], end))[::-1]  # the shortest link to a patch is written last
    link_to, chosen = (np.full(len(step), NONE, dtype=np.int64) for _ in range(2))
    link_to[end[last]], chosen[end[last]] = start[last], pair[last]
    link_m = np.where(chosen == NONE, np.nan, graph.gap_m[chosen] if len(pair) else np.nan)
    return GrowthTree(step, link_to, link_m, chosen)
