"""A raster held in memory with its georeference, and the mass-preserving move of counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from affine import Affine
from pyproj import CRS, Transformer
from rasterio.enums import Resampling
from rasterio.transform import array_bounds, from_origin
from rasterio.warp import reproject

from qinshui_geo.errors import LayerError

TOTAL_TOLERANCE = 0.001
"""Largest relative change of a total that moving a raster of counts may cause."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """One band of a north-up raster.

    Parameters
    ----------
    values : ndarray of shape (rows, cols)
        Cell values, first row northernmost.
    transform : affine.Affine
        Cell (column, row) to coordinates.
    crs : pyproj.CRS
        Coordinate reference system of the coordinates.
    nodata : float, optional
        Value that stands for "no data".
    classes : Mapping of int to str
        For class rasters, class code to surface class.
    """

    values: npt.NDArray[Any]
    transform: Affine
    crs: CRS
    nodata: float | None = None
    classes: Mapping[int, str] = field(default_factory=dict)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north edge, in the grid's CRS."""
        rows, cols = self.values.shape
        west, south, east, north = array_bounds(rows, cols, self.transform)
        return west, south, east, north

    def valid(self) -> npt.NDArray[np.bool_]:
        """Cells that hold data: a mask of shape (rows, cols)."""
        known = ~np.isnan(self.values) if self.values.dtype.kind == "f" else np.ones(self.values.shape, bool)
        if self.nodata is None or np.isnan(self.nodata):
            return known
        same: npt.NDArray[np.bool_] = known & (self.values != self.nodata)
        return same


def move_counts(counts: Grid, crs: CRS, *, cell_m: float) -> Grid:
    """Move a raster of counts (persons) to another CRS without losing or inventing any.

    Each source cell is shared out over the target cells that it overlaps; the total is then checked.
    Nearest-neighbour or averaging resampling of counts is wrong by the ratio of the cell areas.

    Parameters
    ----------
    counts : Grid
        Counts per cell; cells without data count as absent.
    crs : pyproj.CRS
        Metric CRS to move to.
    cell_m : float
        Edge of a target cell in metres.

    Raises
    ------
    LayerError
        If the total changes by more than 0.1 %.
    """
    source = np.where(counts.valid(), counts.values, 0).astype("float64")
    transform, shape = _covering_grid(counts, crs, cell_m)
    moved = np.zeros(shape)
    reproject(
        source, moved, src_transform=counts.transform, src_crs=counts.crs.to_wkt(), dst_transform=transform,
        dst_crs=crs.to_wkt(), resampling=Resampling.sum, tolerance=0,
    )  # fmt: skip
    before, after = float(source.sum()), float(moved.sum())
    if abs(after - before) > TOTAL_TOLERANCE * max(before, 1.0):
        raise LayerError(
            f"moving the counts to {crs.name} changed their total from {before:.1f} to {after:.1f}",
            where="raster of counts", mend="bring the raster in the profile's metric CRS",
        )  # fmt: skip
    return Grid(moved, transform, crs)


def _covering_grid(counts: Grid, crs: CRS, cell_m: float) -> tuple[Affine, tuple[int, int]]:
    """Grid in ``crs`` that covers every cell of ``counts``, with one cell to spare on each side."""
    to_target = Transformer.from_crs(counts.crs, crs, always_xy=True)
    west, south, east, north = to_target.transform_bounds(*counts.bounds, densify_pts=101)
    left, top = np.floor(west / cell_m - 1) * cell_m, np.ceil(north / cell_m + 1) * cell_m
    cols, rows = int((east - left) / cell_m) + 2, int((top - south) / cell_m) + 2
    return from_origin(left, top, cell_m, cell_m), (rows, cols)
