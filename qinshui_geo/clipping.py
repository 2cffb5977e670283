"""Cuts many shapes to one outline, without work for those that lie wholly inside or outside."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from qinshui_geo.errors import LayerError

Geometries = npt.NDArray[Any]


def require_valid(shapes: Geometries, name: str) -> None:
    """Refuse shapes that cross themselves, on which unions and cuts fail.

    Raises
    ------
    LayerError
        Naming the first invalid shape by its place in the layer, from 0.
    """
    invalid = np.flatnonzero(~(shapely.is_valid(shapes) | shapely.is_missing(shapes)))
    if len(invalid):
        raise LayerError(
            f"{len(invalid)} invalid geometries, first: {shapely.is_valid_reason(shapes[invalid[0]])}",
            where=f"{name}, row {invalid[0]}", mend="repair them, for example with shapely.make_valid",
        )  # fmt: skip


def clipped(shapes: Geometries, outline: Any) -> Geometries:
    """Part of each shape that lies within ``outline``; empty where there is none.

    Parameters
    ----------
    shapes : ndarray of shape (n,)
        Valid geometries.
    outline : shapely geometry
        Valid polygon or multipolygon, in the same coordinates.

    Examples
    --------
    >>> shapes = shapely.box([0, 1, 9], [0, 0, 0], [1, 3, 10], [1, 1, 1])
    >>> shapely.area(clipped(shapes, shapely.box(0, 0, 2, 2))).tolist()
    [1.0, 1.0, 0.0]
    """
    shapely.prepare(outline)
    touched = shapely.intersects(outline, shapes)
    cut = touched & ~shapely.covers(outline, shapes)
    parts: Geometries = np.full(len(shapes), shapely.GeometryCollection(), dtype=object)
    parts[touched] = shapes[touched]
    parts[cut] = shapely.intersection(shapes[cut], outline)
    return parts


def polygons_only(shapes: Geometries) -> Geometries:
    """Each shape without its points and lines, as a cut along a common edge leaves them.

    Examples
    --------
    >>> mixed = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.LineString([(1, 0), (2, 0)])])
    >>> polygons_only(np.array([mixed], dtype=object))[0].geom_type
    'MultiPolygon'
    """
    parts, owner = shapely.get_parts(shapes, return_index=True)
    areal = shapely.get_dimensions(parts) == 2
    kept: Geometries = np.full(len(shapes), shapely.MultiPolygon(), dtype=object)
    rows = np.unique(owner[areal])
    if len(rows):
        kept[rows] = shapely.multipolygons(parts[areal], indices=np.searchsorted(rows, owner[areal]))
    return kept
