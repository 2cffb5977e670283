"""Drainage units (排水分区): blocks between streets and rivers that cover the built-up area once."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.clipping import clipped, polygons_only, require_valid
from qinshui_geo.crs import require_same_crs
from qinshui_geo.errors import LayerError

Adjacency = dict[int, dict[int, float]]


def drainage_blocks(
    built_up: GeoDataFrame, lines: Sequence[GeoDataFrame], *, min_unit_ha: float = 1.0
) -> GeoDataFrame:
    """Split the built-up area into blocks along streets, rivers and its own edge.

    The blocks cover the built-up area without gap or overlap. Blocks under ``min_unit_ha`` (slivers
    between carriageways) are merged with the neighbour of the longest common edge.

    Parameters
    ----------
    built_up : GeoDataFrame
        Built-up area in a metric CRS.
    lines : sequence of GeoDataFrame
        Streets, waterways, railways; same CRS.
    min_unit_ha : float
        Least area of a block in hectares.

    Returns
    -------
    GeoDataFrame
        Polygons with ``unit_id`` (1, 2, ...), from north-west to south-east, and ``area_ha``.

    Raises
    ------
    CRSError
        If the layers are not in one metric CRS.
    """
    require_same_crs({"built-up area": built_up, **{f"lines {i}": frame for i, frame in enumerate(lines)}})
    town = shapely.union_all(built_up.geometry.to_numpy())
    cuts = np.concatenate([np.empty(0, object), *(frame.geometry.to_numpy() for frame in lines)])
    shapely.prepare(town)
    # uncut, since a line cut at the edge of the town may end a hair before it and then part nothing
    linework = shapely.union_all([shapely.boundary(town), *cuts[shapely.intersects(town, cuts)]])
    blocks = shapely.get_parts(shapely.polygonize(shapely.get_parts(linework)))
    blocks = blocks[shapely.contains(town, shapely.point_on_surface(blocks))]
    blocks = blocks[np.lexsort(shapely.bounds(blocks).T)]  # so that ties below do not hang on the rows' order
    return _numbered(_merged(blocks, min_unit_ha * 1e4), built_up)


def own_units(units: GeoDataFrame, *, built_up: GeoDataFrame) -> GeoDataFrame:
    """The user's drainage units cut to the built-up area; what none of them covers is one more unit.

    So the units cover the built-up area exactly once, and a share of their area is a share of it.

    Parameters
    ----------
    units : GeoDataFrame
        Polygons in a metric CRS.
    built_up : GeoDataFrame
        Built-up area, same CRS.

    Returns
    -------
    GeoDataFrame
        Polygons with ``unit_id`` (1, 2, ... in the order given, the uncovered rest last) and ``area_ha``.

    Raises
    ------
    CRSError
        If the layers are not in one metric CRS.
    LayerError
        If units overlap by more than 1 m2, or are invalid.
    """
    require_same_crs({"built-up area": built_up, "sponge_units": units})
    require_valid(units.geometry.to_numpy(), "sponge_units")
    town = shapely.union_all(built_up.geometry.to_numpy())
    parts = polygons_only(clipped(units.geometry.to_numpy(), town))
    parts = parts[shapely.area(parts) > 0]
    covered = shapely.union_all(parts)
    overlap = float(shapely.area(parts).sum() - shapely.area(covered))
    if overlap > 1.0:
        raise LayerError(
            f"units overlap by {overlap:.0f} m2 within the built-up area", where="sponge_units",
            mend="mend the common edges, so that no place lies in two units",
        )  # fmt: skip
    rest = shapely.difference(town, covered)
    if shapely.area(rest) > 1.0:
        parts = np.append(parts, polygons_only(np.array([rest], dtype=object)))
    frame = GeoDataFrame(geometry=parts, crs=built_up.crs)
    frame.insert(0, "unit_id", pd.RangeIndex(1, len(frame) + 1))
    frame.insert(1, "area_ha", frame.geometry.area / 1e4)
    return frame


def _numbered(blocks: list[Any], built_up: GeoDataFrame) -> GeoDataFrame:
    frame = GeoDataFrame(geometry=blocks, crs=built_up.crs)
    places = frame.geometry.representative_point()
    order = np.lexsort((places.x.round(1), -places.y.round(1)))
    frame = frame.iloc[order].reset_index(drop=True)
    frame.insert(0, "unit_id", pd.RangeIndex(1, len(frame) + 1))
    frame.insert(1, "area_ha", frame.geometry.area / 1e4)
    return frame


def _merged(blocks: npt.NDArray[Any], min_m2: float) -> list[Any]:
    """Blocks after each small one, smallest first, has joined its neighbour of longest common edge."""
    area = dict(enumerate(shapely.area(blocks)))
    members = {i: [i] for i in area}
    edges = _common_edges(blocks)
    queue = [(size, i) for i, size in area.items() if size < min_m2]
    heapq.heapify(queue)
    while queue:
        size, small = heapq.heappop(queue)
        if area.get(small) != size or not edges[small]:
            continue
        target = max(edges[small], key=lambda other: (edges[small][other], -other))
        _join(small, target, area, members, edges)
        if area[target] < min_m2:
            heapq.heappush(queue, (area[target], target))
    return [shapely.union_all(blocks[group]) for group in members.values()]


def _join(
    small: int, target: int, area: dict[int, float], members: dict[int, list[int]], edges: Adjacency
) -> None:
    area[target] += area.pop(small)
    members[target] += members.pop(small)
    for other, length in edges.pop(small).items():
        del edges[other][small]
        if other != target:
            edges[target][other] = edges[target].get(other, 0.0) + length
            edges[other][target] = edges[target][other]


def _common_edges(blocks: npt.NDArray[Any]) -> Adjacency:
    """Length of the common edge of every two neighbouring blocks."""
    edges: Adjacency = {i: {} for i in range(len(blocks))}
    one, two = shapely.STRtree(blocks).query(blocks, predicate="intersects")
    one, two = one[one < two], two[one < two]
    rings = shapely.boundary(blocks)
    lengths = shapely.length(shapely.intersection(rings[one], rings[two]))
    for i, j, length in zip(one.tolist(), two.tolist(), lengths.tolist(), strict=True):
        if length > 0:
            edges[i][j] = edges[j][i] = length
    return edges
