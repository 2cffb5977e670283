"""Measures a county from its layers, all indicators in order, and holds them against the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from geopandas import GeoDataFrame

from qinshui_geo.assessment import Finding, assess
from qinshui_geo.gis_layers import gis_layers
from qinshui_geo.indicators.growth import needed_growth
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement, Quantity
from qinshui_geo.measuring import measure_indicators
from qinshui_geo.plan import Plan
from qinshui_geo.profile import CountyProfile
from qinshui_geo.reconciliation import Reconciliation, reconcile


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountyResult:
    """A county measured: findings, and the GIS layers that show where.

    Parameters
    ----------
    profile, plan : CountyProfile, Plan
        Whose figures, against which targets.
    layers : CountyLayers
        What was read.
    findings : tuple of Finding
        The scorecard.
    gis_layers : Mapping of str to GeoDataFrame
        The layers of :data:`qinshui_geo.gis_layers.COLUMNS` in the metric CRS; each is always there,
        with its columns, empty where nothing was found or measured.
    generated : date
        Day of the run.
    reconciliation : tuple of Reconciliation
        Measured indicators beside their official figures, where the statistics hold them.
    """

    profile: CountyProfile
    plan: Plan
    layers: CountyLayers
    findings: tuple[Finding, ...]
    gis_layers: Mapping[str, GeoDataFrame]
    generated: date
    reconciliation: tuple[Reconciliation, ...] = ()

    @property
    def synthetic(self) -> bool:
        """Whether anything that was read is made-up data."""
        return self.profile.synthetic or any(p.synthetic for p in self.layers.provenance.values())

    def finding(self, indicator: str) -> Finding:
        """Finding with this id.

        Raises
        ------
        KeyError
            If neither the plan nor the measurements have it.
        """
        found = next((finding for finding in self.findings if finding.id == indicator), None)
        if found is None:
            raise KeyError(indicator)
        return found


def measure_county(
    layers: CountyLayers,
    profile: CountyProfile,
    plan: Plan,
    *,
    today: date | None = None,
    tell: Callable[[str], None] | None = None,
    joint_samples: int = 0,
) -> CountyResult:
    """Measure every indicator that the layers allow and hold it against the plan.

    Parameters
    ----------
    layers : CountyLayers
        See :func:`qinshui_geo.reading.read_layers`.
    profile : CountyProfile
        Population, method options and thresholds.
    plan : Plan
        Targets.
    today : date, optional
        Day of the run, for the years left; the calendar's by default.
    tell : callable, optional
        Called with the id of each indicator as its measurement begins.
    joint_samples : int
        Samples by which all parameters are varied at once (joint range of built-up area, parks and green
        coverage); 0 for none. The same number gives the same range.

    Returns
    -------
    CountyResult
        Findings in the plan's order, measurements by id, and the GIS layers in the county's metric CRS.
    """
    day = today or date.today()
    measured = measure_indicators(layers, profile, tell=tell, joint_samples=joint_samples)
    measurements = _with_needed_growth(measured, plan, day.year)
    findings = assess(
        measurements, plan, year=day.year, statistics=layers.statistics,
        thresholds=profile.thresholds.model_dump(exclude_none=True),
    )  # fmt: skip
    return CountyResult(
        profile=profile, plan=plan, layers=layers, findings=findings,
        gis_layers=gis_layers(measurements, layers.crs), generated=day,
        reconciliation=reconcile(findings, layers.statistics, profile),
    )  # fmt: skip


def _with_needed_growth(
    measurements: Mapping[str, Measurement], plan: Plan, year: int
) -> Mapping[str, Measurement]:
    """The built-up area with the yearly growth that remains to the plan's target."""
    measured, target = measurements["built_up_area"], plan.target("built_up_area")
    if measured.quantity is None or target is None or target.value is None:
        return measurements
    if target.unit != measured.quantity.unit:
        return measurements  # assess refuses it, naming both
    goal = Quantity(target.value, target.unit)
    growth = needed_growth(measured.quantity, goal, years=target.year - year)
    if growth is None:
        return measurements
    details = {**measured.details, "needed_growth": growth}
    return {**measurements, "built_up_area": replace(measured, details=details)}
