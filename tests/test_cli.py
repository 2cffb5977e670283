"""The ``qinshui-geo`` command, run as its users run it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import shapely
import town
from click.testing import CliRunner
from town import PERSONS, command

from qinshui_geo.cli import cli
from qinshui_geo.plan import load_plan
from qinshui_geo.profile import load_profile

FINDING_KEYS = {
    "id", "name_zh", "name_en", "kind", "value", "low", "high", "unit", "target", "sense", "year", "verdict",
    "gap", "years_left", "confidence", "clause", "sources", "notes",
}  # fmt: skip
UNITS = {
    "built_up_area": "km2", "park_area_per_capita": "m2/person", "green_coverage": "percent",
    "sponge_share": "percent", "greenway_connectivity": "percent", "town_population": "person",
}  # fmt: skip
LAYERS = ["built_up", "parks", "sponge_units", "greenways", "greenway_links"]
"""Layers that others script against; further ones may follow."""

PROFILE = 'id = "xiaocheng"\nname_zh = "小城"\nname_en = "Small Town"\nplan = "qinshui"\n'


@pytest.fixture(scope="module")
def osm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return town.write_town(tmp_path_factory.mktemp("town") / "town.osm")


@pytest.fixture(scope="module")
def measured(osm: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[town.Run, Path]:
    out = tmp_path_factory.mktemp("measured") / "new" / "folder"
    return command("measure", "--osm", osm, "--population", PERSONS, "--out", out), out


def scorecard(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "scorecard.json").read_text(encoding="utf-8"))
    return content


def finding(folder: Path, indicator: str) -> Mapping[str, Any]:
    (found,) = (found for found in scorecard(folder)["findings"] if found["id"] == indicator)
    return found  # type: ignore[no-any-return]


# ---- help and usage


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0
    assert f"{name} [OPTIONS]" in result.output and cli.commands[name].help in " ".join(result.output.split())


def test_the_commands_are_those_that_others_script_against() -> None:
    assert set(cli.commands) == {
        "check", "plan", "measure", "map", "report", "layers", "fetch", "init", "sample"
    }  # fmt: skip


def test_help_needs_no_heavy_library() -> None:
    code = (
        "import sys, qinshui_geo, qinshui_geo.cli\n"
        "print(*{'geopandas', 'pandas', 'folium', 'rasterio', 'osmium', 'osmnx', 'scipy'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["measure", "--osmm", "x"], "--osm"),
        (["mesure"], "measure"),
        (["measure", "--seat", "north"], "LON,LAT"),
        (["measure", "--seat", "35.69,112.187"], "longitude, latitude"),
        (["measure", "--population", "-5"], "-5"),
        (["measure", "--population", "0"], "0"),
        (["measure", "--population", "nan"], "not a number of persons"),
        (["measure", "--population", "inf"], "not a number of persons"),
        (["measure", "--lang", "fr"], "'zh', 'en'"),
    ],
)
def test_wrong_usage_is_status_2_and_says_what_to_write(words: list[str], said: str) -> None:
    run = command(*words)
    assert run.code == 2 and run.out == ""
    assert said in run.err and "Traceback" not in run.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["measure"], "neither a profile nor a source is given"),
        (["measure", "qinshuy"], "no profile named 'qinshuy'"),
        (["plan", "qinshuy"], "no plan named 'qinshuy'"),
        (["measure", "gone.toml"], "the file does not exist (gone.toml)"),
    ],
)
def test_our_errors_are_status_1_and_one_message(words: list[str], said: str) -> None:
    run = command(*words)
    assert run.code == 1 and run.out == ""
    assert run.err.startswith("qinshui-geo: ") and run.err.count("\n") == 1
    assert said in run.err and "Mend: " in run.err


# ---- plan


def test_plan_prints_every_target_with_its_clause() -> None:
    run = command("plan")
    assert run.code == 0 and run.err == ""
    targets = load_plan("qinshui").targets
    assert len(run.out.splitlines()) == 1 + 3 * len(targets)  # figure, names, clause
    assert all(target.id in run.out and target.clause in run.out for target in targets)


def test_plan_as_json_is_the_plan() -> None:
    content = json.loads(command("plan", "qinshui", "--json").out)
    values = {
        target["id"]: (target["value"], target["unit"], target["year"]) for target in content["targets"]
    }
    assert values["built_up_area"] == (8.0, "km2", 2027)
    assert values["park_area_per_capita"] == (17.0, "m2/person", 2025)


# ---- measure


def test_measure_writes_three_files_and_names_them(measured: tuple[town.Run, Path]) -> None:
    run, out = measured
    assert (run.code, run.err) == (0, "")
    assert sorted(path.name for path in out.iterdir()) == ["layers.gpkg", "scorecard.csv", "scorecard.json"]
    named = run.out.splitlines()[-3:]
    assert named == [str(out / name) for name in ("scorecard.json", "scorecard.csv", "layers.gpkg")]
    assert "15.00 m²/人" in run.out


def test_scorecard_has_the_keys_ids_and_units_that_others_script_against(
    measured: tuple[town.Run, Path],
) -> None:
    card = scorecard(measured[1])
    assert list(card) == ["profile", "generated", "synthetic", "findings"]
    assert (card["profile"], card["synthetic"]) == ("extract", False)
    assert all(set(found) == FINDING_KEYS for found in card["findings"])
    further = ["park_service_coverage", "green_land_ratio", "osm_completeness"]  # reported, without a target
    asked = [target.id for target in load_plan("qinshui").targets]
    assert [found["id"] for found in card["findings"]] == asked + further
    units = {found["id"]: found["unit"] for found in card["findings"]}
    assert units.items() >= UNITS.items()
    assert {found["verdict"] for found in card["findings"] if found["value"] is None} == {"NO_DATA"}


def test_figures_of_the_town_are_those_worked_out_by_hand(measured: tuple[town.Run, Path]) -> None:
    out = measured[1]
    values = {name: finding(out, name)["value"] for name in UNITS}
    assert values["built_up_area"] == pytest.approx(1.0, rel=1e-4)  # corners lose a few m2 in the closing
    assert values["park_area_per_capita"] == pytest.approx(15.0, rel=1e-4)  # 3 ha of 2,000 persons, not 4 ha
    assert values["greenway_connectivity"] == pytest.approx(75.0, rel=1e-4)  # 300 m of 400 m
    assert values["town_population"] == PERSONS
    assert values["green_coverage"] is None and values["sponge_share"] is None  # no raster was brought
    assert finding(out, "charging_coverage")["value"] == pytest.approx(100.0)
    parks = finding(out, "park_area_per_capita")
    assert (parks["verdict"], parks["target"], parks["gap"]) == (
        "NOT_MET",
        17.0,
        pytest.approx(2.0, rel=1e-3),
    )


def test_csv_says_the_same_as_json(measured: tuple[town.Run, Path]) -> None:
    out = measured[1]
    with (out / "scorecard.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row, found in zip(rows, scorecard(out)["findings"], strict=True):
        assert (row["id"], row["verdict"]) == (found["id"], found["verdict"])
        assert row["value"] == ("" if found["value"] is None else str(found["value"]))


def test_gis_layers_are_metric_and_hold_the_town(measured: tuple[town.Run, Path]) -> None:
    package = measured[1] / "layers.gpkg"
    names = [name for name, _ in pyogrio.list_layers(package)]
    assert names[: len(LAYERS)] == LAYERS and names[-1] == "sources"
    parks = gpd.read_file(package, layer="parks")
    assert parks.crs.to_epsg() == 4546
    assert parks.geometry.area.tolist() == pytest.approx([20_000, 20_000], rel=1e-4)
    assert parks["counted"].all() and sorted(parks["name"]) == ["乙公园", "甲公园"]
    assert gpd.read_file(package, layer="built_up")["area_ha"].tolist() == pytest.approx([100], rel=1e-4)
    assert sorted(gpd.read_file(package, layer="sponge_units")["area_ha"]) == pytest.approx(
        [25] * 4, rel=1e-3
    )


def test_stated_population_is_named_as_the_source(measured: tuple[town.Run, Path]) -> None:
    for name in ("town_population", "park_area_per_capita"):
        assert "--population" in {source["origin"] for source in finding(measured[1], name)["sources"]}


def test_without_a_plan_every_figure_is_reported(osm: Path, tmp_path: Path) -> None:
    assert command("measure", "--osm", osm, "--plan", "none", "--out", tmp_path).code == 0
    card = scorecard(tmp_path)
    assert {found["verdict"] for found in card["findings"]} == {"REPORTED", "NO_DATA"}
    assert {found["target"] for found in card["findings"]} == {None}
    assert UNITS.keys() <= {found["id"] for found in card["findings"]}


def test_a_plan_of_ones_own_is_held_against(osm: Path, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        'id = "own"\nname_zh = "自定"\nname_en = "own"\n[[targets]]\nid = "built_up_area"\n'
        'name_zh = "建成区"\nname_en = "Built-up"\n'
        'clause = "不小于 0.9"\nkind = "spatial"\nsense = ">="\nunit = "km2"\n'
        "year = 2030\nvalue = 0.9\n",
        encoding="utf-8",
    )
    command("measure", "--osm", osm, "--plan", tmp_path / "own.toml", "--out", tmp_path)
    found = finding(tmp_path, "built_up_area")
    assert (found["verdict"], found["gap"]) == ("MET", pytest.approx(-0.1, abs=1e-3))


def test_english_is_spoken_on_request(osm: Path, tmp_path: Path) -> None:
    run = command("measure", "--osm", osm, "--lang", "en", "--out", tmp_path)
    assert "Park green area per capita" in run.out and "人均公园绿地面积" not in run.out
    assert "Park green area per capita" not in command("measure", "--osm", osm, "--out", tmp_path).out


def test_seat_and_boundary_from_the_options(osm: Path, tmp_path: Path) -> None:
    boundary = town.write_boundary(tmp_path / "boundary.geojson")
    run = command(
        "check", "--osm", osm, "--boundary", boundary, "--seat", town.seat_option(500, 500), "--lang", "en"
    )
    assert run.code == 0 and "county             County boundary: 1 features  <- boundary.geojson" in run.out
    assert "the seat is OpenStreetMap's place" not in run.out
    assert "the seat is OpenStreetMap's place 小城" in command("check", "--osm", osm, "--lang", "en").out


# ---- the other outputs


def test_map_and_layers_write_one_file_each(osm: Path, tmp_path: Path) -> None:
    assert command("map", "--osm", osm, "--out", tmp_path / "map").out.endswith(f"{tmp_path}/map/map.html\n")
    assert [path.name for path in (tmp_path / "map").iterdir()] == ["map.html"]
    in_script = json.dumps("甲公园").strip('"')
    assert in_script in (tmp_path / "map" / "map.html").read_text(encoding="utf-8")
    assert command("layers", "--osm", osm, "--out", tmp_path / "gis").code == 0
    assert [path.name for path in (tmp_path / "gis").iterdir()] == ["layers.gpkg"]


def test_report_writes_everything(osm: Path, tmp_path: Path) -> None:
    assert command("report", "--osm", osm, "--out", tmp_path).code == 0
    names = {"report.html", "map.html", "layers.gpkg", "scorecard.csv", "scorecard.json"}
    assert {path.name for path in tmp_path.iterdir()} == names
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "人均公园绿地面积" in page and "合成示例" not in page


def test_check_says_what_is_there_and_writes_nothing(osm: Path, tmp_path: Path) -> None:
    run = command("check", "--osm", osm, "--out", tmp_path / "none", "--lang", "en")
    assert (run.code, run.err) == (0, "") and not (tmp_path / "none").exists()
    lines = run.out.splitlines()
    assert lines[0].startswith("CRS: EPSG:4546")
    said = {line.split()[0]: line.split(": ", 1)[1] for line in lines[1:] if not line.startswith(" ")}
    assert all(said[name].startswith("2 features") for name in ("green_areas", "streets", "paths"))
    assert said["buildings"].startswith("0 features")  # none drawn
    assert said["landcover"] == "missing, bring landcover.tif"


# ---- profiles


def test_profile_by_folder_by_file_and_by_name(
    osm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    home = Path("data/raw/xiaocheng")
    home.mkdir(parents=True)
    (home / "profile.toml").write_text(PROFILE, encoding="utf-8")
    (home / "osm.osm").write_bytes(osm.read_bytes())
    for given in (home, home / "profile.toml", "xiaocheng"):
        run = command("measure", given)
        assert run.code == 0, run.err
        assert run.out.splitlines()[-3:] == [
            str(Path("data/processed/xiaocheng") / name)
            for name in ("scorecard.json", "scorecard.csv", "layers.gpkg")
        ]
        assert scorecard(Path("data/processed/xiaocheng"))["profile"] == "xiaocheng"


def test_plan_and_legend_of_a_profile_lie_beside_it(osm: Path, tmp_path: Path) -> None:
    home = tmp_path / "county"
    home.mkdir()
    (home / "osm.osm").write_bytes(osm.read_bytes())
    town.write_raster(home / "landcover.tif", lambda e, n: 1 + (e < 500))
    (home / "legend.csv").write_text("code,class\n1,built\n2,grass\n", encoding="utf-8")
    (home / "plan.toml").write_text('id = "own"\nname_zh = "自定"\nname_en = "own"\n', encoding="utf-8")
    text = PROFILE.replace('"qinshui"', '"plan.toml"') + '[sources]\nlandcover_legend = "legend.csv"\n'
    (home / "profile.toml").write_text(text, encoding="utf-8")
    run = command("measure", home, "--out", tmp_path / "out")
    assert run.code == 0, run.err
    assert finding(tmp_path / "out", "green_coverage")["verdict"] == "REPORTED"


def test_an_option_outranks_the_profile(osm: Path, tmp_path: Path) -> None:
    text = PROFILE + '[sources]\nosm = "gone.osm"\n[population.town_resident]\nvalue = 9\nyear = 2020\n'
    (tmp_path / "profile.toml").write_text(text + 'source = "old"\n', encoding="utf-8")
    run = command("measure", tmp_path, "--osm", osm, "--population", PERSONS, "--out", tmp_path / "out")
    assert run.code == 0, run.err
    assert finding(tmp_path / "out", "town_population")["value"] == PERSONS


def test_init_writes_a_profile_that_its_name_then_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("init", "yangcheng", "--zh", "阳城县", "--en", "Yangcheng", "--adcode", "140522")
    run = command(*words, "--seat", "112.41,35.48")
    path = Path("data/raw/yangcheng/profile.toml")
    assert (run.code, run.out) == (0, f"{path}\n")
    profile = load_profile("yangcheng")
    assert (profile.name_zh, profile.adcode, profile.seat) == ("阳城县", "140522", (112.41, 35.48))
    assert profile.folder == path.parent and load_profile(path) == profile
    before = path.read_bytes()
    again = command(*words)
    assert again.code == 1 and "exists already" in again.err and str(path) in again.err
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "key"),
    [(["Yangcheng"], "id"), (["a", "--adcode", "12"], "adcode"), (["a", "--crs", "EPSG:4326"], "crs")],
)
def test_init_refuses_what_would_not_hold(
    words: list[str], key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = command("init", *words)
    assert run.code == 1 and f"key '{key}'" in run.err
    assert list(tmp_path.iterdir()) == []


def test_sample_is_written_and_measured_as_synthetic(tmp_path: Path) -> None:
    pytest.importorskip("qinshui_geo.sample")
    run = command("sample", tmp_path / "sample")
    assert run.code == 0, run.err
    written = [Path(line) for line in run.out.splitlines()]
    assert tmp_path / "sample" / "profile.toml" in written and all(path.is_file() for path in written)
    run = command("measure", tmp_path / "sample", "--out", tmp_path / "out")
    assert run.code == 0, run.err
    assert run.out.startswith("合成示例 / synthetic sample\n")
    card = scorecard(tmp_path / "out")
    assert card["synthetic"] is True
    values = {found["id"]: found["value"] for found in card["findings"]}
    assert all(values[name] is not None for name in UNITS)


def test_fetch_without_a_connection_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = command("fetch", "qinshui", "--endpoint", "http://127.0.0.1:9/api")  # nothing listens on port 9
    assert run.code == 1 and run.out == "" and run.err.count("\n") == 1
    assert "no connection" in run.err and "127.0.0.1:9" in run.err
    assert not list(tmp_path.rglob("*osm*"))


def test_layers_of_ones_own_need_no_openstreetmap(tmp_path: Path) -> None:
    """With no columns but those that are asked for, and the land survey as the built-up area."""
    along = [shapely.LineString([(town.EAST - 50, town.NORTH + 500), (town.EAST + 1050, town.NORTH + 500)])]
    frames = {
        "land_survey": town.frame([town.square(0, 0, 1000)]),
        "buildings": town.frame([town.square(0, 0, 90)]),
        "green_areas": town.frame([town.square(0, 0, 200)], kind=["park"]),
        "streets": town.frame(along, kind=["primary"]),
        "paths": town.frame(along, kind=["footway"]),
        "townships": town.frame([town.square(-100, -100, 1500)]),
        "pois": town.frame([shapely.Point(town.EAST + 500, town.NORTH + 500)], kind=["eldercare"]),
    }
    text = PROFILE
    for name, frame in frames.items():
        frame.to_file(tmp_path / f"{name}.gpkg")
        text += f'[sources.vectors.{name}]\nfile = "{name}.gpkg"\n'
    (tmp_path / "profile.toml").write_text(text, encoding="utf-8")
    run = command("report", tmp_path, "--population", PERSONS, "--out", tmp_path / "out")
    assert (run.code, run.err) == (0, "")
    assert finding(tmp_path / "out", "built_up_area")["value"] == pytest.approx(1.0)
    parks = finding(tmp_path / "out", "park_area_per_capita")
    assert (parks["value"], parks["confidence"]) == (pytest.approx(20.0), "high")  # 4 ha of 2,000 persons
    assert finding(tmp_path / "out", "eldercare_coverage")["value"] == 100


# ---- the process itself: streams, code pages, terminals


def _process(*words: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "qinshui_geo.cli", *map(str, words)],
        capture_output=True, env={**os.environ, **environment}, check=False,
    )  # fmt: skip


def test_a_console_without_the_signs_still_gets_its_scorecard(osm: Path, tmp_path: Path) -> None:
    """A Chinese Windows pipes in GBK, which has neither ² nor ✗."""
    run = _process("measure", "--osm", osm, "--out", tmp_path, PYTHONIOENCODING="gbk")
    assert run.returncode == 0 and run.stderr == b""
    assert "建成区面积" in run.stdout.decode("gbk")


def test_an_error_is_no_traceback_even_in_a_real_process(tmp_path: Path) -> None:
    run = _process("measure", "--osm", tmp_path / "gone.osm", PYTHONIOENCODING="utf-8")
    assert run.returncode == 1 and run.stdout == b""
    assert run.stderr.startswith(b"qinshui-geo: ") and run.stderr.count(b"\n") == 1


def _terminal(number: int) -> Iterator[bytes]:
    """What a pseudo-terminal shows until its other end is closed."""
    with os.fdopen(number, "rb", buffering=0) as screen, suppress(OSError):
        while piece := screen.read(4096):
            yield piece


def test_a_terminal_sees_the_steps(osm: Path) -> None:
    termios = pytest.importorskip("termios", reason="a pseudo-terminal is a thing of Unix")
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    words = [sys.executable, "-m", "qinshui_geo.cli", "check", "--osm", str(osm)]
    run = subprocess.run(words, stdout=subprocess.PIPE, stderr=theirs, check=True)
    os.close(theirs)
    shown = b"".join(_terminal(ours)).decode()
    assert "boundary" in shown and "5/5" in shown
    assert "boundary:" not in run.stdout.decode("utf-8")
