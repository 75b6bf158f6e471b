"""Poisson and fractional logit with absorbed effects: weighted least squares, iterated.

Both are quasi-likelihoods: they ask that the mean is right, not the distribution, so a Poisson
outcome may be any number from zero on and a share any number from zero to one. Standard errors are
those of the last weighted regression, which is the sandwich of the estimating equations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import special

from urban_resilience.estimation.estimators.families import FRACTIONAL, POISSON
from urban_resilience.estimation.fit import Fit, NotEstimableError
from urban_resilience.estimation.least_squares.linear_model import fit_linear
from urban_resilience.estimation.least_squares.regression_sample import (
    CLUSTERED,
    CONSTANT,
    RegressionSample,
    draw_sample,
)
from urban_resilience.estimation.least_squares.small_sample import small_sample_rule
from urban_resilience.estimation.least_squares.usable_columns import rank_reason

WORKING, WEIGHT = "_working_response", "_weight"
MOST_STEPS = 50
# Share of the deviance by which a last step may still change it.
CONVERGED = 1e-12
# A mean this close to the edge, where the outcome is at it, is on its way there without end.
AT_THE_EDGE = 1e-7


@dataclass(frozen=True)
class Family:
    """Link, variance and quasi-likelihood of a model of the mean.

    Attributes
    ----------
    mean
        Of the linear predictor.
    start
        First guess of the mean from outcome and its weighted average.
    predictor
        Of the mean: the link.
    variance
        Of the mean; with these canonical links also the slope of the mean.
    deviance
        Twice the gap of the quasi-log-likelihood to that of a perfect fit, per row.
    likelihood
        Quasi-log-likelihood per row of outcome and mean.
    highest
        Largest legal outcome, None for none; the lowest is 0.
    what
        What the outcome must be, in words.
    """

    mean: Callable[[np.ndarray], np.ndarray]
    start: Callable[[np.ndarray, float], np.ndarray]
    predictor: Callable[[np.ndarray], np.ndarray]
    variance: Callable[[np.ndarray], np.ndarray]
    deviance: Callable[[np.ndarray, np.ndarray], np.ndarray]
    likelihood: Callable[[np.ndarray, np.ndarray], np.ndarray]
    highest: float | None
    what: str


FAMILIES: Mapping[str, Family] = {
    POISSON: Family(
        mean=np.exp,
        start=lambda y, average: (y + average) / 2,
        predictor=np.log,
        variance=lambda mu: mu,
        deviance=lambda y, mu: 2 * (special.xlogy(y, y / mu) - (y - mu)),
        likelihood=lambda y, mu: special.xlogy(y, mu) - mu - special.gammaln(y + 1),
        highest=None,
        what="a number from 0 on",
    ),
    FRACTIONAL: Family(
        mean=special.expit,
        start=lambda y, average: (y + average) / 2,
        predictor=special.logit,
        variance=lambda mu: mu * (1 - mu),
        deviance=lambda y, mu: (
            2 * (special.xlogy(y, y / mu) + special.xlogy(1 - y, (1 - y) / (1 - mu)))
        ),
        likelihood=lambda y, mu: special.xlogy(y, mu) + special.xlogy(1 - y, 1 - mu),
        highest=1.0,
        what="a share from 0 to 1",
    ),
}


@dataclass(frozen=True)
class GeneralizedResult:
    """A fit of the mean, and what stands beside it.

    Attributes
    ----------
    fit
        Coefficients on the scale of the link: of the log of the mean, of its log odds.
    n_separated
        Rows in levels of an effect whose outcomes are all at the same edge (all zero, all one):
        the effect fits them perfectly and they tell nothing.
    pseudo_r2
        One less the ratio of the log-likelihood to that of a constant (McFadden 1974).
    dispersion
        Pearson's squared residuals over degrees of freedom; 1 were the variance that of the family.
    average_partial_effect
        Mean change of the outcome's mean per unit of the first regressor.
    """

    fit: Fit
    n_separated: int = 0
    pseudo_r2: float | None = None
    dispersion: float | None = None
    average_partial_effect: float | None = None


def fit_generalized(
    frame: pd.DataFrame,
    *,
    family: str,
    outcome: str,
    regressors: Sequence[str],
    fixed_effects: Sequence[str] = (),
    clusters: Sequence[str] = ("city_code",),
    weights: str | None = None,
    vcov: str = CLUSTERED,
) -> GeneralizedResult:
    """Estimate the mean of an outcome by quasi-maximum likelihood with absorbed effects.

    Parameters
    ----------
    frame
        Observations x variables.
    family
        ``poisson`` (Gourieroux, Monfort and Trognon 1984) or ``fractional_logit`` (Papke and
        Wooldridge 1996).
    outcome, regressors, fixed_effects, clusters, weights, vcov
        As in ``draw_sample``.

    Returns
    -------
    GeneralizedResult
        ``fit.status`` is ``not_estimable`` where the outcome is out of the family's range, or where
        regressors separate outcomes at an edge, so that no estimate is finite.

    Notes
    -----
    Each step regresses the working response on the regressors by weighted least squares
    (``fit_linear``), effects taken out exactly; it is repeated until the deviance stands still.
    Poisson estimates with effects are consistent however few rows a level has (Wooldridge 1999);
    those of a fractional logit are not: an effect of units adds a bias of the order of one over the
    years (Neyman and Scott 1948), which the remark of the fit says. With effects of time alone, or
    of a few groups, there is none to speak of.
    """
    model = FAMILIES[family]
    drawn = draw_sample(
        frame,
        numeric=(outcome, *regressors),
        fixed_effects=fixed_effects,
        clusters=clusters,
        weights=weights,
        vcov=vcov,
    )
    if drawn.reason:
        return _refused(drawn.reason, drawn)
    values = drawn.columns([outcome])[:, 0]
    if values.min() < 0 or (model.highest is not None and values.max() > model.highest):
        reason = f"{outcome} runs from {values.min():.4g} to {values.max():.4g}: {family} takes"
        return _refused(f"{reason} {model.what}", drawn)
    sample, n_separated = _without_separated(drawn, outcome, model, fixed_effects, clusters)
    lost = sample.reason or rank_reason(sample, outcome, regressors)
    if lost:
        return replace(_refused(lost, sample), n_separated=n_separated)
    try:
        return replace(_iterate(sample, outcome, regressors, model), n_separated=n_separated)
    except NotEstimableError as error:
        return replace(_refused(str(error), sample), n_separated=n_separated)


def _refused(reason: str, sample: RegressionSample) -> GeneralizedResult:
    return GeneralizedResult(
        Fit("not_estimable", reason, n_obs=sample.n_obs, n_singletons=sample.n_singletons)
    )


def _without_separated(
    sample: RegressionSample,
    outcome: str,
    family: Family,
    fixed_effects: Sequence[str],
    clusters: Sequence[str],
) -> tuple[RegressionSample, int]:
    """Leave out levels whose outcomes are all at one edge, until none is left."""
    n_separated, n_singletons = 0, sample.n_singletons
    while not sample.reason:
        values = sample.columns([outcome])[:, 0]
        keep = np.ones(sample.n_obs, dtype=bool)
        for codes in sample.effects:
            for edge in (0.0, family.highest):
                if edge is not None:
                    away = np.bincount(codes, weights=values != edge)
                    keep &= away[codes] > 0
        if keep.all():
            break
        n_separated += int((~keep).sum())
        rows = sample.frame.assign(**{WEIGHT: sample.weights})[keep]
        numeric = [name for name in sample.frame if sample.frame[name].dtype == np.float64]
        sample = draw_sample(
            rows,
            numeric=numeric,
            fixed_effects=fixed_effects,
            clusters=clusters,
            weights=WEIGHT,
            vcov=sample.vcov,
        )
        n_singletons += sample.n_singletons
    return replace(sample, n_singletons=n_singletons), n_separated


def _iterate(
    sample: RegressionSample, outcome: str, regressors: Sequence[str], family: Family
) -> GeneralizedResult:
    """Iterate weighted least squares from the mean of the outcome.

    Raises
    ------
    NotEstimableError
        A step cannot be solved, or the means run to an edge.
    """
    values, weights = sample.columns([outcome])[:, 0], sample.weights
    average = float(np.average(values, weights=weights))
    predictor = family.predictor(family.start(values, average))
    previous = np.inf
    for _ in range(MOST_STEPS):
        mean = family.mean(predictor)
        slope = family.variance(mean)
        if not (np.isfinite(slope).all() and (slope > 0).all()):
            raise NotEstimableError(_separation(int((~(slope > 0)).sum())))
        step = sample.weighted(weights * slope).with_columns(
            {WORKING: predictor + (values - mean) / slope}
        )
        found = fit_linear(step, WORKING, regressors)
        if found.fit.status != "estimated":
            raise NotEstimableError(found.fit.reason)
        # Residuals are those of the whole regression, effects included.
        predictor = step.frame[WORKING].to_numpy() - found.residuals
        mean = family.mean(predictor)
        deviance = float(weights @ family.deviance(values, mean))
        if abs(previous - deviance) <= CONVERGED * (abs(deviance) + CONVERGED):
            return _result(sample, values, mean, found.fit, family, average)
        previous = deviance
    raise NotEstimableError(f"no convergence in {MOST_STEPS} steps")


def _result(
    sample: RegressionSample,
    values: np.ndarray,
    mean: np.ndarray,
    fit: Fit,
    family: Family,
    average: float,
) -> GeneralizedResult:
    scale = average if family.highest is None else 1.0
    edge = (values == 0) & (mean < AT_THE_EDGE * scale)
    if family.highest is not None:
        edge |= (values == family.highest) & (family.highest - mean < AT_THE_EDGE)
    if edge.any():
        raise NotEstimableError(_separation(int(edge.sum())))
    weights = sample.weights
    constant = np.full(len(values), average)
    likelihood = weights @ family.likelihood(values, mean)
    of_constant = weights @ family.likelihood(values, constant)
    pearson = float(weights @ ((values - mean) ** 2 / family.variance(mean)))
    slope = float(np.average(family.variance(mean), weights=weights))
    everything = small_sample_rule(sample.n_obs, len(fit.coefficients), sample.effects, ())
    freedom = everything.degrees_of_freedom
    focal = next(item for item in fit.coefficients if item.term != CONSTANT)
    return GeneralizedResult(
        fit=replace(fit, r2=None, r2_within=None, n_singletons=sample.n_singletons),
        pseudo_r2=float(1 - likelihood / of_constant),
        dispersion=pearson / freedom if freedom > 0 else None,
        average_partial_effect=focal.estimate * slope,
    )


def _separation(number: int) -> str:
    return (
        f"the regressors separate {number:,} rows at an edge of the outcome: no estimate is finite"
    )
