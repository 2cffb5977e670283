"""Sweeps, their envelope, the tornado's data and the joint range, on figures known in closed form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qinshui_geo.measurement import Quantity, Swing
from qinshui_geo.sensitivity import envelope, latin_hypercube, sweep, tornado

UNITS = {"link_m": "m", "share": "ratio"}
CENTRAL = {"link_m": 100.0, "share": 0.5}
numbers = st.floats(-1e6, 1e6, allow_subnormal=False)


def linear(at):
    """3 x link + 200 x share: 400 at the centre."""
    return Quantity(3 * at["link_m"] + 200 * at["share"], "m2")


def _values(swing):
    return [None if quantity is None else quantity.value for quantity in swing.figures]


def test_a_sweep_varies_one_parameter_and_holds_the_others():
    link, share = sweep(
        linear, CENTRAL, {"link_m": [150, 50], "share": [0.25, 0.5, 1.0]}, units=UNITS
    )  # fmt: skip
    assert (link.parameter, link.unit, link.settings) == ("link_m", "m", (50, 100, 150))
    assert _values(link) == [250, 400, 550]
    assert (share.parameter, share.unit, share.settings) == ("share", "ratio", (0.25, 0.5, 1.0))
    assert _values(share) == [350, 400, 500]


def test_the_central_figure_is_computed_once_and_every_other_setting_once():
    asked = []

    def figure(at):
        asked.append((at["link_m"], at["share"]))
        return linear(at)

    sweep(figure, CENTRAL, {"link_m": [50, 100, 50], "share": [0.25]}, units=UNITS)
    assert sorted(asked) == [(50, 0.5), (100, 0.25), (100, 0.5)]


def test_the_figure_cannot_change_the_centre():
    def figure(at):
        quantity = linear(at)
        at.clear()
        return quantity

    (link,) = sweep(figure, CENTRAL, {"link_m": [50, 150]}, units=UNITS)
    assert _values(link) == [250, 400, 550]
    assert CENTRAL == {"link_m": 100.0, "share": 0.5}


def test_a_figure_that_cannot_be_measured_stays_none():
    (link,) = sweep(
        lambda at: linear(at) if at["link_m"] > 60 else None, CENTRAL, {"link_m": [50]}, units=UNITS
    )  # fmt: skip
    assert _values(link) == [None, 400]


@pytest.mark.parametrize(("settings", "units"), [({"depth_m": [1]}, {"depth_m": "m"}), ({"link_m": [1]}, {})])
def test_a_parameter_needs_a_centre_and_a_unit(settings, units):
    with pytest.raises(ValueError, match="needs a central setting and a unit"):
        sweep(linear, CENTRAL, settings, units=units)


def test_the_envelope_is_the_smallest_and_the_largest():
    swings = sweep(linear, CENTRAL, {"link_m": [50, 150], "share": [1.0]}, units=UNITS)
    low, high = envelope(linear(CENTRAL), swings)
    assert (low, high) == (Quantity(250, "m2"), Quantity(550, "m2"))
    assert envelope(Quantity(7, "m2"), []) == (Quantity(7, "m2"), Quantity(7, "m2"))


def test_the_envelope_refuses_a_second_unit():
    with pytest.raises(ValueError, match=r"one unit, got \['km2', 'm2'\]"):
        envelope(Quantity(1, "km2"), [Swing("link_m", "m", (1,), (Quantity(1, "m2"),))])


@given(numbers, st.lists(st.one_of(st.none(), numbers)), st.randoms())
def test_the_envelope_holds_the_centre_and_every_figure_in_any_order(centre, values, random):
    figures = [None if value is None else Quantity(value, "m") for value in values]
    low, high = envelope(Quantity(centre, "m"), [Swing("a", "m", tuple(range(len(figures))), tuple(figures))])
    assert low.value <= centre <= high.value
    assert all(low.value <= quantity.value <= high.value for quantity in figures if quantity is not None)
    random.shuffle(figures)
    again = envelope(Quantity(centre, "m"), [Swing("a", "m", (0.0,), (one,)) for one in figures])
    assert again == (low, high)


def test_tornado_has_the_widest_bar_first_and_says_which_setting_gives_which_end():
    swings = [
        *sweep(linear, CENTRAL, {"share": [0.25, 1.0], "link_m": [50, 150]}, units=UNITS),
        Swing("hump", "m", (1, 2, 3), (Quantity(400, "m2"), Quantity(410, "m2"), Quantity(400, "m2"))),
        Swing("flat", "m", (1, 2), (Quantity(400, "m2"), Quantity(400, "m2"))),
        Swing("nothing", "m", (1, 2), (None, None)),
    ]
    rows = list(tornado(swings).itertuples(index=False, name=None))
    assert rows == [
        ("link_m", 50, 150, 250, 550, 300),
        ("share", 0.25, 1.0, 350, 500, 150),
        ("hump", 1, 2, 400, 410, 10),
        ("flat", 1, 2, 400, 400, 0),
    ]
    assert tornado([]).columns.tolist() == list(tornado(swings).columns)


def test_a_latin_hypercube_covers_each_stratum_of_each_parameter_once():
    joint = latin_hypercube(linear, {"link_m": (50, 150), "share": (0, 2)}, samples=20)
    assert joint.samples.columns.tolist() == ["link_m", "share", "figure"]
    for name, low, edge in (("link_m", 50, 5), ("share", 0, 0.1)):
        strata = np.floor((joint.samples[name] - low) / edge)
        assert sorted(strata) == list(range(20))
    assert joint.samples["figure"].tolist() == [
        3 * link + 200 * share
        for link, share in zip(joint.samples["link_m"], joint.samples["share"], strict=True)
    ]


def test_the_joint_range_of_one_even_parameter_is_its_5th_50th_and_95th_percentile():
    joint = latin_hypercube(lambda at: Quantity(at["x"], "m"), {"x": (0, 100)}, samples=1000)
    assert [end.value for end in (joint.low, joint.median, joint.high)] == pytest.approx([5, 50, 95], abs=0.2)
    assert joint.low.unit == "m" and joint.unmeasured == 0


def test_the_same_seed_gives_the_same_whatever_the_order_of_the_parameters():
    one = latin_hypercube(linear, {"link_m": (50, 150), "share": (0, 1)}, seed=7)
    same = latin_hypercube(linear, {"share": (0, 1), "link_m": (50, 150)}, seed=7)
    other = latin_hypercube(linear, {"share": (0, 1), "link_m": (50, 150)}, seed=8)
    assert one.samples.equals(same.samples) and (one.low, one.high) == (same.low, same.high)
    assert not one.samples.equals(other.samples)


def test_a_parameter_with_equal_bounds_is_held():
    joint = latin_hypercube(linear, {"link_m": (100, 100), "share": (0.5, 0.5)}, samples=8)
    assert (joint.low, joint.median, joint.high) == (Quantity(400, "m2"),) * 3


def test_the_share_without_a_figure_is_stated():
    half = latin_hypercube(
        lambda at: Quantity(at["x"], "m") if at["x"] >= 50 else None, {"x": (0, 100)}, samples=40
    )  # fmt: skip
    assert half.unmeasured == 0.5 and half.samples["figure"].isna().sum() == 20
    assert half.low.value >= 50
    nothing = latin_hypercube(lambda at: None, {"x": (0, 1)})
    assert (nothing.low, nothing.median, nothing.high, nothing.unmeasured) == (None, None, None, 1.0)


@pytest.mark.parametrize(
    ("bounds", "samples", "words"),
    [
        ({}, 64, "at least one parameter"),
        ({"link_m": (150, 50)}, 64, "the smaller first, got 150 and 50"),
        ({"link_m": (0, float("inf"))}, 64, "must be finite"),
        ({"link_m": (0, float("nan"))}, 64, "must be finite"),
        ({"link_m": (0, 1)}, 0, "at least one sample"),
    ],
)
def test_bounds_that_make_no_sense_are_refused(bounds, samples, words):
    with pytest.raises(ValueError, match=words):
        latin_hypercube(linear, bounds, samples=samples)


def test_figures_of_two_units_are_refused():
    with pytest.raises(ValueError, match="one unit"):
        latin_hypercube(lambda at: Quantity(1, "m" if at["x"] > 0.5 else "km"), {"x": (0, 1)})


@given(st.floats(-100, 100), st.floats(-100, 100), st.integers(0, 1000))
def test_the_joint_range_lies_between_the_figures_at_the_bounds(slope, start, seed):
    joint = latin_hypercube(
        lambda at: Quantity(start + slope * at["x"], "m"), {"x": (0, 1)}, samples=16, seed=seed
    )  # fmt: skip
    low, high = sorted((start, start + slope))
    assert low - 1e-9 <= joint.low.value <= joint.median.value <= joint.high.value <= high + 1e-9
