"""The fourteen indicators of urban economic resilience (Table 1 of the study).

Three dimensions after Martin and Sunley (2015): resistance and recovery, adaptation and
regulation, transformation and development. Money is nominal, heads are registered population.
The printed direction of the unemployment rate is positive, almost surely a misprint; the
direction used is negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from urban_resilience.formulas.panel import ratio
from urban_resilience.formulas.rolling_deviation import trailing_standard_deviation


@dataclass(frozen=True)
class Indicator:
    """One indicator: its name, its dimension and its direction (+1 or -1)."""

    name: str
    dimension: str
    direction: int


DIMENSIONS = ("resistance_recovery", "adaptation_regulation", "transformation_development")

INDICATORS = (
    Indicator("cpi_volatility", "resistance_recovery", -1),
    Indicator("growth_volatility", "resistance_recovery", -1),
    Indicator("gdp_per_capita", "resistance_recovery", 1),
    Indicator("household_savings", "resistance_recovery", 1),
    Indicator("unemployment_rate", "resistance_recovery", -1),
    Indicator("consumption_activity", "adaptation_regulation", 1),
    Indicator("fixed_investment", "adaptation_regulation", 1),
    Indicator("loan_deposit_ratio", "adaptation_regulation", 1),
    Indicator("fiscal_self_sufficiency", "adaptation_regulation", 1),
    Indicator("patents_per_capita", "transformation_development", 1),
    Indicator("science_spending_per_capita", "transformation_development", 1),
    Indicator("education_spending_per_capita", "transformation_development", 1),
    Indicator("industrial_upgrading", "transformation_development", 1),
    Indicator("entrepreneurship", "transformation_development", 1),
)


def resilience_indicators(raw: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Compute the fourteen indicators from interpolated raw series.

    Parameters
    ----------
    raw : dict of ndarray, shape (n_cities, n_years)
        Raw yearbook series by column name, after interpolation. The rolling deviations need two
        years before the first year of interest.

    Returns
    -------
    dict of ndarray, shape (n_cities, n_years)
        By indicator name. Units: index points (volatilities), yuan per person (gdp, science,
        education), 100 million yuan (savings, investment), per 10,000 persons (patents, new
        firms), plain ratios (the rest). A zero denominator gives a missing value.

    Raises
    ------
    KeyError
        If a raw series is absent.
    """
    heads_10k = raw["registered_population_10k"]
    gdp = raw["gdp_100m_yuan"]
    return {
        "cpi_volatility": trailing_standard_deviation(raw["cpi_prev_year_100"]),
        "growth_volatility": trailing_standard_deviation(raw["gdp_index_prev_year_100"]),
        "gdp_per_capita": yuan_per_person(gdp, heads_10k),
        "household_savings": raw["household_savings_100m_yuan"],
        "unemployment_rate": ratio(
            raw["registered_unemployed_persons"], raw["employed_persons_10k"] * 1e4
        ),
        "consumption_activity": ratio(raw["retail_sales_100m_yuan"], gdp),
        "fixed_investment": raw["fixed_asset_investment_100m_yuan"],
        "loan_deposit_ratio": ratio(raw["loans_100m_yuan"], raw["deposits_100m_yuan"]),
        "fiscal_self_sufficiency": ratio(
            raw["fiscal_revenue_100m_yuan"], raw["fiscal_expenditure_100m_yuan"]
        ),
        "patents_per_capita": ratio(raw["patents_granted"], heads_10k),
        "science_spending_per_capita": yuan_per_person(
            raw["science_expenditure_100m_yuan"], heads_10k
        ),
        "education_spending_per_capita": yuan_per_person(
            raw["education_expenditure_100m_yuan"], heads_10k
        ),
        "industrial_upgrading": ratio(
            raw["tertiary_output_100m_yuan"], raw["secondary_output_100m_yuan"]
        ),
        "entrepreneurship": ratio(raw["new_firms"], heads_10k),
    }


def yuan_per_person(amount_100m_yuan: np.ndarray, heads_10k: np.ndarray) -> np.ndarray:
    """Convert 100 million yuan and 10,000 persons to yuan per person."""
    return ratio(amount_100m_yuan * 1e4, heads_10k)


def screen_indicators(
    indicators: dict[str, np.ndarray], study: slice, min_coverage: float = 0.8
) -> dict[str, float]:
    """Coverage of the indicators that are available often enough to be used.

    Parameters
    ----------
    indicators : dict of ndarray, shape (n_cities, n_years)
        Candidate cities in rows.
    study : slice
        Columns of the study years.
    min_coverage : float, default 0.8
        Smallest share of available candidate city x study-year cells.

    Returns
    -------
    dict of float
        Share of available cells of every indicator that passes, in the given order.
    """
    coverage = {name: float(np.isfinite(g[:, study]).mean()) for name, g in indicators.items()}
    return {name: share for name, share in coverage.items() if share >= min_coverage}
