"""Functions of the study's expressions on grids, each from its definition.

A grid has shape (n_cities, n_years); ``nan`` is missing. Years are consecutive columns. Functions
of a year read across its cities, functions of a city along its years.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np


def finite(values: np.ndarray) -> np.ndarray:
    """Let infinite values be missing."""
    return np.where(np.isfinite(values), values, np.nan)


def logarithm(grid: np.ndarray) -> np.ndarray:
    """Natural logarithm of what is positive; missing elsewhere."""
    return np.log(np.where(grid > 0, grid, np.nan))


def years_before(grid: np.ndarray, n: int) -> np.ndarray:
    """Values of `n` years before; of later years where `n` is negative."""
    moved = np.full(grid.shape, np.nan)
    for year in range(grid.shape[1]):
        if 0 <= year - n < grid.shape[1]:
            moved[:, year] = grid[:, year - n]
    return moved


def rolling(grid: np.ndarray, n: int, summary: Callable[[np.ndarray], float]) -> np.ndarray:
    """Summarise the year and the `n` - 1 before; missing unless all are there."""
    found = np.full(grid.shape, np.nan)
    for city, values in enumerate(grid):
        for year in range(n - 1, len(values)):
            window = values[year - n + 1 : year + 1]
            if np.isfinite(window).all():
                found[city, year] = summary(window)
    return found


def in_year(
    grid: np.ndarray, summary: Callable[[np.ndarray], float], fewest: int = 1
) -> np.ndarray:
    """Summarise the values that the cities of a year have; missing where fewer than `fewest` do."""
    found = np.full(grid.shape, np.nan)
    for year in range(grid.shape[1]):
        values = grid[np.isfinite(grid[:, year]), year]
        if len(values) >= fewest:
            found[:, year] = summary(values)
    return found


def first_in_city(grid: np.ndarray) -> np.ndarray:
    """First value that a city has, in all its years."""
    found = np.full(grid.shape, np.nan)
    for city, values in enumerate(grid):
        known = values[np.isfinite(values)]
        if len(known):
            found[city] = known[0]
    return found


def growth(grid: np.ndarray, n: int = 1) -> np.ndarray:
    """Relative change over `n` years; missing from zero on."""
    before = years_before(grid, n)
    return grid / np.where(before == 0, np.nan, before) - 1


GridFunction = Callable[..., np.ndarray]
# Values come first, numbers of years after them.
FUNCTIONS: dict[str, GridFunction] = {
    "ln": logarithm,
    "log10": lambda x: np.log10(np.where(x > 0, x, np.nan)),
    "log1p": lambda x: logarithm(1 + x),
    "exp": lambda x: finite(np.exp(x)),
    "sqrt": lambda x: np.sqrt(np.where(x >= 0, x, np.nan)),
    "abs": np.abs,
    "sign": np.sign,
    "power": lambda x, y: finite(np.power(x, y)),
    "pow": lambda x, y: finite(np.power(x, y)),
    "greatest": np.maximum,
    "least": np.minimum,
    "lag": lambda x, n=1: years_before(x, n),
    "lead": lambda x, n=1: years_before(x, -n),
    "diff": lambda x, n=1: x - years_before(x, n),
    "growth": growth,
    "rolling_mean": lambda x, n: rolling(x, n, np.mean),
    "rolling_sd": lambda x, n: rolling(x, n, np.std),
    "mean_in_year": lambda x: in_year(x, np.mean),
    "median_in_year": lambda x: in_year(x, np.median),
    "sd_in_year": lambda x: in_year(x, lambda values: np.std(values, ddof=1), fewest=2),
    "sum_in_year": lambda x: in_year(x, np.sum),
    "first_in_city": first_in_city,
}
# How many arguments of a function are grids; the others are numbers of years.
GRIDS_TAKEN = {"power": 2, "pow": 2, "greatest": 2, "least": 2}


def call(name: str, arguments: list[np.ndarray]) -> np.ndarray:
    """Apply a function of the language.

    Parameters
    ----------
    name
        One of :data:`FUNCTIONS`.
    arguments
        Grids; a number of years is a grid that holds it everywhere.

    Raises
    ------
    KeyError
        There is no such function.
    """
    n_grids = GRIDS_TAKEN.get(name, 1)
    counts = [int(grid.flat[0]) for grid in arguments[n_grids:]]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found: np.ndarray = FUNCTIONS[name](*arguments[:n_grids], *counts)
    return found
