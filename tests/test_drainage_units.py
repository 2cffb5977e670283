import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from plane import NEIGHBOUR_ZONE, frame, line, refused, shuffled
from shapely import box

from qinshui_geo.errors import CRSError, LayerError
from qinshui_geo.indicators.drainage_units import drainage_blocks, own_units

KM = box(0, 0, 1000, 1000)
TOWN = frame([KM])


def covers_once(units, built_up) -> bool:
    """Whether the units cover the built-up area without gap or overlap, to a millionth."""
    town = shapely.union_all(built_up.geometry.to_numpy())
    whole = shapely.union_all(units.geometry.to_numpy())
    scale = max(town.area, 1.0)
    return (
        abs(units.geometry.area.sum() - town.area) < 1e-6 * scale
        and shapely.symmetric_difference(whole, town).area < 1e-6 * scale
    )


def test_a_cross_of_streets_gives_four_blocks_from_north_west_to_south_east() -> None:
    streets = frame([line((-50, 600), (1050, 600)), line((500, -50), (500, 1050))])
    units = drainage_blocks(TOWN, [streets])
    assert units["area_ha"].tolist() == pytest.approx([20, 20, 30, 30])
    assert units["unit_id"].tolist() == [1, 2, 3, 4]
    assert units.geometry.iloc[0].equals(box(0, 600, 500, 1000))
    assert units.geometry.iloc[3].equals(box(500, 0, 1000, 600))
    assert covers_once(units, TOWN)


def test_streets_and_rivers_cut_together_and_dead_ends_do_not_cut() -> None:
    street, river = frame([line((0, 500), (500, 500))]), frame([line((500, -10), (500, 1010))])
    units = drainage_blocks(TOWN, [street, river])
    assert sorted(units["area_ha"]) == pytest.approx([25, 25, 50])
    assert drainage_blocks(TOWN, [street])["area_ha"].tolist() == pytest.approx([100])


def test_a_block_under_a_hectare_joins_the_neighbour_of_the_longest_common_edge() -> None:
    # a strip of 1000 m x 5 m (0.5 ha) between two carriageways; the block above is cut in two
    streets = frame([line((0, 500), (1000, 500)), line((0, 505), (1000, 505)), line((400, 505), (400, 1000))])
    units = drainage_blocks(TOWN, [streets])
    assert sorted(units["area_ha"]) == pytest.approx([400 * 495 / 1e4, 600 * 495 / 1e4, 50.5])
    assert covers_once(units, TOWN)
    # the same the other way up: the two halves lie below the strip, which joins the whole above
    upside_down = frame(
        [line((0, 500), (1000, 500)), line((0, 495), (1000, 495)), line((400, 0), (400, 495))]
    )
    units = drainage_blocks(TOWN, [upside_down])
    assert sorted(units["area_ha"]) == pytest.approx([400 * 495 / 1e4, 600 * 495 / 1e4, 50.5])
    unmerged = drainage_blocks(TOWN, [streets], min_unit_ha=0)
    assert len(unmerged) == 4


def test_many_slivers_join_until_none_is_left() -> None:
    lanes = frame([line((0, y), (1000, y)) for y in range(5, 60, 5)])  # 11 strips of 0.5 ha
    units = drainage_blocks(TOWN, [lanes])
    assert units["area_ha"].min() >= 1
    assert covers_once(units, TOWN)


def test_a_small_piece_of_town_without_neighbour_stays() -> None:
    town = frame([KM, box(2000, 0, 2050, 50)])
    units = drainage_blocks(town, [frame([])])
    assert units["area_ha"].tolist() == pytest.approx([100, 0.25])
    assert covers_once(units, town)


def test_a_hole_in_the_town_is_no_unit() -> None:
    town = frame([KM.difference(box(400, 400, 600, 600))])
    units = drainage_blocks(town, [frame([line((0, 500), (1000, 500))])])
    assert covers_once(units, town)
    assert sorted(units["area_ha"]) == pytest.approx([48, 48])


def test_lines_that_only_touch_the_edge_or_run_along_it_change_nothing() -> None:
    lines = frame(
        [line((-10, 1010), (0, 1000), (-5, 1050)), line((0, 0), (1000, 0)),
         line((-100, 300), (0, 300), (-50, 400)),
         shapely.MultiLineString([[(-9, 700), (1009, 700)], [(3000, 0), (3100, 0)]])]
    )  # fmt: skip
    units = drainage_blocks(TOWN, [lines])
    assert sorted(units["area_ha"]) == pytest.approx([30, 70])


def test_no_town_or_no_line() -> None:
    assert drainage_blocks(frame([]), [frame([line((0, 0), (1, 1))])]).columns.tolist() == [
        "unit_id", "area_ha", "geometry",
    ]  # fmt: skip
    assert drainage_blocks(frame([]), []).empty
    assert drainage_blocks(TOWN, [])["area_ha"].tolist() == pytest.approx([100])


def test_a_tie_is_decided_by_place_not_by_the_order_of_rows() -> None:
    # slivers of 250 m x 6 m, each between two blocks with an edge of 250 m
    across = [line((-10, y), (1010, y)) for y in (200, 206, 500, 506, 800, 806)]
    streets = frame(across + [line((x, -10), (x, 1010)) for x in (250, 500, 750)])
    first = drainage_blocks(TOWN, [streets])
    for seed in range(8):
        again = drainage_blocks(TOWN, [shuffled(streets, seed)])
        assert all(a.equals(b) for a, b in zip(first.geometry, again.geometry, strict=True))


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(*[st.integers(-100, 1100)] * 4), max_size=12),
    st.integers(0, 9),
)
def test_units_cover_the_town_once_in_any_order(ends: list[tuple[int, int, int, int]], seed: int) -> None:
    streets = frame([line((a, b), (c, d)) for a, b, c, d in ends if (a, b) != (c, d)])
    town = frame([KM, box(1500, 0, 1800, 300)])
    units = drainage_blocks(town, [streets])
    assert covers_once(units, town)
    assert units["unit_id"].tolist() == list(range(1, len(units) + 1))
    assert units["area_ha"].min() > 1 - 1e-9
    other = drainage_blocks(town, [shuffled(streets, seed)])
    assert np.sort(other["area_ha"]) == pytest.approx(np.sort(units["area_ha"]))


def test_wrong_crs_is_refused_and_inputs_stay() -> None:
    assert refused(lambda crs: drainage_blocks(frame([KM], crs), []), "built-up area")
    assert refused(lambda crs: drainage_blocks(TOWN, [frame([]), frame([], crs)]), "lines 1")
    with pytest.raises(CRSError, match="different CRS"):
        drainage_blocks(TOWN, [frame([], NEIGHBOUR_ZONE)])
    streets, town = frame([line((-50, 600), (1050, 600))]), frame([KM])
    before = streets.copy(deep=True)
    drainage_blocks(town, [streets])
    assert streets.equals(before)
    assert town.equals(TOWN)


def test_own_units_are_cut_to_the_town_and_the_rest_is_a_unit_of_its_own() -> None:
    town = frame([box(0, 0, 1000, 1000)])
    own = frame([box(-500, 0, 400, 1000), box(400, 0, 600, 1000)])
    units = own_units(own, built_up=town)
    assert units["area_ha"].tolist() == pytest.approx([40.0, 20.0, 40.0])
    assert units["unit_id"].tolist() == [1, 2, 3]
    assert shapely.union_all(units.geometry.to_numpy()).area == pytest.approx(1e6)


def test_own_units_that_touch_the_town_along_an_edge_only_are_left_out() -> None:
    town = frame([box(0, 0, 1000, 1000)])
    units = own_units(frame([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)]), built_up=town)
    assert units["area_ha"].tolist() == pytest.approx([100.0])


def test_own_units_that_overlap_are_refused() -> None:
    town = frame([box(0, 0, 1000, 1000)])
    with pytest.raises(LayerError, match="overlap by 100000 m2") as refusal:
        own_units(frame([box(0, 0, 600, 1000), box(500, 0, 1000, 1000)]), built_up=town)
    assert refusal.value.where == "sponge_units"
