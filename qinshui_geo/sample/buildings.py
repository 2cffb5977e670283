"""Buildings of the sample town: slabs, courtyard houses, halls and towers, each aligned to its street."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from qinshui_geo.sample.elements import Line, Tags, ring
from qinshui_geo.sample.town import Block


@dataclass(frozen=True, slots=True)
class Pattern:
    """How a block is built over: sizes and gaps in metres, storeys, and the tag of its buildings."""

    building: str
    length_m: tuple[float, float]
    depth_m: tuple[float, float]
    gap_m: float
    lane_m: float
    levels: tuple[int, int]
    margin_m: float = 7.0
    empty: float = 0.06


PATTERNS = {
    "housing": Pattern("apartments", (38.0, 58.0), (12.0, 14.0), 11.0, 20.0, (5, 7)),
    "old_housing": Pattern("house", (12.0, 17.0), (9.0, 12.0), 5.0, 9.0, (1, 3), 5.0, 0.1),
    "commercial": Pattern("commercial", (40.0, 66.0), (22.0, 34.0), 10.0, 16.0, (2, 6)),
    "industrial": Pattern("industrial", (58.0, 96.0), (30.0, 42.0), 14.0, 16.0, (1, 2)),
    "school": Pattern("school", (46.0, 64.0), (14.0, 17.0), 18.0, 30.0, (3, 5), 12.0, 0.35),
    "hospital": Pattern("hospital", (50.0, 66.0), (18.0, 24.0), 16.0, 26.0, (4, 9), 10.0, 0.15),
    "government": Pattern("public", (52.0, 70.0), (16.0, 20.0), 20.0, 34.0, (3, 6), 12.0, 0.15),
}
HOME_TYPES = ("apartments", "house")
VILLAGES = (
    ("西村(示例)", -3920.0, 255.0, 330.0, 190.0),
    ("河底村(示例)", -4180.0, -210.0, 240.0, 150.0),
    ("东村(示例)", 4120.0, 235.0, 320.0, 190.0),
    ("柳沟村(示例)", 3980.0, -200.0, 230.0, 150.0),
    ("北沟村(示例)", 940.0, 2250.0, 280.0, 220.0),
)
"""Name, place along and across the river, width and depth in metres."""
NEAR_PATCHES = (
    ("近郊一组(示例)", -3102.5, -2882.5, 130.0, 262.0),
    ("近郊二组(示例)", 2938.0, 3164.0, -236.0, -104.0),
)
"""Name and edges along and across the river: about 80 m and 150 m from the last block of the town."""


@dataclass(frozen=True, slots=True, eq=False)
class Building:
    """A building with its ground area and what its storeys hold."""

    line: Line
    area_m2: float
    levels: int
    kind: str
    block: Block | None


def town_buildings(blocks: list[Block], rng: np.random.Generator) -> list[Building]:
    """Buildings of every block that is built over."""
    return [building for block in blocks if block.use in PATTERNS
            for building in _fill(block, PATTERNS[block.use], rng)]  # fmt: skip


def village_buildings(rng: np.random.Generator) -> list[Building]:
    """Courtyard houses of the villages and of the two patches near the town."""
    return [building for block in village_blocks()
            for building in _fill(block, PATTERNS["old_housing"], rng)]  # fmt: skip


def village_blocks() -> list[Block]:
    """Villages as blocks, so that they are filled like those of the town."""
    boxes = [(s - w / 2, s + w / 2, t - d / 2, t + d / 2) for _, s, t, w, d in VILLAGES]
    boxes += [near[1:] for near in NEAR_PATCHES]
    corners = [np.array([(w, s), (e, s), (e, n), (w, n)]) for w, e, s, n in boxes]
    return [Block(-1, 0, corner, corner, "village") for corner in corners]


def village_land() -> list[Line]:
    """Residential land of the villages, with their names."""
    names = [village[0] for village in VILLAGES] + [near[0] for near in NEAR_PATCHES]
    return [block.outline({"landuse": "residential", "name": name})
            for block, name in zip(village_blocks(), names, strict=True)]  # fmt: skip


def _fill(block: Block, pattern: Pattern, rng: np.random.Generator) -> Iterator[Building]:
    width, depth = block.size_m()
    v = pattern.margin_m
    while True:
        row_depth = _draw(pattern.depth_m, rng)
        if v + row_depth > depth - pattern.margin_m:
            return
        yield from _row(block, pattern, (v + row_depth / 2) / depth, row_depth, width, rng)
        v += row_depth + pattern.lane_m


def _row(block: Block, pattern: Pattern, v: float, depth: float, width: float,
         rng: np.random.Generator) -> Iterator[Building]:  # fmt: skip
    u = pattern.margin_m
    while True:
        length = _draw(pattern.length_m, rng)
        if u + length > width - pattern.margin_m:
            return
        levels = int(_draw((pattern.levels[0], pattern.levels[1] + 1), rng))
        if rng.random() >= pattern.empty:
            line = _rectangle(block, (u + length / 2) / width, v, length, depth,
                              _tags(pattern.building, levels, rng))  # fmt: skip
            yield Building(line, length * depth, levels, pattern.building, block)
        u += length + pattern.gap_m


def _rectangle(block: Block, u: float, v: float, length: float, depth: float, tags: Tags) -> Line:
    ahead = block.point(u + 0.02, v) - block.point(u - 0.02, v)
    along = ahead / np.hypot(*ahead) * length / 2
    across = np.array([-along[1], along[0]]) / length * depth
    centre = block.point(u, v)
    return ring(centre + np.array([-along - across, along - across, along + across, across - along]), tags)


def _tags(kind: str, levels: int, rng: np.random.Generator) -> Tags:
    """Tags as mappers leave them: one in five only says that there is a building."""
    chance = rng.random()
    if chance < 0.2:
        return {"building": "yes"}
    return {"building": kind, "building:levels": str(levels)} if chance < 0.55 else {"building": kind}


def _draw(limits: tuple[float, float], rng: np.random.Generator) -> float:
    return float(limits[0] + (limits[1] - limits[0]) * rng.random())
