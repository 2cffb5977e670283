"""Land-cover legends: what each code of a class raster means as a surface, kept as data.

Surface classes
---------------
tree, shrub, grass, crop, wetland, moss
    Vegetation. Mangroves are trees; ``wetland`` is herbaceous.
built
    Built-up land as a whole, where a product does not tell roofs from paving.
roof, paved
    Buildings and roads, where a product tells them apart (1 m products).
bare, snow, water
    Ground without vegetation, snow and ice, water bodies.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from qinshui_geo.errors import SourceError

SURFACES = frozenset(
    {
        "tree", "shrub", "grass", "crop", "wetland", "moss",
        "built", "roof", "paved",
        "bare", "snow", "water",
    }
)  # fmt: skip
"""Every surface class that a legend may use."""

LEGENDS: Mapping[str, Mapping[int, str]] = MappingProxyType(
    {
        # ESA WorldCover v100 (2020) and v200 (2021), product user manual, table of classes
        "worldcover": MappingProxyType(
            {
                10: "tree",
                20: "shrub",
                30: "grass",
                40: "crop",
                50: "built",
                60: "bare",
                70: "snow",
                80: "water",
                90: "wetland",
                95: "tree",  # mangroves
                100: "moss",  # moss and lichen
            }
        ),
    }
)
"""Legends that come with the package, by name."""

_MEND = "write one 'code,class' per class, with a class of: " + ", ".join(sorted(SURFACES))


def legend(name: str | Path) -> Mapping[int, str]:
    """Legend by name, or read from the user's file.

    A file is TOML with a table ``[classes]`` (``10 = "tree"``), or CSV with the columns ``code`` and
    ``class``.

    Returns
    -------
    Mapping of int to str
        Code of the raster to surface class.

    Raises
    ------
    SourceError
        If there is no such legend, or its file has an unknown class, a code that is no whole number, or
        one code with two classes.

    Examples
    --------
    >>> legend("worldcover")[50]
    'built'
    """
    if str(name) in LEGENDS:
        return LEGENDS[str(name)]
    path = Path(name)
    readers = {".toml": _toml_pairs, ".csv": _csv_pairs}
    if path.suffix.lower() not in readers:
        raise SourceError(
            f"no land-cover legend named {str(name)!r}",
            mend=f"use one of {', '.join(LEGENDS)}, or the path of a .toml or .csv file",
        )
    if not path.is_file():
        raise SourceError("the legend file does not exist", where=str(path), mend="check the path")
    return _checked(path, readers[path.suffix.lower()](path))


def _toml_pairs(path: Path) -> list[tuple[str, str, str]]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SourceError(f"not valid TOML: {fault}", where=str(path), mend="mend the named line") from None
    classes = content.get("classes")
    if not isinstance(classes, dict):
        raise SourceError("the legend has no table [classes]", where=str(path), mend=_MEND)
    return [(f"classes.{code}", code, str(surface)) for code, surface in classes.items()]


def _csv_pairs(path: Path) -> list[tuple[str, str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            missing = {"code", "class"} - set(rows.fieldnames or ())
            if missing:
                raise SourceError(f"no column {sorted(missing)[0]!r}", where=str(path), mend=_MEND)
            return [(f"row {rows.line_num}", row["code"] or "", row["class"] or "") for row in rows]
    except UnicodeDecodeError:
        raise SourceError("the legend is not UTF-8", where=str(path), mend="save it as UTF-8") from None


def _checked(path: Path, entries: Iterable[tuple[str, str, str]]) -> Mapping[int, str]:
    classes: dict[int, str] = {}
    for place, code_text, surface_text in entries:
        where, surface = f"{path}, {place}", surface_text.strip()
        if not code_text.strip().lstrip("-").isdecimal():
            raise SourceError(f"the code {code_text!r} is not a whole number", where=where, mend=_MEND)
        if surface not in SURFACES:
            raise SourceError(f"unknown surface class {surface!r}", where=where, mend=_MEND)
        code = int(code_text)
        if classes.setdefault(code, surface) != surface:
            raise SourceError(
                f"code {code} is both {classes[code]} and {surface}", where=where, mend="keep one of the two"
            )
    if not classes:
        raise SourceError("the legend is empty", where=str(path), mend=_MEND)
    return MappingProxyType(classes)
