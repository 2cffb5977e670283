"""Where one walks into a park: where streets and paths meet its edge."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from qinshui_geo.indicators.walking import Geometries, Ints, WalkingNetwork
from qinshui_geo.indicators.walking_chains import straight_parts

TOLERANCE_M = 2.0
"""A street or path that ends within this distance of a park's edge leads into it."""
EDGE_STEP_M, EDGE_REACH_M = 25.0, 30.0
"""A park without entrances on the map may be entered at points this far apart along its edge, where a street
or path is within reach, or else at the point nearest to one. Project-defined."""

_SAME_PLACE_DECIMALS = 3


def park_entrances(parks: Geometries, network: WalkingNetwork) -> tuple[Geometries, Ints]:
    """Where streets and paths meet the edge of a park; where none does, points of the edge near them.

    Parameters
    ----------
    parks : ndarray of shape (n,)
        Polygons in the coordinates of the network.
    network : WalkingNetwork
        See :func:`walking_network`.

    Returns
    -------
    points : ndarray of shape (m,)
        Entrances.
    park : ndarray of shape (m,)
        Position of the park of each.
    """
    edges, lines, tree = shapely.boundary(parks), network.lines[network.ground], network.tree
    if len(lines) == 0:
        return np.empty(0, object), np.empty(0, np.int64)
    near = np.unique(tree.query(edges, predicate="dwithin", distance=TOLERANCE_M)[1])
    # by straight segments: a line may cross the edge here and come near it again there
    ways: Geometries = np.asarray(shapely.linestrings(straight_parts(lines[near])), dtype=object)
    park, way = shapely.STRtree(ways).query(edges, predicate="dwithin", distance=TOLERANCE_M)
    meeting = shapely.intersection(ways[way], edges[park])
    apart = shapely.is_empty(meeting)
    meeting[apart] = shapely.get_point(shapely.shortest_line(ways[way[apart]], edges[park[apart]]), 0)
    places, which = shapely.get_coordinates(meeting, return_index=True)
    closed = np.setdiff1d(np.flatnonzero(~(shapely.is_empty(edges) | shapely.is_missing(edges))), park)
    more, owner = _edge_points(edges[closed], tree, lines)
    found = pd.DataFrame(np.concatenate([places, more]).round(_SAME_PLACE_DECIMALS), columns=["x", "y"])
    found["park"] = np.concatenate([park[which], closed[owner]])
    found = found.drop_duplicates()
    points: Geometries = np.asarray(shapely.points(found[["x", "y"]].to_numpy()), dtype=object)
    return points, found["park"].to_numpy(dtype=np.int64)


def _edge_points(
    edges: Geometries, tree: shapely.STRtree, lines: Geometries
) -> tuple[npt.NDArray[np.float64], Ints]:
    """Points along each edge within reach of a line, and always the one nearest to any."""
    places, owner = shapely.get_coordinates(shapely.segmentize(edges, EDGE_STEP_M), return_index=True)
    within = np.unique(tree.query(shapely.points(places), predicate="dwithin", distance=EDGE_REACH_M)[0])
    nearest = shapely.shortest_line(edges, lines[tree.nearest(edges)])
    closest = shapely.get_coordinates(shapely.get_point(nearest, 0))
    return np.concatenate([places[within], closest]), np.concatenate([owner[within], np.arange(len(edges))])
