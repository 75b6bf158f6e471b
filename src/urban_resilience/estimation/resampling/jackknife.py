"""Leave one city, or one cluster of cities, out: how far each carries an estimate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from urban_resilience.estimation.fit import NotEstimableError
from urban_resilience.estimation.resampling.city_products import CityCrossProducts
from urban_resilience.estimation.resampling.clustered import cluster_codes
from urban_resilience.estimation.resampling.draw_result import DrawResult
from urban_resilience.estimation.resampling.schemes import leave_one_out


@dataclass(frozen=True)
class Jackknife:
    """Coefficients without each city, or cluster, in turn.

    Attributes
    ----------
    units
        The G cities or clusters left out, sorted: those with a row in the regression.
    draws
        Their G rows of coefficients.
    std_errors
        (K,) sqrt((G-1)/G x sum of squared distances from their mean): CV3 in MacKinnon, Nielsen
        and Webb (2023), apart from its centre.
    """

    units: np.ndarray
    draws: DrawResult
    std_errors: np.ndarray


def jackknife_cities(
    products: CityCrossProducts, clusters: Sequence | np.ndarray | None = None
) -> Jackknife:
    """Refit without each city, or without each cluster of cities.

    Parameters
    ----------
    products
        Cities, columns and the regression.
    clusters
        (G,) cluster of each city, in the order of ``products.units``; the city when not given.

    Raises
    ------
    NotEstimableError
        Without one of them the regression cannot be estimated: the estimate rests on it.
    """
    codes = cluster_codes(products, clusters)
    labels = products.units if clusters is None else np.unique(clusters)
    # A cluster without a row in the regression has nothing to leave out.
    held = np.unique(codes[products.n_rows > 0])
    if len(held) < 2:
        raise NotEstimableError(f"{len(held)} clusters, two are needed to leave one out")
    units, weights = labels[held], leave_one_out(codes.max() + 1)[held][:, codes]
    draws = products.coefficients(weights)
    if draws.n_singular:
        left_out = units[draws.is_singular]
        raise NotEstimableError(f"not estimable without {', '.join(map(str, left_out))}")
    distances = draws.coefficients - draws.coefficients.mean(axis=0)
    variances = (len(units) - 1) / len(units) * (distances**2).sum(axis=0)
    return Jackknife(units, draws, np.sqrt(variances))
