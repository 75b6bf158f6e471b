"""Logit by maximum likelihood (Newton's method)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MAX_ITERATIONS = 50
TOLERANCE = 1e-12
# Beyond it a probability is 0 or 1 to eight digits: the data separate the two groups.
MAX_LINEAR_PREDICTOR = 18.0


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
    """

    status: str
    reason: str | None = None
    coefficients: np.ndarray | None = None
    std_errors: np.ndarray | None = None
    linear_predictor: np.ndarray | None = None
    probability: np.ndarray | None = None
    log_likelihood: float | None = None
    null_log_likelihood: float | None = None

    @property
    def pseudo_r2(self) -> float | None:
        """McFadden's: 1 - log likelihood / log likelihood of a constant."""
        if self.log_likelihood is None or not self.null_log_likelihood:
            return None
        return 1 - self.log_likelihood / self.null_log_likelihood


def fit_logit(
    covariates: np.ndarray, outcome: np.ndarray, weights: np.ndarray | None = None
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

    Returns
    -------
    LogitFit
        ``not_estimable`` where an outcome is missing, covariates are collinear or separate the
        groups perfectly.
    """
    n, k = covariates.shape
    weights = np.ones(n) if weights is None else weights
    reason = _reason_against(covariates, outcome)
    if reason:
        return LogitFit("not_estimable", reason=reason)
    # Standardized columns keep the Newton steps well scaled; undone at the end.
    centre, scale = covariates.mean(axis=0), covariates.std(axis=0)
    design = np.column_stack([np.ones(n), (covariates - centre) / scale])
    slopes = np.zeros(k + 1)
    likelihood = _log_likelihood(design @ slopes, outcome, weights)
    for _ in range(MAX_ITERATIONS):
        probability = _probability(design @ slopes)
        score = design.T @ (weights * (outcome - probability))
        step = np.linalg.solve(_information(design, probability, weights), score)
        new = _log_likelihood(design @ (slopes + step), outcome, weights)
        while new < likelihood and np.abs(step).max() > TOLERANCE:
            step = step / 2
            new = _log_likelihood(design @ (slopes + step), outcome, weights)
        slopes, likelihood = slopes + step, new
        if np.abs(design @ slopes).max() > MAX_LINEAR_PREDICTOR:
            return LogitFit("not_estimable", reason="the covariates separate the groups perfectly")
        if np.abs(step).max() < TOLERANCE:
            break
    predictor = design @ slopes
    probability = _probability(predictor)
    # From standardized to raw: b_raw = b / s, constant = b_0 - sum b m / s.
    to_raw = np.diag(np.concatenate([[1.0], 1 / scale]))
    to_raw[0, 1:] = -centre / scale
    covariance = to_raw @ np.linalg.inv(_information(design, probability, weights)) @ to_raw.T
    share = np.average(outcome, weights=weights)
    constant_only = np.full(n, np.log(share / (1 - share)))
    return LogitFit(
        status="estimated",
        coefficients=to_raw @ slopes,
        std_errors=np.sqrt(np.diag(covariance)),
        linear_predictor=predictor,
        probability=probability,
        log_likelihood=likelihood,
        null_log_likelihood=_log_likelihood(constant_only, outcome, weights),
    )


def _reason_against(covariates: np.ndarray, outcome: np.ndarray) -> str | None:
    n, k = covariates.shape
    ones = int(outcome.sum())
    if not 0 < ones < n:
        return f"{ones} of {n} units are treated"
    if min(ones, n - ones) < 2 or n <= k + 1:
        return f"{ones} treated and {n - ones} untreated units for {k + 1} coefficients"
    centred = covariates - covariates.mean(axis=0)
    norms = np.linalg.norm(centred, axis=0)
    if (norms <= 1e-10 * np.linalg.norm(covariates, axis=0)).any():
        return "a covariate does not vary"
    if np.linalg.matrix_rank(centred / norms, tol=1e-8) < k:
        return "the covariates are collinear"
    return None


def _probability(predictor: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-predictor))


def _log_likelihood(predictor: np.ndarray, outcome: np.ndarray, weights: np.ndarray) -> float:
    return float(weights @ (outcome * predictor - np.logaddexp(0, predictor)))


def _information(design: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return design.T @ (design * (weights * probability * (1 - probability))[:, None])
