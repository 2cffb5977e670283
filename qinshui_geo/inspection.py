"""Says in words what the layers of a county hold and which file to bring, for a look before measuring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from geopandas import GeoDataFrame

from qinshui_geo.grid import Grid
from qinshui_geo.layers import CountyLayers
from qinshui_geo.profile import USUAL_FILES
from qinshui_geo.texts import term, words

_NOT_LAYERS = frozenset({"crs", "seat", "statistics", "provenance", "notes"})
_OWN = frozenset({"land_survey", "sponge_units", "sponge_facilities"})
"""Layers that only the user has."""

_BESIDE = frozenset({"degurba", "built_fraction", "reference_points"})
"""Layers by which a figure is checked; every figure can do without them."""

_FILES: Mapping[str, str] = {
    "county": USUAL_FILES["boundary"][0],
    "built_fraction": "ghs_built_s_<year>.tif",
    **{name: files[0] for name, files in USUAL_FILES.items() if name not in ("osm", "boundary")},
}
"""Usual file of each layer that has one of its own; the others are in the OpenStreetMap file."""


def describe_layers(
    layers: CountyLayers, *, lang: Literal["zh", "en"] = "zh", folder: Path | None = None
) -> Iterator[str]:
    """One line per layer: what it holds and where it came from, then its reservations.

    Parameters
    ----------
    layers : CountyLayers
        What was read.
    lang : {'zh', 'en'}
        Language of the words.
    folder : Path, optional
        Folder into which missing files are to be put.
    """
    said = words("check", lang)
    if folder is not None:
        yield said["folder"].format(folder=folder)
    yield f"CRS: {layers.crs.to_string()} ({layers.crs.name})"
    for item in fields(layers):
        if item.name not in _NOT_LAYERS:
            yield _line(layers, item.name, _content(getattr(layers, item.name), said), lang)
    figures = said["figures"].format(count=len(layers.statistics)) if layers.statistics else None
    yield _line(layers, "statistics", figures, lang)
    for name, notes in layers.notes.items():
        for note in notes:
            yield f"  {name}: {note.zh if lang == 'zh' else note.en}"


def _line(layers: CountyLayers, name: str, content: str | None, lang: Literal["zh", "en"]) -> str:
    found = _missing(layers, name, lang) if content is None else content + _origin(layers, name)
    return f"{name:18} {term('source', name, lang)}: {found}"


def _missing(layers: CountyLayers, name: str, lang: Literal["zh", "en"]) -> str:
    """What to bring for a layer that is not there."""
    said = words("check", lang)
    if name in _OWN:
        return said["bring_own"].format(name=name)
    if name in _FILES:
        return said["bring_beside" if name in _BESIDE else "bring"].format(file=_FILES[name])
    if "osm" in layers.provenance:
        return said["not_in_osm"].format(name=name)
    return said["bring"].format(file=USUAL_FILES["osm"][0])


def _content(layer: Any, said: Mapping[str, str]) -> str | None:
    """What a layer holds; ``None`` where there is none."""
    if layer is None or (isinstance(layer, Mapping) and not layer):
        return None
    if isinstance(layer, Mapping):
        return "; ".join(f"{year}: {_content(grid, said)}" for year, grid in layer.items())
    if isinstance(layer, Grid):
        rows, cols = layer.values.shape
        return said["cells"].format(rows=rows, cols=cols, crs=layer.crs.to_string())
    if isinstance(layer, GeoDataFrame):
        return said["features"].format(count=len(layer))
    days: pd.Series[float] = layer
    first, last = (f"{day:%Y-%m-%d}" for day in (days.index[0], days.index[-1]))
    return said["days"].format(count=len(days), first=first, last=last)


def _origin(layers: CountyLayers, name: str) -> str:
    known = layers.provenance.get(name)
    if known is None:
        return ""
    synthetic = ", 合成示例 / synthetic" if known.synthetic else ""
    return f"  <- {known.origin} ({known.licence or '?'}, {known.as_of or '?'}{synthetic})"
