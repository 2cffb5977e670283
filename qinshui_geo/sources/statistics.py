"""Reads official figures from a table with one row a figure: id, value, unit, year, source."""

from __future__ import annotations

import csv
import difflib
import io
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from qinshui_geo.errors import SourceError
from qinshui_geo.measurement import Provenance, Quantity, Statistic
from qinshui_geo.sources.provenance import read_provenance

COLUMNS = ("id", "value", "unit", "year", "source")
"""Columns that the table must have; ``name`` and others may follow."""

_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "km2": ("km2", "km²", "平方公里", "平方千米"),
    "m2/person": ("m2/person", "m²/person", "平方米/人", "m2/人", "m²/人", "㎡/人", "平方米每人"),
    "percent": ("percent", "%", "％", "百分比"),
    "person": ("person", "persons", "人"),
    "m": ("m", "米"),
    "km": ("km", "公里", "千米"),
    "km/km2": ("km/km2", "km/km²", "公里/平方公里", "千米/平方千米", "公里/平方千米", "千米/平方公里"),
    "count": ("count", "个", "处", "座", "项", "所", "家", "台", "条", "套"),
    "yes_no": ("yes_no", "是否", "是/否"),
}
_UNIT = {spelling.lower(): unit for unit, spellings in _SPELLINGS.items() for spelling in spellings}

_OFTEN_GIVEN: Mapping[str, Mapping[str, str]] = {
    "person": {"万人": "multiply by 10000", "千人": "multiply by 1000"},
    "km2": {"公顷": "divide by 100", "ha": "divide by 100", "亩": "divide by 1500"},
    "percent": {"1": "multiply by 100", "ratio": "multiply by 100", "比例": "multiply by 100"},
    "km": {"m": "divide by 1000", "米": "divide by 1000"},
    "m": {"km": "multiply by 1000", "公里": "multiply by 1000", "千米": "multiply by 1000"},
}  # fmt: skip
"""Units in which year books give a figure, and the way to the unit asked; never converted silently."""

_YES_NO = {"是": 1.0, "有": 1.0, "yes": 1.0, "true": 1.0, "1": 1.0,
           "否": 0.0, "无": 0.0, "no": 0.0, "false": 0.0, "0": 0.0}  # fmt: skip
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the table, its cells stripped."""

    where: str
    cells: Mapping[str, str]


def read_statistics(
    path: Path, *, units: Mapping[str, str], extra: Collection[str] = frozenset()
) -> dict[str, Statistic]:
    """Official figures by id; of several years of one id the latest.

    The file is a CSV in UTF-8 or GBK with the columns ``id,value,unit,year,source``. An empty value is
    skipped: missing is not zero. Chinese spellings of the unit that is asked are accepted (%, 平方公里,
    平方米/人, 人); another unit is refused, never converted.

    Parameters
    ----------
    path : Path
        CSV file.
    units : Mapping of str to str
        Unit that is asked, by id.
    extra : collection of str
        Further ids that may stand in the file, in any known unit.

    Raises
    ------
    SourceError
        File, row and id of an unknown id (with near ones), a wrong unit, a value that is no number,
        negative, or a percentage outside 0 to 100, a wrong year, or one id twice in one year.
    """
    rows = _rows(path)
    base = read_provenance(path, "statistics")
    found: dict[str, Statistic] = {}
    for row in rows:
        indicator = row.cells["id"]
        if indicator not in units and indicator not in extra:
            raise _unknown_id(row, [*units, *extra])
        if not row.cells["value"]:
            continue
        statistic = _statistic(row, units.get(indicator), base)
        earlier = found.get(indicator)
        if earlier is not None and earlier.year == statistic.year:
            raise SourceError(
                f"{indicator} comes twice for {statistic.year}", where=row.where, mend="keep one of the rows"
            )
        if earlier is None or earlier.year < statistic.year:
            found[indicator] = statistic
    return found


def _rows(path: Path) -> list[_Row]:
    if not path.is_file():
        raise SourceError("the statistics file does not exist", where=str(path), mend="check the path")
    reader = csv.reader(io.StringIO(_decoded(path), newline=""))
    header = [cell.strip() for cell in next(reader, [])]
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise SourceError(
            f"no column {', '.join(missing)}", where=f"{path}, row 1",
            mend=f"begin the CSV with the header {','.join(COLUMNS)}",
        )  # fmt: skip
    rows = []
    for cells in reader:
        where = f"{path}, row {reader.line_num}"
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise SourceError(
                f"{len(cells)} cells where the header has {len(header)}", where=where,
                mend='put a cell that holds a comma in "quotes"',
            )  # fmt: skip
        rows.append(_Row(where, dict(zip(header, (cell.strip() for cell in cells), strict=True))))
    return rows


def _decoded(path: Path) -> str:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SourceError("the file is neither UTF-8 nor GBK", where=str(path), mend="save it as CSV in UTF-8")


def _unknown_id(row: _Row, known: list[str]) -> SourceError:
    near = difflib.get_close_matches(row.cells["id"], known, n=3, cutoff=0.5)
    mend = f"perhaps {' or '.join(near)}" if near else "use an id of the plan: qinshui-geo plan"
    return SourceError(f"unknown id {row.cells['id']!r}", where=row.where, mend=mend)


def _statistic(row: _Row, asked: str | None, base: Provenance) -> Statistic:
    quantity = Quantity(_value(row, unit := _unit(row, asked)), unit)
    year_text = row.cells["year"]
    if not year_text.isdecimal() or not 1900 <= int(year_text) <= 2100:
        raise SourceError(
            f"{row.cells['id']}: {year_text!r} is not a year", where=row.where, mend="write it as 2024"
        )
    origin = row.cells["source"] or base.origin
    return Statistic(quantity, int(year_text), replace(base, origin=origin, as_of=year_text))


def _unit(row: _Row, asked: str | None) -> str:
    given = "".join(row.cells["unit"].split())
    unit = _UNIT.get(given.lower())
    if unit is not None and asked in (None, unit):
        return unit
    if asked is None:
        raise SourceError(
            f"{row.cells['id']}: unknown unit {given!r}", where=row.where,
            mend=f"give it in one of {', '.join(_SPELLINGS)}",
        )  # fmt: skip
    way = _OFTEN_GIVEN.get(asked, {}).get(given.lower(), "convert the value")
    raise SourceError(
        f"{row.cells['id']} is given in {given or 'no unit'!r}, asked is {asked}", where=row.where,
        mend=f"{way} and write the unit as {' or '.join(_SPELLINGS.get(asked, (asked,))[:3])}",
    )  # fmt: skip


def _value(row: _Row, unit: str) -> float:
    text, indicator = row.cells["value"], row.cells["id"]
    if unit == "yes_no":
        if text.lower() in _YES_NO:
            return _YES_NO[text.lower()]
        raise SourceError(f"{indicator}: {text!r} is not yes or no", where=row.where, mend="write 是 or 否")
    if not _NUMBER.fullmatch(text):
        raise SourceError(
            f"{indicator}: {text!r} is not a number", where=row.where,
            mend="write the bare number, the unit in its own column; leave it empty where it is not known",
        )  # fmt: skip
    value = float(text.replace(",", ""))
    if value < 0 or not math.isfinite(value):
        raise SourceError(f"{indicator}: {text} is negative", where=row.where, mend="correct the value")
    if unit == "percent" and value > 100:
        raise SourceError(
            f"{indicator}: {text} percent lies outside 0 to 100", where=row.where,
            mend="correct the value: 42 % is written 42",
        )  # fmt: skip
    return value
