"""Matching on a score: nearest neighbours with or without replacement, and kernels.

Every tie is broken by position, so units must come in the order of their keys. Each function
returns links: which untreated unit stands for which treated one, and with what weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Links:
    """Links between treated and untreated units.

    Attributes
    ----------
    treated, control
        Positions in the arrays that were matched, shape (m,).
    distance
        Absolute difference of the score, shape (m,).
    weight
        Shape (m,); the weights of one treated unit sum to one.
    """

    treated: np.ndarray
    control: np.ndarray
    distance: np.ndarray
    weight: np.ndarray


def common_support(score: np.ndarray, treated: np.ndarray) -> np.ndarray:
    """Mark units in [max of the two minima, min of the two maxima] of the score.

    Parameters
    ----------
    score, treated
        Shape (n,), ``treated`` boolean; both groups must be there.
    """
    low = max(score[treated].min(), score[~treated].min())
    high = min(score[treated].max(), score[~treated].max())
    return (score >= low) & (score <= high)


def match_one_to_one(score: np.ndarray, treated: np.ndarray, caliper: float) -> Links:
    """Give each treated unit its nearest unused control, if within the caliper.

    Treated units choose in descending order of the score, since those with high scores have the
    fewest neighbours; equal scores in order of position.

    Parameters
    ----------
    score, treated
        Shape (n,), ``treated`` boolean.
    caliper
        Largest distance allowed, in units of the score.
    """
    controls = np.flatnonzero(~treated)
    free = np.ones(len(controls), dtype=bool)
    pairs = []
    for unit in _descending(score, np.flatnonzero(treated)):
        distance = np.where(free, np.abs(score[controls] - score[unit]), np.inf)
        if len(distance) and distance.min() <= caliper:
            chosen = int(distance.argmin())
            free[chosen] = False
            pairs.append((unit, controls[chosen], distance[chosen], 1.0))
    return _links(pairs)


def match_nearest(score: np.ndarray, treated: np.ndarray, caliper: float, neighbours: int) -> Links:
    """Give each treated unit its k nearest controls within the caliper, with replacement.

    A unit that finds fewer than k shares its weight among those found.
    """
    controls = np.flatnonzero(~treated)
    pairs = []
    for unit in np.flatnonzero(treated):
        distance = np.abs(score[controls] - score[unit])
        nearest = np.argsort(distance, kind="stable")[:neighbours]
        nearest = nearest[distance[nearest] <= caliper]
        pairs += [(unit, controls[i], distance[i], 1 / len(nearest)) for i in nearest]
    return _links(pairs)


def match_kernel(score: np.ndarray, treated: np.ndarray, bandwidth: float) -> Links:
    """Give each treated unit all controls within the bandwidth, weighted by the Epanechnikov kernel.

    The weight is 1 - (distance / bandwidth)^2, scaled to sum to one (Heckman, Ichimura and Todd
    1997).
    """
    controls = np.flatnonzero(~treated)
    pairs = []
    for unit in np.flatnonzero(treated):
        distance = np.abs(score[controls] - score[unit])
        kernel = np.maximum(1 - (distance / bandwidth) ** 2, 0)
        inside = np.flatnonzero(kernel)
        total = kernel.sum()
        pairs += [(unit, controls[i], distance[i], kernel[i] / total) for i in inside]
    return _links(pairs)


def unit_weights(links: Links, n_units: int) -> np.ndarray:
    """Weight of each unit, shape (n,): 1 for a matched treated unit, summed links for a control."""
    weights = np.zeros(n_units)
    np.add.at(weights, links.control, links.weight)
    weights[links.treated] = 1.0
    return weights


def _descending(score: np.ndarray, positions: np.ndarray) -> np.ndarray:
    return positions[np.argsort(-score[positions], kind="stable")]


def _links(pairs: list[tuple[int, int, float, float]]) -> Links:
    table = np.array(pairs, dtype=float).reshape(-1, 4)
    return Links(table[:, 0].astype(int), table[:, 1].astype(int), table[:, 2], table[:, 3])
