"""Digital infrastructure index and its high-low split (after Liu and Wang 2024)."""

from __future__ import annotations

import numpy as np

from urban_resilience.formulas.entropy_index import entropy_index
from urban_resilience.formulas.panel import ratio

COMPONENTS = ("broadband_per_100", "mobile_per_100", "telecom_yuan_per_person")


def digital_infrastructure(raw: dict[str, np.ndarray]) -> np.ndarray:
    """Pooled entropy index of broadband, mobile and telecom volume per head.

    Parameters
    ----------
    raw : dict of ndarray, shape (n_cities, n_study_years)
        Kept cities and study years of ``broadband_subscribers_10k``,
        ``mobile_subscribers_10k``, ``telecom_volume_100m_yuan`` and
        ``registered_population_10k``.

    Returns
    -------
    ndarray, shape (n_cities, n_study_years)
        Between 0 and 1; missing where a component is missing.
    """
    heads_10k = raw["registered_population_10k"]
    parts = np.stack(
        [
            ratio(raw["broadband_subscribers_10k"], heads_10k) * 100,
            ratio(raw["mobile_subscribers_10k"], heads_10k) * 100,
            ratio(raw["telecom_volume_100m_yuan"] * 1e4, heads_10k),
        ],
        axis=-1,
    )
    complete = np.isfinite(parts).all(axis=-1)
    index = np.full(complete.shape, np.nan)
    one_dimension = ("digital_infrastructure",) * len(COMPONENTS)
    index[complete] = entropy_index(parts[complete], COMPONENTS, (1, 1, 1), one_dimension).index
    return index


def is_above_year_median(values: np.ndarray) -> np.ndarray:
    """Cells above the median of their year (ties low), shape (n_cities, n_years)."""
    return values > np.nanmedian(values, axis=0, keepdims=True)
