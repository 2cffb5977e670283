"""Residential land of the town, each place once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.clipping import clipped, polygons_only, require_valid
from qinshui_geo.crs import require_same_crs


def residential_areas(residential: GeoDataFrame, *, built_up: GeoDataFrame) -> GeoDataFrame:
    """Residential land within the built-up area; land drawn twice belongs to the larger area only.

    Parameters
    ----------
    residential : GeoDataFrame
        Polygons with ``source_id`` and ``name`` where known, in a metric CRS.
    built_up : GeoDataFrame
        Built-up area, same CRS.

    Returns
    -------
    GeoDataFrame
        ``area_id`` (int, from 1, the largest first), ``name``, ``area_ha``; polygons without overlap.

    Raises
    ------
    CRSError
        If the layers are not in one metric CRS.
    LayerError
        If residential land is invalid.
    """
    require_same_crs({"residential land": residential, "built-up area": built_up})
    require_valid(residential.geometry.to_numpy(), "residential land")
    town = shapely.disjoint_subset_union_all(built_up.geometry.to_numpy())
    shapes = polygons_only(clipped(residential.geometry.to_numpy(), town))
    names = residential["name"] if "name" in residential else pd.Series(None, index=residential.index)
    names = names.astype(object).where(names.notna(), None)
    ids = residential["source_id"].astype(str) if "source_id" in residential else names.astype(str)
    order = np.lexsort((ids.to_numpy(dtype=str), -shapely.area(shapes)))
    order = order[shapely.area(shapes[order]) > 0]
    parts = polygons_only(_without_overlap(shapes[order]))
    areas = GeoDataFrame(
        {"name": pd.Series(names.to_numpy()[order], dtype=object), "area_ha": shapely.area(parts) / 1e4},
        geometry=parts, crs=residential.crs,
    )  # fmt: skip
    areas = areas[areas["area_ha"] > 0].reset_index(drop=True)
    areas.insert(0, "area_id", np.arange(1, len(areas) + 1))
    return areas


def _without_overlap(shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Shapes less those before them."""
    later, earlier = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    later, earlier = later[later > earlier], earlier[later > earlier]
    shared = shapely.area(shapely.intersection(shapes[later], shapes[earlier])) > 0
    parts = shapes.copy()
    for row in np.unique(later[shared]):
        others = shapes[earlier[shared & (later == row)]]
        parts[row] = shapely.difference(shapes[row], shapely.union_all(others))
    return parts
