"""The small-sample rule of covariances, stated once: which effects cost how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from urban_resilience.estimation.fit import NotEstimableError


@dataclass(frozen=True)
class SmallSampleRule:
    """Clustered: G/(G-1) x (N-1)/(N-K), and t with G-1 degrees of freedom.

    Without clusters (HC1, and errors of one variance): N/(N-K), and t with N-K.

    Attributes
    ----------
    n_obs
        N, rows used.
    n_parameters
        K: slopes, the constant, and every absorbed effect that is not nested in a cluster.
    n_clusters
        G; with two ways of clustering the smaller number; 0 where nothing is clustered.
    """

    n_obs: int
    n_parameters: int
    n_clusters: int

    @property
    def factor(self) -> float:
        """What the sandwich is multiplied by.

        Raises
        ------
        NotEstimableError
            As :meth:`check` does.
        """
        self.check()
        freedom = self.n_obs - self.n_parameters
        if not self.n_clusters:
            return self.n_obs / freedom
        return self.n_clusters / (self.n_clusters - 1) * (self.n_obs - 1) / freedom

    def check(self) -> None:
        """Refuse what has no degrees of freedom left.

        Raises
        ------
        NotEstimableError
            There are no more rows than parameters, or not two clusters.
        """
        if self.n_obs <= self.n_parameters:
            raise NotEstimableError(f"{self.n_obs} rows for {self.n_parameters} parameters")
        if self.n_clusters == 1:
            raise NotEstimableError("1 cluster, 2 are needed")

    @property
    def degrees_of_freedom(self) -> int:
        """Degrees of freedom of t and of the denominator of F."""
        if not self.n_clusters:
            return self.n_obs - self.n_parameters
        return self.n_clusters - 1


def small_sample_rule(
    n_obs: int,
    n_slopes: int,
    effects: Sequence[np.ndarray],
    clusters: Sequence[np.ndarray],
    trend_parameters: int = 0,
) -> SmallSampleRule:
    """Count parameters and clusters.

    Parameters
    ----------
    n_obs
        Rows used.
    n_slopes
        Columns of the regressor matrix, a constant among them where nothing is absorbed.
    effects, clusters
        Integer codes, one array of shape (n,) each; no clusters where errors are not clustered.
    trend_parameters
        What trends of groups cost (see ``trend_costs``).

    Notes
    -----
    An effect is nested when each of its levels lies in one cluster; it then costs nothing, as in
    reghdfe, and in fixest with ``K.fixef = "nonnested"``. An effect that a finer one spans, as city
    effects span those of provinces, costs nothing either. Every other effect costs its levels less
    one, and all effects together one constant.
    """
    costs = [
        cost
        for effect, cost in zip(effects, effect_costs(effects), strict=True)
        if not any(is_nested(effect, cluster) for cluster in clusters)
    ]
    return SmallSampleRule(
        n_obs=n_obs,
        n_parameters=n_slopes + sum(costs) + bool(effects) + trend_parameters,
        n_clusters=min((len(np.unique(codes)) for codes in clusters), default=0),
    )


def effect_costs(effects: Sequence[np.ndarray]) -> list[int]:
    """Parameters that each effect takes: its levels less one, or none where a finer one spans it.

    The constant is counted once for all effects, by whoever adds them up.
    """
    kept = _finest(effects)
    return [
        len(np.unique(effect)) - 1 if position in kept else 0
        for position, effect in enumerate(effects)
    ]


def redundant_effects(names: Sequence[str], effects: Sequence[np.ndarray]) -> tuple[str, ...]:
    """Name the effects that change nothing: a finer one, or an equal one, spans them."""
    kept = _finest(effects)
    return tuple(name for position, name in enumerate(names) if position not in kept)


def is_nested(levels: np.ndarray, groups: np.ndarray) -> bool:
    """Whether each level lies in one group only; both are integer codes of the same rows."""
    pairs = np.unique(levels.astype(np.int64) * (int(groups.max(initial=0)) + 1) + groups)
    return len(pairs) == len(np.unique(levels))


def _finest(effects: Sequence[np.ndarray]) -> list[int]:
    """Positions of the effects that no finer one spans; of two equal effects the first."""
    kept: list[int] = []
    for position in sorted(range(len(effects)), key=lambda e: -len(np.unique(effects[e]))):
        if not any(is_nested(effects[finer], effects[position]) for finer in kept):
            kept.append(position)
    return kept
