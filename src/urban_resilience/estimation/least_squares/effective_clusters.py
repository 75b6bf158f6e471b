"""How many clusters a coefficient really rests on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from urban_resilience.estimation.least_squares.regression_sample import RegressionSample


def effective_clusters(sample: RegressionSample, focal: str, others: Sequence[str]) -> float | None:
    """Count clusters by the share of the focal regressor's variation that each holds.

    Parameters
    ----------
    sample
        Rows of the regression, with their effects, weights and clusters.
    focal
        Regressor whose coefficient is asked for: the instrument, where there is one.
    others
        The other regressors.

    Returns
    -------
    float or None
        Between 1 and the number of clusters; with two ways of clustering the smaller figure. None
        where the effects and the others leave the regressor no variation.

    Notes
    -----
    G* = (sum of L_g)^2 / sum of L_g^2, with L_g the sum over the cluster of the squared residual of
    the regressor on everything else: Carter, Schnepel and Steigerwald's (2017) G/(1 + Gamma) for
    errors that are independent within clusters. Their form for fully dependent errors is zero over
    zero where effects of the clusters are absorbed, because residuals sum to zero in each cluster;
    MacKinnon, Nielsen and Webb (2023) recommend the one used here for that case. Far below the
    number of clusters, t(G-1) rejects too often.
    """
    if sample.effects:
        columns = sample.within([focal, *others])
    else:
        columns = sample.columns([focal, *others, "Intercept"])
    scaled = columns * np.sqrt(sample.weights)[:, None]
    target, rest = scaled[:, 0], scaled[:, 1:]
    residual = target - rest @ np.linalg.lstsq(rest, target, rcond=None)[0]
    size = np.square(sample.columns([focal])[:, 0]).sum()
    if not np.square(residual).sum() > 1e-18 * size:
        return None
    return min(_kish(np.bincount(codes, weights=residual**2)) for codes in sample.clusters)


def _kish(leverage: np.ndarray) -> float:
    return float(leverage.sum() ** 2 / np.square(leverage).sum())
