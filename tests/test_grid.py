import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import CRS, Transformer
from rasterio.enums import Resampling
from rasterio.transform import from_origin
from rasterio.warp import calculate_default_transform, reproject

from qinshui_geo.errors import LayerError
from qinshui_geo.grid import Grid, move_counts

MOLLWEIDE = CRS.from_user_input("ESRI:54009")
METRIC = CRS.from_epsg(4546)
SEAT = Transformer.from_crs(4326, MOLLWEIDE, always_xy=True).transform(112.187, 35.690)


def _at_the_seat(values: np.ndarray, nodata: float | None = None) -> Grid:
    """100 m Mollweide cells whose north-west corner is at the county seat, on the 100 m lattice."""
    west, north = (round(value, -2) for value in SEAT)
    return Grid(values, from_origin(west, north, 100, 100), MOLLWEIDE, nodata)


@settings(deadline=None, max_examples=10)  # a move takes half a second, most of it in PROJ
@given(arrays("float64", st.tuples(st.integers(1, 30), st.integers(1, 30)), elements=st.floats(0, 500)))
def test_the_total_is_kept_within_a_thousandth(counts: np.ndarray) -> None:
    moved = move_counts(_at_the_seat(counts), METRIC, cell_m=50.0)
    assert moved.values.sum() == pytest.approx(counts.sum(), rel=1e-3, abs=1e-3)
    assert moved.values.min() >= 0


def test_nearest_neighbour_would_multiply_the_persons() -> None:
    counts = np.full((20, 20), 200.0)  # 80,000 persons
    grid = _at_the_seat(counts)
    transform, cols, rows = calculate_default_transform(
        MOLLWEIDE.to_wkt(), METRIC.to_wkt(), 20, 20, *grid.bounds, resolution=50
    )
    nearest = np.zeros((rows, cols))
    reproject(
        counts, nearest, src_transform=grid.transform, src_crs=MOLLWEIDE.to_wkt(), dst_transform=transform,
        dst_crs=METRIC.to_wkt(), resampling=Resampling.nearest,
    )  # fmt: skip
    # 4 km2 in an equal-area projection are 1,600 cells of 50 m, each taking a whole source cell: 4 times
    assert nearest.sum() == pytest.approx(4 * 80_000, rel=0.02)
    assert move_counts(grid, METRIC, cell_m=50.0).values.sum() == pytest.approx(80_000, rel=1e-3)


def test_persons_stay_where_they_are() -> None:
    counts = np.zeros((30, 30))
    counts[10, 20] = 100.0
    moved = move_counts(_at_the_seat(counts), METRIC, cell_m=50.0)
    west, north = (round(value, -2) for value in SEAT)
    to_metric = Transformer.from_crs(MOLLWEIDE, METRIC, always_xy=True)
    x, y = to_metric.transform(west + 20.5 * 100, north - 10.5 * 100)
    rows, cols = np.nonzero(moved.values)
    weights = moved.values[rows, cols]
    left, top = moved.transform.c, moved.transform.f
    assert np.average(left + (cols + 0.5) * 50, weights=weights) == pytest.approx(x, abs=5)
    assert np.average(top - (rows + 0.5) * 50, weights=weights) == pytest.approx(y, abs=5)


def test_cells_without_data_hold_nobody() -> None:
    counts = np.array([[-200.0, 40.0], [np.nan, 60.0]])
    assert move_counts(_at_the_seat(counts, -200.0), METRIC, cell_m=50.0).values.sum() == pytest.approx(
        100.0, rel=1e-3
    )


def test_the_input_is_not_changed() -> None:
    counts = np.array([[-200.0, 40.0]])
    move_counts(_at_the_seat(counts, -200.0), METRIC, cell_m=50.0)
    assert counts.tolist() == [[-200.0, 40.0]]


def test_a_move_that_loses_persons_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def lossy(source: np.ndarray, moved: np.ndarray, **_options: object) -> None:
        moved[0, 0] = source.sum() * 0.99

    monkeypatch.setattr("qinshui_geo.grid.reproject", lossy)
    with pytest.raises(LayerError, match=r"total from 100\.0 to 99\.0"):
        move_counts(_at_the_seat(np.array([[100.0]])), METRIC, cell_m=50.0)


def test_bounds_and_valid_cells() -> None:
    grid = Grid(np.array([[1.0, np.nan, -9.0]]), Affine(10, 0, 500, 0, -10, 800), METRIC, -9.0)
    assert grid.bounds == (500, 790, 530, 800)
    assert grid.valid().tolist() == [[True, False, False]]
    assert Grid(np.array([[1, 2]]), grid.transform, METRIC, 2).valid().tolist() == [[True, False]]
    assert Grid(np.array([[1, 2]]), grid.transform, METRIC).valid().tolist() == [[True, True]]
