"""Digital service penetration, a shift-share measure (Zhao et al. 2022; Bartik 1991)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd


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


def census_shares(
    census: pd.DataFrame,
    city_codes: list[str],
    sectors: tuple[str, ...],
    industry_sectors: Mapping[str, str],
) -> np.ndarray:
    """Sector employment shares of cities from census records.

    Parameters
    ----------
    census : DataFrame
        ``city_code``, ``industry_code``, ``employed_persons``.
    city_codes, sectors : sequence of str
        Rows and columns of the result.
    industry_sectors : dict
        Sector of every industry code; unmapped industries are left out.

    Returns
    -------
    ndarray, shape (n_cities, n_sectors)
    """
    mapped = census.assign(sector=census["industry_code"].astype(str).map(industry_sectors))
    employed = mapped.pivot_table(
        index="city_code", columns="sector", values="employed_persons", aggfunc="sum", observed=True
    )
    return employment_shares(employed.reindex(index=city_codes, columns=list(sectors)).to_numpy())


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
