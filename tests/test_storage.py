"""The written files: GeoPackage, scorecard.json and scorecard.csv of a small county made by hand."""

import csv
import json
import shutil
import sqlite3
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas
import pandas as pd
import pyogrio
import pytest
from pyogrio.errors import DataSourceError
from pyproj import CRS
from shapely import LineString, MultiPolygon, Point, box

from qinshui_geo.assessment import Finding
from qinshui_geo.county import CountyResult
from qinshui_geo.errors import CRSError, OutputError
from qinshui_geo.gis_layers import gis_layers
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Note, Provenance
from qinshui_geo.plan import NO_PLAN
from qinshui_geo.profile import CountyProfile
from qinshui_geo.storage import (
    FINDING_KEYS,
    LAYER_FORMS,
    scorecard,
    write_layers,
    write_scorecard_csv,
    write_scorecard_json,
)

CRS_QINSHUI = CRS.from_epsg(4546)
OSM = Provenance("green_areas", "OpenStreetMap", "ODbL 1.0", "2026-01-01", "ab" * 32)
CENSUS = Provenance("statistics", "第七次人口普查")


def _frame(geometries, **columns) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(columns, geometry=geometries, crs=CRS_QINSHUI)


def _square(x: float, y: float, side: float = 100.0):
    """Square of 1 ha at the usual side of 100 m."""
    return box(500_000 + x, 3_950_000 + y, 500_000 + x + side, 3_950_000 + y + side)


def _finding(**changes) -> Finding:
    usual = Finding(
        id="park_area_per_capita", name_zh="人均公园绿地面积", name_en="park area per capita", kind="spatial",
        value=12.5, low=11.0, high=14.0, unit="m2/person", target=17.0, sense=">=", year=2025,
        verdict="NOT_MET", gap=4.5, years_left=-1, confidence="medium", clause="人均公园绿地面积达到17平方米",
        sources=(OSM, CENSUS), notes=(Note("人口为估计", "population is estimated"), Note("二", "two")),
    )  # fmt: skip
    return replace(usual, **changes)


NO_DATA = _finding(
    id="sewage", value=None, low=None, high=None, verdict="NO_DATA", gap=None, confidence=None, sources=(),
    kind="statistical", notes=(Note("请提供统计数据", "bring the statistics"),), target=None, sense="exists",
)  # fmt: skip


def _gis_layers() -> dict[str, geopandas.GeoDataFrame]:
    yes_no_unknown = pd.array([True, False, None], dtype="boolean")
    units = _frame(
        [_square(0, 0), _square(200, 0), MultiPolygon([_square(400, 0), _square(600, 0)])],
        unit_id=[1, 2, 3], required_m3=[10.5, None, 3.0], compliant=yes_no_unknown,
        reason_zh=["达标", "未达标", None],
    )  # fmt: skip
    line = LineString([(500_000, 3_950_000), (500_300, 3_950_400)])  # a 3-4-5 triangle: 500 m
    return gis_layers({}, CRS_QINSHUI) | {
        "built_up": _frame([_square(0, 0, 1000.0)], piece=[1], area_ha=[100.0], holds_seat=[True]),
        "parks": _frame([_square(0, 0)], name=["沁河公园"], counted=[True], area_ha=[1.0]),
        "sponge_units": units,
        "greenways": _frame([line], edge_id=[7], name=["滨河绿道"], length_m=[500.0]),
        "greenway_links": _frame([], link_id=pd.array([], "int64"), name=pd.array([], "str")),
    }


def _result(*, synthetic: bool = False, **changes) -> CountyResult:
    layers = CountyLayers(crs=CRS_QINSHUI, seat=Point(500_000, 3_950_000), provenance={"green_areas": OSM})
    profile = CountyProfile(id="tiny", name_zh="小县", name_en="Tiny", synthetic=synthetic)
    usual = CountyResult(
        profile=profile, plan=NO_PLAN, layers=layers, findings=(_finding(), NO_DATA),
        gis_layers=_gis_layers(), generated=date(2026, 11, 24),
    )  # fmt: skip
    return replace(usual, **changes)


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("layers") / "layers.gpkg"
    write_layers(_result(), path)
    return path


def test_all_layers_and_sources_are_there(package):
    names = [str(name) for name, _ in pyogrio.list_layers(package)]
    assert names == [*LAYER_FORMS, "sources"]
    assert all(pyogrio.read_info(package, layer=name)["crs"] == "EPSG:4546" for name in LAYER_FORMS)


def test_geometry_types_hold_when_empty_and_when_mixed(package):
    types = {name: pyogrio.read_info(package, layer=name)["geometry_type"] for name in LAYER_FORMS}
    assert types == {
        "built_up": "Polygon",
        "parks": "MultiPolygon",
        "sponge_units": "MultiPolygon",  # one unit has two parts
        "greenways": "LineString",
        "greenway_links": "LineString",  # empty, as are all that follow
        "built_up_patches": "Polygon",
        "built_up_links": "LineString",
        "park_parts": "MultiPolygon",
        "residential_areas": "MultiPolygon",
        "completeness": "Polygon",
    }


def test_empty_layer_keeps_its_columns(package):
    links = geopandas.read_file(package, layer="greenway_links")
    assert len(links) == 0
    assert {"link_id", "name"} <= set(links.columns)


def test_values_and_chinese_names_come_back(package):
    parks = geopandas.read_file(package, layer="parks")
    assert parks["name"].tolist() == ["沁河公园"]
    assert parks.area.iloc[0] == pytest.approx(10_000.0)
    assert geopandas.read_file(package, layer="greenways").length.iloc[0] == pytest.approx(500.0)


def test_missing_values_stay_missing(package):
    with sqlite3.connect(package) as connection:
        query = "SELECT required_m3, compliant, reason_zh FROM sponge_units ORDER BY unit_id"
        rows = connection.execute(query).fetchall()
    connection.close()
    assert rows == [(10.5, 1, "达标"), (None, 0, "未达标"), (3.0, None, None)]


def test_sources_table_names_layer_and_finding_sources_once(package):
    table = pyogrio.read_dataframe(package, layer="sources")
    assert table["layer"].tolist() == ["green_areas", "statistics"]
    assert table["origin"].tolist() == ["OpenStreetMap", "第七次人口普查"]
    assert table["sha256"].iloc[0] == "ab" * 32
    assert table["licence"].isna().tolist() == [False, True]
    assert table["synthetic"].tolist() == [False, False]


def _contents(path: Path) -> dict[str, tuple[str, str]]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT table_name, identifier, description FROM gpkg_contents").fetchall()
    connection.close()
    return {name: (title, description) for name, title, description in rows}


def test_titles_are_in_both_languages(package):
    title, description = _contents(package)["parks"]
    assert title == "公园绿地 / parks"
    assert "合成示例" not in description


def test_synthetic_mark_is_on_every_table(tmp_path):
    write_layers(_result(synthetic=True), tmp_path / "layers.gpkg")
    marks = {
        name: "合成示例 / synthetic" in text
        for name, (_, text) in _contents(tmp_path / "layers.gpkg").items()
    }
    assert marks == dict.fromkeys([*LAYER_FORMS, "sources"], True)


def test_county_without_sources_or_features(tmp_path):
    empty = {name: frame.iloc[:0] for name, frame in _gis_layers().items()}
    bare = CountyLayers(crs=CRS_QINSHUI, seat=Point(0, 0))
    write_layers(_result(gis_layers=empty, layers=bare, findings=()), tmp_path / "layers.gpkg")
    assert pyogrio.read_info(tmp_path / "layers.gpkg", layer="sources")["features"] == 0
    assert "sha256" in pyogrio.read_info(tmp_path / "layers.gpkg", layer="sources")["fields"]
    assert pyogrio.read_info(tmp_path / "layers.gpkg", layer="sponge_units")["geometry_type"] == "Polygon"


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="ogrinfo is not installed")
def test_ogrinfo_opens_it_without_complaint(package):
    run = subprocess.run(["ogrinfo", "-so", "-al", package], capture_output=True, text=True, check=True)
    assert "Layer name: sponge_units" in run.stdout
    assert "DESCRIPTION=" in run.stdout
    assert run.stderr == ""


def test_failing_write_leaves_the_old_package(tmp_path, package):
    path = tmp_path / "layers.gpkg"
    shutil.copy(package, path)
    degrees = _gis_layers() | {"greenway_links": _gis_layers()["greenway_links"].to_crs(4326)}
    with pytest.raises(CRSError, match="greenway_links"):
        write_layers(_result(gis_layers=degrees), path)
    assert path.read_bytes() == package.read_bytes()
    assert list(tmp_path.iterdir()) == [path]


def test_wrong_geometry_is_refused(tmp_path):
    points = _gis_layers() | {"greenways": _frame([Point(500_000, 3_950_000)], name=["no line"])}
    with pytest.raises(OutputError, match=r"holds Point \(greenways\).*only LineString"):
        write_layers(_result(gis_layers=points), tmp_path / "layers.gpkg")
    assert list(tmp_path.iterdir()) == []


def test_fault_of_the_driver_names_the_file(tmp_path, monkeypatch):
    def disk_full(*_args, **_options):
        raise DataSourceError("database or disk is full")

    monkeypatch.setattr(pyogrio, "write_dataframe", disk_full)
    with pytest.raises(OutputError, match=r"disk is full \(.*layers\.gpkg\).*Mend"):
        write_layers(_result(), tmp_path / "layers.gpkg")
    assert list(tmp_path.iterdir()) == []


def test_missing_layer_is_named(tmp_path):
    layers = _gis_layers()
    del layers["parks"]
    with pytest.raises(OutputError, match="lacks the layers parks"):
        write_layers(_result(gis_layers=layers), tmp_path / "layers.gpkg")


def test_scorecard_json_structure(tmp_path):
    write_scorecard_json(_result(), tmp_path / "scorecard.json")
    text = (tmp_path / "scorecard.json").read_text(encoding="utf-8")
    assert "人均公园绿地面积" in text  # readable, not escaped
    card = json.loads(text)
    assert card == scorecard(_result())
    assert [card[key] for key in ("profile", "generated", "synthetic")] == ["tiny", "2026-11-24", False]
    parks, sewage = card["findings"]
    assert tuple(parks) == FINDING_KEYS
    assert (parks["value"], parks["gap"], parks["years_left"]) == (12.5, 4.5, -1)
    assert parks["notes"] == ["人口为估计 / population is estimated", "二 / two"]
    assert parks["sources"][1] == {
        "layer": "statistics", "origin": "第七次人口普查", "licence": None, "as_of": None, "sha256": None,
        "synthetic": False,
    }  # fmt: skip
    assert (sewage["value"], sewage["target"], sewage["verdict"]) == (None, None, "NO_DATA")


@pytest.mark.parametrize("write", [write_scorecard_json, write_scorecard_csv])
def test_infinite_value_is_refused_and_the_old_file_stays(tmp_path, write):
    path = tmp_path / "scorecard"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(OutputError, match=r"high is nan.*park_area_per_capita"):
        write(_result(findings=(_finding(high=float("nan")),)), path)
    assert path.read_text(encoding="utf-8") == "old"


def _csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_has_the_json_columns_and_a_byte_order_mark(tmp_path):
    write_scorecard_csv(_result(), tmp_path / "scorecard.csv")
    assert (tmp_path / "scorecard.csv").read_bytes().startswith(b"\xef\xbb\xbfid,")
    parks, sewage = _csv_rows(tmp_path / "scorecard.csv")
    assert tuple(parks) == (*FINDING_KEYS, "synthetic")
    assert (parks["value"], parks["sense"], parks["years_left"]) == ("12.5", ">=", "-1")
    assert parks["notes"] == "人口为估计 / population is estimated; 二 / two"
    assert parks["sources"] == "green_areas: OpenStreetMap; statistics: 第七次人口普查"
    assert (sewage["value"], sewage["confidence"]) == ("", "")


@pytest.mark.parametrize("clause", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_csv_text_never_runs_as_a_formula(tmp_path, clause):
    risky = _finding(clause=clause, gap=-3.0, sense="=")
    write_scorecard_csv(_result(findings=(risky,)), tmp_path / "scorecard.csv")
    (row,) = _csv_rows(tmp_path / "scorecard.csv")
    assert row["clause"] == f"'{clause}"
    assert (row["gap"], row["sense"]) == ("-3.0", "=")  # a number stays one; '=' alone is no formula


def test_csv_says_synthetic_on_every_row(tmp_path):
    write_scorecard_csv(_result(synthetic=True), tmp_path / "all.csv")
    assert [row["synthetic"] for row in _csv_rows(tmp_path / "all.csv")] == ["true", "true"]
    made_up = _finding(sources=(replace(OSM, synthetic=True),))
    write_scorecard_csv(_result(findings=(made_up, NO_DATA)), tmp_path / "one.csv")
    assert [row["synthetic"] for row in _csv_rows(tmp_path / "one.csv")] == ["true", "false"]
