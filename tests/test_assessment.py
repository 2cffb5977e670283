import pytest

from qinshui_geo.assessment import Finding, assess
from qinshui_geo.errors import PlanError
from qinshui_geo.measurement import Measurement, Note, Provenance, Quantity, Statistic
from qinshui_geo.plan import NO_PLAN, Plan, Target

YEARBOOK = Provenance("statistics", "统计年鉴 2024", as_of="2024")
MAP = Provenance("green_areas", "OpenStreetMap")


def target(**changes) -> Target:
    usual = {
        "id": "green", "name_zh": "绿化", "name_en": "Green", "clause": "到2027年,达到42%", "kind": "spatial",
        "sense": ">=", "unit": "percent", "year": 2027, "value": 42.0,
    }  # fmt: skip
    return Target(**{**usual, **changes})


def plan(*targets: Target) -> Plan:
    return Plan(id="p", name_zh="规划", name_en="plan", targets=targets)


def measured(value: float | None, unit: str = "percent", **more) -> Measurement:
    quantity = None if value is None else Quantity(value, unit)
    return Measurement("green", quantity, "绿化代理", "Green proxy", **more)


def official(value: float, unit: str = "percent") -> Statistic:
    return Statistic(Quantity(value, unit), 2024, YEARBOOK)


def only(asked: Target, measurement: Measurement | None = None, **options) -> Finding:
    measurements = {} if measurement is None else {"green": measurement}
    (finding,) = assess(measurements, plan(asked), **{"year": 2026, **options})
    return finding


@pytest.mark.parametrize(
    ("sense", "value", "verdict", "gap"),
    [
        (">=", 41.9, "NOT_MET", 0.1),
        (">=", 42.0, "MET", 0.0),
        (">=", 50.0, "MET", -8.0),
        (">=", 0.0, "NOT_MET", 42.0),
        ("<=", 42.1, "NOT_MET", 0.1),
        ("<=", 42.0, "MET", 0.0),
        ("<=", 9.0, "MET", -33.0),
    ],
)
def test_at_least_and_at_most(sense: str, value: float, verdict: str, gap: float) -> None:
    finding = only(target(sense=sense), measured(value))
    assert finding.verdict == verdict
    assert finding.gap == pytest.approx(gap)
    assert (finding.value, finding.target, finding.sense) == (value, 42.0, sense)


@pytest.mark.parametrize(
    ("value", "verdict", "gap"),
    [
        (8.0, "MET", 0),
        (8.05, "MET", -0.05),
        (7.95, "MET", 0.05),
        (8.06, "NOT_MET", -0.06),
        (7.94, "NOT_MET", 0.06),
    ],
)
def test_equal_within_half_of_the_last_digit(value: float, verdict: str, gap: float) -> None:
    built = target(sense="=", value=8.0, tolerance=0.05, unit="km2")
    finding = only(built, measured(value, "km2"))
    assert finding.verdict == verdict
    assert finding.gap == pytest.approx(gap)


@pytest.mark.parametrize(("goal", "tolerance"), [(34, 0.1), (0.3, 0.1), (17, 0.05), (1.1, 0.05)])
def test_the_edges_of_the_tolerance_meet_in_spite_of_floating_point(goal: float, tolerance: float) -> None:
    asked = target(sense="=", value=goal, tolerance=tolerance)
    for value in (goal - tolerance, goal + tolerance):
        assert only(asked, measured(value)).verdict == "MET"
    for value in (goal - 1.01 * tolerance, goal + 1.01 * tolerance):
        assert only(asked, measured(value)).verdict == "NOT_MET"


def test_the_tolerance_softens_no_other_sense() -> None:
    assert only(target(tolerance=0.5), measured(41.9)).verdict == "NOT_MET"


@pytest.mark.parametrize(("value", "verdict"), [(1, "MET"), (0, "NOT_MET"), (3, "MET")])
def test_yes_or_no_needs_no_number(value: float, verdict: str) -> None:
    asked = target(sense="exists", value=None, unit="yes_no", kind="statistical")
    finding = only(asked, statistics={"green": official(value, "yes_no")})
    assert finding.verdict == verdict
    assert finding.gap is None
    assert finding.target is None


def test_exists_is_judged_by_the_threshold_where_there_is_one() -> None:
    asked = target(sense="exists", value=None)
    finding = only(asked, measured(79.0), thresholds={"green": 80.0})
    assert (finding.verdict, finding.target) == ("NOT_MET", 80.0)
    assert finding.gap == pytest.approx(1.0)
    assert any("project's threshold of 80 percent" in note.en for note in finding.notes)
    assert only(asked, measured(80.0), thresholds={"green": 80.0}).verdict == "MET"
    without = only(asked, measured(79.0))
    assert (without.verdict, without.gap, without.target) == ("REPORTED", None, None)
    assert without.notes == ()


def test_a_threshold_does_not_touch_a_target_with_a_number() -> None:
    finding = only(target(), measured(41.0), thresholds={"green": 10.0})
    assert (finding.verdict, finding.target, finding.notes) == ("NOT_MET", 42.0, ())


@pytest.mark.parametrize("sense", [">=", "<=", "=", "exists"])
def test_no_figure_is_no_data_and_never_zero(sense: str) -> None:
    number = {"value": None if sense == "exists" else 42.0, "tolerance": 0.5}
    for measurement in (None, measured(None)):
        finding = only(target(sense=sense, **number), measurement, thresholds={"green": 50})
        assert finding.verdict == "NO_DATA"
        assert (finding.value, finding.gap, finding.low, finding.high) == (None, None, None, None)
        assert finding.confidence is None
        assert any("statistics.csv" in note.en for note in finding.notes)


def test_what_the_measurement_says_to_bring_goes_before_the_general_advice() -> None:
    bring = Note("带 NDVI", "bring ndvi.tif")
    finding = only(target(), measured(None, notes=(bring,)))
    assert finding.notes == (bring,)
    assert finding.name_en == "Green proxy"


def test_statistics_alone_give_the_figure_with_its_source() -> None:
    finding = only(target(kind="statistical"), statistics={"green": official(43.5)})
    assert (finding.verdict, finding.value, finding.name_zh) == ("MET", 43.5, "绿化")
    assert finding.sources == (YEARBOOK,)
    assert finding.confidence == "high"
    assert finding.notes[0].en == "official figure of 2024: 43.5 percent (统计年鉴 2024)"


def test_notes_write_units_as_each_language_does() -> None:
    beside = only(target(), measured(41.0), statistics={"green": official(43.5)}).notes[0]
    assert beside.zh == "官方统计 2024 年:43.5 %(统计年鉴 2024)"
    asked = target(kind="statistical", unit="yes_no", sense="exists", value=None)
    told = only(asked, statistics={"green": official(1.0, "yes_no")}).notes[0]
    assert (told.zh, told.en) == (
        "官方统计 2024 年:是(统计年鉴 2024)",
        "official figure of 2024: yes (统计年鉴 2024)",
    )
    bring = only(asked).notes[0]
    assert "是或否" in bring.zh and "yes or no (unit yes_no)" in bring.en


def test_a_gap_is_free_of_the_noise_of_binary_fractions() -> None:
    assert only(target(value=60.0), measured(57.8)).gap == 2.2  # 60 - 57.8 is 2.200000000000003
    noisy = only(target(value=0.3), measured(0.1 + 0.1 + 0.1 - 1e-13))
    assert (noisy.verdict, noisy.gap) == ("MET", 0.0)


def test_statistics_step_in_where_nothing_could_be_measured() -> None:
    finding = only(target(), measured(None), statistics={"green": official(40.0)})
    assert (finding.verdict, finding.value) == ("NOT_MET", 40.0)
    assert finding.gap == pytest.approx(2.0)


def test_the_measured_figure_goes_before_the_official_one_which_stands_beside() -> None:
    note, ends = Note("甲", "a"), (Quantity(39.0, "percent"), Quantity(45.0, "percent"))
    given = measured(41.0, notes=(note,), range=ends, sources=(MAP,), confidence="medium")
    finding = only(target(), given, statistics={"green": official(43.5)})
    assert (finding.value, finding.low, finding.high, finding.confidence) == (41.0, 39.0, 45.0, "medium")
    assert (finding.verdict, finding.sources) == ("NOT_MET", (MAP,))
    assert [n.en for n in finding.notes] == ["a", "official figure of 2024: 43.5 percent (统计年鉴 2024)"]
    assert finding.measurement is given


@pytest.mark.parametrize(
    "options", [{"measurement": measured(8.0, "km2")}, {"statistics": {"green": official(8, "km2")}}]
)
def test_another_unit_than_the_targets_is_refused(options: dict) -> None:
    with pytest.raises(PlanError, match="target green is in percent, its figure in km2"):
        only(target(), **options)


@pytest.mark.parametrize(("year", "left"), [(2026, 1), (2027, 0), (2030, -3)])
def test_years_left_turn_negative(year: int, left: int) -> None:
    for measurement in (measured(41.0), None):
        assert only(target(), measurement, year=year).years_left == left


def test_findings_come_in_the_plans_order_and_the_rest_is_reported_behind() -> None:
    extra = Measurement(
        "extra", Quantity(7.0, "km"), "另", "Other", range=(Quantity(6.0, "km"), Quantity(9.0, "km"))
    )
    blank = Measurement("blank", None, "空", "Blank")
    asked = plan(target(id="b"), target(id="green"), target(id="a"))
    found = assess({"extra": extra, "blank": blank, "green": measured(50.0)}, asked, year=2026)
    assert [(f.id, f.verdict) for f in found] == [
        ("b", "NO_DATA"), ("green", "MET"), ("a", "NO_DATA"), ("extra", "REPORTED"), ("blank", "NO_DATA"),
    ]  # fmt: skip
    reported = found[3]
    assert (reported.value, reported.low, reported.high, reported.unit) == (7.0, 6.0, 9.0, "km")
    assert (reported.target, reported.sense, reported.year, reported.gap, reported.years_left) == (None,) * 5


def test_without_a_plan_everything_is_reported() -> None:
    assert [f.verdict for f in assess({"green": measured(50.0)}, NO_PLAN, year=2026)] == ["REPORTED"]
    assert assess({}, NO_PLAN, year=2026) == ()


def test_made_up_data_is_known_by_the_finding() -> None:
    made_up = Provenance("green_areas", "sample", synthetic=True)
    assert only(target(), measured(50.0, sources=(MAP, made_up))).synthetic
    assert not only(target(), measured(50.0, sources=(MAP,))).synthetic


def test_the_tolerance_of_an_equal_target_is_handed_on() -> None:
    asked = target(sense="=", value=8.0, unit="km2", tolerance=0.5)
    assert only(asked, measured(7.4, "km2")).tolerance == 0.5
    assert only(target(), measured(41.0)).tolerance == 0.0
