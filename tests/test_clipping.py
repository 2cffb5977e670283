import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from qinshui_geo.clipping import clipped, require_valid
from qinshui_geo.errors import LayerError

TOWN = shapely.box(0, 0, 100, 100)


def test_inside_is_kept_whole_across_is_cut_and_outside_is_empty() -> None:
    shapes = shapely.box([10, 90, 200, 100], [10, 0, 0, 0], [20, 110, 210, 120], [20, 10, 10, 10])
    parts = clipped(shapes, TOWN)
    assert shapely.area(parts).tolist() == [100, 100, 0, 0]
    assert parts[0] is shapes[0]


def test_lines_and_points_are_cut_too() -> None:
    shapes = np.array([shapely.LineString([(-50, 5), (50, 5)]), shapely.Point(5, 5), shapely.Point(500, 5)])
    parts = clipped(shapes, TOWN)
    assert parts[0].length == 50
    assert [part.is_empty for part in parts] == [False, False, True]


def test_an_outline_of_nothing_leaves_nothing() -> None:
    parts = clipped(shapely.box([0], [0], [1], [1]), shapely.GeometryCollection())
    assert parts[0].is_empty
    assert len(clipped(np.empty(0, object), TOWN)) == 0


def test_a_missing_shape_is_empty_afterwards() -> None:
    assert clipped(np.array([None, TOWN], dtype=object), TOWN)[0].is_empty


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(*[st.integers(-80, 150)] * 2, *[st.integers(1, 90)] * 2), max_size=12))
def test_the_short_cut_gives_what_an_intersection_gives(boxes: list[tuple[int, int, int, int]]) -> None:
    corners = np.array([(x, y, x + w, y + h) for x, y, w, h in boxes]).reshape(-1, 4).T
    shapes = shapely.box(*corners)
    before = shapely.to_wkb(shapes).tolist()
    plain = shapely.area(shapely.intersection(shapes, TOWN))
    assert shapely.area(clipped(shapes, TOWN)) == pytest.approx(plain)
    assert shapely.to_wkb(shapes).tolist() == before


def test_a_shape_that_crosses_itself_is_refused_by_layer_and_row() -> None:
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    with pytest.raises(LayerError, match=r"Self-intersection.*green areas, row 2.*make_valid"):
        require_valid(np.array([TOWN, None, bow], dtype=object), "green areas")
    require_valid(np.array([TOWN, None], dtype=object), "green areas")
