"""The parks of the sample town, of every class, and the dirt that real park data carries."""

from __future__ import annotations

import numpy as np

from qinshui_geo.sample.elements import Element, Group, Line, Tags, patch, ring
from qinshui_geo.sample.frame import Points, along_across
from qinshui_geo.sample.town import BIG_PARK_COLUMNS, STREAM_COLUMN, Block, StreetGrid

RIVERSIDE = (
    ("沁河公园西园", -2120.0, -1480.0, 38.0, 77.0),
    ("沁河公园中园", -1120.0, -470.0, 38.0, 77.0),
    ("沁河公园东园", -90.0, 560.0, 38.0, 77.0),
    ("春晓滨河公园", 1010.0, 1580.0, 38.0, 77.0),
    ("南岸滨河公园", -1560.0, -1000.0, -77.0, -38.0),
    ("柳堤公园", 60.0, 700.0, -77.0, -38.0),
    ("芦花公园", 1120.0, 1720.0, -77.0, -38.0),
)
"""Name and edges along and across the river, in metres."""
NARROW_STRIP = ("示例窄带绿地(宽10米)", -2560.0, -2160.0, 43.0, 53.0)
WIDE_STRIP = ("示例带状公园(宽15米)", -2350.0, -1800.0, -55.0, -40.0)
HILL_PARK = ("碧峰山公园", -120.0, 560.0, 972.0, 1360.0)
HOSTILE_NAME = "\"梅苑\"<script>alert('示例')</script>🌳小游园"

_PARK_NAMES = ("文苑公园", "育才公园", "杏园公园", "永安公园", "石楼公园", "东岭公园", "迎宾公园", "梅亭公园",
               "槐荫公园", "书院公园", "清风公园", "丁香公园", "银杏公园")  # fmt: skip
_POCKETS = ((3, 2), (7, 1), (9, 3), (12, 4), (14, 1), (16, 3), (19, 2), (21, 1), (24, 1), (5, -2), (7, -1),
            (12, -1), (16, -2), (20, -1))  # fmt: skip


def parks(grid: StreetGrid, blocks: list[Block]) -> list[Element]:
    """All parks: comprehensive, community, strip and pocket parks, a square, and the faulty ones."""
    return [
        big_park(blocks),
        stream_park(grid),
        *(_strip(name, *edges) for name, *edges in
          (*RIVERSIDE, NARROW_STRIP, WIDE_STRIP, HILL_PARK)),
        *_community_parks(blocks),
        *pocket_parks(blocks),
        *_squares(blocks),
        *dirt(blocks),
    ]  # fmt: skip


def _strip(name: str, west: float, east: float, south: float, north: float) -> Line:
    return patch(west, east, south, north, {"leisure": "park", "name": name})


def big_park(blocks: list[Block]) -> Group:
    """Comprehensive park with a pond, whose water is a hole in the park and has an island of its own."""
    block = _only(blocks, BIG_PARK_COLUMNS[0], -2)
    pond, island = (ring(_oval(block, 0.62, 0.5, *size)) for size in ((88.0, 46.0), (22.0, 12.0)))
    tags = {"type": "multipolygon", "leisure": "park", "name": "梅苑公园", "name:en": "Meiyuan Park"}
    return Group(((block.outline(), "outer"), (pond, "inner"), (island, "outer")), tags)


def pond(park: Group) -> Group:
    """Pond of the comprehensive park, around its island."""
    _, (shore, _), (island, _) = park.members
    tags = {"type": "multipolygon", "natural": "water", "water": "pond", "name": "梅湖"}
    return Group(((shore, "outer"), (island, "inner")), tags)


def stream_park(grid: StreetGrid) -> Line:
    """Park along both sides of the stream, from the main road to the hills."""
    west, east = (grid.columns_m[STREAM_COLUMN + i] for i in (0, 1))
    return patch(west + 7.0, east - 7.0, 106.0, 952.0, {"leisure": "park", "name": "杏溪公园"})


def pocket_parks(blocks: list[Block]) -> list[Line]:
    """Pocket parks in corners of blocks, 0.1 to 0.4 ha."""
    found = [block for block in blocks if (block.column, block.row) in _POCKETS]
    return [_pocket(block, number) for number, block in enumerate(found)]


def _pocket(block: Block, number: int) -> Line:
    name = HOSTILE_NAME if number == 3 else f"示例小游园{number + 1}"
    tags = {"leisure": "park"} if number == 6 else {"leisure": "park", "name": name}
    wide, deep = 34.0 + 4.0 * (number % 7), 30.0 + 3.0 * (number % 5)
    return _corner(block, wide, deep, tags)


def _corner(block: Block, wide: float, deep: float, tags: Tags) -> Line:
    """Piece of the block at its south-west corner, ``wide`` x ``deep`` metres."""
    width, depth = block.size_m()
    u, v = wide / width, deep / depth
    return ring(np.array([block.point(*at) for at in ((0, 0), (u, 0), (u, v), (0, v))]), tags)


def _community_parks(blocks: list[Block]) -> list[Line]:
    found = [block for block in blocks if block.use == "park"]
    return [block.outline({"leisure": "park", "name": _PARK_NAMES[i % 13] + ("二期" if i >= 13 else "")})
            for i, block in enumerate(found)]  # fmt: skip


def _squares(blocks: list[Block]) -> list[Line]:
    square = next(block for block in blocks if block.use == "square")
    place = {"highway": "pedestrian", "area": "yes", "place": "square", "name": "人民广场"}
    lawn = np.array([square.point(*at) for at in ((0.1, 0.1), (0.35, 0.1), (0.35, 0.9), (0.1, 0.9))])
    return [square.outline(place), ring(lawn, {"landuse": "grass"})]


def dirt(blocks: list[Block]) -> list[Element]:
    """Faults of real data, each in a block of homes or a park.

    A ring that crosses itself, a park over the edge of another, a private garden, a park mapped as a way
    and again as a relation, and a park whose way is not closed.
    """
    homes = [block for block in blocks if block.use == "housing" and block.column > 2]
    parks_ = [block for block in blocks if block.use == "park"]
    mapped_twice = _corner(homes[9], 60.0, 40.0, {"leisure": "park", "name": "重复小公园(示例)"})
    return [
        _crossed_ring(homes[3]),
        _overlapping(parks_[1]),
        _corner(homes[6], 45.0, 35.0, {"leisure": "garden", "access": "private", "name": "私家花园(示例)"}),
        mapped_twice,
        Group(((mapped_twice, "outer"),), {**mapped_twice.tags, "type": "multipolygon"}),
        _unclosed(homes[14]),
    ]


def _crossed_ring(block: Block) -> Line:
    corners = [block.point(*at) for at in ((0.02, 0.02), (0.35, 0.35), (0.35, 0.02), (0.02, 0.35))]
    return ring(np.array(corners), {"leisure": "park", "name": "自相交公园(示例)"})


def _overlapping(park: Block) -> Line:
    corners = [park.point(*at) for at in ((0.6, 0.3), (1.0, 0.3), (1.0, 0.7), (0.6, 0.7))]
    return ring(np.array(corners), {"leisure": "park", "name": "重叠公园(示例)"})


def _unclosed(block: Block) -> Line:
    corners = [block.point(*at) for at in ((0.0, 0.0), (0.3, 0.0), (0.3, 0.3), (0.0, 0.3), (0.0, 0.05))]
    return Line(np.array(corners), {"leisure": "park", "name": "未闭合公园(示例)"})


def _oval(block: Block, u: float, v: float, wide_m: float, deep_m: float) -> Points:
    width, depth = block.size_m()
    turn = np.arange(24) / 24 * 2 * np.pi
    radius = 1.0 + 0.12 * np.sin(3 * turn + 0.6)
    centre = block.corners.mean(axis=0) + np.array([(u - 0.5) * width, (v - 0.5) * depth])
    along, across = wide_m * radius * np.cos(turn), deep_m * radius * np.sin(turn)
    return along_across(centre[0] + along, centre[1] + across)


def _only(blocks: list[Block], column: int, row: int) -> Block:
    return next(block for block in blocks if (block.column, block.row) == (column, row))
