"""Completeness of the map: a town of four cells whose drawn and built-up land can be counted."""

import numpy as np
import pandas as pd
import pytest
from plane import frame, grid, refused, shuffled
from shapely import box

from qinshui_geo.grid import Grid
from qinshui_geo.indicators.completeness import osm_completeness

TOWN = frame([box(600, 600, 900, 900)])
NOTHING = frame([])
BUILT = {1: "built", 2: "grass"}


def _classes(rows: list, **known) -> Grid:
    """Cells of 500 m from (0, 0); a town in the cell (500, 500) reaches the cells up to 500 m around."""
    return grid(rows, cell_m=500, classes=BUILT, **known)


WHOLE = _classes([[1, 1, 1]] * 3)  # 0 to 1,500 m, all built-up


def _measure(*, buildings=NOTHING, built_land=NOTHING, independent=WHOLE, **options):
    return osm_completeness(
        TOWN, buildings=buildings, built_land=built_land, independent=independent, **options
    )


def _cells(measured) -> pd.DataFrame:
    """Cells by their south-west corner in units of 500 m."""
    cells = measured.layers["completeness"]
    cells.index = pd.MultiIndex.from_frame(cells.bounds[["minx", "miny"]] / 500)
    return cells


def test_cells_are_those_of_the_town_and_500_m_around() -> None:
    cells = _cells(_measure())
    # from 100 to 1,400 m: the cells 0, 1 and 2 each way; of the corners the distance is 100 x sqrt(2) only
    assert set(cells.index) == {(x, y) for x in (0, 1, 2) for y in (0, 1, 2)}
    assert cells["cell_id"].tolist() == list(range(1, 10))
    assert cells.index[0] == (0, 2)  # the north-west one
    assert cells.geometry.area.unique().tolist() == [250_000]


def test_what_is_drawn_counts_once_and_buildings_apart() -> None:
    measured = _measure(
        buildings=frame([box(500, 500, 600, 600), box(550, 500, 650, 600)]),  # 150 x 100 m in all
        built_land=frame([box(500, 500, 750, 1000)]),  # half the cell, with the buildings in it
    )
    cell = _cells(measured).loc[(1, 1)]
    assert cell["osm_building_m2"] == pytest.approx(15_000)
    assert cell["mapped_m2"] == pytest.approx(125_000)
    assert cell["built_land_m2"] == pytest.approx(250_000)
    assert cell["completeness_percent"] == pytest.approx(50)
    assert not cell["low"]
    assert _cells(measured)["low"].sum() == 8
    assert measured.quantity is not None
    assert measured.quantity.value == pytest.approx(50 / 9)
    assert measured.details["building_share"].value == pytest.approx(100 * 15_000 / (9 * 250_000))
    assert (measured.details["cells"].value, measured.details["low_cells"].value) == (9, 8)


def test_a_cell_drawn_twice_over_does_not_make_up_for_an_empty_one() -> None:
    two = _classes([[2, 2, 2], [1, 1, 2], [2, 2, 2]])
    half = frame([box(0, 500, 250, 1000)])
    one_whole = frame([box(500, 500, 1000, 1000), box(0, 0, 500, 500)])  # and a cell that is not built-up
    assert _measure(built_land=half, independent=two).quantity.value == pytest.approx(25)
    measured = _measure(built_land=one_whole, independent=two, cell_m=500)
    assert measured.quantity.value == pytest.approx(50)
    cells = _cells(measured)["completeness_percent"]
    assert cells.loc[(1, 1)] == 100 and cells.loc[(0, 1)] == 0 and np.isnan(cells.loc[(0, 0)])


@pytest.mark.parametrize(
    "independent",
    [
        _classes([[2, 2, 2], [2, 1, 2], [2, 2, 2]]),
        grid([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]], cell_m=500),
        frame([box(500, 500, 800, 1000), box(700, 500, 1000, 1000)]),
    ],
    ids=["land cover", "built-up fraction", "land survey"],
)
def test_every_independent_source_gives_the_same_share(independent: object) -> None:
    measured = _measure(built_land=frame([box(500, 500, 1000, 700)]), independent=independent)
    assert measured.quantity is not None
    assert measured.quantity.value == pytest.approx(40)


def test_a_fraction_is_land_in_proportion() -> None:
    """A fifth of the cell is built-up, a tenth of it drawn: half."""
    fifth = grid([[0.0, 0, 0], [0, 0.2, 0], [0, 0, 0]], cell_m=500)
    measured = _measure(built_land=frame([box(500, 500, 1000, 550)]), independent=fifth)
    assert _cells(measured).loc[(1, 1), "built_land_m2"] == pytest.approx(50_000)
    assert measured.quantity is not None and measured.quantity.value == pytest.approx(50)


def test_an_unknown_cell_has_no_figure() -> None:
    holes = _classes([[0, 0, 0], [0, 1, 0], [0, 0, 0]], nodata=0)
    fraction = grid([[np.nan] * 3, [np.nan, 1, np.nan], [np.nan] * 3], cell_m=500)
    for independent in (holes, fraction):
        cells = _cells(_measure(built_land=frame([box(0, 0, 1000, 1000)]), independent=independent))
        assert cells["built_land_m2"].notna().sum() == 1
        assert cells.loc[(1, 1), "completeness_percent"] == 100
        assert cells["low"].sum() == 0


def test_a_map_that_draws_all_is_complete_and_one_that_draws_nothing_is_not() -> None:
    whole, none = _measure(built_land=frame([box(0, 0, 1500, 1500)])), _measure()
    assert whole.quantity is not None and none.quantity is not None
    assert (whole.quantity.value, none.quantity.value) == (pytest.approx(100), 0)
    assert _cells(none)["low"].all()


@pytest.mark.parametrize(("least", "low"), [(39.9, False), (40.1, True)])
def test_low_is_below_the_least_share(least: float, low: bool) -> None:
    measured = _measure(built_land=frame([box(500, 500, 1000, 700)]), min_share_percent=least)
    assert _cells(measured).loc[(1, 1), "low"] == low


def test_the_range_is_that_of_the_cell_sizes() -> None:
    measured = _measure(built_land=frame([box(0, 0, 600, 600)]), cell_m=400)
    (swing,) = measured.swings
    assert swing.settings == (250, 400, 500, 1000)
    values = [figure.value for figure in swing.figures if figure is not None]
    assert measured.range is not None and measured.quantity is not None
    assert [end.value for end in measured.range] == [min(values), max(values)]
    assert measured.quantity.value == values[1]


def test_no_built_up_land_is_no_figure() -> None:
    for town, independent in ((TOWN, _classes([[2, 2, 2]] * 3)), (TOWN, NOTHING), (NOTHING, WHOLE)):
        measured = osm_completeness(
            town, buildings=frame([box(0, 0, 9, 9)]), built_land=NOTHING, independent=independent
        )
        assert measured.quantity is None and measured.range is None
        assert "bring --landcover" in measured.notes[-1].en


def test_order_does_not_matter() -> None:
    rng = np.random.default_rng(4)
    corners = rng.uniform(0, 1400, (40, 2))
    houses = frame([box(x, y, x + 60, y + 40) for x, y in corners])
    one, other = _measure(buildings=houses), _measure(buildings=shuffled(houses))
    assert one.quantity is not None and other.quantity is not None
    assert one.quantity.value == pytest.approx(other.quantity.value)


def test_wrong_crs_is_refused() -> None:
    def call(crs: object) -> None:
        osm_completeness(TOWN, buildings=frame([], crs), built_land=NOTHING, independent=WHOLE)

    assert refused(call, "buildings")
    assert refused(
        lambda crs: _measure(independent=frame([box(0, 0, 1, 1)], crs)), "independent built-up land"
    )
