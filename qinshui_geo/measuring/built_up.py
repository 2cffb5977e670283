"""Assembles the layers of the built-up area and of the town's population."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from geopandas import GeoDataFrame

from qinshui_geo.indicators import population
from qinshui_geo.indicators.built_up import TOWN_GREEN, built_up_area, built_up_patches
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Measurement, Note, Provenance
from qinshui_geo.measuring.sourcing import sourced
from qinshui_geo.profile import CountyProfile
from qinshui_geo.reading import TEMPORARY_RESIDENTS


def measure_built_up(layers: CountyLayers, profile: CountyProfile) -> Measurement:
    """From the user's land survey where given, else from vectors and land cover together."""
    options = profile.method.built_up
    used = ["land_survey"] if layers.land_survey is not None else ["buildings", "built_land", "green_areas"]
    landcover = None if layers.land_survey is not None else layers.landcover
    patches = built_up_patches(
        [GeoDataFrame(geometry=[], crs=layers.crs), *_town_land(layers, used)], landcover=landcover,
        close_m=0 if layers.land_survey is not None else options.close_m,
    )  # fmt: skip
    measured = built_up_area(
        patches, seat=layers.seat, link_m=options.link_m, min_patch_ha=options.min_patch_ha
    )
    return sourced(measured, layers, profile, [*used, *(["landcover"] if landcover is not None else [])])


def _town_land(layers: CountyLayers, names: list[str]) -> Iterator[GeoDataFrame]:
    """The layers that are there: of green areas only parks and squares, the others whole."""
    for name in names:
        frame: GeoDataFrame | None = getattr(layers, name)
        if frame is not None:
            yield frame[frame["kind"].isin(TOWN_GREEN)] if name == "green_areas" else frame


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
