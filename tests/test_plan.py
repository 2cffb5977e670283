"""The target registries that come with the package, and what is refused in a plan file."""

import re
from pathlib import Path

import pytest

from qinshui_geo.errors import PlanError
from qinshui_geo.plan import NO_PLAN, Plan, load_plan, plan_names

SPATIAL = {  # id: (sense, value, tolerance, unit, year), read off the plan by hand
    "town_population": ("=", 80_000, 5_000, "person", 2027),
    "built_up_area": ("=", 8, 0.5, "km2", 2027),
    "green_coverage": (">=", 42, 0, "percent", 2027),
    "sponge_share": (">=", 30, 0, "percent", 2027),
    "eldercare_coverage": (">=", 100, 0, "percent", 2025),
    "park_area_per_capita": (">=", 17, 0, "m2/person", 2025),
    "greenway_connectivity": ("exists", None, 0, "percent", 2027),
    "charging_coverage": (">=", 100, 0, "percent", 2025),
}
OUTCOMES_OF_DEGREE = (  # dated sentences of the plan that neither a number nor a yes or no answers
    "到2025年，以县城为重要载体的城镇化建设取得阶段性成果",
    "到2027年，开发区基础设施和专业服务功能进一步完善",
    "到2025年，高中阶段教育形成多样化特色化发展格局",
    "到2025年，县级投融资平台公司实力得到有效提升，实现与市平台公司联动发展",
)
ONE_TARGET = """
id = "own"
name_zh = "自定"
name_en = "own"
[[targets]]
id = "leakage"
name_zh = "漏损率"
name_en = "leakage"
clause = "漏损率控制在9%以内"
kind = "statistical"
sense = "<="
value = 9
unit = "percent"
year = 2027
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan("qinshui")


@pytest.fixture(scope="module")
def plan_text(real_plan: Path) -> str:
    return real_plan.read_text(encoding="utf-8")


def refusal(tmp_path: Path, content: str) -> str:
    """Message with which a plan file of this content is refused; it always names the file."""
    path = tmp_path / "own.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        load_plan(path)
    assert str(path) in str(caught.value)
    assert caught.value.mend
    return caught.value.what


def number_in(clause: str) -> float:
    """The one number that a clause asks for, from its digits or its words."""
    without_year = re.sub(r"到\d{4}年", "", clause)
    digits = re.search(r"\d+", without_year)
    if digits:
        return float(digits[0]) * (10_000 if "万" in without_year else 1)
    return {"一个": 1.0, "全覆盖": 100.0}[re.findall("一个|全覆盖", clause)[0]]


def test_more_than_thirty_targets_in_the_years_of_the_plan(plan: Plan) -> None:
    assert len(plan.targets) > 30
    assert {target.year for target in plan.targets} == {2025, 2027}


def test_spatial_targets_are_those_that_the_indicators_measure(plan: Plan) -> None:
    found = {
        t.id: (t.sense, t.value, t.tolerance, t.unit, t.year) for t in plan.targets if t.kind == "spatial"
    }
    assert found == SPATIAL


def test_each_value_is_the_number_in_its_clause(plan: Plan) -> None:
    """Except four-way sorting, whose clause says "the county's villages": all of them."""
    wrong = {
        target.id: target.value
        for target in plan.targets
        if target.value is not None
        and target.id != "village_waste_sorting"
        and target.value != number_in(target.clause)
    }
    assert wrong == {}
    sorting = plan.target("village_waste_sorting")
    assert sorting is not None and (sorting.value, sorting.unit) == (100, "percent")


def test_only_upper_bounds_of_the_plan_are_upper_bounds(plan: Plan) -> None:
    upper = {target.id for target in plan.targets if target.sense == "<="}
    worded = {target.id for target in plan.targets if re.search("不超|以内", target.clause)}
    assert upper == worded == {"leakage", "public_building_vacancy"}


def test_a_target_without_a_number_is_yes_or_no_or_has_a_threshold(plan: Plan) -> None:
    units = {t.id: t.unit for t in plan.targets if t.sense == "exists" and t.unit != "yes_no"}
    assert units == {"greenway_connectivity": "percent"}
    assert {t.sense for t in plan.targets if t.unit == "yes_no"} == {"exists"}


def test_water_supply_named_twice_is_one_target(plan: Plan) -> None:
    target = plan.target("water_supply")
    assert target is not None
    assert "02" in target.section and "21" in target.section and "三(五)21" in target.note
    assert plan.target("rural_tap_water") is not None


@pytest.mark.real
def test_clauses_are_the_plans_own_words(plan: Plan, plan_text: str) -> None:
    assert [target.id for target in plan.targets if target.clause not in plan_text] == []


@pytest.mark.real
def test_years_are_those_that_govern_the_clause(plan: Plan, plan_text: str) -> None:
    wrong = {}
    for target in plan.targets:
        until_end = plan_text[: plan_text.index(target.clause) + len(target.clause)]
        governing = int(re.findall(r"到(\d{4})年", until_end)[-1])
        if governing != target.year:
            wrong[target.id] = governing
    assert wrong == {}


@pytest.mark.real
def test_no_percentage_of_the_plan_is_missed(plan: Plan, plan_text: str) -> None:
    rest = plan_text.replace("县城供水普及率达100%", "")  # the second naming of water_supply
    for clause in sorted({t.clause for t in plan.targets}, key=len, reverse=True):
        rest = rest.replace(clause, "")
    assert re.findall(r".{0,12}(?:\d+%|全覆盖|\d+平方|\d万)", rest) == []


@pytest.mark.real
def test_no_dated_outcome_of_the_plan_is_missed(plan: Plan, plan_text: str) -> None:
    clauses = {target.clause for target in plan.targets}
    missed = [
        sentence
        for sentence in re.findall(r"到20\d\d年[^。；]*", plan_text)
        if not any(clause in sentence or sentence in clause for clause in clauses)
        and not sentence.startswith(OUTCOMES_OF_DEGREE)
    ]
    assert missed == []


def test_references_are_not_mistaken_for_targets_of_a_place() -> None:
    reference = load_plan("national_reference")
    assert "not a local plan" in reference.source
    assert {target.id for target in reference.targets} <= {*SPATIAL, "park_service_coverage"}
    values = {target.id: (target.value, target.year) for target in reference.targets}
    assert values["park_area_per_capita"][0] == 8.0  # GB 55014-2021 2.1.3
    assert values["park_service_coverage"][0] == 80  # GB 55014-2021 2.1.3
    assert values["sponge_share"] == (80, 2030)  # State Council document 2015 no. 75
    assert values["green_coverage"][0] == 43  # ecological garden city


def test_a_plan_by_name_by_path_or_none(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(ONE_TARGET, encoding="utf-8")
    assert load_plan(path) == load_plan(str(path))
    assert [target.id for target in load_plan(path).targets] == ["leakage"]
    assert load_plan("none") is NO_PLAN
    assert NO_PLAN.targets == () and NO_PLAN.target("leakage") is None
    assert {"qinshui", "national_reference"} <= set(plan_names())


def test_unknown_plan_names_the_known_ones() -> None:
    with pytest.raises(PlanError, match=r"no plan named 'qinshu'.*national_reference, qinshui, none"):
        load_plan("qinshu")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("value = 9\n", "", "key 'targets.0': a target has a value, unless its sense is 'exists'"),
        ('"<="', '"exists"', "key 'targets.0': a target has a value, unless its sense is 'exists'"),
        ('"<="', '"="', "key 'targets.0': sense '=' needs a tolerance above 0"),
        ('"<="', '"<"', "key 'targets.0.sense': Input should be '>=', '<=', '=' or 'exists'"),
        ('"percent"', '"pct"', "key 'targets.0.unit': Input should be 'km2'"),
        ("year = 2027", "year = 27", "key 'targets.0.year'"),
        ("year = 2027", "yaer = 2027", "unknown key 'targets.0.yaer', did you mean 'year'?"),
        ("year = 2027", "", "key 'targets.0.year' is missing"),
        ('"漏损率控制在9%以内"', '" "', "key 'targets.0.clause'"),
        ('"leakage"\nname_zh', '"Leakage rate"\nname_zh', "key 'targets.0.id'"),
        ('name_zh = "自定"\n', "", "key 'name_zh' is missing"),
    ],
)
def test_a_faulty_target_is_refused_by_its_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert ONE_TARGET.count(old) == 1
    assert said in refusal(tmp_path, ONE_TARGET.replace(old, new))


def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    again = "[[targets]]" + ONE_TARGET.split("[[targets]]")[1]
    assert "target id used twice: leakage" in refusal(tmp_path, ONE_TARGET + again)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    said = refusal(tmp_path, ONE_TARGET.replace('"percent"', '"pct"').replace('"statistical"', '"guess"'))
    assert "targets.0.unit" in said and "targets.0.kind" in said


def test_a_target_cannot_be_changed(plan: Plan) -> None:
    target = plan.targets[0]
    with pytest.raises(ValueError, match="frozen"):
        target.value = 1.0
