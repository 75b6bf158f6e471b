"""How many clusters a coefficient really rests on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def effective_clusters(variation: np.ndarray, clusters: Sequence[np.ndarray]) -> float:
    """Count clusters by the share of the focal regressor's variation that each holds.

    Parameters
    ----------
    variation
        Shape (n,): weight times squared residual of the focal regressor on everything else. The
        focal regressor is the one whose coefficient is asked for, the instrument where there is
        one.
    clusters
        Integer codes, one array of shape (n,) per way of clustering.

    Returns
    -------
    float
        Between 1 and the number of clusters; with two ways of clustering the smaller figure.

    Notes
    -----
    G* = (sum of L_g)^2 / sum of L_g^2, with L_g the sum of the variation over the cluster: Carter,
    Schnepel and Steigerwald's (2017) G/(1 + Gamma) for errors that are independent within clusters.
    Their form for fully dependent errors is zero over zero where effects of the clusters are
    absorbed, because residuals sum to zero in each cluster; MacKinnon, Nielsen and Webb (2023)
    recommend the one used here for that case. Far below the number of clusters, t(G-1) rejects too
    often.
    """
    return min(_kish(np.bincount(codes, weights=variation)) for codes in clusters)


def _kish(leverage: np.ndarray) -> float:
    return float(leverage.sum() ** 2 / np.square(leverage).sum())
