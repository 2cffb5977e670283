"""The streets of the sample town as ways: along the river, across it with bridges, and out of town."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qinshui_geo.sample.elements import Line, Tags, course
from qinshui_geo.sample.frame import VALLEY_LENGTH_M, Points
from qinshui_geo.sample.town import COLUMNS, SOUTH_LINES_M, StreetGrid, is_big_park

BRIDGE_COLUMNS = (4, 8, 12, 15, 20, 24)
BRIDGE_REACH_M = 62.0
"""Distance from the river's centre line to the head of a street bridge."""

_RIVER = len(SOUTH_LINES_M)
"""Number of street lines south of the river; the first line north of it has this index."""
_ACROSS_NAMES = ("迎宾路", "育才路", "永安街", "文苑街", "人民路", "建设路", "学府路", "青年路")
_LANE_NAMES = ("古槐", "东关", "西关", "南坡", "北坛", "书院", "杏园", "石桥", "水井", "文昌")
_ALONG: dict[float, Tags] = {
    92.0: {"highway": "primary", "name": "沁河大街", "name:en": "Qinhe Street", "lanes": "4"},
    372.0: {"highway": "secondary", "name": "新建街"},
    668.0: {"highway": "secondary", "name": "北环路"},
    -92.0: {"highway": "secondary", "name": "滨河南路"},
    -376.0: {"highway": "secondary", "name": "南山街"},
}


def streets(grid: StreetGrid) -> list[Line]:
    """Streets of the town; each way is one unbroken stretch of one street."""
    along = [way for line in range(len(grid.rows_m)) for way in _streets_along(grid, line)]
    across = [way for column in range(COLUMNS + 1) for way in _streets_across(grid, column)]
    return [*along, *across]


def roads_out(grid: StreetGrid) -> list[Line]:
    """Main road down the valley on both sides of town, and the lanes to the villages."""
    tags = {"highway": "primary", "name": "沁河大街", "ref": "S999"}
    west, east = grid.crossing(0, _RIVER), grid.crossing(COLUMNS, _RIVER)
    lane = {"highway": "unclassified", "surface": "concrete"}
    west_end, east_end = np.array([-VALLEY_LENGTH_M, 110.0]), np.array([VALLEY_LENGTH_M, 95.0])
    west_fork, east_fork = np.array([-3500.0, 105.0]), np.array([3600.0, 110.0])
    return [
        course([west_end, west_fork, west], tags),
        course([east, east_fork, east_end], tags),
        course([(-3500.0, 105.0), (-3650.0, 190.0), (-3900.0, 240.0)], {**lane, "name": "西村路"}),
        course([(3600.0, 110.0), (3850.0, 150.0), (4100.0, 200.0)], {**lane, "name": "东村路"}),
        course([(800.0, 960.0), (770.0, 1500.0), (790.0, 2050.0), (860.0, 2160.0)], lane),
    ]


def _streets_along(grid: StreetGrid, line: int) -> list[Line]:
    tags = _ALONG.get(grid.rows_m[line], {"highway": "residential"})
    built = [_has_street(grid, (c, line - _RIVER + 1), (c, line - _RIVER)) for c in range(COLUMNS)]
    return [course([grid.crossing(c, line) for c in range(first, last + 2)], tags)
            for first, last in _runs(built)]  # fmt: skip


def _streets_across(grid: StreetGrid, column: int) -> list[Line]:
    tags = _tags_across(column)
    ways = []
    for start, end in ((0, _RIVER - 1), (_RIVER, len(grid.rows_m) - 1)):
        rows = [line - _RIVER + 1 for line in range(start, end)]
        built = [_has_street(grid, (column - 1, row), (column, row)) for row in rows]
        for first, last in _runs(built):
            stops = [grid.crossing(column, start + i) for i in range(first, last + 2)]
            ways.append(course(stops, tags))
    return ways + (_bridge(grid, column, tags) if column in BRIDGE_COLUMNS else [])


def _bridge(grid: StreetGrid, column: int, tags: Tags) -> list[Line]:
    south, north = grid.crossing(column, _RIVER - 1), grid.crossing(column, _RIVER)
    heads = [_on_way(south, north, across) for across in (-BRIDGE_REACH_M, BRIDGE_REACH_M)]
    deck = {**tags, "bridge": "yes", "layer": "1"}
    return [course([south, heads[0]], tags), course(heads, deck), course([heads[1], north], tags)]


def _on_way(south: Points, north: Points, across: float) -> Points:
    share = (across - south[1]) / (north[1] - south[1])
    return np.array([south[0] + share * (north[0] - south[0]), across])


def _tags_across(column: int) -> Tags:
    if column % 4 == 0:
        return {"highway": "secondary", "name": _ACROSS_NAMES[column // 4]}
    kind = "tertiary" if column in BRIDGE_COLUMNS else "residential"
    return (
        {"highway": kind} if column % 3 == 0 else {"highway": kind, "name": f"{_LANE_NAMES[column % 10]}巷"}
    )


def _has_street(grid: StreetGrid, one: tuple[int, int], other: tuple[int, int]) -> bool:
    if is_big_park(*one) and is_big_park(*other):
        return False
    return one in grid.cells or other in grid.cells


def _runs(built: Sequence[bool]) -> list[tuple[int, int]]:
    """First and last index of every unbroken stretch of true values."""
    edges = np.diff(np.concatenate(([0], np.asarray(built, dtype=int), [0])))
    return list(zip(np.flatnonzero(edges == 1).tolist(),
                    (np.flatnonzero(edges == -1) - 1).tolist(), strict=True))  # fmt: skip
