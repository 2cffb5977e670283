"""Surface mix of drainage units: from land cover, else from what OpenStreetMap draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.crs import require_same_crs
from qinshui_geo.zonal import UNKNOWN


def drawn_surfaces(
    units: GeoDataFrame, *, roofs: GeoDataFrame, green: GeoDataFrame, water: GeoDataFrame
) -> pd.DataFrame:
    """Share of each unit that is drawn as roof, green or water; the rest is unknown, not guessed.

    Where layers overlap, a roof goes before water and water before green.

    Parameters
    ----------
    units : GeoDataFrame
        Drainage units in a metric CRS.
    roofs, green, water : GeoDataFrame
        Polygons, same CRS.

    Returns
    -------
    DataFrame
        On the index of ``units``: ``roof``, ``water``, ``green`` and ``unknown``; rows sum to 1.

    Raises
    ------
    CRSError
        If the layers are not in one metric CRS.
    """
    require_same_crs({"drainage units": units, "roofs": roofs, "water": water, "green": green})
    area = units.geometry.area.to_numpy()
    shares: dict[str, npt.NDArray[np.float64]] = {}
    taken: npt.NDArray[Any] = np.full(len(units), shapely.Polygon(), dtype=object)
    for name, frame in (("roof", roofs), ("water", water), ("green", green)):
        grown = shapely.union(taken, _parts_by_unit(units, frame))
        shares[name] = (shapely.area(grown) - shapely.area(taken)) / area
        taken = grown
    table = pd.DataFrame(shares, index=units.index)
    table[UNKNOWN] = (1.0 - table.sum(axis=1)).clip(lower=0.0)
    return table


def _parts_by_unit(units: GeoDataFrame, frame: GeoDataFrame) -> npt.NDArray[Any]:
    """Union of the layer within each unit."""
    polygons, shapes = units.geometry.to_numpy(), frame.geometry.to_numpy()
    unit, shape = shapely.STRtree(shapes).query(polygons, predicate="intersects")
    shapely.prepare(polygons)
    found = shapes[shape]
    cut = ~shapely.covers(polygons[unit], found)
    found[cut] = shapely.intersection(polygons[unit[cut]], found[cut])
    pieces = pd.Series(found, dtype=object)
    parts = np.full(len(units), shapely.Polygon(), dtype=object)
    for number, group in pieces.groupby(unit):
        parts[number] = shapely.union_all(group.to_numpy())
    return parts
