import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plane import NEIGHBOUR_ZONE, frame, shuffled
from shapely import Point, Polygon, box

from qinshui_geo.errors import CRSError, LayerError
from qinshui_geo.indicators.facilities import facility_effects, storage_m3

UNITS = frame([box(0, 0, 100, 100), box(100, 0, 200, 100)], unit_id=[1, 2])
BUILT = pd.DataFrame({"built": [1.0, 1.0], "unknown": [0.0, 0.0]})


def one(kind: object, shape: object = Point(50, 50), **figures: object) -> float:
    facility = frame([shape], kind=[kind], **{name: [value] for name, value in figures.items()})
    return float(storage_m3(facility).iloc[0])


@pytest.mark.parametrize(
    ("kind", "figures", "expected"),
    [
        ("tank", {"volume_m3": 300}, 300),
        ("rain_garden", {"volume_m3": 70, "area_m2": 100, "depth_m": 0.2}, 70),
        ("rain_garden", {"area_m2": 100, "depth_m": 0.2}, 20),
        ("rain_garden", {"area_m2": 100}, 25),
        ("bioretention", {"area_m2": 100, "depth_m": None}, 25),
        ("sunken_green", {"area_m2": 100, "volume_m3": float("nan")}, 15),
        ("sunken_green", {"volume_m3": "42"}, 42),
        ("pond", {"area_m2": 100}, 0),
        ("pond", {"area_m2": 100, "depth_m": 0.5}, 50),
        ("tank", {"area_m2": 100}, 0),
        ("permeable_paving", {"area_m2": 100, "depth_m": 0.3, "volume_m3": 30}, 0),
        ("green_roof", {"area_m2": 100}, 0),
        ("rain_garden", {}, 0),
        ("rain_garden", {"volume_m3": " ", "area_m2": "100"}, 25),
    ],
)
def test_storage_of_a_facility(kind: str, figures: dict, expected: float) -> None:
    assert one(kind, **figures) == pytest.approx(expected)


def test_a_drawn_area_stands_in_for_a_stated_one() -> None:
    assert one("rain_garden", box(0, 0, 20, 10)) == pytest.approx(50)
    assert one("rain_garden", box(0, 0, 20, 10), area_m2=100) == pytest.approx(25)


@pytest.mark.parametrize("column", ["volume_m3", "area_m2", "depth_m"])
@pytest.mark.parametrize("value", [-1, -0.01, float("inf"), "many"])
def test_a_figure_that_cannot_be_is_refused_by_row_and_column(column: str, value: object) -> None:
    facilities = frame([Point(1, 1), Point(2, 2)], kind=["rain_garden"] * 2, **{column: [3, value]})
    with pytest.raises(LayerError, match=rf"sponge_facilities, row 2, column {column}"):
        facility_effects(UNITS, facilities, BUILT)


@pytest.mark.parametrize("kind", ["swale", None, np.nan, 3])
def test_an_unknown_kind_is_refused_with_the_known_ones(kind: object) -> None:
    with pytest.raises(LayerError, match=r"column kind.*rain_garden"):
        one(kind, volume_m3=1)


def test_storage_goes_to_the_unit_that_holds_the_facility() -> None:
    facilities = frame(
        [Point(10, 10), Point(150, 10), Point(190, 90), Point(900, 900)], kind=["tank"] * 4,
        volume_m3=[1, 2, 4, 8],
    )  # fmt: skip
    for given_order in (facilities, shuffled(facilities), facilities.set_axis([7, 7, 7, 7])):
        assert facility_effects(UNITS, given_order, BUILT).storage_m3.tolist() == [1, 6]


def test_a_facility_on_the_common_edge_counts_once() -> None:
    effect = facility_effects(UNITS, frame([Point(100, 50)], kind=["tank"], volume_m3=[8]), BUILT)
    assert effect.storage_m3.sum() == 8


def test_units_keep_their_own_index() -> None:
    units, surfaces = UNITS.set_axis([10, 5]), BUILT.set_axis([10, 5])
    effect = facility_effects(units, frame([Point(150, 5)], kind=["tank"], volume_m3=[8]), surfaces)
    assert effect.storage_m3.to_dict() == {10: 0.0, 5: 8.0}


def test_none_no_row_and_rows_without_shape_have_no_effect() -> None:
    shapeless = frame([None, Polygon()], kind=["tank", "tank"], volume_m3=[5, 5])
    for facilities in (None, frame([], kind=[]), shapeless):
        effect = facility_effects(UNITS, facilities, BUILT)
        assert effect.storage_m3.tolist() == [0, 0]
        assert effect.surfaces["built"].tolist() == [1, 1]


def test_permeable_paving_replaces_hard_surface_as_far_as_there_is_any() -> None:
    surfaces = pd.DataFrame({"built": [0.6, 0.1], "grass": [0.4, 0.9], "unknown": [0.0, 0.0]})
    paving = frame([box(0, 0, 30, 100), box(110, 0, 140, 100)], kind=["permeable_paving"] * 2)
    better = facility_effects(UNITS, paving, surfaces).surfaces
    assert better["permeable paving"].tolist() == pytest.approx([0.3, 0.1])
    assert better["built"].tolist() == pytest.approx([0.3, 0.0])
    assert better["grass"].tolist() == [0.4, 0.9]


def test_better_surface_that_is_mapped_already_is_added_to() -> None:
    surfaces = pd.DataFrame({"built": [0.8, 1.0], "permeable paving": [0.2, 0.0], "unknown": [0.0, 0.0]})
    paving = frame([Point(50, 50)], kind=["permeable_paving"], area_m2=[5000])
    better = facility_effects(UNITS, paving, surfaces).surfaces
    assert better["permeable paving"].tolist() == pytest.approx([0.7, 0.0])
    assert better.sum(axis=1).tolist() == pytest.approx([1, 1])


kinds = st.sampled_from(["permeable_paving", "green_roof", "rain_garden", "tank"])
rows = st.lists(st.tuples(kinds, st.integers(0, 250), st.integers(0, 9000)), min_size=1, max_size=8)


@settings(deadline=None, max_examples=25)
@given(rows, st.floats(0, 1), st.floats(0, 1))
def test_shares_still_sum_to_one_and_nothing_stored_is_lost(
    given_rows: list[tuple[str, int, int]], built: float, unknown: float
) -> None:
    mixed = pd.DataFrame({"built": [built, 0.5], "roof": [0.0, 0.5], "unknown": [0.0, 0.0]})
    mixed["unknown"] = (1 - mixed.sum(axis=1)) * unknown
    mixed["grass"] = 1 - mixed.sum(axis=1)
    kind, x, area = zip(*given_rows, strict=True)
    facilities = frame([Point(at, 50) for at in x], kind=kind, area_m2=area)
    before, untouched = facilities.copy(deep=True), mixed.copy(deep=True)
    effect = facility_effects(UNITS, facilities, mixed)
    assert effect.surfaces.sum(axis=1).tolist() == pytest.approx([1, 1])
    assert effect.surfaces.min(axis=None) >= -1e-12
    inside = sum(size * 0.25 for what, at, size in given_rows if what == "rain_garden" and at <= 200)
    assert effect.storage_m3.sum() == pytest.approx(inside)
    assert facilities.equals(before)
    assert mixed.equals(untouched)


def test_wrong_crs_is_refused() -> None:
    for crs in (4326, 3857, None, NEIGHBOUR_ZONE):
        with pytest.raises(CRSError, match="sponge_facilities"):
            facility_effects(UNITS, frame([Point(1, 1)], crs, kind=["tank"], volume_m3=[1]), BUILT)
