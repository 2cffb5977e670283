"""Official figures beside the measured ones: how far apart they are, and the likely causes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from qinshui_geo.assessment import Finding
from qinshui_geo.errors import SourceError
from qinshui_geo.measurement import Note, Quantity, Statistic
from qinshui_geo.measuring.completeness import RESTS_ON
from qinshui_geo.profile import CountyProfile

AGREES_PERCENT = 1.0
"""Up to this relative difference the two figures are taken to agree (project-defined)."""

NEAR_PERCENT = 10.0
"""Within this of another basis, that basis is named as a likely cause (project-defined)."""

_TABLES = frozenset({"statistics", "town_population"})
"""Sources that are tables, whose year says nothing of the year of the map."""

DEFINITIONS: Mapping[str, Note] = {
    "town_population": Note(
        "口径不同:量算值取自人口栅格(模型估计),范围为量算的建成区",
        "another definition: the measured count is from a population raster (a model) within the measured "
        "built-up area",
    ),
    "built_up_area": Note(
        "口径不同:官方建成区为主管部门认定或国土调查口径,量算为开放数据近似的城区实体地域",
        "another definition: the official area is the authority's or the land survey's, the measured one "
        "the urban extent approximated from open data",
    ),
    "park_area_per_capita": Note(
        "口径不同:官方按园林部门绿地台账,量算按地图上的公园(G1 类,建成区内)",
        "another definition: the official figure is by the parks inventory, the measured one by the parks on "
        "the map (class G1, within the built-up area)",
    ),
    "green_land_ratio": Note(
        "口径不同:量算仅含已绘制的绿地地块,附属绿地多未绘制",
        "another definition: only green parcels that are drawn are measured, attached green mostly is not",
    ),
    "sponge_share": Note(
        "口径不同:官方为达标面积(需监测评估),量算为径流控制潜力或用户设施下的达标面积",
        "another definition: the official share is by monitored compliance, the measured one by the "
        "potential to control runoff",
    ),
    "greenway_connectivity": Note(
        "口径不同:量算为绿道最大连通部分的长度占比,是连通性的替代指标",
        "another definition: the measured figure is the length share of the largest connected part, a proxy",
    ),
}
"""What the measured figure is that the official one is not, by indicator."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One official figure held against the measured one.

    Parameters
    ----------
    id : str
        Id of the indicator.
    official : Statistic
        Figure of the statistics.
    measured : Quantity
        Measured figure, in the same unit.
    difference : float
        Measured minus official.
    relative_percent : float or None
        The difference in percent of the official figure; ``None`` where that is zero.
    causes : tuple of Note
        Likely causes, the most telling first; never empty.
    """

    id: str
    official: Statistic
    measured: Quantity
    difference: float
    relative_percent: float | None
    causes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    """What the rules look at."""

    finding: Finding
    official: Statistic
    measured: Quantity
    others: Mapping[str, Finding]
    profile: CountyProfile

    @property
    def off(self) -> float:
        return self.measured.value - self.official.quantity.value

    def value(self, indicator: str) -> float | None:
        found = self.others.get(indicator)
        return None if found is None else found.value


def reconcile(
    findings: Sequence[Finding], statistics: Mapping[str, Statistic], profile: CountyProfile
) -> tuple[Reconciliation, ...]:
    """Measured indicators of which the statistics hold the official figure, in the order of the findings.

    The town population is measured on the population raster, since its finding is the official figure.

    Parameters
    ----------
    findings : sequence of Finding
        See :func:`qinshui_geo.assessment.assess`.
    statistics : Mapping of str to Statistic
        Official figures by indicator.
    profile : CountyProfile
        Persons of the county and the completeness asked of the map.

    Raises
    ------
    SourceError
        If an official figure is in another unit than the measured one.
    """
    by_id = {finding.id: finding for finding in findings}
    rows = []
    for finding in findings:
        official, measured = statistics.get(finding.id), _measured(finding)
        if official is not None and measured is not None:
            _require_unit(finding.id, official, measured)
            rows.append(_row(_Case(finding, official, measured, by_id, profile)))
    return tuple(rows)


def _measured(finding: Finding) -> Quantity | None:
    if finding.measurement is None:
        return None
    if finding.id == "town_population":
        return finding.measurement.details.get("raster")
    return finding.measurement.quantity


def _require_unit(indicator: str, official: Statistic, measured: Quantity) -> None:
    if official.quantity.unit != measured.unit:
        raise SourceError(
            f"{indicator} is given in {official.quantity.unit}, measured in {measured.unit}",
            where=official.provenance.origin, mend=f"convert the value and write the unit as {measured.unit}",
        )  # fmt: skip


def _row(case: _Case) -> Reconciliation:
    official = case.official.quantity.value
    relative = 100 * case.off / official if official else None
    agrees = abs(case.off) <= AGREES_PERCENT / 100 * abs(official)
    causes = (_AGREES,) if agrees else tuple(note for rule in _RULES if (note := rule(case)) is not None)
    return Reconciliation(
        case.finding.id, case.official, case.measured, case.off, relative, causes or (_NO_CAUSE,)
    )


def _within_range(case: _Case) -> Note | None:
    low, high = case.finding.low, case.finding.high
    if case.finding.id == "town_population" or low is None or high is None:
        return None
    if not low <= case.official.quantity.value <= high:
        return None
    return Note(
        f"官方值在量算区间之内({low:.4g}–{high:.4g}),差异可由参数取值解释",
        f"the official figure lies within the measured range ({low:.4g}–{high:.4g}): the choice of "
        "parameters explains the difference",
    )


def _coverage_or_ratio(case: _Case) -> Note | None:
    """An official 绿化覆盖率 that is nearer to the measured 绿地率, or the reverse."""
    pairs = {"green_coverage": "green_land_ratio", "green_land_ratio": "green_coverage"}
    other = case.value(pairs.get(case.finding.id, ""))
    if other is None or abs(other - case.official.quantity.value) >= abs(case.off):
        return None
    return Note(
        f"官方值更接近另一指标的量算值({other:.1f} %):绿化覆盖率与绿地率可能混用",
        f"the official figure is nearer to the measured value of the other figure ({other:.1f} %): green "
        "coverage and green-land ratio may have been mixed up",
    )


def _other_persons(case: _Case) -> Note | None:
    """A figure per person of other persons, or a head count of another place."""
    official, persons = case.official.quantity.value, _persons_of_the_town(case)
    if persons is None and case.finding.id != "town_population":
        return None
    for zh, en, count in _bases(case):
        rebased = count if persons is None else case.measured.value * persons / count
        if _near(official, rebased) and abs(official - rebased) < abs(case.off):
            return Note(
                f"人口口径可能不同:与{zh}({count:,.0f} 人)相符",
                f"perhaps of other persons: it fits {en} ({count:,.0f})",
            )
    return None


def _persons_of_the_town(case: _Case) -> float | None:
    if case.finding.measurement is None or case.measured.unit != "m2/person":
        return None
    persons = case.finding.measurement.denominator
    return None if persons is None else persons.value


def _bases(case: _Case) -> list[tuple[str, str, float]]:
    known = case.profile.population
    bases = [
        ("全县人口", "the whole county's residents", known.county),
        ("全县城镇人口", "the urban residents of all towns of the county", known.county_urban),
        ("常住 + 暂住人口", "residents and temporary residents", _with_temporary(case)),
    ]
    return [(zh, en, count.value) for zh, en, count in bases if count is not None and count.value > 0]


def _with_temporary(case: _Case) -> Quantity | None:
    town = case.others.get("town_population")
    if town is None or town.measurement is None or case.finding.id == "town_population":
        return None
    return town.measurement.details.get("resident_and_temporary")


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= NEAR_PERCENT / 100 * abs(other)


_DRAWN = frozenset(RESTS_ON) | {"built_up_area"}
"""Indicators that come out low where the map lacks what there is."""


def _incomplete_map(case: _Case) -> Note | None:
    """A map with gaps gives too little; of the range it says nothing where more is measured."""
    if case.off >= 0 or case.finding.id not in _DRAWN:
        return None
    share = case.value("osm_completeness")
    if share is None:
        return _UNKNOWN_MAP if case.finding.confidence == "low" else None
    if share >= case.profile.method.completeness.min_share_percent:
        return None
    return Note(
        f"地图不完整:完整度 {share:.0f} %,量算值偏低",
        f"the map is incomplete ({share:.0f} %): measured too little",
    )


def _other_year(case: _Case) -> Note | None:
    dates = [source.as_of for source in case.finding.sources if source.layer not in _TABLES]
    years = [int(date[:4]) for date in dates if date is not None and date[:4].isdecimal()]
    if not years or min(years) <= case.official.year <= max(years):
        return None
    span = f"{min(years)}" if min(years) == max(years) else f"{min(years)}–{max(years)}"
    return Note(
        f"年份不同:官方 {case.official.year} 年,地图数据 {span} 年",
        f"another year: official {case.official.year}, map data of {span}",
    )


def _other_definition(case: _Case) -> Note | None:
    return DEFINITIONS.get(case.finding.id)


_RULES: tuple[Callable[[_Case], Note | None], ...] = (
    _coverage_or_ratio, _other_persons, _incomplete_map, _within_range, _other_year, _other_definition,
)  # fmt: skip

_AGREES = Note(f"两者相符(相差不超过 {AGREES_PERCENT:g} %)", f"the two agree (within {AGREES_PERCENT:g} %)")
_NO_CAUSE = Note("未找到可能原因,请核对官方口径", "no likely cause found: check the official definition")
_UNKNOWN_MAP = Note(
    "地图可能不完整(完整度未知),量算值可能偏低",
    "the map may be incomplete (its completeness is not known): perhaps too little is measured",
)
