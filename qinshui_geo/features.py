"""Map features as GeoJSON that is small and harmless: simplified, rounded, every text escaped."""

from __future__ import annotations

import html
import json
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from qinshui_geo.texts import Lang, figure, term, words

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

SIMPLIFY_M = 1.5
"""Largest distance by which a drawn line may leave the measured one, in metres."""

DECIMALS = 6
"""Decimals of degrees in the page; 0.1 m."""

LONGEST_TEXT = 120
NOTHING = "–"
TERM = "term"


def shortened(value: object) -> str:
    """Text of the data cut to a length that fits a popup or a cell, without control characters.

    Examples
    --------
    >>> shortened("a" * 200) == "a" * 120 + "…"
    True
    """
    whole = str(value)
    cut = whole if len(whole) <= LONGEST_TEXT else whole[:LONGEST_TEXT] + "…"
    return "".join(sign for sign in cut if unicodedata.category(sign) not in ("Cc", "Cs"))


def plain_text(value: object) -> str:
    """Text of the data made safe for a popup: shortened and escaped.

    The brace is escaped too, since folium reads its own script once more as a template.

    Examples
    --------
    >>> plain_text("<script>{{1}}")
    '&lt;script&gt;&#123;&#123;1}}'
    """
    return html.escape(shortened(value)).replace("{", "&#123;")


def feature_collection(frame: GeoDataFrame, fields: Mapping[str, str], lang: Lang) -> dict[str, Any]:
    """GeoJSON in WGS84 of a layer, with the popup's texts as properties.

    Parameters
    ----------
    frame : GeoDataFrame
        Features in a metric CRS, each with a shape.
    fields : Mapping of str to str
        Columns to show, each with its unit, ``term`` for words of the data or nothing for text;
        a column that the layer lacks is shown as unknown.
    lang : {'zh', 'en'}
        Language of the texts.
    """
    columns = [_column_texts(frame, name, unit, lang) for name, unit in fields.items()]
    properties = (dict(zip(fields, texts, strict=True)) for texts in zip(*columns, strict=True))
    shapes = degrees(frame)
    return _collection(shapes, list(properties) if columns else [{}] * len(shapes))


def merged_collection(frame: GeoDataFrame) -> dict[str, Any]:
    """GeoJSON in WGS84 of a layer without popups: all lines as one feature, each polygon as its own."""
    parts = shapely.get_parts(degrees(frame))
    is_line = shapely.get_dimensions(parts) == 1
    shapes = [shapely.MultiLineString(list(parts[is_line]))] if is_line.any() else []
    shapes += list(parts[~is_line])
    return _collection(shapes, [{}] * len(shapes))


def _collection(shapes: Iterable[shapely.Geometry], properties: list[dict[str, str]]) -> dict[str, Any]:
    features = [
        {"type": "Feature", "id": str(count), "properties": texts, "geometry": json.loads(shape)}
        for count, (shape, texts) in enumerate(zip(shapely.to_geojson(list(shapes)), properties, strict=True))
    ]
    return {"type": "FeatureCollection", "features": features}


def degrees(frame: GeoDataFrame) -> Any:
    """Shapes of a metric layer in WGS84, simplified by 1.5 m and rounded to six decimals."""
    simple = frame.geometry.simplify(SIMPLIFY_M).to_crs(4326)
    rounded: Any = shapely.transform(simple.to_numpy(), lambda lonlat: np.round(lonlat, DECIMALS))
    return rounded


def _column_texts(frame: GeoDataFrame, name: str, unit: str, lang: Lang) -> list[str]:
    localised = f"{name}_zh" if lang == "zh" and f"{name}_zh" in frame.columns else name
    if localised not in frame.columns:
        return [NOTHING] * len(frame)
    return [_value_text(value, unit, lang) for value in frame[localised]]


def _value_text(value: Any, unit: str, lang: Lang) -> str:
    if pd.isna(value) or value == "":
        return NOTHING
    if isinstance(value, (bool, np.bool_)):
        return words("phrase", lang)["yes" if value else "no"]
    if isinstance(value, str):
        return f"<bdi>{plain_text(term('term', value, lang) if unit == TERM else value)}</bdi>"
    return html.escape(figure(float(value), unit, lang) if unit else f"{value:.15g}")
