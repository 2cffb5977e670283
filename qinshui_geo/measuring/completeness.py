"""Assembles the completeness of the map, and holds the figures that rest on the map against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from geopandas import GeoDataFrame

from qinshui_geo.grid import Grid
from qinshui_geo.indicators import completeness
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement, Note
from qinshui_geo.measuring.sourcing import NO_TOWN, bring, not_measured, or_empty, sourced
from qinshui_geo.profile import CountyProfile

RESTS_ON: Mapping[str, tuple[str, ...]] = {
    "park_area_per_capita": ("green_areas",),
    "park_service_coverage": ("green_areas", "built_land"),
    "green_land_ratio": ("green_areas",),
    "sponge_share": ("buildings", "green_areas", "water_areas"),
    "greenway_connectivity": ("paths",),
}
"""Layers of OpenStreetMap that a figure cannot do without, by indicator.

The built-up area is not among them: it is also grown from the source that the map is held against, which
has what is not drawn; from the map alone it is of low confidence anyway."""

_NO_SOURCE = Note(
    "没有独立的建设用地数据,地图完整度未知:请提供 --landcover、GHS-BUILT-S 或国土调查图斑",
    "no independent built-up land, so the completeness of the map is not known: bring --landcover, "
    "GHS-BUILT-S or land-survey patches",
)


def measure_completeness(
    layers: CountyLayers, profile: CountyProfile, town: GeoDataFrame | None
) -> Measurement:
    """Completeness of buildings and built-up land on the map, around the built-up area."""
    names = "osm_completeness", completeness.NAME_ZH, completeness.NAME_EN
    if layers.buildings is None and layers.built_land is None:
        return not_measured(names, bring("buildings"))
    if town is None or town.empty:
        return not_measured(names, NO_TOWN)
    source, independent = _independent(layers)
    if independent is None:
        return not_measured(names, _NO_SOURCE)
    options = profile.method.completeness
    measured = completeness.osm_completeness(
        town, buildings=or_empty(layers.buildings, layers), built_land=or_empty(layers.built_land, layers),
        independent=independent, cell_m=options.cell_m, min_share_percent=options.min_share_percent,
    )  # fmt: skip
    return sourced(measured, layers, profile, ["buildings", "built_land", source])


def _independent(layers: CountyLayers) -> tuple[str, GeoDataFrame | Grid | None]:
    """Built-up land that owes nothing to OpenStreetMap: survey, land cover, or the newest GHS-BUILT-S."""
    if layers.land_survey is not None:
        return "land_survey", layers.land_survey
    if layers.landcover is not None:
        return "landcover", layers.landcover
    if layers.built_fraction:
        return "built_fraction", layers.built_fraction[max(layers.built_fraction)]
    return "", None


def held_to_completeness(
    found: Mapping[str, Measurement], layers: CountyLayers, profile: CountyProfile
) -> dict[str, Measurement]:
    """The measurements, those with incomplete inputs marked low in confidence, with a note."""
    quantity = found["osm_completeness"].quantity
    least = profile.method.completeness.min_share_percent
    if quantity is None or quantity.value >= least:
        return dict(found)
    note = Note(
        f"地图完整度仅 {quantity.value:.0f} %,低于 {least:g} %,可信度降为低",
        f"the map is {quantity.value:.0f} % complete, under {least:g} %: marked low in confidence",
    )
    return {key: _lowered(m, note) if _on_osm(key, layers, profile) else m for key, m in found.items()}


def _on_osm(indicator: str, layers: CountyLayers, profile: CountyProfile) -> bool:
    """Whether the figure rests on a layer that OpenStreetMap gave, not the user."""
    if indicator == "sponge_share" and layers.landcover is not None:
        return False
    names = (name for name in RESTS_ON.get(indicator, ()) if getattr(layers, name) is not None)
    return any(name not in profile.sources.vectors for name in names)


def _lowered(measured: Measurement, note: Note) -> Measurement:
    if measured.quantity is None:
        return measured
    return replace(measured, confidence="low", notes=(*measured.notes, note))
