"""Reads the Global Human Settlement Layer: built surface (GHS-BUILT-S) and degree of urbanisation."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import Geod

from qinshui_geo.errors import SourceError
from qinshui_geo.grid import Grid
from qinshui_geo.sources.windows import (
    Bounds,
    crs_of,
    no_data,
    opened,
    read_cells,
    read_measured,
    window_around,
)

DEGURBA_CODES = {
    30: "urban_centre", 23: "dense_urban_cluster", 22: "semi_dense_urban_cluster", 21: "suburban",
    13: "rural_cluster", 12: "low_density_rural", 11: "very_low_density_rural", 10: "water",
}  # fmt: skip
"""Codes of GHS-SMOD and GHS-WUP-DEGURBA (level 2)."""

_SLACK = 0.001
"""A cell may hold so much more built surface than its size: rounding to whole m2, and cells in degrees."""

_NODATA = 0

CLUSTER_MARGIN_CELLS = 30
"""Cells of 1 km read beyond the bounds: a cluster is a whole, whatever the extract around the seat."""


def read_built_fraction(path: Path, *, bounds_wgs84: Bounds) -> Grid:
    """Built-up fraction of the cells around a place, from a raster of built m2 per cell (GHS-BUILT-S).

    Parameters
    ----------
    path : Path
        GHS-BUILT-S: 100 m cells of 0 to 10,000 m2, or 10 m cells of 0 to 100 m2, in Mollweide; also the
        products in degrees, whose cells are measured on the ellipsoid.
    bounds_wgs84 : tuple of float
        West, south, east and north in WGS84 degrees.

    Returns
    -------
    Grid
        Fractions from 0 to 1 of shape (rows, cols) in the raster's own CRS, NaN for no data.

    Raises
    ------
    SourceError
        If the raster cannot be read, does not cover the bounds, or holds values that cannot be the
        built m2 of a cell.
    """
    built = read_measured(path, bounds_wgs84)
    fraction = built.values / _cell_areas_m2(built)
    low, high = float(np.nanmin(fraction)), float(np.nanmax(fraction))
    if low < 0 or high > 1 + _SLACK:
        least, most = float(np.nanmin(built.values)), float(np.nanmax(built.values))
        size = float(_cell_areas_m2(built).max())
        raise SourceError(
            f"built m2 per cell lie between 0 and the cell's {size:g} m2, but the values run from "
            f"{least:g} to {most:g}", where=str(path),
            mend="bring GHS-BUILT-S as published (not moved to another CRS or cell size); if a value means "
            f"'no data', declare it: rio edit-info --nodata VALUE {path.name}",
        )  # fmt: skip
    return Grid(np.clip(fraction, 0.0, 1.0), built.transform, built.crs, math.nan)


def _cell_areas_m2(grid: Grid) -> npt.NDArray[np.float64]:
    """Area of the cells: one value for a projected raster, one per row, as a column, for one in degrees."""
    if grid.crs.is_projected:
        return np.array([[abs(grid.transform.a * grid.transform.e)]])
    geod = grid.crs.get_geod() or Geod(ellps="WGS84")
    width = grid.transform.a
    edges = grid.transform.f + grid.transform.e * np.arange(len(grid.values) + 1)
    rows = zip(edges[1:], edges[:-1], strict=True)
    areas = [_quad_m2(geod, width, south, north) for south, north in rows]
    return np.array(areas)[:, None]


def _quad_m2(geod: Geod, width: float, south: float, north: float) -> float:
    area, _ = geod.polygon_area_perimeter([0.0, width, width, 0.0], [south, south, north, north])
    return abs(float(area))


def read_degurba(path: Path, *, bounds_wgs84: Bounds) -> Grid:
    """Degree-of-urbanisation codes of 1 km cells around a place (GHS-SMOD, GHS-WUP-DEGURBA; level 2).

    Parameters
    ----------
    path : Path
        Raster of the codes 10, 11, 12, 13, 21, 22, 23 and 30.
    bounds_wgs84 : tuple of float
        West, south, east and north in WGS84 degrees.

    Returns
    -------
    Grid
        Codes of shape (rows, cols) in the raster's own CRS, 0 for no data; ``classes`` names them.

    Raises
    ------
    SourceError
        If the raster cannot be read, does not cover the bounds, or holds other codes.
    """
    with opened(path) as source:
        window = window_around(source, path, bounds_wgs84, margin_cells=CLUSTER_MARGIN_CELLS)
        cells: npt.NDArray[Any] = read_cells(source, path, window).filled(_NODATA)
        transform, crs = source.window_transform(window), crs_of(source)
    found = set(np.unique(cells).tolist()) - {_NODATA}
    if not found:
        raise no_data(path)
    if unknown := sorted(found - DEGURBA_CODES.keys()):
        listed = ", ".join(f"{code:g}" for code in unknown[:10])
        raise SourceError(
            f"codes that are not of GHS-SMOD level 2 (10 to 30): {listed}", where=str(path),
            mend="bring the 1 km raster of GHS-SMOD or GHS-WUP-DEGURBA, or declare a code as no data: "
            f"rio edit-info --nodata CODE {path.name}",
        )  # fmt: skip
    return Grid(cells.astype("uint8"), transform, crs, _NODATA, DEGURBA_CODES)
