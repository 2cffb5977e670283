"""The Las Palmas extract as layers, and timing of one function, for the benchmarks beside this file."""

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import geopandas
import numpy as np
import pandas as pd
import shapely
from running import REPOSITORY

from qinshui_geo.layers import CountyLayers
from qinshui_geo.plan import NO_PLAN
from qinshui_geo.profile import CountyProfile, Sources
from qinshui_geo.reading import read_layers

DATA = Path(os.environ.get("QINSHUI_GEO_REAL_DATA", REPOSITORY.parent / "shared" / "data"))
EXTRACT = DATA / "las_palmas" / "las_palmas_20230221.osm.pbf"
Result = TypeVar("Result")


def las_palmas() -> CountyLayers:
    """Layers of the extract; ends the benchmark, saying so, where the real data is absent."""
    if not EXTRACT.is_file():
        print(f"skipped: no {EXTRACT.name}; name the folder of the real data in QINSHUI_GEO_REAL_DATA")
        sys.exit(0)
    profile = CountyProfile(
        id="las_palmas", name_zh="拉斯帕尔马斯", name_en="Las Palmas", sources=Sources(osm=str(EXTRACT))
    )
    return read_layers(profile, plan=NO_PLAN)


def timed(work: Callable[[], Result], *, runs: int = 3) -> tuple[float, Result]:
    """Median seconds of some runs, and what the last one returned."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), result


def copies(frame: geopandas.GeoDataFrame, count: int, step_m: float) -> geopandas.GeoDataFrame:
    """The frame ``count`` times beside itself, ``step_m`` apart: a synthetic enlargement of real data.

    Moving rounds the coordinates, so that rings which nearly touch may cross: they are mended.
    """
    shapes = frame.geometry.to_numpy()
    moved = [
        shapely.transform(shapes, lambda xy, n=n: xy + np.array([n * step_m, 0.0])) for n in range(count)
    ]
    table = pd.concat([frame] * count, ignore_index=True)
    return geopandas.GeoDataFrame(table, geometry=shapely.make_valid(np.concatenate(moved)), crs=frame.crs)


def growth_exponent(sizes: list[int], seconds: list[float]) -> float:
    """Slope of cost over size, both logarithmic: 1 is linear."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
