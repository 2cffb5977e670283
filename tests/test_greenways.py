import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from plane import NEIGHBOUR_ZONE, SEAT_EASTING, SEAT_NORTHING, frame, line, paths, refused, shuffled
from shapely import Point, box

from qinshui_geo.errors import CRSError
from qinshui_geo.indicators.greenways import classify_greenways, greenway_connectivity, near_town

PARK = frame([box(0, 0, 1000, 100)])
FAR = line((0, 5000), (100, 5000))


def classes(given, places=PARK, **options) -> list[str]:
    return classify_greenways(given, green_or_water=places, **options)["greenway_class"].tolist()


def test_half_of_the_length_within_thirty_metres_of_a_park_makes_a_greenway() -> None:
    # the park and 30 m beyond reach to y = 130; the path starts at y = 30
    assert classes(paths([line((500, 30), (500, 229))])) == ["greenway"]
    assert classes(paths([line((500, 30), (500, 231))])) == ["candidate"]


@pytest.mark.parametrize(("offset_m", "expected"), [(29, "greenway"), (31, "candidate")])
def test_a_path_beside_the_park(offset_m: float, expected: str) -> None:
    assert classes(paths([line((0, 100 + offset_m), (1000, 100 + offset_m))])) == [expected]
    river = frame([line((0, 0), (1000, 0))])
    assert classes(paths([line((0, offset_m), (1000, offset_m))]), river) == [expected]


def test_overlapping_places_are_not_counted_twice() -> None:
    twice = frame([box(0, 0, 100, 100), box(0, 0, 100, 100), box(50, 0, 150, 100)])
    # 180 m of 400 m are beside (150 m and 30 m beyond), however many places say so
    assert classes(paths([line((0, 50), (400, 50))]), twice) == ["candidate"]


@pytest.mark.parametrize(
    ("columns", "expected", "reason"),
    [
        ({"name": "沁河绿道"}, "greenway", "named as greenway or trail"),
        ({"name": "滨河健身步道"}, "greenway", "named as greenway or trail"),
        ({"name": "人民路"}, "candidate", "other path, a candidate only"),
        ({"name": np.nan}, "candidate", "other path, a candidate only"),
        ({"route": True}, "greenway", "member of a walking or cycling route"),
        ({"route": False}, "candidate", "other path, a candidate only"),
        ({"route": None}, "candidate", "other path, a candidate only"),
        ({"route": np.nan}, "candidate", "other path, a candidate only"),
    ],
)
def test_names_and_routes(columns: dict, expected: str, reason: str) -> None:
    found = classify_greenways(
        paths([FAR], **{key: [value] for key, value in columns.items()}), green_or_water=PARK
    )
    assert found["greenway_class"].tolist() == [expected]
    assert found["reason"].tolist() == [reason]


def test_streets_and_closed_paths_are_no_candidates() -> None:
    given = paths([FAR] * 5, kind=["residential", "cycleway", "footway", "path", None],
                  access=[None, "private", "no", "yes", None])  # fmt: skip
    assert classify_greenways(given, green_or_water=PARK).index.tolist() == [3]


def test_without_parks_and_water_only_names_and_routes_tell() -> None:
    assert classes(paths([line((0, 50), (9, 50)), FAR], name=["步道", None]), frame([])) == [
        "greenway",
        "candidate",
    ]


def test_no_path_gives_no_figure_and_says_what_to_bring() -> None:
    measured = greenway_connectivity(classify_greenways(paths([]), green_or_water=PARK))
    assert measured.quantity is None
    assert "paths" in measured.notes[0].en
    only_candidates = greenway_connectivity(classify_greenways(paths([FAR]), green_or_water=PARK))
    assert only_candidates.quantity is None
    assert only_candidates.features is not None
    assert only_candidates.features["greenway_class"].tolist() == ["candidate"]
    assert only_candidates.features["component"].isna().all()


@pytest.mark.parametrize(("gap_m", "share", "parts"), [(9, 100, 1), (11, 75, 2)])
def test_the_share_of_the_largest_component(gap_m: float, share: float, parts: int) -> None:
    measured = greenway_connectivity(
        paths([line((0, 0), (300, 0)), line((300 + gap_m, 0), (400 + gap_m, 0))])
    )
    assert measured.quantity is not None
    assert (measured.quantity.value, measured.quantity.unit) == (pytest.approx(share), "percent")
    assert measured.details["components"].value == parts
    assert measured.details["length"].value == pytest.approx(0.4)
    assert measured.features is not None
    assert measured.features["in_largest"].tolist() == [True, parts == 1]


def details(shapes: list) -> dict[str, float]:
    return {name: q.value for name, q in greenway_connectivity(paths(shapes)).details.items()}


CORNERS = [(0, 0), (100, 0), (100, 100), (0, 100)]
SQUARE = line(*CORNERS, CORNERS[0])


@pytest.mark.parametrize(
    ("shapes", "v", "e", "p"),
    [
        ([line((0, 0), (100, 100)), line((0, 100), (100, 0))], 5, 4, 1),  # a cross
        ([SQUARE, line((0, 0), (100, 100)), line((0, 100), (100, 0))], 5, 8, 1),  # with its square: 4 cells
        ([line((0, 0), (100, 0)), line((0, 500), (100, 500))], 4, 2, 2),  # two apart
        ([line((0, 0), (100, 0)), line((50, 0), (50, 90))], 4, 3, 1),
    ],
)
def test_alpha_beta_and_gamma_of_stated_vertices_edges_and_parts(
    shapes: list, v: int, e: int, p: int
) -> None:
    found = details(shapes)
    assert (found["vertices"], found["edges"], found["components"]) == (v, e, p)
    assert found["beta_index"] == pytest.approx(e / v)
    assert found["gamma_index"] == pytest.approx(e / (3 * (v - 2)))
    assert found["alpha_index"] == pytest.approx((e - v + p) / (2 * v - 5))


def test_a_tree_has_alpha_zero_and_every_cell_adds_to_it() -> None:
    assert details([line((0, 0), (100, 100)), line((0, 100), (100, 0))])["alpha_index"] == 0
    assert details([SQUARE, line((0, 0), (100, 100)), line((0, 100), (100, 0))])[
        "alpha_index"
    ] == pytest.approx(0.8)


def test_one_line_or_one_ring_has_no_indices() -> None:
    for lonely in (line((0, 0), (100, 0)), SQUARE):
        assert not {"alpha_index", "beta_index", "gamma_index"} & set(details([lonely]))


def test_kilometres_per_ten_thousand_persons() -> None:
    measured = greenway_connectivity(paths([line((0, 0), (3000, 0))]), population=20_000)
    assert measured.details["per_10000_persons"].value == pytest.approx(1.5)


def test_candidates_follow_the_edges_and_are_no_part_of_the_figure() -> None:
    two_lines = shapely.MultiLineString([[(0, 9000), (50, 9000)], [(0, 9100), (50, 9100)]])
    cut = shapely.GeometryCollection([Point(7, 7), line((0, 9500), (10, 9500))])
    given = paths(
        [line((0, 0), (100, 0)), two_lines, cut], name=["步道", None, None], source_id=["w/1", "w/2", "w/3"]
    )
    measured = greenway_connectivity(classify_greenways(given, green_or_water=frame([])))
    features = measured.features
    assert features is not None
    assert measured.quantity is not None
    assert measured.quantity.value == 100
    assert features["source_ids"].tolist() == ["w/1", "w/2", "w/2", "w/3"]
    assert features["edge_id"].tolist() == [1, 2, 3, 4]
    assert features["component"].isna().tolist() == [False, True, True, True]
    assert features["in_largest"].tolist() == [True, False, False, False]
    assert set(features.geometry.geom_type) == {"LineString"}
    assert features["length_m"].tolist() == pytest.approx([100, 50, 50, 10])
    assert measured.details["length"].value == pytest.approx(0.1)


def test_edges_say_which_line_they_came_from() -> None:
    given = paths([line((0, 0), (100, 0)), line((50, -50), (50, 50))], name=["甲步道", "乙步道"]).set_axis(
        [8, 8]
    )
    features = greenway_connectivity(given).features
    assert features is not None
    named = {
        (name, tuple(shape.bounds)) for name, shape in zip(features["name"], features.geometry, strict=True)
    }
    assert named == {("甲步道", (0, 0, 50, 0)), ("甲步道", (50, 0, 100, 0)), ("乙步道", (50, -50, 50, 0)),
                     ("乙步道", (50, 0, 50, 50))}  # fmt: skip


def test_near_the_town_is_within_a_kilometre() -> None:
    town = frame([box(0, 0, 100, 100)])
    given = paths([line((50, 50), (3000, 50)), line((2000, 0), (2500, 0)), line((0, 0), (10, 0))])
    near = near_town(given, built_up=town)
    assert near.index.tolist() == [0, 2]
    assert near.geometry.length.tolist() == pytest.approx([1050, 10])
    assert near_town(given, built_up=town, reach_m=100).geometry.length.tolist() == pytest.approx([150, 10])
    assert near_town(given, built_up=frame([])).empty


def test_a_path_cut_by_the_reach_in_line_and_point_still_counts() -> None:
    town = frame([box(0, 0, 100, 100)])
    # passes through, leaves, and comes back to touch the corner of the reach from outside
    tangent = line((50, 50), (50, 1500), (-500, 1100), (600, 1100))
    near = near_town(paths([tangent], name=["步道"]), built_up=town)
    measured = greenway_connectivity(near)
    assert measured.denominator is not None
    assert measured.denominator.value == pytest.approx(near.geometry.length.sum() / 1e3)
    assert measured.denominator.value > 1.05


def test_wrong_crs_is_refused() -> None:
    lines = [line((0, 0), (100, 0))]

    def drawn(crs: object):
        return paths(lines).set_crs(crs, allow_override=True)

    assert refused(lambda crs: classify_greenways(drawn(crs), green_or_water=PARK), "paths")
    assert refused(
        lambda crs: classify_greenways(paths(lines), green_or_water=frame([], crs)), "parks and water"
    )
    assert refused(lambda crs: greenway_connectivity(drawn(crs)), "greenways")
    assert refused(lambda crs: near_town(paths(lines), built_up=frame([], crs)), "built-up area")
    with pytest.raises(CRSError, match="different CRS"):
        classify_greenways(paths(lines), green_or_water=frame([], NEIGHBOUR_ZONE))


def test_the_neighbouring_zone_gives_the_same_figure() -> None:
    x, y = SEAT_EASTING, SEAT_NORTHING
    given = paths([line((x, y), (x + 300, y)), line((x + 400, y), (x + 500, y))])
    there = greenway_connectivity(given.to_crs(NEIGHBOUR_ZONE))
    assert there.quantity is not None
    assert there.quantity.value == pytest.approx(75, rel=1e-3)
    assert there.details["length"].value == pytest.approx(0.4, rel=1e-3)


ends = st.integers(0, 20).map(lambda step: 50.0 * step)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(ends, ends, ends, ends).filter(lambda e: e[:2] != e[2:]), min_size=1, max_size=8),
       st.integers(0, 9))  # fmt: skip
def test_order_does_not_matter_and_inputs_stay(places: list, seed: int) -> None:
    given = paths(
        [line((a, b), (c, d)) for a, b, c, d in places], source_id=[str(i) for i in range(len(places))]
    )
    before = given.copy(deep=True)
    found, other = (
        greenway_connectivity(classify_greenways(g, green_or_water=PARK))
        for g in (given, shuffled(given, seed))
    )
    assert given.equals(before)
    assert (found.quantity is None) == (other.quantity is None)
    if found.quantity is not None and other.quantity is not None:
        assert 0 < found.quantity.value <= 100 + 1e-9
        assert other.quantity.value == pytest.approx(found.quantity.value)
