"""The window of a raster around a place, opened, checked and read: what every raster reader starts from.

Only the window is read, so a raster of a province costs no more than the county. A raster must be
north-up, georeferenced and of one band; anything else is refused with the command that mends it.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from pyproj import CRS
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.warp import transform_bounds
from rasterio.windows import Window

from qinshui_geo.errors import SourceError
from qinshui_geo.grid import Grid

Bounds = tuple[float, float, float, float]

MARGIN_CELLS = 2
"""Cells read beyond the bounds on each side, so that the cells on the edge are whole after a move."""

MAX_CELLS = 200_000_000
"""Largest window that is read; a county of 2,600 km2 at 10 m has 26 million cells."""


def read_measured(path: Path, bounds_wgs84: Bounds, *, void: float | None = None) -> Grid:
    """Window of a raster of measured values as float with NaN for no data, its scale and offset applied."""
    with opened(path) as source:
        window = window_around(source, path, bounds_wgs84)
        cells = read_cells(source, path, window)
        kind = np.float64 if cells.dtype.itemsize > 4 else np.float32
        values: npt.NDArray[Any] = cells.filled(0).astype(kind)
        values[np.ma.getmaskarray(cells) | ~np.isfinite(values)] = np.nan
        if void is not None:
            values[values == void] = np.nan
        if (scale := source.scales[0]) != 1.0 or source.offsets[0] != 0.0:
            values = values * scale + source.offsets[0]
        grid = Grid(values, source.window_transform(window), crs_of(source), math.nan)
    if not grid.valid().any():
        raise no_data(path)
    return grid


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The raster, checked for what every reader here takes for granted."""
    if not path.is_file():
        raise SourceError("the raster does not exist", where=str(path), mend="check the path")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # refused below, with the mend
            source = rasterio.open(path)
    except RasterioError as fault:
        raise SourceError(
            "not a raster that GDAL can read, or damaged", where=str(path),
            mend="bring a GeoTIFF, or download the file again",
        ) from fault  # fmt: skip
    with source:
        _require_georeference(source, path)
        if source.count != 1:
            raise SourceError(
                f"the raster has {source.count} bands, one is expected", where=str(path),
                mend=f"write the band that holds it: rio stack {path.name} --bidx 1 -o one_band.tif",
            )  # fmt: skip
        yield source


def _require_georeference(source: Any, path: Path) -> None:
    turn = source.transform
    if turn.is_identity:
        raise SourceError(
            "the raster is not georeferenced", where=str(path),
            mend="bring the file with its world file, or as a GeoTIFF with its georeference",
        )  # fmt: skip
    if source.crs is None:
        raise SourceError(
            "the raster has no CRS", where=str(path),
            mend=f"if you know it, declare it: rio edit-info --crs EPSG:CODE {path.name}",
        )  # fmt: skip
    if turn.b != 0 or turn.d != 0 or turn.a <= 0 or turn.e >= 0:
        raise SourceError(
            "the raster is rotated or not north-up", where=str(path),
            mend=f"turn it: rio warp {path.name} north_up.tif --dst-crs {source.crs.to_string()[:40]}",
        )  # fmt: skip


def crs_of(source: Any) -> CRS:
    """CRS of an open raster."""
    return CRS.from_wkt(source.crs.to_wkt())


def window_around(
    source: Any, path: Path, bounds_wgs84: Bounds, *, margin_cells: int = MARGIN_CELLS
) -> Window:
    """Cells of the raster that touch the bounds, and a margin, cut at its edge."""
    west, south, east, north = transform_bounds("EPSG:4326", source.crs, *bounds_wgs84, densify_pts=101)
    to_map = source.transform
    left, right = (west - to_map.c) / to_map.a, (east - to_map.c) / to_map.a
    top, bottom = (north - to_map.f) / to_map.e, (south - to_map.f) / to_map.e
    if right <= 0 or bottom <= 0 or left >= source.width or top >= source.height:
        raise _not_covered(source, path, bounds_wgs84)
    first_col, first_row = max(math.floor(left) - margin_cells, 0), max(math.floor(top) - margin_cells, 0)
    end_col = min(math.ceil(right) + margin_cells, source.width)
    end_row = min(math.ceil(bottom) + margin_cells, source.height)
    if (end_col - first_col) * (end_row - first_row) > MAX_CELLS:
        raise SourceError(
            f"the window of {end_col - first_col} x {end_row - first_row} cells is too large to hold",
            where=str(path), mend="clip the raster to the town (rio clip), or bring a coarser one",
        )  # fmt: skip
    return Window(first_col, first_row, end_col - first_col, end_row - first_row)


def _not_covered(source: Any, path: Path, bounds_wgs84: Bounds) -> SourceError:
    holds = transform_bounds(source.crs, "EPSG:4326", *source.bounds, densify_pts=101)
    asked, held = (" ".join(f"{edge:.4f}" for edge in box) for box in (bounds_wgs84, holds))
    return SourceError(
        f"the raster does not cover the county: it holds {held}, asked is {asked} (W S E N in degrees)",
        where=str(path), mend="bring the tile of the county, or check its CRS",
    )  # fmt: skip


def no_data(path: Path) -> SourceError:
    """The error to raise where the window holds no data at all."""
    return SourceError(
        "the raster holds no data within the county", where=str(path),
        mend="bring the tile of the county, or check the declared no-data value",
    )  # fmt: skip


def read_cells(source: Any, path: Path, window: Window) -> np.ma.MaskedArray[Any, Any]:
    """Cells of the window, those without data masked."""
    try:
        cells: np.ma.MaskedArray[Any, Any] = source.read(1, window=window, masked=True)
    except RasterioError as fault:
        raise SourceError(
            "the raster is damaged: its cells cannot be read", where=str(path), mend="download it again"
        ) from fault
    return cells
