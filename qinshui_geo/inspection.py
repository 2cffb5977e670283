"""Says in words what the layers of a county hold, for a look before measuring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Literal

import pandas as pd
from geopandas import GeoDataFrame

from qinshui_geo.grid import Grid
from qinshui_geo.layers import CountyLayers

_NOT_LAYERS = frozenset({"crs", "seat", "statistics", "provenance", "notes"})


def describe_layers(layers: CountyLayers, *, lang: Literal["zh", "en"] = "zh") -> Iterator[str]:
    """One line per layer: what it holds and where it came from, then its reservations.

    Parameters
    ----------
    layers : CountyLayers
        What was read.
    lang : {'zh', 'en'}
        Language of the reservations.
    """
    yield f"CRS: {layers.crs.to_string()} ({layers.crs.name})"
    for item in fields(layers):
        if item.name not in _NOT_LAYERS:
            yield f"{item.name:18} {_content(getattr(layers, item.name))}{_origin(layers, item.name)}"
    yield f"{'statistics':18} {len(layers.statistics)}{_origin(layers, 'statistics')}"
    for name, notes in layers.notes.items():
        for note in notes:
            yield f"  {name}: {note.zh if lang == 'zh' else note.en}"


def _content(layer: Any) -> str:
    if layer is None or (isinstance(layer, Mapping) and not layer):
        return "-"
    if isinstance(layer, Mapping):
        return "; ".join(f"{year}: {_content(grid)}" for year, grid in layer.items())
    if isinstance(layer, Grid):
        rows, cols = layer.values.shape
        return f"{rows} x {cols} cells, {layer.crs.to_string()}"
    if isinstance(layer, GeoDataFrame):
        return f"{len(layer)} features"
    days: pd.Series[float] = layer
    return f"{len(days)} days, {days.index[0]:%Y-%m-%d} to {days.index[-1]:%Y-%m-%d}"


def _origin(layers: CountyLayers, name: str) -> str:
    known = layers.provenance.get(name)
    if known is None:
        return ""
    synthetic = ", 合成示例 / synthetic" if known.synthetic else ""
    return f"  <- {known.origin} ({known.licence or '?'}, {known.as_of or '?'}{synthetic})"
