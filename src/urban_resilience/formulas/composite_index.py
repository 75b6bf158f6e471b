"""Composite indices with other weights, normalizations and aggregations than the entropy index.

Weights are formed from min-max scores, whatever normalization enters the score. Sources: Shannon
(1948) for entropy; Diakoulaki, Mavrotas and Papayannakis (1995) for CRITIC; OECD and JRC (2008,
Handbook on Constructing Composite Indicators) for principal components and for the normalizations;
Hwang and Yoon (1981) for TOPSIS.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from urban_resilience.formulas.entropy_index import min_max, shannon_entropy

# Smaller is zero: the gap of the two largest eigenvalues, relative, and a sum of 1 - correlation.
SMALL = 1e-9


@dataclass(frozen=True)
class CompositeIndex:
    """Result of :func:`composite_index`.

    Attributes
    ----------
    weight : ndarray, shape (n_indicators,)
        Adds up to one.
    dimensions : tuple of str
        In order of first appearance.
    dimension_weight : ndarray, shape (n_dimensions,)
    dimension_score : ndarray, shape (n_observations, n_dimensions)
        Missing where a dimension has no weight.
    index : ndarray, shape (n_observations,)
    """

    weight: np.ndarray
    dimensions: tuple[str, ...]
    dimension_weight: np.ndarray
    dimension_score: np.ndarray
    index: np.ndarray


def normalized_scores(values: np.ndarray, directions: np.ndarray, method: str) -> np.ndarray:
    """Normalize columns over all rows, the better the higher.

    Parameters
    ----------
    values : ndarray, shape (n_observations, n_indicators)
    directions : ndarray, shape (n_indicators,)
        +1 when more is better, -1 when less is better.
    method : str
        ``min_max`` (0 to 1), ``z_score`` (population deviation) or ``rank`` (0 to 1, ties at the
        mean of their ranks; equal to nine digits is a tie).

    Raises
    ------
    ValueError
        If the method is unknown.
    """
    if method == "min_max":
        return min_max(values, directions)
    turned = values * directions
    if method == "z_score":
        deviation = turned.std(axis=0)
        centred = turned - turned.mean(axis=0)
        return np.divide(centred, deviation, out=np.zeros_like(centred), where=deviation > 0)
    if method == "rank":
        return (rankdata(_nine_digits(turned), axis=0) - 1) / (len(turned) - 1)
    raise ValueError(f"unknown normalization {method!r}")


def _nine_digits(values: np.ndarray) -> np.ndarray:
    """Values whose last digits, which follow the order of computation, are rounded away."""
    texts = np.char.mod("%.8e", values)
    return texts.astype(float)


def proportions(
    values: np.ndarray,
    directions: np.ndarray,
    weighting: str,
    given: np.ndarray | None = None,
    zero_shift: float = 0.0,
) -> np.ndarray:
    """Compute what the weights are proportional to; zero for a constant column.

    Parameters
    ----------
    values, directions
        As in :func:`normalized_scores`.
    weighting : str
        ``entropy``, ``equal``, ``given``, ``critic``, ``pca`` or ``cv``.
    given : ndarray, shape (n_indicators,), optional
        Weights from outside, not negative.
    zero_shift : float, default 0
        Added to the min-max scores in the entropy.

    Raises
    ------
    ValueError
        If the weighting is unknown, or there are no such weights: fewer than two observations, a
        first component that is not unique, indicators that all move alike, given weights of zero.
    """
    if len(values) < 2:
        raise ValueError("one observation has no weights")
    scores = min_max(values, directions)
    varies = values.max(axis=0) > values.min(axis=0)
    found = np.zeros(values.shape[1])
    found[varies] = _of_varying(
        scores[:, varies], weighting, None if given is None else given[varies], zero_shift
    )
    if not found.sum() > 0:
        raise ValueError(f"there are no {weighting} weights: nothing has one")
    return found


def _of_varying(
    scores: np.ndarray, weighting: str, given: np.ndarray | None, zero_shift: float
) -> np.ndarray:
    n_indicators = scores.shape[1]
    if weighting == "entropy":
        return 1 - shannon_entropy(scores + zero_shift)
    if weighting == "equal":
        return np.ones(n_indicators)
    if weighting == "given" and given is not None:
        return given
    if weighting == "cv":
        return scores.std(axis=0) / scores.mean(axis=0)
    if weighting in ("critic", "pca"):
        correlations = np.corrcoef(scores, rowvar=False).reshape(n_indicators, n_indicators)
        if weighting == "pca":
            return loadings(correlations) ** 2
        if n_indicators == 1:
            return np.ones(1)
        conflict = (1 - correlations).sum(axis=0)
        return np.where(conflict < SMALL, 0.0, scores.std(axis=0) * conflict)
    raise ValueError(f"unknown weighting {weighting!r}")


def loadings(correlations: np.ndarray) -> np.ndarray:
    """Correlation of each indicator with the first principal component, the largest positive.

    Parameters
    ----------
    correlations : ndarray, shape (n_indicators, n_indicators)

    Raises
    ------
    ValueError
        If the two largest eigenvalues are equal: there is no first component.
    """
    eigenvalues, eigenvectors = np.linalg.eigh(correlations)
    if len(eigenvalues) > 1 and eigenvalues[-2] > (1 - SMALL) * eigenvalues[-1]:
        raise ValueError("the first component is not unique")
    first = eigenvectors[:, -1] * np.sqrt(eigenvalues[-1])
    return first * np.sign(first[np.abs(first).argmax()])


def composite_index(
    values: np.ndarray,
    dimensions: tuple[str, ...],
    directions: np.ndarray,
    weight_proportions: np.ndarray,
    normalization: str = "min_max",
    aggregation: str = "weighted_sum",
    score_floor: float = 0.0,
) -> CompositeIndex:
    """Weights, dimension scores and index of the observations of one scope.

    Parameters
    ----------
    values : ndarray, shape (n_observations, n_indicators)
        No missing values.
    dimensions : tuple, length n_indicators
    directions : ndarray, shape (n_indicators,)
        +1 or -1.
    weight_proportions : ndarray, shape (n_indicators,)
        As from :func:`proportions`.
    normalization : str
        As in :func:`normalized_scores`.
    aggregation : str
        ``weighted_sum``, ``geometric`` or ``topsis``.
    score_floor : float, default 0
        Lowest score in a geometric mean.

    Raises
    ------
    ValueError
        If the aggregation is unknown, or a geometric mean meets a score that is not positive.
    """
    scores = normalized_scores(values, directions, normalization)
    weight = weight_proportions / weight_proportions.sum()
    labels = tuple(dict.fromkeys(dimensions))
    member = np.array([[d == label for label in labels] for d in dimensions], dtype=float)
    dimension_weight = weight @ member
    within = np.divide(
        weight[:, None] * member,
        dimension_weight,
        out=np.zeros_like(member),
        where=dimension_weight > 0,
    )
    parts = [_aggregated(scores, column, aggregation, score_floor) for column in within.T]
    by_dimension = np.where(dimension_weight > 0, np.stack(parts, axis=1), np.nan)
    index = _aggregated(scores, weight, aggregation, score_floor)
    return CompositeIndex(weight, labels, dimension_weight, by_dimension, index)


def _aggregated(
    scores: np.ndarray, weight: np.ndarray, aggregation: str, score_floor: float
) -> np.ndarray:
    """Scores of all observations from those of the indicators with a weight."""
    scores, weight = scores[:, weight > 0], weight[weight > 0]
    if aggregation == "weighted_sum":
        return scores @ weight
    if aggregation == "geometric":
        raised = score_floor + (1 - score_floor) * scores
        if not (raised > 0).all():
            raise ValueError("a geometric mean needs scores above zero")
        return np.prod(raised**weight, axis=1)
    if aggregation == "topsis":
        weighted = scores * weight
        to_best = np.linalg.norm(weighted - weighted.max(axis=0, initial=-np.inf), axis=1)
        to_worst = np.linalg.norm(weighted - weighted.min(axis=0, initial=np.inf), axis=1)
        total = to_best + to_worst
        return np.divide(to_worst, total, out=np.full_like(total, np.nan), where=total > 0)
    raise ValueError(f"unknown aggregation {aggregation!r}")
