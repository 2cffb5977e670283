"""Reads rasters around a place: land cover, population, vegetation index, terrain."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import CRS

from qinshui_geo.errors import SourceError
from qinshui_geo.grid import Grid, move_counts
from qinshui_geo.sources.legends import legend as legend_named
from qinshui_geo.sources.windows import (
    Bounds,
    crs_of,
    no_data,
    opened,
    read_cells,
    read_measured,
    window_around,
)

POPULATION_CELL_M = 50.0
"""Cell edge in metres to which a population raster is moved."""

_DEM_VOID = -32768
_NDVI_SLACK = 1e-6  # float32 rounding of an exact +-1


def read_landcover(path: Path, *, bounds_wgs84: Bounds, legend: str = "worldcover") -> Grid:
    """Land-cover classes around a place, in the raster's own CRS.

    Parameters
    ----------
    path : Path
        Class raster of one band.
    bounds_wgs84 : tuple of float
        West, south, east and north in WGS84 degrees.
    legend : str
        Name of a legend, or path of a legend file; see :func:`qinshui_geo.sources.legends.legend`.

    Returns
    -------
    Grid
        Integer codes of shape (rows, cols); ``classes`` is the legend.

    Raises
    ------
    SourceError
        If the raster cannot be read, does not cover the bounds, or holds codes that the legend lacks.
    """
    classes = legend_named(legend)
    with opened(path) as source:
        window = window_around(source, path, bounds_wgs84)
        cells = read_cells(source, path, window)
        nodata = _class_nodata(source, cells, classes)
        codes = _whole_numbers(path, cells.filled(nodata if nodata is not None else 0), nodata)
        grid = Grid(codes, source.window_transform(window), crs_of(source), nodata, classes)
    _require_known_codes(path, grid, legend)
    return grid


def read_population(path: Path, *, bounds_wgs84: Bounds, crs: CRS) -> Grid:
    """Persons around a place, moved to ``crs`` without losing or inventing any.

    Parameters
    ----------
    path : Path
        Raster of persons per cell (counts, not density).
    bounds_wgs84 : tuple of float
        West, south, east and north in WGS84 degrees.
    crs : pyproj.CRS
        Metric CRS of the result, whose cells are 50 m.

    Returns
    -------
    Grid
        Persons per cell of shape (rows, cols) in ``crs``.

    Raises
    ------
    SourceError
        If the raster cannot be read, does not cover the bounds, or holds negative counts.
    """
    counts = read_measured(path, bounds_wgs84)
    if bool((counts.values < 0).any()):
        lowest = float(np.nanmin(counts.values))
        raise SourceError(
            f"negative population: the lowest value is {lowest:g}", where=str(path),
            mend=f"if it means 'no data', declare it: rio edit-info --nodata {lowest:g} {path.name}",
        )  # fmt: skip
    return move_counts(counts, crs, cell_m=POPULATION_CELL_M)


def read_ndvi(path: Path, *, bounds_wgs84: Bounds) -> Grid:
    """Normalised difference vegetation index around a place, -1 to 1, in the raster's own CRS.

    Whole numbers up to 10,000 are accepted where the band says its scale (GDAL scale 0.0001).

    Raises
    ------
    SourceError
        If the raster cannot be read, does not cover the bounds, or holds values outside -1 to 1.
    """
    ndvi = read_measured(path, bounds_wgs84)
    low, high = float(np.nanmin(ndvi.values)), float(np.nanmax(ndvi.values))
    if low < -1 - _NDVI_SLACK or high > 1 + _NDVI_SLACK:
        raise SourceError(
            f"NDVI lies between -1 and 1, but the values run from {low:g} to {high:g}", where=str(path),
            mend=f"if scaled: rio convert {path.name} ndvi.tif --dtype float32 --scale-ratio 0.0001; "
            f"if they mark 'no data', declare it: rio edit-info --nodata VALUE {path.name}",
        )  # fmt: skip
    return ndvi


def read_dem(path: Path, *, bounds_wgs84: Bounds) -> Grid:
    """Heights in metres around a place, in the raster's own CRS; voids (-32768) are no data.

    Raises
    ------
    SourceError
        If the raster cannot be read, does not cover the bounds, or holds no height there.
    """
    return read_measured(path, bounds_wgs84, void=_DEM_VOID)


def _class_nodata(source: Any, cells: np.ma.MaskedArray[Any, Any], classes: Any) -> int | None:
    """Declared no-data code; a code outside the legend where the raster has a mask instead."""
    if source.nodata is not None and math.isfinite(source.nodata):
        return int(source.nodata)
    masked = bool(np.ma.getmaskarray(cells).any())
    return next(code for code in range(256) if code not in classes) if masked else None


def _whole_numbers(path: Path, values: npt.NDArray[Any], nodata: int | None) -> npt.NDArray[Any]:
    if values.dtype.kind in "iu":
        return values
    codes = np.where(np.isfinite(values), values, nodata if nodata is not None else 0).astype("int32")
    if not np.array_equal(codes[np.isfinite(values)], values[np.isfinite(values)]):
        raise SourceError(
            "the land cover holds fractions, not class codes", where=str(path),
            mend="bring the class raster, resampled by nearest neighbour",
        )  # fmt: skip
    return codes


def _require_known_codes(path: Path, grid: Grid, legend: str) -> None:
    codes = np.unique(grid.values).tolist()
    if codes == [grid.nodata]:
        raise no_data(path)
    unknown = [code for code in codes if code != grid.nodata and code not in grid.classes]
    if unknown:
        listed = ", ".join(map(str, unknown[:10])) + (" ..." if len(unknown) > 10 else "")
        raise SourceError(
            f"codes that the legend {legend!r} does not know: {listed}", where=str(path),
            mend="name the raster's own legend (sources.landcover_legend: a name or a .toml/.csv file), "
            f"or declare a code as no data: rio edit-info --nodata CODE {path.name}",
        )  # fmt: skip
