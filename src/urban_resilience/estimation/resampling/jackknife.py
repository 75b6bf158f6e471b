"""Leave one city out: how far each city carries an estimate, and the jackknife standard error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from urban_resilience.estimation.resampling.city_products import CityCrossProducts
from urban_resilience.estimation.resampling.draw_result import DrawResult
from urban_resilience.estimation.resampling.not_estimable import NotEstimableError
from urban_resilience.estimation.resampling.schemes import leave_one_out


@dataclass(frozen=True)
class Jackknife:
    """Coefficients without each city in turn.

    Attributes
    ----------
    units
        The G cities left out.
    draws
        Their G rows of coefficients.
    std_errors
        (K,) sqrt((G-1)/G x sum of squared distances from their mean): CV3 in MacKinnon, Nielsen
        and Webb (2023), apart from its centre.
    """

    units: np.ndarray
    draws: DrawResult
    std_errors: np.ndarray


def jackknife_cities(products: CityCrossProducts) -> Jackknife:
    """Refit without each city.

    Raises
    ------
    NotEstimableError
        Without one of the cities the regression cannot be estimated: the estimate rests on it.
    """
    draws = products.coefficients(leave_one_out(len(products.units)))
    if draws.n_singular:
        left_out = products.units[draws.is_singular]
        raise NotEstimableError(f"not estimable without {', '.join(map(str, left_out))}")
    n_cities = len(products.units)
    distances = draws.coefficients - draws.coefficients.mean(axis=0)
    variances = (n_cities - 1) / n_cities * (distances**2).sum(axis=0)
    return Jackknife(products.units, draws, np.sqrt(variances))
