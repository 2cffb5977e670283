"""How the features of a map layer are told apart: symbols, classes, and what belongs to which.

Colours are those of Okabe and Ito, which colour-blind readers tell apart; classes also differ in
dash and weight. Graded layers take ColorBrewer's ramps YlOrBr and YlGn, which stay apart likewise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

BLUE, GREEN, ORANGE, VERMILLION, PURPLE = "#0072B2", "#009E73", "#E69F00", "#D55E00", "#CC79A7"
INK, GREY, PALE_GREY, WATER = "#333333", "#777777", "#bdbdbd", "#9ecae1"
SKY, YELLOW = "#56B4E9", "#F0E442"

Choice = Callable[["GeoDataFrame"], "pd.Series[bool]"]


@dataclass(frozen=True, slots=True)
class Symbol:
    """How the features of one class are drawn, in Leaflet's path options."""

    colour: str
    weight: float = 1.0
    fill: float = 0.0
    dash: str = ""
    opacity: float = 1.0
    outline: str = ""

    @property
    def stroke(self) -> str:
        """Colour of the outline, that of the fill unless another is given."""
        return self.outline or self.colour

    def path_options(self) -> dict[str, Any]:
        """Options of a Leaflet path."""
        return {
            "color": self.stroke, "weight": self.weight, "opacity": self.opacity, "dashArray": self.dash,
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
    shown : bool
        Drawn when the page opens; the others wait to be switched on.
    """

    key: str
    classes: tuple[MapClass, ...]
    fields: Mapping[str, str] = field(default_factory=dict)
    shown: bool = True


def everything(frame: GeoDataFrame) -> pd.Series[bool]:
    """Every row."""
    return pd.Series(True, index=frame.index)


def of_dimension(dimension: int) -> Choice:
    """Rows whose shape is a point (0), line (1) or area (2)."""
    return lambda frame: pd.Series(shapely.get_dimensions(frame.geometry) == dimension, index=frame.index)


def flag(column: str, wanted: bool) -> Choice:
    """Rows whose nullable truth value is known and as wanted."""
    return lambda frame: (frame[column].astype("boolean") == wanted).fillna(False).astype(bool)


def unknown(column: str) -> Choice:
    """Rows without a value."""
    return lambda frame: pd.Series(frame[column].isna(), index=frame.index)


def both(first: Choice, second: Choice) -> Choice:
    """Rows that both choices take."""
    return lambda frame: first(frame) & second(frame)


def negated(choice: Choice) -> Choice:
    """Rows that the choice does not take."""
    return lambda frame: ~choice(frame)


def between(column: str, low: float, high: float) -> Choice:
    """Rows whose known number is at least ``low`` and below ``high``."""

    def takes(frame: GeoDataFrame) -> pd.Series[bool]:
        numbers: pd.Series[float] = frame[column].astype("float64")
        return (numbers >= low) & (numbers < high)

    return takes


def grades(column: str, edges: Sequence[float], colours: Sequence[str]) -> tuple[MapClass, ...]:
    """Classes of a number between neighbouring edges, the last without an upper end."""
    ends = (*edges[1:], math.inf)
    return tuple(
        MapClass(
            f"{column}_{low:g}", Symbol(colour, 0.6, fill=0.65, outline=GREY), between(column, low, high)
        )
        for low, high, colour in zip(edges, ends, colours, strict=True)
    )
