"""Anderson-Rubin confidence set for one endogenous regressor.

The test of beta = b regresses y - b x on the instruments and asks whether they have no coefficient
(Anderson and Rubin 1949). It keeps its size however weak the instruments are. The set of b that are
not rejected can be bounded, two rays, the whole line or empty, with several instruments also
intervals apart: it is given as it is. Empty, it rejects that all instruments are valid.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import linalg, stats

from urban_resilience.estimation.standardized import inverse_form, standardize

INFINITY = float("inf")


@dataclass(frozen=True)
class InstrumentMoments:
    """What the Anderson-Rubin test needs of the data, all net of controls and effects.

    Attributes
    ----------
    outcome, regressor
        Cross products of the k instruments with outcome and endogenous regressor, shape (k,).
    variance_outcome, covariance, variance_regressor
        Variance of those two, small-sample factor included, each (k, k).
    degrees_of_freedom
        Of the denominator: G - 1, without clusters N - K.
    """

    outcome: np.ndarray
    regressor: np.ndarray
    variance_outcome: np.ndarray
    covariance: np.ndarray
    variance_regressor: np.ndarray
    degrees_of_freedom: int

    @property
    def n_instruments(self) -> int:
        """How many instruments there are."""
        return len(self.outcome)


@dataclass(frozen=True)
class AndersonRubinSet:
    """Values of the coefficient that the test does not reject.

    Attributes
    ----------
    level
        Coverage, such as 0.95.
    shape
        ``bounded`` (one interval), ``two_rays`` (all but an interval), ``ray`` (a half line),
        ``unbounded`` (the whole line), ``apart`` (several intervals, of several instruments) or
        ``empty``.
    intervals
        Pairs of ends in ascending order; an end may be infinite.
    statistic_at_zero, p_value_at_zero
        F(k, degrees of freedom) of the hypothesis that the coefficient is zero.
    """

    level: float
    shape: str
    intervals: tuple[tuple[float, float], ...]
    statistic_at_zero: float
    p_value_at_zero: float


def evaluate_hypothesis(moments: InstrumentMoments, value: float) -> tuple[float, float]:
    """Give F(k, df) and p of the hypothesis that the coefficient equals ``value``.

    Not a number where the variance of several instruments is singular there.
    """
    k = moments.n_instruments
    if k == 1:
        difference, variance = (part.item() for part in _at(moments, value))
        distance = difference**2
        statistic = distance / variance if variance > 0 else (INFINITY if distance > 0 else 0.0)
    else:
        distance = inverse_form(*_at(moments, value))
        statistic = float("nan") if distance is None else distance / k
    return float(statistic), float(stats.f.sf(statistic, k, moments.degrees_of_freedom))


def _at(moments: InstrumentMoments, value: float) -> tuple[np.ndarray, np.ndarray]:
    """Cross products of the instruments with y - b x, and their variance."""
    return (
        moments.outcome - value * moments.regressor,
        moments.variance_outcome
        - value * (moments.covariance + moments.covariance.T)
        + value**2 * moments.variance_regressor,
    )


def invert(moments: InstrumentMoments, level: float = 0.95) -> AndersonRubinSet | None:
    """Solve for all values that the test does not reject; None where it cannot be made.

    It cannot where several instruments are more than the clusters tell apart: a singular variance
    has no inverse, and fewer instruments are another test.

    With one instrument and critical value c, (p - b q)^2 <= c (A - 2 b B + b^2 C) is a quadratic
    inequality in b, so the set needs no grid: a b^2 + 2 h b + k <= 0 with a = q^2 - c C, h = c B -
    p q, k = p^2 - c A. With k instruments it ends where det(k c V(b) - g(b) g(b)') = 0, g the cross
    products of the instruments with y - b x and V their variance: see ``_ends``.

    Parameters
    ----------
    moments
        Cross products and their clustered variance.
    level
        Coverage in (0, 1).
    """
    variances = moments.variance_outcome, moments.variance_regressor
    if moments.n_instruments > 1 and any(standardize(one) is None for one in variances):
        return None
    critical = float(stats.f.ppf(level, moments.n_instruments, moments.degrees_of_freedom))
    statistic, p_value = evaluate_hypothesis(moments, 0.0)
    if moments.n_instruments > 1:
        intervals = _accepted(moments, critical)
        return AndersonRubinSet(level, _shape_of(intervals), intervals, statistic, p_value)
    outcome, regressor = moments.outcome.item(), moments.regressor.item()
    square = regressor**2 - critical * moments.variance_regressor.item()
    if abs(square) <= 1e-12 * regressor**2:  # Rounding decides its sign: a half line.
        square = 0.0
    half = critical * moments.covariance.item() - outcome * regressor
    constant = outcome**2 - critical * moments.variance_outcome.item()
    shape, intervals = _solve_inequality(square, half, constant)
    return AndersonRubinSet(level, shape, intervals, statistic, p_value)


def _accepted(moments: InstrumentMoments, critical: float) -> tuple[tuple[float, float], ...]:
    """Intervals in which the statistic does not exceed the critical value."""
    ends = [-INFINITY, *_ends(moments, critical), INFINITY]
    found: list[list[float]] = []
    for low, high in pairwise(ends):
        inside = _between(low, high)
        if evaluate_hypothesis(moments, inside)[0] > critical:
            continue
        if found and found[-1][1] == low:
            found[-1][1] = high
        else:
            found.append([low, high])
    return tuple((low, high) for low, high in found)


def _ends(moments: InstrumentMoments, critical: float) -> list[float]:
    """Values of b at which the statistic equals the critical value, in ascending order.

    g'V^-1 g = k c exactly where det(k c V(b) - g(b) g(b)') = 0, as V is positive. The matrix is
    quadratic in b, and the roots are eigenvalues of its companion pencil (Tisseur and Meerbergen
    2001): a determinant of many instruments loses all digits before its roots are found. In units
    in which both variances are alike.
    """
    k = moments.n_instruments
    unit = float(np.sqrt(np.trace(moments.variance_outcome) / np.trace(moments.variance_regressor)))
    scale = np.sqrt(np.diag(moments.variance_outcome))
    outcome, regressor = moments.outcome / scale, unit * moments.regressor / scale
    size = np.outer(scale, scale) / (k * critical)
    cross = moments.covariance + moments.covariance.T
    constant = moments.variance_outcome / size - np.outer(outcome, outcome)
    mixed = np.outer(outcome, regressor)
    linear = mixed + mixed.T - unit * cross / size
    square = unit**2 * moments.variance_regressor / size - np.outer(regressor, regressor)
    one, none = np.eye(k), np.zeros((k, k))
    roots = linalg.eigvals(
        np.block([[none, one], [-constant, -linear]]), np.block([[one, none], [none, square]])
    )
    roots = roots[np.isfinite(roots)]
    real = roots.real[np.abs(roots.imag) <= 1e-8 * (1 + np.abs(roots.real))]
    return sorted(float(root) for root in real * unit)


def _between(low: float, high: float) -> float:
    if np.isinf(low) and np.isinf(high):
        return 0.0
    if np.isinf(low):
        return high - 1 - abs(high)
    if np.isinf(high):
        return low + 1 + abs(low)
    return (low + high) / 2


def _shape_of(intervals: tuple[tuple[float, float], ...]) -> str:
    if not intervals:
        return "empty"
    infinite = np.isinf(intervals[0][0]), np.isinf(intervals[-1][1])
    if len(intervals) == 1:
        return {0: "bounded", 1: "ray", 2: "unbounded"}[sum(infinite)]
    return "two_rays" if len(intervals) == 2 and all(infinite) else "apart"


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
