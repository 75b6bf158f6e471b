"""Linear interpolation of short interior gaps in raw yearbook series.

The study fills missing yearbook values from bulletins and then by linear interpolation
(Yan, Xu and Zhang 2025). Silent points are decided here: raw series in levels (never ratios or
logarithms), interior gaps only, runs of at most three years.
"""

from __future__ import annotations

import numpy as np


def interpolate_interior_gaps(grid: np.ndarray, max_gap_years: int = 3) -> np.ndarray:
    """Fill interior runs of missing years on the straight line between their neighbours.

    Parameters
    ----------
    grid : ndarray, shape (n_cities, n_years)
        One raw series in its own unit; columns are consecutive years.
    max_gap_years : int, default 3
        Longest run that is filled. Longer runs and runs touching an edge stay missing.

    Returns
    -------
    ndarray, shape (n_cities, n_years)
        ``x_a + (x_b - x_a) (t - a) / (b - a)`` for a filled year t between observed a and b.

    Raises
    ------
    ValueError
        If `max_gap_years` is negative.
    """
    if max_gap_years < 0:
        raise ValueError("max_gap_years must not be negative")
    before = previous_observed_position(grid)
    after = next_observed_position(grid)
    fillable = np.isnan(grid) & (before >= 0) & (after >= 0)
    fillable &= after - before - 1 <= max_gap_years
    rows, columns = np.nonzero(fillable)
    a, b = before[rows, columns], after[rows, columns]
    x_a, x_b = grid[rows, a], grid[rows, b]
    filled = grid.copy()
    filled[rows, columns] = x_a + (x_b - x_a) * (columns - a) / (b - a)
    return filled


def previous_observed_position(grid: np.ndarray) -> np.ndarray:
    """Column of the last observed cell at or before each cell; -1 where there is none."""
    columns = np.where(np.isnan(grid), -1, np.arange(grid.shape[1]))
    return np.maximum.accumulate(columns, axis=1)


def next_observed_position(grid: np.ndarray) -> np.ndarray:
    """Column of the first observed cell at or after each cell; -1 where there is none."""
    n_years = grid.shape[1]
    columns = np.where(np.isnan(grid), n_years, np.arange(n_years))
    following = np.minimum.accumulate(columns[:, ::-1], axis=1)[:, ::-1]
    return np.where(following == n_years, -1, following)


def carry_nearest(grid: np.ndarray) -> np.ndarray:
    """Carry observed values forward, then backward (used for land area only).

    Land area hardly moves, so a missing year takes the latest earlier observation and, before
    the first one, the first observation.
    """
    carried = grid.copy()
    for positions in (previous_observed_position(grid), next_observed_position(grid)):
        rows, columns = np.nonzero(np.isnan(carried) & (positions >= 0))
        carried[rows, columns] = grid[rows, positions[rows, columns]]
    return carried
