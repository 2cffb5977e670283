import hashlib
import json
from pathlib import Path
from typing import get_args

import pytest

from qinshui_geo.errors import SourceError
from qinshui_geo.measurement import Quantity
from qinshui_geo.plan import Unit
from qinshui_geo.sources.statistics import read_statistics

UNITS = {
    "built_up_area": "km2",
    "park_area_per_capita": "m2/person",
    "green_coverage": "percent",
    "town_population": "person",
    "greenway_length": "km",
    "charging_points": "count",
    "sewage_plant_upgraded": "yes_no",
}
HEADER = "id,value,unit,year,source\n"


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    return tmp_path / "statistics.csv"


def _read(csv: Path, rows: str, header: str = HEADER, **options: object) -> dict:
    csv.write_text(header + rows, encoding="utf-8")
    return read_statistics(csv, units=UNITS, **options)


def test_a_figure_has_value_unit_year_and_source(csv: Path) -> None:
    found = _read(csv, "green_coverage,41.5,percent,2024,Yearbook 2025 p. 12\n")["green_coverage"]
    assert found.quantity == Quantity(41.5, "percent")
    assert found.year == 2024
    assert (found.provenance.layer, found.provenance.origin) == ("statistics", "Yearbook 2025 p. 12")
    assert found.provenance.as_of == "2024"
    assert found.provenance.sha256 == hashlib.sha256(csv.read_bytes()).hexdigest()


def test_the_sidecar_says_that_it_is_synthetic(csv: Path) -> None:
    csv.write_text(HEADER + "green_coverage,41.5,%,2024,\n", encoding="utf-8")
    sidecar = {"layer": "statistics", "origin": "made up", "licence": "CC0-1.0", "synthetic": True}
    csv.with_name("statistics.csv.provenance.json").write_text(json.dumps(sidecar), encoding="utf-8")
    found = read_statistics(csv, units=UNITS)["green_coverage"].provenance
    assert (found.synthetic, found.origin, found.licence) == (True, "made up", "CC0-1.0")


@pytest.mark.parametrize(
    ("indicator", "unit", "asked"),
    [
        ("green_coverage", "%", "percent"),
        ("green_coverage", "％", "percent"),
        ("built_up_area", "平方公里", "km2"),
        ("built_up_area", "km²", "km2"),
        ("park_area_per_capita", "平方米/人", "m2/person"),
        ("park_area_per_capita", "㎡/人", "m2/person"),
        ("town_population", "人", "person"),
        ("town_population", " Person ", "person"),
        ("greenway_length", "公里", "km"),
        ("charging_points", "个", "count"),
    ],
)
def test_chinese_spellings_of_the_unit_asked(csv: Path, indicator: str, unit: str, asked: str) -> None:
    assert _read(csv, f"{indicator},12,{unit},2024,x\n")[indicator].quantity == Quantity(12.0, asked)


@pytest.mark.parametrize(("text", "value"), [("是", 1.0), ("否", 0.0), ("yes", 1.0), ("0", 0.0)])
def test_yes_and_no(csv: Path, text: str, value: float) -> None:
    found = _read(csv, f"sewage_plant_upgraded,{text},是否,2024,x\n")
    assert found["sewage_plant_upgraded"].quantity == Quantity(value, "yes_no")


@pytest.mark.parametrize("unit", get_args(Unit))
def test_every_unit_of_the_plan_can_be_given(csv: Path, unit: str) -> None:
    csv.write_text(HEADER + f"figure,1,{unit},2024,x\n", encoding="utf-8")
    assert read_statistics(csv, units={"figure": unit})["figure"].quantity == Quantity(1.0, unit)


@pytest.mark.parametrize(
    ("row", "said", "mend"),
    [
        ("town_population,8,万人,2024,x", "given in '万人', asked is person", "multiply by 10000"),
        ("built_up_area,800,公顷,2024,x", "'公顷', asked is km2", "divide by 100"),
        ("green_coverage,0.42,1,2024,x", "'1', asked is percent", "multiply by 100"),
        ("green_coverage,0.42,ratio,2024,x", "'ratio', asked is percent", "multiply by 100"),
        ("green_coverage,0.42,比例,2024,x", "'比例', asked is percent", "multiply by 100"),
        ("green_coverage,42,人,2024,x", "'人', asked is percent", "convert the value"),
        ("green_coverage,42,,2024,x", "'no unit', asked is percent", "write the unit as"),
        ("green_coverage,142,%,2024,x", "outside 0 to 100", "42 % is written 42"),
        ("green_coverage,-1,%,2024,x", "-1 is negative", "correct"),
        ("green_coverage,42%,%,2024,x", "'42%' is not a number", "bare number"),
        ("green_coverage,nan,%,2024,x", "'nan' is not a number", "bare number"),
        ("green_coverage,42,%,24,x", "'24' is not a year", "2024"),
        ("green_coverage,42,%,,x", "'' is not a year", "2024"),
        ("sewage_plant_upgraded,maybe,是否,2024,x", "'maybe' is not yes or no", "是"),
        ("green_covrage,42,%,2024,x", "unknown id 'green_covrage'", "perhaps green_coverage"),
        ("zzz,42,%,2024,x", "unknown id 'zzz'", "qinshui-geo plan"),
        ("green_coverage,42,%,2024,a,b", "6 cells where the header has 5", "quotes"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_named_with_its_mend(csv: Path, row: str, said: str, mend: str) -> None:
    with pytest.raises(SourceError) as caught:
        _read(csv, f"town_population,80000,人,2023,x\n\n{row}\n")
    assert said in caught.value.what
    assert caught.value.where == f"{csv}, row 4"
    assert mend in str(caught.value.mend)


def test_an_empty_value_is_skipped_and_not_zero(csv: Path) -> None:
    assert _read(csv, "green_coverage,,%,2024,x\n,,,,\n") == {}


def test_zero_is_a_figure(csv: Path) -> None:
    assert _read(csv, "charging_points,0,个,2024,x\n")["charging_points"].quantity.value == 0.0


def test_thousands_may_be_grouped(csv: Path) -> None:
    assert _read(csv, 'town_population,"80,000",人,2024,x\n')["town_population"].quantity.value == 80_000
    with pytest.raises(SourceError, match="'8,00' is not a number"):
        _read(csv, 'town_population,"8,00",人,2024,x\n')


def test_the_latest_year_wins_in_either_order(csv: Path) -> None:
    for rows in ("town_population,1,人,2020,x\ntown_population,2,人,2024,x\n",
                 "town_population,2,人,2024,x\ntown_population,1,人,2020,x\n"):  # fmt: skip
        found = _read(csv, rows)["town_population"]
        assert (found.quantity.value, found.year) == (2.0, 2024)


def test_one_id_twice_in_a_year_is_refused(csv: Path) -> None:
    with pytest.raises(SourceError, match=r"town_population comes twice for 2024 .*row 3"):
        _read(csv, "town_population,1,人,2024,x\ntown_population,2,人,2024,x\n")


def test_further_ids_are_accepted_in_a_known_unit(csv: Path) -> None:
    extra = {"town_population_temporary"}
    found = _read(csv, "town_population_temporary,4000,人,2024,x\n", extra=extra)
    assert found["town_population_temporary"].quantity == Quantity(4000.0, "person")
    with pytest.raises(SourceError, match="unknown unit '万人'"):
        _read(csv, "town_population_temporary,0.4,万人,2024,x\n", extra=extra)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_encodings_of_spreadsheets(csv: Path, encoding: str) -> None:
    row = "built_up_area,7.2,平方公里,2024,沁水县统计局,建成区面积\n"
    csv.write_bytes(("id,value,unit,year,source,name\n" + row).encode(encoding))
    found = read_statistics(csv, units=UNITS)["built_up_area"]
    assert found.provenance.origin == "沁水县统计局"
    assert found.quantity == Quantity(7.2, "km2")


def test_another_encoding_is_refused(csv: Path) -> None:
    csv.write_bytes(b"id,value\xff\xff\n")
    with pytest.raises(SourceError, match="neither UTF-8 nor GBK"):
        read_statistics(csv, units=UNITS)


def test_a_missing_column_or_file_is_refused(csv: Path) -> None:
    with pytest.raises(SourceError, match=r"does not exist .*statistics\.csv"):
        read_statistics(csv, units=UNITS)
    with pytest.raises(SourceError, match=r"no column unit, source .*row 1.*id,value,unit,year,source"):
        _read(csv, "", header="id,value,year\n")
    csv.write_bytes(b"")
    with pytest.raises(SourceError, match="no column id, value"):
        read_statistics(csv, units=UNITS)
