import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from plane import METRIC, NEIGHBOUR_ZONE, SEAT_EASTING, SEAT_NORTHING, frame, grid
from shapely import box

from qinshui_geo.grid import Grid
from qinshui_geo.zonal import UNKNOWN, class_shares, share_above, sums

NAMES = {1: "built", 2: "grass", 3: "water"}
HALF = np.array([[1, 1, 2, 2]] * 4)  # 40 m x 40 m: built in the west, grass in the east


def test_shares_of_whole_and_partly_covered_cells() -> None:
    zones = frame([box(0, 0, 40, 40), box(15, 0, 25, 10), box(0, 0, 12, 10), box(18, 3, 21, 4)])
    shares = class_shares(zones, grid(HALF, classes=NAMES))
    assert shares["built"].tolist() == pytest.approx([0.5, 0.5, 1.0, 2 / 3])
    assert shares["grass"].tolist() == pytest.approx([0.5, 0.5, 0.0, 1 / 3])
    assert shares[UNKNOWN].tolist() == pytest.approx([0, 0, 0, 0], abs=1e-6)


def test_what_lies_beyond_the_raster_or_has_no_data_is_unknown() -> None:
    values = HALF.copy()
    values[:, 3] = 0
    zones = frame([box(20, 0, 60, 40), box(1000, 0, 1010, 10), box(30, 0, 40, 40)])
    shares = class_shares(zones, grid(values, classes=NAMES, nodata=0))
    assert shares["grass"].tolist() == pytest.approx([0.25, 0, 0])
    assert shares[UNKNOWN].tolist() == pytest.approx([0.75, 1, 1])


def test_a_code_that_the_legend_lacks_is_unknown_and_equal_names_add_up() -> None:
    shares = class_shares(frame([box(0, 0, 40, 40)]), grid(HALF, classes={1: "built"}))
    assert shares[UNKNOWN].tolist() == pytest.approx([0.5])
    both = class_shares(frame([box(0, 0, 40, 40)]), grid(HALF), classes={1: "green", 2: "green"})
    assert both["green"].tolist() == pytest.approx([1.0])


def test_the_index_of_the_zones_is_kept_and_no_zone_gives_no_row() -> None:
    zones = frame([box(0, 0, 10, 10), box(20, 0, 30, 10)]).set_axis(["b", "a"])
    assert class_shares(zones, grid(HALF, classes=NAMES))["built"].to_dict() == {"b": 1.0, "a": 0.0}
    assert class_shares(zones.iloc[:0], grid(HALF, classes=NAMES)).empty
    assert sums(zones.iloc[:0], grid(HALF)).empty


@settings(deadline=None, max_examples=15)
@given(
    arrays("int32", (5, 5), elements=st.integers(0, 4)),
    st.lists(st.tuples(*[st.integers(-20, 60)] * 6), min_size=1, max_size=4),
)
def test_rows_sum_to_one_and_agree_with_a_count_of_fine_points(
    values: np.ndarray, corners: list[tuple[int, ...]]
) -> None:
    triangles = [shapely.Polygon(np.array(corner).reshape(3, 2)) for corner in corners]
    zones = frame([shape for shape in triangles if shape.area > 20] or [box(0, 0, 50, 50)])
    shares = class_shares(zones, grid(values, classes=NAMES))
    assert shares.sum(axis=1).tolist() == pytest.approx([1.0] * len(zones))
    step = np.arange(-20, 60, 0.5) + 0.25
    x, y = (axis.ravel() for axis in np.meshgrid(step, step))
    inside_raster = (x > 0) & (x < 50) & (y > 0) & (y < 50)
    row, col = (49.999 - y) // 10, x // 10
    code = np.full(len(x), -1)
    code[inside_raster] = values[row[inside_raster].astype(int), col[inside_raster].astype(int)]
    for zone, built in zip(zones.geometry, shares["built"], strict=True):
        within = shapely.contains_xy(zone, x, y)
        edge = zone.length * 0.5 / zone.area  # a fine cell on the edge may fall on either side
        assert np.mean(code[within] == 1) == pytest.approx(built, abs=edge + 0.01)


def test_zones_are_moved_to_the_raster_not_the_raster_to_the_zones() -> None:
    # the same ground drawn in the neighbouring zone has the same shares
    east, north = SEAT_EASTING, SEAT_NORTHING
    moved = Grid(HALF, Affine(10, 0, east, 0, -10, north + 40), METRIC, classes=NAMES)
    zones = frame([box(east + 5, north + 5, east + 35, north + 20)])
    there = class_shares(zones.to_crs(NEIGHBOUR_ZONE), moved)
    assert there["built"].tolist() == pytest.approx([0.5], abs=1e-6)


def test_sums_count_cells_by_the_part_inside_and_keep_the_total() -> None:
    persons = grid(np.full((4, 4), 8.0))
    quarters = [box(0, 0, 17, 40), box(17, 0, 40, 23), box(17, 23, 40, 40)]
    parts = sums(frame(quarters), persons)
    assert parts.tolist() == pytest.approx([8 * 1.7 * 4, 8 * 2.3 * 2.3, 8 * 2.3 * 1.7])
    assert parts.sum() == pytest.approx(128)
    holed = np.full((4, 4), 8.0)
    holed[0, 0] = np.nan
    assert sums(frame([box(0, 0, 40, 40)]), grid(holed)).tolist() == pytest.approx([120])


def test_share_above_is_of_the_known_area_and_strictly_above() -> None:
    ndvi = grid([[0.3, 0.31, np.nan, 0.9]])
    assert share_above(frame([box(0, 0, 40, 10)]), ndvi, 0.3) == pytest.approx((2 / 3, 0.25))
    pieces = frame([box(0, 0, 10, 10), box(10, 0, 20, 10)])
    assert share_above(pieces, ndvi, 0.3) == pytest.approx((0.5, 0.0))


def test_share_above_of_nothing_known_is_no_number() -> None:
    for zone in (frame([box(900, 0, 910, 10)]), frame([])):
        share, unknown = share_above(zone, grid([[0.5]]), 0.3)
        assert np.isnan(share)
        assert unknown == 1.0


def test_inputs_are_left_as_they_were() -> None:
    zones, raster = frame([box(0, 0, 40, 40)]), grid(HALF, classes=NAMES)
    values, wkb = raster.values.copy(), zones.to_wkb()
    class_shares(zones, raster)
    sums(zones, raster)
    assert (raster.values == values).all()
    assert zones.to_wkb().equals(wkb)
