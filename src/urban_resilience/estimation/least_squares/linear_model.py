"""Weighted least squares with absorbed effects, with the covariance of its estimates.

The one engine: every design reads its numbers from :func:`fit_linear` or :func:`fit_two_stage`,
residuals and the covariance of all terms included. Resampling, which fits thousands of times, has
kernels of its own and is compared with this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import stats

from urban_resilience.estimation.fit import Coefficient, Diagnostics, Fit, NotEstimableError
from urban_resilience.estimation.least_squares.absorption import trend_costs
from urban_resilience.estimation.least_squares.effective_clusters import effective_clusters
from urban_resilience.estimation.least_squares.inference import (
    is_fitted,
    make_coefficient,
    make_coefficients,
    variance_reason,
)
from urban_resilience.estimation.least_squares.regression_sample import CONSTANT, RegressionSample
from urban_resilience.estimation.least_squares.small_sample import (
    SmallSampleRule,
    is_nested,
    redundant_effects,
    small_sample_rule,
)
from urban_resilience.estimation.least_squares.solver import Solution, solve
from urban_resilience.estimation.least_squares.usable_columns import rank_reason
from urban_resilience.estimation.standardized import inverse_form
from urban_resilience.estimation.tolerance import is_zero_square

NOTHING_COUNTED = SmallSampleRule(0, 0, 0)


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
        Covariance of the estimates, shape (k, k), by the errors that the sample assumes.
    residuals
        Shape (n,), in the row order of the sample.
    rule
        Small-sample rule behind ``covariance``.

    Of a fit that was refused, arrays are empty and the rule counts nothing.
    """

    fit: Fit
    terms: tuple[str, ...] = ()
    estimates: np.ndarray = field(default_factory=lambda: np.empty(0))
    covariance: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    residuals: np.ndarray = field(default_factory=lambda: np.empty(0))
    rule: SmallSampleRule = NOTHING_COUNTED


@dataclass(frozen=True)
class WaldTest:
    """F test that several coefficients, or combinations of them, are zero."""

    statistic: float
    numerator_df: int
    denominator_df: int
    p_value: float


def fit_linear(sample: RegressionSample, outcome: str, regressors: Sequence[str]) -> LinearModel:
    """Regress an outcome on regressors and the effects of the sample: the engine of every design.

    Estimates and their covariance are pyfixest's (``solver``), its small-sample factor that of
    ``small_sample_rule``; p-values and 95% intervals use t(G-1), without clusters t(N-K). Without
    effects a constant is added.

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
        A perfect fit has estimates and no inference (NaN): see ``perfect_fit_reason``.
        ``fit.diagnostics`` count the clusters that the first regressor rests on.
    """
    terms = _terms(sample, regressors)
    reason = sample.reason or rank_reason(sample, outcome, terms)
    if reason:
        return _refused(sample, reason)
    try:
        rule = _rule_of(sample, len(terms))
        rule.check()
        solution = solve(sample, outcome, terms)
        return _model(sample, outcome, terms, solution, sample.within(terms), rule)
    except NotEstimableError as error:
        return _refused(sample, str(error))


def fit_two_stage(
    sample: RegressionSample,
    outcome: str,
    endogenous: str,
    instruments: Sequence[str],
    controls: Sequence[str],
    first_stage: LinearModel,
) -> LinearModel:
    """Two-stage least squares for one endogenous regressor, on the rows and effects of the sample.

    Parameters
    ----------
    first_stage
        ``fit_linear`` of the endogenous regressor on instruments and controls, estimated.

    Returns
    -------
    LinearModel
        Residuals are those of the regressor itself, not of its projection. R2 is left out: it is
        not a share of anything explained.
    """
    terms = _terms(sample, (endogenous, *controls))
    try:
        solution = solve(sample, outcome, terms, instrumented=(endogenous, instruments))
        projected = sample.within(terms).copy()
        projected[:, terms.index(endogenous)] -= first_stage.residuals
        rule = replace(
            first_stage.rule,
            n_parameters=first_stage.rule.n_parameters - len(instruments) + 1,
        )
        model = _model(sample, outcome, terms, solution, projected, rule)
    except NotEstimableError as error:
        return _refused(sample, str(error))
    return replace(model, fit=replace(model.fit, r2=None))


def _rule_of(sample: RegressionSample, n_slopes: int) -> SmallSampleRule:
    """Count what the terms, effects and trends of a sample cost."""
    # A trend nested in a cluster costs nothing, as its effect does not.
    counted = [
        trend
        for trend in sample.trends
        if not any(is_nested(trend.codes, cluster) for cluster in sample.clusters)
    ]
    cost = trend_costs(sample.effects, sample.weights, counted)
    return small_sample_rule(sample.n_obs, n_slopes, sample.effects, sample.clusters, cost)


def _redundant(sample: RegressionSample) -> tuple[str, ...]:
    """Name effects that others span, and trends in what does not vary."""
    flat = tuple(trend.name for trend in sample.trends if not trend.values.any())
    return (*redundant_effects(sample.effect_names, sample.effects), *flat)


def _terms(sample: RegressionSample, regressors: Sequence[str]) -> tuple[str, ...]:
    return tuple(regressors) if sample.effects else (CONSTANT, *regressors)


def _refused(sample: RegressionSample, reason: str) -> LinearModel:
    return LinearModel(
        Fit("not_estimable", reason, n_obs=sample.n_obs, n_singletons=sample.n_singletons)
    )


def _model(
    sample: RegressionSample,
    outcome: str,
    terms: tuple[str, ...],
    solution: Solution,
    matrix: np.ndarray,
    rule: SmallSampleRule,
) -> LinearModel:
    """Infer from a solution; ``matrix`` (n, k) are the columns whose scores it rests on.

    Raises
    ------
    NotEstimableError
        A coefficient has no positive variance.
    """
    covariance = rule.factor * solution.covariance
    bread = np.linalg.inv(matrix.T @ (matrix * sample.weights[:, None]))
    if is_fitted(sample, outcome, solution.residuals):
        # Estimates stand; a standard error made of rounding would not.
        covariance = np.zeros_like(covariance)
    else:
        scores = matrix * (sample.weights * solution.residuals)[:, None]
        reason = variance_reason(terms, solution.covariance, scores, bread)
        if reason:
            raise NotEstimableError(reason)
    # A regressor's residual on all others, by its column of the bread (Frisch and Waugh 1933).
    focal = int(terms[0] == CONSTANT and len(terms) > 1)
    residual = matrix @ bread[:, focal] / bread[focal, focal]
    variation = sample.weights * residual**2
    rests_on = effective_clusters(variation, sample.clusters) if sample.clusters else None
    fit = Fit(
        status="estimated",
        n_obs=sample.n_obs,
        n_clusters=rule.n_clusters or None,
        n_singletons=sample.n_singletons,
        **_r2(sample, outcome, solution.residuals),
        vcov_type=sample.vcov_type,
        redundant_effects=" ".join(_redundant(sample)) or None,
        coefficients=make_coefficients(
            terms, solution.estimates, covariance, rule.degrees_of_freedom
        ),
        diagnostics=Diagnostics(n_effective_clusters=rests_on),
    )
    return LinearModel(fit, terms, solution.estimates, covariance, solution.residuals, rule)


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
    distance = inverse_form(loadings @ model.estimates, covariance)
    if distance is None:
        return None
    numerator, denominator = len(loadings), model.rule.degrees_of_freedom
    statistic = distance / numerator
    return WaldTest(
        statistic=statistic,
        numerator_df=numerator,
        denominator_df=denominator,
        p_value=float(stats.f.sf(statistic, numerator, denominator)),
    )


def _r2(sample: RegressionSample, outcome: str, residuals: np.ndarray) -> dict[str, Any]:
    raw, target = sample.columns([outcome])[:, 0], sample.within([outcome])[:, 0]
    weights = sample.weights
    total = weights @ (raw - np.average(raw, weights=weights)) ** 2
    left = weights @ residuals**2
    within = float(1 - left / (weights @ target**2)) if sample.effects else None
    return {"r2": float(1 - left / total), "r2_within": within}
