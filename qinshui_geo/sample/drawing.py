"""The whole sample town, drawn once: what the OSM file, the rasters and the tables are made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from qinshui_geo.sample.buildings import Building, town_buildings, village_buildings, village_land
from qinshui_geo.sample.elements import Element, Group, Line, course
from qinshui_geo.sample.parks import parks, pond
from qinshui_geo.sample.paths import paths
from qinshui_geo.sample.places import land_use, lawns, points, railway, townships, waters
from qinshui_geo.sample.streets import roads_out, streets
from qinshui_geo.sample.town import EAST_END_M, Block, StreetGrid

SEED = 20260101


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """Blocks and buildings of the town and its villages, and every element of the map."""

    blocks: list[Block]
    town: list[Building]
    villages: list[Building]
    parks: list[Element]
    elements: list[Element]


def draw_town() -> Drawing:
    """Draw the town; the same on every call."""
    rng = np.random.default_rng(SEED)
    grid = StreetGrid(rng)
    blocks = grid.blocks()
    green = parks(grid, blocks)
    lake = pond(next(park for park in green if isinstance(park, Group)))
    town, villages = _outside_parks(town_buildings(blocks, rng), green), village_buildings(rng)
    elements: list[Element] = [
        *points(), *waters(grid), lake, *land_use(blocks), *village_land(),
        *green, *lawns(blocks), *streets(grid), *roads_out(grid), _clipped_lane(), railway(),
        *paths(grid, blocks), *(building.line for building in (*town, *villages)), *townships(),
    ]  # fmt: skip
    return Drawing(blocks, town, villages, green, elements)


def _outside_parks(buildings: list[Building], green: list[Element]) -> list[Building]:
    """Buildings that no park in a corner of their block takes the place of."""
    lines = [park for park in green if isinstance(park, Line) and "leisure" in park.tags]
    hulls = shapely.convex_hull([shapely.LineString(line.points) for line in lines])
    bodies = [shapely.Polygon(building.line.points) for building in buildings]
    hit = {int(i) for i in shapely.STRtree(bodies).query(hulls, predicate="intersects")[1]}
    return [building for number, building in enumerate(buildings) if number not in hit]


def _clipped_lane() -> Line:
    """Lane that runs on beyond the file: its last node is missing, as in clipped extracts."""
    lane = course([(EAST_END_M, -232.0), (2900.0, -300.0)], {"highway": "residential"})
    return Line(lane.points, lane.tags, dangling=True)
