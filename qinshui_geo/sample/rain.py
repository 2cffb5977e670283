"""Forty years of daily rain for the sample: wet and dry days in turn, mostly in the summer monsoon."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np

FIRST_YEAR, LAST_YEAR = 1981, 2020
WET_DAYS = (2.6, 3.6, 5.0, 5.6, 7.0, 9.0, 12.6, 11.0, 8.8, 6.4, 4.2, 2.4)
"""Days with rain in each month, on average."""
RAIN_MM = (7.0, 10.0, 19.0, 33.0, 51.0, 74.0, 142.0, 112.0, 68.0, 39.0, 18.0, 6.0)
"""Rain in each month, on average, in mm: 579 mm a year."""
FAULTY_DAYS = {
    date(1987, 7, 14): (312.4, "X"), date(1994, 11, 3): (88.9, "S"), date(2003, 8, 21): (241.0, "X"),
    date(2011, 2, 9): (60.5, "G"), date(2016, 6, 30): (199.8, "I"),
}  # fmt: skip
"""Days whose value failed a check, with the value and the quality flag of GHCN-Daily."""

_STAYS_WET = 0.22
"""How much more often a wet day follows a wet one than a dry one."""
_DRIZZLE_SHARE, _DRIZZLE_MEAN = 0.55, 0.42
"""Share of the wet days that are light, and their mean as a part of the month's mean."""


def write_rainfall(path: Path, rng: np.random.Generator) -> None:
    """Write daily rain with the columns ``date,prcp_mm,qflag`` of a GHCN-Daily extract.

    A two-state chain decides whether a day is wet; its amount is a mixed exponential (the sum of light
    and heavy days), drawn by inversion so that every version of NumPy draws the same.
    """
    day, wet, lines = date(FIRST_YEAR, 1, 1), False, ["date,prcp_mm,qflag"]
    while day.year <= LAST_YEAR:
        chance, kind, size = rng.random(3)
        wet = bool(chance < _chance_of_rain(day, wet))
        amount = _amount_mm(day, kind, size) if wet else 0.0
        amount, flag = FAULTY_DAYS.get(day, (amount, ""))
        lines.append(f"{day.isoformat()},{amount:.1f},{flag}")
        day += timedelta(days=1)
    path.write_bytes(("\n".join(lines) + "\n").encode())


def _chance_of_rain(day: date, after_wet: bool) -> float:
    usual = WET_DAYS[day.month - 1] / 30.4
    dry = usual * (1.0 - _STAYS_WET)
    return dry + _STAYS_WET if after_wet else dry


def _amount_mm(day: date, kind: float, size: float) -> float:
    mean = RAIN_MM[day.month - 1] / WET_DAYS[day.month - 1]
    heavy = (1.0 - _DRIZZLE_SHARE * _DRIZZLE_MEAN) / (1.0 - _DRIZZLE_SHARE)
    part = _DRIZZLE_MEAN if kind < _DRIZZLE_SHARE else heavy
    return round(0.1 - mean * part * float(np.log1p(-size)), 1)
