"""Resilience as growth relative to the expected national path (Martin et al. 2016)."""

from __future__ import annotations

import numpy as np

SMALLEST_NATIONAL_GROWTH = 0.005


def martin_resilience(
    output: np.ndarray,
    years: tuple[int, ...],
    resistance_base: int = 2007,
    recovery_base: int = 2011,
) -> np.ndarray:
    """Cumulative growth of a city relative to all cities, per phase.

    Parameters
    ----------
    output : ndarray, shape (n_cities, n_years)
        Real GDP of kept cities; `years` must reach back to the resistance base.
    years : tuple of int
        Column labels.
    resistance_base, recovery_base : int
        Base of growth up to and including the recovery base year, and after it.

    Returns
    -------
    ndarray, shape (n_cities, n_years)
        ``(G_ct - G_Nt) / |G_Nt|`` with ``G = Y_t / Y_base - 1`` and national growth over the
        cities with both values; missing for years up to the first base and where
        ``|G_Nt| < 0.005``.

    Raises
    ------
    ValueError
        If a base year is not among `years`.
    """
    resilience = np.full(output.shape, np.nan)
    for column, year in enumerate(years):
        if year <= resistance_base:
            continue
        base = output[:, years.index(recovery_base if year > recovery_base else resistance_base)]
        both = np.isfinite(output[:, column]) & np.isfinite(base)
        if not both.any():
            continue
        national = output[both, column].sum() / base[both].sum() - 1
        if abs(national) >= SMALLEST_NATIONAL_GROWTH:
            resilience[:, column] = (output[:, column] / base - 1 - national) / abs(national)
    return resilience
