"""Assembles the units, surfaces and facilities of the sponge share."""

from __future__ import annotations

from geopandas import GeoDataFrame

from qinshui_geo.indicators import sponge
from qinshui_geo.indicators.design_rainfall import capture_curve
from qinshui_geo.indicators.drainage_units import drainage_blocks, own_units
from qinshui_geo.indicators.surfaces import drawn_surfaces
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement
from qinshui_geo.measuring.sourcing import NO_TOWN, not_measured, or_empty, present, sourced
from qinshui_geo.profile import CountyProfile
from qinshui_geo.zonal import class_shares

BLOCK_STREETS = frozenset({
    "motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential",
    "living_street", "road",
})  # fmt: skip
"""Streets that part one drainage block from the next."""


def measure_sponge(layers: CountyLayers, profile: CountyProfile, town: GeoDataFrame | None) -> Measurement:
    """Sponge share of the built-up area, from land cover or, without it, from what is drawn."""
    names = "sponge_share", sponge.POTENTIAL_ZH, sponge.POTENTIAL_EN
    if town is None or town.empty:
        return not_measured(names, NO_TOWN)
    options = profile.method.sponge
    units = _units(layers, town)
    surfaces = (
        class_shares(units, layers.landcover)
        if layers.landcover is not None
        else drawn_surfaces(
            units, roofs=or_empty(layers.buildings, layers), green=or_empty(layers.green_areas, layers),
            water=or_empty(layers.water_areas, layers),
        )
    )  # fmt: skip
    rain = layers.rainfall
    measured = sponge.sponge_share(
        units, surfaces, facilities=layers.sponge_facilities,
        curve=None if rain is None else capture_curve(rain, min_rain_mm=options.min_rain_mm),
        alpha_target_percent=options.alpha_target_percent,
    )  # fmt: skip
    drawn = ["buildings", "green_areas", "water_areas"] if layers.landcover is None else ["landcover"]
    return sourced(
        measured, layers, profile, [*drawn, "rainfall", "sponge_facilities", "sponge_units", "streets"]
    )


def _units(layers: CountyLayers, town: GeoDataFrame) -> GeoDataFrame:
    """The user's drainage units within the built-up area, else blocks between streets and rivers."""
    if layers.sponge_units is not None:
        return own_units(layers.sponge_units, built_up=town)
    streets = or_empty(layers.streets, layers)
    if "kind" in streets:
        streets = streets[streets["kind"].isin(BLOCK_STREETS)]
    return drainage_blocks(town, [streets, *present(layers, ["waterways", "railways"])])
