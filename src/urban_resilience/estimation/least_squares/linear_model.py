"""Weighted least squares with absorbed effects and clustered errors, with its covariance.

:mod:`urban_resilience.estimation.fixed_effects` fits the rows of ``regression_specs``. The designs
beside it (instruments, treatments, event studies, interactions) also need what lies inside a fit:
residualized columns, scores and the covariance of all terms. This module gives them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.linalg import solve_triangular

from urban_resilience.estimation.fit import Coefficient, Fit
from urban_resilience.estimation.least_squares.absorption import ABSORBED_SHARE, surviving_share
from urban_resilience.estimation.least_squares.clustered_covariance import (
    SmallSampleRule,
    cluster_meat,
    small_sample_rule,
)
from urban_resilience.estimation.least_squares.regression_sample import RegressionSample
from urban_resilience.estimation.tolerance import is_zero, is_zero_square, length

CONSTANT = "Intercept"


@dataclass(frozen=True, eq=False)
class LinearModel:
    """A least-squares fit with everything that later steps need.

    Attributes
    ----------
    fit
        Status, reason, counts, R2 and coefficients.
    terms
        Names of the k coefficients.
    estimates
        Shape (k,).
    covariance
        Clustered covariance of the estimates, shape (k, k).
    residuals
        Shape (n,), in the row order of the sample.
    rule
        Small-sample rule behind ``covariance``.
    """

    fit: Fit
    terms: tuple[str, ...] = ()
    estimates: np.ndarray | None = None
    covariance: np.ndarray | None = None
    residuals: np.ndarray | None = None
    rule: SmallSampleRule | None = None


@dataclass(frozen=True)
class WaldTest:
    """F test that several coefficients, or combinations of them, are zero."""

    statistic: float
    numerator_df: int
    denominator_df: int
    p_value: float


def fit_linear(sample: RegressionSample, outcome: str, regressors: Sequence[str]) -> LinearModel:
    """Regress an outcome on regressors and the effects of the sample.

    Standard errors are clustered (CRV1) under :func:`small_sample_rule`; p-values and 95% intervals
    use t(G-1). Without effects a constant is added.

    Parameters
    ----------
    sample
        Rows, effects, clusters and weights (see ``draw_sample``); all columns must be in it.
    outcome, regressors
        Column names.

    Returns
    -------
    LinearModel
        ``fit.status`` is ``not_estimable`` with its reason where the sample cannot carry the fit.
        A perfect fit has estimates and no inference (NaN): see :func:`perfect_fit_reason`.
    """
    terms = tuple(regressors) if sample.effects else (CONSTANT, *regressors)
    reason = sample.reason or rank_reason(sample, outcome, terms)
    if reason:
        return LinearModel(Fit("not_estimable", reason=reason, n_obs=sample.n_obs))
    rule = small_sample_rule(sample.n_obs, len(terms), sample.effects, sample.clusters)
    if sample.n_obs <= rule.n_parameters:
        reason = f"{sample.n_obs} rows for {rule.n_parameters} parameters"
        return LinearModel(Fit("not_estimable", reason=reason, n_obs=sample.n_obs))

    target = sample.within([outcome])[:, 0]
    matrix = sample.within(terms)
    estimates, bread = solve(matrix, target, sample.weights)
    residuals = target - matrix @ estimates
    scores = matrix * (sample.weights * residuals)[:, None]
    covariance = rule.factor * bread @ cluster_meat(scores, sample.clusters) @ bread
    if is_fitted(sample, outcome, residuals):
        # Estimates stand; a standard error made of rounding would not.
        covariance = np.zeros_like(covariance)
    else:
        independent = rule.factor * independent_variance(scores, bread)
        reason = variance_reason(terms, covariance, independent)
    if reason:
        return LinearModel(Fit("not_estimable", reason=reason, n_obs=sample.n_obs))
    fit = Fit(
        status="estimated",
        n_obs=sample.n_obs,
        n_clusters=rule.n_clusters,
        n_singletons=sample.n_singletons,
        **_r2(sample, outcome, target, residuals),
        vcov_type=sample.vcov_type,
        coefficients=make_coefficients(terms, estimates, covariance, rule.degrees_of_freedom),
    )
    return LinearModel(fit, terms, estimates, covariance, residuals, rule)


def solve(
    matrix: np.ndarray, target: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Solve weighted least squares by QR.

    Returns
    -------
    tuple
        Estimates (k,) and the bread (X'WX)^-1 (k, k).
    """
    root = np.sqrt(weights)
    orthogonal, triangular = np.linalg.qr(matrix * root[:, None])
    estimates = solve_triangular(triangular, orthogonal.T @ (target * root))
    inverse = solve_triangular(triangular, np.eye(len(triangular)))
    return estimates, inverse @ inverse.T


def make_coefficient(
    term: str, estimate: float, variance: float, degrees_of_freedom: int
) -> Coefficient:
    """Infer from one estimate and its variance: t, two-sided p and 95% interval of t(df).

    Without a positive variance all of them are NaN.
    """
    std_error = float(np.sqrt(variance)) if variance > 0 else float("nan")
    statistic = float(estimate) / std_error
    margin = float(stats.t.ppf(0.975, degrees_of_freedom)) * std_error
    return Coefficient(
        term=term,
        estimate=float(estimate),
        std_error=std_error,
        statistic=statistic,
        p_value=float(2 * stats.t.sf(abs(statistic), degrees_of_freedom)),
        conf_low=float(estimate) - margin,
        conf_high=float(estimate) + margin,
    )


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


def independent_variance(scores: np.ndarray, bread: np.ndarray) -> np.ndarray:
    """Variance of each estimate (k,) were every row a cluster of its own."""
    return ((scores @ bread) ** 2).sum(axis=0)


def variance_reason(
    terms: Sequence[str], covariance: np.ndarray, independent: np.ndarray
) -> str | None:
    """Name the terms without a positive variance, or None.

    Two-way clustering subtracts: with few clusters a variance can come out negative. Scores that
    cancel within every cluster leave rounding: zero against the variance of independent rows.
    """
    variances = np.diag(covariance)
    unknown = ~np.isfinite(variances) | is_zero_square(variances, independent)
    names = [term for term, lacks in zip(terms, unknown, strict=True) if lacks]
    return f"no positive clustered variance: {', '.join(names)}" if names else None


def combine_terms(model: LinearModel, weights: Mapping[str, float], name: str) -> Coefficient:
    """Estimate a linear combination of coefficients by the delta method.

    Raises
    ------
    KeyError
        A term is not in the model: what is not estimated is not zero.
    """
    unknown = [term for term in weights if term not in model.terms]
    if unknown:
        raise KeyError(f"the model has no term {', '.join(unknown)}")
    loading = np.array([weights.get(term, 0.0) for term in model.terms])
    variance = loading @ model.covariance @ loading
    parts = np.abs(loading) @ np.abs(model.covariance) @ np.abs(loading)
    if is_zero_square(variance, parts):
        variance = 0.0  # Terms that cancel: what is left is rounding, and no standard error.
    return make_coefficient(
        name, loading @ model.estimates, variance, model.rule.degrees_of_freedom
    )


def wald_test(model: LinearModel, combinations: Sequence[Mapping[str, float]]) -> WaldTest | None:
    """Test that q linear combinations of coefficients are all zero: F(q, G-1).

    Parameters
    ----------
    model
        An estimated model.
    combinations
        For each combination the weight of each term it contains.

    Returns
    -------
    WaldTest or None
        None without combinations, or where their covariance is singular: more of them than the
        clusters can tell apart are not tested in silence on fewer.
    """
    if not combinations:
        return None
    loadings = np.array([[one.get(term, 0.0) for term in model.terms] for one in combinations])
    covariance = loadings @ model.covariance @ loadings.T
    scale = np.sqrt(np.diag(covariance))
    if not (scale > 0).all():
        return None
    standardized = covariance / np.outer(scale, scale)
    if np.linalg.eigvalsh(standardized).min() < 1e-10:
        return None
    values = loadings @ model.estimates / scale
    statistic = float(values @ np.linalg.solve(standardized, values)) / len(values)
    denominator = model.rule.degrees_of_freedom
    return WaldTest(
        statistic=statistic,
        numerator_df=len(values),
        denominator_df=denominator,
        p_value=float(stats.f.sf(statistic, len(values), denominator)),
    )


def absorbed_terms(sample: RegressionSample, terms: Sequence[str]) -> tuple[str, ...]:
    """Name the terms that vary in the sample, but not once the effects are taken out."""
    raw, within = sample.columns(terms), sample.within(terms)
    varies = surviving_share(raw, raw, sample.weights) > 0
    left = surviving_share(raw, within, sample.weights) >= ABSORBED_SHARE
    return tuple(n for n, moves, stays in zip(terms, varies, left, strict=True) if moves > stays)


def rank_reason(sample: RegressionSample, outcome: str, terms: Sequence[str]) -> str | None:
    """Say which columns do not vary, are absorbed or are collinear, or None."""
    names = [outcome, *(term for term in terms if term != CONSTANT)]
    raw, within = sample.columns(names), sample.within(names)
    varies = surviving_share(raw, raw, sample.weights) > 0
    constant = [name for name, moves in zip(names, varies, strict=True) if not moves]
    if constant:
        return f"does not vary in the sample: {', '.join(constant)}"
    left = surviving_share(raw, within, sample.weights) >= ABSORBED_SHARE
    absorbed = [name for name, remains in zip(names, left, strict=True) if not remains]
    if absorbed:
        effects = " and ".join(sample.effect_names)
        return f"absorbed by the effects of {effects}: {', '.join(absorbed)}"
    lost = _dependent_columns(sample.within(terms), sample.weights)
    if lost:
        return f"collinear with other regressors: {', '.join(terms[i] for i in lost)}"
    return None


def _dependent_columns(matrix: np.ndarray, weights: np.ndarray) -> list[int]:
    """Find columns that the ones before them explain."""
    if matrix.shape[1] > matrix.shape[0]:
        return list(range(matrix.shape[0], matrix.shape[1]))
    scaled = matrix * np.sqrt(weights)[:, None]
    norms = np.linalg.norm(scaled, axis=0)
    diagonal = np.abs(np.diag(np.linalg.qr(scaled / norms, mode="r")))
    return list(np.flatnonzero(diagonal**2 < ABSORBED_SHARE))


def _r2(
    sample: RegressionSample, outcome: str, target: np.ndarray, residuals: np.ndarray
) -> dict[str, float | None]:
    raw = sample.columns([outcome])[:, 0]
    weights = sample.weights
    total = weights @ (raw - np.average(raw, weights=weights)) ** 2
    left = weights @ residuals**2
    within = float(1 - left / (weights @ target**2)) if sample.effects else None
    return {"r2": float(1 - left / total), "r2_within": within}
