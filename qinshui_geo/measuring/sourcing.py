"""What a measurement rests on: the layers that are there, their provenance, and how far to trust it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from geopandas import GeoDataFrame

from qinshui_geo.layers import CountyLayers
from qinshui_geo.measurement import Confidence, Measurement, Note
from qinshui_geo.profile import CountyProfile

NO_TOWN = Note(
    "没有建成区范围,无法计算:请先提供建筑物、建设用地或地表覆盖数据",
    "no built-up area, so no figure: bring buildings, built-up land or land cover first",
)

_RASTERS = frozenset({"landcover", "ndvi", "population", "built_fraction"})


def sourced(
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


def resting_on(measured: Measurement, *others: Measurement) -> Measurement:
    """The measurement with the sources of those that it divides by or looks within."""
    if measured.quantity is None:
        return measured
    further = (source for other in others for source in other.sources)
    return replace(measured, sources=tuple(dict.fromkeys([*measured.sources, *further])))


def not_measured(names: tuple[str, str, str], note: Note) -> Measurement:
    """Measurement without a figure, and the note that says why."""
    indicator, name_zh, name_en = names
    return Measurement(indicator, None, name_zh, name_en, notes=(note,))


def bring(layer: str) -> Note:
    """Note that a layer is missing, and how to bring it."""
    return Note(
        f"没有 {layer} 图层:请提供 OSM 数据(--osm)或自有图层",
        f"no layer {layer}: bring an OSM extract (--osm) or a layer of your own",
    )


def present(layers: CountyLayers, names: Iterable[str]) -> list[GeoDataFrame]:
    """The layers of these names that have a source."""
    frames = (getattr(layers, name) for name in names)
    return [frame for frame in frames if frame is not None]


def or_empty(frame: GeoDataFrame | None, layers: CountyLayers) -> GeoDataFrame:
    """The layer, or an empty one where there is no source."""
    return GeoDataFrame({"kind": []}, geometry=[], crs=layers.crs) if frame is None else frame


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
