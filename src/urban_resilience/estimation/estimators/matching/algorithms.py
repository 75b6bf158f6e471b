"""Matching on a score: nearest neighbours with or without replacement, and kernels.

A tie is broken by position: units must come in the order of their keys, so that of two controls
equally near the one with the lower key is taken, whatever the order of rows. Distances that differ
by rounding alone are ties too, and every choice that a tie left open is counted. Each function
returns links: which untreated unit stands for which treated one, and with what weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Scores and distances closer than this share of the largest score are equal: the rest is rounding.
TIE = 1e-10


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
    tied
        Positions of treated units whose match keys decided: another control was as near, or
        another treated unit had the same score and chose after it.
    """

    treated: np.ndarray
    control: np.ndarray
    distance: np.ndarray
    weight: np.ndarray
    tied: np.ndarray


def common_support(score: np.ndarray, treated: np.ndarray) -> np.ndarray:
    """Mark units in [max of the two minima, min of the two maxima] of the score.

    Parameters
    ----------
    score, treated
        Shape (n,), ``treated`` boolean; both groups must be there.
    """
    low = max(score[treated].min(), score[~treated].min())
    high = min(score[treated].max(), score[~treated].max())
    slack = TIE * np.abs(score).max()
    return (score >= low - slack) & (score <= high + slack)


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
    controls, steps = np.flatnonzero(~treated), _in_steps(score)
    free = np.ones(len(controls), dtype=bool)
    found, tied = [], []
    choosers = np.flatnonzero(treated)
    choosers = choosers[np.argsort(-steps[choosers], kind="stable")]
    for turn, unit in enumerate(choosers.tolist()):
        distance = np.where(free, np.abs(score[controls] - score[unit]), np.inf)
        order = _by_distance(score, distance)
        nearest = order[:1][distance[order[:1]] <= caliper]
        later = choosers[turn + 1 : turn + 2]
        if len(nearest) and (
            _is_tied(score, distance, order, 1) or (steps[later] == steps[unit]).any()
        ):
            tied.append(unit)
        free[nearest] = False
        found.append(_link(unit, controls, nearest, distance, np.ones(len(nearest))))
    return _join(found, tied)


def match_nearest(score: np.ndarray, treated: np.ndarray, caliper: float, neighbours: int) -> Links:
    """Give each treated unit its k nearest controls within the caliper, with replacement.

    A unit that finds fewer than k shares its weight among those found.
    """
    controls = np.flatnonzero(~treated)
    found, tied = [], []
    for unit in np.flatnonzero(treated).tolist():
        distance = np.abs(score[controls] - score[unit])
        order = _by_distance(score, distance)
        nearest = order[:neighbours]
        nearest = nearest[distance[nearest] <= caliper]
        if len(nearest) == neighbours and _is_tied(score, distance, order, neighbours):
            tied.append(unit)
        found.append(_link(unit, controls, nearest, distance, np.ones(len(nearest))))
    return _join(found, tied)


def match_kernel(score: np.ndarray, treated: np.ndarray, bandwidth: float) -> Links:
    """Give each treated unit all controls within the bandwidth, by the Epanechnikov kernel.

    The weight is 1 - (distance / bandwidth)^2, scaled to sum to one (Heckman, Ichimura and Todd
    1997).
    """
    controls = np.flatnonzero(~treated)
    found = []
    for unit in np.flatnonzero(treated).tolist():
        distance = np.abs(score[controls] - score[unit])
        inside = np.flatnonzero(distance < bandwidth)
        kernel = 1 - (distance[inside] / bandwidth) ** 2
        found.append(_link(unit, controls, inside, distance, kernel))
    return _join(found, [])


def unit_weights(links: Links, n_units: int) -> np.ndarray:
    """Weight of each unit, shape (n,): 1 for a matched treated unit, summed links for a control."""
    weights = np.zeros(n_units)
    np.add.at(weights, links.control, links.weight)
    weights[links.treated] = 1.0
    return weights


def _in_steps(score: np.ndarray, size: float | None = None) -> np.ndarray:
    """Scores, or distances, in whole steps of :data:`TIE`, so that rounding cannot order them."""
    size = np.abs(score).max(initial=0.0) if size is None else size
    return np.round(score / (TIE * size)) if size > 0 else np.zeros(len(score))


def _by_distance(score: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Positions from the nearest on, equally near ones in the order they came in."""
    return np.argsort(_in_steps(distance, np.abs(score).max(initial=0.0)), kind="stable")


def _is_tied(score: np.ndarray, distance: np.ndarray, order: np.ndarray, taken: int) -> bool:
    """Whether the first control not taken is as near as the last one taken."""
    if len(order) <= taken or not np.isfinite(distance[order[taken]]):
        return False
    gap = distance[order[taken]] - distance[order[taken - 1]]
    return bool(gap <= TIE * np.abs(score).max(initial=0.0))


def _link(
    unit: int, controls: np.ndarray, chosen: np.ndarray, distance: np.ndarray, weight: np.ndarray
) -> Links:
    """Links of one treated unit; its weights are scaled to sum to one."""
    share = weight / weight.sum() if len(weight) else weight
    unit_links = np.full(len(chosen), unit)
    return Links(unit_links, controls[chosen], distance[chosen], share, np.empty(0, int))


def _join(found: list[Links], tied: list[int]) -> Links:
    def joined(name: str, kind: type) -> np.ndarray:
        parts = [getattr(links, name) for links in found]
        return np.concatenate([np.empty(0, kind), *parts]).astype(kind)

    return Links(
        joined("treated", int),
        joined("control", int),
        joined("distance", float),
        joined("weight", float),
        np.array(tied, int),
    )
