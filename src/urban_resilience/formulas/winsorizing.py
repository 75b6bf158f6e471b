"""Winsorizing at Stata's percentiles (Hyndman and Fan 1996, type 2; Stata ``winsor2``)."""

from __future__ import annotations

import numpy as np


def type_two_percentile(values: np.ndarray, percent: float) -> float:
    """Percentile of the available values by Hyndman-Fan type 2.

    With h = n * percent / 100 the percentile is the mean of the h-th and (h+1)-th smallest
    values when h is an integer, and the value of rank floor(h) + 1 otherwise.

    Parameters
    ----------
    values : ndarray
        Any shape; missing values are ignored.
    percent : float
        Between 0 and 100, both excluded.

    Raises
    ------
    ValueError
        If `percent` is outside the open interval or no value is available.
    """
    if not 0 < percent < 100:
        raise ValueError("percent must lie strictly between 0 and 100")
    available = np.sort(values[np.isfinite(values)])
    if available.size == 0:
        raise ValueError("no value available")
    h = available.size * percent / 100
    # n * percent / 100 may miss an integer by rounding error alone
    nearest = round(h)
    if nearest >= 1 and abs(h - nearest) < 1e-9 * max(1.0, h):
        return float((available[nearest - 1] + available[nearest]) / 2)
    return float(available[int(np.floor(h))])


def winsorize(
    values: np.ndarray, lower_percent: float = 1.0, upper_percent: float = 99.0
) -> np.ndarray:
    """Pull values outside the two percentiles in to them; missing values stay missing.

    Parameters
    ----------
    values : ndarray
        Any shape; one variable over all available study city-years of the kept cities.
    lower_percent, upper_percent : float
        Percentiles of the bounds, 1 and 99 in the study.
    """
    if not np.isfinite(values).any():
        return values.copy()
    low = type_two_percentile(values, lower_percent)
    high = type_two_percentile(values, upper_percent)
    return np.clip(values, low, high)
