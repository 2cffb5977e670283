"""Service radius of parks: towns whose every share can be worked out by hand."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from plane import (
    NEIGHBOUR_ZONE,
    SEAT_EASTING,
    SEAT_NORTHING,
    frame,
    green,
    grid,
    line,
    paths,
    refused,
    shuffled,
)
from shapely import box

from qinshui_geo.errors import CRSError, LayerError
from qinshui_geo.indicators.park_classes import classify_parks
from qinshui_geo.indicators.service_radius import ServiceRadius, park_service_coverage
from qinshui_geo.indicators.walking import walking_network
from qinshui_geo.measurement import Measurement

TOWN = frame([box(0, 0, 2000, 1000)])
PARK = box(0, 0, 100, 100)


def land(*shapes: shapely.Polygon, **columns):
    usual = {"source_id": [f"h{i}" for i in range(len(shapes))], "name": [None] * len(shapes)}
    return frame(shapes, **{**usual, **columns})


def coverage(parks, homes, **options) -> Measurement:
    classified = classify_parks(green(parks), built_up=TOWN)
    return park_service_coverage(classified, homes, built_up=TOWN, **options)


def percent(parks, homes, **options) -> float:
    measured = coverage(parks, homes, **options)
    assert measured.quantity is not None and measured.quantity.unit == "percent"
    return measured.quantity.value


def test_land_counts_up_to_five_hundred_metres_from_the_parks_boundary() -> None:
    homes = land(box(500, 0, 700, 100))  # 400 to 600 m from the park's edge
    measured = coverage([PARK], homes)
    assert measured.quantity is not None and measured.numerator is not None
    assert measured.quantity.value == pytest.approx(50)
    assert measured.numerator.value == pytest.approx(10_000)


@pytest.mark.parametrize(
    ("area_m2", "metres"), [(1_999, 0), (2_000, 300), (4_999, 300), (5_000, 500), (9_000, 500)]
)
def test_the_radius_goes_by_the_parks_size_at_its_exact_edges(area_m2: float, metres: float) -> None:
    park = box(0, 0, area_m2 / 50, 50)
    east = area_m2 / 50
    homes = land(box(east, 0, east + 1000, 50))  # a ribbon 1 km long, from the park's edge
    assert percent([park], homes) == pytest.approx(metres / 10)


def test_a_size_does_not_slip_below_its_edge_by_rounding() -> None:
    turned = shapely.affinity.rotate(box(500, 400, 550, 500), 33)
    assert turned.area == pytest.approx(5000)
    measured = coverage([turned], land(box(900, 400, 950, 500)))
    assert measured.details["parks_large"].value == 1


def test_sizes_and_distances_are_the_callers() -> None:
    homes = land(box(100, 0, 1100, 100))
    own = ServiceRadius(large_m2=10_001, near_m=100)
    assert percent([PARK], homes, radius=own) == pytest.approx(10)


def test_only_counted_parks_serve_and_only_land_within_the_town_counts() -> None:
    homes = land(box(200, 900, 400, 1100))  # half of it beyond the town's edge
    measured = coverage([box(100, 900, 200, 1000)], homes)
    assert measured.denominator is not None and measured.denominator.value == pytest.approx(20_000)
    private = classify_parks(green([PARK, box(1900, 0, 2000, 100)], access=["private", None]), built_up=TOWN)
    assert park_service_coverage(private, land(box(200, 0, 300, 100)), built_up=TOWN).quantity.value == 0


def test_land_drawn_twice_counts_once() -> None:
    homes = land(box(500, 0, 700, 100), box(500, 0, 600, 100), box(650, 0, 750, 100))
    measured = coverage([PARK], homes)
    assert measured.denominator.value == pytest.approx(25_000)  # 500 to 750 m
    assert measured.quantity.value == pytest.approx(40)
    areas = measured.layers["residential_areas"].sort_values("area_id")
    assert areas["area_ha"].tolist() == pytest.approx([2.0, 0.5])
    assert areas["nearest_park"].tolist() == ["a", "a"]


def test_residents_are_counted_where_they_live() -> None:
    people = np.zeros((10, 20))
    people[9, 5], people[9, 6] = 10, 30  # cells of 100 m: 400-500 m and 500-600 m from the park
    measured = coverage([PARK], land(box(500, 0, 700, 100)), population=grid(people, cell_m=100))
    assert measured.quantity.value == pytest.approx(50)
    assert measured.details["straight_residents"].value == pytest.approx(25)
    assert measured.details["underserved_persons"].value == pytest.approx(30)
    assert "walking_land" not in measured.details
    (row,) = measured.features.to_dict("records")
    assert (row["persons"], row["persons_unserved"]) == pytest.approx((40, 30))


def test_the_underserved_come_first_by_their_persons() -> None:
    people = np.full((10, 20), 1.0)
    people[:, 15:] = 9
    homes = land(
        box(200, 0, 300, 100), box(1000, 0, 1100, 100), box(1500, 0, 1600, 100), box(1200, 0, 1250, 50)
    )
    found = coverage([PARK], homes, population=grid(people, cell_m=100)).layers["residential_areas"]
    assert found["straight_served"].tolist() == [False, False, False, True]
    assert found["persons"].tolist() == pytest.approx([9, 1, 0.25, 1])
    assert found["reason"].iloc[0] == "outside the service radius of every park"
    assert found["walk_served"].isna().all() and found["walk_m"].isna().all()


STREET = paths(
    [line((50, 50), (50, 400), (1900, 400)), line((550, 400), (550, 50)), line((1500, 900), (1900, 900))]
)


def test_the_walk_is_longer_than_the_straight_line() -> None:
    """From the gate at (50, 100) it is 300 m north, 500 m east and 350 m south: 1,150 m to (550, 50)."""
    homes = land(box(500, 0, 600, 100), box(0, 350, 100, 450), box(1600, 850, 1700, 950))
    found = coverage([PARK], homes, network=walking_network(STREET))
    areas = found.layers["residential_areas"].set_index("area_id").sort_index()
    assert areas["straight_served"].tolist() == [True, True, False]
    assert areas["walk_served"].tolist() == [False, True, False]
    assert areas["walk_m"].iloc[0] == pytest.approx(1150)
    assert areas["walk_m"].iloc[1] == pytest.approx(300)
    assert np.isnan(areas["walk_m"].iloc[2])  # the street in the east is cut off: no figure, not the limit
    assert found.details["walking_land"].value == pytest.approx(100 / 3)
    assert areas["reason"].iloc[0] == "within the service radius in a straight line, too far on foot"


def test_shares_on_foot_are_those_of_the_sample_points() -> None:
    """Along a straight street from the gate at x = 100, 25 m points reach 500 m, so half of 0 to 1,000 m."""
    street = paths([line((50, 50), (1900, 50))])
    people = np.zeros((10, 20))
    people[9, 1:6], people[9, 6:11] = 1, 3  # a ribbon 50 m high takes half of each cell
    ribbon = land(box(100, 25, 1100, 75))
    found = coverage([PARK], ribbon, network=walking_network(street), population=grid(people, cell_m=100))
    # rows of points at 37.5 and 62.5 m stand 12.5 m off the street, so those up to 487.5 m east are reached
    reached = sum(12.5 + 25 * i + 12.5 <= 500 for i in range(40)) / 40
    assert found.details["walking_land"].value == pytest.approx(100 * reached)
    assert reached == 20 / 40
    assert found.details["walking_residents"].value == pytest.approx(25)  # 5 of 20
    assert found.details["straight_residents"].value == pytest.approx(25, abs=0.2)


def test_a_lot_smaller_than_the_lattice_is_sampled_too() -> None:
    homes = land(box(101, 46, 105, 50), box(1801, 46, 1805, 50))
    found = coverage([PARK], homes, network=walking_network(paths([line((50, 50), (1900, 50))])))
    areas = found.layers["residential_areas"].sort_values("walk_m")
    assert areas["walk_served"].tolist() == [True, False]
    assert areas["walk_m"].tolist() == pytest.approx([3 + 2, 1703 + 2])


def test_without_land_or_parks_there_is_no_figure_and_a_word_on_what_to_bring() -> None:
    for measured, word in (
        (coverage([PARK], land()), "built_land"),
        (coverage([PARK], land(box(5000, 0, 5100, 100))), "built_land"),
        (coverage([], land(box(500, 0, 700, 100))), "green_areas"),
    ):
        assert measured.quantity is None and measured.confidence is None
        assert any(word in note.en and "bring" in note.en for note in measured.notes)
        assert any("请" in note.zh for note in measured.notes)


def test_parks_that_are_all_too_small_serve_nobody() -> None:
    measured = coverage([box(0, 0, 40, 40)], land(box(50, 0, 150, 100)), network=walking_network(STREET))
    assert measured.quantity.value == 0 and measured.details["walking_land"].value == 0
    assert measured.layers["residential_areas"]["nearest_park"].isna().all()


def test_a_raster_without_persons_gives_no_share_of_residents() -> None:
    empty = grid(np.zeros((10, 20)), cell_m=100)
    measured = coverage(
        [PARK], land(box(500, 0, 700, 100)), population=empty, network=walking_network(STREET)
    )
    assert not {"straight_residents", "walking_residents", "underserved_persons"} & measured.details.keys()


def test_wrong_crs_and_invalid_land_are_refused() -> None:
    parks = classify_parks(green([PARK]), built_up=TOWN)
    homes = land(box(500, 0, 700, 100))
    assert refused(
        lambda crs: park_service_coverage(parks, homes.set_crs(crs, allow_override=True), built_up=TOWN),
        "residential land",
    )
    with pytest.raises(CRSError, match="different CRS"):
        park_service_coverage(parks, homes, built_up=frame([box(0, 0, 9, 9)], NEIGHBOUR_ZONE))
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    with pytest.raises(LayerError, match="residential land, row 0"):
        park_service_coverage(parks, land(bow), built_up=TOWN)


def test_inputs_are_left_as_they_were() -> None:
    homes, parks = (
        land(box(500, 0, 700, 100), box(550, 0, 600, 100)),
        classify_parks(green([PARK]), built_up=TOWN),
    )
    before = homes.copy(deep=True), parks.copy(deep=True)
    people = grid(np.ones((10, 20)), cell_m=100)
    park_service_coverage(parks, homes, built_up=TOWN, population=people, network=walking_network(STREET))
    assert homes.equals(before[0]) and parks.equals(before[1])
    assert (people.values == 1).all()


def test_the_neighbouring_zone_gives_the_same_share_within_a_thousandth() -> None:
    def moved(shape):
        return shapely.affinity.translate(shape, SEAT_EASTING, SEAT_NORTHING)

    town, homes = frame([moved(TOWN.geometry.iloc[0])]), land(moved(box(500, 0, 700, 100)))
    parks = classify_parks(green([moved(PARK)]), built_up=town)
    here = park_service_coverage(parks, homes, built_up=town)
    there = park_service_coverage(
        parks.to_crs(NEIGHBOUR_ZONE), homes.to_crs(NEIGHBOUR_ZONE), built_up=town.to_crs(NEIGHBOUR_ZONE)
    )
    assert there.numerator.value == pytest.approx(here.numerator.value, rel=1e-3)


squares = st.builds(
    lambda x, y, side: box(x, y, x + side, y + side),
    st.integers(0, 1800),
    st.integers(0, 900),
    st.integers(30, 150),
)


@settings(deadline=None, max_examples=10)
@given(st.lists(squares, min_size=1, max_size=5), st.lists(squares, min_size=1, max_size=5), squares)
def test_another_park_never_lowers_the_coverage_and_the_order_does_not_matter(parks, homes, more) -> None:
    blocks = land(*homes)
    few, many = percent(parks, blocks), percent([*parks, more], blocks)
    assert 0 <= few <= many + 1e-6 <= 100 + 1e-5
    assert percent(parks, shuffled(blocks)) == pytest.approx(few)
    walked = coverage(parks, blocks, network=walking_network(STREET))
    assert walked.quantity.value == pytest.approx(few)
    on_foot = walked.layers["residential_areas"]
    assert (on_foot["walk_share_percent"] <= 100).all()
