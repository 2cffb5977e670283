"""Calls the indicators in order, each with the layers and options that it needs."""

from __future__ import annotations

from collections.abc import Callable

from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement
from qinshui_geo.measuring.built_up import measure_built_up, measure_population
from qinshui_geo.measuring.built_up_checks import with_checks
from qinshui_geo.measuring.completeness import held_to_completeness, measure_completeness
from qinshui_geo.measuring.green import measure_green, measure_green_land
from qinshui_geo.measuring.greenways import measure_greenways
from qinshui_geo.measuring.joint import with_joint_ranges
from qinshui_geo.measuring.parks import measure_parks, measure_service_radius
from qinshui_geo.measuring.range_notes import with_range_notes
from qinshui_geo.measuring.services import measure_charging, measure_eldercare
from qinshui_geo.measuring.sourcing import resting_on
from qinshui_geo.measuring.sponge import measure_sponge
from qinshui_geo.profile import CountyProfile


def measure_indicators(
    layers: CountyLayers,
    profile: CountyProfile,
    *,
    tell: Callable[[str], None] | None = None,
    joint_samples: int = 0,
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
    joint_samples : int
        Samples of the joint range, see :func:`~qinshui_geo.measuring.joint.with_joint_ranges`; 0 for none.
    """
    say = tell or (lambda step: None)
    say("built_up_area")
    outline = measure_built_up(layers, profile)
    found, town = {"built_up_area": with_checks(outline, layers)}, outline.features
    say("town_population")
    found["town_population"] = measure_population(layers, profile, town)
    quantity = found["town_population"].quantity
    persons = None if quantity is None or quantity.value == 0 else quantity.value
    say("park_area_per_capita")
    found["park_area_per_capita"] = resting_on(
        measure_parks(layers, profile, town, persons), found["town_population"], outline
    )
    classified = found["park_area_per_capita"].features
    found["park_service_coverage"] = resting_on(
        measure_service_radius(layers, profile, town, classified), outline
    )
    say("green_coverage")
    found["green_coverage"] = resting_on(measure_green(layers, profile, town), outline)
    found["green_land_ratio"] = resting_on(measure_green_land(layers, profile, town), outline)
    say("sponge_share")
    found["sponge_share"] = resting_on(measure_sponge(layers, profile, town), outline)
    say("greenway_connectivity")
    found["greenway_connectivity"] = measure_greenways(layers, profile, town, persons)
    say("services")
    found["charging_coverage"] = measure_charging(layers, profile)
    found["eldercare_coverage"] = measure_eldercare(layers, profile)
    found["osm_completeness"] = measure_completeness(layers, profile, town)
    found = {name: with_range_notes(measured) for name, measured in found.items()}
    found = with_joint_ranges(found, layers, profile, samples=joint_samples)
    return held_to_completeness(found, layers, profile)
