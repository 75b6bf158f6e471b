"""Least squares with dummies and a clustered sandwich, in plain NumPy: the rule by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class DummyRegression:
    """Slopes (without constant and dummies) with their clustered standard errors."""

    estimate: np.ndarray
    std_error: np.ndarray
    n_obs: int
    n_clusters: int
    n_parameters: int
    r2: float
    r2_within: float


def drop_singletons(frame: pd.DataFrame, effects: Sequence[str]) -> pd.DataFrame:
    """Drop rows alone in a level of an effect, again and again until none is left."""
    while True:
        alone = np.zeros(len(frame), dtype=bool)
        for effect in effects:
            alone |= (frame.groupby(effect)[effect].transform("size") == 1).to_numpy()
        if not alone.any():
            return frame
        frame = frame[~alone]


def dummy_regression(
    frame: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    effects: Sequence[str] = (),
    clusters: Sequence[str] = ("city_code",),
) -> DummyRegression:
    """Regress with one dummy per level of each effect.

    Standard errors: G/(G-1) x (N-1)/(N-K) times the cluster sandwich, where K counts the slopes,
    one constant, and the levels less one of each effect that is neither nested in a cluster nor
    spanned by a finer effect. With two clusters the sandwich is first plus second minus their
    intersection, and G the smaller number.
    """
    frame = drop_singletons(frame, effects)
    y = frame[outcome].to_numpy(dtype=float)
    slopes = frame[list(regressors)].to_numpy(dtype=float)
    dummies = [pd.get_dummies(frame[effect]).to_numpy(dtype=float) for effect in effects]
    absorbed = np.column_stack([np.ones(len(frame)), *dummies])
    # Frisch-Waugh-Lovell by the pseudo-inverse, since dummies and constant are collinear.
    # What is collinear is told at ten digits: at NumPy's 1e-15 the version of BLAS decides.
    annihilate = np.eye(len(frame)) - absorbed @ np.linalg.pinv(absorbed, rcond=1e-10)
    x, y_within = annihilate @ slopes, annihilate @ y
    bread = np.linalg.inv(x.T @ x)
    estimate = bread @ x.T @ y_within
    residual = y_within - x @ estimate
    meat = _meat(frame, x * residual[:, None], clusters)
    n_clusters = min(frame[cluster].nunique() for cluster in clusters)
    costly = [
        effect
        for effect in effects
        if not any(_lies_in(frame, effect, cluster) for cluster in clusters)
        and not any(_lies_in(frame, finer, effect) for finer in effects if finer != effect)
    ]
    n_parameters = len(regressors) + 1 + sum(frame[e].nunique() - 1 for e in costly)
    n_obs = len(frame)
    factor = n_clusters / (n_clusters - 1) * (n_obs - 1) / (n_obs - n_parameters)
    unexplained = residual @ residual
    return DummyRegression(
        estimate=estimate,
        std_error=np.sqrt(np.diag(factor * bread @ meat @ bread)),
        n_obs=n_obs,
        n_clusters=n_clusters,
        n_parameters=n_parameters,
        r2=1 - unexplained / ((y - y.mean()) @ (y - y.mean())),
        r2_within=1 - unexplained / (y_within @ y_within),
    )


def _meat(frame: pd.DataFrame, scores: np.ndarray, clusters: Sequence[str]) -> np.ndarray:
    def of(labels):
        sums = pd.DataFrame(scores).groupby(labels).sum().to_numpy()
        return sums.T @ sums

    labels = [frame[cluster].to_numpy() for cluster in clusters]
    if len(labels) == 1:
        return of(labels[0])
    pairs = frame[list(clusters)].astype(str).agg("|".join, axis=1).to_numpy()
    return of(labels[0]) + of(labels[1]) - of(pairs)


def _lies_in(frame: pd.DataFrame, fine: str, coarse: str) -> bool:
    return frame.groupby(fine)[coarse].nunique().max() == 1
