"""The findings as lines of text for map and report: nothing is computed here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from qinshui_geo.assessment import Finding, Verdict
from qinshui_geo.county import CountyResult
from qinshui_geo.measurement import Measurement, Note, Provenance
from qinshui_geo.texts import (
    Lang,
    figure,
    gap_phrase,
    method_text,
    shortest,
    target_figure,
    term,
    words,
    years_phrase,
)  # fmt: skip

MAIN_INDICATORS = (
    "built_up_area", "park_area_per_capita", "green_coverage", "sponge_share", "greenway_connectivity",
    "town_population",
)  # fmt: skip
"""Indicators that have a section of their own, in the order of the pages."""

SYMBOLS: Mapping[Verdict, str] = {"MET": "✓", "NOT_MET": "✗", "NO_DATA": "?", "REPORTED": "●"}
"""Sign of each verdict, so that none is told by colour alone."""

_SENSES = {">=": "≥", "<=": "≤", "=": "="}


@dataclass(frozen=True, slots=True)
class Bar:
    """Bar of a figure against its target; every number is percent of the bar's length."""

    value: float
    target: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """One finding in the words of one language; what is not known is an empty text."""

    id: str
    name: str
    kind: str
    value: str
    range: str
    target: str
    year: str
    years_left: str
    gap: str
    verdict: Verdict
    verdict_word: str
    symbol: str
    confidence: str
    clause: str
    notes: tuple[str, ...]
    sources: tuple[Provenance, ...]
    details: tuple[tuple[str, str], ...]
    method: Mapping[str, str] | None
    bar: Bar | None
    synthetic: bool
    is_statistic: bool


def lines(findings: Iterable[Finding], lang: Lang) -> tuple[Line, ...]:
    """Every finding as a line, in the order given."""
    return tuple(line(finding, lang) for finding in findings)


def main_lines(result: CountyResult, lang: Lang) -> tuple[Line, ...]:
    """Lines of the main indicators that the result has, in the order of the pages."""
    found = {finding.id: finding for finding in result.findings}
    return lines((found[name] for name in MAIN_INDICATORS if name in found), lang)


def verdict_counts(findings: Iterable[Finding]) -> dict[Verdict, int]:
    """Number of findings by verdict."""
    counts: dict[Verdict, int] = dict.fromkeys(SYMBOLS, 0)
    for finding in findings:
        counts[finding.verdict] += 1
    return counts


def terminal_lines(findings: Iterable[Finding], lang: Lang) -> Iterator[str]:
    """The scorecard as plain text: main indicators first, the count of each verdict last."""
    known = {finding.id: finding for finding in findings}
    main = [known.pop(name) for name in MAIN_INDICATORS if name in known]
    page, verdicts = words("page", lang), words("verdict", lang)
    for title, group in (("main_indicators", main), ("other_indicators", [*known.values()])):
        if group:
            yield page[title]
            for found in lines(group, lang):
                yield from _in_plain_text(found, page["target"].lower())
    counts = verdict_counts((*main, *known.values()))
    yield ", ".join(f"{verdicts[verdict]} {count}" for verdict, count in counts.items())


def _in_plain_text(found: Line, target: str) -> Iterator[str]:
    """One line, and below it what to bring where a measured indicator has no data."""
    value = "" if found.verdict == "NO_DATA" else found.value
    goal = f"{target} {found.target} ({found.year})" if found.target and found.year else ""
    amounts = ", ".join(part for part in (value, goal, found.gap) if part)
    heading = f"  {found.symbol} {found.verdict_word}  {found.name} [{found.id}]"
    yield f"{heading}: {amounts}" if amounts else heading
    if found.verdict == "NO_DATA" and not found.is_statistic and found.notes:
        yield f"      {found.notes[0]}"


def line(finding: Finding, lang: Lang) -> Line:
    """One finding in the words of ``lang``."""
    f = finding
    return Line(
        id=f.id,
        name=f.name_zh if lang == "zh" else f.name_en,
        kind=words("kind", lang)[f.kind],
        value=figure(f.value, f.unit, lang, against=f.target),
        range=_range_text(f, lang),
        target=_target_text(f, lang),
        year="" if f.year is None else str(f.year),
        years_left=years_phrase(f.years_left, lang),
        gap=gap_phrase(f.gap, f.sense, f.unit, lang),
        verdict=f.verdict,
        verdict_word=words("verdict", lang)[f.verdict],
        symbol=SYMBOLS[f.verdict],
        confidence="" if f.confidence is None else words("confidence", lang)[f.confidence],
        clause=f.clause,
        notes=note_texts(f.notes, lang),
        sources=f.sources,
        details=_details(f.measurement, lang),
        method=method_text(f.id, lang),
        bar=_bar(f),
        synthetic=f.synthetic,
        is_statistic=f.kind == "statistical",
    )


def note_texts(notes: Iterable[Note], lang: Lang) -> tuple[str, ...]:
    """Notes in one language, each once."""
    return tuple(dict.fromkeys(note.zh if lang == "zh" else note.en for note in notes))


def _range_text(finding: Finding, lang: Lang) -> str:
    if finding.low is None or finding.high is None:
        return ""
    low, high = (figure(end, finding.unit, lang) for end in (finding.low, finding.high))
    return f"{low} – {high}"


def _target_text(finding: Finding, lang: Lang) -> str:
    page = words("page", lang)
    if finding.sense is None:
        return ""
    if finding.target is None:
        return page["target_exists"]
    amount = target_figure(finding.target, finding.unit, lang)
    if finding.sense == "exists":
        return f"≥ {amount} ({page['project_threshold']})"
    spread = f" ±{shortest(finding.tolerance)}" if finding.tolerance else ""
    return f"{_SENSES[finding.sense]} {amount}{spread}"


def _details(measurement: Measurement | None, lang: Lang) -> tuple[tuple[str, str], ...]:
    """Further figures of the measurement, the parts of a ratio first."""
    if measurement is None:
        return ()
    page = words("page", lang)
    parts = (("numerator", measurement.numerator), ("denominator", measurement.denominator))
    first = [(page[key], figure(part.value, part.unit, lang)) for key, part in parts if part is not None]
    further = [
        (term("detail", key, lang), figure(quantity.value, quantity.unit, lang))
        for key, quantity in measurement.details.items()
    ]
    return (*first, *further)


def _bar(finding: Finding) -> Bar | None:
    """Bar on a scale that ends a little beyond the largest of figure, range and target."""
    if finding.value is None or finding.target is None or finding.unit == "yes_no":
        return None
    numbers = (finding.value, finding.target, finding.low, finding.high)
    end = 1.1 * max(0.0, *(number for number in numbers if number is not None))
    if finding.unit == "percent":
        end = max(end, 100.0)
    if end <= 0:
        return None
    value, target, low, high = (
        None if number is None else min(max(100 * number / end, 0.0), 100.0) for number in numbers
    )
    return Bar(value or 0.0, target or 0.0, low, high)
