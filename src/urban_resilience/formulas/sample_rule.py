"""Which cities are kept and which city-years enter the estimation sample.

The study drops cities with severe missingness (284 to 281) without naming the threshold. The
rule here: a city goes when any of eight variables is missing in more than one third of the years
in which that variable exists at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class SampleDecision:
    """Result of :func:`apply_sample_rule`.

    Attributes
    ----------
    kept : ndarray of bool, shape (n_cities,)
    missing_years : dict of ndarray of int, shape (n_cities,)
        Missing study years by variable, counted over the years in which the variable exists.
    in_sample : ndarray of bool, shape (n_cities, n_study_years)
        City-years of kept cities with all existing variables present.
    """

    kept: np.ndarray
    missing_years: dict[str, np.ndarray]
    in_sample: np.ndarray


def apply_sample_rule(
    available: dict[str, np.ndarray], max_missing_share: float = 1 / 3
) -> SampleDecision:
    """Decide cities and city-years.

    Parameters
    ----------
    available : dict of ndarray of bool, shape (n_cities, n_study_years)
        Availability of each sample variable.
    max_missing_share : float, default 1/3
        A city is dropped when its missing years exceed this share (5 or more of 12).

    Returns
    -------
    SampleDecision

    Notes
    -----
    A variable with no value anywhere drops no city and empties no sample: a city-year enters when
    all the variables that exist are present.
    """
    n_cities = len(next(iter(available.values())))
    kept = np.ones(n_cities, dtype=bool)
    missing_years = {}
    for name, is_available in available.items():
        existing = is_available.any(axis=0)
        missing = (~is_available[:, existing]).sum(axis=1)
        missing_years[name] = missing
        kept &= missing <= max_missing_share * existing.sum() + 1e-9
    complete = np.all([grid | ~grid.any() for grid in available.values()], axis=0)
    return SampleDecision(kept, missing_years, complete & kept[:, None])
