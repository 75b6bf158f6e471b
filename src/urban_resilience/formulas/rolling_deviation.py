"""Three-year rolling standard deviation of a growth index (Table 1 of the study)."""

from __future__ import annotations

import numpy as np


def trailing_standard_deviation(grid: np.ndarray, window_years: int = 3) -> np.ndarray:
    """Compute the population standard deviation over the years t - window + 1 to t.

    Parameters
    ----------
    grid : ndarray, shape (n_cities, n_years)
        Growth index, previous year = 100 (points).
    window_years : int, default 3
        Length of the window; every value in it must be present.

    Returns
    -------
    ndarray, shape (n_cities, n_years)
        ``sqrt(mean((g - mean(g))**2))``, divisor equal to the window length, in index points;
        missing where the window is incomplete.

    Raises
    ------
    ValueError
        If `window_years` is smaller than one.
    """
    if window_years < 1:
        raise ValueError("window_years must be at least one")
    deviation = np.full(grid.shape, np.nan)
    if grid.shape[1] < window_years:
        return deviation
    windows = np.lib.stride_tricks.sliding_window_view(grid, window_years, axis=1)
    centred = windows - windows.mean(axis=2, keepdims=True)
    deviation[:, window_years - 1 :] = np.sqrt((centred**2).mean(axis=2))
    return deviation
