"""Design rainfall depth H(alpha) of volume capture of annual rainfall (年径流总量控制率)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from qinshui_geo.errors import LayerError


@dataclass(frozen=True, slots=True, eq=False)
class CaptureCurve:
    """Share of the rain that is captured when the first H mm of every rain day are kept.

    Parameters
    ----------
    depth_mm : ndarray of shape (n,)
        Rising depths, from 0 to the largest daily rainfall.
    alpha_percent : ndarray of shape (n,)
        Captured share of the total rainfall at each depth, 0 to 100.
    """

    depth_mm: npt.NDArray[np.float64]
    alpha_percent: npt.NDArray[np.float64]

    def depth(self, alpha_percent: float) -> float:
        """Design depth in mm that captures ``alpha_percent`` of the rain."""
        return float(np.interp(alpha_percent, self.alpha_percent, self.depth_mm))

    def alpha(self, depth_mm: float | npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
        """Captured share in percent at one or more depths in mm, 100 beyond the largest day."""
        return np.asarray(np.interp(depth_mm, self.depth_mm, self.alpha_percent))


def capture_curve(daily_mm: pd.Series[float], *, min_rain_mm: float = 2.0) -> CaptureCurve:
    """Curve of captured rain over design depth, from a daily record.

    ``alpha(X_i) = [sum(X_1..X_i) + X_i (N - i)] / sum(X)`` over the rain days sorted ascending, days
    of no more than ``min_rain_mm`` left out; linear between the days.

    Parameters
    ----------
    daily_mm : Series of shape (days,)
        Daily rainfall in mm, 30 years or more; missing days are left out.
    min_rain_mm : float
        Days up to this depth give no runoff. 2 mm.

    Raises
    ------
    LayerError
        If no day is above ``min_rain_mm``.

    References
    ----------
    GB/T 51345-2018; 海绵城市建设技术指南 (2014), annex on the volume capture ratio.

    Examples
    --------
    >>> curve = capture_curve(pd.Series([1.0, 10.0, 20.0, 30.0]))
    >>> [float(curve.alpha(depth)) for depth in (0, 10, 20, 30)]
    [0.0, 50.0, 83.33333333333334, 100.0]
    >>> curve.depth(50)
    10.0
    """
    days = np.sort(daily_mm.dropna().to_numpy(dtype=float))
    days = days[days > min_rain_mm]
    if len(days) == 0:
        raise LayerError(
            f"no day with more than {min_rain_mm:g} mm of rain",
            where="rainfall",
            mend="bring a longer record",
        )
    after = len(days) - np.arange(1, len(days) + 1)
    alpha = (np.cumsum(days) + days * after) / days.sum() * 100
    return CaptureCurve(np.concatenate([[0.0], days]), np.concatenate([[0.0], alpha]))
