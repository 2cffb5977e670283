"""What the map draws: its layers with their classes, and the rows of their popups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from qinshui_geo.county import CountyResult
from qinshui_geo.features import TERM
from qinshui_geo.symbols import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PALE_GREY,
    PURPLE,
    SKY,
    VERMILLION,
    WATER,
    YELLOW,
    Choice,
    MapClass,
    MapLayer,
    Symbol,
    between,
    both,
    everything,
    flag,
    grades,
    negated,
    of_dimension,
    unknown,
)  # fmt: skip

if TYPE_CHECKING:
    from geopandas import GeoDataFrame


def _greenway(in_largest: bool) -> Choice:
    return lambda frame: flag("in_largest", in_largest)(frame) & ~_candidate(frame)


def _candidate(frame: GeoDataFrame) -> pd.Series[bool]:
    candidate = (frame["greenway_class"] == "candidate").fillna(False).astype(bool)
    return pd.Series(candidate, index=frame.index)


_SEED: Choice = both(flag("joined", True), between("step", 0, 1))
_NEAR, _WALKS, _TOO_FAR = flag("straight_served", True), flag("walk_served", True), flag("walk_served", False)

LAYERS = (
    MapLayer("county", (MapClass("county", Symbol(GREY, 2.0, dash="10 4 2 4"), everything, line=True),)),
    MapLayer(
        "water",
        (
            MapClass("water", Symbol(WATER, 1.0, fill=0.7), of_dimension(2)),
            MapClass("river", Symbol(WATER, 2.0), of_dimension(1), line=True),
        ),
    ),
    MapLayer("streets", (MapClass("streets", Symbol(PALE_GREY, 1.0), everything, line=True),)),
    MapLayer("railways", (MapClass("railways", Symbol(INK, 1.4, dash="7 5"), everything, line=True),)),
    MapLayer(
        "built_up",
        (
            MapClass("other_piece", Symbol(INK, 1.2, fill=0.05, dash="3 3"), flag("holds_seat", False)),
            MapClass("seat_piece", Symbol(INK, 2.2, fill=0.05), flag("holds_seat", True)),
        ),
        {"piece": "", "area_ha": "ha", "holds_seat": ""},
    ),
    MapLayer(
        "sponge_units",
        (
            MapClass("unknown_unit", Symbol(GREY, 0.7, fill=0.25, dash="2 3"), unknown("compliant")),
            MapClass("not_compliant", Symbol(ORANGE, 0.7, fill=0.45), flag("compliant", False)),
            MapClass("compliant", Symbol(BLUE, 0.7, fill=0.45), flag("compliant", True)),
        ),
        {
            "unit_id": "", "area_ha": "ha", "compliant": "", "reason": "", "phi": "ratio",
            "impervious_percent": "percent", "green_percent": "percent", "water_percent": "percent",
            "unknown_percent": "percent", "required_m3": "m3", "storage_m3": "m3", "alpha_percent": "percent",
        },
    ),
    MapLayer(
        "parks",
        (
            MapClass("not_counted", Symbol(GREEN, 1.0, fill=0.12, dash="4 3"), flag("counted", False)),
            MapClass("counted", Symbol(GREEN, 1.0, fill=0.75), flag("counted", True)),
        ),
        {
            "name": "", "kind": TERM, "class_g1": TERM, "area_ha": "ha", "width_m": "m", "counted": "",
            "counted_ha": "ha", "reason": "", "source_id": "",
        },
    ),
    MapLayer(
        "greenways",
        (
            MapClass("candidate", Symbol(GREY, 1.2, dash="4 4"), _candidate, line=True),
            MapClass("other_network", Symbol(PURPLE, 2.5, dash="8 4"), _greenway(False), line=True),
            MapClass("largest", Symbol("#882255", 3.5), _greenway(True), line=True),
        ),
        {
            "name": "", "kind": TERM, "greenway_class": TERM, "length_m": "m", "in_largest": "",
            "component": "", "reason": "",
        },
    ),
    MapLayer(
        "greenway_links",
        (MapClass("link", Symbol(VERMILLION, 4.0, dash="2 7"), everything, line=True),),
        {"name": "", "length_m": "m", "from_component": "", "to_component": ""},
    ),
    MapLayer(
        "residential_areas",
        (
            MapClass("served", Symbol(BLUE, 0.7, fill=0.5), both(_NEAR, negated(_TOO_FAR))),
            MapClass("straight_only", Symbol(SKY, 0.9, fill=0.5, dash="6 2"), both(_NEAR, _TOO_FAR)),
            MapClass("walking_only", Symbol(YELLOW, 0.9, fill=0.6, dash="1 3"), both(negated(_NEAR), _WALKS)),
            MapClass("underserved", Symbol(VERMILLION, 1.4, 0.55), both(negated(_NEAR), negated(_WALKS))),
        ),
        {
            "name": "", "area_ha": "ha", "persons": "person", "straight_served": "",
            "straight_share_percent": "percent", "walk_served": "", "walk_m": "m", "nearest_park": "",
            "reason": "", "area_id": "",
        },
        shown=False,
    ),
    MapLayer(
        "park_parts",
        (
            MapClass("unknown_part", Symbol(GREY, 1.0, fill=0.2, dash="2 3"), unknown("m2_per_person")),
            *grades("m2_per_person", (0, 8, 14.8), ("#ffffcc", "#78c679", "#006837")),
        ),
        {"name": "", "m2_per_person": "m2/person", "park_ha": "ha", "persons": "person", "area_ha": "ha"},
        shown=False,
    ),
    MapLayer(
        "built_up_patches",
        (
            MapClass("left_out", Symbol(VERMILLION, 1.0, fill=0.15, dash="3 3"), flag("joined", False)),
            MapClass("joined", Symbol(BLUE, 0.8, fill=0.35), both(flag("joined", True), negated(_SEED))),
            MapClass("seed", Symbol("#003a5c", 2.0, fill=0.6), _SEED),
        ),
        {"patch": "", "area_ha": "ha", "joined": "", "reason": "", "step": "", "link_to": "", "link_m": "m"},
        shown=False,
    ),
    MapLayer(
        "built_up_links",
        (MapClass("patch_link", Symbol(INK, 4.0), everything, line=True),),
        {"length_m": "m", "from_patch": "", "to_patch": ""},
        shown=False,
    ),
    MapLayer(
        "completeness",
        (
            MapClass("unknown_cell", Symbol(GREY, 0.5, 0.05, dash="2 3"), unknown("completeness_percent")),
            *grades(
                "completeness_percent", (0, 25, 50, 75, 100),
                ("#993404", "#d95f0e", "#fe9929", "#fed98e", "#ffffd4"),
            ),
        ),
        {
            "completeness_percent": "percent", "osm_building_m2": "m2", "built_land_m2": "m2", "low": "",
            "cell_id": "",
        },
        shown=False,
    ),
)  # fmt: skip
"""The layers of the map, in drawing order; those that explain a figure come last and start off."""


def frame_of(result: CountyResult, layer: MapLayer) -> GeoDataFrame | None:
    """Features of a map layer that have a shape, in the metric CRS; ``None`` where there are none.

    Context (streets, water, railways) is drawn around the opening view only, to keep the page small.
    """
    frame = _with_shape(_whole_frame(result, layer.key))
    if frame is not None and not layer.fields and layer.key != "county":
        frame = frame[frame.intersects(_surroundings(result))]
    return None if frame is None or frame.empty else frame


def view_bounds(result: CountyResult) -> tuple[float, float, float, float]:
    """West, south, east and north of what the map opens on, in the metric CRS.

    The built-up area, else the parks, else the county, else 2 km around the seat.
    """
    for key in ("built_up", "parks", "county"):
        frame = _with_shape(_whole_frame(result, key))
        if frame is not None and not frame.empty:
            west, south, east, north = frame.total_bounds
            return float(west), float(south), float(east), float(north)
    west, south, east, north = result.layers.seat.buffer(2000).bounds
    return west, south, east, north


def _whole_frame(result: CountyResult, key: str) -> GeoDataFrame | None:
    layers = result.layers
    if key == "water":
        known = [frame for frame in (layers.water_areas, layers.waterways) if frame is not None]
        return _stacked(known) if known else None
    frame: GeoDataFrame | None = result.gis_layers.get(key, getattr(layers, key, None))
    return frame


def _with_shape(frame: GeoDataFrame | None) -> GeoDataFrame | None:
    if frame is None:
        return None
    return frame[frame.geometry.notna() & ~frame.geometry.is_empty]


def _stacked(frames: list[GeoDataFrame]) -> GeoDataFrame:
    together: Any = pd.concat([frame[["geometry"]] for frame in frames], ignore_index=True)
    return together


def _surroundings(result: CountyResult, *, margin_m: float = 3000.0) -> shapely.Polygon:
    west, south, east, north = view_bounds(result)
    return shapely.box(west - margin_m, south - margin_m, east + margin_m, north + margin_m)
