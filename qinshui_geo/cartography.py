"""What the map draws: its layers, their classes and colours, and the rows of their popups.

Colours are those of Okabe and Ito, which colour-blind readers tell apart; classes also differ in
dash and weight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from qinshui_geo.county import CountyResult
from qinshui_geo.features import TERM

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

BLUE, GREEN, ORANGE, VERMILLION, PURPLE = "#0072B2", "#009E73", "#E69F00", "#D55E00", "#CC79A7"
INK, GREY, PALE_GREY, WATER = "#333333", "#777777", "#bdbdbd", "#9ecae1"

Choice = Callable[["GeoDataFrame"], "pd.Series[bool]"]


@dataclass(frozen=True, slots=True)
class Symbol:
    """How the features of one class are drawn, in Leaflet's path options."""

    colour: str
    weight: float = 1.0
    fill: float = 0.0
    dash: str = ""
    opacity: float = 1.0

    def path_options(self) -> dict[str, Any]:
        """Options of a Leaflet path."""
        return {
            "color": self.colour, "weight": self.weight, "opacity": self.opacity, "dashArray": self.dash,
            "fill": self.fill > 0, "fillColor": self.colour, "fillOpacity": self.fill,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class MapClass:
    """One entry of a layer's legend: which features it takes and how they look."""

    key: str
    symbol: Symbol
    takes: Choice
    line: bool = False


@dataclass(frozen=True, slots=True)
class MapLayer:
    """One toggle of the map: its classes in drawing order, and its popup.

    Parameters
    ----------
    key : str
        Key of the title in the table of words.
    classes : tuple of MapClass
        Classes; a feature is drawn once for each that takes it.
    fields : Mapping of str to str
        Columns of the popup, in order, each as in :func:`qinshui_geo.features.feature_collection`.
    """

    key: str
    classes: tuple[MapClass, ...]
    fields: Mapping[str, str] = field(default_factory=dict)


def _everything(frame: GeoDataFrame) -> pd.Series[bool]:
    return pd.Series(True, index=frame.index)


def _of_dimension(dimension: int) -> Choice:
    return lambda frame: pd.Series(shapely.get_dimensions(frame.geometry) == dimension, index=frame.index)


def _flag(column: str, wanted: bool) -> Choice:
    """Rows whose nullable truth value is known and as wanted."""
    return lambda frame: (frame[column].astype("boolean") == wanted).fillna(False).astype(bool)


def _unknown(column: str) -> Choice:
    return lambda frame: pd.Series(frame[column].isna(), index=frame.index)


def _greenway(in_largest: bool) -> Choice:
    return lambda frame: _flag("in_largest", in_largest)(frame) & ~_candidate(frame)


def _candidate(frame: GeoDataFrame) -> pd.Series[bool]:
    candidate = (frame["greenway_class"] == "candidate").fillna(False).astype(bool)
    return pd.Series(candidate, index=frame.index)


LAYERS = (
    MapLayer("county", (MapClass("county", Symbol(GREY, 2.0, dash="10 4 2 4"), _everything, line=True),)),
    MapLayer(
        "water",
        (
            MapClass("water", Symbol(WATER, 1.0, fill=0.7), _of_dimension(2)),
            MapClass("river", Symbol(WATER, 2.0), _of_dimension(1), line=True),
        ),
    ),
    MapLayer("streets", (MapClass("streets", Symbol(PALE_GREY, 1.0), _everything, line=True),)),
    MapLayer("railways", (MapClass("railways", Symbol(INK, 1.4, dash="7 5"), _everything, line=True),)),
    MapLayer(
        "built_up",
        (
            MapClass("other_piece", Symbol(INK, 1.2, fill=0.05, dash="3 3"), _flag("holds_seat", False)),
            MapClass("seat_piece", Symbol(INK, 2.2, fill=0.05), _flag("holds_seat", True)),
        ),
        {"piece": "", "area_ha": "ha", "holds_seat": ""},
    ),
    MapLayer(
        "sponge_units",
        (
            MapClass("unknown_unit", Symbol(GREY, 0.7, fill=0.25, dash="2 3"), _unknown("compliant")),
            MapClass("not_compliant", Symbol(ORANGE, 0.7, fill=0.45), _flag("compliant", False)),
            MapClass("compliant", Symbol(BLUE, 0.7, fill=0.45), _flag("compliant", True)),
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
            MapClass("not_counted", Symbol(GREEN, 1.0, fill=0.12, dash="4 3"), _flag("counted", False)),
            MapClass("counted", Symbol(GREEN, 1.0, fill=0.75), _flag("counted", True)),
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
        (MapClass("link", Symbol(VERMILLION, 4.0, dash="2 7"), _everything, line=True),),
        {"name": "", "length_m": "m", "from_component": "", "to_component": ""},
    ),
)  # fmt: skip
"""The layers of the map, in drawing order."""


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
