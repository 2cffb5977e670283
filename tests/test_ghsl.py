"""GHS-BUILT-S as fractions, degree-of-urbanisation codes, and the trend worked out by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from plane import METRIC, frame, grid, refused
from rasterio.transform import from_origin
from shapely import box

from qinshui_geo.errors import LayerError, SourceError
from qinshui_geo.indicators.growth import built_trend, needed_growth, yearly_growth
from qinshui_geo.measurement import Quantity
from qinshui_geo.profile import CountyProfile
from qinshui_geo.reading import read_layers
from qinshui_geo.sources.ghsl import read_built_fraction, read_degurba

MOLLWEIDE = "ESRI:54009"
WEST, NORTH = 9_877_000.0, 4_304_000.0
"""Near the seat of Qinshui in Mollweide."""

BOUNDS = (112.17, 35.68, 112.20, 35.70)


def write(path: Path, values: Any, *, cell: float, crs: str = MOLLWEIDE, **options: Any) -> Path:
    rows = np.asarray(values)
    west, north = (WEST, NORTH) if crs == MOLLWEIDE else (112.17, 35.70)
    with rasterio.open(
        path, "w", driver="GTiff", width=rows.shape[1], height=rows.shape[0], count=1, dtype=rows.dtype,
        crs=crs, transform=from_origin(west, north, cell, cell), **options,
    ) as target:  # fmt: skip
        target.write(rows, 1)
    return path


def covering(value: float, *, cell: float, dtype: str = "uint16") -> Any:
    return np.full((int(6000 / cell),) * 2, value, dtype=dtype)


@pytest.mark.parametrize(
    ("cell", "dtype", "built_m2", "fraction"),
    [(100, "uint16", 2500, 0.25), (10, "uint8", 100, 1.0), (1000, "uint32", 200_000, 0.2)],
)
def test_built_m2_become_a_fraction_of_the_cell(
    tmp_path: Path, cell: float, dtype: str, built_m2: float, fraction: float
) -> None:
    path = write(tmp_path / "built.tif", covering(built_m2, cell=cell, dtype=dtype), cell=cell)
    found = read_built_fraction(path, bounds_wgs84=BOUNDS)
    assert np.unique(found.values).tolist() == pytest.approx([fraction])


def test_cells_without_data_stay_unknown(tmp_path: Path) -> None:
    values = covering(5000, cell=100)
    values[:, :40] = 65535
    found = read_built_fraction(
        write(tmp_path / "built.tif", values, cell=100, nodata=65535), bounds_wgs84=BOUNDS
    )
    assert set(np.unique(found.values[found.valid()])) == {0.5}
    assert not found.valid().all()


def test_a_cell_in_degrees_is_measured_on_the_ellipsoid(tmp_path: Path) -> None:
    """3 arc seconds at 35.69 N: 75.4 m x 92.5 m = 6,973 m2 (meridian and parallel arcs of WGS84)."""
    values = np.full((30, 40), 3486, dtype="uint16")
    path = write(tmp_path / "built.tif", values, cell=3 / 3600, crs="EPSG:4326")
    found = read_built_fraction(path, bounds_wgs84=BOUNDS)
    assert found.values.mean() == pytest.approx(0.5, rel=1e-3)


def test_what_cannot_be_built_m2_is_refused_with_the_mend(tmp_path: Path) -> None:
    path = write(tmp_path / "built.tif", covering(65535, cell=100), cell=100)
    with pytest.raises(SourceError, match=r"0 and the cell's 10000 m2.*65535.*nodata VALUE built.tif"):
        read_built_fraction(path, bounds_wgs84=BOUNDS)
    with pytest.raises(SourceError, match="does not exist"):
        read_built_fraction(tmp_path / "none.tif", bounds_wgs84=BOUNDS)
    with pytest.raises(SourceError, match="does not cover"):
        read_built_fraction(path, bounds_wgs84=(10, 10, 11, 11))


def test_degurba_codes_are_kept_and_others_refused(tmp_path: Path) -> None:
    codes = np.tile(np.array([[30, 11, 255], [21, 23, 12]], dtype="uint8"), (3, 3))
    found = read_degurba(write(tmp_path / "smod.tif", codes, cell=1000, nodata=255), bounds_wgs84=BOUNDS)
    assert found.values[:2, :3].tolist() == [[30, 11, 0], [21, 23, 12]]
    assert found.classes[23] == "dense_urban_cluster"
    assert found.valid().sum() == 45
    with pytest.raises(SourceError, match=r"codes that are not of GHS-SMOD level 2 .*: 255"):
        read_degurba(write(tmp_path / "smod.tif", codes, cell=1000), bounds_wgs84=BOUNDS)
    empty = np.full((6, 6), 255, dtype="uint8")
    with pytest.raises(SourceError, match="no data"):
        read_degurba(write(tmp_path / "smod.tif", empty, cell=1000, nodata=255), bounds_wgs84=BOUNDS)


def test_smod_with_its_negative_no_data_is_read(tmp_path: Path) -> None:
    codes = np.full((6, 6), 13, dtype="int16")
    codes[0, 0] = -200
    path = write(tmp_path / "smod.tif", codes, cell=1000, nodata=-200)
    assert np.unique(read_degurba(path, bounds_wgs84=BOUNDS).values).tolist() == [0, 13]


def test_a_profile_reads_its_epochs_and_the_degree_of_urbanisation(tmp_path: Path) -> None:
    for year, built_m2 in ((1975, 500), (2020, 4000)):
        write(tmp_path / f"ghs_built_s_{year}.tif", covering(built_m2, cell=100), cell=100)
    write(tmp_path / "degurba.tif", np.full((6, 6), 22, dtype="uint8"), cell=1000)
    profile = CountyProfile.model_validate({
        "id": "own", "name_zh": "县", "name_en": "county", "folder": tmp_path, "seat": (112.187, 35.69),
        "boundary": {"bbox_wgs84": BOUNDS}, "synthetic": True,
    })  # fmt: skip
    layers = read_layers(profile)
    assert sorted(layers.built_fraction) == [1975, 2020]
    assert layers.built_fraction[1975].values.max() == pytest.approx(0.05)
    assert layers.degurba is not None
    assert layers.provenance["built_fraction"].synthetic
    assert layers.provenance["degurba"].layer == "degurba"


# --- the trend

ZONE = frame([box(0, 0, 1000, 1000), box(2000, 0, 2500, 500)])
"""1 km2 and 0.25 km2."""


def epoch(west: float, east: float) -> Any:
    """100 m cells on 3 x 1 km: one fraction in the west 1.5 km, another in the east."""
    return grid(np.hstack([np.full((10, 15), west), np.full((10, 15), east)]), cell_m=100, nodata=np.nan)


def test_built_surface_by_epoch_and_its_growth_per_year() -> None:
    trend = built_trend({2020: epoch(0.4, 0.8), 1990: epoch(0.1, 0.0), 2030: epoch(0.5, 0.8)}, ZONE)
    assert trend.index.tolist() == [1990, 2020, 2030]
    assert trend["built_km2"].tolist() == pytest.approx([0.1, 0.6, 0.7])
    assert trend["km2_per_year"].tolist()[1:] == pytest.approx([0.5 / 30, 0.01])
    assert trend["projected"].tolist() == [False, False, True]
    assert trend["covered"].tolist() == pytest.approx([1, 1, 1])


def test_a_zone_that_cuts_cells_counts_their_part() -> None:
    """50 m of the western cells and 50 m of the eastern ones: half of 0.2, half of 0.6."""
    trend = built_trend({2000: epoch(0.2, 0.6)}, frame([box(1450, 0, 1550, 1000)]))
    assert trend["built_km2"].tolist() == pytest.approx([0.1 * 0.4])


def test_an_epoch_that_does_not_know_the_zone_has_no_figure() -> None:
    unknown = epoch(0.2, np.nan)
    trend = built_trend({2000: epoch(0.2, 0.2), 2010: unknown, 2020: epoch(0.4, 0.4)}, ZONE)
    assert trend["built_km2"].isna().tolist() == [False, True, False]
    assert trend["covered"].tolist() == pytest.approx([1, 0.8, 1])
    assert trend["km2_per_year"].iloc[2] == pytest.approx(0.25 / 20)
    elsewhere = built_trend({2000: epoch(0.2, 0.2)}, frame([box(9000, 9000, 9100, 9100)]))
    assert elsewhere["built_km2"].isna().all()


def test_a_trend_needs_a_zone_in_metres_with_an_area() -> None:
    assert refused(lambda crs: built_trend({}, frame([box(0, 0, 1, 1)], crs)), "zone of the trend")
    with pytest.raises(LayerError, match="no area"):
        built_trend({}, frame([], METRIC))


def test_growth_of_a_single_year_is_not_known() -> None:
    growth = yearly_growth(built_trend({2000: epoch(0.2, 0.2)}, ZONE)["built_km2"])
    assert growth.isna().all()


@pytest.mark.parametrize(
    ("area", "years", "expected"), [(6.5, 1, 1.5), (7.0, 4, 0.25), (8.0, 2, 0.0), (9.0, -1, 0.0)]
)
def test_what_remains_to_a_target_per_year(area: float, years: float, expected: float) -> None:
    needed = needed_growth(Quantity(area, "km2"), Quantity(8.0, "km2"), years=years)
    assert needed == Quantity(expected, "km2/year")


def test_a_missed_target_asks_for_no_yearly_growth_and_units_are_checked() -> None:
    assert needed_growth(Quantity(7.0, "km2"), Quantity(8.0, "km2"), years=0) is None
    with pytest.raises(ValueError, match="km2"):
        needed_growth(Quantity(700.0, "ha"), Quantity(8.0, "km2"), years=1)
