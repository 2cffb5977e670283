"""Reads checked points on the ground or on imagery: a CSV with lon, lat and class (green or not)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import geopandas as gpd
import pandas as pd
from geopandas import GeoDataFrame

from qinshui_geo.errors import QinshuiGeoWarning, SourceError
from qinshui_geo.measurement import Note

COLUMNS = ("lon", "lat", "class")
POINTS_ASKED = 300
"""Points that an error-adjusted area asks for [m]."""

_IS_GREEN = {
    "green": True, "绿": True, "绿地": True, "绿化": True,
    "not_green": False, "not green": False, "非绿": False, "非绿地": False, "非绿化": False,
}  # fmt: skip
_MEND = "begin the CSV with the header lon,lat,class (WGS84 degrees; class is green or not_green, 绿 or 非绿)"


@dataclass(frozen=True, slots=True, eq=False)
class ReferencePoints:
    """Reference points in WGS84 with the column ``is_green`` (bool), and reservations."""

    points: GeoDataFrame
    notes: tuple[Note, ...] = ()


def read_reference_points(path: Path) -> ReferencePoints:
    """Reference points from a CSV in UTF-8 or GBK with the columns ``lon,lat,class``.

    Coordinates are WGS84 (or CGCS2000) degrees. ``class`` is ``green`` or ``not_green``, or in Chinese
    绿 or 非绿; points without a class were not checked and are refused, not guessed.

    Raises
    ------
    SourceError
        File and row of a coordinate that is no degree, an unknown class, or a point that comes twice; or
        a file without these columns or without a point.

    Warns
    -----
    QinshuiGeoWarning
        If there are fewer than 300 points; the notes say so too.
    """
    table = _table(path)
    degrees = {name: _degrees(path, table[name], limit) for name, limit in (("lon", 180.0), ("lat", 90.0))}
    classes = _classes(path, table["class"])
    twice = pd.DataFrame(degrees).duplicated()
    if twice.any():
        row = _first(twice)
        raise SourceError("the point comes twice", where=f"{path}, row {row}", mend="keep one of them")
    shapes = gpd.points_from_xy(degrees["lon"], degrees["lat"])
    points = GeoDataFrame({"is_green": classes.to_numpy(dtype=bool)}, geometry=shapes, crs=4326)
    return ReferencePoints(points, _few(path, len(points)))


def _table(path: Path) -> pd.DataFrame:
    """The cells asked, as text, on an index that is the line in the file; empty lines are left out."""
    try:
        content = pd.read_csv(
            StringIO(_decoded(path)), dtype=str, keep_default_na=False, skip_blank_lines=False
        )
    except (pd.errors.EmptyDataError, pd.errors.ParserError) as fault:
        raise SourceError(f"not a CSV table: {fault}", where=str(path), mend=_MEND) from None
    content = content.rename(columns=lambda name: str(name).strip().lower())
    missing = [name for name in COLUMNS if name not in content.columns]
    if missing:
        raise SourceError(f"no column {', '.join(missing)}", where=f"{path}, row 1", mend=_MEND)
    content.index = pd.RangeIndex(2, len(content) + 2)
    cells = content[list(COLUMNS)].apply(lambda column: column.str.strip())
    filled: pd.DataFrame = cells[(cells != "").any(axis=1)]
    if filled.empty:
        raise SourceError(
            "the file holds no point", where=str(path), mend="bring checked points, or leave it out"
        )
    return filled


def _decoded(path: Path) -> str:
    if not path.is_file():
        raise SourceError(
            "the file of reference points does not exist", where=str(path), mend="check the path"
        )
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gbk"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SourceError("not a CSV table: neither UTF-8 nor GBK", where=str(path), mend=_MEND)


def _degrees(path: Path, text: pd.Series[str], limit: float) -> pd.Series[float]:
    values = pd.to_numeric(text, errors="coerce").astype("float64")
    wrong = ~values.between(-limit, limit)
    if wrong.any():
        row = _first(wrong)
        raise SourceError(
            f"{text.name} {text[row]!r} is not a number of degrees from {-limit:g} to {limit:g}",
            where=f"{path}, row {row}", mend="write WGS84 degrees, for example 112.187,35.690",
        )  # fmt: skip
    return values


def _classes(path: Path, text: pd.Series[str]) -> pd.Series[bool]:
    known = text.str.lower().map(_IS_GREEN)
    if known.isna().any():
        row = _first(known.isna())
        raise SourceError(
            f"class {text[row]!r} is neither green nor not_green", where=f"{path}, row {row}",
            mend="write green or not_green (绿 or 非绿), and leave unchecked points out",
        )  # fmt: skip
    return known.astype(bool)


def _few(path: Path, count: int) -> tuple[Note, ...]:
    if count >= POINTS_ASKED:
        return ()
    note = Note(
        f"检验点仅 {count} 个,少于 {POINTS_ASKED} 个,误差校正面积仅供参考",
        f"only {count} reference points, fewer than {POINTS_ASKED}: the error-adjusted area is indicative",
    )
    warnings.warn(f"{path}: {note.en}", QinshuiGeoWarning, stacklevel=3)
    return (note,)


def _first(wrong: pd.Series[bool]) -> int:
    """Line in the file of the first row that is marked."""
    return int(wrong.index.to_numpy()[wrong.to_numpy().argmax()])
