"""Assembles the layers of the park area and of the service radius of parks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.indicators import parks, service_radius
from qinshui_geo.indicators.park_parts import parks_by_part, town_parts
from qinshui_geo.indicators.walking import WalkingNetwork, walkable, walking_network
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement, Note, Quantity, Swing
from qinshui_geo.measuring.sourcing import NO_TOWN, bring, not_measured, or_empty, sourced
from qinshui_geo.profile import CountyProfile
from qinshui_geo.reading import TEMPORARY_RESIDENTS
from qinshui_geo.sensitivity import Figure, envelope, sweep

STRIP_SETTINGS_M = (8.0, 10.0, 15.0)
"""Least widths of a park tried beside the profile's."""

LITTLE_RESIDENTIAL_LAND = 0.10
"""Share of the built-up area drawn as residential under which the coverage carries a warning."""

WALKED_BEYOND_M = 2000.0
"""Streets and paths up to this far from the bounds of residential land carry the walks from it."""


def measure_parks(
    layers: CountyLayers, profile: CountyProfile, town: GeoDataFrame | None, persons: float | None
) -> Measurement:
    """Park area per person within the built-up area, and by part of the town."""
    names = "park_area_per_capita", parks.NAME_ZH, parks.NAME_EN
    if layers.green_areas is None or town is None or town.empty:
        return not_measured(names, NO_TOWN if layers.green_areas is not None else bring("green_areas"))
    measured = parks.park_area_per_capita(
        layers.green_areas, built_up=town, population=persons, water=layers.water_areas,
        min_strip_m=profile.method.parks.min_strip_m, attached_land=layers.built_land,
        bases=_bases(layers, profile),
    )  # fmt: skip
    assert measured.features is not None
    by_part = parks_by_part(
        measured.features, town_parts(town, townships=layers.townships), population=layers.population
    )
    swings = _swings(measured, town, profile)
    spread = envelope(measured.quantity, swings) if measured.quantity is not None else None
    measured = replace(measured, layers={"park_parts": by_part}, swings=swings, range=spread)
    return _with_population(sourced(measured, layers, profile, ["green_areas"]), layers)


def _with_population(measured: Measurement, layers: CountyLayers) -> Measurement:
    """Names the raster behind the figures by part and of residents, on which the main one does not rest."""
    if layers.population is None or measured.quantity is None or "population" not in layers.provenance:
        return measured
    sources = dict.fromkeys([*measured.sources, layers.provenance["population"]])
    return replace(measured, sources=tuple(sources))


def _bases(layers: CountyLayers, profile: CountyProfile) -> dict[str, float]:
    """Residents (常住), and residents with temporary residents (常住+暂住), where they are known."""
    stated = profile.population
    official, guests = layers.statistics.get("town_population"), layers.statistics.get(TEMPORARY_RESIDENTS)
    own, own_guests = stated.town_resident, stated.town_temporary
    resident = official.quantity.value if official else (own.value if own else None)
    temporary = guests.quantity.value if guests else (own_guests.value if own_guests else None)
    if resident is None or not resident > 0:
        return {}
    found = {"per_resident": resident}
    if temporary is not None:
        found["per_resident_and_temporary"] = resident + temporary
    return found


def _swings(measured: Measurement, town: GeoDataFrame, profile: CountyProfile) -> tuple[Swing, ...]:
    classified, persons = measured.features, measured.denominator
    if classified is None or persons is None or measured.quantity is None:
        return ()
    settings = _widths(profile)
    areas = dict(
        zip(settings, parks.areas_by_strip(classified, built_up=town, widths_m=settings), strict=True)
    )

    def figure(at: Mapping[str, float]) -> Quantity | None:
        area_m2 = areas[at["min_strip_m"]]
        return Quantity(area_m2 / persons.value, "m2/person") if area_m2 > 0 else None

    return _by_width(figure, profile)


def _widths(profile: CountyProfile) -> list[float]:
    return sorted({*STRIP_SETTINGS_M, profile.method.parks.min_strip_m})


def _by_width(figure: Figure, profile: CountyProfile) -> tuple[Swing, ...]:
    central = {"min_strip_m": profile.method.parks.min_strip_m}
    return sweep(figure, central, {"min_strip_m": _widths(profile)}, units={"min_strip_m": "m"})


def measure_service_radius(
    layers: CountyLayers, profile: CountyProfile, town: GeoDataFrame | None, classified: GeoDataFrame | None
) -> Measurement:
    """Residential land within the service radius of the parks that count.

    Parameters
    ----------
    layers, profile : CountyLayers, CountyProfile
        Built-up land, streets, paths and population; method options.
    town : GeoDataFrame, optional
        Built-up area.
    classified : GeoDataFrame, optional
        The green areas as :func:`measure_parks` classified them.
    """
    names = "park_service_coverage", service_radius.NAME_ZH, service_radius.NAME_EN
    if town is None or town.empty:
        return not_measured(names, NO_TOWN)
    if classified is None or layers.built_land is None:
        return not_measured(names, bring("green_areas" if classified is None else "built_land"))
    homes = layers.built_land[layers.built_land["kind"] == "residential"]
    measured = service_radius.park_service_coverage(
        classified, homes, built_up=town, population=layers.population, network=_network(layers, homes, town),
        radius=_radius(profile),
    )  # fmt: skip
    if measured.quantity is not None:
        swings = _coverage_swings(classified, homes, town, profile)
        measured = replace(
            measured, swings=swings, range=envelope(measured.quantity, swings),
            notes=(*measured.notes, *_little_residential_land(measured, town)),
        )  # fmt: skip
    return _with_population(
        sourced(measured, layers, profile, ["green_areas", "built_land", "streets", "paths"]), layers
    )


def _little_residential_land(measured: Measurement, town: GeoDataFrame) -> tuple[Note, ...]:
    """Of a town that is hardly drawn as residential the coverage says little."""
    area_m2, town_m2 = measured.denominator, float(town.geometry.area.sum())
    if area_m2 is None or area_m2.value >= LITTLE_RESIDENTIAL_LAND * town_m2:
        return ()
    hectares, percent = area_m2.value / 1e4, 100 * area_m2.value / town_m2
    return (
        Note(
            f"建成区内仅 {hectares:,.1f} 公顷({percent:.1f} %)绘为居住用地,覆盖率只代表这部分:"
            "请提供居住用地图层,或以居民覆盖率为准",
            f"only {hectares:,.1f} ha ({percent:.1f} %) of the built-up area are drawn as residential, and "
            "the coverage is of these alone: bring the layer built_land, or go by the share of residents",
        ),
    )


def _radius(profile: CountyProfile) -> service_radius.ServiceRadius:
    options = profile.method.parks
    return service_radius.ServiceRadius(
        small_m2=options.small_m2, large_m2=options.large_m2, near_m=options.near_m, far_m=options.far_m
    )


def _coverage_swings(
    classified: GeoDataFrame, homes: GeoDataFrame, town: GeoDataFrame, profile: CountyProfile
) -> tuple[Swing, ...]:
    """Straight-line coverage by the width that is asked of a park."""

    def figure(at: Mapping[str, float]) -> Quantity | None:
        wide = classified["eligible"] & (classified["width_m"] >= at["min_strip_m"])
        return service_radius.park_service_coverage(
            classified.assign(counted=wide), homes, built_up=town, radius=_radius(profile)
        ).quantity

    return _by_width(figure, profile)


def _network(layers: CountyLayers, homes: GeoDataFrame, town: GeoDataFrame) -> WalkingNetwork | None:
    """Network of the streets and paths around the town's residential land, where there are any."""
    if layers.streets is None and layers.paths is None:
        return None
    lines = walkable(or_empty(layers.streets, layers), or_empty(layers.paths, layers))
    west, south, east, north = town.total_bounds
    bounds = homes.cx[west:east, south:north].bounds.to_numpy()
    around = shapely.box(*(bounds + WALKED_BEYOND_M * np.array([-1, -1, 1, 1])).T)
    near = np.unique(shapely.STRtree(around).query(lines.geometry.to_numpy(), predicate="intersects")[0])
    return walking_network(lines.iloc[near]) if len(near) else None
