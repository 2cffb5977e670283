"""The tables behind the figures: counts, order, reasons, and the words when there is nothing."""

from dataclasses import replace

import pytest
from pages import bare_result, county_result, frame, square

from qinshui_geo.explanations import (
    MOST_ROWS,
    areas_far_on_foot,
    completeness_cells,
    park_parts,
    patch_counts,
    patches_left_out,
    reconciliation_table,
    tables_of,
    underserved_areas,
)
from qinshui_geo.sections import SECTIONS, sections

EN = "en"


def _with_layer(name, layer):
    result = county_result()
    return replace(result, gis_layers={**result.gis_layers, name: layer})


def test_patches_are_counted_by_how_they_came_in():
    assert patch_counts(county_result(), EN).rows == (
        ("Seed (the patch with the county seat)", "1", "300.00 ha"),
        ("Joined: over a gap within the linking distance", "1", "90.00 ha"),
        ("Left out: beyond the linking distance", "3", "16.50 ha"),
    )
    assert "at most 1 link(s) from the seed" in patch_counts(county_result(), EN).hint


def test_touching_enclosed_and_dropped_patches_are_told_apart():
    nothing = float("nan")
    layer = frame(
        [square(300 * i, 0, 100) for i in range(4)], patch=[1, 2, 3, 4], area_ha=[5.0, 2.0, 0.2, 0.1],
        joined=[True, True, True, False], step=[0, 1, nothing, 2], link_to=[nothing, 1, nothing, 2],
        link_m=[nothing, 0.0, nothing, 80.0], reason=["r"] * 4, reason_zh=["因"] * 4,
    )  # fmt: skip
    names = [row[0] for row in patch_counts(_with_layer("built_up_patches", layer), "zh").rows]
    assert names == [
        "种子(县政府驻地所在斑块)", "并入:与已连片斑块相接", "计入:位于已填充的空洞中",
        "剔除:所在片小于最小面积",
    ]  # fmt: skip


def test_the_largest_patches_left_out_come_first_with_their_reason():
    assert patches_left_out(county_result(), EN).rows == (
        ("3", "10.00 ha", "180 m from the nearest joined patch"),
        ("4", "6.00 ha", "180 m from the nearest joined patch"),
        ("5", "0.50 ha", "too small"),
    )
    assert patches_left_out(county_result(), "zh").rows[2][2] == "面积过小"


def test_underserved_areas_are_those_outside_the_straight_line_radius_by_persons():
    table = underserved_areas(county_result(), EN)
    assert [row[0] for row in table.rows] == ["3", "4"]  # 1,200 persons, then the unknown number
    assert table.rows[0][1:6] == ("–", "1,200 persons", "4.00 ha", "20.0%", "460 m")
    assert table.rows[0][6] == "长" * 120 + "…"
    assert table.rows[1][1:3] == ("</script><script>window.hacked=1</script>", "–")
    assert "2 of 4 residential areas" in table.hint and "1,200 persons" in table.hint


def test_areas_that_only_a_straight_line_serves_are_listed_apart():
    table = areas_far_on_foot(county_result(), EN)
    assert [(row[0], row[2], row[5]) for row in table.rows] == [("2", "450 persons", "780 m")]
    assert table.hint.startswith("1 of 4 residential areas, with 450 persons")
    homes = county_result().gis_layers["residential_areas"]
    assert areas_far_on_foot(_with_layer("residential_areas", homes.iloc[[0, 2, 3]]), EN) is None


def test_only_the_first_twenty_are_listed():
    homes = county_result().gis_layers["residential_areas"].iloc[[2] * 30].reset_index(drop=True)
    homes["area_id"], homes["persons"] = range(1, 31), [float(i) for i in range(30)]
    table = underserved_areas(_with_layer("residential_areas", homes), EN)
    assert [row[0] for row in table.rows] == [str(i) for i in range(30, 30 - MOST_ROWS, -1)]
    assert "30 of 30" in table.hint and "435 persons" in table.hint


def test_unknown_persons_are_not_zero_and_nothing_underserved_is_said():
    homes = county_result().gis_layers["residential_areas"]
    unknown = homes.assign(persons=float("nan"))
    hint = underserved_areas(_with_layer("residential_areas", unknown), EN).hint
    assert "an unknown number of people" in hint and "0 persons" not in hint
    served = underserved_areas(_with_layer("residential_areas", homes.iloc[:2]), EN)
    assert served.rows == () and served.hint.startswith("All 2 residential areas")


def test_parts_of_the_town_from_the_poorest():
    rows = park_parts(county_result(), "zh").rows
    assert [row[0] for row in rows] == ["龙港镇", "城东", "城西", "–"]
    assert rows[0][4] == "4.00 m²/人" and rows[3][4] == "–"


def test_parts_of_which_nobody_knows_the_people_say_what_to_bring():
    layer = county_result().gis_layers["park_parts"].assign(persons=float("nan"), m2_per_person=float("nan"))
    table = park_parts(_with_layer("park_parts", layer), EN)
    assert table.rows == () and "--population-raster" in table.hint


def test_cells_are_counted_by_grade():
    table = completeness_cells(county_result(), EN)
    assert [row[:2] for row in table.rows] == [
        ("Under 25%", "1"), ("25–50%", "1"), ("50–75%", "1"), ("75–100%", "1"), ("100%", "1"),
        ("No independent built-up land", "1"),
    ]  # fmt: skip
    assert table.rows[1][2:] == ("3.00 ha", "10.00 ha")
    assert table.hint.startswith("2 of 6 cells")


def test_official_and_measured_side_by_side():
    (row,) = reconciliation_table(county_result(), EN).rows
    assert row == (
        "Urban extent", "7.20 km² (2023)", "7.996 km²", "+0.80 km² (11.1%)",
        "another definition <1>; another year",
    )  # fmt: skip
    empty = reconciliation_table(bare_result(), EN)
    assert empty.rows == () and "statistics.csv" in empty.hint


@pytest.mark.parametrize("indicator", SECTIONS)
def test_without_layers_there_are_no_tables(indicator):
    assert tables_of(bare_result(), indicator, "zh") == ()


def test_every_row_has_a_cell_for_each_column():
    tables = [table for name in SECTIONS for table in tables_of(county_result(), name, "zh")]
    assert len(tables) == 6
    for table in (*tables, reconciliation_table(county_result(), "zh")):
        assert {len(row) for row in table.rows} == {len(table.head)} == {len(table.numeric)}


def test_sections_hold_the_figure_against_the_national_reference():
    told = {section.line.id: section for section in sections(county_result(), EN)}
    assert [name for name in SECTIONS if name in told] == list(told)
    parks, coverage = told["park_area_per_capita"].reference, told["park_service_coverage"].reference
    assert (parks.line.target, parks.line.verdict) == ("≥ 8 m² per person", "MET")
    assert (coverage.line.target, coverage.line.verdict) == ("≥ 80%", "NOT_MET")
    assert coverage.line.gap == "short by 17.5 percentage points" and "55014" in coverage.section
    assert told["built_up_area"].reference is None


def test_the_reference_does_not_stand_beside_itself():
    result = county_result()
    itself = replace(result, plan=result.plan.model_copy(update={"id": "national_reference"}))
    assert all(section.reference is None for section in sections(itself, EN))


def test_a_variant_is_told_once():
    (built_up, *_) = sections(county_result(), EN)
    assert "6.00 km²" in built_up.variants
    assert "6.00 km²" not in [amount for _, amount in built_up.line.details]


def test_without_a_figure_a_section_has_only_its_line():
    (green,) = sections(bare_result(), "zh")
    assert (green.tornado, green.variants, green.reference, green.tables) == ("", "", None, ())
