"""The street grid of the sample town, bent along the river, and what each of its blocks is used for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from qinshui_geo.sample.elements import Line, Tags, ring
from qinshui_geo.sample.frame import Points, along_across

COLUMNS = 28
WEST_END_M, EAST_END_M = -2800.0, 2800.0
NORTH_LINES_M = (92.0, 232.0, 372.0, 520.0, 668.0, 816.0, 960.0)
SOUTH_LINES_M = (-92.0, -232.0, -376.0, -524.0, -668.0)
STREAM_COLUMN, STREAM_COLUMN_M = 17, 66.0
BIG_PARK_COLUMNS = (8, 9, 10)

_MAIN_HALF_M, _SECOND_HALF_M, _LOCAL_HALF_M = 12.0, 9.0, 6.0

_USUAL_SHARES = (("old_housing", 0.20), ("housing", 0.86), ("commercial", 0.93), ("construction", 0.96),
                 ("park", 1.0))  # fmt: skip
_CENTRE_SHARES = (("old_housing", 0.22), ("housing", 0.66), ("commercial", 1.0))
_EAST_SHARES = (("industrial", 0.78), ("housing", 0.94), ("construction", 1.0))
_FIXED_USES = {
    (13, 2): "government", (13, 1): "square", (14, 3): "hospital", (6, -1): "hospital",
    (5, 1): "school", (11, 3): "school", (16, 2): "school", (21, 2): "school", (2, 3): "school",
    (12, -2): "school", (18, -2): "school", (10, 4): "school",
    (2, 1): "park", (6, 3): "park", (8, 2): "park", (11, 5): "park", (15, 4): "park", (20, 3): "park",
    (22, 1): "park", (25, 2): "park", (4, -2): "park", (14, -2): "park", (19, -1): "park", (13, -3): "park",
    (18, 3): "park",
}  # fmt: skip
"""Uses of single blocks by column and row; the others are drawn by chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """One block of the town.

    ``corners`` are the block's own south-west, south-east, north-east and north-west corner in river
    coordinates, inside its streets; ``cell`` are the same out to the street axes. ``row`` counts from
    the river, negative on the south bank.
    """

    column: int
    row: int
    corners: Points
    cell: Points
    use: str

    def outline(self, tags: Tags | None = None) -> Line:
        """Block as a closed way."""
        return ring(along_across(*_edge_points(self.corners).T), tags)

    def reach(self) -> Line:
        """Block with its half of the streets around it."""
        return ring(along_across(*_edge_points(self.cell).T))

    def point(self, u: float, v: float) -> Points:
        """Local metres of a place inside: ``u`` from west to east, ``v`` from south to north, 0 to 1."""
        return along_across(*_between(self.corners, u, v))

    def size_m(self) -> tuple[float, float]:
        """Width and depth in metres."""
        west, east, south, north = (self.point(*at) for at in ((0, 0.5), (1, 0.5), (0.5, 0), (0.5, 1)))
        return float(np.hypot(*(east - west))), float(np.hypot(*(north - south)))


class StreetGrid:
    """Crossings of the streets in river coordinates, and the blocks between them."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.columns_m = _column_lines(rng)
        self.rows_m = tuple(sorted((*SOUTH_LINES_M, *NORTH_LINES_M)))
        self._shift = (rng.random((COLUMNS + 1, len(self.rows_m), 2)) - 0.5) * np.array([26.0, 20.0])
        for river_line in (-92.0, 92.0):
            self._shift[:, self.rows_m.index(river_line), 1] = 0.0
        self.cells = {(c, r) for c in range(COLUMNS) for r in self._rows() if self._inside(c, r)}
        self._uses = {cell: self._use(*cell, rng) for cell in sorted(self.cells)}

    def crossing(self, column: int, line: int) -> Points:
        """Crossing of a street across the valley with a street along it, in river coordinates."""
        along, across = self._shift[column, line]
        shift = 0.0 if column in (STREAM_COLUMN, STREAM_COLUMN + 1) else along
        return np.array([self.columns_m[column] + shift, self.rows_m[line] + across])

    def blocks(self) -> list[Block]:
        """Blocks, ordered; the big park is one block."""
        single = [self._block(c, r, c, r) for c, r in sorted(self.cells) if not is_big_park(c, r)]
        return [*single, self._block(BIG_PARK_COLUMNS[0], -2, BIG_PARK_COLUMNS[-1], -1)]

    def _rows(self) -> Iterator[int]:
        yield from range(-(len(SOUTH_LINES_M) - 1), 0)
        yield from range(1, len(NORTH_LINES_M))

    def _lines_of(self, row: int) -> tuple[int, int]:
        """Street lines south and north of a row of blocks."""
        return len(SOUTH_LINES_M) + row - 1, len(SOUTH_LINES_M) + row

    def _inside(self, column: int, row: int) -> bool:
        south, north = self._lines_of(row)
        middle = (self.rows_m[south] + self.rows_m[north]) / 2
        along = (self.columns_m[column] + self.columns_m[column + 1]) / 2
        ragged = 45.0 * np.sin(column * 2.3)
        if row > 0:
            return bool(middle < 560.0 + 380.0 * np.exp(-(((along - 250.0) / 1400.0) ** 2)) + ragged)
        return bool(-middle < 340.0 + 330.0 * np.exp(-(((along + 350.0) / 1500.0) ** 2)) + ragged)

    def _use(self, column: int, row: int, rng: np.random.Generator) -> str:
        fixed = _FIXED_USES.get((column, row))
        chance = float(rng.random())
        if column == STREAM_COLUMN:
            return "stream_park" if row > 0 else "old_housing"
        if fixed:
            return fixed
        east, centre = self.columns_m[column] > 1850.0, abs(self.columns_m[column] - 100.0) < 900.0
        shares = _EAST_SHARES if east else _CENTRE_SHARES if centre and abs(row) < 3 else _USUAL_SHARES
        return next(use for use, limit in shares if chance < limit)

    def _block(self, west: int, south_row: int, east: int, north_row: int) -> Block:
        south, north = self._lines_of(south_row)[0], self._lines_of(north_row)[1]
        cell = np.array([self.crossing(*at) for at in
                         ((west, south), (east + 1, south), (east + 1, north), (west, north))])  # fmt: skip
        sides = (half_of_line(self.rows_m[south]), half_of_column(east + 1),
                 half_of_line(self.rows_m[north]), half_of_column(west))  # fmt: skip
        inward = np.array([[sides[3], sides[0]], [-sides[1], sides[0]], [-sides[1], -sides[2]],
                           [sides[3], -sides[2]]])  # fmt: skip
        use = "big_park" if is_big_park(west, south_row) else self._uses[west, south_row]
        return Block(west, south_row, cell + inward, cell, use)


def is_big_park(column: int, row: int) -> bool:
    """Whether this cell of the grid belongs to the comprehensive park on the south bank."""
    return column in BIG_PARK_COLUMNS and row in (-1, -2)


def half_of_line(across_m: float) -> float:
    """Half the width in metres of the street along the river at this distance from it."""
    if abs(across_m) == 92.0:
        return _MAIN_HALF_M
    return _SECOND_HALF_M if across_m in (372.0, -376.0, 668.0) else _LOCAL_HALF_M


def half_of_column(column: int) -> float:
    """Half the width in metres of a street across the valley."""
    return _SECOND_HALF_M if column % 4 == 0 else _LOCAL_HALF_M


def _column_lines(rng: np.random.Generator) -> Points:
    widths = 150.0 + 80.0 * rng.random(COLUMNS)
    widths[STREAM_COLUMN] = 0.0
    widths *= (EAST_END_M - WEST_END_M - STREAM_COLUMN_M) / widths.sum()
    widths[STREAM_COLUMN] = STREAM_COLUMN_M
    return WEST_END_M + np.concatenate(([0.0], np.cumsum(widths)))


def _between(corners: Points, u: float, v: float) -> Points:
    south = corners[0] + u * (corners[1] - corners[0])
    north = corners[3] + u * (corners[2] - corners[3])
    return np.asarray(south + v * (north - south))


def _edge_points(corners: Points) -> Points:
    sides = [start + share * (end - start)
             for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True)
             for share in (0.0, 0.25, 0.5, 0.75)]  # fmt: skip
    return np.array(sides)
