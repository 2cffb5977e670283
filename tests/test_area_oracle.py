"""Areas beside exactextract, which weighs the cells of a grid by the part that a polygon covers."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from geopandas import GeoDataFrame

from qinshui_geo.county import CountyResult, measure_county
from qinshui_geo.indicators.overlay import area_by_zone, disjoint
from qinshui_geo.plan import load_plan
from qinshui_geo.profile import CountyProfile, load_profile
from qinshui_geo.reading import read_layers

CELL_M = 250.0


def _sample(repository: Path) -> CountyProfile:
    return load_profile(repository / "data" / "raw" / "qinshui_sample")


def _las_palmas(real_data: Path) -> CountyProfile:
    osm = str(real_data / "las_palmas/las_palmas_20230221.osm.pbf")
    return CountyProfile.model_validate(
        {"id": "las_palmas", "name_zh": "城", "name_en": "town", "sources": {"osm": osm}}
    )


@pytest.fixture(scope="module", params=["sample", pytest.param("las_palmas", marks=pytest.mark.real)])
def measured(request: pytest.FixtureRequest, repository: Path) -> CountyResult:
    if request.param == "sample":
        profile = _sample(repository)
    else:
        profile = _las_palmas(request.getfixturevalue("real_data"))
    return measure_county(read_layers(profile), profile, load_plan("none"))


def _grid(frame: GeoDataFrame) -> tuple[np.ndarray, np.ndarray, tuple[float, float, float, float]]:
    """Cells around the frame, numbered row by row from the north-west, as polygons and as a raster."""
    west, south, east, north = frame.total_bounds
    columns, rows = (int(np.ceil(span / CELL_M)) for span in (east - west, north - south))
    left, bottom = west + CELL_M * np.arange(columns), north - CELL_M * np.arange(1, rows + 1)
    x, y = (axis.ravel() for axis in np.meshgrid(left, bottom))
    bounds = (west, north - rows * CELL_M, west + columns * CELL_M, north)
    return (
        shapely.box(x, y, x + CELL_M, y + CELL_M),
        np.arange(rows * columns).reshape(rows, columns),
        bounds,
    )


def _covered_m2(frame: GeoDataFrame) -> np.ndarray:
    """Area of the polygons in each cell of the grid, by exactextract."""
    _, numbers, (west, south, east, north) = _grid(frame)
    source = NumPyRasterSource(numbers, west, south, east, north, srs_wkt=frame.crs.to_wkt())
    found = exact_extract(source, frame, ["values", "coverage"], output="pandas")
    cells = np.concatenate(found["values"].to_numpy()).astype(int)
    shares = np.concatenate(found["coverage"].to_numpy())
    return np.bincount(cells, weights=shares, minlength=numbers.size) * CELL_M**2


def test_built_up_area_is_that_of_exactextract(measured: CountyResult) -> None:
    town, found = measured.gis_layers["built_up"], measured.finding("built_up_area").value
    assert found is not None
    assert found == pytest.approx(_covered_m2(town).sum() / 1e6, rel=1e-6)


def test_park_area_is_that_of_exactextract(measured: CountyResult) -> None:
    """Counted parks cut to the town and united, here by plain overlay, there by the indicator."""
    parks, town = measured.gis_layers["parks"], measured.gis_layers["built_up"]
    counted = parks[parks["counted"]].geometry.union_all().intersection(town.geometry.union_all())
    pieces = shapely.get_parts(counted)  # of which some are lines, where a park touches the edge
    covered = _covered_m2(GeoDataFrame(geometry=pieces[shapely.area(pieces) > 0], crs=parks.crs))
    found = measured.finding("park_area_per_capita").measurement
    assert found is not None
    assert found.details["park_area"].value * 1e4 == pytest.approx(covered.sum(), rel=1e-6)


def test_area_by_zone_is_that_of_exactextract_in_every_zone(measured: CountyResult) -> None:
    parks = measured.gis_layers["parks"]
    parts = disjoint(parks.geometry.to_numpy())
    united = GeoDataFrame(geometry=parts, crs=parks.crs)
    cells = gpd.GeoDataFrame(geometry=_grid(united)[0], crs=parks.crs)
    zones = area_by_zone(cells, parts)
    assert zones == pytest.approx(_covered_m2(united), abs=0.1)  # m2 of 62,500
    assert (zones > 0).sum() > 50
