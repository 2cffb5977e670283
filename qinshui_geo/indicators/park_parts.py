"""Park green area per person by part of the town, so that the parts that lack parks are seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.clipping import clipped, polygons_only, require_valid
from qinshui_geo.crs import require_same_crs
from qinshui_geo.grid import Grid
from qinshui_geo.indicators.overlay import area_by_zone, disjoint
from qinshui_geo.zonal import sums

CELL_M = 1000.0
MOST_SHARE = 0.8
"""Parts of which one holds at least this share of the town tell too little. Project-defined."""
LEAST_PERSONS = 1.0
"""A part with fewer persons on the raster has no figure per person."""


def town_parts(built_up: GeoDataFrame, *, townships: GeoDataFrame | None = None) -> GeoDataFrame:
    """Parts of the built-up area: by township where it reaches into two, else its pieces, else 1 km cells.

    Townships and pieces part the town only where none holds 80 % of it or more; townships moreover only
    where they fill it without overlap (within 1 %).

    Parameters
    ----------
    built_up : GeoDataFrame
        Built-up area in a metric CRS.
    townships : GeoDataFrame, optional
        Polygons with ``name``, same CRS.

    Returns
    -------
    GeoDataFrame
        ``part`` (int, from 1), ``name``; polygons that lie within the built-up area.

    Raises
    ------
    CRSError
        If the layers are not in one metric CRS.
    LayerError
        If a township is invalid.

    Examples
    --------
    >>> town = GeoDataFrame(geometry=[shapely.box(0, 0, 1500, 1000)], crs=4546)
    >>> town_parts(town)[["part", "name"]].to_numpy().tolist()
    [[1, 'E0 N0'], [2, 'E1 N0']]
    """
    layers = {"built-up area": built_up}
    require_same_crs(layers if townships is None else {**layers, "townships": townships})
    whole = shapely.disjoint_subset_union_all(built_up.geometry.to_numpy())
    if townships is not None:
        require_valid(townships.geometry.to_numpy(), "townships")
        shapes = clipped(townships.geometry.to_numpy(), whole)
        if _part_the_town(shapely.area(shapes), shapely.area(whole)):
            return _numbered(shapes, townships["name"].to_numpy(), built_up)
    pieces = shapely.get_parts(whole)
    if _part_the_town(shapely.area(pieces), shapely.area(whole)):
        pieces = pieces[np.argsort(-shapely.area(pieces), kind="stable")]
        return _numbered(pieces, [f"{number}" for number in range(1, len(pieces) + 1)], built_up)
    return _cells(whole, built_up)


def _part_the_town(areas: npt.NDArray[np.float64], town: float) -> bool:
    filled = abs(float(areas.sum()) - town) <= 0.01 * town
    return filled and 0 < float(areas.max(initial=0)) < MOST_SHARE * town


def parks_by_part(
    classified: GeoDataFrame, parts: GeoDataFrame, *, population: Grid | None = None
) -> GeoDataFrame:
    """Park area, persons and m2 per person of every part.

    Parameters
    ----------
    classified : GeoDataFrame
        See :func:`qinshui_geo.indicators.park_classes.classify_parks`.
    parts : GeoDataFrame
        See :func:`town_parts`; same CRS.
    population : Grid, optional
        Persons per cell; a cell on the border of two parts is shared by area.

    Returns
    -------
    GeoDataFrame
        ``part``, ``name``, ``area_ha``, ``park_ha``, ``persons`` and ``m2_per_person`` (both NaN where not
        known; 0 ha of park among persons is 0).

    Raises
    ------
    CRSError
        If the layers are not in one metric CRS.
    """
    require_same_crs({"parks": classified, "parts of the town": parts})
    parks = disjoint(classified.geometry[classified["counted"]].to_numpy())
    found = parts[["part", "name", "geometry"]].copy()
    found["area_ha"] = parts.area / 1e4
    found["park_ha"] = area_by_zone(parts, parks) / 1e4
    found["persons"] = np.nan if population is None or parts.empty else sums(parts, population)
    persons = found["persons"].where(found["persons"] >= LEAST_PERSONS)
    found["m2_per_person"] = found["park_ha"] * 1e4 / persons
    return found


def _cells(whole: Any, built_up: GeoDataFrame) -> GeoDataFrame:
    """Square cells on round kilometres of the CRS, cut to the built-up area, named from the south-west."""
    if whole.is_empty:
        return _numbered(np.empty(0, object), [], built_up)
    west, south, east, north = np.array(whole.bounds) / CELL_M
    columns = np.arange(np.floor(west), np.ceil(east))
    rows = np.arange(np.floor(south), np.ceil(north))
    x, y = (axis.ravel() * CELL_M for axis in np.meshgrid(columns, rows))
    shapes = clipped(shapely.box(x, y, x + CELL_M, y + CELL_M), whole)
    names = [f"E{e:.0f} N{n:.0f}" for e, n in zip(x / CELL_M - columns[0], y / CELL_M - rows[0], strict=True)]
    return _numbered(shapes, names, built_up)


def _numbered(shapes: np.ndarray, names: object, built_up: GeoDataFrame) -> GeoDataFrame:
    polygons = polygons_only(np.asarray(shapes, dtype=object))
    parts = GeoDataFrame({"name": pd.Series(names, dtype=object)}, geometry=polygons, crs=built_up.crs)
    parts = parts[shapely.area(parts.geometry.to_numpy()) > 0].reset_index(drop=True)
    parts.insert(0, "part", np.arange(1, len(parts) + 1))
    return parts
