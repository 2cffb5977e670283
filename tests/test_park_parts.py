"""Park area by part of the town: parts, areas and persons that can be worked out by hand."""

import numpy as np
import pytest
import shapely
from plane import NEIGHBOUR_ZONE, frame, green, grid, shuffled
from shapely import box

from qinshui_geo.errors import CRSError
from qinshui_geo.indicators.park_classes import classify_parks
from qinshui_geo.indicators.park_parts import parks_by_part, town_parts

TOWN = frame([box(0, 0, 2000, 1000)])


def parks(*shapes, town=TOWN):
    return classify_parks(green(shapes), built_up=town)


def test_two_townships_are_the_parts_and_a_third_beyond_is_none() -> None:
    townships = frame(
        [box(-500, 0, 800, 2000), box(800, 0, 3000, 2000), box(3000, 0, 4000, 9)], name=["甲", "乙", "丙"]
    )
    parts = town_parts(TOWN, townships=townships)
    assert parts["name"].tolist() == ["甲", "乙"]
    assert parts["part"].tolist() == [1, 2]
    assert parts.area.tolist() == pytest.approx([800_000, 1_200_000])


def test_one_township_parts_nothing_so_cells_of_a_kilometre_do() -> None:
    one = frame([box(-500, -500, 9000, 9000)], name=["甲"])
    parts = town_parts(frame([box(0, 0, 2500, 1000)]), townships=one)
    assert parts["name"].tolist() == ["E0 N0", "E1 N0", "E2 N0"]
    assert parts.area.tolist() == pytest.approx([1e6, 1e6, 5e5])


def test_townships_that_do_not_part_the_town_are_passed_over() -> None:
    sliver = frame([box(0, 0, 1900, 1000), box(1900, 0, 3000, 1000)], name=["甲", "乙"])  # 95 % in one
    gap = frame([box(0, 0, 900, 1000), box(1100, 0, 3000, 1000)], name=["甲", "乙"])
    twice = frame([box(0, 0, 1200, 1000), box(900, 0, 3000, 1000)], name=["甲", "乙"])
    for townships in (sliver, gap, twice):
        assert town_parts(TOWN, townships=townships)["name"].tolist() == ["E0 N0", "E1 N0"]


def test_pieces_are_the_parts_unless_one_is_nearly_all() -> None:
    alike = frame([box(0, 0, 400, 1000), box(600, 0, 1200, 1000)])
    assert town_parts(alike).area.tolist() == pytest.approx([600_000, 400_000])  # the largest first
    uneven = frame([box(0, 0, 1000, 1000), box(1500, 0, 1600, 1000)])
    assert town_parts(uneven)["name"].tolist() == ["E0 N0", "E1 N0"]
    assert town_parts(frame([])).empty


def test_area_persons_and_park_of_each_part() -> None:
    people = np.zeros((10, 20))
    people[:, :10], people[:, 10:15] = 10, 4  # 1,000 persons in the west, 200 in the east
    shapes = [box(900, 0, 1100, 100), box(950, 0, 1050, 100), box(0, 0, 100, 100)]
    found = parks_by_part(parks(*shapes), town_parts(TOWN), population=grid(people, cell_m=100))
    assert found["area_ha"].tolist() == pytest.approx([100, 100])
    assert found["park_ha"].tolist() == pytest.approx([2, 1])  # the overlap once
    assert found["persons"].tolist() == pytest.approx([1000, 200])
    assert found["m2_per_person"].tolist() == pytest.approx([20, 50])


def test_people_without_parks_have_zero_and_nobody_has_no_figure() -> None:
    people = np.zeros((10, 20))
    people[:, :10] = 1
    found = parks_by_part(parks(), town_parts(TOWN), population=grid(people, cell_m=100))
    assert found["m2_per_person"].iloc[0] == 0
    assert np.isnan(found["m2_per_person"].iloc[1])
    unknown = parks_by_part(parks(box(0, 0, 100, 100)), town_parts(TOWN))
    assert unknown["persons"].isna().all() and unknown["m2_per_person"].isna().all()
    assert unknown["park_ha"].tolist() == pytest.approx([1, 0])
    assert parks_by_part(parks(), town_parts(frame([])), population=grid(people, cell_m=100)).empty


def test_parts_sum_to_the_town_whatever_the_order() -> None:
    town = frame([shapely.Point(3000, 3000).buffer(1700), box(6000, 6000, 6300, 6200)])
    classified = parks(*[box(x, 2900, x + 130, 3100) for x in range(1000, 5000, 170)], town=town)
    found = parks_by_part(classified, town_parts(town))
    inside = shapely.intersection(
        shapely.union_all(classified.geometry[classified["counted"]]), town.union_all()
    )
    assert found["area_ha"].sum() * 1e4 == pytest.approx(town.area.sum())
    assert found["park_ha"].sum() * 1e4 == pytest.approx(inside.area)
    again = parks_by_part(shuffled(classified), town_parts(shuffled(town)))
    assert again["park_ha"].tolist() == pytest.approx(found["park_ha"].tolist())


def test_layers_of_two_zones_are_refused() -> None:
    with pytest.raises(CRSError, match="different CRS"):
        town_parts(TOWN, townships=frame([box(0, 0, 9, 9)], NEIGHBOUR_ZONE, name=["甲"]))
    with pytest.raises(CRSError, match="different CRS"):
        parks_by_part(parks(), town_parts(TOWN).set_crs(NEIGHBOUR_ZONE, allow_override=True))
