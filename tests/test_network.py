from collections.abc import Iterable
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from plane import NEIGHBOUR_ZONE, SEAT_EASTING, SEAT_NORTHING, frame, line, refused, shuffled

from qinshui_geo.indicators.network import Network, build_network
from qinshui_geo.sources.osm import read_osm

SQUARE = [
    line((0, 0), (100, 0)),
    line((100, 0), (100, 100)),
    line((100, 100), (0, 100)),
    line((0, 100), (0, 0)),
]
DIAGONAL = line((0, 0), (100, 100))


def counts(shapes: Iterable, **options) -> tuple[int, int, int]:
    columns = {"layer": options.pop("layer")} if "layer" in options else {}
    return build_network(frame(shapes, **columns), **options).simplified_counts()


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ([line((0, 0), (100, 0))], (2, 1, 1)),
        ([line((0, 0), (100, 0)), line((100, 0), (200, 0))], (2, 1, 1)),
        ([line((0, 0), (50, 50), (100, 0))], (2, 1, 1)),
        (SQUARE, (1, 1, 1)),
        ([line((0, 0), (100, 0), (100, 100), (0, 100), (0, 0))], (1, 1, 1)),
        ([*SQUARE, DIAGONAL], (2, 3, 1)),
        ([*SQUARE, DIAGONAL, line((0, 100), (100, 0))], (5, 8, 1)),
        ([*SQUARE, line((100, 50), (300, 50))], (2, 2, 1)),
        ([*SQUARE, line((500, 0), (600, 0))], (3, 2, 2)),
        ([line((0, 0), (100, 0)), line((50, 0), (50, 90))], (4, 3, 1)),
        ([line((0, 0), (100, 100)), line((0, 100), (100, 0))], (5, 4, 1)),
        ([line((0, 0), (100, 100), (100, 0), (0, 100))], (3, 3, 1)),
        ([line((0, 0), (100, 0)), line((0, 0), (100, 0)), line((100, 0), (0, 0))], (2, 1, 1)),
        ([line((0, 0), (100, 0)), line((50, 0), (200, 0))], (2, 1, 1)),
        ([shapely.MultiLineString([[(0, 0), (9, 0)], [(9, 0), (9, 8)], [(50, 0), (60, 0)]])], (4, 2, 2)),
    ],
    ids=["one line", "two in a row", "bend", "square of four", "ring", "square with diagonal",
         "square with both diagonals", "ring with a tail", "ring and a line", "T", "cross",
         "crosses itself", "drawn three times", "partly drawn twice", "multi"],
)  # fmt: skip
def test_vertices_edges_and_components(shapes: list, expected: tuple[int, int, int]) -> None:
    assert counts(shapes) == expected


@pytest.mark.parametrize(("gap_m", "components"), [(0, 1), (9, 1), (10, 1), (11, 2)])
def test_gaps_up_to_the_snapping_distance_are_closed(gap_m: float, components: int) -> None:
    row = [line((0, 0), (100, 0)), line((100 + gap_m, 0), (300, 0))]
    assert counts(row)[2] == components
    junction = [line((0, 0), (100, 0)), line((50, gap_m), (50, 100))]
    assert counts(junction)[2] == components
    assert counts(junction)[:2] == (4, 3 if components == 1 else 2)


def test_an_end_near_a_line_close_to_its_end_but_not_to_the_end_itself_is_joined() -> None:
    assert counts([line((0, 0), (100, 0)), line((3, 9.8), (3, 100))])[2] == 1  # 10.2 m from the end
    assert counts([line((0, 0), (100, 0)), line((-3, 9.8), (-3, 100))])[2] == 2  # beyond the end


def test_lines_side_by_side_are_not_joined_along_the_way() -> None:
    assert counts([line((0, 0), (300, 0)), line((50, 5), (250, 5))])[2] == 1  # its ends are loose and near
    assert (
        counts([line((0, 0), (300, 0)), line((-50, 50), (150, 5), (350, 50))])[2] == 2
    )  # only its middle is


def test_a_bridge_does_not_meet_the_path_below() -> None:
    crossing = [line((0, 50), (100, 50)), line((50, 0), (50, 100))]
    assert counts(crossing) == (5, 4, 1)
    assert counts(crossing, layer=[0, 1]) == (4, 2, 2)
    assert counts(crossing, layer=[0, np.nan]) == (5, 4, 1)
    assert counts(crossing, layer=[-1, 0]) == (4, 2, 2)


def test_a_bridge_is_joined_where_it_begins() -> None:
    approach = [line((0, 0), (50, 0)), line((50, 0), (90, 0)), line((90, 0), (200, 0))]
    assert counts(approach, layer=[0, 1, 0]) == (2, 1, 1)
    riverside = [line((0, 0), (50, 0), (100, 0)), line((50, 0), (50, 100))]  # begins in mid path
    assert counts(riverside, layer=[0, 1]) == (4, 3, 1)
    beside = [
        line((0, 0), (50, 0), (100, 0)),
        line((50, 5), (50, 100)),
    ]  # ends 5 m before another layer's line
    assert counts(beside, layer=[0, 1])[2] == 2


def test_a_small_gap_in_a_ring_stays_since_an_edge_is_not_snapped_to_itself() -> None:
    assert counts([line((0, 0), (100, 0), (100, 100), (0, 100), (0, 5))]) == (2, 1, 1)


def test_components_are_numbered_by_falling_length_and_rows_are_remembered() -> None:
    network = build_network(
        frame([line((0, 0), (10, 0)), line((500, 0), (600, 0)), line((0, 900), (50, 900))])
    )
    assert dict(zip(network.edges["row"], network.edges["component"], strict=True)) == {0: 3, 1: 1, 2: 2}
    assert network.edges["length_m"].tolist() == network.edges.geometry.length.tolist()
    assert network.nodes == 6


@pytest.mark.parametrize(
    "shapes", [[], [None], [shapely.LineString()], [line((0, 0), (0, 0))], [shapely.Point(1, 1)]]
)
def test_nothing_with_a_length_is_an_empty_network(shapes: list) -> None:
    network = build_network(frame(shapes))
    assert network.simplified_counts() == (0, 0, 0)
    assert network.edges.empty
    assert network.edges.columns.tolist() == ["row", "start", "end", "component", "length_m", "geometry"]


def test_points_left_by_a_cut_are_passed_over() -> None:
    cut = shapely.GeometryCollection([shapely.Point(5, 5), line((0, 0), (100, 0))])
    assert counts([cut, line((100, 0), (200, 0))]) == (2, 1, 1)


def plain_graph(network: Network) -> nx.MultiGraph:
    graph = nx.MultiGraph()
    graph.add_edges_from(zip(network.edges["start"], network.edges["end"], strict=True))
    return graph


def smoothed(graph: nx.MultiGraph) -> tuple[int, int, int]:
    """Counts after degree-2 nodes are merged one by one, the plain way."""
    graph = graph.copy()
    for node in list(graph):
        if graph.degree(node) == 2 and not graph.has_edge(node, node):
            one, two = (end for _, end in graph.edges(node))
            graph.remove_node(node)
            graph.add_edge(one, two)
    return graph.number_of_nodes(), graph.number_of_edges(), nx.number_connected_components(graph)


coordinate = st.integers(0, 12).map(lambda step: 40.0 * step)
ways = st.lists(
    st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=4, unique=True), min_size=1, max_size=9
)


@settings(deadline=None, max_examples=40)
@given(ways, st.integers(0, 9))
def test_counts_agree_with_networkx_in_any_order_and_no_length_is_lost(places: list, seed: int) -> None:
    lines = frame([shapely.LineString(way) for way in places])
    before = lines.to_wkb().geometry.tolist()
    network = build_network(lines, snap_m=3)
    assert network.simplified_counts() == smoothed(plain_graph(network))
    drawn = shapely.length(shapely.union_all(lines.geometry.to_numpy()))
    assert network.edges["length_m"].sum() == pytest.approx(drawn)
    parts = [sum(1 for _ in part) for part in nx.connected_components(plain_graph(network))]
    assert network.edges["component"].nunique() == len(parts)
    again = build_network(shuffled(lines, seed), snap_m=3)
    assert again.simplified_counts() == network.simplified_counts()
    one, other = (n.edges.groupby("component")["length_m"].sum().to_numpy() for n in (network, again))
    assert other == pytest.approx(one)
    assert lines.to_wkb().geometry.tolist() == before


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(*[st.floats(0, 300)] * 4), min_size=1, max_size=8), st.floats(0.5, 30))
def test_snapping_keeps_the_length_and_more_of_it_never_parts(ends: list, snap_m: float) -> None:
    lines = frame([line((a, b), (c, d)) for a, b, c, d in ends])
    drawn = shapely.length(shapely.union_all(lines.geometry.to_numpy()))
    network = build_network(lines, snap_m=snap_m)
    assert network.edges["length_m"].sum() == pytest.approx(drawn)
    assert build_network(lines, snap_m=2 * snap_m).simplified_counts()[2] <= network.simplified_counts()[2]


def test_real_paths_agree_with_networkx(real_data: Path) -> None:
    paths = (
        read_osm(real_data / "helsinki" / "helsinki_centre_20190421.osm.pbf").layers["paths"].to_crs(32635)
    )
    network = build_network(paths)
    assert network.simplified_counts() == smoothed(plain_graph(network))
    drawn = sum(
        shapely.length(shapely.union_all(level.geometry.to_numpy())) for _, level in paths.groupby("layer")
    )
    assert network.edges["length_m"].sum() == pytest.approx(drawn)


def test_the_neighbouring_zone_gives_the_same_network() -> None:
    x, y = SEAT_EASTING, SEAT_NORTHING
    lines = frame([line((x, y), (x + 1000, y)), line((x + 500, y + 9), (x + 500, y + 400))])
    here, there = build_network(lines), build_network(lines.to_crs(NEIGHBOUR_ZONE))
    assert there.simplified_counts() == here.simplified_counts() == (4, 3, 1)
    assert there.edges["length_m"].sum() == pytest.approx(here.edges["length_m"].sum(), rel=1e-3)


def test_wrong_crs_is_refused() -> None:
    assert refused(lambda crs: build_network(frame([line((0, 0), (1, 1))], crs)), "network lines")
