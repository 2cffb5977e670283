"""Error-adjusted area of a mapped class, from reference points (Olofsson et al. 2014)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qinshui_geo.errors import LayerError

Z_95 = 1.96
"""Half width of the 95 % confidence interval in standard errors, as the paper rounds it."""

MIN_POINTS = 2
"""Least number of reference points in a map class that holds area: with one there is no variance."""


@dataclass(frozen=True, slots=True)
class AdjustedArea:
    """Area of one class as the reference points say, not as the map says.

    Parameters
    ----------
    area, standard_error : float
        Estimate and its standard error, in the unit of the mapped areas.
    low, high : float
        95 % confidence interval, kept within 0 and the area of the map.
    overall_accuracy : float
        Share of the area that the map has right, 0 to 1.
    users_accuracy : float or None
        Share of the area mapped as the class that is of the class; ``None`` where none is mapped.
    producers_accuracy : float or None
        Share of the area of the class that is mapped as such; ``None`` where there is none.
    """

    area: float
    standard_error: float
    low: float
    high: float
    overall_accuracy: float
    users_accuracy: float | None
    producers_accuracy: float | None


def adjusted_area(
    confusion: npt.ArrayLike, mapped_area: npt.ArrayLike, *, class_index: int = 0
) -> AdjustedArea:
    """Stratified estimate of the area of a class from a confusion matrix of reference points.

    The map classes are the strata. The points must have been drawn at random, within each map class or
    over the whole map; points chosen where the map is easy to check say nothing about the rest.

    Parameters
    ----------
    confusion : array_like of shape (n, n)
        Number of points by map class (row) and reference class (column), in one order.
    mapped_area : array_like of shape (n,)
        Area of each map class, in any unit.
    class_index : int
        Class whose area is asked, by its place.

    Raises
    ------
    LayerError
        If a map class with area has fewer than two points, or shapes or signs do not fit.

    References
    ----------
    Olofsson et al. 2014, Good practices for estimating area and assessing accuracy of land change,
    Remote Sensing of Environment 148, equations 1 to 11 (doi 10.1016/j.rse.2014.02.015).

    Examples
    --------
    Half of 100 ha is mapped green; 2 of the 10 points there are not green, all 10 elsewhere are right.

    >>> found = adjusted_area([[8, 2], [0, 10]], [50, 50])
    >>> round(found.area, 3), round(found.standard_error, 3)
    (40.0, 6.667)
    """
    counts, areas = np.asarray(confusion, dtype=float), np.asarray(mapped_area, dtype=float)
    _require_fit(counts, areas)
    stratum = areas > 0
    points = np.where(stratum, counts.sum(axis=1), 1.0)
    shares = np.where(stratum[:, None], counts, 0.0) / points[:, None]  # of each map class, by reference
    weights = areas / areas.sum()
    proportions = weights[:, None] * shares
    of_class = shares[:, class_index]
    spread = weights**2 * of_class * (1 - of_class) / np.where(stratum, points - 1, 1.0)
    total = float(areas.sum())
    area, error = total * float(proportions[:, class_index].sum()), total * float(np.sqrt(spread.sum()))
    right = float(proportions[class_index, class_index])
    return AdjustedArea(
        area, error, low=max(area - Z_95 * error, 0.0), high=min(area + Z_95 * error, total),
        overall_accuracy=float(np.trace(proportions)),
        users_accuracy=float(shares[class_index, class_index]) if stratum[class_index] else None,
        producers_accuracy=right / (area / total) if area > 0 else None,
    )  # fmt: skip


def _require_fit(counts: npt.NDArray[np.float64], areas: npt.NDArray[np.float64]) -> None:
    if counts.shape != (len(areas), len(areas)) or not areas.sum() > 0 or (areas < 0).any():
        raise LayerError(
            f"a confusion matrix of shape {counts.shape} does not fit {len(areas)} mapped areas above 0",
            mend="give one row, one column and one area for each class",
        )
    if (counts < 0).any():
        raise LayerError("a number of points is negative", mend="count the points again")
    few = np.flatnonzero((areas > 0) & (counts.sum(axis=1) < MIN_POINTS))
    if len(few):
        raise LayerError(
            f"map class {few[0]} has {counts[few[0]].sum():.0f} reference points, two are the least",
            where="reference points", mend="bring more points in that class",
        )  # fmt: skip
