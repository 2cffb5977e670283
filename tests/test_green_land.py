import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from plane import frame, refused, shuffled
from shapely import Point, Polygon, box

from qinshui_geo.errors import LayerError
from qinshui_geo.indicators.green_land import green_land_ratio

TOWN = frame([box(0, 0, 100, 100)])


def _ratio(*areas: tuple[str, object]) -> float | None:
    quantity = green_land_ratio(_green(*areas), built_up=TOWN).quantity
    assert quantity is None or quantity.unit == "percent"
    return None if quantity is None else quantity.value


def _green(*areas: tuple[str, object]):
    return frame([shape for _, shape in areas], kind=[kind for kind, _ in areas])


def test_overlapping_parcels_count_once_and_only_within_the_town() -> None:
    parcels = ("park", box(-50, 0, 20, 100)), ("grass", box(10, 0, 30, 100))
    assert _ratio(*parcels) == pytest.approx(30)  # 0 to 30 m of 100 m


def test_kinds_and_their_range_by_hand() -> None:
    measured = green_land_ratio(
        _green(
            ("park", box(0, 0, 10, 100)), ("flowerbed", box(10, 0, 15, 100)), ("wood", box(15, 0, 35, 100)),
            ("square", box(35, 0, 45, 100)), ("orchard", box(45, 0, 65, 100)),
        ),
        built_up=TOWN,
    )  # fmt: skip
    assert measured.quantity is not None and measured.range is not None
    assert measured.quantity.value == pytest.approx(35)
    assert [end.value for end in measured.range] == pytest.approx([15, 45])
    assert {name: share.value for name, share in measured.details.items()} == pytest.approx(
        {"park_parcels": 10, "planted_parcels": 15}
    )
    assert measured.numerator is not None and measured.denominator is not None
    assert (measured.numerator.value, measured.denominator.value) == pytest.approx((0.0035, 0.01))
    assert any("never mixed" in note.en for note in measured.notes)


def test_of_a_square_only_the_green_drawn_in_it_counts() -> None:
    square, lawn = ("square", box(0, 0, 50, 100)), ("grass", box(10, 0, 20, 100))
    assert _ratio(square, lawn) == pytest.approx(10)


def test_narrow_and_private_green_counts_unlike_for_parks() -> None:
    strip = frame([box(0, 0, 5, 100)], kind=["grass"], access=["private"])
    quantity = green_land_ratio(strip, built_up=TOWN).quantity
    assert quantity is not None and quantity.value == pytest.approx(5)


@pytest.mark.parametrize("shapes", [[], [("square", box(0, 0, 9, 9))], [("park", box(200, 0, 300, 9))]])
def test_nothing_drawn_is_no_figure_and_no_zero(shapes: list) -> None:
    measured = green_land_ratio(_green(*shapes), built_up=TOWN)
    assert measured.quantity is None and measured.range is None and measured.details == {}
    assert any("no proof that there is none" in note.en for note in measured.notes)


def test_no_town_is_no_figure() -> None:
    assert green_land_ratio(_green(("park", box(0, 0, 9, 9))), built_up=frame([])).quantity is None


def test_what_cannot_be_measured_is_refused() -> None:
    bow = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    with pytest.raises(LayerError, match="green areas, row 0"):
        _ratio(("park", bow))
    assert refused(lambda crs: green_land_ratio(frame([], crs, kind=[]), built_up=TOWN), "green areas")


discs = st.lists(
    st.tuples(
        st.sampled_from(["park", "grass", "wood", "square"]), st.floats(-20, 120), st.floats(-20, 120),
        st.floats(1, 30),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


@given(discs)
def test_it_is_a_share_that_grows_with_the_parcels_whatever_their_order(drawn: list) -> None:
    green = _green(*((kind, Point(x, y).buffer(radius)) for kind, x, y, radius in drawn))
    whole, part = green_land_ratio(green, built_up=TOWN), green_land_ratio(green.iloc[1:], built_up=TOWN)
    again = green_land_ratio(shuffled(green), built_up=TOWN)
    if whole.quantity is None:
        assert part.quantity is None and again.quantity is None
        return
    assert again.quantity is not None and again.quantity.value == pytest.approx(whole.quantity.value)
    assert whole.range is not None
    low, high = (end.value for end in whole.range)
    assert 0 <= low <= whole.quantity.value + 1e-9 <= high + 2e-9 <= 100 + 1e-6
    if part.quantity is not None:
        assert part.quantity.value <= whole.quantity.value + 1e-9
    union = shapely.union_all(green.geometry[green["kind"] != "square"].to_numpy())
    assert whole.quantity.value == pytest.approx(union.intersection(TOWN.geometry.iloc[0]).area / 100)
