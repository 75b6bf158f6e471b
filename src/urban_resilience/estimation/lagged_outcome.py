"""Outcomes of earlier years among the regressors, known by their values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from urban_resilience.estimation.regression_spec import CITY

YEAR = "year"
# Of the rows that have both; the rest are tails that winsorizing cut at other bounds.
ALIKE = 0.9
# A column of a few values agrees with many others by chance.
FEWEST_VALUES = 10
# Years back that a regression may reach.
FARTHEST = 3


def lagged_outcome_reason(
    rows: pd.DataFrame, outcome: str, regressors: Sequence[str], effects: Sequence[str]
) -> str | None:
    """Say that a regressor is the outcome of an earlier year beside effects of units, or None.

    Net of its unit's mean it holds the unit's later errors: its coefficient is too low by the order
    of one over the years, and others are off with it (Nickell 1981).

    Parameters
    ----------
    rows
        City-years of the sample.
    outcome, regressors
        Columns.
    effects
        Columns behind the absorbed effects.
    """
    if CITY not in effects or YEAR not in rows or rows[outcome].nunique() < FEWEST_VALUES:
        return None
    by_city = rows.set_index([CITY, YEAR])
    if by_city.index.has_duplicates:
        return None
    numbers = by_city[[outcome, *regressors]].astype("Float64").astype(float)
    for years in range(1, FARTHEST + 1):
        earlier = numbers[outcome].rename(lambda year, n=years: year + n, level=YEAR)
        earlier = earlier.reindex(numbers.index)
        for name in regressors:
            known = numbers[name].notna() & earlier.notna()
            alike = np.isclose(numbers.loc[known, name], earlier[known], rtol=1e-9, atol=0)
            if known.sum() >= FEWEST_VALUES and alike.mean() >= ALIKE:
                return (
                    f"{name} is the outcome of an earlier year: beside effects of units its "
                    "coefficient is too low by the order of one over the years, and others are "
                    "off with it"
                )
    return None
