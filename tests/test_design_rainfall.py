from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qinshui_geo.errors import LayerError
from qinshui_geo.indicators.design_rainfall import capture_curve
from qinshui_geo.sources.rainfall import read_rainfall

ALPHAS = (60, 70, 75, 80, 85)


def test_three_days_by_hand() -> None:
    # 10, 20 and 30 mm, 60 mm in all: a store of 10 mm keeps 3 x 10 = 30; 20 mm keeps 10 + 20 + 20 = 50
    curve = capture_curve(pd.Series([30.0, 10.0, 20.0]))
    assert curve.alpha(np.array([0, 10, 20, 30, 99])).tolist() == pytest.approx([0, 50, 250 / 3, 100, 100])
    assert curve.depth(50) == pytest.approx(10)
    assert curve.depth(75) == pytest.approx(17.5)  # 45 mm of 60: 15 of the 20 mm between 10 and 20 mm
    assert curve.depth(0) == 0
    assert curve.depth(100) == 30


def test_days_of_two_millimetres_or_less_and_missing_days_are_left_out() -> None:
    with_drizzle = capture_curve(pd.Series([2.0, 0.0, 10.0, np.nan, 20.0, 1.9, 30.0]))
    plain = capture_curve(pd.Series([10.0, 20.0, 30.0]))
    assert with_drizzle.alpha_percent.tolist() == plain.alpha_percent.tolist()
    assert len(capture_curve(pd.Series([2.1])).depth_mm) == 2
    assert len(capture_curve(pd.Series([1.0, 5.0]), min_rain_mm=0).depth_mm) == 3


def test_equal_days_give_one_depth() -> None:
    curve = capture_curve(pd.Series([10.0, 10.0, 10.0, 30.0]))
    assert curve.alpha(10).item() == pytest.approx(100 * 40 / 60)
    assert curve.depth(100 * 40 / 60) == pytest.approx(10)


@pytest.mark.parametrize("days", [[], [0.0, 2.0], [np.nan]])
def test_a_record_without_rain_is_refused(days: list[float]) -> None:
    with pytest.raises(LayerError, match="no day with more than 2 mm"):
        capture_curve(pd.Series(days, dtype=float))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(2.1, 200), min_size=1, max_size=40), st.floats(0, 100), st.floats(0, 250))
def test_the_curve_rises_and_is_what_a_store_of_that_depth_keeps(
    days: list[float], alpha: float, depth_mm: float
) -> None:
    rain = np.array(days)
    curve = capture_curve(pd.Series(days))
    assert (np.diff(curve.alpha_percent) >= -1e-9).all()
    kept = np.minimum(rain, curve.depth_mm[:, None]).sum(axis=1) / rain.sum()
    assert curve.alpha_percent == pytest.approx(100 * kept)
    assert curve.alpha(depth_mm).item() == pytest.approx(100 * np.minimum(rain, depth_mm).sum() / rain.sum())
    assert curve.alpha(curve.depth(alpha)).item() == pytest.approx(alpha, abs=1e-6)


@pytest.mark.parametrize(
    ("station", "depths_mm"),
    [
        ("CHM00054511_Beijing", (14.0, 19.4, 22.8, 27.3, 33.6)),
        ("CHM00057083_Zhengzhou", (14.0, 19.5, 23.1, 27.8, 34.3)),
    ],
)
def test_published_design_depths_of_1983_to_2012(
    real_data: Path, station: str, depths_mm: tuple[float, ...]
) -> None:
    rain = read_rainfall(real_data / "rain" / f"ghcnd_{station}_prcp.csv.gz").series
    curve = capture_curve(rain.loc["1983":"2012"])
    assert [curve.depth(alpha) for alpha in ALPHAS] == pytest.approx(depths_mm, abs=0.0501)


def test_the_record_is_left_as_it_was() -> None:
    days = pd.Series([30.0, 10.0, 20.0])
    capture_curve(days)
    assert days.tolist() == [30.0, 10.0, 20.0]
