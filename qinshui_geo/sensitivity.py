"""How far a figure moves with the parameters it rests on: one at a time, and all together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from qinshui_geo.measurement import Quantity, Swing

Figure = Callable[[Mapping[str, float]], "Quantity | None"]
"""Computes a figure from one setting of every parameter; ``None`` where it cannot be measured."""

LOW_PERCENTILE, HIGH_PERCENTILE = 5.0, 95.0
"""Ends of the joint range."""


@dataclass(frozen=True, slots=True, eq=False)
class JointRange:
    """Figures while every parameter varies at once.

    Parameters
    ----------
    samples : DataFrame
        One row per sample: the setting of each parameter, in alphabetical order, and the ``figure``
        (NaN where it could not be measured).
    low, median, high : Quantity or None
        5th, 50th and 95th percentile of the figures; ``None`` where none could be measured.
    unmeasured : float
        Share of the samples without a figure, 0..1.
    """

    samples: pd.DataFrame = field(repr=False)
    low: Quantity | None
    median: Quantity | None
    high: Quantity | None
    unmeasured: float


def sweep(
    figure: Figure,
    central: Mapping[str, float],
    settings: Mapping[str, Sequence[float]],
    *,
    units: Mapping[str, str],
) -> tuple[Swing, ...]:
    """Vary one parameter at a time while the others keep their central setting.

    The central setting is always among those tried, and its figure is computed once for all parameters.

    Parameters
    ----------
    figure : callable
        Figure from one setting of every parameter of ``central``.
    central : Mapping of str to float
        Central setting of every parameter.
    settings : Mapping of str to sequence of float
        Settings to try, by parameter, in any order.
    units : Mapping of str to str
        Unit of the settings, by parameter.

    Returns
    -------
    tuple of Swing
        One per parameter of ``settings``, in that order, its settings sorted.

    Raises
    ------
    ValueError
        If a parameter has no central setting or no unit.

    Examples
    --------
    >>> area = lambda at: Quantity(at["side_m"] ** 2, "m2")
    >>> (swing,) = sweep(area, {"side_m": 2.0}, {"side_m": [3.0, 1.0]}, units={"side_m": "m"})
    >>> swing.settings, [quantity.value for quantity in swing.figures]
    ((1.0, 2.0, 3.0), [1.0, 4.0, 9.0])
    """
    for parameter in settings:
        if parameter not in central or parameter not in units:
            raise ValueError(f"parameter {parameter!r} needs a central setting and a unit")
    at_centre = figure(dict(central))

    def at(parameter: str, setting: float) -> Quantity | None:
        if setting == central[parameter]:
            return at_centre
        return figure({**central, parameter: setting})

    def swing(parameter: str) -> Swing:
        tried = tuple(sorted({float(value) for value in (*settings[parameter], central[parameter])}))
        return Swing(parameter, units[parameter], tried, tuple(at(parameter, value) for value in tried))

    return tuple(swing(parameter) for parameter in settings)


def envelope(central: Quantity, swings: Sequence[Swing]) -> tuple[Quantity, Quantity]:
    """Smallest and largest of the central figure and all figures of the sweeps.

    Raises
    ------
    ValueError
        If a figure is in another unit than the central one.

    Examples
    --------
    >>> low, high = envelope(Quantity(4, "m2"), [Swing("side_m", "m", (1, 2), (Quantity(1, "m2"), None))])
    >>> low.value, high.value
    (1, 4)
    """
    figures = [central, *(quantity for swing in swings for quantity in swing.figures if quantity is not None)]
    _one_unit(figures)
    by_value = sorted(figures, key=lambda quantity: quantity.value)
    return by_value[0], by_value[-1]


def latin_hypercube(
    figure: Figure,
    bounds: Mapping[str, tuple[float, float]],
    *,
    samples: int = 64,
    seed: int = 20270101,
) -> JointRange:
    """Vary all parameters at once, evenly between their bounds, by a Latin hypercube.

    Each parameter's range is cut into as many equal strata as there are samples, and each stratum is
    sampled once (McKay, Beckman and Conover 1979, doi:10.1080/00401706.1979.10489755). The same seed
    gives the same samples, whatever the order of the parameters.

    Parameters
    ----------
    figure : callable
        Figure from one setting of every parameter of ``bounds``.
    bounds : Mapping of str to (float, float)
        Smallest and largest setting, by parameter; equal ends hold a parameter fixed.
    samples : int
        How often the figure is computed.
    seed : int
        Seed of the random numbers.

    Raises
    ------
    ValueError
        If there are no bounds, if they are reversed or not finite, if there are no samples, or if the
        figures differ in unit.

    Examples
    --------
    >>> joint = latin_hypercube(lambda at: Quantity(at["a"] + at["b"], "m"), {"a": (0, 1), "b": (2, 2)})
    >>> len(joint.samples), 2 < joint.low.value < joint.median.value < joint.high.value < 3
    (64, True)
    """
    names = sorted(bounds)
    low, high = _checked(bounds, names)
    if samples < 1:
        raise ValueError(f"a Latin hypercube needs at least one sample, got {samples}")
    from scipy.stats import qmc  # noqa: PLC0415  half a second that only this function needs

    unit_cube = qmc.LatinHypercube(d=len(names), rng=np.random.default_rng(seed)).random(samples)
    table = pd.DataFrame(low + unit_cube * (high - low), columns=names)
    figures = [figure(dict(zip(names, map(float, row), strict=True))) for row in table.to_numpy()]
    known = [quantity for quantity in figures if quantity is not None]
    table["figure"] = [np.nan if quantity is None else quantity.value for quantity in figures]
    return _joint_range(table, known)


def tornado(swings: Sequence[Swing]) -> pd.DataFrame:
    """Bars of the tornado chart, the widest first.

    Returns
    -------
    DataFrame
        Columns ``parameter``, ``low_setting`` and ``high_setting`` (the settings at which the figure is
        smallest and largest), ``low_figure``, ``high_figure`` and ``span`` (their difference). A
        parameter without any figure has no row.

    Examples
    --------
    >>> figures = (Quantity(9, "m2"), Quantity(4, "m2"), Quantity(5, "m2"))
    >>> bars = tornado([Swing("link_m", "m", (50, 100, 200), figures)])
    >>> next(bars.itertuples(index=False, name=None))
    ('link_m', 100, 50, 4, 9, 5)
    """
    bars = [bar for swing in swings if (bar := _bar(swing)) is not None]
    columns = ["parameter", "low_setting", "high_setting", "low_figure", "high_figure", "span"]
    table = pd.DataFrame(bars, columns=columns)
    return table.sort_values("span", ascending=False, kind="stable", ignore_index=True)


def _bar(swing: Swing) -> tuple[str, float, float, float, float, float] | None:
    """Where even figures tie, the low one is that of the smallest setting, the high one of the largest."""
    known = [
        (quantity.value, setting)
        for setting, quantity in zip(swing.settings, swing.figures, strict=True)
        if quantity is not None
    ]
    if not known:
        return None
    low, high = min(known), max(known)
    return swing.parameter, low[1], high[1], low[0], high[0], high[0] - low[0]


def _checked(
    bounds: Mapping[str, tuple[float, float]], names: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    if not names:
        raise ValueError("a Latin hypercube needs the bounds of at least one parameter")
    for name in names:
        low, high = bounds[name]
        if not (np.isfinite(low) and np.isfinite(high) and low <= high):
            raise ValueError(f"bounds of {name!r} must be finite, the smaller first, got {low} and {high}")
    edges = np.array([bounds[name] for name in names], dtype=float)
    return edges[:, 0], edges[:, 1]


def _joint_range(table: pd.DataFrame, known: Sequence[Quantity]) -> JointRange:
    unmeasured = 1 - len(known) / len(table)
    if not known:
        return JointRange(table, None, None, None, unmeasured)
    unit = _one_unit(known)
    percentiles = np.percentile([quantity.value for quantity in known], [LOW_PERCENTILE, 50, HIGH_PERCENTILE])
    low, median, high = (Quantity(float(value), unit) for value in percentiles)
    return JointRange(table, low, median, high, unmeasured)


def _one_unit(quantities: Iterable[Quantity]) -> str:
    units = {quantity.unit for quantity in quantities}
    if len(units) > 1:
        raise ValueError(f"the figures of one indicator must be in one unit, got {sorted(units)}")
    return units.pop()
