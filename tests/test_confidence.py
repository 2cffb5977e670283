"""From layers to trust: completeness of the map, green-land ratio, reference points, official figures."""

from __future__ import annotations

import warnings
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
import town
from geopandas import GeoDataFrame
from pyproj import CRS
from rasterio.transform import from_origin

from qinshui_geo.county import CountyResult, measure_county
from qinshui_geo.grid import Grid
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Provenance, Quantity, Statistic
from qinshui_geo.plan import load_plan
from qinshui_geo.profile import CountyProfile
from qinshui_geo.reading import read_layers

OFFICE = Provenance("statistics", "office", as_of="2019")
COVERAGE = "park_service_coverage"
ON_THE_MAP = ("park_area_per_capita", "green_land_ratio", "greenway_connectivity")


def _points() -> str:
    """A point in each cell of 50 m of the town; the west half is green but for the westernmost cells."""
    centres = np.arange(25, 1000, 50)
    rows = [(*town.degrees(e, n), "绿" if 50 < e < 500 else "非绿") for e in centres for n in centres]
    return "".join(f"{lon:.7f},{lat:.7f},{kind}\n" for lon, lat, kind in rows)


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> CountyProfile:
    folder = tmp_path_factory.mktemp("county")
    town.write_town(folder / "osm.osm")
    town.write_landcover(folder / "landcover.tif")
    town.write_population(folder / "population.tif")
    (folder / "reference_points.csv").write_text("lon,lat,class\n" + _points(), encoding="gbk")
    (folder / "statistics.csv").write_text("id,value,unit,year,source\ngreen_land_ratio,35,%,2024,office\n")
    return CountyProfile(id="own", name_zh="县", name_en="county", plan="qinshui", folder=folder)


@pytest.fixture(scope="module")
def layers(profile: CountyProfile) -> CountyLayers:
    return read_layers(profile)


def _measure(layers: CountyLayers, profile: CountyProfile, **other: Any) -> CountyResult:
    return measure_county(replace(layers, **other), profile, load_plan("qinshui"), today=date(2026, 7, 1))


def _sparse() -> dict[str, Any]:
    """GHS-BUILT-S has 2 x 2 km built-up in its newest year, of which the map draws 1 km2; no land cover."""
    transform, crs = from_origin(town.EAST - 500, town.NORTH + 1500, 100, 100), CRS.from_epsg(4546)
    years = {2000: Grid(np.zeros((20, 20)), transform, crs), 2020: Grid(np.ones((20, 20)), transform, crs)}
    return {"landcover": None, "built_fraction": years}


@pytest.fixture(scope="module")
def result(layers: CountyLayers, profile: CountyProfile) -> CountyResult:
    return _measure(layers, profile)


@pytest.fixture(scope="module")
def sparse(layers: CountyLayers, profile: CountyProfile) -> CountyResult:
    return _measure(layers, profile, **_sparse())


def test_the_green_land_ratio_is_that_of_the_parks_drawn(result: CountyResult) -> None:
    ratio, coverage = result.finding("green_land_ratio"), result.finding("green_coverage")
    assert ratio.value == pytest.approx(3.0, rel=1e-3)  # 3 ha of park in 1 km2
    assert (ratio.verdict, ratio.confidence, ratio.unit) == ("REPORTED", "low", "percent")
    assert coverage.value == pytest.approx(50.0, abs=0.1)


def test_completeness_of_a_map_that_draws_the_town(result: CountyResult) -> None:
    """The land cover has the east half built-up, and the map draws all of it as residential land."""
    found = result.finding("osm_completeness")
    assert found.value == pytest.approx(100, abs=0.5)
    assert (found.verdict, found.confidence) == ("REPORTED", "medium")
    assert {source.layer for source in found.sources} == {"osm", "landcover"}


def test_the_cells_are_a_layer(result: CountyResult) -> None:
    cells = result.gis_layers["completeness"]
    assert cells.geometry.area.unique().tolist() == [250_000]
    assert cells["built_land_m2"].sum() == pytest.approx(500_000, rel=1e-3)
    assert not cells["low"].any()


def test_figures_from_a_sparse_map_are_marked_low(sparse: CountyResult) -> None:
    completeness = sparse.finding("osm_completeness").value
    assert completeness == pytest.approx(25, abs=0.1)
    for indicator in (*ON_THE_MAP, "sponge_share"):
        found = sparse.finding(indicator)
        if found.value is not None:
            assert found.confidence == "low", indicator
            assert any("complete, under 50 %" in note.en for note in found.notes), indicator
    assert not any("complete, under" in note.en for note in sparse.finding("town_population").notes)
    assert sparse.gis_layers["completeness"]["low"].any()


def test_a_built_up_area_whose_gaps_a_raster_fills_keeps_its_confidence(
    layers: CountyLayers, profile: CountyProfile, sparse: CountyResult
) -> None:
    """The raster's 4 km2 are the figure, of which the map draws 1 km2."""
    found = sparse.finding("built_up_area")
    assert found.value == pytest.approx(4.0, rel=0.01)
    assert found.confidence == "medium"
    assert not any("complete, under" in note.en for note in found.notes)
    alone = _measure(layers, profile, landcover=None).finding("built_up_area")
    assert alone.confidence == "low"


def test_a_coverage_of_little_residential_land_says_of_how_little(
    layers: CountyLayers, profile: CountyProfile, result: CountyResult
) -> None:
    """The town of 1 km2, of which only the block of 100 x 200 m is left as residential."""
    assert not any("drawn as residential" in note.en for note in result.finding(COVERAGE).notes)
    assert layers.built_land is not None
    west, south = town.EAST + 400, town.NORTH + 400
    lot = (
        layers.built_land.iloc[[0]]
        .assign(kind="residential")
        .set_geometry([shapely.box(west, south, west + 100, south + 200)])
    )
    rest = layers.built_land.assign(kind="construction")
    few = _measure(layers, profile, built_land=GeoDataFrame(pd.concat([rest, lot]), crs=layers.crs))
    (note,) = [note.en for note in few.finding(COVERAGE).notes if "drawn as residential" in note.en]
    assert note.startswith("only 2.0 ha (2.0 %) of the built-up area")


@pytest.mark.parametrize(("least", "marked"), [(20.0, False), (60.0, True)])
def test_the_least_completeness_is_the_profiles(
    layers: CountyLayers, profile: CountyProfile, least: float, marked: bool
) -> None:
    method = {"completeness": {"min_share_percent": least}}
    strict = CountyProfile.model_validate({**profile.model_dump(), "method": method})
    found = _measure(layers, strict, **_sparse()).finding("park_area_per_capita")
    assert any("% complete, under" in note.en for note in found.notes) == marked


def test_the_users_own_parks_are_not_doubted_for_the_map(
    layers: CountyLayers, profile: CountyProfile
) -> None:
    vectors = {"green_areas": {"file": "parks.gpkg"}}
    own = CountyProfile.model_validate({**profile.model_dump(), "sources": {"vectors": vectors}})
    result = _measure(layers, own, **_sparse())
    assert result.finding("park_area_per_capita").confidence == "high"
    assert result.finding("greenway_connectivity").confidence == "low"


def test_a_sponge_share_from_land_cover_does_not_rest_on_what_is_drawn(
    layers: CountyLayers, profile: CountyProfile
) -> None:
    assert layers.built_land is not None
    empty = _measure(layers, profile, built_land=layers.built_land.iloc[:0])
    assert empty.finding("osm_completeness").value == 0
    assert not any("complete, under" in note.en for note in empty.finding("sponge_share").notes)
    assert any("complete, under" in note.en for note in empty.finding("park_area_per_capita").notes)


def test_without_another_source_the_completeness_is_not_known(
    layers: CountyLayers, profile: CountyProfile
) -> None:
    result = _measure(layers, profile, landcover=None)
    found = result.finding("osm_completeness")
    assert found.value is None and "bring --landcover" in found.notes[0].en
    assert result.gis_layers["completeness"].empty
    blank = _measure(layers, profile, buildings=None, built_land=None)
    assert blank.finding("osm_completeness").value is None


def test_reference_points_adjust_the_coverage(layers: CountyLayers, result: CountyResult) -> None:
    """400 points: of the 200 on mapped green the 20 westernmost are not green, the others are right.

    50 % mapped green x 180 / 200 = 45 %.
    """
    assert layers.reference_points is not None
    assert len(layers.reference_points) == 400 and layers.reference_points.crs == layers.crs
    found = result.finding("green_coverage")
    assert found.measurement is not None
    assert found.measurement.details["error_adjusted"].value == pytest.approx(45, abs=0.1)
    assert found.value == pytest.approx(50, abs=0.1)
    assert found.low == pytest.approx(45 - 1.96 * 50 * np.sqrt(0.9 * 0.1 / 199), abs=0.1)
    assert "reference_points" in {source.layer for source in found.sources}


def test_few_points_are_told_once_with_the_layer(profile: CountyProfile, tmp_path: Path) -> None:
    assert profile.folder is not None
    few = tmp_path / "few.csv"
    few.write_text("lon,lat,class\n" + "".join(_points().splitlines(keepends=True)[:30]), encoding="utf-8")
    known = profile.model_copy(
        update={"sources": profile.sources.model_copy(update={"reference_points": str(few)})}
    )
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        layers = read_layers(known)
    assert sum("fewer than 300" in str(warning.message) for warning in told) == 1
    assert "only 30" in layers.notes["reference_points"][0].en


def test_official_figures_stand_beside_the_measured(layers: CountyLayers, profile: CountyProfile) -> None:
    known = {**layers.statistics, "built_up_area": Statistic(Quantity(1.25, "km2"), 2019, OFFICE)}
    rows = {row.id: row for row in _measure(layers, profile, statistics=known).reconciliation}
    assert set(rows) == {"built_up_area", "green_land_ratio"}
    assert rows["built_up_area"].relative_percent == pytest.approx(-20, abs=0.1)
    assert rows["green_land_ratio"].difference == pytest.approx(-32, abs=0.1)
    assert any(
        "mixed up" in note.en for note in rows["green_land_ratio"].causes
    )  # 35 is nearer to 50 than to 3


def test_without_official_figures_there_is_nothing_to_reconcile(
    layers: CountyLayers, profile: CountyProfile
) -> None:
    assert _measure(layers, profile, statistics={}).reconciliation == ()
