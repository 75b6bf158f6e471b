"""Anderson-Rubin confidence set for one endogenous regressor with one instrument.

The test of beta = b regresses y - b x on the instrument and asks whether its coefficient is zero
(Anderson and Rubin 1949). It keeps its size however weak the instrument is. The set of b that are
not rejected can be bounded, two rays, the whole line or, in theory, empty: it is given as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

INFINITY = float("inf")


@dataclass(frozen=True)
class InstrumentMoments:
    """What the Anderson-Rubin test needs of the data, all net of controls and effects.

    Attributes
    ----------
    outcome, regressor
        Cross products of the instrument with outcome and endogenous regressor.
    variance_outcome, covariance, variance_regressor
        Clustered variance of those two, small-sample factor included.
    degrees_of_freedom
        G - 1.
    """

    outcome: float
    regressor: float
    variance_outcome: float
    covariance: float
    variance_regressor: float
    degrees_of_freedom: int


@dataclass(frozen=True)
class AndersonRubinSet:
    """Values of the coefficient that the test does not reject.

    Attributes
    ----------
    level
        Coverage, such as 0.95.
    shape
        ``bounded`` (one interval), ``two_rays`` (all but an interval), ``ray`` (a half line),
        ``unbounded`` (the whole line) or ``empty``.
    intervals
        Pairs of ends in ascending order; an end may be infinite.
    statistic_at_zero, p_value_at_zero
        F(1, G-1) of the hypothesis that the coefficient is zero.
    """

    level: float
    shape: str
    intervals: tuple[tuple[float, float], ...]
    statistic_at_zero: float
    p_value_at_zero: float


def evaluate_hypothesis(moments: InstrumentMoments, value: float) -> tuple[float, float]:
    """Give F(1, G-1) and p of the hypothesis that the coefficient equals ``value``."""
    distance = (moments.outcome - value * moments.regressor) ** 2
    variance = (
        moments.variance_outcome
        - 2 * value * moments.covariance
        + value**2 * moments.variance_regressor
    )
    statistic = distance / variance if variance > 0 else (INFINITY if distance > 0 else 0.0)
    return float(statistic), float(stats.f.sf(statistic, 1, moments.degrees_of_freedom))


def invert(moments: InstrumentMoments, level: float = 0.95) -> AndersonRubinSet:
    """Solve for all values that the test does not reject.

    With critical value c, (p - b q)^2 <= c (A - 2 b B + b^2 C) is a quadratic inequality in b, so
    the set needs no grid: a b^2 + 2 h b + k <= 0 with a = q^2 - c C, h = c B - p q, k = p^2 - c A.

    Parameters
    ----------
    moments
        Cross products and their clustered variance.
    level
        Coverage in (0, 1).
    """
    critical = float(stats.f.ppf(level, 1, moments.degrees_of_freedom))
    square = moments.regressor**2 - critical * moments.variance_regressor
    if abs(square) <= 1e-12 * moments.regressor**2:  # Rounding decides its sign: a half line.
        square = 0.0
    half = critical * moments.covariance - moments.outcome * moments.regressor
    constant = moments.outcome**2 - critical * moments.variance_outcome
    shape, intervals = _solve_inequality(square, half, constant)
    statistic, p_value = evaluate_hypothesis(moments, 0.0)
    return AndersonRubinSet(level, shape, intervals, statistic, p_value)


def _solve_inequality(
    square: float, half: float, constant: float
) -> tuple[str, tuple[tuple[float, float], ...]]:
    """Solve square b^2 + 2 half b + constant <= 0."""
    if square == 0:
        if half == 0:
            whole = ((-INFINITY, INFINITY),)
            return ("unbounded", whole) if constant <= 0 else ("empty", ())
        end = -constant / (2 * half)
        return "ray", (((-INFINITY, end) if half > 0 else (end, INFINITY)),)
    discriminant = half**2 - square * constant
    if discriminant < 0:
        return ("empty", ()) if square > 0 else ("unbounded", ((-INFINITY, INFINITY),))
    # The root of larger size first: the other follows from their product without cancellation.
    far = -(half + np.copysign(np.sqrt(discriminant), half))
    roots = (far / square, constant / far) if far != 0 else (0.0, 0.0)
    low, high = (float(root) for root in sorted(roots))
    if square > 0:
        return "bounded", ((low, high),)
    return "two_rays", ((-INFINITY, low), (high, INFINITY))
