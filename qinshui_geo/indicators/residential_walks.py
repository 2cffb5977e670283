"""How far residential land is from park entrances on foot, at points spread evenly over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio.features
import shapely
from geopandas import GeoDataFrame, GeoSeries
from rasterio.transform import from_origin, rowcol

from qinshui_geo.grid import Grid
from qinshui_geo.indicators.walking import WalkingNetwork, walking_distance

Floats = npt.NDArray[np.float64]

SAMPLE_M = 25.0
"""Distance in metres between sample points. Project-defined."""


@dataclass(frozen=True, slots=True, eq=False)
class Walks:
    """Walks from residential areas to parks.

    Parameters
    ----------
    metres : ndarray of float of shape (n,)
        From a point within each area to the nearest park entrance, infinity where none is reached.
    land_share : ndarray of float of shape (n,)
        Share of each area's land that is served, 0 to 1.
    residents_share : float or None
        Share of the residents of all areas who are served; ``None`` without population.
    """

    metres: Floats
    land_share: Floats
    residents_share: float | None


def walks_to_parks(
    areas: GeoDataFrame,
    far_gates: npt.NDArray[Any],
    near_gates: npt.NDArray[Any],
    *,
    network: WalkingNetwork,
    population: Grid | None = None,
    near_m: float = 300.0,
    far_m: float = 500.0,
) -> Walks:
    """Walk from residential areas to the entrances of large and of small parks.

    Parameters
    ----------
    areas : GeoDataFrame
        Residential areas that do not overlap, in a metric CRS.
    far_gates, near_gates : ndarray of Point
        Entrances of the parks that serve ``far_m`` and ``near_m``, same CRS.
    network : WalkingNetwork
        Streets and paths, same CRS.
    population : Grid, optional
        Persons per cell, by which the sample points are weighted.
    near_m, far_m : float
        Service distances in metres.
    """
    centres = shapely.point_on_surface(areas.geometry.to_numpy())
    samples, owner = _samples(areas, centres)
    points = np.concatenate([centres, samples])
    far, near = (walking_distance(network, gates, points) for gates in (far_gates, near_gates))
    served = ((far <= far_m) | (near <= near_m))[len(areas) :]
    count = np.bincount(owner, minlength=len(areas))
    share = np.bincount(owner, weights=served, minlength=len(areas)) / count
    weights = None if population is None else _persons_at(samples, areas, owner, population)
    total = 0.0 if weights is None else float(weights.sum())
    residents = float(weights[served].sum()) / total if weights is not None and total > 0 else None
    return Walks(np.minimum(far, near)[: len(areas)], share, residents)


def _samples(
    areas: GeoDataFrame, centres: npt.NDArray[Any]
) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Points of a square lattice within each area, one in an area that it misses, and the area of each."""
    west, south, east, north = areas.total_bounds
    left, top = np.floor(west / SAMPLE_M) * SAMPLE_M, np.ceil(north / SAMPLE_M) * SAMPLE_M
    shape = int(np.ceil((top - south) / SAMPLE_M)), int(np.ceil((east - left) / SAMPLE_M))
    marks = zip(areas.geometry, range(1, len(areas) + 1), strict=True)
    owners = rasterio.features.rasterize(
        marks, out_shape=shape, transform=from_origin(left, top, SAMPLE_M, SAMPLE_M), dtype="int32"
    )
    row, column = np.nonzero(owners)
    x, y = left + (column + 0.5) * SAMPLE_M, top - (row + 0.5) * SAMPLE_M
    owner = owners[row, column].astype(np.int64) - 1
    missed = np.setdiff1d(np.arange(len(areas)), owner)
    return np.concatenate([shapely.points(x, y), centres[missed]]), np.concatenate([owner, missed])


def _persons_at(
    samples: npt.NDArray[Any], areas: GeoDataFrame, owner: npt.NDArray[np.int64], population: Grid
) -> Floats:
    """Persons for which each sample stands, up to a factor: those of its cell, by the land of the sample."""
    places = shapely.get_coordinates(GeoSeries(samples, crs=areas.crs).to_crs(population.crs).to_numpy())
    row, column = (np.asarray(axis) for axis in rowcol(population.transform, places[:, 0], places[:, 1]))
    rows, columns = population.values.shape
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    cells = np.where(population.valid(), population.values, 0.0)
    persons = np.where(inside, cells[row.clip(0, rows - 1), column.clip(0, columns - 1)], 0.0)
    land = areas.area.to_numpy() / np.bincount(owner, minlength=len(areas))
    weights: Floats = persons * land[owner]
    return weights
