"""A treatment whose effect moves with a moderator: centred interaction and margins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from urban_resilience.estimation.fit import Coefficient, Fit
from urban_resilience.estimation.least_squares.linear_model import (
    LinearModel,
    combine_terms,
    fit_linear,
)
from urban_resilience.estimation.least_squares.regression_sample import CLUSTERED, draw_sample
from urban_resilience.estimation.least_squares.usable_columns import absorbed_terms

PERCENTILES = (5, 10, 25, 50, 75, 90, 95)


@dataclass(frozen=True)
class MarginalEffect:
    """Effect of the treatment at one value of the moderator.

    ``percentile`` is the one the value stands at, None for a value that was asked for.
    """

    moderator_value: float
    percentile: float | None
    effect: Coefficient


@dataclass(frozen=True)
class InteractionResult:
    """A centred interaction.

    Attributes
    ----------
    fit
        Terms: treatment and moderator, each less its mean, their product
        (``treatment:moderator``), controls. The first is the effect at the mean of the moderator.
        A main effect that the fixed effects absorb is no term: ``fit.absorbed_terms`` names it.
    treatment_mean, moderator_mean
        Grand means of the estimation sample (weighted where weights are given).
    marginal_effects
        Along the moderator, by the delta method; empty where the treatment itself is absorbed.
    marginal_reason
        Why there are none, or None.
    sign_change
        Value of the moderator where the effect is zero; None where it lies outside its range.
    """

    status: str
    reason: str | None = None
    fit: Fit | None = None
    treatment_mean: float | None = None
    moderator_mean: float | None = None
    marginal_effects: tuple[MarginalEffect, ...] = ()
    marginal_reason: str | None = None
    sign_change: float | None = None


def fit_interaction(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    moderator: str,
    controls: Sequence[str] = (),
    fixed_effects: Sequence[str] = ("year", "city_code"),
    clusters: Sequence[str] = ("city_code",),
    weights: str | None = None,
    vcov: str = CLUSTERED,
    percentiles: Sequence[float] = PERCENTILES,
    at: Sequence[float] = (),
) -> InteractionResult:
    """Regress the outcome on treatment, moderator and their product, centred at grand means.

    Parameters
    ----------
    frame
        Observations x variables.
    outcome, treatment, moderator, controls, fixed_effects, clusters, weights, vcov
        Column names, and the kind of errors, as in ``draw_sample``.
    percentiles
        Where to evaluate the effect: type-2 percentiles of the moderator in the sample.
    at
        Further values of the moderator.

    Returns
    -------
    InteractionResult

    Notes
    -----
    The effect at m is b_1 + b_3 (m - mean); its variance is
    V_11 + 2 (m - mean) V_13 + (m - mean)^2 V_33.

    A moderator that is constant within cities (a region, an old industrial base) or within years (a
    national series) has a main effect that the fixed effects absorb; its product with the treatment
    varies within both and is identified. So is the product where the treatment is constant within
    cities, though no effect of the treatment then is. Controls have no product to stand for them:
    an absorbed one is refused.
    """
    sample = draw_sample(
        frame,
        numeric=[outcome, treatment, moderator, *controls],
        fixed_effects=fixed_effects,
        clusters=clusters,
        weights=weights,
        vcov=vcov,
    )
    if sample.reason:
        return InteractionResult("not_estimable", reason=sample.reason)
    values = sample.columns([treatment, moderator])
    means = np.average(values, axis=0, weights=sample.weights)
    centred = values - means
    names = [treatment, moderator, f"{treatment}:{moderator}"]
    columns = dict(zip(names, (*centred.T, centred[:, 0] * centred[:, 1]), strict=True))
    sample = sample.with_columns(columns)
    absorbed = absorbed_terms(sample, names[:2])
    terms = [name for name in names if name not in absorbed]
    model = fit_linear(sample, outcome, [*terms, *controls])
    if model.fit.status != "estimated":
        return InteractionResult("not_estimable", reason=model.fit.reason)
    fit = replace(model.fit, absorbed_terms=" ".join(absorbed) or None)
    found = InteractionResult(
        status="estimated",
        fit=fit,
        treatment_mean=float(means[0]),
        moderator_mean=float(means[1]),
    )
    if treatment in absorbed:
        nothing = replace(fit.diagnostics, n_effective_clusters=None)
        found = replace(found, fit=replace(fit, diagnostics=nothing))
        effects = " and ".join(sample.absorbed)
        reason = (
            f"the effects of {effects} absorb {treatment}: only how its effect differs along "
            f"{moderator} is identified, not the effect at any value"
        )
        return replace(found, marginal_reason=reason)
    moderator_values = values[:, 1]
    shares = np.array(percentiles, dtype=float) / 100
    # Hyndman and Fan (1996), type 2: the rule of Stata and of the percentiles in SQL.
    quantiles = np.quantile(moderator_values, shares, method="averaged_inverted_cdf")
    points = [*zip(quantiles, percentiles, strict=True), *((value, None) for value in at)]
    return replace(
        found,
        marginal_effects=tuple(
            _effect_at(model, names, float(value), float(means[1]), percentile)
            for value, percentile in points
        ),
        sign_change=_sign_change(model, names, float(means[1]), moderator_values),
    )


def _effect_at(
    model: LinearModel, names: Sequence[str], value: float, mean: float, percentile: float | None
) -> MarginalEffect:
    treatment, _, product = names
    effect = combine_terms(model, {treatment: 1.0, product: value - mean}, treatment)
    return MarginalEffect(value, percentile, effect)


def _sign_change(
    model: LinearModel, names: Sequence[str], mean: float, values: np.ndarray
) -> float | None:
    slopes = dict(zip(model.terms, model.estimates, strict=True))
    if slopes[names[2]] == 0:
        return None
    zero = mean - slopes[names[0]] / slopes[names[2]]
    return float(zero) if values.min() <= zero <= values.max() else None
