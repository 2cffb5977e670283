"""DEGURBA on grids of a few cells, and the published classes of two real towns."""

from pathlib import Path

import numpy as np
import pytest
from plane import METRIC, grid
from pyproj import Transformer
from shapely import Point

from qinshui_geo.errors import LayerError
from qinshui_geo.grid import Grid
from qinshui_geo.indicators.degurba import DegurbaRules, SeatCluster, degurba, urban_cluster_at
from qinshui_geo.sources.ghsl import DEGURBA_CODES, read_degurba


def classes(persons: list[list[float]], **options: object) -> list[list[int]]:
    return degurba(grid(np.array(persons, dtype=float), cell_m=1000), **options).classes.values.tolist()


@pytest.mark.parametrize(
    ("persons", "expected"),
    [
        ([[25_000, 25_000, 0]], [[3, 3, 1]]),
        ([[25_000, 24_999, 0]], [[2, 2, 1]]),  # 49,999 persons are no urban centre
        ([[48_500, 1500, 0]], [[3, 3, 1]]),
        ([[48_501, 1499, 0]], [[2, 2, 1]]),  # the second cell is not dense enough: 48,501 in the first
        ([[4700, 300, 0]], [[2, 2, 1]]),
        ([[4700, 299, 0]], [[1, 1, 1]]),  # neither dense enough, nor enough persons without it
        ([[4999, 0, 299]], [[1, 1, 1]]),
    ],
)  # fmt: skip
def test_thresholds_of_density_and_of_persons(persons: list[list[float]], expected: list[list[int]]) -> None:
    assert classes(persons) == expected


def test_a_centre_hangs_together_by_edges_and_a_cluster_by_corners() -> None:
    assert classes([[30_000, 0], [0, 30_000]]) == [[2, 1], [1, 2]]
    assert classes([[30_000, 30_000], [0, 0]]) == [[3, 3], [1, 1]]
    assert classes([[2600, 0], [0, 2600]]) == [[2, 1], [1, 2]]


def around_a_hole(width: int) -> np.ndarray:
    """Cells of 2,000 persons around a square hole without its corners, which smoothing cannot enter:
    every empty cell at its edge has four dense neighbours at most.
    """
    persons = np.full((width + 6, width + 6), 2000.0)
    inner = persons[3:-3, 3:-3]
    inner[:] = 0
    inner[0, 0] = inner[0, -1] = inner[-1, 0] = inner[-1, -1] = 2000
    return persons


@pytest.mark.parametrize(("width", "filled"), [(4, True), (5, False)])  # 12 and 21 km2
def test_holes_under_15_km2_are_filled(width: int, filled: bool) -> None:
    found = degurba(grid(around_a_hole(width), cell_m=1000)).classes.values
    assert (found[5, 5] == 3) == filled
    assert (found == 3).all() == filled


@pytest.mark.parametrize(("limit_km2", "filled"), [(12, False), (12.5, True)])
def test_a_hole_of_just_the_limit_is_not_filled(limit_km2: float, filled: bool) -> None:
    found = degurba(grid(around_a_hole(4), cell_m=1000), rules=DegurbaRules(hole_km2=limit_km2))
    assert (found.classes.values == 3).all() == filled


def test_a_cell_with_five_neighbours_in_a_centre_is_added_until_none_is_left() -> None:
    """First the cell in the angle (5 of 8), then with it those beside it; four neighbours do not do."""
    notch = [[20_000, 0, 20_000], [20_000, 20_000, 20_000]]
    assert classes(notch) == [[3, 3, 3], [3, 3, 3]]
    angle = [[20_000, 0, 0, 0], [20_000, 0, 0, 0], [20_000, 20_000, 20_000, 20_000]]
    assert classes(angle) == [[3, 1, 1, 1], [3, 3, 1, 1], [3, 3, 3, 3]]


def test_a_built_cell_joins_a_centre_however_few_live_there() -> None:
    persons = grid(np.array([[30_000.0, 0.0, 30_000.0]]), cell_m=1000)
    assert degurba(persons).classes.values.tolist() == [[2, 1, 2]]
    for share, expected in ((0.5, [[3, 3, 3]]), (0.49, [[2, 1, 2]])):
        built = grid(np.array([[0.0, share, 0.0]]), cell_m=1000)
        assert degurba(persons, built_fraction=built).classes.values.tolist() == expected


def test_clusters_are_listed_with_cells_area_and_persons() -> None:
    table = degurba(grid(np.array([[30_000.0, 30_000, 400, 0, 6000]]), cell_m=1000)).clusters
    assert table.to_numpy().tolist() == [
        ["urban_cluster", 3, 3.0, 60_400.0], ["urban_centre", 2, 2.0, 60_000.0],
        ["urban_cluster", 1, 1.0, 6000.0],
    ]  # fmt: skip
    assert degurba(grid(np.zeros((2, 2)), cell_m=1000)).clusters.empty


def test_cells_without_data_are_neither_urban_nor_rural() -> None:
    assert classes([[60_000, np.nan, 0]]) == [[3, 0, 1]]


def test_other_cells_than_of_a_square_kilometre_are_refused() -> None:
    with pytest.raises(LayerError, match=r"cells of 1 km2.*cell_m=1000"):
        degurba(grid(np.zeros((2, 2)), cell_m=100))
    with pytest.raises(LayerError, match="not those of the population grid"):
        degurba(grid(np.zeros((2, 2)), cell_m=1000), built_fraction=grid(np.zeros((3, 2)), cell_m=1000))


def test_the_cluster_at_the_seat_is_counted_by_class() -> None:
    codes = [[30, 11, 23, 23], [12, 11, 21, 12], [12, 11, 12, 21]]
    cells = grid(np.array(codes, dtype="uint8"), cell_m=1000, nodata=0)
    at = urban_cluster_at(cells, Point(2500, 1500), crs=METRIC)
    assert at is not None
    assert at.cells == {21: 2, 23: 2}
    assert (at.dense_km2, at.all_km2, at.away_km, at.cut_off) == (2.0, 4.0, 0.0, True)
    west = urban_cluster_at(cells, Point(500, 500), crs=METRIC)
    assert west is not None
    assert (west.cells, west.away_km) == ({30: 1}, 1.5)


def test_a_cluster_within_the_grid_is_whole_and_may_have_no_dense_cell() -> None:
    codes = np.full((3, 3), 11, dtype="uint8")
    codes[1, 1] = 21
    at = urban_cluster_at(grid(codes, cell_m=1000), Point(1500, 1500), crs=METRIC)
    assert at is not None
    assert (at.dense_km2, at.all_km2, at.cut_off) == (0.0, 1.0, False)
    codes[1, 1] = 12
    assert urban_cluster_at(grid(codes, cell_m=1000), Point(1500, 1500), crs=METRIC) is None


QINSHUI, GUIXI = (112.187, 35.690), (117.2202, 28.2926)
BOUNDS = {"qinshui": (111.9, 35.4, 112.8, 36.1), "guixi": (117.19, 28.28, 117.26, 28.33)}


def _published(real_data: Path, place: str) -> Grid:
    return read_degurba(real_data / place / "degurba_2025_1km.tif", bounds_wgs84=BOUNDS[place])


def _seat_in(cells: Grid, lonlat: tuple[float, float]) -> Point:
    return Point(*Transformer.from_crs(4326, cells.crs, always_xy=True).transform(*lonlat))


def _at(cells: Grid, lonlat: tuple[float, float]) -> SeatCluster:
    cluster = urban_cluster_at(cells, _seat_in(cells, lonlat), crs=cells.crs)
    assert cluster is not None
    return cluster


@pytest.mark.real
def test_the_published_cluster_of_qinshui_is_ten_dense_cells_and_four_suburban(real_data: Path) -> None:
    """A town of a few ten thousand: a dense cluster (23), no urban centre (30)."""
    cluster = _at(_published(real_data, "qinshui"), QINSHUI)
    assert cluster.cells == {23: 10, 21: 4}
    assert (cluster.dense_km2, cluster.all_km2, cluster.cut_off) == (10.0, 14.0, False)


@pytest.mark.real
def test_the_published_frame_of_guixi_has_26_centre_cells_of_which_12_hold_the_seat(real_data: Path) -> None:
    """The county-level city is an urban centre. The other 14 cells lie apart from it, 9 of them on the
    frame's western edge; suburban cells join all of them and go on beyond the frame.
    """
    cells = _published(real_data, "guixi")
    assert int((cells.values == 30).sum()) == 26
    cluster = _at(cells, GUIXI)
    assert cluster.cells[30] == 26
    assert (cluster.dense_km2, cluster.cut_off) == (12.0, True)


@pytest.mark.real
@pytest.mark.parametrize(("place", "seat"), [("qinshui", QINSHUI), ("guixi", GUIXI)])
def test_our_rules_agree_in_kind_with_the_published_classes(
    real_data: Path, place: str, seat: tuple[float, float]
) -> None:
    """A centre at Guixi and none at Qinshui, and the same cells in the cluster of the seat.

    The population behind the published classes is not at hand. Its place is taken by the least that they
    allow: the density that each class asks for, and 50,004 persons in the 12 cells of Guixi.
    So this shows that the rules join and part the real cells as published, not that census counts would.
    Elsewhere in the frames they differ: the published grid was sampled at points, which cuts centres and
    clusters into parts, and 14 of the 26 centre cells of Guixi belong to centres that are cut like this or
    go on beyond the frame; each is too small to be a centre by itself.
    """
    published = _published(real_data, place)
    least = {30: 4167.0, 23: 1500.0, 22: 300.0, 21: 300.0}
    persons = np.select([published.values == code for code in least], list(least.values()), 0.0)
    classes = degurba(Grid(persons, published.transform, published.crs)).classes
    ours = urban_cluster_at(classes, _seat_in(published, seat), crs=published.crs, urban=(2, 3), dense=(3,))
    theirs = _at(published, seat)
    assert ours is not None
    assert ours.all_km2 == theirs.all_km2
    assert ours.dense_km2 == (theirs.dense_km2 if 30 in theirs.cells else 0)


def test_codes_are_those_of_level_2() -> None:
    assert sorted(DEGURBA_CODES) == [10, 11, 12, 13, 21, 22, 23, 30]
