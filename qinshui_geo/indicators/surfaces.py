"""Surface mix of drainage units: from land cover, else from what OpenStreetMap draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.crs import require_same_crs
from qinshui_geo.indicators.overlay import area_by_zone, disjoint
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
    drawn: npt.NDArray[Any] = np.empty(0, dtype=object)
    before = np.zeros(len(units))
    for name, frame in (("roof", roofs), ("water", water), ("green", green)):
        drawn = disjoint(np.concatenate([drawn, _touching(frame, units)]))
        covered = area_by_zone(units, drawn)
        shares[name] = np.maximum(covered - before, 0.0) / area
        before = covered
    table = pd.DataFrame(shares, index=units.index)
    table[UNKNOWN] = (1.0 - table.sum(axis=1)).clip(lower=0.0)
    return table


def _touching(frame: GeoDataFrame, units: GeoDataFrame) -> npt.NDArray[Any]:
    """Shapes of the layer that meet any unit, each once."""
    shapes: npt.NDArray[Any] = frame.geometry.to_numpy()
    _, shape = shapely.STRtree(shapes).query(units.geometry.to_numpy(), predicate="intersects")
    touching: npt.NDArray[Any] = shapes[np.unique(shape)]
    return touching
