"""Walking: joined streets, entrances, and distances beside networkx run plainly."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from plane import line, paths, refused, shuffled
from shapely import box

from qinshui_geo.indicators.park_entrances import park_entrances
from qinshui_geo.indicators.walking import WalkingNetwork, walkable, walking_distance, walking_network


def metres(lines, sources, targets, **options) -> list[float]:
    network = lines if isinstance(lines, WalkingNetwork) else walking_network(lines)
    found = walking_distance(network, shapely.points(sources), shapely.points(targets), **options)
    return found.round(6).tolist()


CROSS = paths([line((-500, 0), (500, 0)), line((0, -500), (0, 500))])


def test_a_crossing_of_one_level_is_a_junction() -> None:
    assert metres(CROSS, [(300, 0)], [(0, 400)]) == [700]


@pytest.mark.parametrize(
    ("columns", "metres_to_street"),
    [({}, 700), ({"layer": [0, 0, 1, 0]}, np.inf), ({"bridge": [None, None, True, None]}, np.inf),
     ({"tunnel": [False, False, True, False]}, np.inf), ({"layer": [None, None, -2, None]}, np.inf)],
)  # fmt: skip
def test_a_bridge_or_tunnel_is_left_at_its_ends_only(columns: dict, metres_to_street: float) -> None:
    over = [line((0, -300), (0, -100)), line((0, -100), (0, 100)), line((0, 100), (0, 300))]
    streets = paths([line((-400, 0), (400, 0)), *over], **columns)
    assert metres(streets, [(0, -300)], [(0, 300), (400, 0)]) == [600, metres_to_street]


def test_a_bridge_may_land_in_the_middle_of_a_street() -> None:
    streets = paths([line((-400, 0), (0, 0), (400, 0)), line((0, 0), (0, 200)), line((0, 200), (0, 300))],
                    layer=[0, 1, 0])  # fmt: skip
    assert metres(streets, [(0, 300)], [(400, 0)]) == [700]


def test_ways_to_and_from_the_network_are_walked_too() -> None:
    assert metres(CROSS, [(100, 30)], [(100, 30), (400, -20)]) == [60, 30 + 300 + 20]


def test_source_and_target_on_one_long_segment_take_the_way_between_them() -> None:
    street, homes = paths([line((0, 0), (1000, 0))]), [(480, 0), (650, 0), (1000, 0)]
    assert metres(street, [(400, 0), (900, 0)], homes) == [80, 250, 100]


def test_sources_right_on_a_node_and_twice_in_one_place() -> None:
    assert metres(CROSS, [(0, 0), (0, 0), (500, 0)], [(0, 0), (200, 0), (400, 0)]) == [0, 200, 100]


def test_lines_drawn_twice_are_no_longer_for_it() -> None:
    twice = paths([line((0, 0), (300, 0)), line((300, 0), (0, 0)), line((0, 0), (300, 0))], layer=[0, 0, 1])
    assert metres(twice, [(0, 0)], [(300, 0)]) == [300]


def test_unreached_is_infinite_and_never_the_limit() -> None:
    apart = paths([line((0, 0), (1000, 0)), line((0, 5000), (1000, 5000))])
    assert metres(apart, [(0, 0)], [(500, 0), (501, 0), (0, 5000)], limit_m=500) == [500, np.inf, np.inf]
    assert metres(apart, [(0, 0)], [(501, 0), (0, 5000)]) == [501, np.inf]
    assert metres(apart, np.empty((0, 2)), [(0, 0)]) == [np.inf]
    assert metres(paths([]), [(0, 0)], [(0, 0), (1, 1)]) == [np.inf, np.inf]
    assert metres(apart, [(0, 0)], np.empty((0, 2))) == []


@pytest.mark.parametrize(("gap_m", "reached"), [(0.9, True), (1.1, False)])
def test_a_gap_of_drawing_error_is_closed(gap_m: float, reached: bool) -> None:
    streets = paths([line((0, 0), (400, 0)), line((200, gap_m), (200, 300))])
    assert np.isfinite(metres(streets, [(0, 0)], [(200, 300)])) == [reached]


def test_what_is_closed_to_walkers_is_left_out() -> None:
    kinds = ["motorway", "motorway_link", "trunk", "residential", "busway"]
    streets = paths([line((0, i), (9, i)) for i in range(5)], kind=kinds)
    ways = paths([line((0, i), (9, i)) for i in range(5, 9)], access=["private", "no", None, "permissive"])
    assert walkable(streets, ways)["kind"].tolist() == ["trunk", "residential", "path", "path"]
    assert len(walkable(streets, paths([]))) == 2


def test_wrong_crs_is_refused_and_inputs_are_left() -> None:
    assert refused(lambda crs: walking_network(CROSS.set_crs(crs, allow_override=True)), "streets and paths")
    before = CROSS.copy(deep=True)
    walking_network(walkable(CROSS, CROSS))
    assert CROSS.equals(before)


# ---- entrances

PARK = box(0, 0, 200, 200)


def entrances(lines, parks=(PARK,)) -> list[tuple[float, float]]:
    points, _ = park_entrances(np.array(parks, dtype=object), walking_network(lines))
    return sorted({(round(x, 2), round(y, 2)) for x, y in shapely.get_coordinates(points)})


def test_paths_across_the_edge_lead_in() -> None:
    assert entrances(paths([line((-100, 50), (100, 50)), line((100, 50), (100, 300))])) == [
        (0, 50),
        (100, 200),
    ]


@pytest.mark.parametrize(("gap_m", "leads_in"), [(0, True), (1.9, True), (2.1, False)])
def test_a_path_that_ends_at_the_edge_leads_in(gap_m: float, leads_in: bool) -> None:
    across = line((100, -50), (100, 50))
    found = entrances(paths([line((-100, 50), (-gap_m, 50)), across]))
    assert ((-gap_m, 50) in found) == leads_in
    assert (100, 0) in found


def test_a_bridge_over_the_park_does_not_lead_in() -> None:
    over = [line((-100, 50), (300, 50)), line((150, -100), (150, 100))]
    assert entrances(paths(over)) == [(0, 50), (150, 0), (200, 50)]
    assert entrances(paths(over, bridge=[True, False])) == [(150, 0)]


def test_a_park_without_entrances_has_points_of_its_edge() -> None:
    along = entrances(paths([line((-100, -20), (300, -20))]))
    assert {y for _, y in along} == {0}  # the side towards the street
    assert {x for x, _ in along} == {25 * i for i in range(9)}
    far = entrances(paths([line((-100, -90), (80, -90))]))
    assert len(far) == 1 and far[0][1] == 0  # none in reach: the nearest


def test_every_park_has_an_entrance_of_its_own() -> None:
    parks = np.array([PARK, box(1000, 0, 1100, 100), shapely.Polygon()], dtype=object)
    points, park = park_entrances(parks, walking_network(paths([line((-100, 50), (100, 50))])))
    assert sorted(set(park.tolist())) == [0, 1]
    assert shapely.distance(points, shapely.boundary(parks[park])).max() < 0.01
    assert len(park_entrances(parks, walking_network(paths([])))[0]) == 0


# ---- the oracle: networkx on the same streets


def lattice(rng: np.random.Generator, count: int = 12) -> list:
    """Streets of a bent lattice, some missing, noded by hand: every line runs from node to node."""
    places = np.stack(np.meshgrid(*[np.arange(count) * 90.0] * 2), axis=-1) + rng.uniform(
        -30, 30, (count,) * 2 + (2,)
    )
    streets = [line(places[i, j], places[i, j + 1]) for i in range(count) for j in range(count - 1)]
    streets += [line(places[i, j], places[i + 1, j]) for i in range(count - 1) for j in range(count)]
    return [street for street in streets if rng.random() > 0.25]


def by_networkx(nx: Any, streets: list, gates: np.ndarray, homes: np.ndarray) -> np.ndarray:
    """Metres by plain multi-source Dijkstra; every gate and home is first put on its street by hand."""
    stops: dict[int, list] = {}
    for key, points in (("gate", gates), ("home", homes)):
        for number, point in enumerate(shapely.points(points)):
            nearest = min(range(len(streets)), key=lambda s: streets[s].distance(point))
            place = streets[nearest].project(point)
            stops.setdefault(nearest, []).append((place, (key, number), streets[nearest].distance(point)))
    graph = nx.Graph()
    for number, street in enumerate(streets):
        first, last = ((round(x, 6), round(y, 6)) for x, y in street.coords)
        chain = [
            (0.0, first),
            *sorted((p, ("on", *k)) for p, k, _ in stops.get(number, [])),
            (street.length, last),
        ]
        for (a, one), (b, two) in pairwise(chain):
            graph.add_edge(one, two, weight=b - a)
        for _, key, away in stops.get(number, []):
            graph.add_edge(key, ("on", *key), weight=away)
    found = nx.multi_source_dijkstra_path_length(graph, {("gate", g) for g in range(len(gates))})
    return np.array([found.get(("home", home), np.inf) for home in range(len(homes))])


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10_000))
def test_distances_are_those_of_networkx(seed: int) -> None:
    nx = pytest.importorskip("networkx", reason="the oracle of walking distances")
    rng = np.random.default_rng(seed)
    streets = lattice(rng)
    gates, homes = rng.uniform(-50, 1050, (6, 2)), rng.uniform(-50, 1050, (120, 2))
    expected = by_networkx(nx, streets, gates, homes)
    network = walking_network(shuffled(paths(streets), seed), snap_m=1e-9)
    found = walking_distance(network, shapely.points(gates), shapely.points(homes))
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.02)
    within = walking_distance(network, shapely.points(gates), shapely.points(homes), limit_m=500)
    clear = np.abs(expected - 500) > 0.02
    assert (np.isfinite(within) == (expected <= 500))[clear].all()
