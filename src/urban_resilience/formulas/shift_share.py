"""Digital service penetration, a shift-share measure (Zhao et al. 2022; Bartik 1991)."""

from __future__ import annotations

import numpy as np


def employment_shares(employment: np.ndarray) -> np.ndarray:
    """Sector shares of a city's census employment.

    Parameters
    ----------
    employment : ndarray, shape (n_cities, n_sectors)
        Employed persons in 2008; missing counts as zero.

    Returns
    -------
    ndarray, shape (n_cities, n_sectors)
        Shares that sum to one; missing for a city without employment.
    """
    persons = np.nan_to_num(employment.astype(float))
    total = persons.sum(axis=1, keepdims=True)
    return persons / np.where(total > 0, total, np.nan)


def digital_service_penetration(shares: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """``dsp_ct = sum_j s_cj,2008 a_jt``.

    Parameters
    ----------
    shares : ndarray, shape (n_cities, n_sectors)
        Employment shares of 2008.
    coefficients : ndarray, shape (n_sectors, n_years)
        Digital coefficients.

    Returns
    -------
    ndarray, shape (n_cities, n_years)

    Raises
    ------
    ValueError
        If the sector axes differ.
    """
    if shares.shape[1] != coefficients.shape[0]:
        raise ValueError("shares and coefficients disagree on sectors")
    return np.einsum("cj,jt->ct", shares, coefficients)
