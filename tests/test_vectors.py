from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from qinshui_geo.crs import wgs84_to_gcj02
from qinshui_geo.errors import SourceError
from qinshui_geo.sources.vectors import read_vector

SQUARE = shapely.box(500_000, 3_950_000, 501_000, 3_951_000)  # 1 km2
BOW_TIE = shapely.Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])  # two triangles of 0.25 km2


def _units(crs: object = 4546, **columns: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"小区名": ["龙港社区"]} | columns, geometry=[SQUARE], crs=crs)


@pytest.mark.parametrize(
    ("file", "driver"),
    [
        ("units.gpkg", "GPKG"),
        ("units.geojson", "GeoJSON"),
        ("units.shp", "ESRI Shapefile"),
        ("units.gdb", "OpenFileGDB"),
        ("units.fgb", "FlatGeobuf"),
    ],
)
def test_every_format_gives_the_same(tmp_path: Path, file: str, driver: str) -> None:
    frame = _units().to_crs(4326) if driver == "GeoJSON" else _units()
    pyogrio.write_dataframe(frame, tmp_path / file, driver=driver)
    read = read_vector(tmp_path / file, name="sponge_units")
    assert read["小区名"].tolist() == ["龙港社区"]
    assert read.to_crs(4546).area[0] == pytest.approx(1e6, rel=1e-6)
    assert read["source_id"].tolist() == ["sponge_units/1"]
    assert read["name"].isna().all()
    assert read["kind"].isna().all()


def test_the_usual_columns_are_kept_where_they_are(tmp_path: Path) -> None:
    path = tmp_path / "units.gpkg"
    _units(source_id=["A7"], name=["一区"], kind=["catchment"]).to_file(path)
    read = read_vector(path, name="sponge_units")
    assert read.loc[0, ["source_id", "name", "kind"]].tolist() == ["A7", "一区", "catchment"]


# --- encodings of Shapefiles


@pytest.mark.parametrize("encoding", ["GBK", "GB18030", "UTF-8"])
def test_a_shapefile_without_cpg(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "units.shp"
    pyogrio.write_dataframe(_units(), path, encoding=encoding)
    (tmp_path / "units.cpg").unlink(missing_ok=True)
    assert read_vector(path, name="sponge_units")["小区名"].tolist() == ["龙港社区"]


def test_a_shapefile_with_its_cpg(tmp_path: Path) -> None:
    path = tmp_path / "units.shp"
    pyogrio.write_dataframe(_units(), path, encoding="GBK")
    (tmp_path / "units.cpg").write_text("GBK")
    assert read_vector(path, name="sponge_units")["小区名"].tolist() == ["龙港社区"]


def test_the_user_can_name_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "units.shp"
    frame = gpd.GeoDataFrame({"place": ["臺北"]}, geometry=[SQUARE], crs=4546)
    pyogrio.write_dataframe(frame, path, encoding="BIG5")
    (tmp_path / "units.cpg").unlink(missing_ok=True)
    assert read_vector(path, name="sponge_units", encoding="big5")["place"].tolist() == ["臺北"]


@pytest.mark.parametrize("encoding", ["ascii", "no-such-encoding"])
def test_a_wrong_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "units.shp"
    pyogrio.write_dataframe(_units(), path, encoding="GBK")
    with pytest.raises(SourceError, match=r"cannot be decoded .*units\.shp.*encoding = "):
        read_vector(path, name="sponge_units", encoding=encoding)


# --- geometry


def test_invalid_geometries_are_mended_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "units.gpkg"
    collapsed = shapely.Polygon([(0, 0), (1, 0), (0, 0)])
    shapes = [BOW_TIE, SQUARE, None, shapely.Polygon(), collapsed]
    gpd.GeoDataFrame({"n": [1, 2, 3, 4, 5]}, geometry=shapes, crs=4546).to_file(path)
    read = read_vector(path, name="sponge_units")
    assert read["n"].tolist() == [1, 2]
    assert read.is_valid.all()
    assert read.area.tolist() == pytest.approx([0.5e6, 1e6])
    assert read.attrs == {"repaired": 2, "dropped": 3}


def test_heights_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "pois.gpkg"
    gpd.GeoDataFrame(geometry=[shapely.Point(500_000, 3_950_000, 742.0)], crs=4546).to_file(path)
    assert not read_vector(path, name="pois").has_z.any()


@pytest.mark.parametrize("crs", [4326, 4490])
def test_an_offset_datum_comes_back_as_wgs84(tmp_path: Path, crs: int) -> None:
    lon, lat = wgs84_to_gcj02(np.array([112.187]), np.array([35.690]))
    path = tmp_path / "pois.gpkg"
    gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=crs).to_file(path)
    read = read_vector(path, name="pois", datum="gcj02")
    assert read.crs.to_epsg() == 4326
    assert read.geometry[0].coords[0] == pytest.approx((112.187, 35.690), abs=1e-7)


def test_its_own_crs_is_left(tmp_path: Path) -> None:
    _units().to_file(tmp_path / "units.gpkg")
    assert read_vector(tmp_path / "units.gpkg", name="sponge_units").crs.to_epsg() == 4546


# --- layers


def test_one_layer_beside_a_table_needs_no_name(tmp_path: Path) -> None:
    path = tmp_path / "survey.gpkg"
    _units().to_file(path, layer="parcels")
    pyogrio.write_dataframe(pd.DataFrame({"code": ["0701"]}), path, layer="codes")
    assert len(read_vector(path, name="land_survey")) == 1


def test_of_several_layers_one_must_be_named(tmp_path: Path) -> None:
    path = tmp_path / "survey.gpkg"
    _units().to_file(path, layer="parcels")
    _units(kind=["road"]).to_file(path, layer="roads")
    with pytest.raises(SourceError, match=r"none is named; it holds parcels, roads .*survey\.gpkg"):
        read_vector(path, name="land_survey")
    with pytest.raises(SourceError, match="no layer 'rods' with geometry; it holds parcels, roads"):
        read_vector(path, name="land_survey", layer="rods")
    assert read_vector(path, name="land_survey", layer="roads")["kind"].tolist() == ["road"]


# --- refusals


def _refused(path: Path, match: str, **options: object) -> None:
    with pytest.raises(SourceError, match=match) as caught:
        read_vector(path, name="parks", **options)  # type: ignore[arg-type]
    assert str(path) in str(caught.value.where)
    assert caught.value.mend


def test_missing_and_foreign_files(tmp_path: Path) -> None:
    _refused(tmp_path / "none.gpkg", "does not exist")
    (tmp_path / "text.gpkg").write_text("no database")
    _refused(tmp_path / "text.gpkg", "not a vector file")


def test_a_shapefile_without_prj(tmp_path: Path) -> None:
    pyogrio.write_dataframe(_units(), tmp_path / "parks.shp", encoding="UTF-8")
    (tmp_path / "parks.prj").unlink()
    _refused(tmp_path / "parks.shp", r"no CRS.*\.prj")


def test_a_shapefile_without_its_attribute_index(tmp_path: Path) -> None:
    pyogrio.write_dataframe(_units(), tmp_path / "parks.shp", encoding="UTF-8")
    whole = (tmp_path / "parks.shp").read_bytes()
    (tmp_path / "parks.shp").write_bytes(whole[:40])
    _refused(tmp_path / "parks.shp", "not a vector file")


def test_a_table_without_geometry(tmp_path: Path) -> None:
    pyogrio.write_dataframe(pd.DataFrame({"code": ["0701"]}), tmp_path / "t.gpkg", layer="codes")
    _refused(tmp_path / "t.gpkg", "holds no geometry")


def test_no_feature_and_no_row_with_geometry(tmp_path: Path) -> None:
    pyogrio.write_dataframe(_units().iloc[:0], tmp_path / "empty.gpkg", geometry_type="Polygon")
    _refused(tmp_path / "empty.gpkg", "holds no feature")
    nothing = gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.Polygon()], crs=4546)
    pyogrio.write_dataframe(nothing, tmp_path / "bare.gpkg", geometry_type="Polygon")
    _refused(tmp_path / "bare.gpkg", "no row has a geometry")


def test_a_required_column(tmp_path: Path) -> None:
    _units(area_m2=[120.0]).to_file(tmp_path / "parks.gpkg")
    assert len(read_vector(tmp_path / "parks.gpkg", name="parks", required=["area_m2"])) == 1
    _refused(
        tmp_path / "parks.gpkg", "no column depth_m, only 小区名, area_m2", required=["area_m2", "depth_m"]
    )


def test_metres_said_to_be_degrees(tmp_path: Path) -> None:
    _units(crs=4326).to_file(tmp_path / "parks.gpkg")
    _refused(tmp_path / "parks.gpkg", "said to be in degrees, but its coordinates run to 3951000")
