"""Two-stage least squares with absorbed effects: one endogenous regressor, one instrument."""

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
from urban_resilience.estimation.fit import Fit
from urban_resilience.estimation.least_squares.clustered_covariance import (
    cluster_meat,
    floor_eigenvalues,
)
from urban_resilience.estimation.least_squares.linear_model import (
    LinearModel,
    fit_linear,
    fit_two_stage,
)
from urban_resilience.estimation.least_squares.regression_sample import (
    RegressionSample,
    draw_sample,
)
from urban_resilience.estimation.tolerance import is_zero, length


@dataclass(frozen=True)
class InstrumentalVariablesResult:
    """A two-stage fit, everything beside it that a reader asks for, or the reason there is none.

    All fits use the same rows. ``two_stage``, ``least_squares`` name the endogenous regressor
    first, ``first_stage`` and ``reduced_form`` the instrument. Where the instrument is absorbed,
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


def fit_instrumental_variables(
    frame: pd.DataFrame,
    *,
    outcome: str,
    endogenous: str,
    instrument: str,
    controls: Sequence[str] = (),
    fixed_effects: Sequence[str] = ("year", "city_code"),
    clusters: Sequence[str] = ("city_code",),
    weights: str | None = None,
    level: float = 0.95,
) -> InstrumentalVariablesResult:
    """Estimate by two-stage least squares, with weak-instrument inference beside it.

    Parameters
    ----------
    frame
        Observations x variables.
    outcome, endogenous, instrument, controls, fixed_effects, weights
        Column names; without fixed effects a constant is added.
    clusters
        One or two columns.
    level
        Coverage of the Anderson-Rubin set.

    Returns
    -------
    InstrumentalVariablesResult

    Notes
    -----
    The covariance is the CRV1 sandwich of the second stage with residuals of the original
    regressor and the small-sample rule of least squares (``small_sample_rule``).
    """
    sample = draw_sample(
        frame,
        numeric=[outcome, endogenous, instrument, *controls],
        fixed_effects=fixed_effects,
        clusters=clusters,
        weights=weights,
    )
    if sample.reason:
        return _not_estimable(sample.reason)
    least_squares = fit_linear(sample, outcome, [endogenous, *controls])
    first_stage = fit_linear(sample, endogenous, [instrument, *controls])
    reduced_form = fit_linear(sample, outcome, [instrument, *controls])
    absorption = measure_absorption(sample, instrument, controls)
    stages = {"": least_squares, "first stage: ": first_stage, "reduced form: ": reduced_form}
    for stage, model in stages.items():
        if model.fit.status != "estimated":
            return _not_estimable(f"{stage}{model.fit.reason}", least_squares.fit, absorption)

    outcome_net, regressor_net, instrument_net = partial_out(
        sample, [outcome, endogenous, instrument], controls
    ).T
    moments = _moments(
        sample, reduced_form, first_stage, instrument_net, outcome_net, regressor_net
    )
    position = first_stage.terms.index(instrument)
    first_stage_t = first_stage.fit.coefficients[position].statistic
    if _is_unrelated(sample, moments, endogenous, instrument, regressor_net, instrument_net):
        moments, first_stage_t = replace(moments, regressor=0.0), 0.0
        reason = f"{instrument} is unrelated to {endogenous}: the first stage is zero"
        two_stage = Fit("not_estimable", reason=reason, n_obs=sample.n_obs)
    else:
        two_stage = fit_two_stage(
            sample, outcome, endogenous, instrument, controls, first_stage
        ).fit
    return InstrumentalVariablesResult(
        status=two_stage.status,
        reason=two_stage.reason,
        two_stage=two_stage,
        least_squares=least_squares.fit,
        first_stage=first_stage.fit,
        reduced_form=reduced_form.fit,
        strength=measure_strength(first_stage_t, sample, instrument_net, regressor_net),
        anderson_rubin=anderson_rubin.invert(moments, level),
        absorption=absorption,
    )


def _is_unrelated(
    sample: RegressionSample,
    moments: InstrumentMoments,
    endogenous: str,
    instrument: str,
    regressor_net: np.ndarray,
    instrument_net: np.ndarray,
) -> bool:
    """Whether the first stage is rounding: dividing by it would make an estimate of nothing."""
    raw = length(sample.columns([endogenous, instrument]), sample.weights).prod()
    whole = length(np.column_stack([regressor_net, instrument_net]), sample.weights).prod()
    return bool(is_zero(abs(moments.regressor), whole, raw))


def _moments(
    sample: RegressionSample,
    reduced_form: LinearModel,
    first_stage: LinearModel,
    instrument: np.ndarray,
    outcome: np.ndarray,
    regressor: np.ndarray,
) -> InstrumentMoments:
    weighted = sample.weights * instrument
    scores = weighted[:, None] * np.column_stack([reduced_form.residuals, first_stage.residuals])
    variance = floor_eigenvalues(first_stage.rule.factor * cluster_meat(scores, sample.clusters))
    return InstrumentMoments(
        outcome=float(weighted @ outcome),
        regressor=float(weighted @ regressor),
        variance_outcome=float(variance[0, 0]),
        covariance=float(variance[0, 1]),
        variance_regressor=float(variance[1, 1]),
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
