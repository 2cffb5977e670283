"""The land patches of a county by source, and those from which its town is grown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from geopandas import GeoDataFrame

from qinshui_geo.grid import Grid
from qinshui_geo.indicators.growth import LAST_MEASURED_YEAR
from qinshui_geo.indicators.land_patches import (
    TOWN_GREEN,
    Dilated,
    built_cells,
    closed,
    covered_cells,
    dilated,
)
from qinshui_geo.layers import CountyLayers
from qinshui_geo.method import BuiltUpMethod

_VECTORS = ("buildings", "built_land", "green_areas")
_BEHIND = {
    "survey": ("land_survey",),
    "vector": _VECTORS,
    "landcover": ("landcover",),
    "ghs": ("built_fraction",),
}


@dataclass(frozen=True, slots=True, eq=False)
class TownLand:
    """Widened land by source, and which of them the town is grown from.

    Parameters
    ----------
    widened : Mapping of str to Dilated
        ``survey``, ``vector``, ``landcover``, ``ghs``: the sources that are there.
    central : tuple of str
        Sources of the central figure: the user's survey where given; else vectors with the land
        cover, or with GHS-BUILT-S where there is no land cover.
    used : tuple of str
        The layers behind them.
    """

    widened: Mapping[str, Dilated]
    central: tuple[str, ...]
    used: tuple[str, ...]

    def patches(self, *names: str) -> GeoDataFrame:
        """Patches of these sources together, of the central ones by default."""
        return closed([self.widened[name] for name in names or self.central])


def town_land(layers: CountyLayers, options: BuiltUpMethod) -> TownLand:
    """Land of every source that the county has, each widened once."""
    frames = _frames(layers, options)
    widened = {
        name: dilated(land, close_m=0.0 if name == "survey" else options.close_m)
        for name, land in frames.items()
    }
    central = ("survey",) if "survey" in widened else _vector_and_raster(widened)
    used = tuple(layer for name in central for layer in _BEHIND[name])
    return TownLand(widened, central, used)


def _vector_and_raster(widened: Mapping[str, Dilated]) -> tuple[str, ...]:
    raster = next((name for name in ("landcover", "ghs") if name in widened), None)
    names = ("vector", raster)
    return tuple(name for name in names if name is not None and name in widened)


def _frames(layers: CountyLayers, options: BuiltUpMethod) -> dict[str, list[GeoDataFrame]]:
    """Polygons of each source that is there; vectors stand for nothing where there is no source at all."""
    frames: dict[str, list[GeoDataFrame]] = {}
    if layers.land_survey is not None:
        frames["survey"] = [layers.land_survey]
    vectors = list(_vectors(layers))
    if vectors:
        frames["vector"] = vectors
    if layers.landcover is not None:
        frames["landcover"] = [covered_cells(layers.landcover, layers.crs)]
    fraction = present_fraction(layers)
    if fraction is not None:
        frames["ghs"] = [built_cells(fraction, layers.crs, threshold=options.ghs_threshold)]
    return frames or {"vector": [GeoDataFrame(geometry=[], crs=layers.crs)]}


def _vectors(layers: CountyLayers) -> Iterator[GeoDataFrame]:
    """The layers that are there: of green areas only parks and squares, the others whole."""
    for name in _VECTORS:
        frame: GeoDataFrame | None = getattr(layers, name)
        if frame is not None:
            yield frame[frame["kind"].isin(TOWN_GREEN)] if name == "green_areas" else frame


def present_fraction(layers: CountyLayers) -> Grid | None:
    """Built-up fraction of the latest epoch that rests on images, else of the earliest projected one."""
    if not layers.built_fraction:
        return None
    measured = [year for year in layers.built_fraction if year <= LAST_MEASURED_YEAR]
    return layers.built_fraction[max(measured) if measured else min(layers.built_fraction)]
