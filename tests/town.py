"""A town of one square kilometre whose every figure can be worked out by hand, and a way to run commands.

Metres are counted east and north from the town's south-west corner, near Qinshui's county seat.

- residential land: 1,000 x 1,000 m, so the built-up area is 1 km2
- two parks of 2 ha that share 1 ha, so 3 ha of park
- a primary road west to east and a street south to north, each 1,200 m, which part the town into four
  blocks of 25 ha
- two greenways of 300 m and 100 m that do not meet, so 75 % of the length in the larger part
- a charging point at the crossing, which reaches all of the primary road
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from pyproj import Transformer
from rasterio.transform import from_origin

from qinshui_geo.cli import main

EAST, NORTH = 607_000.0, 3_951_000.0  # EPSG:4546
PERSONS = 2000
PLACE_NODE = (500, 480)
_TO_DEGREES = Transformer.from_crs(4546, 4326, always_xy=True)

Tags = dict[str, str]
WAYS: list[tuple[list[tuple[float, float]], Tags]] = [
    ([(0, 0), (1000, 0), (1000, 1000), (0, 1000), (0, 0)], {"landuse": "residential"}),
    ([(100, 100), (300, 100), (300, 200), (100, 200), (100, 100)], {"leisure": "park", "name": "甲公园"}),
    ([(200, 100), (400, 100), (400, 200), (200, 200), (200, 100)], {"leisure": "park", "name": "乙公园"}),
    ([(-100, 500), (500, 500), (1100, 500)], {"highway": "primary", "name": "新建路"}),
    ([(500, -100), (500, 500), (500, 1100)], {"highway": "residential"}),
    ([(100, 600), (400, 600)], {"highway": "footway", "name": "县河绿道"}),
    ([(800, 800), (900, 800)], {"highway": "path", "name": "东山步道"}),
]
NODES: list[tuple[tuple[float, float], Tags]] = [
    (PLACE_NODE, {"place": "town", "name": "小城"}),
    ((500, 500), {"amenity": "charging_station"}),
]


def degrees(east: float, north: float) -> tuple[float, float]:
    """Longitude and latitude of a place in the town."""
    lon, lat = _TO_DEGREES.transform(EAST + east, NORTH + north)
    return float(lon), float(lat)


def seat_option(east: float, north: float) -> str:
    lon, lat = degrees(east, north)
    return f"{lon},{lat}"


def write_town(path: Path) -> Path:
    """The town as OpenStreetMap XML."""
    places: dict[tuple[float, float], int] = {}
    for points, _ in [*WAYS, *(([place], tags) for place, tags in NODES)]:
        for point in points:
            places.setdefault(point, len(places) + 1)
    tagged = dict(NODES)
    lines = [_node(number, place, tagged.get(place, {})) for place, number in places.items()]
    lines += [
        _way(number, [places[p] for p in points], tags) for number, (points, tags) in enumerate(WAYS, 1)
    ]
    body = "\n".join(lines)
    path.write_text(f'<osm version="0.6" generator="hand">\n{body}\n</osm>\n', encoding="utf-8")
    return path


def _tags(tags: Tags) -> str:
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())


def _node(number: int, place: tuple[float, float], tags: Tags) -> str:
    lon, lat = degrees(*place)
    return f'<node id="{number}" version="1" lon="{lon:.9f}" lat="{lat:.9f}">{_tags(tags)}</node>'


def _way(number: int, refs: list[int], tags: Tags) -> str:
    nodes = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    return f'<way id="{number}" version="1">{nodes}{_tags(tags)}</way>'


def square(east: float, north: float, edge: float) -> shapely.Polygon:
    return shapely.box(EAST + east, NORTH + north, EAST + east + edge, NORTH + north + edge)


def frame(shapes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4546)


def write_boundary(path: Path, *, east: float = 0.0) -> Path:
    """A county of 5 x 5 km around the town, or so many metres east of there."""
    frame([square(east - 2000, -2000, 5000)]).to_crs(4326).to_file(path)
    return path


Value = Callable[[np.ndarray, np.ndarray], np.ndarray]


def write_raster(
    path: Path, value: Value, *, cell_m: float = 10, dtype: str = "uint8", **profile: Any
) -> Path:
    """One band over the town and 500 m around it; ``value`` gives it from the cells' centres east, north."""
    count = int(2000 / cell_m)
    centres = (np.arange(count) + 0.5) * cell_m - 500
    east, north = np.meshgrid(centres, centres[::-1])
    options: dict[str, Any] = {
        "driver": "GTiff", "width": count, "height": count, "count": 1, "dtype": dtype, "crs": "EPSG:4546",
        "transform": from_origin(EAST - 500, NORTH + 1500, cell_m, cell_m),
    } | profile  # fmt: skip
    with rasterio.open(path, "w", **options) as raster:
        raster.write(value(east, north).astype(dtype), 1)
    return path


def in_town(east: np.ndarray, north: np.ndarray) -> np.ndarray:
    return (east > 0) & (east < 1000) & (north > 0) & (north < 1000)


def write_landcover(path: Path, **profile: Any) -> Path:
    """WorldCover codes: grass in the west half of the town, built in the east half, crops around."""
    return write_raster(path, lambda e, n: np.where(in_town(e, n), np.where(e < 500, 30, 50), 40), **profile)


def write_population(path: Path, **profile: Any) -> Path:
    """20 persons in each of the town's 100 cells of 100 m, nobody around: 2,000 in all."""
    return write_raster(
        path, lambda e, n: np.where(in_town(e, n), 20, 0), cell_m=100, dtype="float32", **profile
    )


def write_rain(path: Path, *, years: int) -> Path:
    """A year's rain is one day of 10, one of 20 and one of 30 mm; the other days are dry."""
    days = [day for year in range(1981, 1981 + years) for day in _days(year)]
    path.write_text("\n".join(["date,prcp_mm,qflag", *days]) + "\n", encoding="utf-8")
    return path


def _days(year: int) -> list[str]:
    rain = {"06-01": 10, "07-01": 20, "08-01": 30}
    dates = np.arange(f"{year}-01-01", f"{year + 1}-01-01", dtype="datetime64[D]").astype(str)
    return [f"{date},{rain.get(date[5:], 0)}," for date in dates]


class Run(NamedTuple):
    """What a command gave back."""

    code: int
    out: str
    err: str


def command(*words: object) -> Run:
    """Run ``qinshui-geo`` in this process, as a shell would, without a terminal."""
    argv = ["qinshui-geo", *map(str, words)]
    with (
        redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err,
        warnings.catch_warnings(), mock.patch.object(sys, "argv", argv),
    ):  # fmt: skip
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    assert isinstance(code, int)
    return Run(code, out.getvalue(), err.getvalue())
