"""A path network from real, dirty lines: nodes, edges and connected components."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from geopandas import GeoDataFrame
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.ops import substring

from qinshui_geo.crs import require_metric

Geometries = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Lengths = npt.NDArray[np.float64]

_SAME_PLACE_DECIMALS = 6
_TOUCHING_M = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Edges of a planar-by-layer network.

    Parameters
    ----------
    edges : GeoDataFrame
        One row per edge: ``row`` (position of the line that it came from), ``start`` and ``end``
        (node numbers), ``component`` (1 = the longest), ``length_m``; geometry LineString.
    nodes : int
        Count of nodes, degree-2 ones included.
    """

    edges: GeoDataFrame
    nodes: int

    def simplified_counts(self) -> tuple[int, int, int]:
        """Count of vertices, edges and components after every degree-2 node is merged away.

        A closed loop without any junction keeps one vertex and one edge.
        """
        ends = self.edges[["start", "end"]].to_numpy().ravel()
        degree = np.bincount(ends, minlength=self.nodes) if len(ends) else np.zeros(0, int)
        junction = degree != 2
        component = np.zeros(self.nodes, int)
        component[ends] = np.repeat(self.edges["component"].to_numpy(), 2)
        parts = self.edges["component"].nunique()
        loops = parts - len(np.unique(component[junction]))
        vertices = int(junction.sum()) + loops
        return vertices, len(self.edges) - (self.nodes - vertices), parts


def build_network(lines: GeoDataFrame, *, snap_m: float = 10.0) -> Network:
    """Join lines into a network.

    Lines of one layer cross in a node, those of different layers (bridges, tunnels) do not; lines
    drawn twice count once; a loose end within ``snap_m`` of another end, or of a line of its layer,
    or right on a line of another layer (where a bridge begins), is joined to it.

    Parameters
    ----------
    lines : GeoDataFrame
        LineStrings or MultiLineStrings in a metric CRS; column ``layer`` (int) is optional.
    snap_m : float
        Snapping distance in metres.

    Raises
    ------
    CRSError
        If ``lines`` is not in a metric CRS.

    Examples
    --------
    >>> cross = [shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(50, -50), (50, 50)])]
    >>> build_network(GeoDataFrame(geometry=cross, crs=4546)).simplified_counts()
    (5, 4, 1)
    """
    require_metric(lines, "network lines")
    shapes, row = shapely.get_parts(lines.geometry.to_numpy(), return_index=True)
    shapes, row = shapes[shapely.length(shapes) > 0], row[shapely.length(shapes) > 0]
    level = _levels(lines)
    pieces, source, tier = _noded(shapes, row, level[row])
    pieces, source = _split_at_loose_ends(pieces, source, tier, snap_m)
    start, end, nodes = _snapped_nodes(pieces, snap_m)
    length = shapely.length(pieces)
    columns = {"row": source, "start": start, "end": end, "length_m": length}
    edges = GeoDataFrame(columns, geometry=pieces, crs=lines.crs)
    edges.insert(3, "component", _components(start, end, length, nodes))
    return Network(edges, nodes)


def _levels(lines: GeoDataFrame) -> Ints:
    """Layer of every line; one without a layer lies on the ground (0)."""
    if "layer" not in lines:
        return np.zeros(len(lines), np.int64)
    return np.asarray(lines["layer"].astype("Float64").fillna(0), dtype=np.int64)


def _noded(shapes: Geometries, row: Ints, level: Ints) -> tuple[Geometries, Ints, Ints]:
    """Lines of each level cut at their crossings, with the row they came from and their level."""
    pieces, source, tier = [np.empty(0, object)], [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for value in np.unique(level):
        mine = np.flatnonzero(level == value)
        cut = shapely.get_parts(shapely.union_all(shapes[mine]))
        cut = cut[shapely.length(cut) > 0]
        middle = shapely.line_interpolate_point(cut, 0.5, normalized=True)
        nearest = shapely.STRtree(shapes[mine]).nearest(middle)
        pieces.append(cut)
        source.append(row[mine[nearest]])
        tier.append(np.full(len(cut), value))
    return np.concatenate(pieces), np.concatenate(source), np.concatenate(tier)


def _ends(pieces: Geometries) -> Geometries:
    """Start points of all edges, then their end points."""
    ends: Geometries = np.concatenate([shapely.get_point(pieces, 0), shapely.get_point(pieces, -1)])
    return ends


def _exact_nodes(pieces: Geometries) -> tuple[Ints, Ints]:
    """Node number of every end (starts, then ends), and how many ends each end's node has."""
    places = shapely.get_coordinates(_ends(pieces)).round(_SAME_PLACE_DECIMALS)
    if len(places) == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    _, number, count = np.unique(places, axis=0, return_inverse=True, return_counts=True)
    return number.ravel().astype(np.int64), count[number.ravel()].astype(np.int64)


def _split_at_loose_ends(
    pieces: Geometries, source: Ints, tier: Ints, snap_m: float
) -> tuple[Geometries, Ints]:
    """Edges cut where the loose end of another edge of the same level comes within ``snap_m``.

    One of another level, the foot of a bridge, must lie on the edge itself. An end of the edge that is
    within ``snap_m`` is joined by :func:`_snapped_nodes` without a cut.
    """
    ends, owner = _ends(pieces), np.tile(np.arange(len(pieces)), 2)
    loose = np.flatnonzero(_exact_nodes(pieces)[1] == 1)
    which, edge = shapely.STRtree(pieces).query(ends[loose], predicate="dwithin", distance=snap_m)
    point = loose[which]
    on_edge = shapely.distance(ends[point], pieces[edge]) <= _TOUCHING_M
    keep = (owner[point] != edge) & ((tier[owner[point]] == tier[edge]) | on_edge)
    point, edge = point[keep], edge[keep]
    along = shapely.line_locate_point(pieces[edge], ends[point])
    to_start, to_end = (shapely.distance(ends[point], ends[edge + side * len(pieces)]) for side in (0, 1))
    inner = (to_start > snap_m) & (to_end > snap_m) & (along > 0) & (along < shapely.length(pieces[edge]))
    stops: dict[int, set[float]] = {}
    for number, place in zip(edge[inner].tolist(), along[inner].tolist(), strict=True):
        stops.setdefault(number, set()).add(place)
    parts = [part for number, places in stops.items() for part in _cut(pieces[number], places)]
    origin = [source[number] for number, places in stops.items() for _ in range(len(places) + 1)]
    whole = np.setdiff1d(np.arange(len(pieces)), list(stops))
    split = np.array(parts, dtype=object)
    return np.concatenate([pieces[whole], split]), np.concatenate([source[whole], np.array(origin, np.int64)])


def _cut(line: Any, places: set[float]) -> list[Any]:
    stops = [0.0, *sorted(places), line.length]
    return [substring(line, a, b) for a, b in pairwise(stops)]


def _snapped_nodes(pieces: Geometries, snap_m: float) -> tuple[Ints, Ints, int]:
    """Node numbers of the start and end of every edge, and their count.

    A loose end takes the node of every end within ``snap_m``, save the other end of its own edge.
    """
    ends, edges = _ends(pieces), len(pieces)
    number, degree = _exact_nodes(pieces)
    loose = np.flatnonzero(degree == 1)
    which, near = shapely.STRtree(ends).query(ends[loose], predicate="dwithin", distance=snap_m)
    point = loose[which]
    keep = number[near] != number[(point + edges) % (2 * edges)] if edges else np.empty(0, bool)
    nodes = int(number.max()) + 1 if len(number) else 0
    label = _labels(number[point[keep]], number[near[keep]], nodes)
    return label[number[:edges]], label[number[edges:]], int(label.max()) + 1 if nodes else 0


def _labels(one: Ints, two: Ints, count: int) -> Ints:
    """Component number of each of ``count`` things, of which ``one`` and ``two`` are joined."""
    graph = coo_array((np.ones(len(one), bool), (one, two)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _components(start: Ints, end: Ints, length: Lengths, nodes: int) -> Ints:
    """Component number of every edge; 1 is the longest."""
    if nodes == 0:
        return np.empty(0, np.int64)
    label = _labels(start, end, nodes)[start]
    total = np.bincount(label, weights=length)
    rank = np.empty(len(total), np.int64)
    rank[np.argsort(-total, kind="stable")] = np.arange(1, len(total) + 1)
    return rank[label]
