"""Reads one band of a raster around a place: land cover, population, vegetation index, terrain.

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
from qinshui_geo.grid import Grid, move_counts
from qinshui_geo.sources.legends import legend as legend_named

Bounds = tuple[float, float, float, float]

MARGIN_CELLS = 2
"""Cells read beyond the bounds on each side, so that the cells on the edge are whole after a move."""

MAX_CELLS = 200_000_000
"""Largest window that is read; a county of 2,600 km2 at 10 m has 26 million cells."""

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
    with _opened(path) as source:
        window = _window(source, path, bounds_wgs84)
        cells = _read(source, path, window)
        nodata = _class_nodata(source, cells, classes)
        codes = _whole_numbers(path, cells.filled(nodata if nodata is not None else 0), nodata)
        grid = Grid(codes, source.window_transform(window), _crs(source), nodata, classes)
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
    counts = _read_measured(path, bounds_wgs84)
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
    ndvi = _read_measured(path, bounds_wgs84)
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
    return _read_measured(path, bounds_wgs84, void=_DEM_VOID)


def _read_measured(path: Path, bounds_wgs84: Bounds, *, void: float | None = None) -> Grid:
    """Window of a raster of measured values as float with NaN for no data, its scale and offset applied."""
    with _opened(path) as source:
        window = _window(source, path, bounds_wgs84)
        cells = _read(source, path, window)
        kind = np.float64 if cells.dtype.itemsize > 4 else np.float32
        values: npt.NDArray[Any] = cells.filled(0).astype(kind)
        values[np.ma.getmaskarray(cells) | ~np.isfinite(values)] = np.nan
        if void is not None:
            values[values == void] = np.nan
        if (scale := source.scales[0]) != 1.0 or source.offsets[0] != 0.0:
            values = values * scale + source.offsets[0]
        grid = Grid(values, source.window_transform(window), _crs(source), math.nan)
    if not grid.valid().any():
        raise _no_data(path)
    return grid


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
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


def _crs(source: Any) -> CRS:
    return CRS.from_wkt(source.crs.to_wkt())


def _window(source: Any, path: Path, bounds_wgs84: Bounds) -> Window:
    """Cells of the raster that touch the bounds, and a margin, cut at its edge."""
    west, south, east, north = transform_bounds("EPSG:4326", source.crs, *bounds_wgs84, densify_pts=101)
    to_map = source.transform
    left, right = (west - to_map.c) / to_map.a, (east - to_map.c) / to_map.a
    top, bottom = (north - to_map.f) / to_map.e, (south - to_map.f) / to_map.e
    if right <= 0 or bottom <= 0 or left >= source.width or top >= source.height:
        raise _not_covered(source, path, bounds_wgs84)
    first_col, first_row = max(math.floor(left) - MARGIN_CELLS, 0), max(math.floor(top) - MARGIN_CELLS, 0)
    end_col = min(math.ceil(right) + MARGIN_CELLS, source.width)
    end_row = min(math.ceil(bottom) + MARGIN_CELLS, source.height)
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


def _no_data(path: Path) -> SourceError:
    return SourceError(
        "the raster holds no data within the county", where=str(path),
        mend="bring the tile of the county, or check the declared no-data value",
    )  # fmt: skip


def _read(source: Any, path: Path, window: Window) -> np.ma.MaskedArray[Any, Any]:
    try:
        cells: np.ma.MaskedArray[Any, Any] = source.read(1, window=window, masked=True)
    except RasterioError as fault:
        raise SourceError(
            "the raster is damaged: its cells cannot be read", where=str(path), mend="download it again"
        ) from fault
    return cells


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
        raise _no_data(path)
    unknown = [code for code in codes if code != grid.nodata and code not in grid.classes]
    if unknown:
        listed = ", ".join(map(str, unknown[:10])) + (" ..." if len(unknown) > 10 else "")
        raise SourceError(
            f"codes that the legend {legend!r} does not know: {listed}", where=str(path),
            mend="name the raster's own legend (sources.landcover_legend: a name or a .toml/.csv file), "
            f"or declare a code as no data: rio edit-info --nodata CODE {path.name}",
        )  # fmt: skip
