"""Virtual agglomeration of a city (``vagg``; Yan, Xu and Zhang 2025)."""

from __future__ import annotations

import numpy as np

from urban_resilience.formulas.location_quotients import location_quotients


def virtual_agglomeration(stocks: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Sum over sectors of location quotient times digital coefficient.

    Parameters
    ----------
    stocks : ndarray, shape (n_cities, n_sectors, n_years)
        Active members of the kept cities.
    coefficients : ndarray, shape (n_sectors, n_years)
        Digital coefficients of the same sectors and years.

    Returns
    -------
    ndarray, shape (n_cities, n_years)
        ``vagg_ct = sum_j LQ_cjt a_jt``; zero for a city without members.

    Raises
    ------
    ValueError
        If the sector or year axes differ.
    """
    if stocks.shape[1:] != coefficients.shape:
        raise ValueError("stocks and coefficients disagree on sectors or years")
    return np.einsum("cjt,jt->ct", location_quotients(stocks), coefficients)
