"""The joint range on request, and what is said of a wide range, on towns whose figures are known."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
import town
from geopandas import GeoDataFrame
from pyproj import CRS
from rasterio.transform import from_origin
from shapely import Point

from qinshui_geo.county import CountyResult, measure_county
from qinshui_geo.grid import Grid
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement, Quantity, Swing
from qinshui_geo.measuring.range_notes import with_range_notes
from qinshui_geo.plan import load_plan
from qinshui_geo.profile import CountyProfile, Figure, Population
from qinshui_geo.texts import words

METRIC = CRS.from_epsg(4546)
ENDS = ["joint_low", "joint_median", "joint_high"]
RANGED = ["built_up_area", "park_area_per_capita", "green_coverage"]
PROFILE = CountyProfile(
    id="own", name_zh="县", name_en="county", plan="none", crs="EPSG:4546",
    population=Population(town_resident=Figure(value=1000, year=2025, source="office")),
)  # fmt: skip


def _layers() -> CountyLayers:
    """Three squares of 1 km2, 90 and 190 m apart, a park 50 m and one 9 m wide, NDVI rising to the east."""
    squares = shapely.box([0, 1090, 2280], 0, [1000, 2090, 3280], 1000)
    parks = [shapely.box(100, 100, 300, 150), shapely.box(400, 100, 600, 109)]
    ndvi = np.tile(np.linspace(0.0, 0.6, 328), (100, 1)).astype("float32")
    return CountyLayers(
        crs=METRIC, seat=Point(500, 500),
        built_land=GeoDataFrame({"kind": "residential"}, geometry=squares, index=range(3), crs=METRIC),
        green_areas=GeoDataFrame(
            {"source_id": ["w1", "w2"], "name": ["a", "b"], "kind": "park", "access": None},
            geometry=parks, crs=METRIC,
        ),
        ndvi=Grid(ndvi, from_origin(0, 1000, 10, 10), METRIC),
    )  # fmt: skip


def _measure(samples: int) -> CountyResult:
    return measure_county(
        _layers(), PROFILE, load_plan("none"), today=date(2026, 7, 1), joint_samples=samples
    )


def _joint(result: CountyResult, indicator: str) -> list[Quantity]:
    measured = result.finding(indicator).measurement
    assert measured is not None
    return [measured.details[name] for name in ENDS if name in measured.details]


@pytest.fixture(scope="module")
def ranged() -> CountyResult:
    return _measure(100)


def test_without_a_request_there_is_no_joint_range() -> None:
    result = _measure(0)
    assert all(_joint(result, name) == [] for name in RANGED)


def test_the_built_up_area_runs_over_all_linking_distances(ranged: CountyResult) -> None:
    """Of link_m from 50 to 200 m, 27 % keep one square, 67 % two, and 7 % all three."""
    low, median, high = (quantity.value for quantity in _joint(ranged, "built_up_area"))
    assert (low, median) == pytest.approx((1.0, 2.0), rel=1e-3)
    assert high == pytest.approx(3.0, rel=1e-3)


def test_the_park_area_has_the_narrow_park_or_not(ranged: CountyResult) -> None:
    """One in seven of the widths from 8 to 15 m is under 9 m: 10,000 m2 always, 1,800 m2 more at the top."""
    low, median, high = _joint(ranged, "park_area_per_capita")
    assert (low.value, median.value, high.value) == pytest.approx((10.0, 10.0, 11.8))
    assert low.unit == "m2/person"


def test_green_coverage_falls_evenly_with_the_threshold(ranged: CountyResult) -> None:
    """NDVI rises by 0.6 over 3.28 km; the two squares, of 2.09 km less the street, end at 0.38."""
    found = ranged.finding("green_coverage").measurement
    assert found is not None
    low, median, high = (quantity.value for quantity in _joint(ranged, "green_coverage"))
    thresholds = np.array([0.3925, 0.325, 0.2575])  # 5th, 50th and 95th of 0.25 to 0.40, reversed
    east = np.clip(2090 - 3280 * thresholds / 0.6, 0, None)
    assert [low, median, high] == pytest.approx((100 * east / 2000).tolist(), abs=1.0)


def test_the_same_request_gives_the_same_range_and_names_its_parameters(ranged: CountyResult) -> None:
    again = _measure(100)
    for name in RANGED:
        assert _joint(ranged, name) == _joint(again, name)
        assert all(lower.value <= higher.value for lower, higher in pairwise(_joint(ranged, name)))
    (note,) = [note.en for note in ranged.finding("built_up_area").notes if "joint range" in note.en]
    assert "link_m 50–200" in note and "min_patch_ha 0.5–2" in note and "100 samples" in note


def test_the_option_of_the_command_reaches_the_notes_and_its_figures_have_names(tmp_path: Path) -> None:
    osm = town.write_town(tmp_path / "town.osm")
    run = town.command("measure", "--osm", osm, "--joint", "5", "--out", tmp_path / "out")
    assert run.code == 0
    findings = json.loads((tmp_path / "out" / "scorecard.json").read_text(encoding="utf-8"))["findings"]
    (notes,) = [found["notes"] for found in findings if found["id"] == "built_up_area"]
    assert any("Latin hypercube of 5 samples" in note for note in notes)
    assert all(set(ENDS) <= words("detail", lang).keys() for lang in ("zh", "en"))
    refused = town.command("measure", "--osm", osm, "--joint", "-1", "--out", tmp_path / "none")
    assert refused.code == 2 and not (tmp_path / "none").exists()


def _measured(*swings: Swing) -> Measurement:
    return Measurement("built_up_area", Quantity(6.0, "km2"), "面积", "Area", swings=swings)


def _swing(parameter: str, unit: str, *figures: float) -> Swing:
    settings = tuple(float(50 * 2**i) for i in range(len(figures)))
    return Swing(parameter, unit, settings, tuple(Quantity(figure, "km2") for figure in figures))


def test_the_parameter_that_moves_the_figure_most_is_told_with_the_town_that_falls_apart() -> None:
    links, pieces = _swing("link_m", "m", 4.5, 6.0, 6.2), _swing("min_patch_ha", "ha", 6.1, 6.0, 5.9)
    notes = [note.en for note in with_range_notes(_measured(pieces, links)).notes]
    assert notes[0] == (
        "of the parameters, linking distance link_m moves the figure most: 4.5 km2 at 50 m, 6.2 km2 at 200 m"
    )
    assert notes[1].startswith("at a linking distance of 50 m the town falls apart: 1.50 km2 (25 %)")
    grown = with_range_notes(_measured(_swing("link_m", "m", 6.0, 6.0, 7.0)))
    assert len(grown.notes) == 1 and "7 km2 at 200 m" in grown.notes[0].en


def test_a_narrow_range_needs_no_words() -> None:
    narrow = _measured(_swing("link_m", "m", 5.9, 6.0, 6.1))
    assert with_range_notes(narrow) == narrow
    unmeasured = replace(narrow, quantity=None, swings=())
    assert with_range_notes(unmeasured) == unmeasured
