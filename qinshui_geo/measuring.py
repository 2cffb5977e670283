"""Calls the indicators in order, each with the layers and options that it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import shapely
from geopandas import GeoDataFrame

from qinshui_geo.indicators import green_cover, greenways, parks, population, services, sponge
from qinshui_geo.indicators.built_up import TOWN_GREEN, built_up_area, built_up_patches
from qinshui_geo.indicators.design_rainfall import capture_curve
from qinshui_geo.indicators.drainage_units import drainage_blocks
from qinshui_geo.indicators.surfaces import drawn_surfaces
from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Confidence, Measurement, Note, Provenance
from qinshui_geo.profile import CountyProfile
from qinshui_geo.reading import TEMPORARY_RESIDENTS
from qinshui_geo.zonal import class_shares

BLOCK_STREETS = frozenset({
    "motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential",
    "living_street", "road",
})  # fmt: skip
"""Streets that part one drainage block from the next."""

_RASTERS = frozenset({"landcover", "ndvi", "population"})

_NO_TOWN = Note(
    "没有建成区范围,无法计算:请先提供建筑物、建设用地或地表覆盖数据",
    "no built-up area, so no figure: bring buildings, built-up land or land cover first",
)


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
    found = {"built_up_area": _built_up(layers, profile)}
    town = found["built_up_area"].features
    say("town_population")
    found["town_population"] = _population(layers, profile, town)
    quantity = found["town_population"].quantity
    persons = None if quantity is None or quantity.value == 0 else quantity.value
    say("park_area_per_capita")
    found["park_area_per_capita"] = _resting_on(
        _parks(layers, profile, town, persons), found["town_population"], found["built_up_area"]
    )
    say("green_coverage")
    found["green_coverage"] = _resting_on(_green(layers, profile, town), found["built_up_area"])
    say("sponge_share")
    found["sponge_share"] = _resting_on(_sponge(layers, profile, town), found["built_up_area"])
    say("greenway_connectivity")
    found["greenway_connectivity"] = _greenways(layers, profile, town, persons)
    say("services")
    found["charging_coverage"] = _charging(layers, profile)
    found["eldercare_coverage"] = _eldercare(layers, profile)
    return found


def _built_up(layers: CountyLayers, profile: CountyProfile) -> Measurement:
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
    return _sourced(measured, layers, profile, [*used, *(["landcover"] if landcover is not None else [])])


def _town_land(layers: CountyLayers, names: list[str]) -> Iterator[GeoDataFrame]:
    """The layers that are there: of green areas only parks and squares, the others whole."""
    for name in names:
        frame: GeoDataFrame | None = getattr(layers, name)
        if frame is not None:
            yield frame[frame["kind"].isin(TOWN_GREEN)] if name == "green_areas" else frame


def _population(layers: CountyLayers, profile: CountyProfile, town: GeoDataFrame | None) -> Measurement:
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
    measured = _sourced(measured, layers, profile, ["population"] if "raster" in measured.details else [])
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


def _parks(
    layers: CountyLayers, profile: CountyProfile, town: GeoDataFrame | None, persons: float | None
) -> Measurement:
    names = "park_area_per_capita", parks.NAME_ZH, parks.NAME_EN
    if layers.green_areas is None or town is None or town.empty:
        return _not_measured(names, _NO_TOWN if layers.green_areas is not None else _bring("green_areas"))
    measured = parks.park_area_per_capita(
        layers.green_areas, built_up=town, population=persons, water=layers.water_areas,
        min_strip_m=profile.method.parks.min_strip_m,
    )  # fmt: skip
    return _sourced(measured, layers, profile, ["green_areas"])


def _green(layers: CountyLayers, profile: CountyProfile, town: GeoDataFrame | None) -> Measurement:
    names = "green_coverage", green_cover.NAME_ZH, green_cover.NAME_EN
    if town is None or town.empty:
        return _not_measured(names, _NO_TOWN)
    measured = green_cover.green_coverage(
        town, ndvi=layers.ndvi, landcover=layers.landcover,
        ndvi_threshold=profile.method.green.ndvi_threshold,
    )  # fmt: skip
    return _sourced(measured, layers, profile, ["ndvi", "landcover"])


def _sponge(layers: CountyLayers, profile: CountyProfile, town: GeoDataFrame | None) -> Measurement:
    names = "sponge_share", sponge.POTENTIAL_ZH, sponge.POTENTIAL_EN
    if town is None or town.empty:
        return _not_measured(names, _NO_TOWN)
    options = profile.method.sponge
    units = _units(layers, town)
    surfaces = (
        class_shares(units, layers.landcover)
        if layers.landcover is not None
        else drawn_surfaces(
            units, roofs=_or_empty(layers.buildings, layers), green=_or_empty(layers.green_areas, layers),
            water=_or_empty(layers.water_areas, layers),
        )
    )  # fmt: skip
    rain = layers.rainfall
    measured = sponge.sponge_share(
        units, surfaces, facilities=layers.sponge_facilities,
        curve=None if rain is None else capture_curve(rain, min_rain_mm=options.min_rain_mm),
        alpha_target_percent=options.alpha_target_percent,
    )  # fmt: skip
    drawn = ["buildings", "green_areas", "water_areas"] if layers.landcover is None else ["landcover"]
    return _sourced(measured, layers, profile, [*drawn, "rainfall", "sponge_facilities", "streets"])


def _units(layers: CountyLayers, town: GeoDataFrame) -> GeoDataFrame:
    """The user's drainage units within the built-up area, else blocks between streets and rivers."""
    if layers.sponge_units is not None:
        outline = shapely.union_all(town.geometry.to_numpy())
        units = layers.sponge_units.copy()
        units = units.set_geometry(shapely.intersection(units.geometry.to_numpy(), outline))
        units = units[units.geometry.area > 0].reset_index(drop=True)
        return units.assign(unit_id=range(1, len(units) + 1))
    streets = _or_empty(layers.streets, layers)
    if "kind" in streets:
        streets = streets[streets["kind"].isin(BLOCK_STREETS)]
    return drainage_blocks(town, [streets, *_present(layers, ["waterways", "railways"])])


def _greenways(
    layers: CountyLayers, profile: CountyProfile, town: GeoDataFrame | None, persons: float | None
) -> Measurement:
    names = "greenway_connectivity", greenways.NAME_ZH, greenways.NAME_EN
    if layers.paths is None:
        return _not_measured(names, _bring("paths"))
    options, paths = profile.method.greenways, layers.paths
    if town is not None and not town.empty:
        paths = greenways.near_town(paths, built_up=town)
    classified = greenways.classify_greenways(paths, green_or_water=_places(layers), along_m=options.along_m)
    measured = greenways.greenway_connectivity(classified, snap_m=options.snap_m, population=persons)
    return _sourced(measured, layers, profile, ["paths", "green_areas", "water_areas"])


def _places(layers: CountyLayers) -> GeoDataFrame:
    """Parks, water areas and waterways: what a path must lie along to be a greenway."""
    shapes = [frame.geometry.to_numpy() for frame in _present(layers, ["water_areas", "waterways"])]
    if layers.green_areas is not None:
        green = layers.green_areas
        shapes.append(green.geometry[green["kind"].isin(parks.PARK_KINDS | {"nature_reserve"})].to_numpy())
    return GeoDataFrame(geometry=[shape for part in shapes for shape in part], crs=layers.crs)


def _charging(layers: CountyLayers, profile: CountyProfile) -> Measurement:
    measured = services.charging_coverage(
        _or_empty(layers.streets, layers), _or_empty(layers.pois, layers),
        reach_m=profile.method.services.charging_reach_m,
    )  # fmt: skip
    return _sourced(measured, layers, profile, ["streets", "pois"])


def _eldercare(layers: CountyLayers, profile: CountyProfile) -> Measurement:
    measured = services.eldercare_coverage(
        _or_empty(layers.townships, layers), _or_empty(layers.pois, layers)
    )
    return _sourced(measured, layers, profile, ["townships", "pois"])


def _present(layers: CountyLayers, names: Iterable[str]) -> list[GeoDataFrame]:
    frames = (getattr(layers, name) for name in names)
    return [frame for frame in frames if frame is not None]


def _or_empty(frame: GeoDataFrame | None, layers: CountyLayers) -> GeoDataFrame:
    return GeoDataFrame({"kind": []}, geometry=[], crs=layers.crs) if frame is None else frame


def _sourced(
    measured: Measurement, layers: CountyLayers, profile: CountyProfile, names: Iterable[str]
) -> Measurement:
    """The measurement with the provenance and reservations of its layers, and how far to trust it."""
    used = [name for name in names if getattr(layers, name) is not None]
    sources = tuple(dict.fromkeys(layers.provenance[name] for name in used if name in layers.provenance))
    notes = tuple(note for name in used for note in layers.notes.get(name, ()))
    trust = None if measured.quantity is None else _confidence(used, profile)
    return replace(
        measured, sources=sources, confidence=trust, notes=(*measured.notes, *notes, *_osm_only(used, trust))
    )


def _resting_on(measured: Measurement, *others: Measurement) -> Measurement:
    """The measurement with the sources of those that it divides by or looks within."""
    if measured.quantity is None:
        return measured
    further = (source for other in others for source in other.sources)
    return replace(measured, sources=tuple(dict.fromkeys([*measured.sources, *further])))


def _confidence(used: list[str], profile: CountyProfile) -> Confidence:
    """High on the user's own layers, medium with a raster of published accuracy, low on OSM alone."""
    if any(name in profile.sources.vectors for name in used):
        return "high"
    return "medium" if _RASTERS.intersection(used) else "low"


def _osm_only(used: list[str], trust: Confidence | None) -> tuple[Note, ...]:
    if trust != "low":
        return ()
    return (
        Note(
            "仅据 OSM:中国城市用地完整度中位数为 21.9%(doi 10.1177/23998083251341667),县城更低",
            "from OpenStreetMap alone: median land-use completeness in Chinese cities is 21.9 % "
            "(doi 10.1177/23998083251341667), in county towns less",
        ),
    )


def _not_measured(names: tuple[str, str, str], note: Note) -> Measurement:
    indicator, name_zh, name_en = names
    return Measurement(indicator, None, name_zh, name_en, notes=(note,))


def _bring(layer: str) -> Note:
    return Note(
        f"没有 {layer} 图层:请提供 OSM 数据(--osm)或自有图层",
        f"no layer {layer}: bring an OSM extract (--osm) or a layer of your own",
    )
