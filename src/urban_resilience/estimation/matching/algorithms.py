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
    found = []
    for unit in _descending(score, np.flatnonzero(treated)):
        distance = np.where(free, np.abs(score[controls] - score[unit]), np.inf)
        nearest = np.flatnonzero(distance == distance.min(initial=np.inf))[:1]
        nearest = nearest[distance[nearest] <= caliper]
        free[nearest] = False
        found.append(_link(unit, controls, nearest, distance, np.ones(len(nearest))))
    return _join(found)


def match_nearest(score: np.ndarray, treated: np.ndarray, caliper: float, neighbours: int) -> Links:
    """Give each treated unit its k nearest controls within the caliper, with replacement.

    A unit that finds fewer than k shares its weight among those found.
    """
    controls = np.flatnonzero(~treated)
    found = []
    for unit in np.flatnonzero(treated):
        distance = np.abs(score[controls] - score[unit])
        nearest = np.argsort(distance, kind="stable")[:neighbours]
        nearest = nearest[distance[nearest] <= caliper]
        found.append(_link(unit, controls, nearest, distance, np.ones(len(nearest))))
    return _join(found)


def match_kernel(score: np.ndarray, treated: np.ndarray, bandwidth: float) -> Links:
    """Give each treated unit all controls within the bandwidth, by the Epanechnikov kernel.

    The weight is 1 - (distance / bandwidth)^2, scaled to sum to one (Heckman, Ichimura and Todd
    1997).
    """
    controls = np.flatnonzero(~treated)
    found = []
    for unit in np.flatnonzero(treated):
        distance = np.abs(score[controls] - score[unit])
        inside = np.flatnonzero(distance < bandwidth)
        kernel = 1 - (distance[inside] / bandwidth) ** 2
        found.append(_link(unit, controls, inside, distance, kernel))
    return _join(found)


def unit_weights(links: Links, n_units: int) -> np.ndarray:
    """Weight of each unit, shape (n,): 1 for a matched treated unit, summed links for a control."""
    weights = np.zeros(n_units)
    np.add.at(weights, links.control, links.weight)
    weights[links.treated] = 1.0
    return weights


def _descending(score: np.ndarray, positions: np.ndarray) -> np.ndarray:
    return positions[np.argsort(-score[positions], kind="stable")]


def _link(
    unit: int, controls: np.ndarray, chosen: np.ndarray, distance: np.ndarray, weight: np.ndarray
) -> Links:
    """Links of one treated unit; its weights are scaled to sum to one."""
    share = weight / weight.sum() if len(weight) else weight
    return Links(np.full(len(chosen), unit), controls[chosen], distance[chosen], share)


def _join(found: list[Links]) -> Links:
    def joined(name: str, kind: type) -> np.ndarray:
        parts = [getattr(links, name) for links in found]
        return np.concatenate([np.empty(0, kind), *parts]).astype(kind)

    return Links(
        joined("treated", int),
        joined("control", int),
        joined("distance", float),
        joined("weight", float),
    )
