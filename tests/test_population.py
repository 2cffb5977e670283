import numpy as np
import pytest
from plane import frame, grid, refused
from shapely import box

from qinshui_geo.indicators.population import town_population

PERSONS = grid(np.full((10, 10), 30.0), cell_m=100)
TOWN = frame([box(0, 0, 500, 500), box(500, 0, 750, 100)])  # 25 cells and 2.5 cells


def test_the_raster_is_summed_within_the_town_by_the_part_of_each_cell() -> None:
    measured = town_population(TOWN, raster=PERSONS)
    assert measured.quantity is not None
    assert (measured.quantity.value, measured.quantity.unit) == (pytest.approx(27.5 * 30), "person")
    assert "not an official figure" in measured.notes[0].en


def test_the_parts_of_a_town_hold_all_its_persons() -> None:
    whole = town_population(frame([box(0, 0, 1000, 1000)]), raster=PERSONS)
    assert whole.quantity is not None
    assert whole.quantity.value == pytest.approx(3000)
    halves = [town_population(frame([part]), raster=PERSONS)
              for part in (box(0, 0, 333, 1000), box(333, 0, 1000, 1000))]  # fmt: skip
    assert sum(half.quantity.value for half in halves if half.quantity) == pytest.approx(3000)


def test_the_official_figure_goes_before_and_the_raster_stands_beside() -> None:
    measured = town_population(TOWN, resident=800, temporary=50, raster=PERSONS)
    assert measured.quantity is not None
    assert measured.quantity.value == 800
    assert measured.details["raster"].value == pytest.approx(825)
    assert measured.details["resident_and_temporary"].value == 850
    assert "825" in measured.notes[0].en


def test_temporary_residents_alone_are_no_population() -> None:
    measured = town_population(None, temporary=50)
    assert measured.quantity is None
    assert "resident_and_temporary" not in measured.details


@pytest.mark.parametrize("town", [None, frame([]), frame([box(9000, 0, 9100, 100)])])
def test_a_raster_that_does_not_meet_the_town_gives_no_figure_rather_than_zero(town: object) -> None:
    measured = town_population(town, raster=PERSONS)  # type: ignore[arg-type]
    assert measured.quantity is None
    assert "--population-raster" in measured.notes[0].en
    assert not measured.details


def test_a_raster_without_anybody_gives_no_figure_rather_than_zero() -> None:
    assert town_population(TOWN, raster=grid(np.zeros((10, 10)), cell_m=100)).quantity is None
    assert town_population(TOWN, raster=grid(np.full((10, 10), np.nan), cell_m=100)).quantity is None


def test_cells_without_data_count_as_nobody() -> None:
    counts = np.full((10, 10), 30.0)
    counts[9, 0] = -99
    measured = town_population(TOWN, raster=grid(counts, cell_m=100, nodata=-99))
    assert measured.quantity is not None
    assert measured.quantity.value == pytest.approx(26.5 * 30)


def test_wrong_crs_is_refused() -> None:
    assert refused(
        lambda crs: town_population(frame([box(0, 0, 1, 1)], crs), raster=PERSONS), "built-up area"
    )
