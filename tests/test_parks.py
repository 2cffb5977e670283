import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from plane import NEIGHBOUR_ZONE, SEAT_EASTING, SEAT_NORTHING, frame, green, refused, shuffled
from shapely import box

from qinshui_geo.errors import CRSError, LayerError
from qinshui_geo.indicators.parks import areas_by_strip, classify_parks, park_area_per_capita

TOWN = frame([box(0, 0, 1000, 1000)])


def square(x: float, y: float, side: float) -> shapely.Polygon:
    return box(x, y, x + side, y + side)


def hectares(parks, built_up=TOWN, **options) -> float:
    measured = park_area_per_capita(parks, built_up=built_up, population=1000, **options)
    assert measured.numerator is not None
    assert measured.details["park_area"].value * 1e4 == pytest.approx(measured.numerator.value)
    return measured.details["park_area"].value


def test_four_hectares_for_a_thousand_persons() -> None:
    measured = park_area_per_capita(green([square(100, 100, 200)]), built_up=TOWN, population=1000)
    assert measured.quantity is not None
    assert (measured.quantity.value, measured.quantity.unit) == (pytest.approx(40), "m2/person")
    assert measured.denominator is not None
    assert measured.denominator.value == 1000


def test_overlapping_parks_are_united_before_they_are_summed() -> None:
    two = green([square(0, 0, 200), box(100, 100, 300, 300)])  # 4 ha each, 1 ha in common
    assert hectares(two) == pytest.approx(7.0)
    classified = classify_parks(two, built_up=TOWN)
    assert classified["counted_ha"].sum() == pytest.approx(8.0)


def test_a_park_across_the_edge_counts_for_the_part_inside() -> None:
    parks = classify_parks(green([box(900, 0, 1100, 100)]), built_up=TOWN)
    assert parks["area_ha"].tolist() == pytest.approx([2.0])
    assert parks["counted_ha"].tolist() == pytest.approx([1.0])
    assert hectares(green([box(900, 0, 1100, 100)])) == pytest.approx(1.0)


def test_a_park_that_only_touches_the_edge_is_outside() -> None:
    parks = classify_parks(green([box(1000, 0, 1100, 100), square(2000, 0, 100)]), built_up=TOWN)
    assert parks["counted"].tolist() == [False, False]
    assert set(parks["reason"]) == {"outside the built-up area (EG)"}
    assert parks["counted_ha"].tolist() == [0, 0]


@pytest.mark.parametrize(("width_m", "counted"), [(11.9, False), (12.1, True)])
def test_a_strip_counts_from_twelve_metres(width_m: float, counted: bool) -> None:
    strip = shapely.affinity.rotate(box(300, 300, 800, 300 + width_m), 30)  # no bounding box would do
    parks = classify_parks(green([strip]), built_up=TOWN)
    assert parks["width_m"].tolist() == pytest.approx([width_m], abs=0.5)
    assert parks["counted"].tolist() == [counted]
    assert classify_parks(green([strip]), built_up=TOWN, min_strip_m=11)["counted"].tolist() == [True]


def test_the_width_of_a_park_in_parts_is_that_of_its_widest_part() -> None:
    parts = shapely.MultiPolygon([box(0, 0, 200, 5), square(300, 300, 40)])
    assert classify_parks(green([parts]), built_up=TOWN)["width_m"].tolist() == pytest.approx([40], abs=0.5)


@pytest.mark.parametrize(
    ("side_m", "expected"), [(317, "G11"), (316, "G12"), (100, "G12"), (99.9, "G14"), (20, "G14")]
)
def test_classes_go_by_area(side_m: float, expected: str) -> None:
    assert classify_parks(green([square(0, 0, side_m)]), built_up=TOWN)["class_g1"].tolist() == [expected]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"access": "private"}, "not open to the public"),
        ({"access": "residents"}, "not open to the public"),
        ({"kind": "square"}, "square (G3), its green share is not known"),
        ({"kind": "grass"}, "attached or protective green (XG/G2)"),
        ({"kind": "nature_reserve"}, "regional green (EG)"),
        ({"kind": None}, "attached or protective green (XG/G2)"),
        ({"kind": np.nan}, "attached or protective green (XG/G2)"),
    ],
)
def test_what_is_no_park_stays_in_the_layer_with_its_reason(columns: dict, reason: str) -> None:
    area = green([square(0, 0, 200)], **{name: [value] for name, value in columns.items()})
    parks = classify_parks(area, built_up=TOWN)
    assert parks["counted"].tolist() == [False]
    assert parks["reason"].tolist() == [reason]
    assert parks["class_g1"].isna().all()
    assert parks["counted_ha"].tolist() == [0.0]


@pytest.mark.parametrize(("kind", "expected"), [("zoo", "G13"), ("botanical", "G13"), ("garden", "G14")])
def test_zoos_and_botanical_gardens_are_theme_parks_at_any_size(kind: str, expected: str) -> None:
    parks = classify_parks(green([square(0, 0, 50)], kind=[kind]), built_up=TOWN)
    assert parks["class_g1"].tolist() == [expected]


@pytest.mark.parametrize(
    ("kind", "green_percent", "counted"),
    [("square", 64.9, None), ("square", 65, "G12"), ("theme_park", 65, "G13"), ("theme_park", np.nan, None)],
)
def test_squares_and_amusement_parks_count_from_65_percent_green(
    kind: str, green_percent: float, counted: str | None
) -> None:
    area = green([square(0, 0, 200)], kind=[kind], green_percent=[green_percent])
    parks = classify_parks(area, built_up=TOWN)
    assert parks["class_g1"].tolist() == [counted]
    assert ("green share" in parks["reason"].iloc[0]) == (counted is None)


@pytest.mark.parametrize(
    ("kind", "name", "land_kind", "counted"),
    [
        ("park", "甲公园", "education", False), ("park", "甲公园", "residential", True),
        ("garden", None, "residential", False), ("garden", "乙园", "residential", True),
        ("garden", np.nan, "commercial", False), ("park", None, "parking", True),
        ("zoo", None, "education", True),
    ],
)  # fmt: skip
def test_green_on_a_campus_or_estate_is_attached(
    kind: str, name: object, land_kind: str, counted: bool
) -> None:
    area = green([square(100, 100, 100)], kind=[kind], name=[name])
    site = frame([square(0, 0, 500)], kind=[land_kind])
    parks = classify_parks(area, built_up=TOWN, attached_land=site)
    assert parks["counted"].tolist() == [counted]
    assert ("(XG)" in parks["reason"].iloc[0]) == (not counted)
    beside = frame([box(0, 0, 194, 500)], kind=[land_kind])  # 94 % of the green
    assert classify_parks(area, built_up=TOWN, attached_land=beside)["counted"].tolist() == [True]


@pytest.mark.parametrize("access", [None, np.nan, "yes", "permissive", "customers"])
def test_a_park_open_to_all_or_of_unknown_access_counts(access: object) -> None:
    parks = classify_parks(green([square(0, 0, 200)], access=[access]), built_up=TOWN)
    assert parks["counted"].tolist() == [True]


def test_a_park_within_a_park_is_counted_there() -> None:
    nested = green([square(10, 10, 50), square(0, 0, 200), square(0, 0, 200)])
    parks = classify_parks(nested, built_up=TOWN)
    assert parks["counted"].tolist() == [False, True, False]  # of two equal ones the first by id
    assert parks["reason"].iloc[0] == "lies within another counted park, counted there"
    assert hectares(nested) == pytest.approx(4.0)


def test_a_park_within_a_private_one_counts() -> None:
    parks = green([square(10, 10, 50), square(0, 0, 200)], access=[None, "private"])
    assert hectares(parks) == pytest.approx(0.25)


def test_rows_are_told_apart_though_the_index_has_a_label_twice() -> None:
    parks = green([square(0, 0, 100), square(10, 10, 20), square(500, 500, 100)]).set_axis([0, 1, 1])
    assert classify_parks(parks, built_up=TOWN)["counted"].tolist() == [True, False, True]


def test_water_in_a_park_is_shown_apart() -> None:
    water = frame([box(0, 0, 100, 100), box(900, 900, 1000, 1000)])
    measured = park_area_per_capita(green([square(0, 0, 200)]), built_up=TOWN, population=1000, water=water)
    assert measured.quantity is not None
    assert measured.quantity.value == pytest.approx(40)
    assert measured.details["without_water"].value == pytest.approx(30)


def test_each_population_basis_and_class_has_its_figure() -> None:
    parks = green([box(0, 0, 400, 300), square(500, 0, 100), square(700, 0, 50)])  # 12 ha, 1 ha, 0.25 ha
    bases = {"per_resident": 5000, "per_resident_and_temporary": 6250}
    measured = park_area_per_capita(parks, built_up=TOWN, population=5000, bases=bases)
    found = {name: quantity.value for name, quantity in measured.details.items()}
    assert found["per_resident"] == pytest.approx(26.5)
    assert found["per_resident_and_temporary"] == pytest.approx(21.2)
    assert found["comprehensive_per_capita"] == pytest.approx(24)
    assert found["community_per_capita"] == pytest.approx(2)
    assert any("GB 55014-2021" in note.en and "above 3" in note.en for note in measured.notes)
    with pytest.raises(LayerError, match="per_resident"):
        park_area_per_capita(parks, built_up=TOWN, population=5000, bases={"per_resident": 0})


def test_the_area_falls_as_more_width_is_asked() -> None:
    strips = green([box(0, 0, 100, 9), box(0, 100, 100, 113), square(300, 300, 100)])
    for asked in (12, 20):
        classified = classify_parks(strips, built_up=TOWN, min_strip_m=asked)
        areas = areas_by_strip(classified, built_up=TOWN, widths_m=[8, 12, 15])
        assert areas == pytest.approx([900 + 1300 + 10_000, 1300 + 10_000, 10_000])


def test_a_town_without_a_counted_park_has_no_figure_rather_than_zero() -> None:
    for parks in (green([]), green([square(0, 0, 99)], kind=["grass"]), green([square(5000, 0, 99)])):
        measured = park_area_per_capita(parks, built_up=TOWN, population=1000)
        assert measured.quantity is None
        assert any("no proof that there is none" in note.en for note in measured.notes)
        assert measured.features is not None
        assert len(measured.features) == len(parks)
    assert park_area_per_capita(green([square(0, 0, 99)]), built_up=frame([]), population=9).quantity is None


def test_without_population_the_area_stands_and_the_figure_per_person_does_not() -> None:
    measured = park_area_per_capita(green([square(0, 0, 100)]), built_up=TOWN, population=None)
    assert measured.quantity is None
    assert measured.denominator is None
    assert measured.details["park_area"].value == pytest.approx(1.0)


@pytest.mark.parametrize("population", [0, -5, float("nan")])
def test_a_population_that_is_not_above_zero_is_refused(population: float) -> None:
    with pytest.raises(LayerError, match="must be above 0"):
        park_area_per_capita(green([square(0, 0, 100)]), built_up=TOWN, population=population)


def test_parts_that_are_no_polygons_are_passed_over() -> None:
    mixed = shapely.GeometryCollection([square(0, 0, 100), shapely.LineString([(100, 100), (400, 100)])])
    parks = green([mixed, shapely.Polygon(), None])
    assert hectares(parks) == pytest.approx(1.0)
    assert classify_parks(parks, built_up=TOWN)["width_m"].fillna(0).tolist() == pytest.approx(
        [100, 0, 0], abs=0.5
    )


def test_a_park_that_meets_the_town_in_an_area_and_a_line_counts_by_its_area() -> None:
    # an L around the corner: 50 m inside at the foot, then along the very edge
    park = shapely.Polygon([(950, 0), (1000, 0), (1050, 0), (1050, 300), (1000, 300), (1000, 50), (950, 50)])
    assert hectares(green([park])) == pytest.approx(0.25)


def test_wrong_crs_and_invalid_shapes_are_refused() -> None:
    park = [square(0, 0, 100)]
    assert refused(lambda crs: classify_parks(green(park).set_crs(crs, allow_override=True), built_up=TOWN),
                   "green areas")  # fmt: skip
    assert refused(
        lambda crs: park_area_per_capita(green(park), built_up=frame(park, crs), population=1),
        "built-up area",
    )
    with pytest.raises(CRSError, match="different CRS"):
        classify_parks(green(park), built_up=frame(park, NEIGHBOUR_ZONE))
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    with pytest.raises(LayerError, match="green areas, row 1"):
        classify_parks(green([*park, bow]), built_up=TOWN)


def test_the_neighbouring_zone_gives_the_same_area_within_a_thousandth() -> None:
    x, y = SEAT_EASTING, SEAT_NORTHING
    town, parks = frame([square(x, y, 1000)]), green([square(x + 900, y, 200), square(x, y, 300)])
    here = hectares(parks, town)
    there = hectares(parks.to_crs(NEIGHBOUR_ZONE), town.to_crs(NEIGHBOUR_ZONE))
    assert there == pytest.approx(here, rel=1e-3)


def test_inputs_are_left_as_they_were() -> None:
    parks, town = green([square(0, 0, 100), square(5, 5, 20)]), TOWN.copy(deep=True)
    before = parks.copy(deep=True)
    park_area_per_capita(parks, built_up=town, population=1000, water=frame([square(0, 0, 5)]))
    assert parks.equals(before)
    assert town.equals(TOWN)


squares = st.builds(square, st.integers(-200, 1100), st.integers(-200, 1100), st.integers(5, 400))


@settings(deadline=None, max_examples=25)
@given(st.lists(squares, min_size=1, max_size=8), st.integers(0, 9))
def test_the_union_is_within_its_bounds_and_the_order_does_not_matter(shapes: list, seed: int) -> None:
    parks = green(shapes)
    classified = classify_parks(parks, built_up=TOWN)
    area, largest = hectares(parks), classified["counted_ha"].max()
    assert largest - 1e-9 <= area <= classified["counted_ha"].sum() + 1e-9
    again = classify_parks(shuffled(parks, seed), built_up=TOWN).loc[parks.index]
    assert again["counted"].tolist() == classified["counted"].tolist()
    assert hectares(shuffled(parks, seed)) == pytest.approx(area)
