"""The distance graph, the tree of links and the reasons, on squares that can be worked out by hand."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas import GeoDataFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from plane import frame, shuffled
from shapely import Point, box

from qinshui_geo.indicators.built_up import built_up_area, grown_area
from qinshui_geo.indicators.growth_graph import grown, growth_graph, stretches

SEAT = Point(500, 500)
KM = box(0, 0, 1000, 1000)


def square(x: float, y: float = 0, side: float = 200) -> shapely.Polygon:
    return box(x, y, x + side, y + side)


def explained(shapes: list, **options: float) -> tuple[GeoDataFrame, GeoDataFrame]:
    layers = built_up_area(frame(shapes), seat=SEAT, **options).layers
    return layers["built_up_patches"], layers["built_up_links"]


def row_at(patches: GeoDataFrame, x: float, y: float) -> pd.Series:
    return patches[patches.intersects(Point(x, y))].iloc[0]


def test_patches_carry_the_columns_of_the_gis_layer() -> None:
    patches, links = explained([KM, square(1099)])
    assert patches.columns.tolist() == [
        "patch", "area_ha", "joined", "step", "link_to", "link_m", "geometry", "reason", "reason_zh",
    ]  # fmt: skip
    assert links.columns.tolist() == ["from_patch", "to_patch", "length_m", "geometry"]
    assert patches["area_ha"].tolist() == pytest.approx([100, 4])
    assert patches.crs == links.crs == "EPSG:4546"


@pytest.mark.parametrize(
    ("gap_m", "joined", "reason", "reason_zh"),
    [
        (
            99, True, "joined over a gap of 99.0 m from patch 1 (step 1)",
            "并入:与 1 号图斑间距 99.0 m(第 1 步)",
        ),
        (
            101, False, "left out: the nearest patch of the town is 101.0 m away, more than 100 m",
            "未并入:距最近的城区图斑 101.0 m,大于 100 m",
        ),
        (
            100.01, False, "left out: the nearest patch of the town is 100.1 m away, more than 100 m",
            "未并入:距最近的城区图斑 100.1 m,大于 100 m",
        ),
    ],
)  # fmt: skip
def test_a_square_says_over_which_gap_it_joined_or_stayed_out(
    gap_m: float, joined: bool, reason: str, reason_zh: str
) -> None:
    patches, links = explained([KM, square(1000 + gap_m)])
    assert patches["joined"].tolist() == [True, joined]
    assert patches["reason"].tolist() == ["seed: holds the point of the county seat", reason]
    assert patches["reason_zh"].tolist() == ["种子图斑:含县城驻地点", reason_zh]
    assert patches["step"].tolist()[0] == 0
    assert len(links) == int(joined)
    assert patches["link_m"].isna().tolist() == [True, not joined]


def test_a_chain_is_counted_in_steps_from_the_seed() -> None:
    patches, links = explained([KM, square(1090), square(1380), square(1670)])
    assert patches["step"].tolist() == [0, 1, 2, 3]
    assert patches["link_to"].tolist()[1:] == [1, 2, 3]
    assert patches["link_m"].tolist()[1:] == pytest.approx([90, 90, 90])
    assert links[["from_patch", "to_patch"]].to_numpy().tolist() == [[1, 2], [2, 3], [3, 4]]
    assert links["length_m"].tolist() == pytest.approx(links.geometry.length.tolist())
    first = shapely.get_coordinates(links.geometry.iloc[0])
    assert first[:, 0].tolist() == pytest.approx([1000, 1090])  # from the inner patch to the outer one


def test_of_two_ways_with_as_many_steps_the_shorter_last_link_is_told() -> None:
    """The last one is 95 m from the lower neighbour of the town and 91 m from the upper one."""
    patches, _ = explained([KM, square(1095), square(1099, 300), box(1390, 100, 1500, 400)])
    last = row_at(patches, 1400, 200)
    upper = row_at(patches, 1200, 400)
    assert (last["step"], last["link_to"], last["link_m"]) == (2, upper["patch"], pytest.approx(91))


def test_a_small_piece_is_dropped_but_named_by_those_that_hang_on_it() -> None:
    patches, links = explained([KM, square(1050, side=90), square(1200)])
    assert patches["joined"].tolist() == [True, True, False]
    assert patches["reason"].tolist()[1:] == [
        "joined over a gap of 60.0 m from patch 3 (step 2)",
        "dropped: its piece is under 1 ha (joined over a gap of 50.0 m from patch 1 (step 1))",
    ]
    assert patches["reason_zh"].tolist()[2].startswith("剔除:所在片小于 1 公顷")
    assert len(links) == 2


def test_a_patch_in_a_filled_hole_counts_without_a_link() -> None:
    ring = box(0, 0, 2000, 2000).difference(box(800, 800, 1600, 1600))
    patches, links = explained([ring, square(1100, 1100)])
    inner = row_at(patches, 1200, 1200)
    assert inner["joined"]
    assert pd.isna(inner["step"])
    assert inner["reason"] == "counted: lies in a hole of the built-up area, which is filled"
    assert inner["reason_zh"] == "计入:位于建成区内已填充的空洞中"
    assert links.empty


def test_patches_that_touch_or_hold_each_other_are_joined_without_a_line() -> None:
    patches, links = explained([KM, square(1000), square(300, 300)])
    assert patches["joined"].all()
    assert sorted(patches["reason"])[:2] == ["joined: touches patch 1 (step 1)"] * 2
    assert row_at(patches, 1100, 100)["reason_zh"] == "并入:与 1 号图斑相接(第 1 步)"
    assert links.empty


def test_a_patch_deep_inside_another_has_no_gap_to_it() -> None:
    graph = growth_graph(frame([box(0, 0, 5000, 5000), square(2000, 2000)]), seat=SEAT, reach_m=100)
    assert graph.gap_m.tolist() == [0.0]


def test_a_seed_away_from_the_seat_says_how_far() -> None:
    patches, _ = explained([square(1000, 500)])
    assert patches["reason"].tolist() == [
        "seed: 500.0 m from the point of the county seat, which lies in no patch"
    ]
    assert patches["reason_zh"].tolist() == ["种子图斑:距县城驻地点 500.0 m(驻地点不在任何图斑内)"]


def test_a_graph_is_not_asked_beyond_what_was_measured() -> None:
    graph = growth_graph(frame([KM]), seat=SEAT, reach_m=100)
    with pytest.raises(ValueError, match="measured up to 100 m, not 200 m"):
        grown(graph, 200)
    empty = growth_graph(frame([]), seat=SEAT, reach_m=100)
    with pytest.raises(ValueError, match="no patch"):
        grown(empty, 100)
    assert grown_area(empty, link_m=100, min_patch_ha=1) is None


def test_stretches_cover_every_segment_of_every_ring_once() -> None:
    disc = shapely.buffer(Point(0, 0), 100, quad_segs=40).difference(shapely.buffer(Point(0, 0), 50))
    cut = stretches(np.array([KM, disc]))
    lengths = [shapely.length(cut.lines[cut.owner == number]).sum() for number in (0, 1)]
    assert lengths == pytest.approx([KM.length, disc.length])
    assert shapely.get_num_coordinates(cut.lines).max() == 33


blocks = st.builds(
    lambda x, y, w, h: box(60 * x, 60 * y, 60 * (x + w) - 35, 60 * (y + h) - 35),
    st.integers(-20, 40), st.integers(-20, 40), st.integers(1, 6), st.integers(1, 6),
)  # fmt: skip
towns = st.lists(blocks, min_size=1, max_size=14)
links = st.sampled_from([20.0, 50.0, 100.0, 150.0])


@settings(deadline=None, max_examples=50)
@given(towns, links)
def test_following_the_links_ends_at_the_seed(shapes: list, link_m: float) -> None:
    layers = built_up_area(frame([KM, *shapes]), seat=SEAT, link_m=link_m, min_patch_ha=0.3).layers
    patches = layers["built_up_patches"].set_index("patch")
    linked = patches[patches["link_to"].notna()]
    assert (linked["link_m"] <= link_m).all()
    for outer in linked.index:
        number = outer
        for left in range(int(patches.at[outer, "step"]), 0, -1):
            assert patches.at[number, "step"] == left
            number = int(patches.at[number, "link_to"])
        assert patches.at[number, "reason"].startswith("seed")
    lines = layers["built_up_links"]
    assert sorted(lines["to_patch"]) == sorted(linked.index[linked["link_m"] > 0])
    assert (lines["length_m"] <= link_m).all()


@settings(deadline=None, max_examples=50)
@given(towns)
def test_gaps_are_the_distances_between_patches(shapes: list) -> None:
    graph = growth_graph(frame(shapes), seat=SEAT, reach_m=100)
    apart = shapely.distance(graph.polygons[:, None], graph.polygons[None, :])
    near, other = np.nonzero(np.triu(apart <= 100, k=1))
    assert list(zip(graph.near, graph.other, strict=True)) == list(zip(near, other, strict=True))
    assert graph.gap_m.tolist() == pytest.approx(apart[near, other].tolist())


@settings(deadline=None, max_examples=30)
@given(towns)
def test_one_graph_gives_every_linking_distance_and_never_less_for_a_longer_one(shapes: list) -> None:
    patches = frame([KM, *shapes])
    graph = growth_graph(patches, seat=SEAT, reach_m=200)
    swept = [grown_area(graph, link_m=link_m, min_patch_ha=0) for link_m in (20, 50, 100, 200)]
    assert all(longer.value >= shorter.value - 1e-9 for shorter, longer in pairwise(swept))
    assert swept[2] == built_up_area(patches, seat=SEAT, min_patch_ha=0).quantity


@settings(deadline=None, max_examples=30)
@given(towns, st.integers(0, 5))
def test_the_explanation_does_not_hang_on_the_order_of_rows(shapes: list, seed: int) -> None:
    patches = frame([KM, *shapes])
    one, other = (built_up_area(rows, seat=SEAT).layers for rows in (patches, shuffled(patches, seed)))
    for name in one:
        pd.testing.assert_frame_equal(
            one[name].drop(columns="geometry"), other[name].drop(columns="geometry"), check_dtype=True
        )
