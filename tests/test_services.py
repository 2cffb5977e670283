import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plane import NEIGHBOUR_ZONE, frame, line, refused, shuffled
from shapely import Point, box
from shapely.affinity import rotate

from qinshui_geo.errors import CRSError
from qinshui_geo.indicators.services import charging_coverage, eldercare_coverage

ROAD = frame([line((0, 0), (4000, 0))], kind=["primary"])
STATION = frame([Point(0, 0)], kind=["charging_station"])
TOWNS = frame([box(0, 0, 100, 100), box(100, 0, 200, 100), box(200, 0, 300, 100), box(300, 0, 400, 100)])


def test_a_kilometre_of_four_is_covered() -> None:
    measured = charging_coverage(ROAD, STATION)
    assert measured.quantity is not None
    assert (measured.quantity.value, measured.quantity.unit) == (pytest.approx(25), "percent")
    assert measured.numerator is not None
    assert measured.denominator is not None
    assert (measured.numerator.value, measured.denominator.value) == (pytest.approx(1), pytest.approx(4))
    assert charging_coverage(ROAD, STATION, reach_m=500).quantity.value == pytest.approx(12.5)


@pytest.mark.parametrize("degrees", [0, 10, 30, 45, 75])
def test_the_reach_is_round(degrees: int) -> None:
    road = frame([rotate(line((-2000, 0), (2000, 0)), degrees)], kind=["primary"])
    assert charging_coverage(road, STATION).quantity.value == pytest.approx(50, rel=1e-3)


def test_reaches_that_overlap_count_once_and_so_do_roads_drawn_twice() -> None:
    pois = frame([Point(0, 0), Point(500, 0), Point(500, 0)], kind=["charging_station"] * 3)
    assert charging_coverage(ROAD, pois).quantity.value == pytest.approx(37.5)
    roads = frame([line((0, 0), (4000, 0)), line((3000, 0), (0, 0))], kind=["primary", "secondary"])
    twice = charging_coverage(roads, pois)
    assert twice.quantity.value == pytest.approx(37.5)
    assert twice.denominator.value == pytest.approx(4)


def test_side_streets_and_other_points_do_not_count() -> None:
    roads = frame([line((0, 0), (4000, 0)), line((0, 5), (1000, 5))], kind=["primary", "residential"])
    pois = frame([Point(0, 0), Point(3000, 0)], kind=["charging_station", "parking"])
    assert charging_coverage(roads, pois).quantity.value == pytest.approx(25)


@pytest.mark.parametrize(
    ("roads", "pois"),
    [
        (frame([], kind=[]), STATION),
        (ROAD, frame([], kind=[])),
        (frame([line((0, 0), (9, 0))], kind=["residential"]), STATION),
        (ROAD, frame([Point(0, 0)], kind=["parking"])),
        (ROAD, frame([Point(0, 0)], kind=[None])),
    ],
)
def test_an_empty_map_is_no_proof_of_no_charging(roads: object, pois: object) -> None:
    measured = charging_coverage(roads, pois)
    assert measured.quantity is None
    assert "charging_coverage in the statistics" in measured.notes[0].en


def test_a_station_out_of_reach_is_a_measured_zero() -> None:
    far = frame([Point(0, 5000)], kind=["charging_station"])
    assert charging_coverage(ROAD, far).quantity.value == 0


def test_three_of_four_townships_have_an_eldercare_home() -> None:
    pois = frame([Point(50, 50), Point(60, 50), Point(150, 50), Point(350, 1), Point(250, 50), Point(900, 9)],
                 kind=["eldercare"] * 4 + ["school", "eldercare"])  # fmt: skip
    for towns in (TOWNS, TOWNS.set_axis([5, 5, 6, 6])):
        measured = eldercare_coverage(towns, pois)
        assert measured.quantity.value == pytest.approx(75)
        assert (measured.numerator.value, measured.denominator.value) == (3, 4)
        assert measured.features["eldercare"].tolist() == [True, True, False, True]
    assert "eldercare" not in TOWNS


def test_a_home_on_the_common_boundary_serves_both_sides() -> None:
    measured = eldercare_coverage(TOWNS, frame([Point(100, 50)], kind=["eldercare"]))
    assert measured.features["eldercare"].tolist() == [True, True, False, False]


def test_without_townships_or_any_home_there_is_no_figure() -> None:
    home = frame([Point(5, 5)], kind=["eldercare"])
    for towns, pois in (
        (frame([]), home),
        (TOWNS, frame([], kind=[])),
        (TOWNS, frame([Point(1, 1)], kind=["school"])),
    ):
        measured = eldercare_coverage(towns, pois)
        assert measured.quantity is None
        assert "townships" in measured.notes[0].en


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.integers(-500, 4500), st.integers(-1500, 1500)), min_size=1, max_size=6),
       st.integers(0, 9))  # fmt: skip
def test_another_station_never_lowers_the_coverage_and_order_does_not_matter(places: list, seed: int) -> None:
    pois = frame([Point(p) for p in places], kind=["charging_station"] * len(places))
    shares = [charging_coverage(ROAD, pois.iloc[: n + 1]).quantity.value for n in range(len(pois))]
    assert all(0 <= share <= 100 + 1e-9 for share in shares)
    assert all(after >= before - 1e-9 for before, after in itertools.pairwise(shares))
    assert charging_coverage(ROAD, shuffled(pois, seed)).quantity.value == pytest.approx(shares[-1])


def test_wrong_crs_is_refused() -> None:
    roads, points = list(ROAD.geometry), list(STATION.geometry)
    assert refused(lambda crs: charging_coverage(frame(roads, crs, kind=["primary"]), STATION), "streets")
    assert refused(lambda crs: charging_coverage(ROAD, frame(points, crs, kind=["charging_station"])), "pois")
    assert refused(lambda crs: eldercare_coverage(frame([box(0, 0, 1, 1)], crs), STATION), "townships")
    with pytest.raises(CRSError, match="different CRS"):
        charging_coverage(ROAD, STATION.to_crs(NEIGHBOUR_ZONE))
