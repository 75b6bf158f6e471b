"""Employed persons, drawn so that labour misallocation responds to virtual agglomeration.

The labour distortion of a city is ``1 / gamma_ct - 1 = s_c dist_l_ct`` with a fixed sign s_c and

    dist_l_ct = level_c + rho (vagg_ct - mean_c vagg) + noise_ct,   rho = -.167 (Table 5).

Employment is then ``gamma_ct * (Y_ct / Y_t) * L_t``. The definition of gamma forces the output-
weighted mean of gamma to one; a yearly constant added to all distortions meets that.
"""

from __future__ import annotations

import numpy as np

from urban_resilience.formulas.misallocation import chained_level
from urban_resilience.simulation.parameters import STUDY, YEARS, Parameters
from urban_resilience.simulation.random_streams import autocorrelated, stream

PERSONS_PER_CITY_10K = (62.0, 105.0)  # chosen: mean employment of a city in 2005 and 2019


def simulate_employment(
    parameters: Parameters, given: dict[str, np.ndarray], vagg: np.ndarray, kept: np.ndarray
) -> np.ndarray:
    """Employed persons, 10,000, shape (n_cities, n_years).

    Parameters
    ----------
    vagg : ndarray, shape (n_cities, n_years)
        Virtual agglomeration, earlier years filled with the first study year.
    kept : ndarray of bool, shape (n_cities,)
        Cities over which the shares are taken.
    """
    rng = stream(parameters.seed, "employment")
    n = len(vagg)
    output = chained_level(given["gdp_index_prev_year_100"].copy(), given["gdp_100m_yuan"][:, 0])
    share = output / output[kept].sum(axis=0)
    is_scarce = rng.random(n) < 0.62  # labour share below output share: distortion positive
    level = np.where(is_scarce, rng.uniform(0.35, 1.6, n), rng.uniform(0.30, 0.62, n))
    noise = autocorrelated(rng, n, len(YEARS), 0.6)
    spread = np.where(is_scarce, 0.36 * level, 0.09)
    response = parameters.dist_l_on_vagg * (vagg - vagg[:, STUDY].mean(axis=1, keepdims=True))
    target = level[:, None] + spread[:, None] * noise + response
    target = np.where(is_scarce[:, None], np.maximum(target, 0.02), np.clip(target, 0.02, 0.85))
    distortion = np.where(is_scarce, 1.0, -1.0)[:, None] * target
    gamma = 1 / (1 + distortion + _yearly_constant(distortion, share, kept))
    total = np.linspace(*PERSONS_PER_CITY_10K, len(YEARS)) * kept.sum()
    return gamma * share * total


def _yearly_constant(distortion: np.ndarray, share: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Constant per year that makes the output-weighted mean of gamma one (bisection)."""
    low = np.full(distortion.shape[1], -0.13)
    high = np.full(distortion.shape[1], 5.0)
    for _ in range(60):
        middle = (low + high) / 2
        mean_gamma = (share[kept] / (1 + distortion[kept] + middle)).sum(axis=0)
        low = np.where(mean_gamma > 1, middle, low)
        high = np.where(mean_gamma > 1, high, middle)
    return (low + high) / 2
