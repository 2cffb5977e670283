"""Assembles the paths, parks and waters of the greenway network."""

from __future__ import annotations

from geopandas import GeoDataFrame

from qinshui_geo.indicators import greenways
from qinshui_geo.indicators.parks import PARK_KINDS
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement
from qinshui_geo.measuring.sourcing import bring, not_measured, present, sourced
from qinshui_geo.profile import CountyProfile


def measure_greenways(
    layers: CountyLayers, profile: CountyProfile, town: GeoDataFrame | None, persons: float | None
) -> Measurement:
    """Connectivity of the greenways that serve the built-up area."""
    names = "greenway_connectivity", greenways.NAME_ZH, greenways.NAME_EN
    if layers.paths is None:
        return not_measured(names, bring("paths"))
    options, paths = profile.method.greenways, layers.paths
    if town is not None and not town.empty:
        paths = greenways.near_town(paths, built_up=town)
    classified = greenways.classify_greenways(paths, green_or_water=_places(layers), along_m=options.along_m)
    measured = greenways.greenway_connectivity(classified, snap_m=options.snap_m, population=persons)
    return sourced(measured, layers, profile, ["paths", "green_areas", "water_areas"])


def _places(layers: CountyLayers) -> GeoDataFrame:
    """Parks, water areas and waterways: what a path must lie along to be a greenway."""
    shapes = [frame.geometry.to_numpy() for frame in present(layers, ["water_areas", "waterways"])]
    if layers.green_areas is not None:
        green = layers.green_areas
        shapes.append(green.geometry[green["kind"].isin(PARK_KINDS | {"nature_reserve"})].to_numpy())
    return GeoDataFrame(geometry=[shape for part in shapes for shape in part], crs=layers.crs)
