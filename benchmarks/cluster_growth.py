"""Growth of the built-up area by the distance graph, against buffering the cluster again and again.

Both grow from the same patch of Las Palmas over gaps of at most 100 m and must find the same patches, save
those so near to 100 m that the buffer, which is drawn by chords around a simplified outline, ends before.
Then the graph alone on 1 to 10 copies of the town, side by side: the slope of its cost over the size.
"""

import sys

import geopandas
import numpy as np
import shapely
from las_palmas import copies, growth_exponent, las_palmas, timed

from qinshui_geo.indicators.growth_graph import grown, growth_graph
from qinshui_geo.indicators.land_patches import built_up_patches

GOAL, GOAL_EXPONENT = 10.0, 1.3
LINK_M = 100.0
ARC = 32
SHORTEST_REACH = 0.99
"""Share of its radius that a buffer reaches everywhere: GEOS simplifies its input by 1 % of the radius."""


def by_graph(patches: geopandas.GeoDataFrame, seat: shapely.Point) -> np.ndarray:
    graph = growth_graph(patches, seat=seat, reach_m=LINK_M)
    return graph.polygons[grown(graph, LINK_M).joined]


def by_buffers(patches: geopandas.GeoDataFrame, seat: shapely.Point) -> geopandas.GeoDataFrame:
    """The way of a GIS user: buffer, select what it meets, union, until nothing is added."""
    seed = by_graph(patches, seat)[0]
    joined = patches.intersects(shapely.point_on_surface(seed))
    while True:
        reach = patches[joined].union_all().buffer(LINK_M, quad_segs=ARC)
        grown_to = patches.intersects(reach)
        if grown_to.sum() == joined.sum():
            return patches[joined]
        joined = grown_to


def main() -> int:
    layers = las_palmas()
    patches = built_up_patches([layers.buildings, layers.built_land], close_m=50.0)
    fast, ours = timed(lambda: by_graph(patches, layers.seat))
    slow, plain = timed(lambda: by_buffers(patches, layers.seat), runs=1)
    joined = f"{len(ours)} joined, {shapely.area(ours).sum() / 1e6:.3f} km2"
    print(f"{len(patches)} patches: graph {fast:.2f} s ({joined})")
    print(f"repeated buffer {slow:.2f} s ({len(plain)} joined, {plain.area.sum() / 1e6:.3f} km2)")
    print(f"ratio {slow / fast:.1f} (goal {GOAL:.0f})")
    sizes, seconds = [1, 2, 5, 10], []
    for size in sizes:
        many = copies(patches, size, step_m=40_000.0)
        seconds.append(timed(lambda many=many: by_graph(many, layers.seat))[0])
        print(f"{size:3} x {len(patches)} patches: {seconds[-1]:.2f} s")
    exponent = growth_exponent(sizes, seconds)
    print(f"cost grows with size to the power {exponent:.2f} (goal up to {GOAL_EXPONENT})")
    missed = ours[shapely.distance(ours, plain.union_all()) > 0]
    gaps = shapely.distance(missed, plain.union_all())
    same = len(ours) == len(plain) + len(missed) and bool((gaps > SHORTEST_REACH * LINK_M).all())
    print(f"missed by the buffer: gaps of {gaps.round(3).tolist()} m" if len(missed) else "same patches")
    return int(not same or slow / fast < GOAL or exponent > GOAL_EXPONENT)


if __name__ == "__main__":
    sys.exit(main())
