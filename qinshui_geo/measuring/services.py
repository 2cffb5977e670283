"""Assembles the roads, townships and facilities of the services near people."""

from __future__ import annotations

from qinshui_geo.indicators import services
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement
from qinshui_geo.measuring.sourcing import or_empty, sourced
from qinshui_geo.profile import CountyProfile


def measure_charging(layers: CountyLayers, profile: CountyProfile) -> Measurement:
    """Charging coverage of the main roads."""
    measured = services.charging_coverage(
        or_empty(layers.streets, layers), or_empty(layers.pois, layers),
        reach_m=profile.method.services.charging_reach_m,
    )  # fmt: skip
    return sourced(measured, layers, profile, ["streets", "pois"])


def measure_eldercare(layers: CountyLayers, profile: CountyProfile) -> Measurement:
    """Eldercare coverage of the townships."""
    measured = services.eldercare_coverage(or_empty(layers.townships, layers), or_empty(layers.pois, layers))
    return sourced(measured, layers, profile, ["townships", "pois"])
