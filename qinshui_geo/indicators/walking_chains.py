"""Merges the segments of a network between two junctions into one line: fewer nodes to search."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Geometries = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]

_LINE = 1
"""Number of the type LineString in shapely."""


class Chains(NamedTuple):
    """Lines between junctions, ends of ways and changes of level.

    Parameters
    ----------
    lines : ndarray of LineString of shape (n,)
        One a chain, drawn from ``start`` to ``end``.
    start, end : ndarray of int of shape (n,)
        Node numbers, as those of the segments.
    level : ndarray of int of shape (n,)
        Level of its segments, which is one.
    """

    lines: Geometries
    start: Ints
    end: Ints
    level: Ints


def straight_parts(lines: Geometries) -> npt.NDArray[np.float64]:
    """Ends of the straight segments of lines.

    Returns
    -------
    ndarray of shape (m, 2, 2)
        Segment, its two ends, east and north.

    Examples
    --------
    >>> straight_parts(shapely.linestrings([[(0, 0), (5, 0), (5, 5)]])).tolist()
    [[[0.0, 0.0], [5.0, 0.0]], [[5.0, 0.0], [5.0, 5.0]]]
    """
    places, line = shapely.get_coordinates(lines, return_index=True)
    within = line[1:] == line[:-1]
    return np.stack([places[:-1][within], places[1:][within]], axis=1)


def chains(segments: Geometries, start: Ints, end: Ints, level: Ints) -> Chains:
    """Merge segments that meet, two and no more, in a node, on one level and in one place.

    Parameters
    ----------
    segments : ndarray of LineString of shape (m,)
        Straight segments.
    start, end : ndarray of int of shape (m,)
        Numbers of the nodes at their ends; a node may stand for places a little apart, where a loose
        end was joined, and is then kept.
    level : ndarray of int of shape (m,)
        Segments of different levels are not merged.

    Examples
    --------
    >>> bent = shapely.linestrings([[(0, 0), (5, 0)], [(5, 5), (5, 0)], [(9, 9), (5, 5)]])
    >>> one = chains(bent, np.array([0, 2, 3]), np.array([1, 1, 2]), np.zeros(3, int))
    >>> sorted([int(one.start[0]), int(one.end[0])]), shapely.length(one.lines).round(1).tolist()
    ([0, 3], [15.7])
    """
    if len(segments) == 0:
        return Chains(segments, start, end, level)
    label = _without_rings(_labels(segments, start, end, level), start, end)
    broken = np.flatnonzero(shapely.get_type_id(_merged(segments, label)) != _LINE)
    label = _taken_apart(label, np.isin(label, broken))  # it goes back on itself, or has no length
    lines, first = _merged(segments, label), np.unique(label, return_index=True)[1]
    begins, ends = _directed(lines, *_terminals(label, start, end), _places(segments, start, end))
    return Chains(lines, begins, ends, level[first])


def _merged(segments: Geometries, label: Ints) -> Geometries:
    """The segments of every chain as one line; a single one stays as it is."""
    order = np.argsort(label, kind="stable")
    _, first, count = np.unique(label, return_index=True, return_counts=True)
    gathered = shapely.multilinestrings(segments[order], indices=label[order])
    merged: Geometries = np.asarray(shapely.line_merge(gathered), dtype=object)
    merged[count == 1] = segments[first[count == 1]]
    return merged


def _labels(segments: Geometries, start: Ints, end: Ints, level: Ints) -> Ints:
    """Number of the chain of every segment."""
    node = np.concatenate([start, end])
    segment = np.tile(np.arange(len(segments)), 2)
    places = np.concatenate([shapely.get_coordinates(shapely.get_point(segments, i)) for i in (0, -1)])
    order = np.argsort(node, kind="stable")
    node, segment, places = node[order], segment[order], places[order]
    alone = np.bincount(node)[node] == 2
    one, two = np.flatnonzero(alone)[::2], np.flatnonzero(alone)[1::2]
    same_place = np.abs(places[one] - places[two]).max(axis=1) == 0
    same = same_place & (level[segment[one]] == level[segment[two]])
    pairs = segment[one[same]], segment[two[same]]
    graph = coo_array((np.ones(len(pairs[0]), bool), pairs), shape=(len(segments),) * 2)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _without_rings(label: Ints, start: Ints, end: Ints) -> Ints:
    """The labels, rings taken apart: a ring has no end to tell it by."""
    rings = np.setdiff1d(label, _free_ends(label, start, end)[0])
    return _taken_apart(label, np.isin(label, rings))


def _taken_apart(label: Ints, chosen: npt.NDArray[np.bool_]) -> Ints:
    """The labels renumbered, each of the chosen segments with one of its own."""
    apart = label.copy()
    apart[chosen] = label.max() + 1 + np.arange(int(chosen.sum()))
    return np.asarray(np.unique(apart, return_inverse=True)[1], dtype=np.int64).ravel()


def _free_ends(label: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Chain and node of every end of a chain: the nodes that only one of its segments has."""
    chain, node = np.tile(label, 2), np.concatenate([start, end])
    order = np.lexsort((node, chain))
    chain, node = chain[order], node[order]
    alike = (chain[1:] == chain[:-1]) & (node[1:] == node[:-1])
    twice = np.concatenate([alike, [False]]) | np.concatenate([[False], alike])
    return chain[~twice], node[~twice]


def _terminals(label: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """The two nodes at which each chain ends; of a segment that is its own ring, its one node twice."""
    first = np.unique(label, return_index=True)[1]
    begins, ends = start[first].copy(), end[first].copy()
    chain, node = _free_ends(label, start, end)
    begins[chain[::2]], ends[chain[1::2]] = node[::2], node[1::2]
    return begins, ends


def _places(segments: Geometries, start: Ints, end: Ints) -> npt.NDArray[np.float64]:
    """A place of every node."""
    places = np.zeros((int(max(start.max(), end.max())) + 1, 2))
    for numbers, index in ((start, 0), (end, -1)):
        places[numbers] = shapely.get_coordinates(shapely.get_point(segments, index))
    return places


def _directed(
    lines: Geometries, begins: Ints, ends: Ints, places: npt.NDArray[np.float64]
) -> tuple[Ints, Ints]:
    """The nodes swapped where the line was merged the other way round."""
    head = shapely.get_coordinates(shapely.get_point(lines, 0))
    to_begin, to_end = (np.abs(head - places[nodes]).sum(axis=1) for nodes in (begins, ends))
    turned = to_end < to_begin
    return np.where(turned, ends, begins), np.where(turned, begins, ends)
