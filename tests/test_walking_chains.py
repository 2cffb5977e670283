"""Segments between two junctions become one line: what may be merged, and that nothing is lost."""

import geopandas as gpd
import networkx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from qinshui_geo.indicators.walking import walking_network
from qinshui_geo.indicators.walking_chains import Chains, chains, straight_parts


def chained(ends: list, nodes: list, level: list | None = None) -> Chains:
    start, end = np.array(nodes, dtype=np.int64).reshape(-1, 2).T
    levels = np.array(level or [0] * len(ends), dtype=np.int64)
    return chains(shapely.linestrings(ends), start, end, levels)


def told(found: Chains) -> list:
    """Ends and length of every chain, whichever way it is drawn."""
    ends = (sorted(pair) for pair in zip(found.start.tolist(), found.end.tolist(), strict=True))
    return sorted(zip(ends, shapely.length(found.lines).tolist(), strict=True))


def test_a_bent_way_is_one_line_and_a_junction_ends_it() -> None:
    way = [[(0, 0), (3, 0)], [(3, 0), (3, 4)], [(3, 4), (9, 4)], [(3, 4), (3, 9)]]
    assert told(chained(way, [[0, 1], [1, 2], [2, 3], [2, 4]])) == [
        ([0, 2], 7.0),
        ([2, 3], 6.0),
        ([2, 4], 5.0),
    ]


def test_a_change_of_level_ends_it() -> None:
    way = [[(0, 0), (3, 0)], [(3, 0), (7, 0)]]
    assert told(chained(way, [[0, 1], [1, 2]], level=[0, 1])) == [([0, 1], 3.0), ([1, 2], 4.0)]


def test_a_node_that_stands_for_two_places_ends_it() -> None:
    """A loose end was joined over half a metre: the lines do not touch there."""
    way = [[(0, 0), (3, 0)], [(3.5, 0), (7.5, 0)]]
    assert told(chained(way, [[0, 1], [1, 2]])) == [([0, 1], 3.0), ([1, 2], 4.0)]


def test_a_ring_keeps_its_segments() -> None:
    ring = [[(0, 0), (3, 0)], [(3, 0), (3, 4)], [(3, 4), (0, 0)]]
    alone = chained(ring, [[0, 1], [1, 2], [2, 0]])
    assert told(alone) == [([0, 1], 3.0), ([0, 2], 5.0), ([1, 2], 4.0)]
    with_tail = chained([*ring, [(0, 0), (0, -9)]], [[0, 1], [1, 2], [2, 0], [0, 3]])
    assert told(with_tail) == [*told(alone)[:2], ([0, 3], 9.0), ([1, 2], 4.0)]


def test_a_line_is_drawn_from_its_start_to_its_end() -> None:
    found = chained([[(5, 0), (0, 0)], [(9, 0), (5, 0)]], [[1, 0], [2, 1]])
    places = {0: (0.0, 0.0), 2: (9.0, 0.0)}
    assert [places[int(found.start[0])], places[int(found.end[0])]] == [
        found.lines[0].coords[0], found.lines[0].coords[-1],
    ]  # fmt: skip


def test_nothing_gives_nothing() -> None:
    empty = chains(np.empty(0, object), *(np.empty(0, np.int64) for _ in range(3)))
    assert [len(part) for part in empty] == [0, 0, 0, 0]
    assert straight_parts(np.empty(0, object)).shape == (0, 2, 2)


corners = st.tuples(st.integers(0, 6), st.integers(0, 6))
ways = st.lists(st.lists(corners, min_size=2, max_size=6, unique=True), min_size=1, max_size=8)


@settings(max_examples=40, deadline=None)
@given(ways)
def test_length_and_what_hangs_together_are_kept(drawn: list) -> None:
    shapes = [shapely.LineString(np.array(way) * 100.0) for way in drawn]
    network = walking_network(gpd.GeoDataFrame(geometry=shapes, crs=4546))
    noded = straight_parts(shapely.get_parts(shapely.union_all(shapes)))
    plain = networkx.Graph((tuple(one), tuple(two)) for one, two in noded.round(3).tolist())
    merged = networkx.MultiGraph(zip(network.start.tolist(), network.end.tolist(), strict=True))
    assert network.length_m.sum() == pytest.approx(np.hypot(*(noded[:, 1] - noded[:, 0]).T).sum())
    assert np.allclose(network.length_m, shapely.length(network.lines))
    assert sorted(merged) == list(range(network.nodes))
    assert networkx.number_connected_components(merged) == networkx.number_connected_components(plain)
    junctions = {place for place, degree in plain.degree if degree != 2}
    ends = shapely.get_coordinates([shapely.get_point(network.lines, end) for end in (0, -1)])
    assert junctions <= {tuple(place) for place in ends.round(3).tolist()}
