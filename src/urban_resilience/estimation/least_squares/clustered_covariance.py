"""Clustered covariance in one or two ways, and the small-sample rule, stated once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from urban_resilience.estimation.least_squares.absorption import sum_by


@dataclass(frozen=True)
class SmallSampleRule:
    """G/(G-1) x (N-1)/(N-K), and t with G-1 degrees of freedom.

    Attributes
    ----------
    n_parameters
        K: slopes, the constant, and every absorbed effect that is not nested in a cluster.
    n_clusters
        G; with two ways of clustering the smaller number.
    factor
        What the sandwich is multiplied by; NaN where there are no more rows than parameters.
    """

    n_parameters: int
    n_clusters: int
    factor: float

    @property
    def degrees_of_freedom(self) -> int:
        """Degrees of freedom of t and of the denominator of F."""
        return self.n_clusters - 1


def small_sample_rule(
    n_obs: int, n_slopes: int, effects: Sequence[np.ndarray], clusters: Sequence[np.ndarray]
) -> SmallSampleRule:
    """Count parameters and clusters.

    Parameters
    ----------
    n_obs
        Rows used.
    n_slopes
        Columns of the regressor matrix, a constant among them where nothing is absorbed.
    effects, clusters
        Integer codes from 0 without gaps.

    Notes
    -----
    An effect is nested when each of its levels lies in one cluster; it then costs nothing, as in
    reghdfe, and in fixest with ``K.fixef = "nonnested"``. An effect that a finer one spans, as city
    effects span those of provinces, costs nothing either. Every other effect costs its levels less
    one, and all effects together one constant.
    """
    free = [
        effect
        for effect in without_coarser(effects)
        if not any(_is_nested(effect, cluster) for cluster in clusters)
    ]
    # codes.max() is the number of levels less one: the constant is counted once for all effects.
    n_parameters = n_slopes + sum(int(codes.max()) for codes in free) + bool(effects)
    n_clusters = min(int(codes.max()) + 1 for codes in clusters)
    freedom = n_obs - n_parameters
    factor = n_clusters / (n_clusters - 1) * (n_obs - 1) / freedom if freedom > 0 else float("nan")
    return SmallSampleRule(n_parameters, n_clusters, factor)


def cluster_meat(scores: np.ndarray, clusters: Sequence[np.ndarray]) -> np.ndarray:
    """Sum outer products of cluster sums of scores (n, k); two ways by inclusion and exclusion.

    The result of two ways need not be positive: see :func:`floor_eigenvalues`.
    """
    return sum(sign * _meat(scores, codes) for sign, codes in signed_clusters(clusters))


def signed_clusters(clusters: Sequence[np.ndarray]) -> list[tuple[int, np.ndarray]]:
    """List the groupings whose sums of squares make the variance, each with its sign.

    Two ways: the first plus the second minus their intersection (Cameron, Gelbach and Miller 2011).
    """
    if len(clusters) == 1:
        return [(1, clusters[0])]
    first, second = clusters
    pairs = np.unique(np.column_stack([first, second]), axis=0, return_inverse=True)[1]
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


def without_coarser(effects: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Keep the effects that no finer one spans, finest first."""
    return [effects[position] for position in _finest(effects)]


def redundant_effects(names: Sequence[str], effects: Sequence[np.ndarray]) -> tuple[str, ...]:
    """Name the effects that change nothing: a finer one, or an equal one, spans them."""
    kept = _finest(effects)
    return tuple(name for position, name in enumerate(names) if position not in kept)


def _finest(effects: Sequence[np.ndarray]) -> list[int]:
    kept: list[int] = []
    for position in sorted(range(len(effects)), key=lambda e: -effects[e].max()):
        if not any(_is_nested(effects[finer], effects[position]) for finer in kept):
            kept.append(position)
    return kept


def _is_nested(effect: np.ndarray, cluster: np.ndarray) -> bool:
    pairs = np.unique(np.column_stack([effect, cluster]), axis=0)
    return len(pairs) == effect.max() + 1
