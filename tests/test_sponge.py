import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plane import NEIGHBOUR_ZONE, SEAT_EASTING, SEAT_NORTHING, frame, refused, shuffled
from shapely import Point, box

from qinshui_geo.errors import CRSError, LayerError
from qinshui_geo.indicators.design_rainfall import capture_curve
from qinshui_geo.indicators.sponge import PHI, sponge_share
from qinshui_geo.measurement import Measurement

CURVE = capture_curve(pd.Series([10.0, 20.0, 30.0]))
"""50 % at 10 mm, 83.3 % at 20 mm, 100 % at 30 mm; so 75 % at 17.5 mm and 80 % at 19 mm."""

HECTARES = frame([box(100 * i, 0, 100 * i + 100, 100) for i in range(4)], unit_id=[1, 2, 3, 4])


def mix(*units: dict[str, float]) -> pd.DataFrame:
    table = pd.DataFrame(list(units)).reindex(columns=sorted({"unknown", *(k for u in units for k in u)}))
    return table.where(table.notna(), 0.0)


def measure(surfaces: pd.DataFrame, **options) -> Measurement:
    return sponge_share(HECTARES.iloc[: len(surfaces)], surfaces, **{"curve": CURVE, **options})


def tank(*volumes: float):
    return frame([Point(100 * i + 50, 50) for i in range(len(volumes))], kind=["tank"] * len(volumes),
                 volume_m3=list(volumes))  # fmt: skip


def value(measured: Measurement) -> float:
    assert measured.quantity is not None
    assert measured.quantity.unit == "percent"
    return measured.quantity.value


def test_a_hectare_of_paving_needs_ten_h_phi_f() -> None:
    measured = measure(mix({"paved": 1.0}))
    unit = measured.features.iloc[0]
    assert CURVE.depth(80) == pytest.approx(19.0)
    assert unit["phi"] == pytest.approx(0.85)
    assert unit["required_m3"] == pytest.approx(10 * 19 * 0.85 * 1)  # 161.5 m3
    assert measured.details["required_storage"].value == pytest.approx(161.5)
    assert measured.details["design_depth"].value == pytest.approx(19.0)
    assert unit["alpha_percent"] == 0
    assert value(measured) == 0


def test_phi_is_the_mean_by_area() -> None:
    measured = measure(mix({"built": 0.5, "grass": 0.3, "bare": 0.1, "water": 0.1}))
    unit = measured.features.iloc[0]
    assert unit["phi"] == pytest.approx(0.5 * 0.85 + 0.3 * 0.15 + 0.1 * 0.3 + 0.1 * 1.0)
    assert unit[["impervious_percent", "green_percent", "water_percent", "unknown_percent"]].tolist() == (
        pytest.approx([50, 30, 10, 0])
    )


@pytest.mark.parametrize(("part", "expected"), [(1.0, 100), (0.999, 0), (1.001, 100)])
def test_a_unit_with_exactly_the_storage_needed_complies(part: float, expected: float) -> None:
    for target in range(50, 100, 3):
        need = 10 * CURVE.depth(target) * 0.85
        measured = measure(mix({"paved": 1.0}), facilities=tank(need * part), alpha_target_percent=target)
        assert value(measured) == expected


def test_storage_is_read_back_as_alpha() -> None:
    measured = measure(mix({"paved": 1.0}), facilities=tank(85.0))  # 85 / (10 x 0.85 x 1 ha) = 10 mm
    assert measured.features["alpha_percent"].tolist() == pytest.approx([50])
    assert measured.features["storage_m3"].tolist() == [85]
    flooded = measure(mix({"paved": 1.0}), facilities=tank(1e9))
    assert flooded.features["alpha_percent"].tolist() == [100]


def test_without_storage_the_pervious_surfaces_retain_one_minus_phi() -> None:
    measured = measure(mix({"grass": 1.0}, {"grass": 0.5, "built": 0.5}, {"bare": 1.0}))
    assert measured.features["alpha_percent"].tolist() == pytest.approx([85, 42.5, 70])
    assert measured.features["compliant"].tolist() == [True, False, False]
    assert value(measured) == pytest.approx(100 / 3)


def test_a_unit_right_at_the_target_complies() -> None:
    assert value(measure(mix({"grass": 1.0}), alpha_target_percent=85)) == 100
    assert value(measure(mix({"grass": 1.0}), alpha_target_percent=85.01)) == 0


def test_the_share_goes_by_area_not_by_count() -> None:
    units = frame([box(0, 0, 300, 100), box(300, 0, 400, 100)], unit_id=[1, 2])
    measured = sponge_share(units, mix({"grass": 1.0}, {"built": 1.0}), curve=CURVE)
    assert value(measured) == pytest.approx(75)
    assert measured.denominator is not None
    assert measured.denominator.value == pytest.approx(0.04)


def test_water_has_a_runoff_of_one_and_complies_by_nothing_of_its_own() -> None:
    unit = measure(mix({"water": 1.0})).features.iloc[0]
    assert unit["phi"] == 1.0
    assert unit["alpha_percent"] == 0
    assert not unit["compliant"]


def test_unknown_surface_decides_the_range_only() -> None:
    # 45 % grass for certain retains 38.25 %; with 55 % more grass 85 %
    measured = measure(mix({"grass": 0.45, "unknown": 0.55}, {"grass": 1.0}, {"built": 1.0}, {"built": 1.0}))
    assert value(measured) == pytest.approx(25)
    assert measured.range is not None
    assert [end.value for end in measured.range] == pytest.approx([25, 50])
    complies = measured.features["compliant"]
    assert complies.dtype == "boolean"
    assert complies.isna().tolist() == [True, False, False, False]
    assert complies.iloc[1:].tolist() == [True, False, False]
    assert measured.features["reason"].iloc[0] == "controls at least 38 %; the unknown surfaces decide"


def test_storage_reaches_further_where_the_unknown_surface_is_green() -> None:
    # the storage holds 19 mm if the unknown half is green (phi 0.5 in all), 11 mm if it is paved (0.85)
    surfaces = mix({"built": 0.5, "unknown": 0.5}, {"grass": 1.0})
    need = 10 * 19 * (0.5 * 0.85 + 0.5 * 0.15)
    measured = measure(surfaces, facilities=tank(need))
    assert measured.features["compliant"].isna().tolist() == [True, False]
    assert measured.range is not None
    assert [end.value for end in measured.range] == pytest.approx([50, 100])


@pytest.mark.parametrize(("unknown", "known"), [(0.5, True), (0.51, False), (1.0, False)])
def test_more_than_half_unknown_gives_no_figure(unknown: float, known: bool) -> None:
    measured = measure(mix({"built": 1 - unknown, "unknown": unknown}))
    assert (measured.quantity is not None) == known
    assert (measured.range is not None) == known
    assert any("bring a land-cover raster" in note.en for note in measured.notes) != known
    assert measured.details["unknown_surface"].value == pytest.approx(100 * unknown)


def test_without_rainfall_there_is_no_volume_and_no_credit_for_facilities() -> None:
    measured = measure(mix({"built": 1.0}, {"grass": 1.0}), curve=None, facilities=tank(1e6))
    assert value(measured) == 50
    assert measured.features["required_m3"].isna().all()
    assert "design_depth" not in measured.details
    assert measured.name_en.startswith("Runoff-control potential")
    assert any("--rainfall" in note.en for note in measured.notes)


def test_the_name_says_whose_facilities_were_counted() -> None:
    built = mix({"built": 1.0})
    assert measure(built, facilities=tank(1)).name_zh == "达标面积比例(按用户提供的设施)"
    for none in (None, frame([], kind=[])):
        measured = measure(built, facilities=none)
        assert measured.name_zh == "径流控制潜力面积比例"
        assert any("bring the layer sponge_facilities" in note.en for note in measured.notes)


def test_permeable_paving_counts_through_phi() -> None:
    paving = frame([box(0, 0, 100, 100)], kind=["permeable_paving"])
    measured = measure(mix({"paved": 1.0}), facilities=paving)
    assert measured.features["phi"].tolist() == pytest.approx([0.20])
    assert measured.features["alpha_percent"].tolist() == pytest.approx([80])
    assert value(measured) == 100


def test_no_unit_gives_no_figure() -> None:
    measured = sponge_share(HECTARES.iloc[:0], mix({"built": 1.0}).iloc[:0], curve=CURVE, facilities=tank(1))
    assert measured.quantity is None
    assert measured.features is not None
    assert measured.features.empty
    assert measured.details["units"].value == 0


def test_another_coefficient_may_be_given_but_none_may_lack() -> None:
    softer = {**PHI, "built": 0.5}
    assert measure(mix({"built": 1.0}), phi=softer).features["phi"].tolist() == pytest.approx([0.5])
    with pytest.raises(LayerError, match="surface class lava"):
        measure(mix({"lava": 1.0}))
    with pytest.raises(LayerError, match="surface class green roof, permeable paving"):
        measure(
            mix({"built": 1.0}),
            phi={k: v for k, v in PHI.items() if k not in ("green roof", "permeable paving")},
        )


def test_surfaces_are_matched_by_index_and_must_be_there() -> None:
    surfaces = mix({"grass": 1.0}, {"built": 1.0}, {"unknown": 1.0})
    plain = measure(surfaces)
    turned = sponge_share(HECTARES.iloc[:3], surfaces.iloc[::-1], curve=CURVE)
    assert value(turned) == value(plain)
    assert turned.features["phi"].tolist() == plain.features["phi"].tolist()
    with pytest.raises(LayerError, match="surfaces"):
        sponge_share(HECTARES, surfaces, curve=CURVE)
    with pytest.raises(LayerError, match="surfaces"):
        sponge_share(HECTARES.iloc[:3], surfaces.drop(columns="unknown"), curve=CURVE)
    with pytest.raises(LayerError, match="surfaces"):
        measure(mix({"grass": 1.0, "built": 0.0}).replace(0.0, np.nan))


def test_the_neighbouring_zone_gives_the_same_volumes_within_a_thousandth() -> None:
    x, y = SEAT_EASTING, SEAT_NORTHING
    units = frame([box(x, y, x + 100, y + 100)], unit_id=[1])
    here, there = (
        sponge_share(u, mix({"built": 1.0}), curve=CURVE) for u in (units, units.to_crs(NEIGHBOUR_ZONE))
    )
    volume = "required_storage"
    assert there.details[volume].value == pytest.approx(here.details[volume].value, rel=1e-3)


def test_wrong_crs_is_refused() -> None:
    unit, surfaces = [box(0, 0, 100, 100)], mix({"built": 1.0})
    assert refused(lambda crs: sponge_share(frame(unit, crs, unit_id=[1]), surfaces), "drainage units")
    with pytest.raises(CRSError, match="sponge_facilities"):
        measure(surfaces, facilities=tank(1).to_crs(NEIGHBOUR_ZONE))


parts = st.lists(st.tuples(*[st.integers(0, 5)] * 4).filter(any), min_size=4, max_size=4)


@settings(deadline=None, max_examples=12)
@given(parts, st.lists(st.integers(0, 300), min_size=4, max_size=4), st.integers(0, 9), st.integers(50, 90))
def test_bounds_hold_more_storage_never_hurts_and_order_does_not_matter(
    counts: list, volumes: list, seed: int, target: int
) -> None:
    shares = np.array(counts, float) / np.array(counts).sum(axis=1, keepdims=True)
    surfaces = pd.DataFrame(shares, columns=["built", "grass", "water", "unknown"])
    measured = measure(surfaces, facilities=tank(*volumes), alpha_target_percent=target)
    table = measured.features
    assert table["phi"].between(0.15, 1.0).all()
    assert table["alpha_percent"].between(0, 100).all()
    better = measure(surfaces, facilities=tank(*(v + 50 for v in volumes)), alpha_target_percent=target)
    assert (better.features["alpha_percent"] >= table["alpha_percent"] - 1e-9).all()
    again = sponge_share(
        shuffled(HECTARES, seed), surfaces, curve=CURVE, facilities=shuffled(tank(*volumes), seed),
        alpha_target_percent=target,
    )  # fmt: skip
    if measured.quantity is None:
        assert again.quantity is None
        return
    assert measured.range is not None
    low, high = (end.value for end in measured.range)
    assert low == value(measured) <= high <= 100
    assert value(again) == pytest.approx(value(measured))
    assert better.range is not None
    assert better.range[0].value >= low - 1e-9


def test_inputs_are_left_as_they_were() -> None:
    units, surfaces, facilities = HECTARES.copy(deep=True), mix(*[{"built": 1.0}] * 4), tank(5, 5)
    before = surfaces.copy(deep=True), facilities.copy(deep=True)
    sponge_share(units, surfaces, curve=CURVE, facilities=facilities)
    assert units.equals(HECTARES)
    assert surfaces.equals(before[0])
    assert facilities.equals(before[1])
