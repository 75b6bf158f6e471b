"""Market potential with an internet factor (Harris 1954; Liang and Ye 2023)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from urban_resilience.formulas.panel import ratio

EARTH_RADIUS_KM = 6371.0088


@dataclass(frozen=True)
class MarketPotential:
    """Local, outside and total potential, 100 million yuan per km, shape (n_cities, n_years)."""

    lmp: np.ndarray
    hmp: np.ndarray
    mp: np.ndarray


def great_circle_km(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Great-circle distances by the haversine formula, shape (n_cities, n_cities), km.

    Parameters
    ----------
    longitude, latitude : ndarray, shape (n_cities,)
        Government seats, decimal degrees.
    """
    lon, lat = np.radians(longitude), np.radians(latitude)
    half_lat = np.sin((lat[:, None] - lat[None, :]) / 2) ** 2
    half_lon = np.sin((lon[:, None] - lon[None, :]) / 2) ** 2
    h = half_lat + np.cos(lat)[:, None] * np.cos(lat)[None, :] * half_lon
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(h, 0, 1)))


def internal_distance_km(land_area_km2: np.ndarray) -> np.ndarray:
    """Mean distance inside a circular city, ``(2/3) sqrt(area / pi)`` (Redding-Venables 2004)."""
    return 2 / 3 * np.sqrt(land_area_km2 / np.pi)


def market_potential(
    retail_100m_yuan: np.ndarray,
    broadband_10k: np.ndarray,
    population_10k: np.ndarray,
    land_area_km2: np.ndarray,
    distance_km: np.ndarray,
) -> MarketPotential:
    """Internet-weighted market potential of kept cities in study years.

    Parameters
    ----------
    retail_100m_yuan, broadband_10k, population_10k, land_area_km2 : ndarray, (n_cities, n_years)
        Kept cities in rows, study years in columns.
    distance_km : ndarray, shape (n_cities, n_cities)
        Between government seats.

    Returns
    -------
    MarketPotential
        The sum over other cities runs over the cities whose market is known in every study
        year, a fixed set, so that the potential does not jump when a city is missing once. The
        parts are there where their sum is, as in Table 6 of the study (N = 3,079 in all panels).
    """
    internet = np.minimum(1.0, ratio(broadband_10k, population_10k))
    market = retail_100m_yuan * internet
    always = np.isfinite(market).all(axis=1)
    weight = np.zeros_like(distance_km)
    np.divide(1.0, distance_km, out=weight, where=distance_km > 0)
    np.fill_diagonal(weight, 0.0)
    lmp = ratio(market, internal_distance_km(land_area_km2))
    # einsum, not BLAS: the sum must not depend on the number of threads
    hmp = np.einsum("ck,kt->ct", weight[:, always], market[always])
    mp = lmp + hmp
    lmp, hmp = (np.where(np.isfinite(mp), part, np.nan) for part in (lmp, hmp))
    return MarketPotential(lmp=lmp, hmp=hmp, mp=mp)
