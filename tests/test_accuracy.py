"""Error-adjusted area, against the worked example of the paper and cases worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qinshui_geo.errors import LayerError
from qinshui_geo.indicators.accuracy import Z_95, adjusted_area

# Olofsson et al. 2014, section 5 and table 8: 640 points, Landsat pixels of 30 m. The numbers are those
# that the R packages mapaccuracy and drift take from the paper (the paper prints rounded figures).
PAPER = [[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]]
PIXELS = [200_000, 150_000, 3_200_000, 6_450_000]
HECTARES = [count * 0.09 for count in PIXELS]


def test_deforestation_of_the_paper() -> None:
    found = adjusted_area(PAPER, PIXELS)
    assert found.area == pytest.approx(235_086, abs=1)
    assert Z_95 * found.standard_error == pytest.approx(68_418, abs=1)
    assert found.high - found.area == pytest.approx(68_418, abs=1)
    hectares = adjusted_area(PAPER, HECTARES)
    assert (hectares.area, Z_95 * hectares.standard_error) == pytest.approx((21_158, 6_158), abs=1)


@pytest.mark.parametrize(
    ("place", "users", "producers"), [(0, 0.88, 0.75), (1, 0.73, 0.85), (2, 0.93, 0.93), (3, 0.96, 0.96)]
)
def test_accuracies_of_the_paper(place: int, users: float, producers: float) -> None:
    found = adjusted_area(PAPER, PIXELS, class_index=place)
    assert found.overall_accuracy == pytest.approx(0.95, abs=0.005)
    assert found.users_accuracy == pytest.approx(users, abs=0.006)
    assert found.producers_accuracy == pytest.approx(producers, abs=0.006)


def test_by_hand() -> None:
    """60 of 100 ha mapped green. Green: 16 of 20 points right. Not green: 3 of 30 are green after all.

    Area = 60 x 0.8 + 40 x 0.1 = 52; variance of the share = 0.36 x 0.16 / 19 + 0.16 x 0.09 / 29.
    """
    found = adjusted_area([[16, 4], [3, 27]], [60, 40])
    error = 100 * math.sqrt(0.36 * 0.16 / 19 + 0.16 * 0.09 / 29)
    assert (found.area, found.standard_error) == pytest.approx((52.0, error))
    assert (found.low, found.high) == pytest.approx((52 - Z_95 * error, 52 + Z_95 * error))
    assert found.overall_accuracy == pytest.approx(0.6 * 0.8 + 0.4 * 0.9)
    assert (found.users_accuracy, found.producers_accuracy) == pytest.approx((0.8, 48 / 52))


def test_a_map_without_the_class_is_corrected_by_what_it_overlooks() -> None:
    found = adjusted_area([[0, 0], [5, 15]], [0, 80])
    assert found.area == pytest.approx(20)
    assert found.users_accuracy is None
    assert found.producers_accuracy == 0
    nowhere = adjusted_area([[0, 0], [0, 15]], [0, 80])
    assert (nowhere.area, nowhere.producers_accuracy) == (0, None)


def test_the_interval_stays_within_the_map() -> None:
    found = adjusted_area([[2, 1], [1, 2]], [99, 1])
    assert (found.low, found.high) == (pytest.approx(found.area - Z_95 * found.standard_error), 100)
    assert adjusted_area([[1, 2], [0, 3]], [99, 1]).low == 0


@pytest.mark.parametrize(
    ("confusion", "areas", "word"),
    [
        ([[1, 0], [5, 5]], [50, 50], "map class 0 has 1 reference points"),
        ([[5, 5], [0, 0]], [50, 50], "map class 1 has 0 reference points"),
        ([[5, 5]], [50, 50], "does not fit"),
        ([[5, 5], [5, 5]], [0, 0], "does not fit"),
        ([[5, 5], [5, 5]], [-1, 2], "does not fit"),
        ([[5, -5], [5, 5]], [1, 2], "negative"),
    ],
)
def test_what_says_nothing_is_refused(confusion: list, areas: list, word: str) -> None:
    with pytest.raises(LayerError, match=word):
        adjusted_area(confusion, areas)


matrices = st.integers(2, 4).flatmap(
    lambda n: st.tuples(
        st.lists(st.lists(st.integers(1, 50), min_size=n, max_size=n), min_size=n, max_size=n),
        st.lists(st.floats(1, 1000), min_size=n, max_size=n),
    )
)


@given(matrices)
def test_the_areas_of_all_classes_make_up_the_map(case: tuple) -> None:
    confusion, areas = case
    found = [adjusted_area(confusion, areas, class_index=i) for i in range(len(areas))]
    assert sum(f.area for f in found) == pytest.approx(sum(areas))
    assert all(0 <= f.low <= f.area <= f.high <= sum(areas) * (1 + 1e-12) for f in found)


@given(matrices)
def test_more_points_of_the_same_kind_narrow_the_interval(case: tuple) -> None:
    confusion, areas = case
    some, many = adjusted_area(confusion, areas), adjusted_area(10 * np.array(confusion), areas)
    assert many.area == pytest.approx(some.area)
    assert many.standard_error < some.standard_error


@given(
    st.lists(st.integers(2, 50), min_size=3, max_size=3), st.lists(st.floats(1, 99), min_size=3, max_size=3)
)
def test_a_faultless_map_is_left_as_it_is(right: list, areas: list) -> None:
    found = adjusted_area(np.diag(right), areas)
    assert (found.area, found.standard_error) == (pytest.approx(areas[0]), 0)
    assert found.overall_accuracy == pytest.approx(1)
