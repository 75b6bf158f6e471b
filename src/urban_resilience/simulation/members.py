"""Platform members: target stocks by city, industry and year, turned into firm records.

Step by step.

1. Members of city c in year t: ``M_ct = N_t * w_ct`` with a national path N_t and city weights
   ``w_ct`` lognormal in importance and early adoption.
2. A latent digital intensity ``x_ct = exp(level_c + within_ct)``. The share of digital-service
   members is ``P x_ct / sum_c w_ct x_ct``, so that the location quotient of digital services is
   ``x_ct`` relative to its member-weighted mean and the scale P cancels.
3. The other members spread over manufacturing and trade with city-specific tastes.
4. Counts are rounded to integers at random, and a stock path becomes spells: a rise is joiners,
   a fall is leavers, plus churn; the first to join is the first to leave.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from urban_resilience.simulation.geography import Geography
from urban_resilience.simulation.parameters import MEMBER_YEARS, YEARS, Parameters
from urban_resilience.simulation.random_streams import (
    autocorrelated,
    correlated_with,
    normal_scores,
    standardized,
    stream,
)

# industries in which the simulated platform has members: GB/T division -> relative weight of
# the division among ordinary members (chosen: a wholesale platform of manufacturers and traders)
ORDINARY_INDUSTRIES = {
    "01": 25, "13": 25, "14": 30, "15": 12, "17": 75, "18": 90, "19": 45, "20": 25, "21": 35,
    "22": 25, "23": 35, "24": 55, "26": 55, "27": 14, "29": 70, "30": 40, "31": 12, "32": 14,
    "33": 80, "34": 75, "35": 60, "36": 25, "37": 14, "38": 75, "39": 60, "40": 25, "41": 30,
    "51": 110, "52": 60,
}  # fmt: skip
DIGITAL_INDUSTRIES = {"63": 0.30, "64": 0.20, "65": 0.35, "85": 0.08, "86": 0.07}

# national stock of active members at year end: up to 2005 relative to 2005, then relative to 2019
# (chosen; 2005 itself is a parameter)
EXPECTED_BEFORE_TOPPING_UP = 1.05  # every early city gets at least one member afterwards
EARLY_STOCK = {2002: 0.07, 2003: 0.25, 2004: 0.55, 2005: 1.0}
NATIONAL_STOCK = {
    2006: 0.012, 2007: 0.045, 2008: 0.11, 2009: 0.18, 2010: 0.27, 2011: 0.36, 2012: 0.44,
    2013: 0.52, 2014: 0.60, 2015: 0.68, 2016: 0.76, 2017: 0.84, 2018: 0.92, 2019: 1.0,
}  # fmt: skip


@dataclass(frozen=True)
class DigitalIntensity:
    """Latent digital intensity of cities, ``x_ct``, and who joined the platform when.

    Attributes
    ----------
    intensity : ndarray, shape (n_cities, n_member_years)
    province_factor : ndarray, shape (n_cities, n_years)
        Standardized provincial component, shared with markets; years of the yearbook.
    trait : ndarray, shape (n_cities,)
        Standardized level.
    is_never : ndarray of bool, shape (n_cities,)
    is_early : ndarray of bool, shape (n_cities,)
        Has members in 2005.
    weight : ndarray, shape (n_cities,)
        Share of the national membership.
    """

    intensity: np.ndarray
    province_factor: np.ndarray
    trait: np.ndarray
    is_never: np.ndarray
    is_early: np.ndarray
    weight: np.ndarray


def digital_intensity(parameters: Parameters, geography: Geography) -> DigitalIntensity:
    """Draw the latent digital intensity and the membership weights."""
    rng = stream(parameters.seed, "digital intensity")
    n = geography.n_cities
    trait = normal_scores(correlated_with(rng, geography.rank_score, parameters.digital_importance))
    size = correlated_with(rng, geography.rank_score, parameters.members_importance)
    is_never = _smallest(size, geography, parameters.n_never_cities)
    weight = np.exp(parameters.members_log_spread * size)
    weight[is_never] = 0.0
    weight /= weight.sum()
    is_early = ~is_never & (size + 0.6 * rng.standard_normal(n) > -0.25)
    n_provinces = int(geography.province_position.max()) + 1
    drift = autocorrelated(rng, n_provinces, len(YEARS), 0.9)
    province_factor = standardized(drift - drift.mean(axis=1, keepdims=True))
    province_factor = province_factor[geography.province_position]
    within = autocorrelated(rng, n, len(YEARS), parameters.vagg_persistence)
    progress = (np.asarray(YEARS) - 2014.0) / 6.0
    log_intensity = (
        parameters.vagg_log_spread * trait[:, None]
        + parameters.vagg_within_spread * within
        + parameters.vagg_province_spread * province_factor
        + parameters.vagg_early_premium * is_early[:, None] * progress
        + parameters.vagg_pilot_effect * _after_pilot(geography.pilot_year)
    )
    n_before = len(MEMBER_YEARS) - len(YEARS)
    intensity = _saturated(np.exp(log_intensity), parameters.vagg_ceiling)
    intensity = np.pad(intensity, ((0, 0), (n_before, 0)), mode="edge")
    return DigitalIntensity(intensity, province_factor, trait, is_never, is_early, weight)


def _smallest(size: np.ndarray, geography: Geography, count: int) -> np.ndarray:
    """Mark the cities with the smallest memberships, never a municipality."""
    order = np.argsort(np.where(geography.is_municipality, np.inf, size), kind="stable")
    marked = np.zeros(len(size), dtype=bool)
    marked[order[:count]] = True
    return marked


def _saturated(intensity: np.ndarray, ceiling: float) -> np.ndarray:
    """Bend intensity towards a ceiling, so that the top percent is not far above the next."""
    return intensity / (1 + (intensity / ceiling) ** 3) ** (1 / 3)


def _after_pilot(pilot_year: np.ndarray) -> np.ndarray:
    """1 from the first pilot year on, shape (n_cities, n_years)."""
    return (np.asarray(YEARS) >= pilot_year[:, None]).astype(float)


def simulate_members(
    parameters: Parameters, geography: Geography, digital: DigitalIntensity
) -> pd.DataFrame:
    """Draw the firm records.

    Returns
    -------
    DataFrame
        ``firm_id``, ``city_code``, ``industry_code``, ``joined_year``, ``expired_year`` (nullable
        integer), sorted by joining year, city and industry.
    """
    rng = stream(parameters.seed, "members")
    shares = _industry_shares(rng, parameters, digital)
    stock = _stock_targets(parameters, digital, shares)
    records = _spells(_random_round(rng, stock), parameters.member_churn)
    scale = 0.5 * parameters.n_member_records / len(records["joined"])
    stock = _stock_targets(parameters, digital, shares, scale)
    counts = _random_round(rng, stock)
    _fix_early_members(rng, counts, digital, parameters)
    records = _spells(counts, parameters.member_churn)
    return _record_frame(records, geography)


def _industry_shares(
    rng: np.random.Generator, parameters: Parameters, digital: DigitalIntensity
) -> np.ndarray:
    """Shares of industries in a city's members, shape (n_cities, n_industries, n_years)."""
    n = len(digital.trait)
    national = np.array(list(ORDINARY_INDUSTRIES.values()), dtype=float)
    taste = national * np.exp(0.7 * rng.standard_normal((n, len(national))))
    taste /= taste.sum(axis=1, keepdims=True)
    relative = digital.intensity / (digital.weight[:, None] * digital.intensity).sum(axis=0)
    # the least digital city of a weighted mean of one stays far below a share of one
    digital_share = np.minimum(parameters.digital_share_of_members * relative, 0.9)
    mix = np.array(list(DIGITAL_INDUSTRIES.values()))
    mix = mix * np.exp(0.3 * rng.standard_normal((n, len(mix))))
    mix /= mix.sum(axis=1, keepdims=True)
    return np.concatenate(
        [
            taste[:, :, None] * (1 - digital_share)[:, None, :],
            mix[:, :, None] * digital_share[:, None, :],
        ],
        axis=1,
    )


def _stock_targets(
    parameters: Parameters, digital: DigitalIntensity, shares: np.ndarray, scale: float = 0.5
) -> np.ndarray:
    """Compute expected active members by city, industry and year."""
    early = (
        parameters.n_members_2005 * EXPECTED_BEFORE_TOPPING_UP * np.array([*EARLY_STOCK.values()])
    )
    later = parameters.n_member_records * scale * np.array([*NATIONAL_STOCK.values()])
    national = np.concatenate([np.minimum(early, later[0]), later])
    # membership spreads from early to late cities
    late = np.where(digital.is_early, 1.0, 0.0)[:, None]
    lag = np.clip((np.asarray(MEMBER_YEARS) - 2005) / 3.0, 0.0, 1.0)
    weight = digital.weight[:, None] * np.maximum(late, lag)
    weight = weight / weight.sum(axis=0)
    return shares * (weight * national)[:, None, :]


def _random_round(rng: np.random.Generator, expected: np.ndarray) -> np.ndarray:
    """Round up with probability equal to the fraction; one draw per path keeps it smooth."""
    return np.floor(expected + rng.random(expected.shape[:2])[:, :, None]).astype(np.int64)


def _fix_early_members(
    rng: np.random.Generator, counts: np.ndarray, digital: DigitalIntensity, parameters: Parameters
) -> None:
    """Put at least one member into every early city by 2005, and the printed total."""
    at = MEMBER_YEARS.index(2005)
    for city in np.flatnonzero(digital.is_early & (counts[:, :, at].sum(axis=1) == 0)):
        industry = int(rng.integers(len(ORDINARY_INDUSTRIES)))
        counts[city, industry, at:] = np.maximum(counts[city, industry, at:], 1)


def _spells(counts: np.ndarray, churn: float) -> dict[str, np.ndarray]:
    """Turn stock paths into spells; a record is a city, an industry, a joining and a last year."""
    _, n_industries, n_years = counts.shape
    stock = counts.reshape(-1, n_years)
    before = np.concatenate([np.zeros((len(stock), 1), dtype=np.int64), stock[:, :-1]], axis=1)
    change = stock - before
    leavers = np.maximum(-change, 0)
    replaced = np.minimum(np.floor(churn * before).astype(np.int64), before - leavers)
    leavers = leavers + replaced
    joiners = change + leavers
    years = np.asarray(MEMBER_YEARS)
    path = np.repeat(np.arange(len(stock)), joiners.sum(axis=1))
    joined = np.repeat(np.tile(years, len(stock)), joiners.reshape(-1))
    expired = np.full(len(path), -1)
    n_left = leavers.sum(axis=1)
    rank = np.arange(len(path)) - np.repeat(
        np.cumsum(joiners.sum(axis=1)) - joiners.sum(axis=1), joiners.sum(axis=1)
    )
    leaves = rank < np.repeat(n_left, joiners.sum(axis=1))
    # a leaver of year t was last active in t - 1; both sequences run path by path in time
    expired[leaves] = np.repeat(np.tile(years - 1, len(stock)), leavers.reshape(-1))
    return {
        "city": path // n_industries,
        "industry": path % n_industries,
        "joined": joined,
        "expired": expired,
    }


def _record_frame(records: dict[str, np.ndarray], geography: Geography) -> pd.DataFrame:
    order = np.lexsort((records["industry"], records["city"], records["joined"]))
    codes = list(ORDINARY_INDUSTRIES) + list(DIGITAL_INDUSTRIES)
    expired = records["expired"][order]
    number = np.char.zfill(np.arange(1, len(order) + 1).astype(str), 7)
    return pd.DataFrame(
        {
            "firm_id": np.char.add("F", number),
            "city_code": pd.Categorical.from_codes(
                records["city"][order], geography.cities["city_code"].to_numpy()
            ),
            "industry_code": pd.Categorical.from_codes(records["industry"][order], codes),
            "joined_year": records["joined"][order].astype(np.int32),
            "expired_year": pd.arrays.IntegerArray(
                np.where(expired < 0, 0, expired).astype(np.int32), expired < 0
            ),
        }
    )
