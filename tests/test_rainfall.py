import gzip
from pathlib import Path

import pandas as pd
import pytest

from qinshui_geo.errors import QinshuiGeoWarning, SourceError
from qinshui_geo.sources.rainfall import DailyRain, read_rainfall


def _read(path: Path, text: str) -> DailyRain:
    path.write_text(text, encoding="utf-8")
    with pytest.warns(QinshuiGeoWarning, match="complete years"):
        return read_rainfall(path)


def test_mm_a_day_with_flagged_and_empty_days_left_out(tmp_path: Path) -> None:
    text = "date,prcp_mm,qflag\n2012-07-22,1.5,\n2012-07-21,170.0,\n2012-07-23,99.0,X\n2012-07-24,,\n"
    rain = _read(tmp_path / "rain.csv", text)
    assert rain.series.name == "prcp_mm"
    assert {str(day.date()): mm for day, mm in rain.series.items()} == {
        "2012-07-21": 170.0,
        "2012-07-22": 1.5,
    }


def test_a_table_without_quality_flags(tmp_path: Path) -> None:
    assert _read(tmp_path / "rain.csv", "date,prcp_mm\n2012-07-21,3\n").series.tolist() == [3.0]


def test_noaas_own_file_is_in_tenths_of_mm(tmp_path: Path) -> None:
    text = (
        '"STATION","DATE","PRCP","PRCP_ATTRIBUTES","TMAX"\n'
        '"CHM00057083","2012-07-21","  123",",,S","300"\n'
        '"CHM00057083","2012-07-22","  999",",X,S","301"\n'
        '"CHM00057083","2012-07-23","    0","T,,S","302"\n'
    )
    assert _read(tmp_path / "CHM00057083.csv", text).series.tolist() == [12.3, 0.0]


def test_gzip_gives_the_same(tmp_path: Path) -> None:
    path = tmp_path / "rain.csv.gz"
    path.write_bytes(gzip.compress(b"date,prcp_mm\n2012-07-21,3\n"))
    with pytest.warns(QinshuiGeoWarning):
        assert read_rainfall(path).series.tolist() == [3.0]


def _years(first: str, last: str) -> str:
    days = pd.date_range(first, last, freq="D")
    return "date,prcp_mm\n" + "".join(f"{day.date()},1\n" for day in days)


def test_thirty_complete_years_need_no_reservation(tmp_path: Path) -> None:
    (tmp_path / "rain.csv").write_text(_years("1981-01-01", "2010-12-31"))
    rain = read_rainfall(tmp_path / "rain.csv")
    assert (rain.years, rain.notes) == (30, ())


def test_twenty_nine_years_warn_and_say_so_in_the_result(tmp_path: Path) -> None:
    rain = _read(tmp_path / "rain.csv", _years("1981-01-01", "2009-12-31"))
    assert rain.years == 29
    assert "29" in rain.notes[0].zh
    assert "only 29 complete years" in rain.notes[0].en


@pytest.mark.parametrize(("last", "years"), [("2011-11-24", 0), ("2011-11-25", 1)])
def test_a_year_counts_from_ninety_percent_of_its_days(tmp_path: Path, last: str, years: int) -> None:
    # 0.9 x 365 = 328.5 days; 24 November is day 328
    assert _read(tmp_path / "rain.csv", _years("2011-01-01", last)).years == years


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2012-02-30,1,", "not a date"),
        ("21/07/2012,1,", "not a date"),
        ("2012-07-21,-0.1,", "negative rainfall"),
        ("2012-07-21,1825.1,", "world record"),
        ("2012-07-20,1,", "second time"),
        ("2012-07-21,T,", "'T' is not a number"),
        ("2012-07-21,inf,", "'inf' is not a number"),
        ("2012-07-21,nan,", "'nan' is not a number"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str, said: str) -> None:
    path = tmp_path / "rain.csv"
    path.write_text(f"date,prcp_mm,qflag\n2012-07-19,,\n2012-07-20,5,\n{row}\n2012-07-25,1,\n")
    with pytest.raises(SourceError, match=said) as caught:
        read_rainfall(path)
    assert caught.value.where == f"{path}, row 4"
    assert caught.value.mend


def test_a_flagged_day_may_come_again(tmp_path: Path) -> None:
    text = "date,prcp_mm,qflag\n2012-07-21,500,D\n2012-07-21,50,\n"
    assert _read(tmp_path / "rain.csv", text).series.tolist() == [50.0]


def test_mm_under_noaas_header_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rain.csv"
    path.write_text("DATE,PRCP\n2012-07-21,12.3\n")
    with pytest.raises(SourceError, match=r"whole tenths of mm .*row 2.*rename the columns"):
        read_rainfall(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a CSV table"),
        (b"day,rain\n2012-07-21,1\n", "no rainfall columns, only day, rain"),
        (b"date,prcp_mm\n2012-07-21,\n", "no day has a value"),
        (b"date,prcp_mm\n", "no day has a value"),
    ],
)
def test_a_file_without_rain_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "rain.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=said) as caught:
        read_rainfall(path)
    assert str(path) in str(caught.value.where)


def test_a_cut_off_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rain.csv.gz"
    path.write_bytes(gzip.compress(_years("1981-01-01", "2010-12-31").encode())[:-200])
    with pytest.raises(SourceError, match="damaged or cut off"):
        read_rainfall(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"does not exist .*none.csv"):
        read_rainfall(tmp_path / "none.csv")


@pytest.mark.real
@pytest.mark.parametrize("station", ["CHM00054511_Beijing", "CHM00057083_Zhengzhou"])
def test_real_stations_agree_with_a_plain_read(real_data: Path, station: str) -> None:
    path = real_data / "rain" / f"ghcnd_{station}_prcp.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        rows = [line.rstrip("\n").split(",") for line in stream][1:]
    good = [(day, float(mm)) for day, mm, flag in rows if mm and not flag]
    per_year = {year: sum(day.startswith(year) for day, _ in good) for year in {day[:4] for day, _ in good}}
    rain = read_rainfall(path)
    assert len(rain.series) == len(good)
    assert rain.series.sum() == pytest.approx(sum(mm for _, mm in good))
    assert rain.years == sum(days >= 0.9 * (366 if int(y) % 4 == 0 else 365) for y, days in per_year.items())
    assert rain.years >= 60
