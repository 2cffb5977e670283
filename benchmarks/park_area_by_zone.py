"""Park area of 5,000 zones of Las Palmas, against rasterstats on a raster of the parks; exactextract judges.

Ours cuts the polygons themselves; rasterstats counts the cells (2 m) whose centre lies in a zone, and
exactextract weighs each cell by the part that is covered. Errors are percent of the zone's area.
"""

import sys

import geopandas
import numpy as np
import pandas as pd
import rasterstats
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from las_palmas import las_palmas, timed
from rasterio.features import rasterize
from rasterio.transform import from_origin

from qinshui_geo.indicators.overlay import area_by_zone, disjoint

GOAL, GOAL_ERROR_PERCENT = 5.0, 0.5
CELL_M, ZONE_M = 2.0, 160.0


def zones_over(parks: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """About 5,000 slanting blocks around the parks."""
    west, south, east, north = parks.total_bounds
    x, y = np.meshgrid(np.arange(west, east, ZONE_M), np.arange(south, north, ZONE_M))
    boxes = shapely.box(x.ravel(), y.ravel(), x.ravel() + ZONE_M, y.ravel() + ZONE_M)
    turned = geopandas.GeoSeries(boxes, crs=parks.crs).rotate(20, origin=(west, south))
    near = shapely.STRtree(turned.to_numpy()).query(parks.buffer(1500), predicate="intersects")[1]
    return geopandas.GeoDataFrame(geometry=turned.iloc[np.unique(near)[:5000]].to_numpy(), crs=parks.crs)


def main() -> int:
    layers = las_palmas()
    parks = layers.green_areas[layers.green_areas["kind"] == "park"]
    zones = zones_over(parks)
    west, south, east, north = pd.concat([parks[["geometry"]], zones]).total_bounds
    shape = int(np.ceil((north - south) / CELL_M)), int(np.ceil((east - west) / CELL_M))
    transform = from_origin(west, north, CELL_M, CELL_M)
    mask = rasterize(parks.geometry, out_shape=shape, transform=transform, dtype="uint8")

    fast, ours = timed(lambda: area_by_zone(zones, disjoint(parks.geometry.to_numpy())))
    slow, counted = timed(
        lambda: rasterstats.zonal_stats(zones, mask, affine=transform, stats="sum", nodata=255), runs=1
    )
    plain = np.array([row["sum"] or 0 for row in counted], dtype=float) * CELL_M**2
    source = NumPyRasterSource(
        mask, xmin=west, ymin=north - shape[0] * CELL_M, xmax=west + shape[1] * CELL_M, ymax=north,
        srs_wkt=parks.crs.to_wkt(),
    )  # fmt: skip
    exact = exact_extract(source, zones, ["sum"], output="pandas")["sum"].to_numpy() * CELL_M**2
    area = zones.area.to_numpy()
    error, plain_error = (100 * np.abs(found - exact) / area for found in (ours, plain))
    print(f"{len(parks)} parks, {len(zones)} zones, {mask.size / 1e6:.0f} million cells of {CELL_M:g} m")
    print(f"ours {fast:.3f} s, rasterstats {slow:.2f} s: ratio {slow / fast:.1f} (goal {GOAL:.0f})")
    errors = f"ours {error.max():.3f} %, rasterstats {plain_error.max():.3f} %"
    print(f"largest error of a zone against exactextract: {errors}")
    print(f"total park area: ours {ours.sum() / 1e4:.3f} ha, exactextract {exact.sum() / 1e4:.3f} ha")
    return int(slow / fast < GOAL or error.max() > GOAL_ERROR_PERCENT)


if __name__ == "__main__":
    sys.exit(main())
