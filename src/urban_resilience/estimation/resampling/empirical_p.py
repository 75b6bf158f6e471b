"""Empirical p-values: where an estimate stands among its resampled values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from urban_resilience.estimation.fit import NotEstimableError

# Draws that equal the estimate but for rounding count as equal.
TIE = 1e-9


@dataclass(frozen=True)
class EmpiricalP:
    """p-values (1 + #) / (R + 1) over the R draws that have a value.

    Attributes
    ----------
    greater, less
        One-sided: share of draws at least as large, at most as small, as the estimate.
    two_sided
        Share of draws at least as far from zero.
    draws, failed_draws
        Draws made, and those of them without a value.
    """

    greater: float
    less: float
    two_sided: float
    draws: int
    failed_draws: int


def empirical_p(estimate: float, null_draws: np.ndarray) -> EmpiricalP:
    """Place an estimate among draws made under the hypothesis of zero.

    Parameters
    ----------
    estimate
        Value in the data.
    null_draws
        (R,) resampled values centred on the hypothesis; NaN where a draw failed.

    Returns
    -------
    EmpiricalP
        The estimate itself counts as one draw (Davison and Hinkley, 1997), so no p-value is zero.

    Raises
    ------
    NotEstimableError
        Every draw failed.
    """
    null_draws = np.asarray(null_draws, dtype=float)
    values = null_draws[np.isfinite(null_draws)]
    if not len(values):
        raise NotEstimableError(f"all {len(null_draws)} draws failed")
    slack = TIE * (abs(estimate) + values.std())
    total = len(values) + 1
    return EmpiricalP(
        greater=(1 + int((values >= estimate - slack).sum())) / total,
        less=(1 + int((values <= estimate + slack).sum())) / total,
        two_sided=(1 + int((np.abs(values) >= abs(estimate) - slack).sum())) / total,
        draws=len(null_draws),
        failed_draws=len(null_draws) - len(values),
    )


def percentile_interval(draws: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of the draws that have a value (Efron and Tibshirani, 1993)."""
    values = draws[np.isfinite(draws)]
    if len(values) < 2:
        raise NotEstimableError(f"{len(values)} draws have a value, an interval needs two")
    tail = (1 - level) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)
