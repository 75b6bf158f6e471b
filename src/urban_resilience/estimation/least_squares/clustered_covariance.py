"""Covariance of sums of scores: clustered in one or two ways, robust, or of one variance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from urban_resilience.estimation.least_squares.absorption import sum_by
from urban_resilience.estimation.least_squares.regression_sample import (
    UNCLUSTERED,
    RegressionSample,
)


def moment_variance(
    sample: RegressionSample, columns: np.ndarray, residuals: np.ndarray
) -> np.ndarray:
    """Variance of weighted sums of columns times residuals, by the errors that the sample assumes.

    Parameters
    ----------
    sample
        Rows, weights, clusters and kind of errors.
    columns
        Shape (n, k).
    residuals
        Of one equation or several, (n, m).

    Returns
    -------
    numpy.ndarray
        (m k, m k) without a small-sample factor, equation by equation. Clustered: sums of outer
        products of cluster sums; HC1: of rows; iid: the residuals' mean products times the
        columns' cross products.
    """
    weights = sample.weights[:, None]
    if sample.vcov == UNCLUSTERED:
        spread = residuals.T @ (weights * residuals) / sample.n_obs
        return np.kron(spread, columns.T @ (weights * columns))
    scores = np.hstack([weights * columns * one[:, None] for one in residuals.T])
    return cluster_meat(scores, sample.clusters) if sample.clusters else scores.T @ scores


def cluster_meat(scores: np.ndarray, clusters: Sequence[np.ndarray]) -> np.ndarray:
    """Sum outer products of cluster sums of scores (n, k); two ways by inclusion and exclusion.

    The result of two ways need not be positive: see :func:`floor_eigenvalues`.
    """
    parts = [sign * _meat(scores, codes) for sign, codes in signed_clusters(clusters)]
    return np.sum(parts, axis=0)


def signed_clusters(clusters: Sequence[np.ndarray]) -> list[tuple[int, np.ndarray]]:
    """List the groupings whose sums of squares make the variance, each with its sign.

    Two ways: the first plus the second minus their intersection (Cameron, Gelbach and Miller 2011).
    """
    if len(clusters) == 1:
        return [(1, clusters[0])]
    first, second = clusters
    joined = first.astype(np.int64) * (int(second.max(initial=0)) + 1) + second
    pairs = np.unique(joined, return_inverse=True)[1]
    return [(1, first), (1, second), (-1, pairs.ravel())]


def floor_eigenvalues(covariance: np.ndarray) -> np.ndarray:
    """Set negative eigenvalues of a two-way covariance to zero (Cameron, Gelbach, Miller 2011)."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    if values.min(initial=0.0) >= -1e-12 * values.max(initial=0.0):
        return covariance
    return (vectors * np.maximum(values, 0)) @ vectors.T


def _meat(scores: np.ndarray, codes: np.ndarray) -> np.ndarray:
    sums = sum_by(codes, scores)
    return sums.T @ sums
