"""Two-stage least squares with absorbed effects: one endogenous regressor, its instruments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from urban_resilience.estimation.estimators import anderson_rubin
from urban_resilience.estimation.estimators.anderson_rubin import (
    AndersonRubinSet,
    InstrumentMoments,
)
from urban_resilience.estimation.estimators.instrument_strength import (
    InstrumentAbsorption,
    InstrumentStrength,
    measure_absorption,
    measure_strength,
    partial_out,
)
from urban_resilience.estimation.estimators.overidentification import (
    Overidentification,
    assess_overidentification,
)
from urban_resilience.estimation.fit import Fit
from urban_resilience.estimation.least_squares.clustered_covariance import (
    floor_eigenvalues,
    moment_variance,
)
from urban_resilience.estimation.least_squares.linear_model import (
    LinearModel,
    fit_linear,
    fit_two_stage,
    wald_test,
)
from urban_resilience.estimation.least_squares.regression_sample import (
    CLUSTERED,
    RegressionSample,
    draw_sample,
)
from urban_resilience.estimation.tolerance import is_zero, length


@dataclass(frozen=True)
class InstrumentalVariablesResult:
    """A two-stage fit, everything beside it that a reader asks for, or the reason there is none.

    All fits use the same rows. ``two_stage``, ``least_squares`` name the endogenous regressor
    first, ``first_stage`` and ``reduced_form`` the instruments. Where an instrument is absorbed,
    ``status`` is ``not_estimable``, and ``absorption`` and ``least_squares`` are still there; where
    the first stage is zero, everything but a two-stage estimate is.
    """

    status: str
    reason: str | None = None
    two_stage: Fit | None = None
    least_squares: Fit | None = None
    first_stage: Fit | None = None
    reduced_form: Fit | None = None
    strength: InstrumentStrength | None = None
    anderson_rubin: AndersonRubinSet | None = None
    absorption: InstrumentAbsorption | None = None
    overidentification: Overidentification | None = None


def fit_instrumental_variables(
    frame: pd.DataFrame,
    *,
    outcome: str,
    endogenous: str,
    instruments: Sequence[str],
    controls: Sequence[str] = (),
    fixed_effects: Sequence[str] = ("year", "city_code"),
    clusters: Sequence[str] = ("city_code",),
    weights: str | None = None,
    vcov: str = CLUSTERED,
    level: float = 0.95,
) -> InstrumentalVariablesResult:
    """Estimate by two-stage least squares, with weak-instrument inference beside it.

    Parameters
    ----------
    frame
        Observations x variables.
    outcome, endogenous, instruments, controls, fixed_effects, weights
        Column names; without fixed effects a constant is added.
    clusters, vcov
        As in ``draw_sample``.
    level
        Coverage of the Anderson-Rubin set.

    Returns
    -------
    InstrumentalVariablesResult

    Notes
    -----
    The covariance is that of the second stage with residuals of the original regressor and the
    small-sample rule of least squares (``small_sample_rule``). Of several instruments, absorption
    is that of the one that the effects leave least of.
    """
    sample = draw_sample(
        frame,
        numeric=[outcome, endogenous, *instruments, *controls],
        fixed_effects=fixed_effects,
        clusters=clusters,
        weights=weights,
        vcov=vcov,
    )
    if sample.reason:
        return _not_estimable(sample.reason)
    if len(controls) + len(instruments) >= sample.n_obs:
        return _not_estimable(f"{sample.n_obs} rows for {len(instruments)} instruments")
    least_squares = fit_linear(sample, outcome, [endogenous, *controls])
    first_stage = fit_linear(sample, endogenous, [*instruments, *controls])
    reduced_form = fit_linear(sample, outcome, [*instruments, *controls])
    absorption = min(
        (measure_absorption(sample, name, controls) for name in instruments),
        key=lambda found: found.surviving_share,
    )
    stages = {"": least_squares, "first stage: ": first_stage, "reduced form: ": reduced_form}
    for stage, model in stages.items():
        if model.fit.status != "estimated":
            return _not_estimable(f"{stage}{model.fit.reason}", least_squares.fit, absorption)

    net = partial_out(sample, [outcome, endogenous, *instruments], controls)
    outcome_net, regressor_net, instruments_net = net[:, 0], net[:, 1], net[:, 2:]
    moments = _moments(
        sample, reduced_form, first_stage, instruments_net, outcome_net, regressor_net
    )
    overidentification = None
    first_stage_f = _first_stage_f(first_stage, instruments)
    if _is_unrelated(sample, moments, endogenous, instruments, regressor_net, instruments_net):
        moments = replace(moments, regressor=np.zeros(len(instruments)))
        first_stage_f = 0.0
        verb = "is" if len(instruments) == 1 else "are"
        named = " and ".join(instruments)
        reason = f"{named} {verb} unrelated to {endogenous}: the first stage is zero"
        two_stage = Fit("not_estimable", reason=reason, n_obs=sample.n_obs)
    else:
        second = fit_two_stage(sample, outcome, endogenous, instruments, controls, first_stage)
        two_stage = second.fit
        if two_stage.status == "estimated" and len(instruments) > 1:
            overidentification = assess_overidentification(
                sample, outcome_net, regressor_net, instruments_net, second.residuals
            )
    return InstrumentalVariablesResult(
        status=two_stage.status,
        reason=two_stage.reason,
        two_stage=two_stage,
        least_squares=least_squares.fit,
        first_stage=first_stage.fit,
        reduced_form=reduced_form.fit,
        strength=measure_strength(first_stage_f, sample, instruments_net, regressor_net, moments),
        anderson_rubin=anderson_rubin.invert(moments, level),
        absorption=absorption,
        overidentification=overidentification,
    )


def _first_stage_f(first_stage: LinearModel, instruments: Sequence[str]) -> float:
    """F that the instruments have no coefficient in the first stage; of one its squared t."""
    if len(instruments) == 1:
        position = first_stage.terms.index(instruments[0])
        return first_stage.fit.coefficients[position].statistic ** 2
    test = wald_test(first_stage, [{name: 1.0} for name in instruments])
    return test.statistic if test else float("nan")


def _is_unrelated(
    sample: RegressionSample,
    moments: InstrumentMoments,
    endogenous: str,
    instruments: Sequence[str],
    regressor_net: np.ndarray,
    instruments_net: np.ndarray,
) -> bool:
    """Whether the first stage is rounding: dividing by it would make an estimate of nothing."""
    weights = sample.weights
    raw = length(sample.columns([endogenous]), weights) * length(
        sample.columns(instruments), weights
    )
    whole = length(regressor_net, weights) * length(instruments_net, weights)
    return bool(is_zero(np.abs(moments.regressor), whole, raw).all())


def _moments(
    sample: RegressionSample,
    reduced_form: LinearModel,
    first_stage: LinearModel,
    instruments: np.ndarray,
    outcome: np.ndarray,
    regressor: np.ndarray,
) -> InstrumentMoments:
    weighted = sample.weights[:, None] * instruments
    residuals = np.column_stack([reduced_form.residuals, first_stage.residuals])
    # Moments of one size: eigenvalues of those in different units are of the larger units alone.
    size = np.kron(length(residuals, sample.weights), length(instruments, sample.weights))
    size = np.outer(size, size)
    size[size == 0] = 1.0  # A perfect fit has no residual, and no variance to bring to size.
    variance = moment_variance(sample, instruments, residuals)
    variance = first_stage.rule.factor * size * floor_eigenvalues(variance / size)
    k = instruments.shape[1]
    return InstrumentMoments(
        outcome=weighted.T @ outcome,
        regressor=weighted.T @ regressor,
        variance_outcome=variance[:k, :k],
        covariance=variance[:k, k:],
        variance_regressor=variance[k:, k:],
        degrees_of_freedom=first_stage.rule.degrees_of_freedom,
    )


def _not_estimable(
    reason: str | None,
    least_squares: Fit | None = None,
    absorption: InstrumentAbsorption | None = None,
) -> InstrumentalVariablesResult:
    return InstrumentalVariablesResult(
        status="not_estimable", reason=reason, least_squares=least_squares, absorption=absorption
    )
