"""Degree of urbanisation (DEGURBA) of 1 km cells: urban centres and urban clusters.

Reference: Eurostat, Applying the Degree of Urbanisation (2021); GHSL Data Package 2022
(doi:10.2760/19817) for the built-up rule and the smoothing. The order (clusters, smoothing, holes) is that
of flexurba (doi:10.1177/23998083241262545), which reproduces the published grids.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS, Transformer
from scipy import ndimage
from shapely import Point

from qinshui_geo.errors import LayerError
from qinshui_geo.grid import Grid

URBAN_CENTRE, URBAN_CLUSTER, RURAL, NO_DATA = 3, 2, 1, 0
LEVEL_1 = {URBAN_CENTRE: "urban_centre", URBAN_CLUSTER: "urban_cluster", RURAL: "rural"}

SMOD_CENTRE, SMOD_DENSE, SMOD_SEMI_DENSE, SMOD_SUBURBAN = 30, 23, 22, 21
"""Urban codes of GHS-SMOD and GHS-WUP-DEGURBA, level 2."""

DENSE = (SMOD_CENTRE, SMOD_DENSE)
URBAN = (*DENSE, SMOD_SEMI_DENSE, SMOD_SUBURBAN)

_FOUR = ndimage.generate_binary_structure(2, 1)
_EIGHT = ndimage.generate_binary_structure(2, 2)
_RING = _EIGHT & ~np.pad([[True]], 1)
_CELL_KM2 = (0.95, 1.05)

Mask = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DegurbaRules:
    """Thresholds of level 1; the defaults are those of the method.

    Parameters
    ----------
    centre_density, centre_persons : float
        Persons per km2 of a cell, and persons in all, of an urban centre.
    cluster_density, cluster_persons : float
        The same of an urban cluster.
    built_fraction : float
        Cells built at least so far join a centre however few live there (offices, works, stations):
        0.5 in Data Package 2022; Data Package 2023 derives it from the data (0.2 for 2020).
    hole_km2 : float
        Holes of a centre smaller than this are filled.
    """

    centre_density: float = 1500.0
    centre_persons: float = 50_000.0
    cluster_density: float = 300.0
    cluster_persons: float = 5_000.0
    built_fraction: float = 0.5
    hole_km2: float = 15.0


@dataclass(frozen=True, slots=True, eq=False)
class Degurba:
    """Cells by class, and the clusters.

    Parameters
    ----------
    classes : Grid
        3 urban centre, 2 urban cluster, 1 rural, 0 no data.
    clusters : DataFrame
        One row per cluster, the most populous first: ``kind`` (urban_centre, urban_cluster), ``cells``,
        ``area_km2``, ``persons``. An urban cluster includes the centres that it surrounds.
    """

    classes: Grid
    clusters: pd.DataFrame = field(repr=False)


def degurba(
    population: Grid, *, built_fraction: Grid | None = None, rules: DegurbaRules | None = None
) -> Degurba:
    """Classify 1 km cells by the population in and around them.

    Urban centre: 4-connected cells of at least 1,500 persons per km2 (or built to at least one half)
    with at least 50,000 persons together; a cell with five of its eight neighbours in one centre is
    added to it until none is left; holes under 15 km2 are filled. Urban cluster: 8-connected cells of
    at least 300 persons per km2 with at least 5,000 persons together. Density is per km2 of the whole
    cell: the water in it is not taken off, unlike in the published grids.

    Parameters
    ----------
    population : Grid
        Persons per cell of 1 km2, in an equal-area or metric CRS; see :func:`~qinshui_geo.grid.move_counts`.
    built_fraction : Grid, optional
        Built-up fraction of the same cells.
    rules : DegurbaRules, optional
        Other thresholds.

    Raises
    ------
    LayerError
        If the cells are not 1 km2, or the two grids differ in their cells.

    Examples
    --------
    >>> from affine import Affine
    >>> persons = np.array([[20000.0, 20000.0, 20000.0, 400.0, 0.0]])
    >>> cells = Grid(persons, Affine(1000, 0, 0, 0, -1000, 1000), CRS.from_epsg(4546))
    >>> degurba(cells).classes.values.tolist()
    [[3, 3, 3, 2, 1]]
    """
    rules = rules or DegurbaRules()
    _require_kilometre_cells(population, built_fraction)
    cell_km2 = _cell_km2(population)
    known = population.valid()
    persons = np.where(known, population.values, 0.0).astype("float64")
    dense = persons / cell_km2 >= rules.centre_density
    if built_fraction is not None:
        valid = built_fraction.valid()
        dense |= valid & (np.where(valid, built_fraction.values, 0.0) >= rules.built_fraction)
    centres = _clusters(dense & known, persons, _FOUR, rules.centre_persons)
    centres = _holes_filled(_smoothed(centres, known), rules.hole_km2 / cell_km2)
    crowded = (persons / cell_km2 >= rules.cluster_density) & known
    clusters = _clusters(crowded, persons, _EIGHT, rules.cluster_persons)
    codes = np.where(known, RURAL, NO_DATA).astype("uint8")
    codes[clusters > 0], codes[centres > 0] = URBAN_CLUSTER, URBAN_CENTRE
    grid = Grid(codes, population.transform, population.crs, NO_DATA, LEVEL_1)
    kinds = {LEVEL_1[URBAN_CENTRE]: centres, LEVEL_1[URBAN_CLUSTER]: clusters}
    return Degurba(grid, _cluster_table(kinds, persons, cell_km2))


def _cell_km2(grid: Grid) -> float:
    return abs(grid.transform.a * grid.transform.e) / 1e6


def _require_kilometre_cells(population: Grid, built_fraction: Grid | None) -> None:
    low, high = _CELL_KM2
    if not population.crs.is_projected or not low <= _cell_km2(population) <= high:
        raise LayerError(
            "the degree of urbanisation is defined on cells of 1 km2", where="population grid",
            mend="move the counts to 1 km cells: move_counts(population, crs, cell_m=1000)",
        )  # fmt: skip
    if built_fraction is not None and (
        built_fraction.values.shape != population.values.shape
        or not built_fraction.transform.almost_equals(population.transform, precision=1e-3)
        or built_fraction.crs != population.crs
    ):
        raise LayerError(
            "the cells are not those of the population grid", where="built-up fraction grid",
            mend="bring both on the same 1 km cells",
        )  # fmt: skip


def _clusters(chosen: Mask, persons: npt.NDArray[np.float64], touch: Mask, least: float) -> Labels:
    """Number of the cluster of each cell, 0 for none; clusters of too few persons are left out."""
    labels, count = ndimage.label(chosen, touch)
    total = np.bincount(labels.ravel(), weights=persons.ravel(), minlength=count + 1)
    keep = total >= least
    keep[0] = False
    numbers = np.where(keep, np.cumsum(keep), 0)
    found: Labels = numbers[labels].astype(np.int64)
    return found


def _smoothed(centres: Labels, known: Mask) -> Labels:
    """Centres with every cell added of which at least five of eight neighbours belong to one of them."""
    grown = centres
    while True:
        added = grown.copy()
        for number in range(1, int(centres.max(initial=0)) + 1):
            around = ndimage.convolve(
                (grown == number).astype("uint8"), _RING.astype("uint8"), mode="constant"
            )
            added[(around >= 5) & (grown == 0) & known] = number
        if np.array_equal(added, grown):
            return grown
        grown = added


def _holes_filled(centres: Labels, most_cells: float) -> Labels:
    """Centres with their holes of fewer than ``most_cells`` cells filled, other centres left as they are."""
    filled = centres.copy()
    for number in range(1, int(centres.max(initial=0)) + 1):
        inside = ndimage.binary_fill_holes(centres == number, _FOUR) & (centres != number)
        holes, _ = ndimage.label(inside, _FOUR)
        small = (np.bincount(holes.ravel()) < most_cells)[holes]
        filled[(holes > 0) & small & (centres == 0)] = number
    return filled


def _cluster_table(
    kinds: dict[str, Labels], persons: npt.NDArray[np.float64], cell_km2: float
) -> pd.DataFrame:
    tables = []
    for kind, labels in kinds.items():
        cells = np.bincount(labels.ravel())[1:]
        total = np.bincount(labels.ravel(), weights=persons.ravel())[1:]
        tables.append(
            pd.DataFrame({"kind": kind, "cells": cells, "area_km2": cells * cell_km2, "persons": total})
        )
    return pd.concat(tables).sort_values("persons", ascending=False, kind="stable", ignore_index=True)


@dataclass(frozen=True, slots=True)
class SeatCluster:
    """The urban cluster at the seat, by cells of a degree-of-urbanisation grid.

    Parameters
    ----------
    cells : dict of int to int
        Cells of the cluster by class code.
    dense_km2, all_km2 : float
        Area of the dense cells (codes 30 and 23) that hang together nearest to the seat, and of the
        whole cluster with its semi-dense and suburban cells.
    away_km : float
        Distance of the seat from the cluster's nearest cell, 0 within it.
    cut_off : bool
        Whether the cluster reaches the edge of the grid and may go on beyond.
    """

    cells: dict[int, int]
    dense_km2: float
    all_km2: float
    away_km: float
    cut_off: bool


def urban_cluster_at(
    grid: Grid,
    seat: Point,
    *,
    crs: CRS,
    urban: Collection[int] = URBAN,
    dense: Collection[int] = DENSE,
) -> SeatCluster | None:
    """The cluster of urban cells (8-connected) that holds the seat or is nearest to it.

    Parameters
    ----------
    grid : Grid
        Classes of cells in an equal-area or metric CRS.
    seat : shapely.Point
        In ``crs``.
    crs : pyproj.CRS
        CRS of the seat.
    urban, dense : collection of int
        Codes of urban cells, and those of them that are dense; by default those of level 2 (GHS-SMOD,
        GHS-WUP-DEGURBA).

    Returns
    -------
    SeatCluster or None
        ``None`` where the grid has no urban cell.
    """
    col, row = ~grid.transform * Transformer.from_crs(crs, grid.crs, always_xy=True).transform(seat.x, seat.y)
    cluster, away = _nearest_cluster(np.isin(grid.values, list(urban)) & grid.valid(), row, col)
    if cluster is None:
        return None
    core, _ = _nearest_cluster(np.isin(grid.values, list(dense)) & cluster, row, col)
    codes, counts = np.unique(grid.values[cluster], return_counts=True)
    inner = np.zeros_like(cluster)
    inner[1:-1, 1:-1] = True
    cell_km2 = _cell_km2(grid)
    return SeatCluster(
        {int(code): int(count) for code, count in zip(codes, counts, strict=True)},
        0.0 if core is None else float(core.sum()) * cell_km2, float(cluster.sum()) * cell_km2,
        away * cell_km2**0.5, bool((cluster & ~inner).any()),
    )  # fmt: skip


def _nearest_cluster(chosen: Mask, row: float, col: float) -> tuple[Any, float]:
    """Cells of the cluster nearest to a place in cell coordinates, and how many cells away it is."""
    rows, cols = np.nonzero(chosen)
    if len(rows) == 0:
        return None, 0.0
    outside = [np.maximum(np.abs(at + 0.5 - place) - 0.5, 0) for at, place in ((rows, row), (cols, col))]
    away = np.hypot(*outside)
    nearest = int(np.argmin(away))
    labels, _ = ndimage.label(chosen, _EIGHT)
    return labels == labels[rows[nearest], cols[nearest]], float(away[nearest])
