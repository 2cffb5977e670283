"""Built-up area (建成区) of a town: the land patches that hang together around its seat.

Reference: TD/T 1064-2021 城区范围确定规程, applied by reference (参照) to a county town.
"""

from __future__ import annotations

import pandas as pd
import shapely
from geopandas import GeoDataFrame
from shapely import Point

from qinshui_geo.indicators.growth_graph import (
    SEED_REACH_M,
    Growth,
    GrowthGraph,
    grown,
    growth_graph,
)
from qinshui_geo.indicators.growth_reasons import growth_layers
from qinshui_geo.indicators.land_patches import TOWN_GREEN, built_up_patches
from qinshui_geo.measurement import Measurement, Note, Quantity

__all__ = [
    "SEED_REACH_M", "TOWN_GREEN", "built_up_area", "built_up_patches", "built_up_pieces", "grown_area",
    "measured_growth",
]  # fmt: skip

NAME_ZH, NAME_EN = (
    "建成区面积(城区实体地域,开放数据近似)",
    "Built-up area (urban entity, approximated from open data)",
)


def built_up_area(
    patches: GeoDataFrame, *, seat: Point, link_m: float = 100.0, min_patch_ha: float = 1.0
) -> Measurement:
    """Built-up area in km2: the patches linked to the seat's, their holes filled.

    Connected components of the graph that joins two patches no more than ``link_m`` apart; the town is
    the component of the patch that contains the seat, else the largest within :data:`.SEED_REACH_M`,
    else the nearest.

    Parameters
    ----------
    patches : GeoDataFrame
        Candidate polygons in a metric CRS, see :func:`built_up_patches`.
    seat : shapely.Point
        Seed, in the same CRS. Survey code 201/201A, the standard's seed, does not exist for a
        county seat, so the seat's point stands in for it.
    link_m : float
        Largest gap in metres that is bridged. 100 [m].
    min_patch_ha : float
        Pieces without the seat under this many hectares are dropped at the end.

    Returns
    -------
    Measurement
        ``quantity`` in km2 (``None`` without patches); ``features`` has one row per piece with
        ``piece``, ``area_ha`` and ``holds_seat``; ``layers`` say how each patch was joined or why not
        (``built_up_patches``, ``built_up_links``).

    Raises
    ------
    CRSError
        If ``patches`` is not in a metric CRS.
    LayerError
        If a patch is invalid.

    Examples
    --------
    >>> squares = [shapely.box(0, 0, 1000, 1000), shapely.box(1099, 0, 2099, 1000)]
    >>> patches = GeoDataFrame(geometry=squares, crs=4546)
    >>> built_up_area(patches, seat=Point(500, 500)).quantity
    Quantity(value=2.0, unit='km2')
    """
    graph = growth_graph(patches, seat=seat, reach_m=link_m)
    return measured_growth(graph, link_m=link_m, min_patch_ha=min_patch_ha)


def measured_growth(graph: GrowthGraph, *, link_m: float, min_patch_ha: float) -> Measurement:
    """Built-up area from a distance graph that is at hand, see :func:`built_up_area`.

    Parameters
    ----------
    graph : GrowthGraph
        Patches and the gaps between them up to at least ``link_m``.
    link_m, min_patch_ha : float
        See :func:`built_up_area`.
    """
    if len(graph.polygons) == 0:
        return _no_patches(graph)
    growth = grown(graph, link_m)
    pieces = built_up_pieces(graph, growth, min_patch_ha=min_patch_ha)
    counts = {"pieces": len(pieces), "candidates": len(graph.polygons), "joined": int(growth.joined.sum())}
    return Measurement(
        "built_up_area", _area(pieces), NAME_ZH, NAME_EN,
        notes=(*_method_notes(link_m), *_seed_notes(float(graph.away_m[growth.seed]))),
        details={name: Quantity(count, "count") for name, count in counts.items()}, features=pieces,
        layers=growth_layers(graph, growth, pieces, min_patch_ha=min_patch_ha),
    )  # fmt: skip


def grown_area(graph: GrowthGraph, *, link_m: float, min_patch_ha: float) -> Quantity | None:
    """Only the figure of :func:`measured_growth`, for sweeps."""
    if len(graph.polygons) == 0:
        return None
    return _area(built_up_pieces(graph, grown(graph, link_m), min_patch_ha=min_patch_ha))


def built_up_pieces(graph: GrowthGraph, growth: Growth, *, min_patch_ha: float) -> GeoDataFrame:
    """Pieces of the cluster with holes filled, the seat's first, then by falling area.

    Returns
    -------
    GeoDataFrame
        ``piece`` (from 1), ``area_ha``, ``holds_seat``; pieces without the seat under
        ``min_patch_ha`` are left out.
    """
    filled = shapely.polygons(shapely.get_exterior_ring(graph.polygons[growth.joined]))
    parts = shapely.get_parts(shapely.disjoint_subset_union_all(filled))
    holds_seat = shapely.intersects(parts, shapely.point_on_surface(graph.polygons[growth.seed]))
    table = {"area_ha": shapely.area(parts) / 1e4, "holds_seat": holds_seat}
    frame = GeoDataFrame(table, geometry=parts, crs=graph.crs)
    frame = frame[frame["holds_seat"] | (frame["area_ha"] >= min_patch_ha)]
    frame = frame.sort_values(["holds_seat", "area_ha"], ascending=False, ignore_index=True)
    frame.insert(0, "piece", pd.RangeIndex(1, len(frame) + 1))
    return frame


def _area(pieces: GeoDataFrame) -> Quantity:
    return Quantity(float(pieces.geometry.area.sum()) / 1e6, "km2")


def _no_patches(graph: GrowthGraph) -> Measurement:
    columns = {"piece": "int64", "area_ha": "float64", "holds_seat": "bool"}
    empty = GeoDataFrame(
        {name: pd.Series(dtype=kind) for name, kind in columns.items()}, geometry=[], crs=graph.crs
    )
    bring = Note(
        "没有建筑物、建设用地或地表覆盖数据:请提供 OSM 数据(--osm)、地表覆盖栅格(--landcover)或国土调查图斑",
        "no buildings, built-up land or land cover: bring an OSM extract (--osm), a land-cover raster "
        "(--landcover) or land-survey patches",
    )
    return Measurement("built_up_area", None, NAME_ZH, NAME_EN, notes=(bring,), features=empty)


def _method_notes(link_m: float) -> tuple[Note, ...]:
    return (
        Note(
            f"参照 TD/T 1064-2021(适用于设市城市,县城参照使用):以县城驻地点为种子,"
            f"间距不大于 {link_m:g} m 的图斑相连",
            f"by reference to TD/T 1064-2021 (whose scope is cities): seeded at the county seat, patches "
            f"no more than {link_m:g} m apart are joined",
        ),
    )


def _seed_notes(away_m: float) -> tuple[Note, ...]:
    if away_m == 0:
        return ()
    return (
        Note(
            f"驻地点不在任何图斑内,取相距 {away_m:.0f} m 的图斑为种子",
            f"the seat lies in no patch; one {away_m:.0f} m away is the seed",
        ),
    )
