"""Reference points of the sample: places drawn at random, and whether green grows there."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from qinshui_geo.sample.frame import along_across, to_degrees
from qinshui_geo.sample.rasters import GRASS, SHRUB, TREE, Cells, degree_grid

COUNT = 800
REACH = ((-3600.0, 3600.0), (-1000.0, 1000.0))
"""Metres along the river and across it between which the points are drawn: the town and around it."""
MISTAKEN = 0.06
"""Share of the points at which the land cover is wrong."""


def write_reference_points(path: Path, codes: Cells, rng: np.random.Generator) -> None:
    """Write made-up checks of the land cover ``codes`` with the columns ``lon,lat,class``, WGS84."""
    degrees = to_degrees(along_across(*(rng.uniform(*ends, COUNT) for ends in REACH)))
    transform, _ = degree_grid(12000)
    column = ((degrees[:, 0] - transform.c) / transform.a).astype(int)
    row = ((degrees[:, 1] - transform.f) / transform.e).astype(int)
    green = np.isin(codes[row, column], (TREE, SHRUB, GRASS)) ^ (rng.random(COUNT) < MISTAKEN)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("lon", "lat", "class"))
        table.writerows((f"{lon:.5f}", f"{lat:.5f}", "green" if is_green else "not_green")
                        for (lon, lat), is_green in zip(degrees, green, strict=True))  # fmt: skip
