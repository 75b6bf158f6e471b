"""Covariance matrices free of units: what is singular is decided by correlations."""

from __future__ import annotations

import numpy as np

# Least eigenvalue of a matrix of correlations that is inverted.
SINGULAR = 1e-10


def standardize(covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Give standard deviations (k,) and correlations (k, k); None where these are singular.

    A covariance of estimates or moments is singular where there are more of them than its clusters
    tell apart: what rests on its inverse is then not tested in silence on fewer.
    """
    scale = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    if not (scale > 0).all():
        return None
    correlations = covariance / np.outer(scale, scale)
    if np.linalg.eigvalsh(correlations).min() < SINGULAR:
        return None
    return scale, correlations


def inverse_form(values: np.ndarray, covariance: np.ndarray) -> float | None:
    """Give v'V^-1 v of values (k,), whatever their units; None where V is singular."""
    found = standardize(covariance)
    if found is None:
        return None
    scale, correlations = found
    standardized = values / scale
    return float(standardized @ np.linalg.solve(correlations, standardized))
