"""From estimates and their covariance to t, p and intervals, or why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from scipy import stats

from urban_resilience.estimation.fit import Coefficient, Fit
from urban_resilience.estimation.least_squares.regression_sample import RegressionSample
from urban_resilience.estimation.tolerance import is_zero, is_zero_square, length


def make_coefficient(
    term: str, estimate: float, variance: float, degrees_of_freedom: int
) -> Coefficient:
    """Infer from one estimate and its variance: t, two-sided p and 95% interval of t(df).

    Without a positive variance all of them are NaN.
    """
    std_error = float(np.sqrt(variance)) if variance > 0 else float("nan")
    statistic = float(estimate) / std_error
    margin = _critical(degrees_of_freedom) * std_error
    return Coefficient(
        term=term,
        estimate=float(estimate),
        std_error=std_error,
        statistic=statistic,
        p_value=float(2 * stats.t.sf(abs(statistic), degrees_of_freedom)),
        conf_low=float(estimate) - margin,
        conf_high=float(estimate) + margin,
    )


@cache
def _critical(degrees_of_freedom: int) -> float:
    """Look up the 97.5th percentile of t: many coefficients share their degrees of freedom."""
    return float(stats.t.ppf(0.975, degrees_of_freedom))


def make_coefficients(
    terms: Sequence[str], estimates: np.ndarray, covariance: np.ndarray, degrees_of_freedom: int
) -> tuple[Coefficient, ...]:
    """Apply :func:`make_coefficient` to each term."""
    return tuple(
        make_coefficient(term, estimate, variance, degrees_of_freedom)
        for term, estimate, variance in zip(terms, estimates, np.diag(covariance), strict=True)
    )


def is_fitted(sample: RegressionSample, outcome: str, residuals: np.ndarray) -> bool:
    """Whether nothing is left of the outcome: residuals (n,) that are rounding and no more."""
    whole = length(sample.within([outcome])[:, 0], sample.weights)
    raw = length(sample.columns([outcome])[:, 0], sample.weights)
    return bool(is_zero(length(residuals, sample.weights), whole, raw))


def perfect_fit_reason(fit: Fit | None, outcome: str) -> str | None:
    """Say that a fit leaves no residual, or None: it has estimates and no standard error at all."""
    if fit is None or not fit.coefficients:
        return None
    if any(item.std_error == item.std_error for item in fit.coefficients):
        return None
    return f"no residual left in {outcome}: the regression fits it perfectly"


def variance_reason(
    terms: Sequence[str], covariance: np.ndarray, scores: np.ndarray, bread: np.ndarray
) -> str | None:
    """Name the terms without a positive variance, or None.

    Two-way clustering subtracts: with few clusters a variance can come out negative. Scores that
    cancel within every cluster leave rounding: zero against the variance were every row a cluster.

    Parameters
    ----------
    covariance
        Sandwich without a small-sample factor, (k, k).
    scores, bread
        Rows times residuals (n, k), and (X'WX)^-1 (k, k).
    """
    variances = np.diag(covariance)
    independent = ((scores @ bread) ** 2).sum(axis=0)
    unknown = ~np.isfinite(variances) | is_zero_square(variances, independent)
    names = [term for term, lacks in zip(terms, unknown, strict=True) if lacks]
    return f"no positive clustered variance: {', '.join(names)}" if names else None
