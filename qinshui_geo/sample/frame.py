"""The frame in which the sample town is drawn: along the river and across it, in metres."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer

Points = npt.NDArray[np.float64]
"""Array of shape (n, 2)."""

SEAT = (112.187, 35.690)
"""County seat, longitude and latitude in WGS84 degrees."""
CRS_CODE = "EPSG:4546"
VALLEY_LENGTH_M = 4600.0
"""How far the drawn river reaches up and down the valley from the seat."""

_TURN = np.radians(6.0)
_BENDS = ((240.0, 1500.0, 0.4), (60.0, 720.0, 1.1))
_SEAT_NORTH_OF_RIVER_M = 250.0


def along_across(along: npt.ArrayLike, across: npt.ArrayLike) -> Points:
    """Points given by their place along the river and their distance from it, in local metres.

    Parameters
    ----------
    along, across : array_like of shape (n,)
        Metres down the river, 0 near the seat; metres to the north (left) of its centre line.

    Returns
    -------
    ndarray of shape (n, 2)
        Metres east and north of the seat.
    """
    s, t = np.broadcast_arrays(np.asarray(along, dtype=float), np.asarray(across, dtype=float))
    slope = _slope(s)
    norm = np.sqrt(1.0 + slope**2)
    east, north = s - t * slope / norm, _river(s) + t / norm
    return np.stack((east * np.cos(_TURN) - north * np.sin(_TURN),
                     east * np.sin(_TURN) + north * np.cos(_TURN)), axis=-1)  # fmt: skip


def river_coordinates(points: Points) -> tuple[Points, Points]:
    """Reverse of :func:`along_across`: place along the river and distance from it, in metres.

    Examples
    --------
    >>> s, t = river_coordinates(along_across([300.0], [-120.0]))
    >>> round(float(s[0]), 3), round(float(t[0]), 3)
    (300.0, -120.0)
    """
    east = points[..., 0] * np.cos(_TURN) + points[..., 1] * np.sin(_TURN)
    north = -points[..., 0] * np.sin(_TURN) + points[..., 1] * np.cos(_TURN)
    s = east.copy()
    for _ in range(12):
        rise = north - _river(s)
        foot = (east - s) + rise * _slope(s)
        s = s - np.clip(foot / (rise * _bend(s) - _slope(s) ** 2 - 1.0), -400.0, 400.0)
    return s, (north - _river(s)) * np.sqrt(1.0 + _slope(s) ** 2)


def to_degrees(points: Points) -> Points:
    """Local metres to longitude and latitude, rounded to the 1e-7 degrees that OSM stores."""
    east, north = _seat_metric()
    lon, lat = _transformer("EPSG:4490").transform(points[..., 0] + east, points[..., 1] + north)
    return np.round(np.stack((lon, lat), axis=-1), 7)


def from_degrees(lon: Points, lat: Points) -> Points:
    """Longitude and latitude to local metres."""
    east, north = _seat_metric()
    x, y = _transformer("EPSG:4490").transform(lon, lat, direction="INVERSE")
    return np.stack((x - east, y - north), axis=-1)


def to_mollweide(points: Points) -> Points:
    """Local metres to ESRI:54009, the projection of GHS-POP."""
    degrees = to_degrees(points)
    return np.stack(_mollweide().transform(degrees[..., 0], degrees[..., 1]), axis=-1)


def mollweide_to_degrees(x: Points, y: Points) -> tuple[Points, Points]:
    """ESRI:54009 to longitude and latitude."""
    lon, lat = _mollweide().transform(x, y, direction="INVERSE")
    return lon, lat


def _river(s: Points) -> Points:
    start = sum(height * np.sin(phase) for height, _, phase in _BENDS)
    bends = sum(height * np.sin(s / length + phase) for height, length, phase in _BENDS)
    return np.asarray(bends - start - _SEAT_NORTH_OF_RIVER_M)


def _slope(s: Points) -> Points:
    return np.asarray(sum(h / length * np.cos(s / length + phase) for h, length, phase in _BENDS))


def _bend(s: Points) -> Points:
    return np.asarray(sum(-h / length**2 * np.sin(s / length + phase) for h, length, phase in _BENDS))


@cache
def _transformer(degrees: str) -> Transformer:
    return Transformer.from_crs(CRS(CRS_CODE), CRS(degrees), always_xy=True)


@cache
def _mollweide() -> Transformer:
    return Transformer.from_crs("EPSG:4326", "ESRI:54009", always_xy=True)


@cache
def _seat_metric() -> tuple[float, float]:
    x, y = _transformer("EPSG:4490").transform(*SEAT, direction="INVERSE")
    return float(x), float(y)
