"""Area of many overlapping shapes within many zones, each place counted once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.clipping import polygons_only


def disjoint(shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Union of the shapes, as polygons that do not overlap."""
    parts: npt.NDArray[Any] = shapely.get_parts(shapely.disjoint_subset_union_all(shapes))
    return parts


def area_by_zone(zones: GeoDataFrame, parts: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Area of the parts within each zone.

    Parameters
    ----------
    zones : GeoDataFrame
        Polygons in a metric CRS.
    parts : ndarray of shape (n,)
        Polygons in the same CRS that do not overlap, see :func:`disjoint`.

    Returns
    -------
    ndarray
        Square metres, one number a zone.

    Examples
    --------
    >>> zones = GeoDataFrame(geometry=shapely.box([0, 2], 0, [2, 4], 2), crs=4546)
    >>> area_by_zone(zones, disjoint(shapely.box([1, 1], [0, 0], [3, 2], [1, 1]))).tolist()
    [1.0, 1.0]
    """
    polygons = zones.geometry.to_numpy()
    zone, part = shapely.STRtree(parts).query(polygons, predicate="intersects")
    shapely.prepare(polygons)
    areas = shapely.area(parts)[part]
    cut = ~shapely.covers(polygons[zone], parts[part])
    areas[cut] = shapely.area(shapely.intersection(polygons[zone[cut]], parts[part[cut]]))
    return np.asarray(np.bincount(zone, weights=areas, minlength=len(zones)), dtype=float)


def common(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What two layers share, as polygons that do not overlap.

    Parameters
    ----------
    one, other : ndarray
        Polygons in one metric CRS; within each layer none overlaps another, see :func:`disjoint`.

    Examples
    --------
    >>> shared = common(shapely.box([0, 5], 0, [2, 6], 2), shapely.box([1], 0, [5.5], 1))
    >>> sorted(shapely.area(shared).tolist())
    [0.5, 1.0]
    """
    first, second = shapely.STRtree(other).query(one, predicate="intersects")
    parts = shapely.get_parts(polygons_only(shapely.intersection(one[first], other[second])))
    shared: npt.NDArray[Any] = parts[shapely.area(parts) > 0]
    return shared
