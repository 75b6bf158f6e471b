"""Least squares with absorbed effects and clustered standard errors, one regression at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyfixest as pf

from urban_resilience.estimation.fit import Coefficient, Fit
from urban_resilience.estimation.least_squares.absorption import ABSORBED_SHARE, surviving_share
from urban_resilience.estimation.least_squares.clustered_covariance import (
    redundant_effects,
    small_sample_rule,
    without_coarser,
)
from urban_resilience.estimation.least_squares.linear_model import (
    independent_variance,
    is_fitted,
    make_coefficient,
    variance_reason,
)
from urban_resilience.estimation.least_squares.regression_sample import (
    RegressionSample,
    draw_sample,
)
from urban_resilience.estimation.selection import select_sample
from urban_resilience.estimation.specs import RegressionSpec
from urban_resilience.estimation.tolerance import is_zero, length

# pyfixest visits the effects in the order of a set, which changes from one process to the next: at
# its own tolerance (1e-6) standard errors then differ in the seventh digit. Its tolerances are
# absolute, so columns are brought to one scale first.
DEMEANING_TOLERANCE = 1e-12


def fit_specification(spec: RegressionSpec, panel: pd.DataFrame) -> Fit:
    """Estimate one regression on the panel.

    Estimates and the clustered sandwich (CRV1) are pyfixest's; the small-sample factor
    G/(G-1) x (N-1)/(N-K) and K are those of ``small_sample_rule``, because the K that pyfixest 0.60
    counts depends on the order of the effects. p-values and 95% intervals use t(G-1).

    Parameters
    ----------
    spec
        The regression; its columns must exist in ``panel`` (see ``validate_specs``).
    panel
        City-years x variables.

    Returns
    -------
    Fit
        ``status`` is ``not_estimable`` with a reason in words where the data cannot carry the
        regression; never an exception for what the data lack.
    """
    sample = draw_sample(
        select_sample(panel, spec.sample_filter),
        numeric=(spec.outcome, *spec.regressors),
        fixed_effects=spec.fixed_effects,
        clusters=spec.clusters,
    )
    reason = sample.reason or _reason_against(sample, (spec.outcome, *spec.regressors))
    if reason:
        return Fit(status="not_estimable", reason=reason, n_obs=sample.n_obs)
    try:
        return _fit(sample, spec.outcome, spec.regressors)
    except ValueError as error:
        # Effects that hardly overlap can keep the demeaning from converging.
        if "Demeaning failed" not in str(error):
            raise
        return Fit(status="not_estimable", reason=str(error), n_obs=sample.n_obs)


def least_squares(
    sample: RegressionSample, outcome: str, regressors: Sequence[str]
) -> tuple[pf.Feols, pd.Series]:
    """Run pyfixest on columns of one scale; no small-sample factor is applied.

    Returns
    -------
    tuple
        The model, and for each term the ratio that brings it back to the units of the data.
    """
    names = list(dict.fromkeys((outcome, *regressors)))
    values = sample.frame[names]
    scale = values.std()
    # Without effects there is a constant to estimate, so means must stay.
    values = (values - values.mean() if sample.effects else values) / scale
    # In one order whatever the specification's, and without those that change nothing.
    effects = {f"effect_{i}": codes for i, codes in enumerate(without_coarser(sample.effects))}
    clusters = {f"cluster_{i}": codes for i, codes in enumerate(sample.clusters)}
    absorbed = f" | {' + '.join(effects)}" if effects else ""
    model = pf.feols(
        f"{outcome} ~ {' + '.join(regressors)}{absorbed}",
        data=values.assign(**effects, **clusters),
        vcov={"CRV1": "+".join(clusters)},
        ssc=pf.ssc(k_adj=False, G_adj=False),
        fixef_rm="none",
        fixef_tol=DEMEANING_TOLERANCE,
    )
    # The constant belongs to no variable: it is in units of the outcome alone.
    return model, scale[outcome] / scale.reindex(model.coef().index).fillna(1.0)


def _fit(sample: RegressionSample, outcome: str, regressors: Sequence[str]) -> Fit:
    model, unit = least_squares(sample, outcome, regressors)
    estimates, sandwich = model.coef(), pd.Series(np.diag(model._vcov), index=model.coef().index)
    refused = Fit(status="not_estimable", n_obs=sample.n_obs)
    lost = [name for name in regressors if name not in estimates.index]
    if lost:
        reason = f"collinear with other regressors or effects: {', '.join(lost)}"
        return replace(refused, reason=reason)
    rule = small_sample_rule(sample.n_obs, len(estimates), sample.effects, sample.clusters)
    if sample.n_obs <= rule.n_parameters:
        return replace(refused, reason=f"{sample.n_obs} rows for {rule.n_parameters} parameters")
    terms = [str(term) for term in estimates.index]
    if is_fitted(sample, outcome, model._u_hat * sample.frame[outcome].std()):
        reason = f"no residual left in {outcome}: the regression fits it perfectly"
        return replace(refused, reason=reason)
    independent = independent_variance(model._scores, model._bread)
    reason = variance_reason(terms, np.diag(sandwich), independent)
    if reason:
        return replace(refused, reason=reason)
    return Fit(
        status="estimated",
        n_obs=sample.n_obs,
        n_clusters=rule.n_clusters,
        n_singletons=sample.n_singletons,
        r2=float(model._r2),
        r2_within=float(model._r2_within) if sample.effects else None,
        vcov_type=sample.vcov_type,
        redundant_effects=" ".join(redundant_effects(sample.effect_names, sample.effects)) or None,
        coefficients=tuple(
            _coefficient(str(term), estimates[term], sandwich[term] * rule.factor, unit[term], rule)
            for term in estimates.index
        ),
    )


def _coefficient(term, estimate, variance, unit, rule) -> Coefficient:
    return make_coefficient(term, estimate * unit, variance * unit**2, rule.degrees_of_freedom)


def _reason_against(sample: RegressionSample, names: Sequence[str]) -> str | None:
    values = sample.columns(names)
    for name, column in zip(names, values.T, strict=True):
        if is_zero(length(column - column.mean()), length(column)):
            return f"{name} does not vary in the sample"
        for effect, codes in zip(sample.effect_names, sample.effects, strict=True):
            means = np.bincount(codes, weights=column) / np.bincount(codes)
            if is_zero(length(column - means[codes]), length(column)):
                return f"{name} does not vary within {effect}, whose effects absorb it"
    if not sample.effects:
        return None
    left = surviving_share(values, sample.within(names), sample.weights)
    absorbed = [name for name, share in zip(names, left, strict=True) if share < ABSORBED_SHARE]
    if absorbed:
        together = " and ".join(sample.effect_names)
        return f"the effects of {together} together absorb {', '.join(absorbed)}"
    return None
