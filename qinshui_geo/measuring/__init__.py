"""Calls the indicators in order, each with the layers and options that it needs."""

from __future__ import annotations

from collections.abc import Callable

from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement
from qinshui_geo.measuring.built_up import measure_built_up, measure_population
from qinshui_geo.measuring.completeness import held_to_completeness, measure_completeness
from qinshui_geo.measuring.green import measure_green, measure_green_land
from qinshui_geo.measuring.greenways import measure_greenways
from qinshui_geo.measuring.parks import measure_parks, measure_service_radius
from qinshui_geo.measuring.services import measure_charging, measure_eldercare
from qinshui_geo.measuring.sourcing import resting_on
from qinshui_geo.measuring.sponge import measure_sponge
from qinshui_geo.profile import CountyProfile


def measure_indicators(
    layers: CountyLayers, profile: CountyProfile, *, tell: Callable[[str], None] | None = None
) -> dict[str, Measurement]:
    """All indicators by id; one that cannot be measured says which layer to bring.

    Parameters
    ----------
    layers : CountyLayers
        See :func:`qinshui_geo.reading.read_layers`.
    profile : CountyProfile
        Population and method options.
    tell : callable, optional
        Called with the id of each indicator as its measurement begins.
    """
    say = tell or (lambda step: None)
    say("built_up_area")
    found = {"built_up_area": measure_built_up(layers, profile)}
    town = found["built_up_area"].features
    say("town_population")
    found["town_population"] = measure_population(layers, profile, town)
    quantity = found["town_population"].quantity
    persons = None if quantity is None or quantity.value == 0 else quantity.value
    say("park_area_per_capita")
    found["park_area_per_capita"] = resting_on(
        measure_parks(layers, profile, town, persons), found["town_population"], found["built_up_area"]
    )
    classified = found["park_area_per_capita"].features
    found["park_service_coverage"] = resting_on(
        measure_service_radius(layers, profile, town, classified), found["built_up_area"]
    )
    say("green_coverage")
    found["green_coverage"] = resting_on(measure_green(layers, profile, town), found["built_up_area"])
    found["green_land_ratio"] = resting_on(measure_green_land(layers, profile, town), found["built_up_area"])
    say("sponge_share")
    found["sponge_share"] = resting_on(measure_sponge(layers, profile, town), found["built_up_area"])
    say("greenway_connectivity")
    found["greenway_connectivity"] = measure_greenways(layers, profile, town, persons)
    say("services")
    found["charging_coverage"] = measure_charging(layers, profile)
    found["eldercare_coverage"] = measure_eldercare(layers, profile)
    found["osm_completeness"] = measure_completeness(layers, profile, town)
    return held_to_completeness(found, layers, profile)
