import numpy as np
import pytest
from plane import frame, grid, refused, shuffled
from pyproj import CRS
from shapely import Point, box

from qinshui_geo.indicators.green_cover import green_coverage

TOWN = frame([box(0, 0, 40, 10)])
NDVI = grid([[0.1, 0.28, 0.35, 0.6]])
COVER = grid([[10, 30, 40, 50]], classes={10: "tree", 30: "grass", 40: "crop", 50: "built"})


def test_ndvi_with_its_range_by_the_threshold() -> None:
    measured = green_coverage(TOWN, ndvi=NDVI)
    assert measured.quantity is not None
    assert (measured.quantity.value, measured.quantity.unit) == (pytest.approx(50), "percent")
    assert measured.range is not None
    assert [end.value for end in measured.range] == pytest.approx([25, 75])


@pytest.mark.parametrize(("threshold", "value"), [(0.05, 100), (0.5, 25), (0.7, 0)])
def test_the_range_holds_the_figure_for_thresholds_beyond_the_sweep(threshold: float, value: float) -> None:
    measured = green_coverage(TOWN, ndvi=NDVI, ndvi_threshold=threshold)
    assert measured.quantity is not None
    assert measured.range is not None
    assert measured.quantity.value == pytest.approx(value)
    assert measured.range[0].value <= measured.quantity.value <= measured.range[1].value


def test_land_cover_counts_trees_and_grass_and_keeps_cropland_apart() -> None:
    measured = green_coverage(TOWN, landcover=COVER)
    assert measured.quantity is not None
    assert measured.quantity.value == pytest.approx(50)
    assert measured.details["cropland"].value == pytest.approx(25)
    assert measured.range is None


def test_both_routes_stand_side_by_side_and_ndvi_is_the_figure() -> None:
    measured = green_coverage(TOWN, ndvi=grid([[0.9, 0.9, 0.9, 0.1]]), landcover=COVER)
    assert measured.quantity is not None
    assert measured.quantity.value == pytest.approx(75)
    assert measured.details["ndvi_route"].value == pytest.approx(75)
    assert measured.details["landcover_route"].value == pytest.approx(50)


def test_a_measured_zero_is_a_zero() -> None:
    measured = green_coverage(TOWN, ndvi=grid([[0.0, 0.1, 0.1, 0.2]]), landcover=COVER)
    assert measured.quantity is not None
    assert measured.quantity.value == 0


def test_pieces_weigh_by_their_area() -> None:
    pieces = frame([box(0, 0, 30, 10), box(30, 0, 40, 10)])
    for town in (pieces, shuffled(pieces, 3)):
        for given in ({"ndvi": NDVI}, {"landcover": COVER}):
            measured = green_coverage(town, **given)
            assert measured.quantity is not None
            assert measured.quantity.value == pytest.approx(50)


@pytest.mark.parametrize(("reach_m", "known"), [(80, True), (81, False)])
def test_more_than_half_unknown_gives_no_figure(reach_m: float, known: bool) -> None:
    town = frame([box(0, 0, reach_m, 10)])
    assert (green_coverage(town, ndvi=NDVI).quantity is not None) == known
    assert (green_coverage(town, landcover=COVER).quantity is not None) == known


def test_the_share_is_of_the_known_part() -> None:
    ndvi = grid([[np.nan, 0.28, 0.35, 0.6]])
    measured = green_coverage(TOWN, ndvi=ndvi)
    assert measured.quantity is not None
    assert measured.quantity.value == pytest.approx(100 * 2 / 3)


def test_ndvi_beside_the_town_leaves_the_land_cover() -> None:
    measured = green_coverage(frame([box(0, 0, 40, 10)]), ndvi=grid([[0.5]], cell_m=5), landcover=COVER)
    assert measured.quantity is not None
    assert measured.quantity.value == pytest.approx(50)
    assert "land-cover" in measured.notes[0].en


def test_nothing_to_measure_is_no_figure() -> None:
    bring = green_coverage(TOWN)
    assert bring.quantity is None
    assert "ndvi.tif" in bring.notes[0].en
    assert green_coverage(frame([]), ndvi=NDVI, landcover=COVER).quantity is None
    assert green_coverage(frame([box(900, 0, 990, 10)]), ndvi=NDVI, landcover=COVER).quantity is None


def test_wrong_crs_is_refused() -> None:
    assert refused(lambda crs: green_coverage(frame([box(0, 0, 1, 1)], crs), ndvi=NDVI), "built-up area")


def test_every_threshold_of_the_sweep_has_its_figure() -> None:
    (swing,) = green_coverage(TOWN, ndvi=NDVI, ndvi_threshold=0.5).swings
    assert (swing.parameter, swing.settings) == ("ndvi_threshold", (0.25, 0.30, 0.35, 0.40, 0.5))
    values = [None if figure is None else figure.value for figure in swing.figures]
    assert values == pytest.approx([75, 50, 25, 25, 25])  # 0.35 is not above 0.35
    assert green_coverage(TOWN, landcover=COVER).swings == ()


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_a_cell_at_the_threshold_is_not_above_it(kind: str) -> None:
    measured = green_coverage(TOWN, ndvi=grid(np.array([[0.1, 0.3, 0.3, 0.6]], dtype=kind)))
    assert measured.quantity is not None
    assert measured.quantity.value == pytest.approx(25)


def test_the_unknown_share_is_stated() -> None:
    measured = green_coverage(TOWN, ndvi=grid([[np.nan, 0.28, 0.35, 0.6]]))
    assert measured.details["unknown_share"].value == pytest.approx(25)
    assert "no data on 25.0 %" in measured.notes[1].en
    assert green_coverage(TOWN, ndvi=NDVI).details["unknown_share"].value == pytest.approx(0, abs=1e-9)


# ---- Reference points: half of the town is mapped green (20 to 40 m), half is not -------------------

HALF = grid([[0.1, 0.2, 0.5, 0.6]])
HALF_COVER = grid([[50, 50, 10, 30]], classes={10: "tree", 30: "grass", 40: "crop", 50: "built"})


def _points(*, wrong_on_green: int, wrong_elsewhere: int, each: int = 10):
    """``each`` points on either half, so many of which the map has wrong."""
    spots = [Point(20.5 + 19 * i / each, 5) for i in range(each)] + [
        Point(0.5 + 19 * i / each, 5) for i in range(each)
    ]
    is_green = [i >= wrong_on_green for i in range(each)] + [i < wrong_elsewhere for i in range(each)]
    return frame(spots, is_green=is_green)


@pytest.mark.parametrize("raster", [{"ndvi": HALF}, {"landcover": HALF_COVER}], ids=["ndvi", "landcover"])
def test_points_adjust_the_share_and_widen_the_range(raster: dict) -> None:
    """Of the mapped green 8 of 10 are right, elsewhere 1 of 10 is green: 50 x 0.8 + 50 x 0.1 = 45.

    Standard error: 100 x sqrt(0.25 x 0.16 / 9 + 0.25 x 0.09 / 9) = 8.333, its 1.96-fold 16.333.
    """
    points = _points(wrong_on_green=2, wrong_elsewhere=1)
    measured = green_coverage(TOWN, **raster, reference_points=points)
    assert measured.quantity is not None and measured.range is not None
    assert measured.quantity.value == pytest.approx(50)  # the map's own figure stays
    found = {name: quantity.value for name, quantity in measured.details.items()}
    assert found["error_adjusted"] == pytest.approx(45)
    assert found["error_adjusted_low"] == pytest.approx(45 - 1.96 * 25 / 3)
    assert found["error_adjusted_high"] == pytest.approx(45 + 1.96 * 25 / 3)
    assert found["overall_accuracy"] == pytest.approx(85)
    assert found["reference_points"] == 20
    low, high = (end.value for end in measured.range)
    assert (low, high) == pytest.approx((45 - 1.96 * 25 / 3, 45 + 1.96 * 25 / 3))
    assert any("45.0 %" in note.en and "Olofsson" in note.en for note in measured.notes)
    assert any("fewer than 300" in note.en for note in measured.notes)


def test_three_hundred_points_are_enough() -> None:
    points = _points(wrong_on_green=0, wrong_elsewhere=15, each=150)
    measured = green_coverage(TOWN, ndvi=HALF, reference_points=points)
    assert measured.details["error_adjusted"].value == pytest.approx(55)
    assert not any("fewer than 300" in note.en for note in measured.notes)


def test_points_in_another_place_or_without_map_data_do_not_count() -> None:
    points = _points(wrong_on_green=2, wrong_elsewhere=1)
    outside = frame(
        [*points.geometry, Point(100, 5), Point(-5, 5)], is_green=[*points["is_green"], True, True]
    )
    assert green_coverage(TOWN, ndvi=HALF, reference_points=outside).details["reference_points"].value == 20
    wide = frame([box(0, 0, 60, 10)])
    on_no_data = frame([*points.geometry, Point(50, 5)], is_green=[*points["is_green"], True])
    measured = green_coverage(wide, ndvi=HALF, reference_points=on_no_data)
    assert measured.details["reference_points"].value == 20


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_points_adjust_nothing_and_say_so(count: int) -> None:
    points = _points(wrong_on_green=0, wrong_elsewhere=0).iloc[:count]
    measured = green_coverage(TOWN, ndvi=HALF, reference_points=points)
    assert "error_adjusted" not in measured.details
    assert measured.details["reference_points"].value == count
    assert any("not adjusted for error" in note.en for note in measured.notes)
    assert measured.range == green_coverage(TOWN, ndvi=HALF).range


def test_points_are_read_off_a_raster_in_another_crs() -> None:
    """The raster is in degrees: west half not green, east half green."""
    town = frame([box(607_000, 3_951_000, 607_400, 3_951_100)])
    west, south, east, north = town.to_crs(4490).total_bounds
    step = (east - west) / 4
    degrees = grid([[0.1, 0.2, 0.5, 0.6]], crs=4490)
    transform = type(degrees.transform)(step, 0, west, 0, -(north - south), north)
    ndvi = type(degrees)(degrees.values, transform, CRS.from_epsg(4490))
    spots = [Point(607_050 + 100 * i + d, 3_951_050) for i in range(4) for d in (-30, 0, 30)]
    points = frame(spots, is_green=[False] * 6 + [True] * 6)
    measured = green_coverage(town, ndvi=ndvi, reference_points=points)
    assert measured.details["overall_accuracy"].value == pytest.approx(100)
    assert measured.details["reference_points"].value == 12


def test_points_in_another_crs_than_the_town_are_refused() -> None:
    def call(crs: object) -> None:
        green_coverage(TOWN, ndvi=HALF, reference_points=frame([Point(5, 5)], crs, is_green=[True]))

    assert refused(call, "reference points")
