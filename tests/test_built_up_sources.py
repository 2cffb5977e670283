"""The built-up area by source, its range, and what is measured beside it, on squares worked out by hand."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine
from geopandas import GeoDataFrame
from plane import METRIC, frame
from shapely import Point, box

from qinshui_geo.grid import Grid
from qinshui_geo.indicators.built_up_sources import agreement, area_by_source, grown_alone
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement, Provenance
from qinshui_geo.measuring.built_up import measure_built_up
from qinshui_geo.measuring.built_up_checks import with_checks
from qinshui_geo.measuring.built_up_range import built_up_joint_range
from qinshui_geo.profile import CountyProfile
from qinshui_geo.reading import read_layers

SEAT = Point(500, 500)
PROFILE = CountyProfile.model_validate({
    "id": "own", "name_zh": "县", "name_en": "county", "method": {"built_up": {"close_m": 0}},
})  # fmt: skip


def details(measured: Measurement, *names: str) -> list[float]:
    return [measured.details[name].value for name in names]


def cells(values: Any, *, cell_m: float = 100, **known: Any) -> Grid:
    """Cells from the corner (0, 0) to the north and east, the first row northernmost."""
    rows = np.asarray(values)
    return Grid(rows, Affine(cell_m, 0, 0, 0, -cell_m, len(rows) * cell_m), METRIC, **known)


def land_cover(west: float, east: float) -> Grid:
    """Built from ``west`` to ``east``, 1 km high, on a field of 6 km; trees elsewhere."""
    values = np.full((10, 60), 10, dtype="uint8")
    values[:, int(west / 100) : int(east / 100)] = 50
    return cells(values, classes={50: "built", 10: "tree"})


def built(share: float, *, until: float = 2000) -> Grid:
    values = np.zeros((10, 60))
    values[:, : int(until / 100)] = share
    return cells(values, nodata=np.nan)


def buildings(*shapes: Any) -> GeoDataFrame:
    return frame(shapes, kind=["house"] * len(shapes))


def measure(profile: CountyProfile = PROFILE, **layers: Any) -> Measurement:
    found = CountyLayers(crs=METRIC, seat=SEAT, **layers)
    return with_checks(measure_built_up(found, profile), found)


def test_iou_and_areas_of_two_results() -> None:
    two = {"vector": frame([box(0, 0, 3000, 1000)]), "ghs": frame([box(1000, 0, 2000, 1000)])}
    found = agreement(two)
    assert {name: quantity.value for name, quantity in found.items()} == pytest.approx(
        {"vector_only": 3.0, "ghs_only": 1.0, "iou_vector_ghs": 1 / 3}
    )
    apart = agreement({"vector": frame([box(0, 0, 1000, 1000)]), "ghs": frame([box(2000, 0, 3000, 1000)])})
    assert apart["iou_vector_ghs"].value == 0


def test_each_source_grows_from_the_seat_by_the_same_rule() -> None:
    near, far = box(0, 0, 1000, 1000), box(1101, 0, 2101, 1000)
    pieces = grown_alone({"vector": frame([near, far]), "ghs": frame([])}, seat=SEAT)
    assert list(pieces) == ["vector"]
    assert pieces["vector"]["area_ha"].tolist() == pytest.approx([100])


def test_the_parts_by_source_sum_to_the_whole() -> None:
    """A hole and a strip that neither source knows are filled."""
    town = frame([box(0, 0, 4000, 1000)])
    vector = frame([box(-500, 0, 2000, 1000).difference(box(500, 400, 700, 600)), box(9000, 0, 9100, 100)])
    raster = frame([box(1000, 0, 3000, 1000), box(3500, 0, 4500, 1000)])
    parts = area_by_source(town, vector=vector, raster=raster)
    assert {name: quantity.value for name, quantity in parts.items()} == pytest.approx(
        {"from_vector": 0.96, "from_raster": 1.5, "from_both": 1.0, "from_filling": 0.54}
    )
    assert sum(quantity.value for quantity in parts.values()) == pytest.approx(4.0)


def test_vectors_and_land_cover_stand_side_by_side() -> None:
    """Vectors 0 to 2 km, land cover 1 to 4 km: together 4 km2, in common 1 km2."""
    measured = measure(buildings=buildings(box(0, 0, 2000, 1000)), landcover=land_cover(1000, 4000))
    assert measured.quantity is not None
    assert measured.quantity.value == pytest.approx(4.0)
    names = (
        "vector_only",
        "landcover_only",
        "iou_vector_landcover",
        "from_vector",
        "from_raster",
        "from_both",
    )
    assert details(measured, *names) == pytest.approx([2, 3, 0.25, 1, 2, 1])
    assert measured.confidence == "medium"


def test_one_source_alone_has_nothing_beside_it() -> None:
    measured = measure(buildings=buildings(box(0, 0, 2000, 1000)))
    assert sorted(measured.details) == ["candidates", "joined", "pieces"]


@pytest.mark.parametrize(("share", "area"), [(0.2, 2.0), (0.19, 1.0)])
def test_without_land_cover_the_built_fraction_counts_from_its_threshold(share: float, area: float) -> None:
    measured = measure(
        buildings=buildings(box(0, 0, 1000, 1000)), built_fraction={2015: built(0), 2020: built(share)}
    )
    assert measured.quantity is not None
    assert measured.quantity.value == pytest.approx(area)


def test_with_land_cover_the_built_fraction_only_stands_beside() -> None:
    measured = measure(
        buildings=buildings(box(0, 0, 1000, 1000)), landcover=land_cover(0, 1000),
        built_fraction={2020: built(0.9), 2030: built(0.9, until=6000)},
    )  # fmt: skip
    assert measured.quantity is not None
    assert measured.quantity.value == pytest.approx(1.0)
    assert details(measured, "ghs_only", "iou_vector_ghs", "iou_landcover_ghs") == pytest.approx(
        [2, 0.5, 0.5]
    )
    assert "ghs_threshold" not in {swing.parameter for swing in measured.swings}


def test_the_survey_is_the_figure_and_the_open_sources_stand_beside() -> None:
    measured = measure(
        land_survey=frame([box(0, 0, 1500, 1000)], kind=["201"]), landcover=land_cover(0, 3000)
    )
    assert measured.quantity is not None
    assert measured.quantity.value == pytest.approx(1.5)
    assert details(measured, "survey_only", "landcover_only", "iou_survey_landcover") == pytest.approx(
        [1.5, 3, 0.5]
    )
    assert "from_vector" not in measured.details


def swings_of(measured: Measurement) -> Mapping[str, Any]:
    return {swing.parameter: swing for swing in measured.swings}


def test_the_range_is_the_envelope_of_the_swings() -> None:
    """1 km2; a square of 0.8 ha 40 m away; 1 km2 each at gaps of 90 m and 190 m."""
    shapes = [
        box(0, 0, 1000, 1000), box(-120, 0, -40, 100), box(1090, 0, 2090, 1000), box(2280, 0, 3280, 1000)
    ]  # fmt: skip
    measured = measure(buildings=buildings(*shapes))
    swings = swings_of(measured)
    assert list(swings) == ["link_m", "min_patch_ha"]
    assert swings["link_m"].settings == (50, 100, 200)
    assert [figure.value for figure in swings["link_m"].figures] == pytest.approx([1, 2, 3])
    assert swings["min_patch_ha"].settings == (0.5, 1, 2)
    assert [figure.value for figure in swings["min_patch_ha"].figures] == pytest.approx([2.008, 2, 2])
    assert measured.range is not None
    assert [end.value for end in measured.range] == pytest.approx([1, 3])


def test_the_central_setting_of_the_profile_is_among_those_tried() -> None:
    profile = CountyProfile.model_validate({
        "id": "own", "name_zh": "县", "name_en": "county",
        "method": {"built_up": {"close_m": 0, "link_m": 300}},
    })  # fmt: skip
    measured = measure(profile, buildings=buildings(box(0, 0, 1000, 1000), box(1250, 0, 2250, 1000)))
    link = swings_of(measured)["link_m"]
    assert link.settings == (50, 100, 200, 300)
    assert [figure.value for figure in link.figures] == pytest.approx([1, 1, 1, 2])


def test_the_threshold_of_the_built_fraction_is_swept_where_it_counts() -> None:
    values = np.zeros((10, 60))
    values[:, :10], values[:, 10:20], values[:, 20:30] = 0.6, 0.3, 0.15
    measured = measure(built_fraction={2020: cells(values, nodata=np.nan)})
    threshold = swings_of(measured)["ghs_threshold"]
    assert threshold.settings == (0.1, 0.2, 0.5)
    assert [figure.value for figure in threshold.figures] == pytest.approx([3, 2, 1])
    assert measured.range is not None
    assert [end.value for end in measured.range] == pytest.approx([1, 3])


def test_swings_never_fall_with_a_longer_link() -> None:
    rng = np.random.default_rng(3)
    places = rng.uniform(0, 4000, (60, 2))
    shapes = [box(0, 0, 1000, 1000), *(box(x, y, x + 120, y + 120) for x, y in places)]
    measured = measure(buildings=buildings(*shapes))
    figures = [figure.value for figure in swings_of(measured)["link_m"].figures]
    assert all(longer >= shorter for shorter, longer in pairwise(figures))
    assert figures[-1] > figures[0]


def test_the_joint_range_lies_within_what_the_parameters_allow() -> None:
    shapes = [box(0, 0, 1000, 1000), box(1090, 0, 2090, 1000), box(2280, 0, 3280, 1000)]
    layers = CountyLayers(crs=METRIC, seat=SEAT, buildings=buildings(*shapes))
    joint = built_up_joint_range(layers, PROFILE.method.built_up, samples=40)
    links = joint.samples["link_m"].to_numpy()
    expected = 1.0 + (links >= 90) + (links >= 190)
    assert joint.samples["figure"].tolist() == pytest.approx(expected.tolist())


def test_without_any_layer_there_is_no_range() -> None:
    measured = measure()
    assert (measured.quantity, measured.range, measured.swings) == (None, None, ())


def test_epochs_are_measured_within_the_outline_and_projections_are_said_to_be_such() -> None:
    epochs = {1975: built(0.1), 2010: built(0.3), 2020: built(0.5), 2030: built(0.6)}
    known = Provenance("built_fraction", "GHS-BUILT-S", synthetic=True)
    measured = measure(
        buildings=buildings(box(0, 0, 1000, 1000)), landcover=land_cover(0, 1000), built_fraction=epochs,
        provenance={"built_fraction": known},
    )  # fmt: skip
    names = ("built_1975", "built_2010", "built_2020", "built_2030", "built_growth_per_year")
    assert details(measured, *names) == pytest.approx([0.1, 0.3, 0.5, 0.6, 0.02])
    assert any("of 2030 is projected" in note.en for note in measured.notes)
    assert known in measured.sources


def test_an_epoch_that_misses_part_of_the_town_is_named() -> None:
    half = cells(np.full((10, 5), 0.5), nodata=np.nan)
    measured = measure(
        buildings=buildings(box(0, 0, 1000, 1000)), landcover=land_cover(0, 1000),
        built_fraction={2000: built(0.5), 2020: half},
    )  # fmt: skip
    assert "built_2020" not in measured.details
    assert any("GHS-BUILT-S for 2020 do not cover" in note.en for note in measured.notes)


def test_the_degree_of_urbanisation_stands_beside_as_an_envelope() -> None:
    codes = np.full((5, 5), 11, dtype="uint8")
    codes[2, 1:4] = 21, 23, 23
    smod = replace(cells(codes, cell_m=1000), nodata=0)
    layers = {"buildings": buildings(box(2000, 2000, 3000, 3000)), "degurba": smod}
    found = CountyLayers(crs=METRIC, seat=Point(2500, 2500), **layers)
    measured = with_checks(measure_built_up(found, PROFILE), found)
    assert details(measured, "degurba_dense", "degurba_all") == [2.0, 3.0]
    assert any("2 km2 dense and 3 km2 in all (1 km cells: a coarse envelope" in n.en for n in measured.notes)


def test_a_population_raster_gives_a_degree_of_urbanisation_of_its_own() -> None:
    """6 km2 of 10,000 persons in a field of 400 per km2: a centre of 6 cells in a cluster of 30."""
    persons = np.full((50, 60), 4.0)  # 100 m cells
    persons[20:40, 20:50] = 100.0
    layers = {"buildings": buildings(box(2000, 2000, 3000, 3000)), "population": cells(persons)}
    found = CountyLayers(crs=METRIC, seat=Point(2500, 2500), **layers)
    measured = with_checks(measure_built_up(found, PROFILE), found)
    assert details(measured, "degurba_population_dense", "degurba_population_all") == [6.0, 30.0]


@pytest.mark.real
def test_guixi_from_extract_to_range_and_envelope(real_data: Path) -> None:
    """OpenStreetMap shows 165 buildings of the city, so far less than its 12 dense cells of 1 km2."""
    profile = CountyProfile.model_validate({
        "id": "guixi", "name_zh": "贵溪市", "name_en": "Guixi", "boundary": {"datum": "gcj02"},
        "sources": {
            "osm": str(real_data / "guixi" / "guixi_20241118.osm"),
            "degurba": str(real_data / "guixi" / "degurba_2025_1km.tif"),
            "boundary": str(real_data / "guixi" / "county_gcj02.geojson"),
        },
    })  # fmt: skip
    layers = read_layers(profile)
    measured = with_checks(measure_built_up(layers, profile), layers)
    assert measured.quantity is not None
    assert measured.range is not None
    low, high = measured.range
    assert 0.2 < low.value <= measured.quantity.value <= high.value < 12
    assert details(measured, "degurba_dense", "degurba_all") == [12.0, 108.0]
    assert any("reaches the edge of the grid" in note.en for note in measured.notes)
    patches = measured.layers["built_up_patches"]
    counted = patches.loc[patches["joined"], "area_ha"].sum() / 100
    assert counted == pytest.approx(measured.quantity.value, rel=0.05)  # the rest are filled holes
    assert (patches["reason"].str.len() > 0).all()
