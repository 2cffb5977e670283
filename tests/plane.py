"""A flat plane for tests: features by their shapes, and rasters whose south-west corner is at (0, 0)."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from affine import Affine
from geopandas import GeoDataFrame
from pyproj import CRS
from shapely import LineString

from qinshui_geo.errors import CRSError
from qinshui_geo.grid import Grid

METRIC = CRS.from_epsg(4546)
NEIGHBOUR_ZONE = CRS.from_epsg(4547)
SEAT_EASTING, SEAT_NORTHING = 607_400, 3_951_000
"""Near the seat of Qinshui in EPSG:4546, for tests that reproject."""

WRONG_CRS = (4326, 4490, 3857, None)
"""Degrees twice, Web Mercator, and no CRS at all."""


def frame(shapes: Iterable[Any], crs: object = METRIC, **columns: Any) -> GeoDataFrame:
    return GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def green(shapes: Iterable[Any], **columns: Any) -> GeoDataFrame:
    """Parks, named by letters in their order."""
    shapes = list(shapes)
    usual = {
        "source_id": [chr(97 + i) for i in range(len(shapes))], "name": [None] * len(shapes),
        "kind": ["park"] * len(shapes),
    }  # fmt: skip
    return frame(shapes, **{**usual, **columns})


def paths(shapes: Iterable[Any], **columns: Any) -> GeoDataFrame:
    shapes = list(shapes)
    return frame(shapes, **{"name": [None] * len(shapes), "kind": ["path"] * len(shapes), **columns})


def line(*places: tuple[float, float]) -> LineString:
    return LineString(places)


def shuffled(given: GeoDataFrame, seed: int = 1) -> GeoDataFrame:
    return given.iloc[np.random.default_rng(seed).permutation(len(given))]


def grid(values: Any, *, cell_m: float = 10.0, **known: Any) -> Grid:
    rows = np.asarray(values)
    transform = Affine(cell_m, 0, 0, 0, -cell_m, len(rows) * cell_m)
    return Grid(rows, transform, known.pop("crs", METRIC), **known)


def refused(call: Any, layer: str) -> bool:
    """Whether ``call(crs)`` names the layer in a refusal of every CRS in which areas are wrong."""
    for crs in WRONG_CRS:
        try:
            call(crs)
        except CRSError as fault:
            if layer not in str(fault):
                return False
        else:
            return False
    return True
