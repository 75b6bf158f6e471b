"""Logit by maximum likelihood (Newton's method), and whether its likelihood has a maximum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog
from scipy.special import expit

from urban_resilience.estimation.tolerance import is_zero, length

MAX_ITERATIONS = 100
TOLERANCE = 1e-12
# Share of a covariate's length that the others must leave.
COLLINEAR = 1e-8


@dataclass(frozen=True, eq=False)
class LogitFit:
    """A logit of a 0/1 variable on covariates and a constant.

    Attributes
    ----------
    status, reason
        ``estimated``, or ``not_estimable`` and why.
    coefficients, std_errors
        Shape (k + 1,), the constant first; errors from the inverse information.
    linear_predictor, probability
        Shape (n,).
    log_likelihood, null_log_likelihood
        With covariates, and with a constant only; both weighted.

    Of a fit that was refused, arrays are empty.
    """

    status: str
    reason: str | None = None
    coefficients: np.ndarray = field(default_factory=lambda: np.empty(0))
    std_errors: np.ndarray = field(default_factory=lambda: np.empty(0))
    linear_predictor: np.ndarray = field(default_factory=lambda: np.empty(0))
    probability: np.ndarray = field(default_factory=lambda: np.empty(0))
    log_likelihood: float | None = None
    null_log_likelihood: float | None = None

    @property
    def pseudo_r2(self) -> float | None:
        """McFadden's: 1 - log likelihood / log likelihood of a constant."""
        if self.log_likelihood is None or not self.null_log_likelihood:
            return None
        return 1 - self.log_likelihood / self.null_log_likelihood


def fit_logit(
    covariates: np.ndarray,
    outcome: np.ndarray,
    weights: np.ndarray | None = None,
    names: Sequence[str] = (),
) -> LogitFit:
    """Maximize the likelihood of a logit.

    Parameters
    ----------
    covariates
        Shape (n, k), without a constant, finite.
    outcome
        Shape (n,), 0 or 1.
    weights
        Shape (n,), positive, or None for ones.
    names
        Of the k covariates, for reasons.

    Returns
    -------
    LogitFit
        ``not_estimable`` where an outcome is missing, a covariate does not vary, covariates are
        collinear or separate the groups (see :func:`separation_reason`): the likelihood then has
        no maximum. A predictor far from zero is no sign of that: one huge unit has one.
    """
    n = len(covariates)
    weights = np.ones(n) if weights is None else weights
    reason = _reason_against(covariates, outcome, names)
    if reason:
        return LogitFit("not_estimable", reason=reason)
    centre, scale = _place(covariates)
    design = np.column_stack([np.ones(n), (covariates - centre) / scale])
    # Rows at length one, so that a huge unit is a direction like any other: separation and rank ask
    # for signs and spans alone, which lengths of rows do not change.
    row_lengths = np.linalg.norm(design, axis=1)
    orthonormal, triangular = np.linalg.qr(design / row_lengths[:, None])
    reason = _collinear_reason(triangular, names) or separation_reason(
        orthonormal * np.sqrt(n), outcome
    )
    if reason:
        return LogitFit("not_estimable", reason=reason)
    to_design = np.linalg.inv(triangular / np.sqrt(n))
    basis = design @ to_design
    slopes = _maximize(basis, outcome, weights)
    if slopes is None:
        reason = f"the likelihood of the logit does not settle in {MAX_ITERATIONS} steps"
        return LogitFit("not_estimable", reason=reason)
    predictor = basis @ slopes
    # From placed to raw: b_raw = b / s, constant = b_0 - sum b m / s.
    to_raw = np.diag(np.concatenate([[1.0], 1 / scale]))
    to_raw[0, 1:] = -centre / scale
    to_raw = to_raw @ to_design
    covariance = to_raw @ np.linalg.inv(_information(basis, predictor, weights)) @ to_raw.T
    share = np.average(outcome, weights=weights)
    constant_only = np.full(n, np.log(share / (1 - share)))
    return LogitFit(
        status="estimated",
        coefficients=to_raw @ slopes,
        std_errors=np.sqrt(np.diag(covariance)),
        linear_predictor=predictor,
        probability=expit(predictor),
        log_likelihood=_log_likelihood(predictor, outcome, weights),
        null_log_likelihood=_log_likelihood(constant_only, outcome, weights),
    )


def separation_reason(basis: np.ndarray, outcome: np.ndarray) -> str | None:
    """Say whether some combination of the covariates separates the groups, or None.

    The groups are separated when a direction b exists with x'b >= 0 for all ones, x'b <= 0 for all
    zeros, and not zero throughout; the likelihood then rises without end along b (Albert and
    Anderson 1984). A linear program finds b or proves that there is none (Konis 2007).

    Parameters
    ----------
    basis
        Shape (n, k + 1): orthogonal columns, each of length sqrt(n), that span constant and
        covariates, each row of which may have been stretched.
    outcome
        Shape (n,), 0 or 1.

    Notes
    -----
    Maximized is the sum of the distances from the border, with no element of b beyond 1. On such
    columns a direction that separates reaches at least sqrt(n), and without one the maximum is 0:
    nothing near the tolerance of the solver has to be judged.
    """
    n, k = basis.shape
    sides = basis * np.where(outcome > 0.5, 1.0, -1.0)[:, None]
    found = linprog(-sides.sum(axis=0), A_ub=-sides, b_ub=np.zeros(n), bounds=[(-1, 1)] * k)
    if found.fun is None or -found.fun < np.sqrt(n) / 2:
        return None
    # Complete: some direction has every unit strictly on its side.
    margin = np.zeros(k + 1)
    margin[-1] = -1.0
    apart = linprog(
        margin,
        A_ub=np.column_stack([-sides, np.ones(n)]),
        b_ub=np.zeros(n),
        bounds=[*[(-1, 1)] * k, (None, 1)],
    )
    if apart.fun is not None and -apart.fun > 1e-6:
        return "the covariates separate the groups perfectly"
    beyond = int((sides @ found.x > 1e-6).sum())
    return (
        f"the covariates separate {beyond} of {n} units perfectly (quasi-complete separation): "
        "the likelihood has no maximum"
    )


def _maximize(design: np.ndarray, outcome: np.ndarray, weights: np.ndarray) -> np.ndarray | None:
    """Climb by Newton's steps, halved where they overshoot; None where they do not settle."""
    slopes = np.zeros(design.shape[1])
    likelihood = _log_likelihood(design @ slopes, outcome, weights)
    for _ in range(MAX_ITERATIONS):
        predictor = design @ slopes
        score = design.T @ (weights * (outcome - expit(predictor)))
        try:
            step = np.linalg.solve(_information(design, predictor, weights), score)
        except np.linalg.LinAlgError:
            return None
        limit = TOLERANCE * (1 + np.abs(slopes).max())
        new = _log_likelihood(design @ (slopes + step), outcome, weights)
        while new < likelihood and np.abs(step).max() > limit:
            step = step / 2
            new = _log_likelihood(design @ (slopes + step), outcome, weights)
        slopes, likelihood = slopes + step, new
        if np.abs(step).max() <= limit:
            return slopes
    return None


def _reason_against(
    covariates: np.ndarray, outcome: np.ndarray, names: Sequence[str]
) -> str | None:
    n, k = covariates.shape
    ones = int(outcome.sum())
    if not 0 < ones < n:
        return f"{ones} of {n} units are treated"
    if min(ones, n - ones) < 2 or n <= k + 1:
        return f"{ones} treated and {n - ones} untreated units for {k + 1} coefficients"
    centred = covariates - covariates.mean(axis=0)
    norms = length(centred)
    constant = is_zero(norms, length(covariates))
    if constant.any():
        which = [str(name) for name, fixed in zip(names, constant, strict=False) if fixed]
        return f"does not vary: {', '.join(which)}" if which else "a covariate does not vary"
    return None


def _place(covariates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Median of each covariate, and the median distance of the values that differ from it.

    Unlike mean and standard deviation neither follows a single huge unit, beside which all others
    would differ by rounding.
    """
    centre = np.median(covariates, axis=0)
    distance = np.abs(covariates - centre)
    scale = np.array([np.median(column[column > 0]) for column in distance.T])
    return centre, scale


def _collinear_reason(triangular: np.ndarray, names: Sequence[str]) -> str | None:
    """Name covariates that those before them, or the constant, explain."""
    lengths = np.linalg.norm(triangular, axis=0)
    lost = np.flatnonzero(np.abs(np.diag(triangular)) < COLLINEAR * lengths)
    if not len(lost):
        return None
    which = f": {', '.join(str(names[j - 1]) for j in lost.tolist())}" if len(names) else ""
    return f"the covariates are collinear{which}"


def _log_likelihood(predictor: np.ndarray, outcome: np.ndarray, weights: np.ndarray) -> float:
    return float(weights @ (outcome * predictor - np.logaddexp(0, predictor)))


def _information(design: np.ndarray, predictor: np.ndarray, weights: np.ndarray) -> np.ndarray:
    # Each probability from its own side: 1 - p rounds to zero where p is near one.
    spread = expit(predictor) * expit(-predictor)
    return design.T @ (design * (weights * spread)[:, None])
