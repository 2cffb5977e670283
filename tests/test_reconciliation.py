"""Official beside measured figures: the difference, and which causes are named when."""

from dataclasses import replace

import pytest

from qinshui_geo.assessment import Finding, assess
from qinshui_geo.errors import SourceError
from qinshui_geo.measurement import Confidence, Measurement, Provenance, Quantity, Statistic
from qinshui_geo.plan import NO_PLAN, Plan, load_plan
from qinshui_geo.profile import CountyProfile
from qinshui_geo.reconciliation import Reconciliation, reconcile

YEARBOOK = Provenance("statistics", "yearbook", as_of="2023")
OSM = Provenance("osm", "OpenStreetMap", as_of="2023-05-01")
PERSONS = {"county": {"value": 200_000, "year": 2020, "source": "census"},
           "county_urban": {"value": 96_000, "year": 2020, "source": "census"}}  # fmt: skip


def profile(**options: object) -> CountyProfile:
    return CountyProfile.model_validate({"id": "own", "name_zh": "县", "name_en": "county", **options})


def official(value: float, unit: str, year: int = 2023) -> Statistic:
    return Statistic(Quantity(value, unit), year, YEARBOOK)


def measured(
    indicator: str,
    value: float | None,
    unit: str,
    *,
    confidence: Confidence = "medium",
    source: Provenance = OSM,
    **more: object,
) -> Measurement:
    quantity = None if value is None else Quantity(value, unit)
    return Measurement(
        indicator, quantity, "量算", "measured", sources=(source,), confidence=confidence, **more
    )


def found(*measurements: Measurement, plan: Plan = NO_PLAN) -> tuple[Finding, ...]:
    return assess({m.indicator: m for m in measurements}, plan, year=2026)


def only(
    *measurements: Measurement, known: CountyProfile | None = None, **statistics: Statistic
) -> Reconciliation:
    rows = reconcile(found(*measurements), statistics, known or profile())
    assert len(rows) == 1
    return rows[0]


def causes(row: Reconciliation) -> str:
    return " | ".join(note.en for note in row.causes)


def test_difference_and_relative_by_hand() -> None:
    row = only(measured("built_up_area", 6.0, "km2"), built_up_area=official(8.0, "km2"))
    assert (row.id, row.measured, row.official.quantity.value) == ("built_up_area", Quantity(6.0, "km2"), 8.0)
    assert (row.difference, row.relative_percent) == (pytest.approx(-2.0), pytest.approx(-25.0))
    assert "land survey" in causes(row)


def test_an_official_zero_has_no_relative_difference() -> None:
    row = only(measured("eldercare_coverage", 50.0, "percent"), eldercare_coverage=official(0, "percent"))
    assert row.relative_percent is None and row.difference == 50
    assert "no likely cause" in causes(row)


@pytest.mark.parametrize(("value", "agrees"), [(100.9, True), (99.1, True), (101.1, False)])
def test_figures_within_one_percent_agree(value: float, agrees: bool) -> None:
    row = only(measured("built_up_area", value, "km2"), built_up_area=official(100, "km2"))
    assert ("agree" in causes(row)) == agrees
    assert len(row.causes) == 1


def test_only_measured_figures_with_an_official_one_stand_in_the_order_of_the_findings() -> None:
    findings = found(
        measured("green_coverage", 40, "percent"), measured("built_up_area", 7, "km2"),
        measured("sponge_share", None, "percent"), measured("charging_coverage", 70, "percent"),
        plan=load_plan("qinshui"),
    )  # fmt: skip
    figures = {
        "built_up_area": official(8, "km2"), "green_coverage": official(44, "percent"),
        "sponge_share": official(30, "percent"), "heating": official(93, "percent"),
    }  # fmt: skip
    rows = reconcile(findings, figures, profile())
    order = [finding.id for finding in findings if finding.id in ("built_up_area", "green_coverage")]
    assert [row.id for row in rows] == order


def test_another_unit_is_refused() -> None:
    with pytest.raises(SourceError, match=r"green_land_ratio is given in km2, measured in percent.*yearbook"):
        only(measured("green_land_ratio", 30, "percent"), green_land_ratio=official(3, "km2"))


@pytest.mark.parametrize(("year", "named"), [(2022, True), (2023, False), (2024, True)])
def test_another_year_is_named(year: int, named: bool) -> None:
    row = only(measured("charging_coverage", 60, "percent"), charging_coverage=official(70, "percent", year))
    assert (f"official {year}, map data of 2023" in causes(row)) == named


def test_the_year_of_a_table_and_an_unknown_year_say_nothing() -> None:
    for source in (replace(OSM, as_of=None), replace(OSM, as_of="unknown"), replace(YEARBOOK, as_of="2019")):
        row = only(
            measured("charging_coverage", 60, "percent", source=source),
            charging_coverage=official(70, "percent"),
        )
        assert "year" not in causes(row)


def test_years_between_those_of_the_sources_are_not_another_year() -> None:
    older = Provenance("landcover", "WorldCover", as_of="2021")
    both = replace(measured("green_coverage", 38, "percent"), sources=(OSM, older))
    assert "year" not in causes(only(both, green_coverage=official(42, "percent", 2022)))
    assert "2021–2023" in causes(only(both, green_coverage=official(42, "percent", 2020)))


def test_a_figure_within_the_measured_range() -> None:
    ends = Quantity(35, "percent"), Quantity(41, "percent")
    coverage = measured("green_coverage", 38, "percent", range=ends)
    inside, outside = (only(coverage, green_coverage=official(v, "percent")) for v in (41, 42))
    assert "within the measured range (35–41)" in causes(inside)
    assert "range" not in causes(outside)


@pytest.mark.parametrize(("value", "mixed"), [(29.0, True), (37.0, False)])
def test_coverage_and_ratio_may_be_mixed_up(value: float, mixed: bool) -> None:
    pair = measured("green_coverage", 38, "percent"), measured("green_land_ratio", 28, "percent")
    assert ("mixed up" in causes(only(*pair, green_coverage=official(value, "percent")))) == mixed
    assert ("mixed up" in causes(only(*pair, green_land_ratio=official(value, "percent")))) == (not mixed)


@pytest.mark.parametrize(
    ("share", "value", "named"), [(30.0, 6.0, True), (60.0, 6.0, False), (30.0, 9.0, False)]
)
def test_an_incomplete_map_explains_only_too_little(share: float, value: float, named: bool) -> None:
    row = only(
        measured("built_up_area", value, "km2"), measured("osm_completeness", share, "percent"),
        built_up_area=official(8, "km2"),
    )  # fmt: skip
    assert ("the map is incomplete (30 %)" in causes(row)) == named


def test_completeness_that_is_not_known_is_said_of_figures_from_the_map_alone() -> None:
    known = {"park_area_per_capita": official(12, "m2/person")}
    low = only(measured("park_area_per_capita", 9, "m2/person", confidence="low"), **known)
    high = only(measured("park_area_per_capita", 9, "m2/person", confidence="high"), **known)
    assert "completeness is not known" in causes(low)
    assert "completeness" not in causes(high)


def _parks(value: float, persons: float) -> Measurement:
    return measured(
        "park_area_per_capita", value, "m2/person", confidence="high", denominator=Quantity(persons, "person")
    )


def test_parks_over_the_persons_of_the_whole_county() -> None:
    """15 m2 for 50,000 persons are 3.75 m2 for 200,000."""
    row = only(_parks(15, 50_000), known=profile(population=PERSONS),
               park_area_per_capita=official(3.8, "m2/person"))  # fmt: skip
    assert "fits the whole county's residents (200,000)" in causes(row)
    other = only(_parks(15, 50_000), known=profile(population=PERSONS),
                 park_area_per_capita=official(12, "m2/person"))  # fmt: skip
    assert "persons" not in causes(other)


def test_parks_over_residents_and_temporary_residents() -> None:
    town = measured("town_population", 50_000, "person",
                    details={"resident_and_temporary": Quantity(60_000, "person")})  # fmt: skip
    row = only(_parks(15, 50_000), town, park_area_per_capita=official(12.6, "m2/person"))
    assert "residents and temporary residents (60,000)" in causes(row)


@pytest.mark.parametrize(("value", "named"), [(98_000, True), (70_000, False)])
def test_the_county_taken_for_its_town(value: float, named: bool) -> None:
    """The town's official count is held against the raster; its own finding is the official figure."""
    town = measured("town_population", value, "person", details={"raster": Quantity(60_000, "person")})
    row = only(town, known=profile(population=PERSONS), town_population=official(value, "person"))
    assert row.measured == Quantity(60_000, "person")
    assert ("urban residents of all towns" in causes(row)) == named
    without = replace(town, details={})
    assert reconcile(found(without), {"town_population": official(value, "person")}, profile()) == ()
