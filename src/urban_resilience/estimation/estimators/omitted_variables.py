"""How strong omitted variables would have to be: Oster (2019), on fits with absorbed effects.

Controls that move R2 and not the coefficient suggest that what is still omitted would not move it
either. Selection on the omitted variables is delta times that on the controls, and a regression
that held all of them would reach ``max_r2``. Effects are in the short and in the long regression
and are partialled out of both, so every R2 and variance here is within them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from urban_resilience.estimation.least_squares.linear_model import LinearModel, fit_linear
from urban_resilience.estimation.least_squares.regression_sample import (
    RegressionSample,
    draw_sample,
)
from urban_resilience.estimation.tolerance import is_zero, is_zero_square

# Imaginary parts of roots below this share of their size are rounding.
REAL = 1e-7


@dataclass(frozen=True)
class SelectionMoments:
    """What a short and a long regression say about selection.

    Attributes
    ----------
    short_estimate, short_r2
        Treatment's coefficient and R2 without the controls.
    long_estimate, long_r2
        With them.
    outcome_variance, treatment_variance
        Net of what is in both regressions.
    treatment_variance_left
        Of the treatment, net of the controls as well.
    """

    short_estimate: float
    short_r2: float
    long_estimate: float
    long_r2: float
    outcome_variance: float
    treatment_variance: float
    treatment_variance_left: float


@dataclass(frozen=True)
class OmittedVariables:
    """The sensitivity of an estimate at one ``max_r2``.

    Attributes
    ----------
    status, reason
        ``estimated``, or ``not_estimable`` with the reason in words.
    max_r2
        R2 that a regression with every omitted variable would reach.
    delta, delta_linear
        Selection on the omitted variables, relative to that on the controls, that would bring the
        coefficient to zero: exact, and in the linear approximation.
    adjusted_estimate, adjusted_estimate_linear
        Coefficient at the given delta: exact, and in the linear approximation. Of several exact
        solutions the one nearest to the long regression.
    other_solutions
        The others.
    moments
        Where all of them come from.
    """

    status: str
    reason: str | None = None
    max_r2: float | None = None
    delta: float | None = None
    delta_linear: float | None = None
    adjusted_estimate: float | None = None
    adjusted_estimate_linear: float | None = None
    other_solutions: tuple[float, ...] = ()
    moments: SelectionMoments | None = None


def assess_omitted_variables(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    controls: Sequence[str],
    fixed_effects: Sequence[str],
    clusters: Sequence[str],
    max_r2: float | None = None,
    delta: float = 1.0,
) -> OmittedVariables:
    """Fit with and without the controls on one sample, and ask what omitted variables could do.

    Parameters
    ----------
    frame
        Observations x variables.
    outcome, treatment, controls, fixed_effects, clusters
        As in ``fit_specification_curve``; clusters only decide what can be estimated.
    max_r2
        Above the long regression's R2 and at most 1; when not given 1.3 times that R2, or 1.
    delta
        Of the adjusted estimate.
    """
    sample = draw_sample(
        frame,
        numeric=(outcome, treatment, *controls),
        fixed_effects=fixed_effects,
        clusters=clusters,
    )
    short = fit_linear(sample, outcome, [treatment])
    long = fit_linear(sample, outcome, [treatment, *controls])
    reason = short.fit.reason or long.fit.reason
    if reason:
        return OmittedVariables("not_estimable", reason)
    moments = _moments(sample, outcome, treatment, controls, short, long)
    max_r2 = min(1.0, 1.3 * moments.long_r2) if max_r2 is None else max_r2
    reason = _reason_against(moments, max_r2)
    if reason:
        return OmittedVariables("not_estimable", reason, max_r2, moments=moments)
    linear = (
        moments.short_estimate,
        moments.short_r2,
        moments.long_estimate,
        moments.long_r2,
        max_r2,
    )
    nearest, *others = adjusted_estimates(moments, max_r2, delta)
    return OmittedVariables(
        status="estimated",
        max_r2=max_r2,
        delta=delta_for(moments, max_r2),
        delta_linear=delta_for_linear(*linear),
        adjusted_estimate=nearest,
        adjusted_estimate_linear=adjusted_estimate_linear(*linear, delta),
        other_solutions=tuple(others),
        moments=moments,
    )


def adjusted_estimate_linear(
    short_estimate: float,
    short_r2: float,
    long_estimate: float,
    long_r2: float,
    max_r2: float,
    delta: float = 1.0,
) -> float:
    """Take off what the omitted variables add, if they move coefficient and R2 in proportion."""
    moved = (short_estimate - long_estimate) / (long_r2 - short_r2)
    return long_estimate - delta * moved * (max_r2 - long_r2)


def delta_for_linear(
    short_estimate: float, short_r2: float, long_estimate: float, long_r2: float, max_r2: float
) -> float:
    """Delta that brings :func:`adjusted_estimate_linear` to zero; infinite if nothing moved."""
    bias = long_estimate - adjusted_estimate_linear(
        short_estimate, short_r2, long_estimate, long_r2, max_r2
    )
    scale = abs(short_estimate) + abs(long_estimate)
    return float("inf") if is_zero(abs(bias), scale) else long_estimate / bias


def delta_for(moments: SelectionMoments, max_r2: float, null: float = 0.0) -> float:
    """Delta under which the coefficient would be ``null`` (Oster 2019, Proposition 3)."""
    numerator, denominator = _polynomials(moments, max_r2)
    bias = moments.long_estimate - null
    below = float(np.polyval(denominator, bias))
    terms = float(np.polyval(np.abs(denominator), abs(bias)))
    above = float(np.polyval(numerator, bias))
    return float("inf") if is_zero(abs(below), terms) else above / below


def adjusted_estimates(
    moments: SelectionMoments, max_r2: float, delta: float = 1.0
) -> tuple[float, ...]:
    """Coefficients under ``delta``, the one nearest to the long regression first.

    Solutions of a cubic in the bias, of a quadratic at delta 1 (Oster 2019, Propositions 1 and 2).
    Both have a real one; where controls are unrelated to the treatment there is no bias.
    """
    numerator, denominator = _polynomials(moments, max_r2)
    cubic = delta * denominator - numerator
    # At delta 1 the cubic terms are equal and must not leave rounding behind.
    roots = np.roots(cubic[1:] if delta == 1 else cubic)
    biases = roots.real[np.abs(roots.imag) <= REAL * np.abs(roots)]
    return tuple(moments.long_estimate - float(b) for b in sorted(biases, key=abs) or [0.0])


def _polynomials(moments: SelectionMoments, max_r2: float) -> tuple[np.ndarray, np.ndarray]:
    """Numerator and denominator of delta, highest power of the bias first."""
    moved = moments.short_estimate - moments.long_estimate
    gained = (moments.long_r2 - moments.short_r2) * moments.outcome_variance
    missing = (max_r2 - moments.long_r2) * moments.outcome_variance
    whole, left = moments.treatment_variance, moments.treatment_variance_left
    cubic, square = left * (whole - left), left * moved * whole
    numerator = [cubic, 2 * square, gained * left + whole * left * moved**2, 0.0]
    denominator = [cubic, square, missing * (whole - left), missing * moved * whole]
    return np.array(numerator), np.array(denominator)


def _moments(
    sample: RegressionSample,
    outcome: str,
    treatment: str,
    controls: Sequence[str],
    short: LinearModel,
    long: LinearModel,
) -> SelectionMoments:
    on_controls = fit_linear(sample, treatment, list(controls)) if controls else None
    within = sample.within([outcome, treatment])
    variances = (within - within.mean(axis=0)).var(axis=0)
    left = variances[1] if on_controls is None else float((on_controls.residuals**2).mean())

    def term(model: LinearModel) -> float:
        return float(model.estimates[model.terms.index(treatment)])

    def r2(model: LinearModel) -> float:
        share = model.fit.r2_within if sample.effects else model.fit.r2
        return float("nan") if share is None else share

    return SelectionMoments(
        term(short), r2(short), term(long), r2(long), float(variances[0]), float(variances[1]), left
    )


def _reason_against(moments: SelectionMoments, max_r2: float) -> str | None:
    if is_zero_square(moments.long_r2 - moments.short_r2, 1.0):
        return "the controls add nothing to R2, so selection on them says nothing"
    if not moments.long_r2 < max_r2 <= 1:
        return f"max_r2 of {max_r2:g} is not between the long regression's R2 and 1"
    return None
