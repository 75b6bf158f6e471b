"""Active platform members and their location quotients.

A member is active in year t when it joined by t and had not expired before t. The quotient
compares a sector's share of a city's members with its share nationally (Haig 1928; Florence
1939), as Ren and Liang (2022) do for paying members of a business platform.
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def active_member_stocks(
    members: pd.DataFrame,
    city_codes: tuple[str, ...],
    sectors: tuple[str, ...],
    years: tuple[int, ...],
) -> np.ndarray:
    """Count the members active in every city, sector and year.

    Parameters
    ----------
    members : DataFrame
        Columns ``city_code``, ``sector``, ``joined_year`` and ``expired_year`` (missing = still
        paying). Records of other cities or sectors are ignored.
    city_codes, sectors : tuple of str
        Row and column labels of the result.
    years : tuple of int
        Consecutive years.

    Returns
    -------
    ndarray of int, shape (n_cities, n_sectors, n_years)
        Members, a stock. A spell is never exploded into years: +1 in the joining year, -1 in
        the year after expiry, cumulated.
    """
    cities = _positions(members["city_code"], city_codes)
    columns = _positions(members["sector"], sectors)
    expired = pd.to_numeric(members["expired_year"]).to_numpy(dtype=float, na_value=np.nan)
    joined = members["joined_year"].to_numpy(dtype=np.int64)
    # a record that expired before it joined is never active
    keep = (cities >= 0) & (columns >= 0) & ~(expired < joined)
    n_steps = len(years) + 1
    enters = np.clip(joined - years[0], 0, len(years))
    last_active = np.where(np.isnan(expired), years[-1], expired).astype(np.int64)
    leaves = np.clip(last_active + 1 - years[0], 0, len(years))
    cells = cities * len(sectors) + columns
    shape = (len(city_codes), len(sectors), n_steps)
    size = int(np.prod(shape))
    entries = np.bincount((cells * n_steps + enters)[keep], minlength=size)
    exits = np.bincount((cells * n_steps + leaves)[keep], minlength=size)
    return (entries - exits).reshape(shape).cumsum(axis=2)[:, :, : len(years)]


def _positions(values: pd.Series, labels: tuple[str, ...]) -> np.ndarray:
    """Position of every value among the labels; -1 where it is not one of them."""
    categories = pd.Categorical(values, categories=list(labels))
    return categories.codes.astype(np.int64)


def location_quotients(stocks: np.ndarray) -> np.ndarray:
    """Location quotients of a stock cube.

    Parameters
    ----------
    stocks : ndarray, shape (n_cities, n_sectors, n_years)
        Members of the kept cities.

    Returns
    -------
    ndarray, shape (n_cities, n_sectors, n_years)
        ``(m_cjt / m_ct) / (m_jt / m_t)``; zero where the city has no member or the sector has
        none anywhere. For a city with members the quotients, weighted by the national sector
        shares, sum to one.
    """
    stocks = stocks.astype(float)
    city_total = stocks.sum(axis=1, keepdims=True)
    sector_total = stocks.sum(axis=0, keepdims=True)
    national_total = sector_total.sum(axis=1, keepdims=True)
    numerator = stocks * national_total
    denominator = city_total * sector_total
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator > 0)
