"""Assembles the layers of the green coverage."""

from __future__ import annotations

from geopandas import GeoDataFrame

from qinshui_geo.indicators import green_cover
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement
from qinshui_geo.measuring.sourcing import NO_TOWN, not_measured, sourced
from qinshui_geo.profile import CountyProfile


def measure_green(layers: CountyLayers, profile: CountyProfile, town: GeoDataFrame | None) -> Measurement:
    """Green coverage of the built-up area."""
    names = "green_coverage", green_cover.NAME_ZH, green_cover.NAME_EN
    if town is None or town.empty:
        return not_measured(names, NO_TOWN)
    measured = green_cover.green_coverage(
        town, ndvi=layers.ndvi, landcover=layers.landcover,
        ndvi_threshold=profile.method.green.ndvi_threshold,
    )  # fmt: skip
    return sourced(measured, layers, profile, ["ndvi", "landcover"])
