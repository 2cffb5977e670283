"""The sections of the report: each indicator with its range, variants, reference value and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from qinshui_geo.assessment import Finding, assess
from qinshui_geo.charts import tornado_chart, variants, variants_chart
from qinshui_geo.county import CountyResult
from qinshui_geo.explanations import Table, tables_of
from qinshui_geo.measurement import Measurement
from qinshui_geo.pages import source_rows
from qinshui_geo.plan import Plan, load_plan
from qinshui_geo.scorecard import Line, line
from qinshui_geo.texts import Lang, term

SECTIONS = (
    "built_up_area", "park_area_per_capita", "park_service_coverage", "green_coverage", "green_land_ratio",
    "sponge_share", "greenway_connectivity", "town_population", "osm_completeness",
)  # fmt: skip
"""Indicators with a section of their own, in the order of the report."""

REFERENCE_PLAN = "national_reference"


@dataclass(frozen=True, slots=True)
class Reference:
    """An indicator held against the national reference, which is nobody's target."""

    line: Line
    section: str


@dataclass(frozen=True, slots=True)
class Section:
    """One indicator as the report tells it; what there is not is empty."""

    line: Line
    tornado: str
    variants: str
    reference: Reference | None
    tables: tuple[Table, ...]
    sources: tuple[Mapping[str, Any], ...]


def sections(result: CountyResult, lang: Lang) -> tuple[Section, ...]:
    """Sections of the indicators that the result has, in the order of :data:`SECTIONS`."""
    found: Mapping[str, Finding] = {finding.id: finding for finding in result.findings}
    return tuple(_section(result, found[name], lang) for name in SECTIONS if name in found)


def _section(result: CountyResult, finding: Finding, lang: Lang) -> Section:
    measured, sources = finding.measurement, tuple(source_rows(finding.sources, lang))
    if measured is None or measured.quantity is None:
        return Section(line(finding, lang), "", "", None, (), sources)
    return Section(
        line=_without_variants(line(finding, lang), measured, lang),
        tornado=tornado_chart(measured.quantity, measured.swings, lang=lang, against=finding.target),
        variants=variants_chart(measured, lang=lang, against=finding.target),
        reference=_reference(result, measured, lang),
        tables=tables_of(result, finding.id, lang),
        sources=sources,
    )


def _without_variants(told: Line, measured: Measurement, lang: Lang) -> Line:
    """The line without the details that the chart of the variants already tells."""
    names = {term("detail", key, lang) for key in variants(measured)}
    return replace(told, details=tuple(detail for detail in told.details if detail[0] not in names))


def _reference(result: CountyResult, measured: Measurement, lang: Lang) -> Reference | None:
    """The measured figure against the national value, unless that is the plan itself."""
    target = _national().target(measured.indicator)
    if target is None or target.value is None or result.plan.id == REFERENCE_PLAN:
        return None
    alone = _national().model_copy(update={"targets": (target,)})
    (judged,) = assess({measured.indicator: measured}, alone, year=result.generated.year)
    return Reference(line(judged, lang), target.section)


@cache
def _national() -> Plan:
    return load_plan(REFERENCE_PLAN)
