import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from pyproj import CRS, Transformer
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import from_origin, rowcol
from scipy import ndimage

from qinshui_geo.errors import SourceError
from qinshui_geo.sources import windows
from qinshui_geo.sources.rasters import read_dem, read_landcover, read_ndvi, read_population

CELL = 0.001
BOUNDS = (112.004, 35.990, 112.006, 35.995)  # columns 4-5 and rows 5-9 of the 20 x 20 raster below
METRIC = CRS.from_epsg(4546)


def write(path: Path, values: Any, **changes: Any) -> Path:
    """A raster whose north-west corner is 112 E 36 N, with cells of 0.001 degrees."""
    values = np.atleast_3d(np.asarray(values)).transpose(2, 0, 1)
    scale = changes.pop("scale", None)
    mask = changes.pop("mask", None)
    options = {
        "driver": "GTiff", "height": values.shape[1], "width": values.shape[2], "count": values.shape[0],
        "dtype": values.dtype, "crs": "EPSG:4326", "transform": from_origin(112.0, 36.0, CELL, CELL),
    }  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # some tests leave the georeference out
        with (
            rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
            rasterio.open(path, "w", **(options | changes)) as out,
        ):
            out.write(values)
            if scale is not None:
                out.scales, out.offsets = (scale,), (0.0,)
            if mask is not None:
                out.write_mask(mask)
    return path


@pytest.fixture
def tif(tmp_path: Path) -> Path:
    return tmp_path / "raster.tif"


def numbered() -> np.ndarray:
    """Cell value = 20 x row + column, so that a value tells where it was read."""
    return np.arange(400, dtype="float32").reshape(20, 20)


# --- the window, on all readers


def test_only_the_bounds_and_a_margin_of_two_cells_are_read(tif: Path) -> None:
    grid = read_dem(write(tif, numbered()), bounds_wgs84=BOUNDS)
    rows, cols = np.divmod(grid.values, 20)
    assert set(cols[0]) <= set(range(1, 9))  # 4-5, the margin, and one cell of float rounding
    assert {2, 3, 4, 5, 6, 7} <= set(cols[0])
    assert {3, 4, 5, 6, 7, 8, 9, 10, 11} <= set(rows[:, 0]) <= set(range(2, 13))
    west, _, _, north = grid.bounds
    assert west == pytest.approx(112.0 + CELL * cols[0, 0])
    assert north == pytest.approx(36.0 - CELL * rows[0, 0])


def test_the_window_is_cut_at_the_edge_of_the_raster(tif: Path) -> None:
    grid = read_dem(write(tif, numbered()), bounds_wgs84=(111.0, 35.0, 113.0, 37.0))
    np.testing.assert_array_equal(grid.values, numbered())


def test_a_projected_raster_is_read_around_the_same_place(tif: Path) -> None:
    # 0.01 degrees at 36 N are about 900 m x 1,110 m; the raster is 20 km wide around 111 E 36 N
    options = {"crs": "EPSG:4546", "transform": from_origin(490_000, 3_995_000, 100, 100)}
    write(tif, np.ones((200, 200), "float32"), **options)
    grid = read_dem(tif, bounds_wgs84=(111.0, 36.0, 111.01, 36.01))
    west, south, east, north = grid.bounds
    x, y = 500_000, 3_985_542  # 111 E 36 N in EPSG:4546: central meridian, meridian arc of 36 degrees
    assert west <= x - 200 < west + 200
    assert south <= y - 200 < south + 200
    assert x + 900 + 200 <= east <= x + 900 + 400
    assert y + 1110 + 200 <= north <= y + 1110 + 400


READERS = [
    pytest.param(lambda path, box: read_landcover(path, bounds_wgs84=box), id="landcover"),
    pytest.param(lambda path, box: read_population(path, bounds_wgs84=box, crs=METRIC), id="population"),
    pytest.param(lambda path, box: read_ndvi(path, bounds_wgs84=box), id="ndvi"),
    pytest.param(lambda path, box: read_dem(path, bounds_wgs84=box), id="dem"),
]


@pytest.mark.parametrize("read", READERS)
def test_a_raster_elsewhere_does_not_cover(tif: Path, read: Any) -> None:
    write(tif, np.zeros((20, 20), "uint8"))
    with pytest.raises(
        SourceError, match=r"does not cover .*112\.0000 35\.9800 112\.0200 36\.0000.*raster\.tif"
    ):
        read(tif, (117.0, 28.0, 117.1, 28.1))


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("changes", "said", "mend"),
    [
        ({"crs": None}, "has no CRS", "rio edit-info --crs"),
        ({"transform": rasterio.Affine.identity()}, "not georeferenced", "world file"),
        ({"transform": rasterio.Affine(CELL, 0, 112, 0, CELL, 35.98)}, "not north-up", "rio warp"),
        ({"transform": rasterio.Affine(CELL, CELL, 112, CELL, -CELL, 36)}, "rotated", "rio warp"),
    ],
)
def test_a_raster_that_is_not_in_place_is_refused(
    tif: Path, read: Any, changes: dict[str, Any], said: str, mend: str
) -> None:
    write(tif, np.full((20, 20), 50, "uint8"), **changes)
    with pytest.raises(SourceError, match=said) as caught:
        read(tif, BOUNDS)
    assert str(tif) == caught.value.where
    assert mend in str(caught.value.mend)


@pytest.mark.parametrize("read", READERS)
def test_several_bands_are_refused(tif: Path, read: Any) -> None:
    write(tif, np.zeros((20, 20, 3), "uint8"))
    with pytest.raises(SourceError, match=r"3 bands, one is expected .*rio stack raster.tif --bidx 1"):
        read(tif, BOUNDS)


@pytest.mark.parametrize("read", READERS)
def test_a_missing_file_or_another_format_is_refused(tif: Path, read: Any) -> None:
    with pytest.raises(SourceError, match=r"does not exist .*raster\.tif"):
        read(tif, BOUNDS)
    tif.write_text("no raster")
    with pytest.raises(SourceError, match=r"not a raster .*raster\.tif"):
        read(tif, BOUNDS)


def test_a_truncated_raster_is_refused(tif: Path) -> None:
    noise = np.random.default_rng(1).random((20, 20)).astype("float32")
    write(tif, noise)
    whole = tif.read_bytes()
    tif.write_bytes(whole[: len(whole) - 1000])
    with pytest.raises(SourceError, match="damaged"):
        read_dem(tif, bounds_wgs84=BOUNDS)


def test_a_window_too_large_to_hold_is_refused(tif: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "MAX_CELLS", 399)
    with pytest.raises(SourceError, match=r"window of 20 x 20 cells is too large .*rio clip"):
        read_dem(write(tif, numbered()), bounds_wgs84=(111.0, 35.0, 113.0, 37.0))


@pytest.mark.parametrize("read", READERS)
def test_a_window_without_any_data_is_refused(tif: Path, read: Any) -> None:
    write(tif, np.zeros((20, 20), "int16"), nodata=0)
    with pytest.raises(SourceError, match="holds no data within the county"):
        read(tif, BOUNDS)


# --- land cover


def test_land_cover_keeps_its_codes_and_knows_their_classes(tif: Path) -> None:
    codes = np.full((20, 20), 50, "uint8")
    codes[7, 4], codes[8, 5] = 80, 0
    grid = read_landcover(write(tif, codes, nodata=0), bounds_wgs84=BOUNDS)
    assert np.unique(grid.values).tolist() == [0, 50, 80]
    assert grid.nodata == 0
    assert (~grid.valid()).sum() == 1
    assert grid.classes[80] == "water"
    assert grid.crs == CRS.from_epsg(4326)


def test_codes_outside_the_legend_are_named(tif: Path) -> None:
    codes = np.full((20, 20), 50, "uint8")
    codes[7, 4], codes[8, 5] = 7, 11
    with pytest.raises(SourceError, match=r"legend 'worldcover' does not know: 7, 11 .*raster\.tif.*legend"):
        read_landcover(write(tif, codes), bounds_wgs84=BOUNDS)


def test_unknown_codes_outside_the_window_do_not_matter(tif: Path) -> None:
    codes = np.full((20, 20), 50, "uint8")
    codes[19, 19] = 7
    assert read_landcover(write(tif, codes), bounds_wgs84=BOUNDS).values.max() == 50


def test_another_legend_can_be_named(tif: Path, tmp_path: Path) -> None:
    (tmp_path / "sino.csv").write_text("code,class\n1,paved\n6,roof\n")
    codes = np.full((20, 20), 1, "uint8")
    codes[7, 4] = 6
    grid = read_landcover(write(tif, codes), bounds_wgs84=BOUNDS, legend=str(tmp_path / "sino.csv"))
    assert grid.classes == {1: "paved", 6: "roof"}


def test_codes_written_as_whole_floats_are_codes_and_fractions_are_not(tif: Path) -> None:
    codes = np.full((20, 20), 50.0, "float32")
    codes[7, 4] = np.nan
    grid = read_landcover(write(tif, codes, nodata=255), bounds_wgs84=BOUNDS)
    assert grid.values.dtype.kind == "i"
    assert (~grid.valid()).sum() == 1
    codes[8, 5] = 45.5
    with pytest.raises(SourceError, match=r"fractions, not class codes .*nearest neighbour"):
        read_landcover(write(tif, codes, nodata=255), bounds_wgs84=BOUNDS)


def test_a_mask_instead_of_a_no_data_code(tif: Path) -> None:
    mask = np.full((20, 20), 255, "uint8")
    mask[7, 4] = 0
    grid = read_landcover(write(tif, np.full((20, 20), 50, "uint8"), mask=mask), bounds_wgs84=BOUNDS)
    assert (~grid.valid()).sum() == 1
    assert set(grid.values[grid.valid()].tolist()) == {50}


# --- population


def test_population_is_moved_with_its_total(tif: Path) -> None:
    persons = np.zeros((20, 20), "float32")
    persons[7, 4], persons[8, 5] = 120.0, 30.5
    moved = read_population(write(tif, persons, nodata=-200), bounds_wgs84=BOUNDS, crs=METRIC)
    assert moved.crs == METRIC
    assert (moved.transform.a, moved.transform.e) == (50.0, -50.0)
    assert moved.values.sum() == pytest.approx(150.5, rel=1e-3)


def test_no_data_holds_nobody(tif: Path) -> None:
    persons = np.full((20, 20), -200.0)
    persons[7, 4] = 10.0
    moved = read_population(write(tif, persons, nodata=-200), bounds_wgs84=BOUNDS, crs=METRIC)
    assert moved.values.min() >= 0
    assert moved.values.sum() == pytest.approx(10.0, rel=1e-3)


def test_a_place_without_persons_is_an_answer(tif: Path) -> None:
    moved = read_population(write(tif, np.zeros((20, 20))), bounds_wgs84=BOUNDS, crs=METRIC)
    assert moved.values.sum() == 0


def test_negative_population_is_refused(tif: Path) -> None:
    persons = np.ones((20, 20))
    persons[7, 4] = -200
    with pytest.raises(SourceError, match=r"negative population: .* -200 .*--nodata -200 raster\.tif"):
        read_population(write(tif, persons), bounds_wgs84=BOUNDS, crs=METRIC)


# --- vegetation index and terrain


def test_ndvi_as_fractions(tif: Path) -> None:
    values = np.linspace(-1, 1, 400, dtype="float32").reshape(20, 20)
    values[7, 4] = np.nan
    grid = read_ndvi(write(tif, values), bounds_wgs84=BOUNDS)
    assert (~grid.valid()).sum() == 1
    assert -1 <= np.nanmin(grid.values) <= np.nanmax(grid.values) <= 1


def test_ndvi_as_whole_numbers_with_their_scale(tif: Path) -> None:
    values = np.full((20, 20), 3000, "int16")
    values[7, 4] = -32768
    grid = read_ndvi(write(tif, values, nodata=-32768, scale=0.0001), bounds_wgs84=BOUNDS)
    assert grid.values[grid.valid()] == pytest.approx(0.3)
    assert (~grid.valid()).sum() == 1


def test_ndvi_as_whole_numbers_without_their_scale_is_refused(tif: Path) -> None:
    with pytest.raises(SourceError, match=r"from 3000 to 3000 .*--scale-ratio 0.0001"):
        read_ndvi(write(tif, np.full((20, 20), 3000, "int16")), bounds_wgs84=BOUNDS)


@pytest.mark.parametrize("nodata", [None, -32768])
def test_voids_of_the_terrain_are_no_data(tif: Path, nodata: int | None) -> None:
    heights = np.full((20, 20), 900, "int16")
    heights[7, 4] = -32768
    grid = read_dem(write(tif, heights, nodata=nodata), bounds_wgs84=BOUNDS)
    assert (~grid.valid()).sum() == 1
    assert np.nanmin(grid.values) == 900


# --- real rasters


@pytest.mark.real
def test_a_real_srtm_tile(real_data: Path) -> None:
    # Andorra la Vella lies at about 1,023 m, Coma Pedrosa (2,943 m) is the summit of the country
    grid = read_dem(real_data / "andorra" / "N42E001.hgt.zip", bounds_wgs84=(1.41, 42.43, 1.79, 42.66))
    assert 800 < np.nanmin(grid.values) < 1023
    assert 2850 < np.nanmax(grid.values) < 2960


@pytest.mark.real
def test_a_real_mollweide_raster_with_a_legend_of_the_user(real_data: Path, tmp_path: Path) -> None:
    # GHS-WUP-DEGURBA: the seat's cluster is 14 cells of 1 km2, 10 dense (class 23) and 4 suburban (21)
    (tmp_path / "degurba.csv").write_text(
        "code,class\n10,water\n11,bare\n12,bare\n13,bare\n21,built\n22,built\n23,built\n30,built\n"
    )
    box = (112.13, 35.64, 112.24, 35.74)
    path = real_data / "qinshui" / "degurba_2025_1km.tif"
    grid = read_landcover(path, bounds_wgs84=box, legend=str(tmp_path / "degurba.csv"))
    built = np.isin(grid.values, [code for code, surface in grid.classes.items() if surface == "built"])
    clusters, _ = ndimage.label(built)
    x, y = Transformer.from_crs(4326, grid.crs, always_xy=True).transform(112.187, 35.690)  # the seat
    seat = clusters[rowcol(grid.transform, x, y)]
    assert seat != 0
    assert ((clusters == seat) & (grid.values == 23)).sum() == 10
    assert ((clusters == seat) & (grid.values == 21)).sum() == 4
