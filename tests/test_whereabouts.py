"""Where the county is, and its seat."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from qinshui_geo.errors import LayerError
from qinshui_geo.profile import CountyProfile
from qinshui_geo.sources.osm import OsmLayers
from qinshui_geo.whereabouts import area_of_interest, seat_of

EXTENT = (112.0, 35.0, 112.2, 35.2)


def _profile(seat: tuple[float, float] | None = None) -> CountyProfile:
    return CountyProfile(id="own", name_zh="县", name_en="county", seat=seat)


def _frame(shapes: list[shapely.Geometry], **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)


def _osm(places: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None = None) -> OsmLayers:
    layers = {"places": places, "buildings": _frame([]) if buildings is None else buildings}
    return OsmLayers(layers=layers, extent=EXTENT, as_of=None, skipped={}, repaired={}, clipped={})


NO_PLACES = _frame([], kind=[], name=[])


def test_area_is_where_data_and_county_overlap() -> None:
    county = _frame([shapely.box(112.1, 34.0, 113.0, 35.1)])
    assert area_of_interest(_profile(), county, _osm(NO_PLACES), {}) == (112.1, 35.0, 112.2, 35.1)


def test_area_without_a_county_is_that_of_the_data() -> None:
    assert area_of_interest(_profile(), None, _osm(NO_PLACES), {}) == EXTENT


def test_area_of_own_layers_alone_spans_them_all() -> None:
    frames = {
        "buildings": _frame([shapely.box(1, 2, 3, 4)]), "pois": _frame([shapely.Point(5, 1)]),
        "streets": _frame([]),
    }  # fmt: skip
    assert area_of_interest(_profile(), None, None, frames) == (1, 1, 5, 4)


def test_area_without_data_is_the_county_then_the_surroundings_of_the_seat() -> None:
    county = _frame([shapely.box(112.1, 34.0, 113.0, 35.1)])
    assert area_of_interest(_profile((112.5, 34.5)), county, None, {}) == (112.1, 34.0, 113.0, 35.1)
    around = area_of_interest(_profile((112.5, 34.5)), None, None, {})
    assert around == pytest.approx((112.4, 34.4, 112.6, 34.6))


def test_data_in_the_bounds_but_not_in_the_shape_of_the_county_are_refused() -> None:
    """A county with an inlet: the extract lies in the inlet, within the county's extent."""
    county = _frame([shapely.box(111, 34, 114, 37) - shapely.box(111.9, 34.9, 114, 35.3)])
    with pytest.raises(LayerError, match="outside the county"):
        area_of_interest(_profile(), county, _osm(NO_PLACES), {})


def test_nothing_to_go_by() -> None:
    with pytest.raises(LayerError, match="nothing says where the county is"):
        area_of_interest(_profile(), None, None, {})


def test_given_seat_is_taken_without_a_note() -> None:
    assert seat_of(_profile((112.1, 35.1)), _osm(NO_PLACES), EXTENT) == ((112.1, 35.1), ())


@pytest.mark.parametrize(("lon", "held"), [(112.24, True), (112.26, False)])
def test_seat_may_lie_a_twentieth_of_a_degree_beyond_the_data(lon: float, held: bool) -> None:
    if held:
        assert seat_of(_profile((lon, 35.1)), None, EXTENT)[0] == (lon, 35.1)
    else:
        with pytest.raises(LayerError, match=r"lies outside the data.*correct the seat"):
            seat_of(_profile((lon, 35.1)), None, EXTENT)


def test_seat_is_the_chief_place_nearest_the_middle() -> None:
    places = _frame(
        [shapely.Point(112.1, 35.1), shapely.Point(112.0, 35.0), shapely.Point(112.12, 35.1)],
        kind=["village", "town", "town"], name=["中村", "边镇", "中镇"],
    )  # fmt: skip
    seat, (note,) = seat_of(_profile(), _osm(places), EXTENT)
    assert seat == (112.12, 35.1)
    assert "中镇" in note.zh and "中镇" in note.en


def test_seat_without_places_is_the_median_of_the_buildings() -> None:
    shapes = [shapely.box(x, 35.0, x + 0.002, 35.002) for x in (112.0, 112.01, 112.19)]
    seat, (note,) = seat_of(_profile(), _osm(NO_PLACES, _frame(shapes)), EXTENT)
    assert seat == pytest.approx((112.011, 35.001))
    assert "median" in note.en


def test_seat_of_last_resort_is_the_middle_of_the_extent() -> None:
    seat, (note,) = seat_of(_profile(), None, EXTENT)
    assert seat == pytest.approx((112.1, 35.1))
    assert "centre" in note.en
