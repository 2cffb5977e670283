"""The built-up area by each source alone, how far the results agree, and what each adds to the whole."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from geopandas import GeoDataFrame
from shapely import Point

from qinshui_geo.clipping import clipped
from qinshui_geo.indicators.built_up import built_up_pieces
from qinshui_geo.indicators.growth_graph import grown, growth_graph
from qinshui_geo.measurement import Quantity

Geometries = npt.NDArray[Any]


def grown_alone(
    sources: Mapping[str, GeoDataFrame], *, seat: Point, link_m: float = 100.0, min_patch_ha: float = 1.0
) -> dict[str, GeoDataFrame]:
    """Pieces of the built-up area that each source gives alone, by one rule from one seat.

    Parameters
    ----------
    sources : Mapping of str to GeoDataFrame
        Patches by source, in one metric CRS.
    seat, link_m, min_patch_ha
        See :func:`~qinshui_geo.indicators.built_up.built_up_area`.

    Returns
    -------
    dict of str to GeoDataFrame
        See :func:`~qinshui_geo.indicators.built_up.built_up_pieces`; a source without a patch is left out.
    """
    pieces = {}
    for name, patches in sources.items():
        graph = growth_graph(patches, seat=seat, reach_m=link_m)
        if len(graph.polygons):
            pieces[name] = built_up_pieces(graph, grown(graph, link_m), min_patch_ha=min_patch_ha)
    return pieces


def agreement(results: Mapping[str, GeoDataFrame]) -> dict[str, Quantity]:
    """Area of each result and intersection over union of each pair.

    Parameters
    ----------
    results : Mapping of str to GeoDataFrame
        Pieces by source, which do not overlap within a source, in one metric CRS.

    Returns
    -------
    dict of str to Quantity
        ``<source>_only`` in km2, and ``iou_<source>_<source>`` (ratio, 0 to 1).

    Examples
    --------
    >>> west, east = (GeoDataFrame(geometry=[shapely.box(x, 0, x + 2000, 1000)], crs=4546) for x in (0, 1000))
    >>> found = agreement({"vector": west, "landcover": east})
    >>> found["vector_only"].value, round(found["iou_vector_landcover"].value, 3)
    (2.0, 0.333)
    """
    areas = {name: float(pieces.geometry.area.sum()) for name, pieces in results.items()}
    found = {f"{name}_only": Quantity(area / 1e6, "km2") for name, area in areas.items()}
    for one, other in combinations(results, 2):
        shared = _shared_m2(results[one].geometry.to_numpy(), results[other].geometry.to_numpy())
        union = areas[one] + areas[other] - shared
        if union > 0:
            found[f"iou_{one}_{other}"] = Quantity(shared / union, "ratio")
    return found


def area_by_source(
    built_up: GeoDataFrame, *, vector: GeoDataFrame, raster: GeoDataFrame
) -> dict[str, Quantity]:
    """The built-up area by what it rests on.

    Parameters
    ----------
    built_up : GeoDataFrame
        Pieces of the built-up area, which do not overlap, in a metric CRS.
    vector, raster : GeoDataFrame
        Patches of either source, which do not overlap within a source, in the same CRS.

    Returns
    -------
    dict of str to Quantity
        km2, which sum to the area of ``built_up``: ``from_vector`` alone, ``from_raster`` alone,
        ``from_both``, and ``from_filling`` (holes, and gaps closed between the two).

    Examples
    --------
    >>> def square(x): return GeoDataFrame(geometry=[shapely.box(x, 0, x + 2000, 1000)], crs=4546)
    >>> town = GeoDataFrame(geometry=[shapely.box(0, 0, 3000, 1000)], crs=4546)
    >>> parts = area_by_source(town, vector=square(0), raster=square(1000))
    >>> {name: quantity.value for name, quantity in parts.items()}
    {'from_vector': 1.0, 'from_raster': 1.0, 'from_both': 1.0, 'from_filling': 0.0}
    """
    town = shapely.multipolygons(shapely.get_parts(built_up.geometry.to_numpy()))
    drawn, seen = (_within(patches, town) for patches in (vector, raster))
    both = _shared_m2(drawn, seen)
    vector_m2, raster_m2 = float(shapely.area(drawn).sum()) - both, float(shapely.area(seen).sum()) - both
    filling = max(float(shapely.area(town)) - vector_m2 - raster_m2 - both, 0.0)
    parts = {"vector": vector_m2, "raster": raster_m2, "both": both, "filling": filling}
    return {f"from_{name}": Quantity(area / 1e6, "km2") for name, area in parts.items()}


def _within(patches: GeoDataFrame, town: Any) -> Geometries:
    parts = shapely.get_parts(clipped(patches.geometry.to_numpy(), town))
    return parts[shapely.area(parts) > 0]


def _shared_m2(one: Geometries, other: Geometries) -> float:
    """Common area of two sets of polygons that do not overlap within a set."""
    if len(one) == 0 or len(other) == 0:
        return 0.0
    left, right = shapely.STRtree(other).query(one, predicate="intersects")
    return float(np.sum(shapely.area(shapely.intersection(one[left], other[right]))))
