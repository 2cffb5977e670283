import numpy as np
import pytest
from plane import frame, grid, refused, shuffled
from shapely import box

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
