"""Reference points against the map of green: the error-adjusted green coverage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from geopandas import GeoDataFrame
from rasterio.transform import rowcol

from qinshui_geo.grid import Grid
from qinshui_geo.indicators.accuracy import MIN_POINTS, AdjustedArea, adjusted_area
from qinshui_geo.measurement import Note, Quantity

GREEN_CLASSES = ("tree", "shrub", "grass")
"""Land-cover classes that count as green; cropland does not."""

POINTS_ASKED = 300
"""Points that an error-adjusted area asks for [m]."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """The error-adjusted share in percent, ``None`` where the points do not suffice.

    Parameters
    ----------
    points : int
        Points within the built-up area where the map has data.
    area : AdjustedArea or None
        Estimate, in percent of the part of the built-up area that the map knows.
    """

    points: int
    area: AdjustedArea | None

    def details(self) -> dict[str, Quantity]:
        """Figures for the details of the green coverage."""
        counted = {"reference_points": Quantity(self.points, "count")}
        if self.area is None:
            return counted
        figures = {
            "error_adjusted": self.area.area,
            "error_adjusted_low": self.area.low,
            "error_adjusted_high": self.area.high,
            "overall_accuracy": 100 * self.area.overall_accuracy,
        }
        return {name: Quantity(value, "percent") for name, value in figures.items()} | counted

    def notes(self) -> tuple[Note, ...]:
        """What the points say, or why they say nothing."""
        if self.area is None:
            return (_too_few(self.points),)
        estimate = f"{self.area.area:.1f} % ({self.area.low:.1f}–{self.area.high:.1f} %)"
        told = Note(
            f"以 {self.points} 个检验点作误差校正(Olofsson 等,2014):{estimate},95 % 置信区间已并入区间",
            f"adjusted for error by {self.points} reference points (Olofsson et al. 2014): {estimate}; the "
            "95 % interval is part of the range",
        )
        return (told, _indicative(self.points)) if self.points < POINTS_ASKED else (told,)


def adjust(
    points: GeoDataFrame, built_up: GeoDataFrame, raster: Grid, *, threshold: float | None, percent: float
) -> Adjustment:
    """Adjust a mapped green share for the errors that reference points show.

    Parameters
    ----------
    points : GeoDataFrame
        Points with ``is_green`` (bool).
    built_up : GeoDataFrame
        Built-up area, same CRS; other points do not count.
    raster : Grid
        The map: NDVI, or land-cover classes.
    threshold : float or None
        NDVI above which a cell is green; ``None`` for land cover.
    percent : float
        Share of the built-up area that the map has green.
    """
    outline = shapely.union_all(built_up.geometry.to_numpy())
    shapely.prepare(outline)
    inside = points[shapely.intersects(outline, points.geometry.to_numpy())]
    mapped, known = _mapped_green(inside, raster, threshold)
    reference = inside["is_green"].to_numpy(dtype=bool)[known]
    confusion = np.zeros((2, 2))
    np.add.at(confusion, ((~mapped[known]).astype(int), (~reference).astype(int)), 1)
    areas = np.array([percent, 100 - percent])
    enough = (confusion.sum(axis=1) >= MIN_POINTS) | (areas <= 0)
    return Adjustment(int(known.sum()), adjusted_area(confusion, areas) if enough.all() else None)


def _mapped_green(
    points: GeoDataFrame, raster: Grid, threshold: float | None
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Whether the map has each point green, and whether it has data there."""
    moved = points.to_crs(raster.crs).geometry
    row, col = (
        np.asarray(place) for place in rowcol(raster.transform, moved.x.to_numpy(), moved.y.to_numpy())
    )
    height, width = raster.values.shape
    on_map = (row >= 0) & (row < height) & (col >= 0) & (col < width)
    row, col = np.where(on_map, row, 0), np.where(on_map, col, 0)
    values: npt.NDArray[Any] = raster.values[row, col]
    if threshold is None:
        codes = [code for code, name in raster.classes.items() if name in GREEN_CLASSES]
        green, named = np.isin(values, codes), np.isin(values, list(raster.classes))
    else:
        green, named = values > threshold, np.ones(len(values), bool)
    return green, on_map & raster.valid()[row, col] & named


def _too_few(count: int) -> Note:
    return Note(
        f"建成区内有数据的检验点 {count} 个,绿与非绿每类至少需 {MIN_POINTS} 个,未作误差校正",
        f"{count} reference points in the built-up area, at least {MIN_POINTS} on mapped green and "
        f"{MIN_POINTS} elsewhere are needed: not adjusted for error",
    )


def _indicative(count: int) -> Note:
    return Note(
        f"检验点少于 {POINTS_ASKED} 个,误差校正值仅供参考",
        f"{count} points are fewer than {POINTS_ASKED}: the adjusted figure is indicative",
    )
