"""Ways for walking and cycling: the riverside greenway with its gaps, park paths, a hiking route."""

from __future__ import annotations

import numpy as np

from qinshui_geo.sample.elements import Element, Group, Line, Tags, course, ring
from qinshui_geo.sample.parks import HILL_PARK, WIDE_STRIP
from qinshui_geo.sample.town import STREAM_COLUMN, Block, StreetGrid

NORTH_BANK = ((-2500.0, -1330.0), (-1270.0, 860.0), (1000.0, 1900.0), (2120.0, 2560.0))
"""Ends of the pieces of the greenway on the north bank; the gaps are 60, 140 and 220 m along the river."""
SOUTH_BANK = (-1560.0, 1720.0)
FOOT_BRIDGES_M = (-600.0, 420.0)
PATH_M = 48.0
"""Distance of the greenway from the river's centre line."""

_JOINTS_M = (690.0,)
"""Where the path up the stream leaves the greenway of the north bank."""
_YARDS = ((0, 2), (2, -2), (8, 4), (10, 2), (10, -4), (18, -3), (20, 5), (22, 4), (23, -2))
"""Estates, by column and row, that are more than 100 m from any park or water."""
_GREENWAY = {"highway": "cycleway", "name": "沁河绿道", "foot": "designated", "surface": "asphalt"}
_FOOTWAY = {"highway": "footway"}


def paths(grid: StreetGrid, blocks: list[Block]) -> list[Element]:
    """All paths, and the hiking route over the hill as a relation."""
    stream = _stream_path(grid)
    trail = _trail(grid)
    route = {"type": "route", "route": "hiking", "name": "碧峰山登山步道", "network": "lwn"}
    return [
        *greenways(), stream, trail, Group(((stream, ""), (trail, "")), route),
        *_big_park_paths(blocks), *_park_paths(blocks), *_yard_paths(blocks), *_cycle_tracks(grid),
    ]  # fmt: skip


def greenways() -> list[Line]:
    """Riverside greenway on both banks, its foot bridges, and one piece that is mapped twice."""
    banks = [_bank(west, east, PATH_M) for west, east in NORTH_BANK] + [_bank(*SOUTH_BANK, -PATH_M)]
    deck = {"highway": "footway", "bridge": "yes", "layer": "1", "name": "沁河步行桥"}
    bridges = [course([(s, -PATH_M), (s, PATH_M)], deck) for s in FOOT_BRIDGES_M]
    return [*banks, *bridges, _bank(*NORTH_BANK[2], PATH_M)]


def _bank(west: float, east: float, across: float) -> Line:
    """Piece of the greenway; it has a node at each foot bridge that it passes."""
    between = [s for s in FOOT_BRIDGES_M if west < s < east]
    joints = [s for s in _JOINTS_M if across > 0 and west < s < east]
    return course([(s, across) for s in sorted((west, *between, *joints, east))], _GREENWAY)


def _stream_path(grid: StreetGrid) -> Line:
    west = grid.columns_m[STREAM_COLUMN] + 16.0
    tags = {"highway": "path", "name": "杏溪步道", "surface": "fine_gravel"}
    return course([(_JOINTS_M[0], PATH_M), (west, 106.0), (west, 950.0)], tags)


def _trail(grid: StreetGrid) -> Line:
    _, _, east, south, north = HILL_PARK
    foot = (grid.columns_m[STREAM_COLUMN] + 16.0, 950.0)
    stops = [foot, (east - 30.0, south + 40.0), (east - 160.0, south + 150.0), (120.0, south + 210.0),
             (190.0, north - 60.0), (40.0, north + 60.0), (-60.0, north + 190.0)]  # fmt: skip
    return course(stops, {"highway": "path", "name": "碧峰山登山步道", "sac_scale": "hiking"})


def _big_park_paths(blocks: list[Block]) -> list[Line]:
    """Loop inside the comprehensive park and its branch to the greenway of the south bank."""
    park = next(block for block in blocks if block.use == "big_park")
    at = park.corners[0] + 0.0
    width, depth = park.corners[1][0] - at[0], park.corners[3][1] - at[1]
    loop = [
        (at[0] + u * width, at[1] + v * depth)
        for u, v in (
            (0.06, 0.12),
            (0.36, 0.08),
            (0.94, 0.12),
            (0.95, 0.88),
            (0.4, 0.93),
            (0.06, 0.86),
            (0.06, 0.12),
        )
    ]
    branch = [loop[4], (FOOT_BRIDGES_M[0], -PATH_M)]
    tags = {**_FOOTWAY, "surface": "paving_stones"}
    return [course(loop, tags), course(branch, tags)]


def _park_paths(blocks: list[Block]) -> list[Line]:
    """One path across every third community park, and the middle line of the 15 m strip."""
    parks = [block for block in blocks if block.use == "park"][::3]
    _, west, east, south, north = WIDE_STRIP
    strip = course([(west + 20.0, (south + north) / 2), (east - 20.0, (south + north) / 2)], _FOOTWAY)
    return [*(_across(park, _FOOTWAY) for park in parks), strip]


def _across(block: Block, tags: Tags) -> Line:
    return Line(np.array([block.point(*at) for at in ((0.1, 0.1), (0.45, 0.55), (0.9, 0.88))]), tags)


def _yard_paths(blocks: list[Block]) -> list[Line]:
    """Footpaths round the yards of some housing estates: no greenways."""
    estates = [block for block in blocks if (block.column, block.row) in _YARDS]
    sides = ((0.018, 0.02), (0.982, 0.02), (0.982, 0.98), (0.018, 0.98))
    return [ring(np.array([estate.point(*at) for at in sides]), _FOOTWAY) for estate in estates]


def _cycle_tracks(grid: StreetGrid) -> list[Line]:
    """Cycle track beside 新建街 in the east of the town."""
    line = grid.rows_m.index(372.0)
    stops = [grid.crossing(column, line) - np.array([0.0, 7.0]) for column in range(20, 26)]
    return [course(stops, {"highway": "cycleway", "name": "新建街非机动车道"})]
