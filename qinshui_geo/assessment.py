"""Measurements meet the plan's targets: each becomes a finding with a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from qinshui_geo.errors import PlanError
from qinshui_geo.measurement import Confidence, Measurement, Note, Provenance, Quantity, Statistic
from qinshui_geo.plan import Kind, Plan, Sense, Target

Verdict = Literal["MET", "NOT_MET", "NO_DATA", "REPORTED"]

_UNITS_ZH: Mapping[str, str] = {
    "km2": "平方公里", "m2/person": "平方米/人", "percent": "%", "person": "人", "m": "米", "km": "公里",
    "km/km2": "公里/平方公里", "count": "个",
}  # fmt: skip
"""Units as a Chinese reader writes them, and as the statistics accept them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the scorecard: a figure held against its target.

    Parameters
    ----------
    id : str
        Id of the indicator and of the target.
    name_zh, name_en : str
        Proper name of what was measured.
    kind : {'spatial', 'statistical'}
        Computed here, or read from the statistics.
    value, low, high : float or None
        Figure and its range in ``unit``; ``None`` where there is no data.
    unit : str
        Unit of every number of the line.
    target : float or None
        Target value, or the profile's threshold where the plan gives no number.
    sense : {'>=', '<=', '=', 'exists'} or None
        How the figure meets the target; ``None`` without a target.
    year : int or None
        Year by which the plan asks for it.
    verdict : {'MET', 'NOT_MET', 'NO_DATA', 'REPORTED'}
        ``REPORTED``: there is a figure, but no target to hold it against.
    gap : float or None
        What is missing to the target, in ``unit``: positive while it is not met, zero or negative
        (the surplus) once it is. For ``=``, target minus value.
    years_left : int or None
        Years from the day of the run to the target's year; negative once it has passed.
    confidence : {'high', 'medium', 'low'} or None
        How far the figure can be trusted.
    clause : str
        The plan's own words.
    sources : tuple of Provenance
        What the figure rests on.
    notes : tuple of Note
        Reservations and, without data, what to bring.
    tolerance : float
        For ``=``: how far the figure may be from the target, in ``unit``.
    measurement : Measurement, optional
        The measurement behind a spatial finding.
    """

    id: str
    name_zh: str
    name_en: str
    kind: Kind
    value: float | None
    low: float | None
    high: float | None
    unit: str
    target: float | None
    sense: Sense | None
    year: int | None
    verdict: Verdict
    gap: float | None
    years_left: int | None
    confidence: Confidence | None
    clause: str
    sources: tuple[Provenance, ...] = ()
    notes: tuple[Note, ...] = ()
    tolerance: float = 0.0
    measurement: Measurement | None = field(default=None, repr=False, compare=False)

    @property
    def synthetic(self) -> bool:
        """Whether any source of the figure is made-up data."""
        return any(source.synthetic for source in self.sources)


def assess(
    measurements: Mapping[str, Measurement],
    plan: Plan,
    *,
    year: int,
    statistics: Mapping[str, Statistic] | None = None,
    thresholds: Mapping[str, float] | None = None,
) -> tuple[Finding, ...]:
    """Hold every target of ``plan`` against its measurement or official figure.

    Findings come in the plan's order; measurements that the plan does not ask for follow, reported.

    Parameters
    ----------
    measurements : Mapping of str to Measurement
        By indicator id.
    plan : Plan
        Targets.
    year : int
        Year of the run, for the years left.
    statistics : Mapping of str to Statistic, optional
        Official figures by target id.
    thresholds : Mapping of str to float, optional
        Project-defined thresholds for targets whose sense is ``exists``, by target id.

    Raises
    ------
    PlanError
        If a figure is in another unit than its target.
    """
    official, limits = statistics or {}, thresholds or {}
    asked = [
        _finding(target, measurements.get(target.id), official.get(target.id), limits.get(target.id), year)
        for target in plan.targets
    ]
    known = {target.id for target in plan.targets}
    return *asked, *(_reported(m) for key, m in measurements.items() if key not in known)


def _finding(
    target: Target,
    measured: Measurement | None,
    official: Statistic | None,
    threshold: float | None,
    year: int,
) -> Finding:
    """Measured figure first; the official one where there is none, or as a note beside it."""
    figure = _figure(target, measured, official)
    goal = target.value if target.sense != "exists" else threshold
    value = None if figure.quantity is None else figure.quantity.value
    return Finding(
        id=target.id, name_zh=figure.name_zh, name_en=figure.name_en, kind=target.kind, value=value,
        low=figure.range[0].value if figure.range else None,
        high=figure.range[1].value if figure.range else None,
        unit=target.unit, target=goal, sense=target.sense, year=target.year,
        verdict=_verdict(target, value, goal), gap=_gap(target, value, goal),
        years_left=target.year - year, confidence=figure.confidence, clause=target.clause,
        sources=figure.sources, notes=(*figure.notes, *_threshold_note(target, threshold)),
        tolerance=target.tolerance, measurement=measured,
    )  # fmt: skip


def _figure(target: Target, measured: Measurement | None, official: Statistic | None) -> Measurement:
    """The measurement that the finding shows, checked for the target's unit."""
    if measured is not None and measured.quantity is not None:
        _require_unit(target, measured.quantity.unit)
        beside = () if official is None else (_official_note(official),)
        return replace(measured, notes=(*measured.notes, *beside))
    notes = () if measured is None else measured.notes
    if official is None:
        blank = Measurement(target.id, None, target.name_zh, target.name_en, notes=notes or (_bring(target),))
        return replace(measured, notes=blank.notes) if measured is not None else blank
    _require_unit(target, official.quantity.unit)
    return Measurement(
        target.id, official.quantity, target.name_zh, target.name_en, sources=(official.provenance,),
        notes=(_official_note(official),), confidence="high",
    )  # fmt: skip


def _require_unit(target: Target, unit: str) -> None:
    if unit != target.unit:
        raise PlanError(
            f"target {target.id} is in {target.unit}, its figure in {unit}", mend="give both in one unit"
        )


def _verdict(target: Target, value: float | None, goal: float | None) -> Verdict:
    if value is None:
        return "NO_DATA"
    if target.sense == "exists" and target.unit == "yes_no":
        return "MET" if value > 0 else "NOT_MET"
    if goal is None:
        return "REPORTED"
    missing = _missing(target, value, goal)
    met = abs(missing) <= target.tolerance if target.sense == "=" else missing <= 0
    return "MET" if met else "NOT_MET"


def _gap(target: Target, value: float | None, goal: float | None) -> float | None:
    return None if value is None or goal is None else _missing(target, value, goal)


def _missing(target: Target, value: float, goal: float) -> float:
    """What is missing, without the noise of binary fractions (60 - 57.8 is 2.2)."""
    return round(value - goal if target.sense == "<=" else goal - value, 9)


def _official_note(official: Statistic) -> Note:
    zh, en = _written(official.quantity)
    return Note(
        f"官方统计 {official.year} 年:{zh}({official.provenance.origin})",
        f"official figure of {official.year}: {en} ({official.provenance.origin})",
    )


def _written(quantity: Quantity) -> tuple[str, str]:
    """A figure with its unit, in Chinese and in English."""
    if quantity.unit == "yes_no":
        return ("是", "yes") if quantity.value else ("否", "no")
    number = f"{quantity.value:.10g}"
    return f"{number} {_UNITS_ZH.get(quantity.unit, quantity.unit)}", f"{number} {quantity.unit}"


def _bring(target: Target) -> Note:
    unit_zh = _UNITS_ZH.get(target.unit, target.unit)
    wanted_zh, wanted = (
        ("是或否(单位写“是否”)", "yes or no (unit yes_no)")
        if target.unit == "yes_no"
        else (f"单位 {unit_zh}", f"in {target.unit}")
    )
    return Note(
        f"无数据:请在统计表(statistics.csv)中给出 {target.id},{wanted_zh}",
        f"no data: give {target.id}, {wanted}, in the statistics (statistics.csv)",
    )


def _threshold_note(target: Target, threshold: float | None) -> tuple[Note, ...]:
    if target.sense != "exists" or threshold is None:
        return ()
    return (
        Note(
            f"规划无数值,按本项目阈值 {threshold:g} {_UNITS_ZH.get(target.unit, target.unit)} 判定",
            f"the plan gives no number; judged by the project's threshold of {threshold:g} {target.unit}",
        ),
    )


def _reported(measured: Measurement) -> Finding:
    """Finding for a measurement that the plan does not ask for."""
    quantity = measured.quantity
    return Finding(
        id=measured.indicator, name_zh=measured.name_zh, name_en=measured.name_en, kind="spatial",
        value=None if quantity is None else quantity.value,
        low=measured.range[0].value if measured.range else None,
        high=measured.range[1].value if measured.range else None,
        unit="" if quantity is None else quantity.unit, target=None, sense=None, year=None,
        verdict="NO_DATA" if quantity is None else "REPORTED", gap=None, years_left=None,
        confidence=measured.confidence, clause="", sources=measured.sources, notes=measured.notes,
        measurement=measured,
    )  # fmt: skip
