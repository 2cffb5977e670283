"""Surface mix of drainage units: from land cover, else from what OpenStreetMap draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.crs import require_same_crs
from qinshui_geo.indicators.overlay import area_by_zone, common, disjoint
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
    roof, wet, planted = (disjoint(_touching(frame, units)) for frame in (roofs, water, green))
    planted_roof = common(planted, roof)
    hidden = {  # beneath a surface that goes before, less what is beneath both
        "roof": np.zeros(len(units)),
        "water": area_by_zone(units, common(wet, roof)),
        "green": area_by_zone(units, planted_roof)
        + area_by_zone(units, common(planted, wet))
        - area_by_zone(units, common(planted_roof, wet)),
    }
    area = units.geometry.area.to_numpy()
    shares = {
        name: np.maximum(area_by_zone(units, parts) - hidden[name], 0.0) / area
        for name, parts in (("roof", roof), ("water", wet), ("green", planted))
    }
    table = pd.DataFrame(shares, index=units.index)
    table[UNKNOWN] = (1.0 - table.sum(axis=1)).clip(lower=0.0)
    return table


def _touching(frame: GeoDataFrame, units: GeoDataFrame) -> npt.NDArray[Any]:
    """Shapes of the layer that meet any unit, each once."""
    shapes: npt.NDArray[Any] = frame.geometry.to_numpy()
    _, shape = shapely.STRtree(shapes).query(units.geometry.to_numpy(), predicate="intersects")
    touching: npt.NDArray[Any] = shapes[np.unique(shape)]
    return touching
