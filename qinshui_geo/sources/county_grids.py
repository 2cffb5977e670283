"""Reads every raster that a profile names around one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyproj import CRS

from qinshui_geo.grid import Grid
from qinshui_geo.measurement import Provenance
from qinshui_geo.profile import CountyProfile, FileSource
from qinshui_geo.sources import ghsl, rasters
from qinshui_geo.sources.provenance import read_provenance
from qinshui_geo.sources.windows import Bounds


@dataclass(frozen=True, slots=True)
class CountyGrids:
    """The rasters of a county.

    Parameters
    ----------
    layers : dict
        Grids by the names of :class:`~qinshui_geo.layers.CountyLayers`; ``built_fraction`` by year.
    provenance : dict of str to Provenance
        By layer; of the epochs of ``built_fraction`` the latest.
    """

    layers: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Provenance] = field(default_factory=dict)


def read_grids(profile: CountyProfile, *, bounds_wgs84: Bounds, crs: CRS) -> CountyGrids:
    """The rasters that ``profile`` names or that lie in its folder, around a place.

    Parameters
    ----------
    profile : CountyProfile
        Which files.
    bounds_wgs84 : tuple of float
        West, south, east and north in WGS84 degrees.
    crs : pyproj.CRS
        Metric CRS to which counts (population) are moved.

    Raises
    ------
    QinshuiGeoError
        If a raster is missing, unreadable or does not cover the place.
    """
    legend = profile.sources.landcover_legend
    readers: dict[FileSource, Callable[[Path], Grid]] = {
        "landcover": lambda path: rasters.read_landcover(path, bounds_wgs84=bounds_wgs84, legend=legend),
        "population": lambda path: rasters.read_population(path, bounds_wgs84=bounds_wgs84, crs=crs),
        "ndvi": lambda path: rasters.read_ndvi(path, bounds_wgs84=bounds_wgs84),
        "dem": lambda path: rasters.read_dem(path, bounds_wgs84=bounds_wgs84),
        "degurba": lambda path: ghsl.read_degurba(path, bounds_wgs84=bounds_wgs84),
    }
    found = CountyGrids()
    for name, read in readers.items():
        path = profile.source_path(name)
        if path is not None:
            found.layers[name] = read(path)
            found.provenance[name] = read_provenance(path, name, synthetic=profile.synthetic)
    _read_epochs(profile, bounds_wgs84, found)
    return found


def _read_epochs(profile: CountyProfile, bounds_wgs84: Bounds, found: CountyGrids) -> None:
    """Built-up fraction of every epoch, and the provenance of the latest."""
    paths = profile.ghs_built_paths()
    if not paths:
        return
    found.layers["built_fraction"] = {
        year: ghsl.read_built_fraction(path, bounds_wgs84=bounds_wgs84) for year, path in paths.items()
    }
    found.provenance["built_fraction"] = read_provenance(
        paths[max(paths)], "built_fraction", synthetic=profile.synthetic
    )
