"""Exact shares and sums of a raster within polygons (each cell by the part of it that is covered)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from geopandas import GeoDataFrame

from qinshui_geo.grid import Grid

UNKNOWN = "unknown"
"""Share of a zone on which the raster holds no data."""

_MAX_EDGE_M = 100.0
_NO_CLASS = -1


def class_shares(
    zones: GeoDataFrame, grid: Grid, *, classes: Mapping[int, str] | None = None
) -> pd.DataFrame:
    """Share of each zone's area by surface class.

    Parameters
    ----------
    zones : GeoDataFrame
        Polygons in a metric CRS.
    grid : Grid
        Class raster in any CRS; the zones are moved to it, never the raster to the zones.
    classes : Mapping of int to str, optional
        Class code to name; ``grid.classes`` by default. Codes that it lacks count as unknown.

    Returns
    -------
    DataFrame
        On the index of ``zones``: one column per class that occurs, plus ``unknown``; rows sum to 1.
    """
    names = grid.classes if classes is None else classes
    moved = _zones_on(zones, grid)
    codes = np.where(grid.valid(), grid.values, _NO_CLASS).astype("int32")
    found = exact_extract(_source(codes, grid), moved, ["unique", "frac", "count"], output="pandas")
    cells = shapely.area(moved.geometry.to_numpy()) / abs(grid.transform.a * grid.transform.e)
    table = {name: np.zeros(len(zones)) for name in sorted(set(names.values()))}
    rows = zip(found["unique"], found["frac"], found["count"], strict=True)
    for row, (present, fractions, covered) in enumerate(rows):
        for code, fraction in zip(present, fractions, strict=True):
            if int(code) in names and cells[row] > 0:
                table[names[int(code)]][row] += fraction * covered / cells[row]
    shares = pd.DataFrame(table, index=zones.index)
    shares[UNKNOWN] = (1.0 - shares.sum(axis=1)).clip(lower=0.0)
    return shares


def share_above(zone: GeoDataFrame, grid: Grid, threshold: float) -> tuple[float, float]:
    """Share of the known area above a threshold, and the share of the area that is unknown.

    Parameters
    ----------
    zone : GeoDataFrame
        Polygons in a metric CRS, not overlapping; taken as one area.
    grid : Grid
        Continuous raster, for example NDVI.
    threshold : float
        Cells strictly above it count.
    """
    shares, unknown = shares_above(zone, grid, [threshold])
    return shares[0], unknown


def shares_above(
    zone: GeoDataFrame, grid: Grid, thresholds: Sequence[float]
) -> tuple[tuple[float, ...], float]:
    """Shares of the known area above each of several thresholds, in one pass over the raster.

    See :func:`share_above`; the shares are in the order of ``thresholds`` and NaN where nothing is known.
    """
    values = grid.values if grid.values.dtype.kind == "f" else grid.values.astype("float64")
    steps = np.unique(np.asarray(thresholds, dtype=values.dtype))
    passed = np.where(grid.valid(), np.searchsorted(steps, values) + 1, 0).astype("int32")
    coded = Grid(passed, grid.transform, grid.crs, nodata=0)
    shares = class_shares(zone, coded, classes={step: str(step) for step in range(1, len(steps) + 2)})
    area = zone.geometry.area
    by_step = np.array([float((shares[str(step)] * area).sum()) for step in range(1, len(steps) + 2)])
    known, total = float(by_step.sum()), float(area.sum())
    above = by_step[::-1].cumsum()[::-1][1:] / known if known > 0 else np.full(len(steps), np.nan)
    places = np.searchsorted(steps, np.asarray(thresholds, dtype=values.dtype))
    return tuple(above[places].tolist()), (1.0 - known / total if total > 0 else 1.0)


def sums(zones: GeoDataFrame, grid: Grid) -> pd.Series[float]:
    """Sum of a raster of counts within each zone, partly covered cells in proportion.

    Returns
    -------
    Series
        On the index of ``zones``.
    """
    values = np.where(grid.valid(), grid.values, 0.0)
    found = exact_extract(_source(values, grid), _zones_on(zones, grid), ["sum"], output="pandas")
    return pd.Series(found["sum"].to_numpy(dtype=float), index=zones.index, name="sum")


def _zones_on(zones: GeoDataFrame, grid: Grid) -> GeoDataFrame:
    """Zones in the grid's CRS; long edges get points first, so that they stay where they are."""
    fine = shapely.segmentize(zones.geometry.to_numpy(), _MAX_EDGE_M)
    return GeoDataFrame(geometry=fine, crs=zones.crs).to_crs(grid.crs)


def _source(values: npt.NDArray[np.generic], grid: Grid) -> NumPyRasterSource:
    west, south, east, north = grid.bounds
    return NumPyRasterSource(values, xmin=west, ymin=south, xmax=east, ymax=north, srs_wkt=grid.crs.to_wkt())
