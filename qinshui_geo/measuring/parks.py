"""Assembles the layers of the park area."""

from __future__ import annotations

from geopandas import GeoDataFrame

from qinshui_geo.indicators import parks
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement
from qinshui_geo.measuring.sourcing import NO_TOWN, bring, not_measured, sourced
from qinshui_geo.profile import CountyProfile


def measure_parks(
    layers: CountyLayers, profile: CountyProfile, town: GeoDataFrame | None, persons: float | None
) -> Measurement:
    """Park area per person within the built-up area."""
    names = "park_area_per_capita", parks.NAME_ZH, parks.NAME_EN
    if layers.green_areas is None or town is None or town.empty:
        return not_measured(names, NO_TOWN if layers.green_areas is not None else bring("green_areas"))
    measured = parks.park_area_per_capita(
        layers.green_areas, built_up=town, population=persons, water=layers.water_areas,
        min_strip_m=profile.method.parks.min_strip_m,
    )  # fmt: skip
    return sourced(measured, layers, profile, ["green_areas"])
