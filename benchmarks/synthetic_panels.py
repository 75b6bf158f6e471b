"""Panels of the study's shape: 281 cities, 12 years, about one row in seventeen missing."""

from __future__ import annotations

import numpy as np
import pandas as pd

CITIES, YEARS, FIRST_YEAR = 281, 12, 2008
SHARE_MISSING = 0.058
SLOPE = 0.3


def make_panel(
    rng: np.random.Generator,
    n_controls: int = 6,
    persistence: float = 0.8,
    city_spread: float = 0.0,
    n_cities: int = CITIES,
) -> pd.DataFrame:
    """Draw a panel in which the treatment has the same coefficient everywhere.

    Parameters
    ----------
    rng : numpy.random.Generator
    n_controls : int
    persistence : float
        Autocorrelation over the years of treatment and error within a city. At 0 rows are
        independent given city and year effects; the higher, the more a city counts as one
        observation.
    city_spread : float
        Standard deviation of the log of a city's scale, which multiplies both its treatment and
        its error: a few large cities then carry the estimate.
    n_cities : int

    Returns
    -------
    pandas.DataFrame
        ``city_code``, ``year``, ``y``, ``x``, ``z1`` ..., ``group`` (a third of the cities, at
        random), ``high`` (above the yearly median of a persistent trait) and ``first_treated``.
    """
    scale = np.exp(city_spread * rng.normal(size=n_cities))[:, None]
    x = scale * autoregression(rng, persistence, n_cities)
    trait = rng.normal(size=(n_cities, 1)) + 0.4 * autoregression(rng, 0.9, n_cities)
    columns = {
        f"z{k + 1}": autoregression(rng, 0.5, n_cities) + rng.normal(size=(1, YEARS))
        for k in range(n_controls)
    }
    y = SLOPE * x + sum(columns.values()) + rng.normal(size=(1, YEARS))
    y = y + scale * autoregression(rng, persistence, n_cities) + rng.normal(size=(n_cities, 1))
    treated = np.where(rng.random(n_cities) < 0.4, rng.integers(2012, 2015, n_cities), np.nan)
    return to_frame(
        rng,
        y=y,
        x=x,
        **columns,
        group=(rng.permutation(n_cities) < n_cities // 3)[:, None],
        high=trait > np.median(trait, axis=0),
        first_treated=treated[:, None],
    )


def to_frame(rng: np.random.Generator, **columns: np.ndarray) -> pd.DataFrame:
    """Lay (cities, years) columns out long, and lose the share of rows that the study misses.

    A column of one year, (cities, 1), holds in every year.
    """
    n_cities = max(len(values) for values in columns.values())
    city, year = np.divmod(np.arange(n_cities * YEARS), YEARS)
    keys = {
        "city_code": np.char.add("c", np.char.zfill(city.astype(str), 4)),
        "year": FIRST_YEAR + year,
    }
    shape = (n_cities, YEARS)
    flat = {name: np.broadcast_to(values, shape).ravel() for name, values in columns.items()}
    data = pd.DataFrame(keys | flat)
    kept = rng.random(len(data)) >= SHARE_MISSING
    return data[kept].reset_index(drop=True)


def autoregression(rng: np.random.Generator, persistence: float, n_series: int) -> np.ndarray:
    """(n_series, years) of stationary series with variance one."""
    values = rng.normal(size=(n_series, YEARS))
    for year in range(1, YEARS):
        fresh = np.sqrt(1 - persistence**2) * values[:, year]
        values[:, year] = persistence * values[:, year - 1] + fresh
    return values
