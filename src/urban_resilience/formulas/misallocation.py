"""Capital and labour misallocation of cities.

Capital by perpetual inventory with depreciation 9.6 percent (Zhang, Wu and Zhang 2004);
distortions by comparing a city's factor share with its output share under a Cobb-Douglas
technology with a common capital elasticity (Chen and Hu 2011; Bai and Liu 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DEPRECIATION = 0.096
GROWTH_YEARS = 5
LATEST_BASE_YEAR = 2006


@dataclass(frozen=True)
class Misallocation:
    """Result of :func:`misallocation`; grids of shape (n_cities, n_study_years).

    ``gamma_k`` and ``gamma_l`` are relative distortion coefficients (1 = undistorted);
    ``dist_k = |1 / gamma_k - 1|``, ``dist_l`` alike, and ``dist`` weights them by the estimated
    capital elasticity ``alpha``.
    """

    alpha: float
    gamma_k: np.ndarray
    gamma_l: np.ndarray
    dist_k: np.ndarray
    dist_l: np.ndarray
    dist: np.ndarray


def chained_level(index_prev_year_100: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Chain an index onto a start value in the first column.

    Parameters
    ----------
    index_prev_year_100 : ndarray, shape (n_cities, n_years)
        Previous year = 100. The first column is not used.
    start : ndarray, shape (n_cities,)
        Level in the first year.

    Returns
    -------
    ndarray, shape (n_cities, n_years)
        A missing index leaves that year and all later years missing.
    """
    growth = index_prev_year_100 / 100  # a new array: the caller's grid is left as it is
    growth[:, 0] = 1.0
    return start[:, None] * np.cumprod(growth, axis=1)


def perpetual_inventory(
    real_investment: np.ndarray,
    years: tuple[int, ...],
    depreciation: float = DEPRECIATION,
    growth_years: int = GROWTH_YEARS,
    latest_base_year: int = LATEST_BASE_YEAR,
) -> np.ndarray:
    """Capital stock from real investment.

    Parameters
    ----------
    real_investment : ndarray, shape (n_cities, n_years)
        Constant prices, 100 million yuan.
    years : tuple of int
        Column labels.
    depreciation : float
        Yearly share.
    growth_years : int
        Years over which the mean (geometric) growth ``g`` of investment is taken.
    latest_base_year : int
        A series that starts later gives no stock.

    Returns
    -------
    ndarray, shape (n_cities, n_years)
        ``K_base = I_base / (g + depreciation)``, ``K_t = (1 - depreciation) K_{t-1} + I_t``;
        missing before the base year and from the first missing investment onwards, and
        throughout when ``g`` cannot be computed or ``g + depreciation <= 0``.
    """
    capital = np.full(real_investment.shape, np.nan)
    for row, investment in enumerate(real_investment):
        observed = np.flatnonzero(np.isfinite(investment))
        if observed.size == 0 or years[observed[0]] > latest_base_year:
            continue
        base = observed[0]
        start = _steady_state_capital(investment, base, depreciation, growth_years)
        if np.isnan(start):
            continue
        capital[row, base] = start
        for column in range(base + 1, len(years)):
            surviving = (1 - depreciation) * capital[row, column - 1]
            capital[row, column] = surviving + investment[column]
    return capital


def _steady_state_capital(
    investment: np.ndarray, base: int, depreciation: float, growth_years: int
) -> float:
    """Capital that investment of the base year keeps growing at its early growth rate."""
    end = base + growth_years
    if end >= investment.size or not investment[base] > 0 or not investment[end] > 0:
        return np.nan
    growth = (investment[end] / investment[base]) ** (1 / growth_years) - 1
    return investment[base] / (growth + depreciation) if growth + depreciation > 0 else np.nan


def capital_elasticity(output: np.ndarray, capital: np.ndarray, labour: np.ndarray) -> float:
    """Elasticity alpha from the two-way fixed-effects regression of ln(Y/L) on ln(K/L).

    Parameters
    ----------
    output, capital, labour : ndarray, shape (n_cities, n_years)
        Kept cities, study years. Cells lacking any of the three are left out.

    Returns
    -------
    float
        Slope with city and year effects, constant returns imposed.

    Raises
    ------
    ValueError
        If capital per worker does not vary within cities and years.
    """
    complete = np.isfinite(output) & np.isfinite(capital) & np.isfinite(labour)
    cities, years = np.nonzero(complete)
    y = np.log(output[complete] / labour[complete])
    k = np.log(capital[complete] / labour[complete])
    year_dummies = (years[:, None] == np.unique(years)[None, 1:]).astype(float)
    design = _within(np.column_stack([k, year_dummies]), cities)
    slopes, _, rank, _ = np.linalg.lstsq(design, _within(y[:, None], cities), rcond=None)
    if rank < design.shape[1]:
        raise ValueError("capital per worker does not vary within cities and years")
    return float(slopes[0, 0])


def _within(columns: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Deviations of columns from the means of their groups."""
    count = np.bincount(groups)
    count[count == 0] = 1
    sums = np.stack([np.bincount(groups, weights=column) for column in columns.T], axis=1)
    return columns - (sums / count[:, None])[groups]


def misallocation(output: np.ndarray, capital: np.ndarray, labour: np.ndarray) -> Misallocation:
    """Distortion coefficients and misallocation of kept cities in study years.

    Parameters
    ----------
    output : ndarray, shape (n_cities, n_study_years)
        Real GDP, 100 million yuan of 2005.
    capital : ndarray, same shape
        100 million yuan of 2005.
    labour : ndarray, same shape
        Employed persons, 10,000.

    Returns
    -------
    Misallocation
        ``s_c = Y_c / Y``; ``gamma_k = (K_c / K) / s_c``, ``gamma_l = (L_c / L) / s_c``; totals
        run over the city-years where all three are present.
    """
    present = (output > 0) & (capital > 0) & (labour > 0)
    y, k, labour = (np.where(present, grid, np.nan) for grid in (output, capital, labour))
    alpha = capital_elasticity(y, k, labour)
    output_share = _share(y)
    gamma_k = _share(k) / output_share
    gamma_l = _share(labour) / output_share
    dist_k = np.abs(1 / gamma_k - 1)
    dist_l = np.abs(1 / gamma_l - 1)
    dist = alpha * dist_k + (1 - alpha) * dist_l
    return Misallocation(alpha, gamma_k, gamma_l, dist_k, dist_l, dist)


def _share(grid: np.ndarray) -> np.ndarray:
    """Share of a city in the total of its year; missing cells are left out of the total."""
    return grid / np.nansum(grid, axis=0, keepdims=True)
