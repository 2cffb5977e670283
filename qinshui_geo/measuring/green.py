"""Assembles the layers of the green coverage and of the green-land ratio."""

from __future__ import annotations

from geopandas import GeoDataFrame

from qinshui_geo.indicators import green_cover, green_land
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement
from qinshui_geo.measuring.sourcing import NO_TOWN, bring, not_measured, sourced
from qinshui_geo.profile import CountyProfile


def measure_green(layers: CountyLayers, profile: CountyProfile, town: GeoDataFrame | None) -> Measurement:
    """Green coverage of the built-up area."""
    names = "green_coverage", green_cover.NAME_ZH, green_cover.NAME_EN
    if town is None or town.empty:
        return not_measured(names, NO_TOWN)
    measured = green_cover.green_coverage(
        town, ndvi=layers.ndvi, landcover=layers.landcover,
        ndvi_threshold=profile.method.green.ndvi_threshold, reference_points=layers.reference_points,
    )  # fmt: skip
    return sourced(measured, layers, profile, ["ndvi", "landcover", "reference_points"])


def measure_green_land(
    layers: CountyLayers, profile: CountyProfile, town: GeoDataFrame | None
) -> Measurement:
    """Green-land ratio of the built-up area, from the parcels that are drawn."""
    names = "green_land_ratio", green_land.NAME_ZH, green_land.NAME_EN
    if layers.green_areas is None or town is None or town.empty:
        return not_measured(names, NO_TOWN if layers.green_areas is not None else bring("green_areas"))
    measured = green_land.green_land_ratio(layers.green_areas, built_up=town)
    return sourced(measured, layers, profile, ["green_areas"])
