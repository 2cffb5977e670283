"""Assembles the layers of the built-up area and of the town's population."""

from __future__ import annotations

from dataclasses import replace

from geopandas import GeoDataFrame

from qinshui_geo.indicators import population
from qinshui_geo.indicators.built_up import measured_growth
from qinshui_geo.indicators.built_up_sources import agreement, area_by_source, grown_alone
from qinshui_geo.indicators.growth_graph import growth_graph
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement, Note, Provenance
from qinshui_geo.measuring.built_up_range import built_up_swings, reach_m
from qinshui_geo.measuring.sourcing import sourced
from qinshui_geo.measuring.town_land import TownLand, town_land
from qinshui_geo.method import BuiltUpMethod
from qinshui_geo.profile import CountyProfile
from qinshui_geo.reading import TEMPORARY_RESIDENTS
from qinshui_geo.sensitivity import envelope


def measure_built_up(layers: CountyLayers, profile: CountyProfile) -> Measurement:
    """From the user's land survey where given, else from vectors and a raster together.

    With its range and the figure of each source alone. What only stands beside it is added by
    :func:`~qinshui_geo.measuring.built_up_checks.with_checks`, so that other figures do not name its sources.
    """
    options = profile.method.built_up
    land = town_land(layers, options)
    graph = growth_graph(land.patches(), seat=layers.seat, reach_m=reach_m(options))
    measured = measured_growth(graph, link_m=options.link_m, min_patch_ha=options.min_patch_ha)
    measured = sourced(measured, layers, profile, land.used)
    if measured.quantity is not None:
        swings = built_up_swings(land, graph, layers, options)
        measured = replace(measured, swings=swings, range=envelope(measured.quantity, swings))
    return _with_variants(measured, land, layers, options)


def _with_variants(
    measured: Measurement, land: TownLand, layers: CountyLayers, options: BuiltUpMethod
) -> Measurement:
    """Beside the figure that of each source alone, where there is more than one."""
    town = measured.features
    if len(land.widened) < 2 or town is None or town.empty:
        return measured
    patches = {name: land.patches(name) for name in land.widened}
    alone = grown_alone(patches, seat=layers.seat, link_m=options.link_m, min_patch_ha=options.min_patch_ha)
    details = {**measured.details, **agreement(alone)}
    if len(land.central) == 2:
        vector, raster = land.central
        details |= area_by_source(town, vector=patches[vector], raster=patches[raster])
    return replace(measured, details=details)


def measure_population(
    layers: CountyLayers, profile: CountyProfile, town: GeoDataFrame | None
) -> Measurement:
    """Town population: official figure first, raster within the built-up area second."""
    official, own = layers.statistics.get("town_population"), profile.population.town_resident
    temporary, own_temporary = (
        layers.statistics.get(TEMPORARY_RESIDENTS),
        profile.population.town_temporary,
    )
    resident = official.quantity.value if official else (own.value if own else None)
    staying = temporary.quantity.value if temporary else (own_temporary.value if own_temporary else None)
    measured = population.town_population(
        town, resident=resident, temporary=staying, raster=layers.population
    )
    measured = sourced(measured, layers, profile, ["population"] if "raster" in measured.details else [])
    if resident is None:
        return replace(measured, notes=(*measured.notes, *_urban_note(profile)))
    origin = official.provenance if official else _stated(profile)
    return replace(measured, sources=(origin, *measured.sources), confidence="high")


def _urban_note(profile: CountyProfile) -> tuple[Note, ...]:
    """The census' urban residents of the whole county are at hand, and are not the town's."""
    urban = profile.population.county_urban
    if urban is None:
        return ()
    return (
        Note(
            f"全县城镇人口 {urban.value:,.0f} 人({urban.year},{urban.source})为各镇合计,不能当作县城人口",
            f"the county's {urban.value:,.0f} urban residents ({urban.year}, {urban.source}) live in all "
            "towns together and are not taken for the town's",
        ),
    )


def _stated(profile: CountyProfile) -> Provenance:
    figure = profile.population.town_resident
    assert figure is not None
    return Provenance("town_population", figure.source, as_of=str(figure.year), synthetic=profile.synthetic)
