"""Completeness of the map: what OpenStreetMap draws as built, against independent built-up land."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from geopandas import GeoDataFrame

from qinshui_geo.crs import require_same_crs
from qinshui_geo.grid import Grid
from qinshui_geo.indicators.land_patches import BUILT_CLASSES
from qinshui_geo.indicators.overlay import area_by_zone, disjoint
from qinshui_geo.measurement import Measurement, Note, Quantity, Swing
from qinshui_geo.zonal import UNKNOWN, class_shares, sums

NAME_ZH, NAME_EN = (
    "地图完整度(已绘制建设用地占独立来源建设用地)",
    "Completeness of the map (built-up land drawn, of independent built-up land)",
)
AROUND_M = 500.0
"""Metres around the built-up area that are looked at too: what is not drawn may lie just beyond it."""

CELL_SWEEP_M = (250.0, 500.0, 1000.0)
MAX_UNKNOWN = 0.5
"""Above this unknown share a cell has no figure."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What is drawn as built, each place once: buildings alone, and with built-up land use."""

    buildings: npt.NDArray[Any]
    built: npt.NDArray[Any]


def osm_completeness(
    built_up: GeoDataFrame,
    *,
    buildings: GeoDataFrame,
    built_land: GeoDataFrame,
    independent: GeoDataFrame | Grid,
    cell_m: float = 500.0,
    min_share_percent: float = 50.0,
) -> Measurement:
    """How much of the built-up land that another source knows is drawn on the map, in percent.

    In each cell the area drawn as building or built-up land use (union) is held against the built-up
    land of the independent source, and counts up to that: a cell drawn twice over does not make up for
    an empty one. The figure is what is drawn of all cells over the built-up land of all cells.

    Built-up land is more than buildings: streets and yards belong to it. So the buildings alone
    (``details['building_share']``) never reach 100 %, even on a faultless map. And the areas are compared,
    not the places: this says how much is drawn, not whether it is drawn rightly, and nothing of parks or
    paths, for which it can only stand in.

    Parameters
    ----------
    built_up : GeoDataFrame
        Built-up area in a metric CRS; cells that meet it or lie up to 500 m around are looked at.
    buildings, built_land : GeoDataFrame
        What the map draws, polygons in the same CRS.
    independent : GeoDataFrame or Grid
        Built-up land by another source: patches of a land survey, land-cover classes (with
        ``classes``), or the built-up fraction of each cell (GHS-BUILT-S, 0 to 1, without ``classes``).
    cell_m : float
        Edge of a cell in metres; swept over 250, 500 and 1,000 m.
    min_share_percent : float
        Below it a cell is marked ``low``.

    Returns
    -------
    Measurement
        ``quantity`` in percent, ``None`` where the independent source knows no built-up land there;
        ``layers['completeness']`` has a row per cell, see :func:`completeness_cells`.

    Raises
    ------
    CRSError
        If the layers are not in one metric CRS.
    """
    require_same_crs({"built-up area": built_up, "buildings": buildings, "built-up land": built_land})
    drawn = _drawn(buildings, built_land, built_up)
    by_size = {
        size: completeness_cells(
            built_up, drawn=drawn, independent=independent, cell_m=size, min_share_percent=min_share_percent
        )
        for size in sorted({*CELL_SWEEP_M, cell_m})
    }
    figures = {size: _overall(cells) for size, cells in by_size.items()}
    known = [figure for figure in figures.values() if figure is not None]
    low, high = (min(known, default=0.0), max(known, default=0.0))
    cells, quantity = by_size[cell_m], figures[cell_m]
    swing = Swing("cell_m", "m", tuple(figures), tuple(map(_percent, figures.values())))
    return Measurement(
        "osm_completeness", _percent(quantity), NAME_ZH, NAME_EN,
        range=None if quantity is None else (Quantity(low, "percent"), Quantity(high, "percent")),
        denominator=Quantity(float(cells["built_land_m2"].sum()) / 1e6, "km2"),
        notes=(_WHAT_IT_IS,) if quantity is not None else (_WHAT_IT_IS, _NO_BUILT_LAND),
        details=_details(cells), layers={"completeness": cells}, swings=(swing,),
    )  # fmt: skip


def completeness_cells(
    built_up: GeoDataFrame,
    *,
    drawn: Drawn,
    independent: GeoDataFrame | Grid,
    cell_m: float,
    min_share_percent: float,
) -> GeoDataFrame:
    """Square cells around the built-up area with what is drawn in them and what should be.

    Returns
    -------
    GeoDataFrame
        Cells on whole multiples of ``cell_m``, from the north-west, with ``cell_id``,
        ``osm_building_m2``, ``mapped_m2`` (buildings and built-up land use), ``built_land_m2`` (independent;
        NaN where it is unknown), ``completeness_percent`` (at most 100; NaN without built-up land) and
        ``low``.
    """
    cells = _cells(built_up, cell_m)
    cells["osm_building_m2"] = area_by_zone(cells, drawn.buildings)
    cells["mapped_m2"] = area_by_zone(cells, drawn.built)
    cells["built_land_m2"] = _built_land_m2(cells, independent)
    share = 100 * cells["mapped_m2"] / cells["built_land_m2"].where(cells["built_land_m2"] > 0)
    cells["completeness_percent"] = share.clip(upper=100.0)
    cells["low"] = cells["completeness_percent"] < min_share_percent
    return cells


def _drawn(buildings: GeoDataFrame, built_land: GeoDataFrame, built_up: GeoDataFrame) -> Drawn:
    """What is drawn within reach of the town, in polygons that do not overlap."""
    near = shapely.box(*_reach(built_up))
    shapes = [frame.geometry.to_numpy() for frame in (buildings, built_land)]
    houses, land = (layer[shapely.intersects(layer, near)] for layer in shapes)
    roofs = disjoint(houses)
    return Drawn(roofs, disjoint(np.concatenate([roofs, land])))


def _reach(built_up: GeoDataFrame) -> npt.NDArray[np.float64]:
    """West, south, east and north of the town and what lies around it."""
    extent: npt.NDArray[np.float64] = built_up.total_bounds + np.array([-1, -1, 1, 1]) * AROUND_M
    return extent


def _cells(built_up: GeoDataFrame, cell_m: float) -> GeoDataFrame:
    """Cells that meet the town or lie within reach of it, row by row from the north-west."""
    if built_up.empty:
        return GeoDataFrame({"cell_id": pd.Series(dtype="int64")}, geometry=[], crs=built_up.crs)
    west, south, east, north = _reach(built_up) / cell_m
    columns, rows = np.arange(np.floor(west), np.ceil(east)), np.arange(np.floor(south), np.ceil(north))[::-1]
    left, bottom = (axis.ravel() * cell_m for axis in np.meshgrid(columns, rows))
    squares = shapely.box(left, bottom, left + cell_m, bottom + cell_m)
    town = shapely.union_all(built_up.geometry.to_numpy())
    shapely.prepare(town)
    squares = squares[shapely.dwithin(town, squares, AROUND_M)]
    return GeoDataFrame({"cell_id": np.arange(1, len(squares) + 1)}, geometry=squares, crs=built_up.crs)


def _built_land_m2(cells: GeoDataFrame, independent: GeoDataFrame | Grid) -> pd.Series[float]:
    """Built-up land of each cell by the independent source; NaN where it does not know the cell."""
    area: pd.Series[float] = cells.geometry.area
    if isinstance(independent, GeoDataFrame):
        require_same_crs({"built-up area": cells, "independent built-up land": independent})
        return pd.Series(area_by_zone(cells, disjoint(independent.geometry.to_numpy())), index=cells.index)
    if cells.empty:
        return pd.Series(dtype=float)
    if not independent.classes:
        return area * _fraction(cells, independent)
    shares = class_shares(cells, independent)
    built = shares[[name for name in shares if name in BUILT_CLASSES]].sum(axis=1)
    unknown = shares[UNKNOWN]
    land: pd.Series[float] = area * built / (1 - unknown).where(unknown <= MAX_UNKNOWN)
    return land


def _fraction(cells: GeoDataFrame, fraction: Grid) -> pd.Series[float]:
    """Mean built-up fraction of the part of each cell that the raster knows."""
    valid = fraction.valid()
    known = Grid(valid.astype("float64"), fraction.transform, fraction.crs)
    covered = sums(cells, known)
    whole = cells.to_crs(fraction.crs).geometry.area / abs(fraction.transform.a * fraction.transform.e)
    mean: pd.Series[float] = sums(cells, fraction) / covered.where(covered >= (1 - MAX_UNKNOWN) * whole)
    return mean


def _overall(cells: GeoDataFrame) -> float | None:
    """Percent of the independent built-up land of all cells that is drawn, each cell at most whole."""
    land = cells["built_land_m2"]
    total = float(land.sum())
    return 100 * float(np.fmin(cells["mapped_m2"], land)[land.notna()].sum()) / total if total > 0 else None


def _percent(value: float | None) -> Quantity | None:
    return None if value is None else Quantity(value, "percent")


def _details(cells: GeoDataFrame) -> dict[str, Quantity]:
    known = cells[cells["built_land_m2"] > 0]
    land = float(known["built_land_m2"].sum())
    counts = {
        "cells": Quantity(len(known), "count"),
        "low_cells": Quantity(int(known["low"].sum()), "count"),
    }
    if land <= 0:
        return counts
    share = 100 * float(known["osm_building_m2"].sum()) / land
    return {"building_share": Quantity(share, "percent"), **counts}


_WHAT_IT_IS = Note(
    "已绘制的建筑与建设用地(合并)占独立来源建设用地的面积比,每格至多计满;建设用地含道路与院落,"
    "仅按建筑计算不会达到 100 %",
    "area drawn as building or built-up land over the independent built-up land, each cell at most whole; "
    "built-up land includes streets and yards, so that of the buildings alone never reaches 100 %",
)
_NO_BUILT_LAND = Note(
    "独立来源在建成区及周边 500 m 内没有建设用地数据:请提供 --landcover、GHS-BUILT-S 或国土调查图斑",
    "the independent source knows no built-up land in the town or 500 m around it: bring --landcover, "
    "GHS-BUILT-S or land-survey patches",
)
