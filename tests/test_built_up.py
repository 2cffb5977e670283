from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from plane import METRIC, NEIGHBOUR_ZONE, SEAT_EASTING, SEAT_NORTHING, frame, grid, refused, shuffled
from shapely import Point, box

from qinshui_geo.errors import CRSError, LayerError
from qinshui_geo.indicators.built_up import built_up_area, built_up_patches

SEAT = Point(500, 500)
KM = box(0, 0, 1000, 1000)


def area_km2(shapes: list, seat: Point = SEAT, **options: float) -> float:
    quantity = built_up_area(frame(shapes), seat=seat, **options).quantity
    assert quantity is not None
    assert quantity.unit == "km2"
    return quantity.value


@pytest.mark.parametrize(("gap_m", "expected"), [(99, 2.0), (100, 2.0), (101, 1.0)])
def test_a_second_square_joins_up_to_the_linking_distance(gap_m: float, expected: float) -> None:
    assert area_km2([KM, box(1000 + gap_m, 0, 2000 + gap_m, 1000)]) == pytest.approx(expected)


def test_links_chain_from_patch_to_patch() -> None:
    chain = [box(x, 0, x + 1000, 1000) for x in (0, 1090, 2180, 3270)]
    assert area_km2(chain) == pytest.approx(4.0)
    assert area_km2(chain, link_m=50) == pytest.approx(1.0)
    assert area_km2([chain[0], chain[1], chain[3]]) == pytest.approx(2.0)


def test_a_hole_is_filled_and_what_stands_in_it_counts_once() -> None:
    ring = KM.difference(box(300, 300, 700, 700))
    assert area_km2([ring], seat=Point(10, 10)) == pytest.approx(1.0)
    assert area_km2([ring, box(450, 450, 550, 550)], seat=Point(10, 10)) == pytest.approx(1.0)
    far = area_km2([ring, box(450, 450, 550, 550)], seat=Point(10, 10), link_m=50)
    assert far == pytest.approx(1.0)


def test_overlapping_patches_count_once() -> None:
    assert area_km2([KM, box(500, 0, 1500, 1000)]) == pytest.approx(1.5)


@pytest.mark.parametrize(("side_m", "pieces"), [(99, 1), (100, 2)])
def test_a_piece_under_a_hectare_is_dropped_but_still_links(side_m: float, pieces: int) -> None:
    small = box(1050, 0, 1050 + side_m, side_m)
    measured = built_up_area(frame([KM, small]), seat=SEAT)
    assert measured.details["pieces"].value == pieces
    beyond = box(1200, 0, 2200, 1000)
    assert area_km2([KM, small, beyond]) == pytest.approx(2.0 + (side_m == 100) * 0.01)


def test_the_piece_with_the_seat_stays_however_small() -> None:
    measured = built_up_area(frame([box(0, 0, 50, 50), box(90, 0, 290, 200)]), seat=Point(1, 1))
    assert measured.features is not None
    assert measured.features["area_ha"].tolist() == pytest.approx([0.25, 4.0])
    assert measured.features["holds_seat"].tolist() == [True, False]
    assert measured.features["piece"].tolist() == [1, 2]


def test_a_seat_in_no_patch_takes_the_largest_cluster_within_a_kilometre() -> None:
    hamlet, town = box(-500, 0, -400, 100), box(600, 0, 1600, 1000)
    assert area_km2([hamlet, town], seat=Point(0, 50)) == pytest.approx(1.0)
    assert area_km2([hamlet, town], seat=Point(-405, 50)) == pytest.approx(0.01)
    beyond = box(1100, 0, 2100, 1000)
    measured = built_up_area(frame([hamlet, beyond]), seat=Point(0, 50))
    assert measured.quantity is not None
    assert measured.quantity.value == pytest.approx(0.01)
    assert any("400 m away" in note.en for note in measured.notes)


def test_a_seat_far_from_everything_takes_the_nearest_patch() -> None:
    assert area_km2([box(5000, 0, 5100, 100), box(9000, 0, 10000, 1000)]) == pytest.approx(0.01)


def test_a_seat_on_the_edge_lies_in_the_patch() -> None:
    measured = built_up_area(frame([KM, box(1500, 0, 4000, 4000)]), seat=Point(1000, 500))
    assert measured.quantity is not None
    assert measured.quantity.value == pytest.approx(1.0)
    assert len(measured.notes) == 1


def test_of_two_equal_clusters_the_choice_does_not_hang_on_the_order_of_rows() -> None:
    twins = [box(-1100, 0, -100, 1000), box(100, 0, 1100, 1000)]
    west, east = (built_up_area(frame(rows), seat=Point(0, 500)) for rows in (twins, twins[::-1]))
    assert west.features is not None
    assert east.features is not None
    assert west.features.geometry.iloc[0].equals(east.features.geometry.iloc[0])


def test_no_patch_is_no_figure_and_says_what_to_bring() -> None:
    for nothing in (frame([]), frame([shapely.Polygon(), None])):
        measured = built_up_area(nothing, seat=SEAT)
        assert measured.quantity is None
        assert "--landcover" in measured.notes[0].en
        assert measured.features is not None
        assert measured.features.columns.tolist() == ["piece", "area_ha", "holds_seat", "geometry"]


def test_empty_missing_and_line_parts_are_passed_over() -> None:
    collapsed = shapely.GeometryCollection([KM, shapely.LineString([(1000, 0), (1500, 0)])])
    far = box(1550, 0, 2550, 1000)  # 50 m from the line's end, 550 m from the polygon
    assert area_km2([None, shapely.Polygon(), collapsed, far]) == pytest.approx(1.0)


def test_a_multipolygon_is_as_good_as_its_parts() -> None:
    assert area_km2([shapely.MultiPolygon([KM, box(3000, 0, 4000, 1000)])]) == pytest.approx(1.0)


def test_wrong_crs_and_invalid_shapes_are_refused() -> None:
    assert refused(lambda crs: built_up_area(frame([KM], crs), seat=SEAT), "built-up patches")
    assert refused(lambda crs: built_up_patches([frame([KM], crs)]), "patches 0")
    with pytest.raises(CRSError, match="patches 1"):
        built_up_patches([frame([KM]), frame([KM], NEIGHBOUR_ZONE)])
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    with pytest.raises(LayerError, match="patches 0, row 0"):
        built_up_patches([frame([bow])], close_m=0)
    with pytest.raises(LayerError, match="built-up patches, row 1"):
        built_up_area(frame([KM, bow]), seat=SEAT)


@pytest.mark.parametrize(("gap_m", "count"), [(49, 1), (51, 2)])
def test_a_gap_up_to_close_m_is_closed(gap_m: float, count: int) -> None:
    patches = built_up_patches([frame([KM]), frame([box(1000 + gap_m, 0, 2000 + gap_m, 1000)])], close_m=50)
    assert len(patches) == count
    assert patches.geometry.area.sum() / 1e6 == pytest.approx(2.0 + (count == 1) * gap_m / 1000, rel=1e-3)


def test_a_lone_building_keeps_its_area_when_gaps_are_closed() -> None:
    for side in (10, 30, 100):
        patches = built_up_patches([frame([box(0, 0, side, side)])], close_m=50)
        assert patches.geometry.area.sum() == pytest.approx(side * side, rel=0.05)


def test_touching_and_overlapping_patches_are_one_without_closing() -> None:
    touching = frame([box(0, 0, 10, 10), box(10, 0, 20, 10), box(15, 0, 25, 10), box(100, 0, 110, 10)])
    patches = built_up_patches([touching], close_m=0)
    assert sorted(patches.geometry.area) == pytest.approx([100, 250])
    assert built_up_patches([frame([])]).empty


def test_built_cells_of_the_land_cover_are_patches() -> None:
    values = np.array([[50, 50, 10, 0], [50, 50, 10, 50]])
    cover = grid(values, cell_m=100, classes={50: "built", 10: "tree"}, nodata=0)
    patches = built_up_patches([frame([])], landcover=cover, close_m=0)
    assert sorted(patches.geometry.area) == pytest.approx([10_000, 40_000])
    assert patches.crs == METRIC
    both = built_up_patches([frame([box(0, 0, 200, 200)])], landcover=cover, close_m=0)
    assert both.geometry.area.sum() == pytest.approx(50_000)


place, size = st.integers(-30, 30), st.integers(1, 12)
blocks = st.builds(
    lambda x, y, w, h: box(100 * x, 100 * y, 100 * (x + w) - 30, 100 * (y + h) - 30), place, place, size, size
)
boxes = st.lists(blocks, min_size=1, max_size=10)


@settings(deadline=None, max_examples=40)
@given(boxes, boxes)
def test_adding_patches_never_shrinks_the_town(shapes: list, more: list) -> None:
    some = area_km2([KM, *shapes])
    assert area_km2([KM, *shapes, *more]) >= some - 1e-9


@settings(deadline=None, max_examples=40)
@given(boxes)
def test_a_longer_link_never_shrinks_the_town(shapes: list) -> None:
    areas = [area_km2([KM, *shapes], link_m=link_m) for link_m in (10, 50, 100, 200, 500)]
    assert all(longer >= shorter - 1e-9 for shorter, longer in pairwise(areas))


@settings(deadline=None, max_examples=30)
@given(boxes, st.integers(0, 5))
def test_the_order_of_patches_does_not_matter(shapes: list, seed: int) -> None:
    patches = frame(shapes)
    one, other = (built_up_area(rows, seat=SEAT) for rows in (patches, shuffled(patches, seed)))
    assert one.quantity is not None
    assert other.quantity is not None
    assert other.quantity.value == pytest.approx(one.quantity.value)
    closed = [built_up_patches([rows]).geometry.area.sum() for rows in (patches, shuffled(patches, seed))]
    assert closed[0] == pytest.approx(closed[1], rel=1e-6)


def test_the_neighbouring_zone_gives_the_same_area_within_a_thousandth() -> None:
    x, y = SEAT_EASTING, SEAT_NORTHING
    patches = frame([box(x, y, x + 1000, y + 1000), box(x + 1050, y, x + 2050, y + 1000)])
    seat = frame([Point(x + 500, y + 500)])
    here = built_up_area(patches, seat=seat.geometry.iloc[0])
    there = built_up_area(patches.to_crs(NEIGHBOUR_ZONE), seat=seat.to_crs(NEIGHBOUR_ZONE).geometry.iloc[0])
    assert here.quantity is not None
    assert there.quantity is not None
    assert there.quantity.value == pytest.approx(here.quantity.value, rel=1e-3)
    assert there.quantity.value != here.quantity.value


def test_patches_are_left_as_they_were() -> None:
    patches = frame([box(1050, 0, 2050, 1000), KM], name=["b", "a"])
    before = patches.copy(deep=True)
    built_up_patches([patches])
    built_up_area(patches, seat=SEAT)
    assert patches.equals(before)
