"""The city yearbook before gaps: 29 series, nominal, in the units of their names.

Two kinds of series. *Given* series (population, output, prices, retail sales, investment,
employment, the series behind the controls, digital infrastructure) are drawn here and never
touched again. *Free* series (savings, unemployed, loans, revenue, patents, science and education
spending, tertiary output, new firms) are drawn here too and later moved a little by
:mod:`.resilience_target`, because nothing but resilience depends on them.

A free indicator of city c is ``scale * (exp(spread * q_c) (1 + g p_t) + h p_t)`` with a score q_c
correlated with the resilience trait and progress p_t from 0 in 2008 to 1 in 2019: growth is
mostly additive, because the published fixed effects absorb more than 92 percent of the variance
of resilience, which proportional growth of a skewed index would not allow.
"""

from __future__ import annotations

import numpy as np

from urban_resilience.simulation.geography import Geography
from urban_resilience.simulation.members import DigitalIntensity
from urban_resilience.simulation.parameters import YEARS, Parameters
from urban_resilience.simulation.random_streams import (
    autocorrelated,
    correlated_with,
    standardized,
    stream,
)
from urban_resilience.simulation.traits import CityTraits

PROGRESS = (np.asarray(YEARS) - 2008) / (2019 - 2008)
N_YEARS = len(YEARS)

# national paths 2005-2019 in round numbers (chosen; the shape of the official series)
NATIONAL_CPI = (
    101.8, 101.5, 104.8, 105.9, 99.3, 103.3, 105.4, 102.6, 102.6, 102.0, 101.4, 102.0, 101.6,
    102.1, 102.9,
)  # fmt: skip
NATIONAL_GROWTH = (
    113.2, 113.8, 114.6, 112.3, 111.8, 113.4, 112.3, 110.8, 109.8, 108.7, 107.9, 107.8, 107.6,
    107.2, 106.6,
)  # fmt: skip
DEFLATOR = (
    1.04, 1.04, 1.07, 1.07, 1.00, 1.06, 1.07, 1.025, 1.02, 1.01, 1.00, 1.012, 1.035, 1.03, 1.015,
)  # fmt: skip

# scores are cut here, so that one city does not stretch the pooled range of an indicator and
# the weakest cities are alike
HIGHEST_SCORE = 2.6
LOWEST_SCORE = -1.6
# free indicators: scale in their unit, log spread over cities, correlation of the city score with
# the resilience trait, proportional growth g, additive growth h (chosen and calibrated: Table 2)
FREE_INDICATORS = {
    "household_savings": (850.0, 0.88, 0.55, 0.80, 0.15),  # 100 million yuan
    "patents_per_capita": (4.0, 1.12, 0.96, 0.15, 0.06),  # per 10,000 persons
    "science_spending_per_capita": (110.0, 1.08, 0.96, 0.15, 0.06),  # yuan per person
    "education_spending_per_capita": (900.0, 0.38, 0.75, 0.12, 0.12),  # yuan per person
    "industrial_upgrading": (0.75, 0.50, 0.75, 0.03, 0.04),  # ratio
    "entrepreneurship": (40.0, 1.03, 0.96, 0.15, 0.06),  # new firms per 10,000 persons
}


def simulate_yearbook(
    parameters: Parameters,
    geography: Geography,
    digital: DigitalIntensity,
    traits: CityTraits,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Draw all series but employment, which needs capital and vagg.

    Returns
    -------
    given : dict of ndarray, shape (n_cities, n_years)
        Given series by column name.
    free : dict of ndarray, shape (n_cities, n_years)
        Free *indicators* by indicator name, without idiosyncratic noise.
    """
    rng = stream(parameters.seed, "yearbook")
    given = _population_and_output(rng, geography, traits)
    given |= _series_behind_controls(given, traits)
    given |= _demand_and_finance(rng, parameters, given, digital, traits)
    given |= _digital_series(rng, parameters, given, geography, digital, traits)
    return given, _free_indicators(rng, given, traits)


def _population_and_output(
    rng: np.random.Generator, geography: Geography, traits: CityTraits
) -> dict[str, np.ndarray]:
    n = geography.n_cities
    population = np.exp(np.log(360.0) + 0.60 * traits.population)
    growth = 0.004 + 0.004 * geography.importance
    noise = 0.003 * autocorrelated(rng, n, N_YEARS, 0.7)
    drift = growth[:, None] * (np.asarray(YEARS) - 2012)
    registered = population[:, None] * np.exp(drift + noise)
    income_2005 = np.exp(9.35 + 0.48 * traits.income)
    cpi = np.asarray(NATIONAL_CPI) + 0.35 * rng.standard_normal((n, 1))
    cpi = cpi + 0.55 * autocorrelated(rng, n, N_YEARS, 0.3)
    # poorer cities catch up; shocks are smaller than the national path
    growth_index = np.asarray(NATIONAL_GROWTH) - 0.5 * traits.income[:, None]
    growth_index = growth_index + 0.35 * rng.standard_normal((n, 1))
    growth_index = growth_index + 1.1 * autocorrelated(rng, n, N_YEARS, 0.5)
    nominal = (
        growth_index
        / 100
        * np.asarray(DEFLATOR)
        * np.exp(0.008 * rng.standard_normal((n, N_YEARS)))
    )
    nominal[:, 0] = 1.0
    gdp = (income_2005 * registered[:, 0] / 1e4)[:, None] * np.cumprod(nominal, axis=1)
    density = np.exp(traits.controls["pop"].mean(axis=1))
    area = registered.mean(axis=1) * 1e4 / density
    primary = 1 / (1 + np.exp(1.35 + 0.45 * traits.income[:, None] + 0.75 * PROGRESS))
    return {
        "cpi_prev_year_100": cpi,
        "gdp_index_prev_year_100": growth_index,
        "gdp_100m_yuan": gdp,
        "registered_population_10k": registered,
        "land_area_km2": np.repeat(area[:, None], N_YEARS, axis=1),
        "_secondary_and_tertiary": gdp * (1 - primary),
    }


def _series_behind_controls(
    given: dict[str, np.ndarray], traits: CityTraits
) -> dict[str, np.ndarray]:
    heads_10k = given["registered_population_10k"]
    controls = traits.controls
    return {
        "fdi_used_million_usd": np.expm1(controls["open"]) * heads_10k * 1e4 / 1e6,
        "road_freight_10k_tonnes": np.exp(controls["fre"]),
        "road_area_per_capita_m2": np.exp(controls["road"]),
        "average_wage_yuan": np.exp(controls["wage"]),
        "college_students_persons": np.exp(controls["edu"]) * heads_10k,
    }


def _demand_and_finance(
    rng: np.random.Generator,
    parameters: Parameters,
    given: dict[str, np.ndarray],
    digital: DigitalIntensity,
    traits: CityTraits,
) -> dict[str, np.ndarray]:
    n = len(traits.income)
    gdp = given["gdp_100m_yuan"]
    retail_share = 0.34 + 0.05 * rng.standard_normal((n, 1)) + 0.08 * PROGRESS
    retail_share = np.clip(retail_share, 0.18, 0.65)
    retail_noise = 0.02 * autocorrelated(rng, n, N_YEARS, 0.6)
    shared = 0.5 * parameters.market_province_spread * digital.province_factor
    size = np.minimum(standardized(np.log(gdp[:, 0])), HIGHEST_SCORE)
    investment = 380 * np.exp(0.85 * (0.92 * size + 0.39 * rng.standard_normal(n)))[:, None]
    # investment follows output less than proportionally; smaller cities catch up a little
    investment = (investment + 40 * PROGRESS) * (gdp / gdp[:, :1]) ** 0.4
    investment = np.maximum(investment, 45.0)
    investment = investment * np.exp(0.16 * autocorrelated(rng, n, N_YEARS, 0.85))
    ratio = 0.60 + 0.10 * correlated_with(rng, traits.resilience, 0.5)[:, None] + 0.03 * PROGRESS
    other_deposits = gdp * (0.5 + 0.06 * traits.resilience[:, None] + 0.175 * PROGRESS)
    other_expenditure = gdp * (0.12 - 0.016 * traits.income[:, None] + 0.036 * PROGRESS)
    sufficiency = 0.45 + 0.17 * correlated_with(rng, traits.resilience, 0.85)[:, None]
    sufficiency = np.clip(sufficiency - 0.10 * PROGRESS, 0.06, 1.08)
    return {
        "retail_sales_100m_yuan": gdp * retail_share * np.exp(retail_noise + shared),
        "fixed_asset_investment_100m_yuan": investment,
        # beside what is free: household savings; science and education
        "_other_deposits": np.maximum(other_deposits, 0.25 * gdp),
        "_other_expenditure": np.maximum(other_expenditure, 0.064 * gdp),
        "_loan_deposit_ratio": np.clip(ratio, 0.28, 1.25) + np.zeros((n, N_YEARS)),
        "_fiscal_self_sufficiency": sufficiency + np.zeros((n, N_YEARS)),
    }


def _digital_series(
    rng: np.random.Generator,
    parameters: Parameters,
    given: dict[str, np.ndarray],
    geography: Geography,
    digital: DigitalIntensity,
    traits: CityTraits,
) -> dict[str, np.ndarray]:
    n = geography.n_cities
    heads_10k = given["registered_population_10k"]
    trait = correlated_with(rng, traits.resilience, 0.6)[:, None]
    shared = parameters.market_province_spread * digital.province_factor
    spread_of_broadband = 0.055 + 0.27 * np.maximum(PROGRESS, -0.07)
    broadband = spread_of_broadband * np.exp(
        0.30 * trait + shared + 0.06 * autocorrelated(rng, n, N_YEARS, 0.6)
    )
    mobile = (0.45 + 0.60 * PROGRESS) * np.exp(
        0.28 * trait + 0.05 * autocorrelated(rng, n, N_YEARS, 0.6)
    )
    telecom = (420 + 700 * PROGRESS) * np.exp(
        0.40 * trait + 0.08 * autocorrelated(rng, n, N_YEARS, 0.6)
    )
    industry = correlated_with(rng, standardized(traits.controls["pop"].mean(axis=1)), 0.6)
    firms_per_km2 = np.exp(np.log(0.06) + 1.1 * industry[:, None] + 0.15 * PROGRESS)
    firms_per_km2 = firms_per_km2 * np.exp(0.10 * autocorrelated(rng, n, N_YEARS, 0.7))
    return {
        "broadband_subscribers_10k": heads_10k * np.minimum(broadband, 0.95),
        "mobile_subscribers_10k": heads_10k * mobile,
        "telecom_volume_100m_yuan": heads_10k * telecom / 1e4,
        "above_scale_industrial_firms": np.maximum(firms_per_km2 * given["land_area_km2"], 5.0),
    }


def _free_indicators(
    rng: np.random.Generator, given: dict[str, np.ndarray], traits: CityTraits
) -> dict[str, np.ndarray]:
    n = len(traits.income)
    size = standardized(np.log(given["gdp_100m_yuan"][:, 0]))
    free = {}
    for name, (scale, spread, correlation, proportional, additive) in FREE_INDICATORS.items():
        score = traits.resilience
        if name == "household_savings":  # an absolute amount follows the size of the city
            score = standardized(size + traits.resilience)
            correlation = 0.95
        own = np.clip(correlated_with(rng, score, correlation), LOWEST_SCORE, HIGHEST_SCORE)
        level = np.exp(spread * own)[:, None]
        path = level * (1 + proportional * PROGRESS) + additive * PROGRESS
        free[name] = scale * np.maximum(path, 0.3 * level)
    free["loan_deposit_ratio"] = given["_loan_deposit_ratio"]
    free["fiscal_self_sufficiency"] = given["_fiscal_self_sufficiency"]
    rate = 0.032 - 0.004 * traits.resilience[:, None] + 0.004 * rng.standard_normal((n, 1))
    free["unemployment_rate"] = np.clip(rate, 0.008, 0.07) + np.zeros((n, N_YEARS))
    return free
