"""Entropy-weighted composite index with dimension scores.

Weights come from Shannon entropy over the pooled city-years (entropy method as used in the
Chinese regional literature; Shannon 1948 for the measure). A dimension score is the
entropy-weighted mean within its dimension, so that the index is the weighted mean of the scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class EntropyIndex:
    """Result of :func:`entropy_index`.

    Attributes
    ----------
    names : tuple of str
        Indicators, in column order.
    minimum, maximum : ndarray, shape (n_indicators,)
        Pooled bounds in the unit of the indicator.
    entropy, divergence, weight : ndarray, shape (n_indicators,)
        ``e``, ``d = 1 - e`` and ``w = d / sum(d)``.
    dimensions : tuple of str
        Dimensions in order of first appearance.
    dimension_weight : ndarray, shape (n_dimensions,)
        ``W_k``, the sum of the weights of the indicators of the dimension.
    dimension_score : ndarray, shape (n_observations, n_dimensions)
        ``D_k`` in [0, 1].
    index : ndarray, shape (n_observations,)
        ``sum_k W_k D_k`` in [0, 1].
    """

    names: tuple[str, ...]
    minimum: np.ndarray
    maximum: np.ndarray
    entropy: np.ndarray
    divergence: np.ndarray
    weight: np.ndarray
    dimensions: tuple[str, ...]
    dimension_weight: np.ndarray
    dimension_score: np.ndarray
    index: np.ndarray


def min_max(values: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Normalize columns to [0, 1] over all rows; a constant column becomes zero.

    Parameters
    ----------
    values : ndarray, shape (n_observations, n_indicators)
    directions : ndarray, shape (n_indicators,)
        +1 when more is better, -1 when less is better.
    """
    low, high = values.min(axis=0), values.max(axis=0)
    span = high - low
    distance = np.where(directions > 0, values - low, high - values)
    return np.divide(distance, span, out=np.zeros_like(distance), where=span > 0)


def shannon_entropy(normalized: np.ndarray) -> np.ndarray:
    """Entropy of every column, scaled by ``1 / ln n`` to lie in [0, 1].

    Parameters
    ----------
    normalized : ndarray, shape (n_observations, n_indicators)
        Values in [0, 1]. ``0 ln 0`` counts as zero. An all-zero column has entropy one, so its
        divergence and weight are zero.

    Raises
    ------
    ValueError
        With fewer than two observations, where ``1 / ln n`` does not exist.
    """
    n_observations = normalized.shape[0]
    if n_observations < 2:
        raise ValueError("entropy weights need at least two observations")
    total = normalized.sum(axis=0)
    share = np.divide(normalized, total, out=np.zeros_like(normalized), where=total > 0)
    logarithm = np.log(share, out=np.zeros_like(share), where=share > 0)
    entropy = -(share * logarithm).sum(axis=0) / np.log(n_observations)
    return np.where(total > 0, entropy, 1.0)


def entropy_index(
    values: np.ndarray,
    names: tuple[str, ...],
    directions: tuple[int, ...],
    dimensions: tuple[str, ...],
) -> EntropyIndex:
    """Entropy weights, dimension scores and index of pooled observations.

    Parameters
    ----------
    values : ndarray, shape (n_observations, n_indicators)
        No missing values: the population is the city-years where all indicators are available.
    names, directions, dimensions : tuple, length n_indicators
        Name, sign (+1 or -1) and dimension of every column.

    Returns
    -------
    EntropyIndex

    Raises
    ------
    ValueError
        If a value is missing, or all indicators are constant.
    """
    if not np.isfinite(values).all():
        raise ValueError("the entropy index takes complete observations only")
    normalized = min_max(values, np.asarray(directions))
    entropy = shannon_entropy(normalized)
    divergence = 1.0 - entropy
    if divergence.sum() <= 0:
        raise ValueError("every indicator is constant: there is nothing to weight")
    weight = divergence / divergence.sum()
    labels = tuple(dict.fromkeys(dimensions))
    scores, dimension_weight = _dimension_scores(normalized, divergence, dimensions, labels)
    return EntropyIndex(
        names=tuple(names),
        minimum=values.min(axis=0),
        maximum=values.max(axis=0),
        entropy=entropy,
        divergence=divergence,
        weight=weight,
        dimensions=labels,
        dimension_weight=dimension_weight,
        dimension_score=scores,
        index=np.einsum("nk,k->n", scores, dimension_weight),
    )


def _dimension_scores(
    normalized: np.ndarray, divergence: np.ndarray, dimensions: Sequence[str], labels: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Within-dimension scores and the weight of every dimension."""
    member = np.array([[d == label for label in labels] for d in dimensions], dtype=float)
    loading = divergence[:, None] * member
    total = loading.sum(axis=0)
    within = np.divide(loading, total, out=np.zeros_like(loading), where=total > 0)
    return np.einsum("nj,jk->nk", normalized, within), total / total.sum()
