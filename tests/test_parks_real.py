"""Parks of real places: service radius beside a plain count of points, walks beside networkx."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.indicators.walking import walkable, walking_distance, walking_network
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement
from qinshui_geo.measuring.built_up import measure_built_up
from qinshui_geo.measuring.parks import measure_parks, measure_service_radius
from qinshui_geo.profile import CountyProfile
from qinshui_geo.reading import read_layers

pytestmark = pytest.mark.real

EXTRACTS = {
    "guixi": "guixi/guixi_20241118.osm",
    "tsinghua": "beijing_tsinghua/tsinghua_20170624.osm",
    "helsinki": "helsinki/helsinki_centre_20190421.osm.pbf",
    "las_palmas": "las_palmas/las_palmas_20230221.osm.pbf",
}


class Place(NamedTuple):
    """A real place with its parks and their service radius."""

    layers: CountyLayers
    town: GeoDataFrame
    parks: Measurement
    coverage: Measurement


@pytest.fixture(scope="module")
def places(real_data: Path) -> dict[str, Place]:
    return {name: _place(name, real_data / file) for name, file in EXTRACTS.items()}


def _place(name: str, path: Path) -> Place:
    sources = {"osm": str(path)}
    profile = CountyProfile.model_validate({"id": name, "name_zh": name, "name_en": name, "sources": sources})
    layers = read_layers(profile)
    town = measure_built_up(layers, profile).features
    assert town is not None
    parks = measure_parks(layers, profile, town, 10_000)
    return Place(layers, town, parks, measure_service_radius(layers, profile, town, parks.features))


def _points(shape: shapely.Geometry, count: int = 800) -> np.ndarray:
    west, south, east, north = shape.bounds
    places = shapely.points(np.random.default_rng(7).uniform((west, south), (east, north), (count, 2)))
    shapely.prepare(shape)
    return places[shapely.contains(shape, places)]


@pytest.mark.parametrize("name", ["tsinghua", "helsinki", "las_palmas"])
def test_coverage_is_the_share_of_random_points_near_a_park(places: dict[str, Place], name: str) -> None:
    place = places[name]
    assert place.layers.built_land is not None and place.parks.features is not None
    homes = place.layers.built_land[place.layers.built_land["kind"] == "residential"]
    land = shapely.intersection(shapely.union_all(homes.geometry), shapely.union_all(place.town.geometry))
    parts = [part for part in shapely.get_parts(land) if part.area > 0]
    spread = [_points(part) for part in parts]
    points = np.concatenate(spread)
    weight = np.repeat(
        [p.area / len(s) for p, s in zip(parts, spread, strict=True)], [len(s) for s in spread]
    )
    near = np.zeros(len(points), bool)
    for park in place.parks.features[place.parks.features["counted"]].geometry:
        if park.area >= 2000:
            near |= shapely.distance(points, park) <= (500 if park.area >= 5000 else 300)
    expected = 100 * weight[near].sum() / weight.sum()
    assert place.coverage.quantity is not None and place.coverage.denominator is not None
    assert place.coverage.denominator.value == pytest.approx(land.area, rel=1e-6)
    assert place.coverage.quantity.value == pytest.approx(expected, abs=1.0)


@pytest.mark.parametrize("name", ["tsinghua", "helsinki", "las_palmas"])
def test_fewer_are_served_on_foot_than_in_a_straight_line(places: dict[str, Place], name: str) -> None:
    coverage = places[name].coverage
    assert coverage.quantity is not None
    assert 0 < coverage.details["walking_land"].value <= coverage.quantity.value + 1
    areas = coverage.layers["residential_areas"]
    assert (areas["straight_served"].astype(int).diff().dropna() >= 0).all()  # the underserved first
    assert areas["reason"].notna().all() and areas["reason_zh"].notna().all()


def test_tsinghua_has_one_public_park_for_its_campus_greens_are_attached(places: dict[str, Place]) -> None:
    parks = places["tsinghua"].parks.features
    assert parks is not None
    assert parks.loc[parks["counted"], "name"].tolist() == ["圆明园"]
    assert parks["reason"].str.contains("campus").sum() > 5


def test_guixi_draws_no_residential_land_so_it_has_no_coverage(places: dict[str, Place]) -> None:
    coverage = places["guixi"].coverage
    assert coverage.quantity is None
    assert any("built_land" in note.en for note in coverage.notes)


@pytest.mark.parametrize("name", list(EXTRACTS))
def test_parts_of_the_town_sum_to_it(places: dict[str, Place], name: str) -> None:
    place = places[name]
    parts = place.parks.layers["park_parts"]
    assert place.parks.numerator is not None
    assert parts["area_ha"].sum() * 1e4 == pytest.approx(place.town.area.sum(), rel=1e-6)
    assert parts["park_ha"].sum() * 1e4 == pytest.approx(place.parks.numerator.value, rel=1e-6, abs=1)
    assert parts["persons"].isna().all()


@pytest.mark.parametrize("name", ["guixi", "helsinki", "las_palmas"])
def test_five_hundred_metres_on_foot_reach_what_they_reach_in_networkx(
    places: dict[str, Place], name: str
) -> None:
    """From sixty vertices of the streets to all: on raw ways joined at their shared vertices, no more."""
    nx = pytest.importorskip("networkx", reason="the oracle of walking distances")
    layers = places[name].layers
    assert layers.streets is not None and layers.paths is not None
    lines = walkable(layers.streets, layers.paths)
    graph, ground = nx.Graph(), set()
    flat = (lines["layer"] == 0) & ~lines["bridge"] & ~lines["tunnel"]
    for shape, on_ground in zip(lines.geometry, flat, strict=True):
        places_ = [(round(x, 3), round(y, 3)) for x, y in shape.coords]
        ground |= set(places_) if on_ground else set()
        graph.add_weighted_edges_from(
            (a, b, np.hypot(a[0] - b[0], a[1] - b[1])) for a, b in pairwise(places_)
        )
    nodes = sorted(ground)
    gates = [nodes[i] for i in np.random.default_rng(1).choice(len(nodes), 60, replace=False)]
    plain = nx.multi_source_dijkstra_path_length(graph, set(gates), cutoff=500)
    expected = np.array([node in plain for node in nodes])
    found = walking_distance(
        walking_network(lines), shapely.points(gates), shapely.points(nodes), limit_m=500
    )
    assert (np.isfinite(found) == expected).all()
    assert 0 < expected.sum() < len(nodes)
