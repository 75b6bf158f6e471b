"""Quartile groups by the percentile rule of the study."""

from __future__ import annotations

import numpy as np
import pandas as pd

QUARTILES = ("low", "lower", "higher", "high")
# Hyndman and Fan (1996), type 2: the mean of two order statistics where the share falls between
# them, as in Stata's _pctile.
TYPE_2 = "averaged_inverted_cdf"


def type_2_quantiles(values: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Quantiles of the available values, type 2; NaN where there is none."""
    present = values[~np.isnan(values)]
    if not len(present):
        return np.full(len(probabilities), np.nan)
    return np.quantile(present, probabilities, method=TYPE_2)


def quartile_groups(values: pd.Series, by: pd.Series | None = None) -> pd.Series:
    """Sort values into quartiles: up to Q1 low, up to Q2 lower, up to Q3 higher, above it high.

    Parameters
    ----------
    values
        Numeric, may be missing.
    by
        Groups with quartiles of their own (years), or None for pooled quartiles.

    Returns
    -------
    pandas.Series
        Of ``low``, ``lower``, ``higher``, ``high``; missing where the value is. A value equal to a
        quartile belongs below it.
    """
    numbers = pd.Series(
        values.astype("Float64").to_numpy(dtype=float, na_value=np.nan), index=values.index
    )
    blocks = [numbers] if by is None else [block for _, block in numbers.groupby(by)]
    groups = pd.Series(pd.NA, index=values.index, dtype="object")
    for block in blocks:
        bounds = type_2_quantiles(block.to_numpy(), np.array([0.25, 0.5, 0.75]))
        position = np.searchsorted(bounds, block.to_numpy(), side="left")
        labels = np.array(QUARTILES, dtype=object)[np.minimum(position, 3)]
        groups.loc[block.index] = np.where(block.isna(), pd.NA, labels)
    return groups
