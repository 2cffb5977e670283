"""The rasters of the sample: land cover, NDVI, terrain and population, in the forms of the real ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
import shapely
from affine import Affine
from rasterio.features import rasterize
from rasterio.shutil import copy as copy_raster
from rasterio.transform import from_origin

from qinshui_geo.sample.buildings import HOME_TYPES, Building
from qinshui_geo.sample.drawing import Drawing
from qinshui_geo.sample.elements import Group, Line
from qinshui_geo.sample.frame import (
    Points,
    from_degrees,
    mollweide_to_degrees,
    river_coordinates,
    to_degrees,
    to_mollweide,
)  # fmt: skip
from qinshui_geo.sample.places import river_half_width_m

TREE, SHRUB, GRASS, CROP, BUILT, BARE, WATER = 10, 20, 30, 40, 50, 60, 80
TOWN_PERSONS, VILLAGE_PERSONS = 82_300.0, 3_200.0
EXTENT = (112.134, 35.664, 112.240, 35.717)
"""West, south, east and north edge of the rasters, in degrees before they are fitted to the cells."""

_GREEN_SHARE = {
    "housing": 0.44, "old_housing": 0.2, "commercial": 0.24, "industrial": 0.24, "school": 0.46,
    "hospital": 0.44, "government": 0.5, "square": 0.3, "construction": 0.06,
}  # fmt: skip
"""Share of the ground between the buildings that is green, by use of the block."""
_NDVI = {TREE: 0.64, SHRUB: 0.5, GRASS: 0.46, CROP: 0.56, BUILT: 0.12, BARE: 0.1, WATER: -0.16}

Cells = npt.NDArray[Any]


def paint_landcover(drawing: Drawing, rng: np.random.Generator) -> Cells:
    """Land cover with the codes of ESA WorldCover, on its grid of 1/12000 degree."""
    transform, shape = degree_grid(12000)
    along, across = river_coordinates(from_degrees(*cell_centres(transform, shape)))
    clump, speck = _clumps(shape, 4, rng), rng.random(shape)
    codes = _countryside(along, across, _cover(shape, rng), speck)
    _paint_town(codes, drawing, transform, clump, speck)
    _paint_parks(codes, drawing, transform, clump)
    codes[np.abs(across) < river_half_width_m(along)] = WATER
    return codes


def write_landcover(path: Path, codes: Cells) -> None:
    """Write land cover as a COG."""
    transform, _ = degree_grid(12000)
    write_band(path, codes, transform, "EPSG:4326", 0, "COG", overview_resampling="nearest")


def write_ndvi(path: Path, codes: Cells, rng: np.random.Generator) -> None:
    """Write 10 m NDVI of the growing season, in steps of 0.02, from the land cover ``codes``."""
    level = np.zeros(codes.shape)
    for code, value in _NDVI.items():
        level[codes == code] = value
    noise = 0.16 * (_clumps(codes.shape, 3, rng) + rng.random(codes.shape) - 1.0)
    ndvi = np.round((level + np.where(codes == WATER, 0.3 * noise, noise)) * 25.0) / 25.0
    transform, _ = degree_grid(12000)
    write_band(
        path, ndvi.astype("float32"), transform, "EPSG:4326", -9999, "COG", overview_resampling="nearest"
    )


def write_dem(path: Path) -> None:
    """Write terrain at 1 arc-second, in metres to the decimetre."""
    transform, shape = degree_grid(3600)
    height = np.round(_terrain(*river_coordinates(from_degrees(*cell_centres(transform, shape)))), 1)
    write_band(path, height.astype("float32"), transform, "EPSG:4326", -9999, "GTiff")


def write_population(path: Path, drawing: Drawing) -> None:
    """Write persons per 100 m cell as GHS-POP does: by floor area of the homes, total kept.

    Cells outside :data:`EXTENT`, in the corners of the slanted projection, hold no data.
    """
    transform, shape = mollweide_grid(100.0)
    persons = (residents(drawing.town, TOWN_PERSONS, transform, shape)
               + residents(drawing.villages, VILLAGE_PERSONS, transform, shape))  # fmt: skip
    persons[outside(*mollweide_to_degrees(*cell_centres(transform, shape)))] = -200.0
    write_band(path, np.round(persons, 2).astype("float32"), transform, "ESRI:54009", -200, "GTiff")


def _countryside(along: Points, across: Points, cover: Points, speck: Points) -> Cells:
    """Fields on the valley floor, wood and shrub on the hills."""
    rough = cover + 0.16 * (speck - 0.5)
    hills = np.where(rough < 0.56, TREE, np.where(rough < 0.66, SHRUB, GRASS))
    fields = np.where(rough < 0.24, TREE, np.where(rough > 0.82, BARE, CROP))
    edge = _floor_edge_m(along, across) + 160.0 * (cover - 0.5)
    codes = np.where(np.abs(across) < edge, fields, hills)
    codes[np.abs(across) < 62.0] = GRASS
    return codes.astype("uint8")


def _paint_town(codes: Cells, drawing: Drawing, transform: Affine, clump: Points, speck: Points) -> None:
    cells = [(block.reach(), 1) for block in drawing.blocks]
    streets = _burn(cells, transform, codes.shape) == 1
    codes[streets] = np.where(speck < 0.12, TREE, BUILT)[streets]
    shares = [(block.outline(), round(100 * _GREEN_SHARE.get(block.use, 0.0))) for block in drawing.blocks]
    green = _burn(shares, transform, codes.shape) / 100.0
    inside = _burn([(block.outline(), 1) for block in drawing.blocks], transform, codes.shape) == 1
    lawn = 0.5 * clump + 0.5 * speck < _middle_quantile(green)
    codes[inside] = np.where(lawn, np.where(clump < 0.3, TREE, GRASS), BUILT)[inside]
    works = [(block.outline(), 1) for block in drawing.blocks if block.use == "construction"]
    codes[(_burn(works, transform, codes.shape) == 1) & (speck < 0.8)] = BARE
    houses = [(building.line, 1) for building in (*drawing.town, *drawing.villages)]
    codes[_burn(houses, transform, codes.shape) == 1] = BUILT


def _paint_parks(codes: Cells, drawing: Drawing, transform: Affine, clump: Points) -> None:
    areas = [(line, 1) for park in drawing.parks for line in _rings(park)]
    park = _burn(areas, transform, codes.shape) == 1
    codes[park] = np.where(clump < 0.62, TREE, np.where(clump < 0.93, GRASS, BUILT))[park]
    shores = [(line, 2 if role == "inner" else 1) for group in drawing.parks if isinstance(group, Group)
              for line, role in group.members if len(line.points) == 25]  # fmt: skip
    lake = _burn(shores, transform, codes.shape)
    codes[lake == 2] = WATER


def _rings(park: object) -> list[Line]:
    """Closed ways of a park; a way that is not closed, and a paved square, hold no green."""
    if isinstance(park, Group):
        return [line for line, role in park.members if role == "outer"]
    if not isinstance(park, Line) or "highway" in park.tags:
        return []
    return [park] if (park.points[0] == park.points[-1]).all() else []


def _middle_quantile(share: Points) -> Points:
    """Value below which the mean of two even random numbers falls with the chance ``share``."""
    return np.where(share <= 0.5, np.sqrt(share / 2.0), 1.0 - np.sqrt((1.0 - share) / 2.0))


def _floor_edge_m(along: Points, across: Points) -> Points:
    """Distance from the river at which the hills begin."""
    north = 640.0 + 380.0 * np.exp(-(((along - 250.0) / 1400.0) ** 2)) + 40.0 * np.sin(along / 230.0)
    south = 420.0 + 340.0 * np.exp(-(((along + 350.0) / 1500.0) ** 2)) + 40.0 * np.sin(along / 310.0)
    return np.where(across > 0, north, south)


def _terrain(along: Points, across: Points) -> Points:
    beyond = np.maximum(np.abs(across) - _floor_edge_m(along, across), 0.0)
    gully = np.where(across > 0, 0.85 * np.exp(-(((along - 690.0) / 220.0) ** 2)), 0.0)
    spurs = 1.0 + 0.22 * np.sin(along / 270.0 + across / 700.0) + 0.1 * np.sin(along / 110.0)
    hill = 330.0 * (1.0 - np.exp(-beyond / 900.0)) * spurs * (1.0 - gully)
    bank = 4.5 * (1.0 - np.exp(-((np.abs(across) / 38.0) ** 4)))
    return 800.0 - 0.0042 * along + bank + 0.010 * np.abs(across) + hill


def residents(buildings: list[Building], persons: float, transform: Affine, shape: tuple[int, int]) -> Points:
    """Persons per cell, by floor area of the homes among the buildings."""
    homes = [building for building in buildings if building.kind in HOME_TYPES]
    floor = np.array([home.area_m2 * home.levels for home in homes])
    return spread(homes, persons * floor / floor.sum(), transform, shape)


def spread(buildings: list[Building], amounts: Points, transform: Affine, shape: tuple[int, int]) -> Points:
    """Sum per cell of what each building holds, counted where its middle is."""
    middle = np.array([building.line.points[:4].mean(axis=0) for building in buildings])
    column, row = np.floor(np.array(~transform * to_mollweide(middle).T)).astype(int)
    grid = np.zeros(shape)
    np.add.at(grid, (row, column), amounts)
    return grid


def _clumps(shape: tuple[int, int], size: int, rng: np.random.Generator) -> Points:
    """Random numbers that are the same over ``size`` x ``size`` cells."""
    coarse = rng.random((shape[0] // size + 1, shape[1] // size + 1))
    return np.repeat(np.repeat(coarse, size, axis=0), size, axis=1)[: shape[0], : shape[1]]


def _cover(shape: tuple[int, int], rng: np.random.Generator) -> Points:
    """Random field from 0 to 1 in which large patches have ragged edges."""
    return 0.6 * _smooth(shape, 44, rng) + 0.4 * _smooth(shape, 11, rng)


def _smooth(shape: tuple[int, int], size: int, rng: np.random.Generator) -> Points:
    """Random field from 0 to 1 that changes gently over ``size`` cells."""
    knots = rng.random((shape[0] // size + 2, shape[1] // size + 2))
    row, column = (np.arange(length) / size for length in shape)
    i, j = row.astype(int), column.astype(int)
    v, u = (row - i)[:, None], column - j
    upper = knots[i][:, j] * (1.0 - u) + knots[i][:, j + 1] * u
    lower = knots[i + 1][:, j] * (1.0 - u) + knots[i + 1][:, j + 1] * u
    return np.asarray(upper * (1.0 - v) + lower * v)


def _burn(areas: list[tuple[Line, int]], transform: Affine, shape: tuple[int, ...]) -> Cells:
    shapes = [(shapely.Polygon(to_degrees(line.points)), value) for line, value in areas]
    burnt: Cells = rasterize(shapes, out_shape=shape, transform=transform, dtype="uint8")
    return burnt


def degree_grid(per_degree: int) -> tuple[Affine, tuple[int, int]]:
    """Grid of the extent whose cells are whole fractions of a degree, like the global products."""
    west, south, east, north = (round(edge * per_degree) for edge in EXTENT)
    cell = 1.0 / per_degree
    return from_origin(west / per_degree, north / per_degree, cell, cell), (north - south, east - west)


def mollweide_grid(cell_m: float, *, margin_cells: int = 0) -> tuple[Affine, tuple[int, int]]:
    """Grid of the extent in the projection of the GHSL products, its edges whole multiples of a cell."""
    west, south, east, north = EXTENT
    corners = np.array([(lon, lat) for lon in (west, east) for lat in (south, north)])
    x, y = to_mollweide(from_degrees(corners[:, 0], corners[:, 1])).T
    margin = margin_cells * cell_m
    left, top = np.floor(x.min() / cell_m) * cell_m - margin, np.ceil(y.max() / cell_m) * cell_m + margin
    bottom, right = y.min() - margin, x.max() + margin
    shape = (int(np.ceil((top - bottom) / cell_m)), int(np.ceil((right - left) / cell_m)))
    return from_origin(left, top, cell_m, cell_m), shape


def outside(lon: Points, lat: Points) -> Points:
    """Whether places lie outside :data:`EXTENT`."""
    west, south, east, north = EXTENT
    return np.asarray((lon < west) | (lon > east) | (lat < south) | (lat > north))


def cell_centres(transform: Affine, shape: tuple[int, int]) -> tuple[Points, Points]:
    """Both coordinates of the cell centres, each of shape (rows, cols)."""
    x = transform.c + transform.a * (np.arange(shape[1]) + 0.5)
    y = transform.f + transform.e * (np.arange(shape[0]) + 0.5)
    columns, rows = np.meshgrid(x, y)
    return columns, rows


def write_band(path: Path, values: Cells, transform: Affine, crs: str, nodata: float, driver: str,
               **options: str) -> None:  # fmt: skip
    """Write one band; LZW, because its bytes do not depend on the version of a compression library."""
    profile = {"driver": "GTiff", "width": values.shape[1], "height": values.shape[0], "count": 1,
               "dtype": values.dtype.name, "crs": crs, "transform": transform, "nodata": nodata}  # fmt: skip
    with rasterio.MemoryFile() as memory:
        with memory.open(**profile) as raster:
            raster.write(values, 1)
        tiling = {"blocksize": "256"} if driver == "COG" else {"tiled": "YES"}
        with memory.open() as raster:
            copy_raster(raster, path, driver=driver, compress="LZW", **tiling, **options)
