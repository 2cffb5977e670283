"""Reads a station's daily rainfall: a CSV of GHCN-Daily, plain or gzipped."""

from __future__ import annotations

import warnings
import zlib
from calendar import isleap
from collections import Counter
from dataclasses import dataclass
from gzip import BadGzipFile
from pathlib import Path

import pandas as pd

from qinshui_geo.errors import QinshuiGeoWarning, SourceError
from qinshui_geo.measurement import Note

RECORD_MM = 1825.0
"""Largest rainfall of one day on record, in mm (Foc-Foc, La Reunion, 1966; WMO): more is a wrong unit."""

COMPLETE_SHARE = 0.9
"""Share of a calendar year's days that must have a value for the year to count."""

YEARS_ASKED = 30
"""Years of daily rainfall that the design depth asks for (GB/T 51345-2018)."""


@dataclass(frozen=True, slots=True, eq=False)
class DailyRain:
    """Daily rainfall of a station.

    Parameters
    ----------
    series : Series
        Rainfall in mm a day, named ``prcp_mm``, on an ascending DatetimeIndex; days without a value or
        with a quality flag are left out.
    years : int
        Calendar years with a value on at least 90 % of their days.
    notes : tuple of Note
        Reservations, such as fewer than 30 years.
    """

    series: pd.Series[float]
    years: int
    notes: tuple[Note, ...] = ()


def read_rainfall(path: Path) -> DailyRain:
    """Daily rainfall of a station from a CSV, plain or ``.gz``.

    Two forms are told apart by their header: ``date,prcp_mm`` (mm; optional ``qflag``, any entry of
    which removes the day), and NOAA's own per-station file, ``DATE,PRCP`` in capitals (whole tenths of
    mm; the second field of the optional ``PRCP_ATTRIBUTES`` is the quality flag).

    Raises
    ------
    SourceError
        File and row of a wrong date, a value that is no number, negative or above the world record, or a
        day that comes twice; or a file that has neither header, or no value.

    Warns
    -----
    QinshuiGeoWarning
        If fewer than 30 years are complete; the notes say so too.
    """
    days = _days_in_mm(path, _read_table(path))
    series = _checked_series(path, days)
    years = _complete_years(series)
    if years >= YEARS_ASKED:
        return DailyRain(series, years)
    note = Note(
        zh=f"日降雨资料仅有{years}个完整年份，少于GB/T 51345-2018要求的{YEARS_ASKED}年，设计降雨量仅供参考",
        en=f"only {years} complete years of daily rainfall, fewer than the {YEARS_ASKED} that "
        "GB/T 51345-2018 asks for: the design depth is indicative",
    )
    warnings.warn(f"{path}: {note.en}", QinshuiGeoWarning, stacklevel=2)
    return DailyRain(series, years, (note,))


def _read_table(path: Path) -> pd.DataFrame:
    """All cells as text, on an index that is the line in the file."""
    if not path.is_file():
        raise SourceError("the rainfall file does not exist", where=str(path), mend="check the path")
    try:
        table = pd.read_csv(
            path, dtype=str, keep_default_na=False, skip_blank_lines=False, encoding="utf-8-sig"
        )
    except (EOFError, BadGzipFile, zlib.error):
        raise SourceError("the file is damaged or cut off", where=str(path), mend="fetch it again") from None
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as fault:
        raise SourceError(
            f"not a CSV table: {fault}",
            where=str(path),
            mend="bring a CSV with the columns date,prcp_mm,qflag",
        ) from None
    table.index = pd.RangeIndex(2, len(table) + 2)
    return table


def _days_in_mm(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    """Columns ``date`` and ``prcp_mm`` of the days that have a value and no quality flag."""
    ours = {"date", "prcp_mm"} <= set(table.columns)
    if not ours and not {"DATE", "PRCP"} <= set(table.columns):
        raise SourceError(
            f"no rainfall columns, only {', '.join(map(str, table.columns[:8]))}", where=str(path),
            mend="name them date,prcp_mm (mm) and optionally qflag, or bring NOAA's file with DATE,PRCP",
        )  # fmt: skip
    text = table["prcp_mm" if ours else "PRCP"].str.strip()
    kept = (text != "") & (_quality_flag(table, ours=ours) == "")
    values = _numbers(path, text[kept])
    if not ours:
        _require_whole_tenths(path, values)
        values = values / 10.0
    return pd.DataFrame({"date": table.loc[kept, "date" if ours else "DATE"].str.strip(), "prcp_mm": values})


def _quality_flag(table: pd.DataFrame, *, ours: bool) -> pd.Series[str]:
    column = "qflag" if ours else "PRCP_ATTRIBUTES"
    if column not in table.columns:
        return pd.Series("", index=table.index, dtype=str)
    flags = table[column] if ours else table[column].str.extract(r"^[^,]*,([^,]*)", expand=False).fillna("")
    return flags.str.strip()


def _numbers(path: Path, text: pd.Series[str]) -> pd.Series[float]:
    values = pd.to_numeric(text, errors="coerce").astype("float64")
    wrong = values.isna() | values.isin([float("inf"), float("-inf")])
    if wrong.any():
        row = _first_line(wrong)
        raise SourceError(
            f"{text[row]!r} is not a number of mm", where=f"{path}, row {row}",
            mend="write a number, or leave the cell empty where the day was not measured",
        )  # fmt: skip
    return values


def _require_whole_tenths(path: Path, tenths: pd.Series[float]) -> None:
    broken = tenths != tenths.round()
    if broken.any():
        row = _first_line(broken)
        raise SourceError(
            f"PRCP is {tenths[row]:g}, but NOAA's file holds whole tenths of mm", where=f"{path}, row {row}",
            mend="if the values are mm, rename the columns to date,prcp_mm",
        )  # fmt: skip


def _checked_series(path: Path, days: pd.DataFrame) -> pd.Series[float]:
    dates = pd.to_datetime(days["date"], format="%Y-%m-%d", errors="coerce")
    rain = days["prcp_mm"]
    faults = (
        (dates.isna(), "not a date as 2012-07-21", "correct the date"),
        (rain < 0, "negative rainfall", "leave the cell empty where the day was not measured"),
        (rain > RECORD_MM, f"more than the world record of {RECORD_MM:g} mm a day", "check the unit: mm"),
        (dates.duplicated(), "the day comes a second time", "keep one row a day"),
    )
    for wrong, what, mend in faults:
        if wrong.any():
            row = _first_line(wrong)
            found = f"{days.loc[row, 'date']!s}, {rain[row]:g} mm"
            raise SourceError(f"{what}: {found}", where=f"{path}, row {row}", mend=mend)
    if rain.empty:
        raise SourceError("no day has a value", where=str(path), mend="bring a station that measured rain")
    return pd.Series(rain.to_numpy(), index=pd.DatetimeIndex(dates, name="date"), name="prcp_mm").sort_index()


def _complete_years(series: pd.Series[float]) -> int:
    measured = Counter(pd.DatetimeIndex(series.index).year.tolist())
    return sum(days >= COMPLETE_SHARE * (366 if isleap(year) else 365) for year, days in measured.items())


def _first_line(wrong: pd.Series[bool]) -> int:
    """Line in the file of the first row that is marked."""
    return int(wrong.index.to_numpy()[wrong.to_numpy().argmax()])
