"""Layers to indicators: the town's figures with rasters, tables and layers of the user's own."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely
import town
from pyproj import CRS

from qinshui_geo.county import CountyResult, measure_county
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Provenance, Quantity, Statistic
from qinshui_geo.measuring import measure_indicators
from qinshui_geo.plan import load_plan
from qinshui_geo.profile import CountyProfile
from qinshui_geo.reading import TEMPORARY_RESIDENTS, read_layers

INDICATORS = [
    "built_up_area", "town_population", "park_area_per_capita", "park_service_coverage", "green_coverage",
    "green_land_ratio", "sponge_share", "greenway_connectivity", "charging_coverage", "eldercare_coverage",
    "osm_completeness",
]  # fmt: skip
STEPS = [
    "built_up_area", "town_population", "park_area_per_capita", "green_coverage", "sponge_share",
    "greenway_connectivity", "services",
]  # fmt: skip
OFFICE = Provenance("statistics", "office", as_of="2024")


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> CountyProfile:
    folder = tmp_path_factory.mktemp("county")
    town.write_town(folder / "osm.osm")
    town.write_landcover(folder / "landcover.tif")
    town.write_population(folder / "population.tif")
    town.write_rain(folder / "rainfall.csv", years=30)
    return CountyProfile(id="own", name_zh="县", name_en="county", plan="qinshui", folder=folder)


@pytest.fixture(scope="module")
def layers(profile: CountyProfile) -> CountyLayers:
    return read_layers(profile)


def _measure(layers: CountyLayers, profile: CountyProfile, **other: Any) -> CountyResult:
    return measure_county(replace(layers, **other), profile, load_plan("qinshui"), today=date(2026, 7, 1))


def _value(result: CountyResult, indicator: str) -> float | None:
    return result.finding(indicator).value


def test_indicators_are_told_in_order(layers: CountyLayers, profile: CountyProfile) -> None:
    told: list[str] = []
    assert list(measure_indicators(layers, profile, tell=told.append)) == INDICATORS
    assert told == STEPS


def test_figures_with_rasters_are_those_worked_out_by_hand(
    layers: CountyLayers, profile: CountyProfile
) -> None:
    result = _measure(layers, profile)
    assert _value(result, "built_up_area") == pytest.approx(1.0, rel=1e-3)
    assert _value(result, "town_population") == pytest.approx(2000, rel=1e-3)  # 100 cells of 20 persons
    assert _value(result, "park_area_per_capita") == pytest.approx(15.0, rel=1e-3)  # 3 ha
    assert _value(result, "green_coverage") == pytest.approx(50.0, abs=0.1)  # grass in the west half
    # the two west blocks are grass (phi 0.15) and keep 85 % of the rain, the two paved ones nothing
    assert _value(result, "sponge_share") == pytest.approx(50.0, abs=0.1)
    assert result.finding("green_coverage").confidence == "medium"
    assert result.finding("greenway_connectivity").confidence == "low"


def test_years_left_are_counted_from_the_day_of_the_run(layers: CountyLayers, profile: CountyProfile) -> None:
    result = _measure(layers, profile)
    assert result.generated == date(2026, 7, 1)
    assert result.finding("built_up_area").years_left == 1  # 2027
    assert result.finding("park_area_per_capita").years_left == -1  # 2025


def _tank(volume_m3: float) -> Any:
    return town.frame(
        [shapely.Point(town.EAST + 750, town.NORTH + 750)], kind=["tank"], volume_m3=[volume_m3]
    )


@pytest.mark.parametrize(("volume_m3", "share"), [(4000, 50.0), (4045, 75.0)])
def test_a_tank_makes_its_block_comply_from_the_volume_that_it_needs(
    layers: CountyLayers, profile: CountyProfile, volume_m3: float, share: float
) -> None:
    """Days of 10, 20 and 30 mm: alpha is 50 % at 10 mm and 83.3 % at 20 mm, so 80 % at 19 mm.

    The north-east block is 25 ha with phi 0.85: it needs 10 x 19 x 0.85 x 25 = 4,037.5 m3.
    """
    result = _measure(layers, profile, sponge_facilities=_tank(volume_m3))
    assert _value(result, "sponge_share") == pytest.approx(share, abs=0.1)
    units = result.gis_layers["sponge_units"]
    built = units[units["impervious_percent"] > 99]
    assert built["required_m3"].tolist() == pytest.approx([4037.5] * 2, rel=1e-3)


def test_own_drainage_units_are_cut_to_the_town_and_its_rest_is_one_more(
    layers: CountyLayers, profile: CountyProfile
) -> None:
    units = town.frame([town.square(-500, -500, 1000), town.square(5000, 0, 100)])
    result = _measure(layers, profile, sponge_units=units)
    assert result.gis_layers["sponge_units"]["area_ha"].tolist() == pytest.approx([25.0, 75.0], rel=1e-3)


def test_the_land_survey_outranks_openstreetmap_and_land_cover(
    layers: CountyLayers, profile: CountyProfile
) -> None:
    survey = town.frame([town.square(250, 250, 500), town.square(760, 250, 10)], kind=[None, None])
    result = _measure(layers, profile, land_survey=survey)
    # 25 ha, and 100 m2 ten metres away that are too small to count
    assert _value(result, "built_up_area") == pytest.approx(0.25)


def test_own_woods_without_an_access_column_are_no_built_up_land(
    layers: CountyLayers, profile: CountyProfile
) -> None:
    greens = town.frame(
        [town.square(0, 0, 200), town.square(1000, 0, 2000)], source_id=["a", "b"], name=[None, None],
        kind=["park", "wood"],
    )  # fmt: skip
    result = _measure(layers, profile, green_areas=greens)
    assert _value(result, "built_up_area") == pytest.approx(1.0, rel=1e-3)
    assert _value(result, "park_area_per_capita") == pytest.approx(20.0, rel=1e-3)  # 4 ha
    parks = result.gis_layers["parks"].set_index("source_id")
    assert parks["counted"].to_dict() == {"a": True, "b": False} and "EG" not in parks.loc["a", "reason"]


def test_official_population_outranks_the_raster_which_stands_beside_it(
    layers: CountyLayers, profile: CountyProfile
) -> None:
    figures = {
        "town_population": Statistic(Quantity(3000, "person"), 2024, OFFICE),
        TEMPORARY_RESIDENTS: Statistic(Quantity(500, "person"), 2024, OFFICE),
    }
    result = _measure(layers, profile, statistics=figures)
    found = result.finding("town_population")
    assert (found.value, found.confidence, found.sources[0].origin) == (3000, "high", "office")
    assert found.measurement is not None
    details = {name: quantity.value for name, quantity in found.measurement.details.items()}
    assert details == {"resident_and_temporary": 3500, "raster": pytest.approx(2000, rel=1e-3)}
    assert _value(result, "park_area_per_capita") == pytest.approx(10.0, rel=1e-3)


def test_a_population_raster_without_persons_divides_nothing(
    layers: CountyLayers, profile: CountyProfile
) -> None:
    assert layers.population is not None
    empty = replace(layers.population, values=0 * layers.population.values)
    result = _measure(layers, profile, population=empty)
    assert _value(result, "park_area_per_capita") is None
    assert result.finding("park_area_per_capita").verdict == "NO_DATA"


def test_a_ratio_names_the_sources_of_both_its_parts(layers: CountyLayers, profile: CountyProfile) -> None:
    result = _measure(layers, profile)
    layers_of = {source.layer for source in result.finding("park_area_per_capita").sources}
    assert layers_of == {"osm", "population", "landcover"}  # the land cover through the built-up area
    assert {source.layer for source in result.finding("green_coverage").sources} == {"osm", "landcover"}


def test_parks_by_part_basis_and_service_radius_of_the_town(
    layers: CountyLayers, profile: CountyProfile
) -> None:
    """The two parks in the south-west serve 500 m around them: 3 ha of park to 2,000 (or 2,500) persons."""
    figures = {
        "town_population": Statistic(Quantity(2000, "person"), 2024, OFFICE),
        TEMPORARY_RESIDENTS: Statistic(Quantity(500, "person"), 2024, OFFICE),
    }
    result = _measure(layers, profile, statistics=figures)
    found = result.finding("park_area_per_capita").measurement
    assert found is not None and found.range is not None
    assert found.details["per_resident"].value == pytest.approx(15.0, rel=1e-3)
    assert found.details["per_resident_and_temporary"].value == pytest.approx(12.0, rel=1e-3)
    assert [swing.settings for swing in found.swings] == [(8, 10, 12, 15)]
    parts = result.gis_layers["park_parts"]
    assert parts["area_ha"].sum() == pytest.approx(100, rel=1e-3)
    assert parts["park_ha"].sum() == pytest.approx(3, rel=1e-3)
    assert parts["persons"].sum() == pytest.approx(2000, rel=1e-3)
    # The parks fill x 100-400, y 100-200 m, so they serve x 0-900, y 0-700 but for their corners: the
    # north-east one leaves a square of 500 m but its quarter circle, the two beside the town's edge leave
    # what a circle of 500 m falls short over its first 100 m, t^3 / (6 r).
    served = 900 * 700 - (1 - math.pi / 4) * 500**2 - 2 * 100**3 / (6 * 500)
    service = result.finding("park_service_coverage")
    assert service.value == pytest.approx(served / 1e4, rel=1e-3)
    assert (service.verdict, service.confidence) == ("REPORTED", "low")
    assert service.measurement is not None
    assert service.measurement.details["straight_residents"].value == pytest.approx(service.value, rel=0.01)
    assert 0 < service.measurement.details["walking_land"].value < service.value
    assert result.gis_layers["residential_areas"]["persons"].tolist() == pytest.approx([2000], rel=1e-3)


def test_a_figure_per_person_of_made_up_persons_is_synthetic(
    layers: CountyLayers, profile: CountyProfile
) -> None:
    made_up = replace(layers.provenance["population"], synthetic=True)
    result = _measure(layers, profile, provenance={**layers.provenance, "population": made_up})
    assert result.synthetic
    assert {f.id for f in result.findings if f.synthetic} == {
        "town_population", "park_area_per_capita", "park_service_coverage",
    }  # fmt: skip


def test_without_any_layer_every_indicator_says_what_to_bring(profile: CountyProfile) -> None:
    bare = CountyLayers(crs=CRS.from_epsg(4546), seat=shapely.Point(town.EAST, town.NORTH))
    measured = measure_indicators(bare, profile)
    assert list(measured) == INDICATORS
    for found in measured.values():
        assert found.quantity is None and found.confidence is None
        assert any(word in note.en for note in found.notes for word in ("bring", "give"))
    result = measure_county(bare, profile, load_plan("qinshui"))
    assert {finding.verdict for finding in result.findings} == {"NO_DATA"}
    assert all(frame.empty and frame.crs == bare.crs for frame in result.gis_layers.values())


def test_the_county_is_never_taken_for_its_town(layers: CountyLayers, profile: CountyProfile) -> None:
    census = {"county_urban": {"value": 96032, "year": 2020, "source": "census"}}
    known = CountyProfile.model_validate({**profile.model_dump(), "population": census})
    found = _measure(layers, known, population=None).finding("town_population")
    assert found.value is None
    assert any("96,032" in note.en and "not taken for the town" in note.en for note in found.notes)


def test_finding_of_an_unknown_id(layers: CountyLayers, profile: CountyProfile) -> None:
    with pytest.raises(KeyError, match="no_such_id"):
        _measure(layers, profile).finding("no_such_id")


def test_layers_are_not_changed_by_measuring(layers: CountyLayers, profile: CountyProfile) -> None:
    assert layers.green_areas is not None
    before = layers.green_areas.copy()
    _measure(layers, profile)
    pd.testing.assert_frame_equal(pd.DataFrame(layers.green_areas), pd.DataFrame(before))


def test_folder_of_the_profile_needs_no_absolute_path(
    profile: CountyProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert profile.folder is not None
    monkeypatch.chdir(profile.folder)
    again = profile.model_copy(update={"folder": Path()})
    assert read_layers(again).provenance.keys() == read_layers(profile).provenance.keys()
