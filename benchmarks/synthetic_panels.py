"""Panels of the study's shape: 281 cities, 12 years, about one row in seventeen missing."""

from __future__ import annotations

import numpy as np
import pandas as pd

CITIES, YEARS = 281, 12
SHARE_MISSING = 0.058


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
    x = scale * _autoregression(rng, persistence, n_cities)
    trait = rng.normal(size=(n_cities, 1)) + 0.4 * _autoregression(rng, 0.9, n_cities)
    columns = {
        f"z{k + 1}": _autoregression(rng, 0.5, n_cities) + rng.normal(size=(1, YEARS))
        for k in range(n_controls)
    }
    y = 0.3 * x + sum(columns.values()) + rng.normal(size=(1, YEARS))
    y = y + scale * _autoregression(rng, persistence, n_cities) + rng.normal(size=(n_cities, 1))
    treated = np.where(rng.random(n_cities) < 0.4, rng.integers(2012, 2015, n_cities), np.nan)
    city, year = np.divmod(np.arange(n_cities * YEARS), YEARS)
    flat = {name: values.ravel() for name, values in {"y": y, "x": x, **columns}.items()}
    data = pd.DataFrame(
        {
            "city_code": np.char.add("c", np.char.zfill(city.astype(str), 4)),
            "year": 2008 + year,
            **flat,
            "group": (rng.permutation(n_cities) < n_cities // 3)[city],
            "high": (trait > np.median(trait, axis=0)).ravel(),
            "first_treated": treated[city],
        }
    )
    kept = rng.random(len(data)) >= SHARE_MISSING
    return data[kept].reset_index(drop=True)


def _autoregression(rng: np.random.Generator, persistence: float, n_cities: int) -> np.ndarray:
    values = rng.normal(size=(n_cities, YEARS))
    for year in range(1, YEARS):
        fresh = np.sqrt(1 - persistence**2) * values[:, year]
        values[:, year] = persistence * values[:, year - 1] + fresh
    return values
