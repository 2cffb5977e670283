"""What stands behind a figure, as tables of the report: why patches joined, where parks lack, how sure.

Each table counts or lists the rows of a GIS layer; nothing is measured here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from qinshui_geo.county import CountyResult
from qinshui_geo.features import shortened
from qinshui_geo.reconciliation import Reconciliation
from qinshui_geo.scorecard import note_texts
from qinshui_geo.texts import Lang, figure, words

MOST_ROWS = 20
"""Rows of a list of places."""

MOST_PATCHES = 10
"""Rows of the list of patches."""

TEXT = "text"
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Table:
    """A table in the words of one language.

    Parameters
    ----------
    title, hint : str
        Heading, and a sentence on how to read it.
    head : tuple of str
        Names of the columns.
    rows : tuple of tuple of str
        Cells, row by row; may be empty, then ``hint`` says what that means.
    numeric : tuple of bool
        Which columns hold numbers.
    """

    title: str
    hint: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]


def tables_of(result: CountyResult, indicator: str, lang: Lang) -> tuple[Table, ...]:
    """Tables that explain an indicator; none where the layers behind it are empty."""
    makers = {
        "built_up_area": (patch_counts, patches_left_out),
        "park_area_per_capita": (park_parts,),
        "park_service_coverage": (underserved_areas, areas_far_on_foot),
        "osm_completeness": (completeness_cells,),
    }
    made = (maker(result, lang) for maker in makers.get(indicator, ()))
    return tuple(table for table in made if table is not None)


def patch_counts(result: CountyResult, lang: Lang) -> Table | None:
    """Number and area of the patches: the seed, those that joined and how, and those left out."""
    frame = _layer(result, "built_up_patches")
    if frame is None:
        return None
    t = words("page", lang)
    joined, step = frame["joined"].astype(bool), frame["step"].astype("float64")
    groups = {
        "patches_seed": joined & (step == 0),
        "patches_touching": joined & (step > 0) & ~(frame["link_m"] > 0),
        "patches_linked": joined & (step > 0) & (frame["link_m"] > 0),
        "patches_enclosed": joined & step.isna(),
        "patches_dropped": ~joined & step.notna(),
        "patches_left_out": ~joined & step.isna(),
    }
    rows = [
        (t[key], figure(len(part), "count", lang), figure(float(part["area_ha"].sum()), "ha", lang))
        for key, part in ((key, frame[rows]) for key, rows in groups.items())
        if len(part)
    ]
    furthest = 0.0 if step[joined].isna().all() else float(step[joined].max())
    head = (t["patches"], t["count"], words("field", lang)["area_ha"])
    return _table(t["patches_title"], t["patches_hint"].format(steps=f"{furthest:.0f}"), head, rows)


def patches_left_out(result: CountyResult, lang: Lang) -> Table | None:
    """Largest patches that do not count, each with its reason."""
    frame = _layer(result, "built_up_patches")
    left_out = None if frame is None else frame[~frame["joined"].astype(bool)]
    if left_out is None or left_out.empty:
        return None
    t = words("page", lang)
    first = left_out.sort_values("area_ha", ascending=False, kind="stable").head(MOST_PATCHES)
    columns = {"patch": "", "area_ha": "ha", "reason": TEXT}
    hint = t["left_out_hint"].format(shown=len(first), count=len(left_out))
    return _listing(t["left_out_title"], hint, first, columns, lang)


def underserved_areas(result: CountyResult, lang: Lang) -> Table | None:
    """Residential areas outside the service radius, those with most people first."""
    frame = _layer(result, "residential_areas")
    if frame is None:
        return None
    short = frame[~frame["straight_served"].astype(bool)]
    hint = "underserved_hint" if len(short) else "underserved_none"
    return _areas(short, hint, "underserved_title", len(frame), lang)


def areas_far_on_foot(result: CountyResult, lang: Lang) -> Table | None:
    """Residential areas within the service radius in a straight line, but too far from a park on foot."""
    frame = _layer(result, "residential_areas")
    if frame is None:
        return None
    far = frame[frame["straight_served"].astype(bool) & ~frame["walk_served"].fillna(True).astype(bool)]
    return None if far.empty else _areas(far, "far_on_foot_hint", "far_on_foot_title", len(frame), lang)


def _areas(areas: Any, hint: str, title: str, total: int, lang: Lang) -> Table:
    """Residential areas, those with most persons first, and how many people live in all of them."""
    t = words("page", lang)
    first = areas.sort_values(["persons", "area_ha"], ascending=False, na_position="last").head(MOST_ROWS)
    columns = {
        "area_id": "", "name": TEXT, "persons": "person", "area_ha": "ha",
        "straight_share_percent": "percent", "walk_m": "m", "nearest_park": TEXT,
    }  # fmt: skip
    persons = t["unknown_persons"]
    if areas["persons"].notna().any():
        persons = figure(float(areas["persons"].sum()), "person", lang)
    told = t[hint].format(shown=len(first), count=len(areas), all=total, persons=persons)
    return _listing(t[title], told, first, columns, lang)


def park_parts(result: CountyResult, lang: Lang) -> Table | None:
    """Park area per person of each part of the town, the poorest first."""
    frame = _layer(result, "park_parts")
    if frame is None:
        return None
    t = words("page", lang)
    columns = {
        "name": TEXT, "area_ha": "ha", "park_ha": "ha", "persons": "person", "m2_per_person": "m2/person",
    }  # fmt: skip
    first = frame.sort_values("m2_per_person", na_position="last", kind="stable").head(MOST_ROWS)
    if frame["m2_per_person"].isna().all():
        return _listing(t["parts_title"], t["parts_unknown"], first.iloc[:0], columns, lang)
    hint = t["parts_hint"].format(shown=len(first), all=len(frame))
    return _listing(t["parts_title"], hint, first, columns, lang)


def completeness_cells(result: CountyResult, lang: Lang) -> Table | None:
    """Number of cells by how complete they are, and the built-up land in them."""
    frame = _layer(result, "completeness")
    if frame is None:
        return None
    t, classes = words("page", lang), words("class", lang)
    share = frame["completeness_percent"].astype("float64")
    edges = (0, 25, 50, 75, 100, float("inf"))
    groups = [
        (classes[f"completeness_percent_{low:g}"], frame[(share >= low) & (share < high)])
        for low, high in pairwise(edges)
    ]
    groups.append((classes["unknown_cell"], frame[share.isna()]))
    field, areas = words("field", lang), ("osm_building_m2", "built_land_m2")
    rows = [
        (
            name, figure(len(cells), "count", lang),
            *(figure(float(cells[key].sum()) / 1e4, "ha", lang) for key in areas),
        )
        for name, cells in groups if len(cells)
    ]  # fmt: skip
    hint = t["cells_hint"].format(low=int(frame["low"].sum()), all=len(frame))
    head = (field["completeness_percent"], t["cells"], *(field[key] for key in areas))
    return _table(t["cells_title"], hint, head, rows)


def reconciliation_table(result: CountyResult, lang: Lang) -> Table:
    """Official figures beside the measured ones; without any, the hint says what to bring."""
    t = words("page", lang)
    head = (t["indicator"], t["official"], t["measured"], t["difference"], t["causes"])
    hint = t["reconciliation_hint"] if result.reconciliation else t["reconciliation_none"]
    rows = [_reconciled(result, row, lang) for row in result.reconciliation]
    return _table(t["reconciliation"], hint, head, rows, (False, True, True, True, False))


def _reconciled(result: CountyResult, row: Reconciliation, lang: Lang) -> tuple[str, ...]:
    finding, unit = result.finding(row.id), row.measured.unit
    points = "percent_points" if unit == "percent" else unit
    difference = figure(row.difference, points, lang)
    if row.relative_percent is not None:
        difference += f" ({figure(row.relative_percent, 'percent', lang)})"
    causes = note_texts(row.causes, lang)
    return (
        finding.name_zh if lang == "zh" else finding.name_en,
        f"{figure(row.official.quantity.value, unit, lang)} ({row.official.year})",
        figure(row.measured.value, unit, lang, against=finding.target),
        difference if row.difference <= 0 else f"+{difference}",
        ("；" if lang == "zh" else "; ").join(causes),
    )


def _layer(result: CountyResult, name: str) -> Any:
    """Rows of a GIS layer, ``None`` where it is empty."""
    frame = result.gis_layers.get(name)
    return None if frame is None or frame.empty else frame


def _listing(title: str, hint: str, frame: Any, columns: dict[str, str], lang: Lang) -> Table:
    """Table of the rows of a layer: each column with its unit, ``text``, or nothing for a number as it is."""
    field = words("field", lang)
    localised = {name: f"{name}_zh" if lang == "zh" and f"{name}_zh" in frame else name for name in columns}
    texts = [[_cell(value, unit, lang) for value in frame[localised[name]]] for name, unit in columns.items()]
    rows = list(zip(*texts, strict=True))
    return _table(
        title, hint, [field[name] for name in columns], rows, [unit != TEXT for unit in columns.values()]
    )


def _cell(value: Any, unit: str, lang: Lang) -> str:
    if pd.isna(value) or value == "":
        return NOTHING
    if unit == TEXT:
        return shortened(value)
    return figure(float(value), unit, lang) if unit else f"{value:.15g}"


def _table(
    title: str,
    hint: str,
    head: Sequence[str],
    rows: Iterable[tuple[str, ...]],
    numeric: Sequence[bool] | None = None,
) -> Table:
    """Table whose first column is text and the others numbers, unless said otherwise."""
    kinds = numeric or [False, *[True] * (len(head) - 1)]
    return Table(title, hint, tuple(head), tuple(rows), tuple(kinds))
