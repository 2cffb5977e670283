"""Walking distances along streets and paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from qinshui_geo.crs import require_metric
from qinshui_geo.indicators.walking_chains import chains, straight_parts

Geometries = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Lengths = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NOT_FOR_WALKING = frozenset({"motorway", "motorway_link", "busway"})
"""Streets without walkers. Trunk roads stay, as in the foot profiles of common routing programs: a
national road through a county town has pavements, and open data rarely says so."""

CLOSED_ACCESS = frozenset({"private", "no"})

_TOUCHING_M = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class WalkingNetwork:
    """Streets and paths between their junctions, joined where they share a node.

    Parameters
    ----------
    lines : ndarray of LineString of shape (n,)
        The lines from junction to junction, or to a loose end.
    start, end : ndarray of shape (n,)
        Their node numbers.
    length_m : ndarray of shape (n,)
        Their lengths in metres.
    ground : ndarray of shape (g,)
        Positions of the lines that can be entered from beside them: not on a bridge or in a tunnel.
    tree : shapely.STRtree
        Index of the lines on the ground.
    nodes : int
        Count of nodes.
    """

    lines: Geometries
    start: Ints
    end: Ints
    length_m: Lengths
    ground: Ints
    tree: shapely.STRtree
    nodes: int


@dataclass(frozen=True, slots=True, eq=False)
class _Chain:
    """Edges of a graph; each is the part of the segment ``parent`` that begins ``begins_m`` along it."""

    start: Ints
    end: Ints
    length_m: Lengths
    parent: Ints
    begins_m: Lengths


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """Points moved to the network: segment, metres along it, metres away from it."""

    segment: Ints
    along_m: Lengths
    away_m: Lengths


def walkable(streets: GeoDataFrame, paths: GeoDataFrame) -> GeoDataFrame:
    """Streets and paths that may be walked on.

    Parameters
    ----------
    streets, paths : GeoDataFrame
        Lines in one metric CRS with ``kind`` and, where known, ``access``, ``layer``, ``bridge``, ``tunnel``.
    """
    lines = GeoDataFrame(pd.concat([streets, paths], ignore_index=True), crs=streets.crs)
    open_to_walkers = ~lines["kind"].isin(NOT_FOR_WALKING)
    if "access" in lines:
        open_to_walkers &= ~lines["access"].isin(CLOSED_ACCESS)
    return lines[open_to_walkers].reset_index(drop=True)


def walking_network(lines: GeoDataFrame, *, snap_m: float = 1.0) -> WalkingNetwork:
    """Join lines into a network for walking.

    Lines of one level cross in a node; bridges and tunnels (another ``layer``, or ``bridge`` and
    ``tunnel`` without one) are joined to others only where both have a vertex. A loose end within
    ``snap_m`` of a line of its level is joined to it.

    Parameters
    ----------
    lines : GeoDataFrame
        LineStrings or MultiLineStrings in a metric CRS, see :func:`walkable`.
    snap_m : float
        Largest gap in metres that is drawing error.

    Raises
    ------
    CRSError
        If the lines are not in a metric CRS.
    """
    require_metric(lines, "streets and paths")
    ends, level = _segments(lines)
    number = _node_numbers(ends.reshape(-1, 2)).reshape(-1, 2)
    keep = number[:, 0] != number[:, 1]
    ends, level, number = ends[keep], level[keep], number[keep]
    return _joined_loose_ends(ends, level, number, snap_m)


def _node_numbers(places: npt.NDArray[np.float64]) -> Ints:
    """The same number for places of the same millimetre."""
    if len(places) == 0:
        return np.empty(0, np.int64)
    east, north = np.rint((places - places.min(axis=0)) * 1000).astype(np.int64).T
    return np.asarray(pd.factorize(east * (north.max() + 1) + north)[0], dtype=np.int64)


def _levels(lines: GeoDataFrame) -> Ints:
    """Layer of every line; a bridge without one lies above the ground (1), a tunnel below (-1)."""
    level = np.zeros(len(lines), np.int64)
    if "layer" in lines:
        level = np.asarray(lines["layer"].astype("Float64").fillna(0), dtype=np.int64)
    for column, beside in {"bridge": 1, "tunnel": -1}.items():
        if column in lines:
            flagged = np.asarray(lines[column].astype("boolean").fillna(False), dtype=bool)
            level = np.where(flagged & (level == 0), beside, level)
    return level


def _segments(lines: GeoDataFrame) -> tuple[npt.NDArray[np.float64], Ints]:
    """Ends of the straight segments of the lines, cut where those of one level cross, and their level."""
    shapes, row = shapely.get_parts(lines.geometry.to_numpy(), return_index=True)
    level = _levels(lines)[row]
    cuts, levels = [np.empty((0, 2, 2))], [np.empty(0, np.int64)]
    for value in np.unique(level):
        pieces = shapely.get_parts(shapely.union_all(shapes[level == value]))
        cuts.append(straight_parts(pieces))
        levels.append(np.full(len(cuts[-1]), value, np.int64))
    return np.concatenate(cuts), np.concatenate(levels)


def _joined_loose_ends(
    ends: npt.NDArray[np.float64], level: Ints, number: Ints, snap_m: float
) -> WalkingNetwork:
    """Network of the segments, cut where the loose end of another of their level comes within ``snap_m``."""
    lines: Geometries = np.asarray(shapely.linestrings(ends), dtype=object)
    nodes = int(number.max(initial=-1)) + 1
    loose = np.flatnonzero(np.bincount(number.ravel(), minlength=nodes)[number.ravel()] == 1)
    points: Geometries = np.asarray(shapely.points(ends.reshape(-1, 2)[loose]), dtype=object)
    which, segment = shapely.STRtree(lines).query(points, predicate="dwithin", distance=snap_m)
    near = number.ravel()[loose[which]]
    apart = (near != number[segment, 0]) & (near != number[segment, 1])
    on_it = shapely.distance(points[which], lines[segment]) <= _TOUCHING_M
    keep = apart & ((level[loose[which] // 2] == level[segment]) | on_it)
    along = shapely.line_locate_point(lines[segment[keep]], points[which[keep]])
    chain = _cut(number[:, 0], number[:, 1], shapely.length(lines), segment[keep], along, near[keep])
    was_cut = np.isin(chain.parent, segment[keep])
    pieces = lines[chain.parent]
    stops = [chain.begins_m[was_cut], chain.begins_m[was_cut] + chain.length_m[was_cut]]
    corners = [shapely.line_interpolate_point(pieces[was_cut], stop) for stop in stops]
    pieces[was_cut] = shapely.linestrings(np.stack([shapely.get_coordinates(c) for c in corners], axis=1))
    merged = chains(pieces, chain.start, chain.end, level[chain.parent])
    ground = np.flatnonzero(merged.level == 0)
    used, renumbered = np.unique([merged.start, merged.end], return_inverse=True)
    first, last = renumbered.reshape(2, -1)
    return WalkingNetwork(
        merged.lines, first, last, shapely.length(merged.lines), ground,
        shapely.STRtree(merged.lines[ground]), len(used),
    )  # fmt: skip


def _cut(start: Ints, end: Ints, length_m: Lengths, segment: Ints, along_m: Lengths, node: Ints) -> _Chain:
    """Segments cut at the given places, each place being the given node."""
    count = np.arange(len(start))
    parent = np.concatenate([count, count, segment])
    place = np.concatenate([np.zeros(len(start)), length_m, np.clip(along_m, 0, length_m[segment])])
    number = np.concatenate([start, end, node])
    order = np.lexsort((place, parent))
    before, after = order[:-1], order[1:]
    same = parent[before] == parent[after]
    before, after = before[same], after[same]
    return _Chain(number[before], number[after], place[after] - place[before], parent[before], place[before])


def walking_distance(
    network: WalkingNetwork, sources: Geometries, targets: Geometries, *, limit_m: float = np.inf
) -> Lengths:
    """Metres on foot from each target to the nearest source, the ways to and from the network included.

    Parameters
    ----------
    network : WalkingNetwork
        See :func:`walking_network`.
    sources, targets : ndarray of Point
        For example park entrances and places to live, in the coordinates of the network.
    limit_m : float
        Distances above it are not looked for.

    Returns
    -------
    ndarray of float of shape (targets,)
        Infinity where no source is reached within ``limit_m``, never the limit itself.

    Examples
    --------
    >>> street = GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1000, 0)])], crs=4546)
    >>> gate, homes = shapely.points([[0, 0]]), shapely.points([[300, 20], [600, 0]])
    >>> walking_distance(walking_network(street), gate, homes, limit_m=500).tolist()
    [320.0, inf]
    """
    if len(sources) == 0 or len(targets) == 0 or len(network.ground) == 0:
        return np.full(len(targets), np.inf)
    origin, goal = _placed(network, sources), _placed(network, targets)
    number = network.nodes + np.arange(len(sources))
    chain = _cut(network.start, network.end, network.length_m, origin.segment, origin.along_m, number)
    reached = _from_any(chain, number, origin.away_m, limit_m)
    part = _parts(chain, network, goal)
    into = goal.along_m - chain.begins_m[part]
    at_start, at_end = reached[chain.start[part]], reached[chain.end[part]]
    total = np.minimum(at_start + into, at_end + chain.length_m[part] - into) + goal.away_m
    return np.where(total <= limit_m, total, np.inf)


def _placed(network: WalkingNetwork, points: Geometries) -> _Places:
    """Nearest place on a segment that can be entered."""
    segment = network.ground[network.tree.nearest(points)]
    lines = network.lines[segment]
    return _Places(segment, shapely.line_locate_point(lines, points), shapely.distance(lines, points))


def _parts(chain: _Chain, network: WalkingNetwork, goal: _Places) -> Ints:
    """Which part of its cut segment each place lies on."""
    offset = np.concatenate([[0.0], np.cumsum(network.length_m)])
    begins, place = offset[chain.parent] + chain.begins_m, offset[goal.segment] + goal.along_m
    first = np.searchsorted(chain.parent, goal.segment, side="left")
    last = np.searchsorted(chain.parent, goal.segment, side="right") - 1
    return np.clip(np.searchsorted(begins, place, side="right") - 1, first, last)


def _from_any(chain: _Chain, sources: Ints, away_m: Lengths, limit_m: float) -> Lengths:
    """Metres from the nearest source to every node; each source begins ``away_m`` off the network."""
    entry = sources + len(sources)
    start = np.concatenate([chain.start, chain.end, entry])
    end = np.concatenate([chain.end, chain.start, sources])
    graph = _shortest_graph(start, end, np.concatenate([chain.length_m, chain.length_m, away_m]))
    found: Lengths = dijkstra(graph, directed=True, indices=entry, min_only=True, limit=limit_m)
    return found


def _shortest_graph(start: Ints, end: Ints, length: Lengths) -> csr_array:
    """Graph with the shortest of parallel edges: a sparse array would add them up."""
    nodes = int(max(start.max(), end.max())) + 1
    order = np.lexsort((length, end, start))
    start, end, length = start[order], end[order], length[order]
    first = np.ones(len(start), bool)
    first[1:] = (start[1:] != start[:-1]) | (end[1:] != end[:-1])
    row = np.concatenate([[0], np.cumsum(np.bincount(start[first], minlength=nodes))])
    return csr_array((length[first], end[first], row), shape=(nodes, nodes))
