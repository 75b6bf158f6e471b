"""Probabilities that SQL cannot compute."""

from __future__ import annotations

import pandas as pd
from scipy import stats


def with_t_probability(coefficients: pd.DataFrame) -> pd.DataFrame:
    """Add ``p_value_of_statistic``: two-sided, of ``statistic`` under t(``n_clusters`` - 1).

    The degrees-of-freedom rule is that of every coefficient here: clusters less one. A column
    ``p_value_gap`` holds its distance from the reported ``p_value``.
    """
    expected = 2 * stats.t.sf(
        coefficients["statistic"].abs(), coefficients["n_clusters"].astype(float) - 1
    )
    return coefficients.assign(
        p_value_of_statistic=expected,
        p_value_gap=(coefficients["p_value"] - expected).abs(),
        statistic_gap=(
            coefficients["statistic"] - coefficients["estimate"] / coefficients["std_error"]
        ).abs(),
    )
