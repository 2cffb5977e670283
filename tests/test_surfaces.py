import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from plane import NEIGHBOUR_ZONE, frame, shuffled
from shapely import box

from qinshui_geo.errors import CRSError
from qinshui_geo.indicators.surfaces import drawn_surfaces

UNITS = frame([box(0, 0, 100, 100), box(100, 0, 200, 100)])
NOTHING = frame([])


def test_shares_of_a_unit_and_what_is_not_drawn_is_unknown() -> None:
    shares = drawn_surfaces(
        UNITS, roofs=frame([box(0, 0, 50, 20)]), green=frame([box(0, 50, 200, 80)]),
        water=frame([box(0, 90, 100, 100)]),
    )  # fmt: skip
    assert shares["roof"].tolist() == pytest.approx([0.1, 0])
    assert shares["green"].tolist() == pytest.approx([0.3, 0.3])
    assert shares["water"].tolist() == pytest.approx([0.1, 0])
    assert shares["unknown"].tolist() == pytest.approx([0.5, 0.7])


def test_a_roof_goes_before_water_and_water_before_green() -> None:
    whole = frame([box(-10, -10, 110, 110)])
    shares = drawn_surfaces(UNITS.iloc[:1], roofs=frame([box(0, 0, 100, 10)]), green=whole,
                            water=frame([box(0, 0, 100, 30)]))  # fmt: skip
    assert shares.iloc[0].to_dict() == pytest.approx({"roof": 0.1, "water": 0.2, "green": 0.7, "unknown": 0})


def test_overlapping_shapes_of_one_layer_count_once() -> None:
    roofs = frame([box(0, 0, 50, 100), box(25, 0, 75, 100)])
    shares = drawn_surfaces(UNITS, roofs=roofs, green=NOTHING, water=NOTHING)
    assert shares["roof"].tolist() == pytest.approx([0.75, 0])


def test_a_roof_that_meets_a_unit_in_an_area_and_along_an_edge_counts_by_its_area() -> None:
    roof = shapely.Polygon([(100, 0), (100, 50), (90, 50), (90, 60), (120, 60), (120, 0)])
    lawn = shapely.Polygon([(100, 0), (100, 20), (95, 20), (95, 30), (120, 30), (120, 0)])
    shares = drawn_surfaces(UNITS, roofs=frame([roof]), green=frame([lawn]), water=NOTHING)
    assert shares["roof"].tolist() == pytest.approx([0.01, 0.12])
    assert shares["green"].tolist() == pytest.approx([0.005, 0])


def test_nothing_drawn_is_all_unknown_and_no_unit_gives_no_row() -> None:
    shares = drawn_surfaces(UNITS.set_axis(["x", "y"]), roofs=NOTHING, green=NOTHING, water=NOTHING)
    assert shares["unknown"].to_dict() == {"x": 1.0, "y": 1.0}
    none = drawn_surfaces(UNITS.iloc[:0], roofs=frame([box(0, 0, 9, 9)]), green=NOTHING, water=NOTHING)
    assert none.empty
    assert none.columns.tolist() == ["roof", "water", "green", "unknown"]


corner, side = st.integers(-50, 190), st.integers(1, 120)
rectangles = st.builds(lambda x, y, w, h: box(x, y, x + w, y + h), corner, corner, side, side)
boxes = st.lists(rectangles, max_size=6)


@settings(deadline=None, max_examples=25)
@given(boxes, boxes, boxes, st.integers(0, 9))
def test_shares_sum_to_one_in_any_order_and_inputs_stay(
    roofs: list, green: list, water: list, seed: int
) -> None:
    layers = {"roofs": frame(roofs), "green": frame(green), "water": frame(water)}
    before = {name: layer.to_wkb().geometry.tolist() for name, layer in layers.items()}
    shares = drawn_surfaces(UNITS, **layers)
    assert shares.sum(axis=1).tolist() == pytest.approx([1, 1])
    assert shares.min(axis=None) > -1e-12
    mixed = drawn_surfaces(UNITS, **{name: shuffled(layer, seed) for name, layer in layers.items()})
    assert mixed.to_numpy() == pytest.approx(shares.to_numpy())
    assert {name: layer.to_wkb().geometry.tolist() for name, layer in layers.items()} == before


@pytest.mark.parametrize("crs", [4326, 4490, 3857, None, NEIGHBOUR_ZONE])
@pytest.mark.parametrize("layer", ["roofs", "green", "water"])
def test_wrong_crs_is_refused_by_layer(layer: str, crs: object) -> None:
    layers = {"roofs": NOTHING, "green": NOTHING, "water": NOTHING, layer: frame([], crs)}
    with pytest.raises(CRSError, match=layer):
        drawn_surfaces(UNITS, **layers)
