"""Between indicators and raw series: the free indicators written back as yearbook columns."""

from __future__ import annotations

import numpy as np

# decimals of the printed yearbook; counts have none
DECIMALS = {
    "cpi_prev_year_100": 2, "gdp_100m_yuan": 2, "gdp_index_prev_year_100": 2,
    "registered_population_10k": 2, "household_savings_100m_yuan": 3,
    "registered_unemployed_persons": 0, "employed_persons_10k": 3, "retail_sales_100m_yuan": 2,
    "fixed_asset_investment_100m_yuan": 2, "loans_100m_yuan": 3, "deposits_100m_yuan": 3,
    "fiscal_revenue_100m_yuan": 4, "fiscal_expenditure_100m_yuan": 3, "patents_granted": 0,
    "science_expenditure_100m_yuan": 4, "education_expenditure_100m_yuan": 4,
    "secondary_output_100m_yuan": 3, "tertiary_output_100m_yuan": 3, "new_firms": 0,
    "land_area_km2": 0, "fdi_used_million_usd": 2, "road_freight_10k_tonnes": 0,
    "road_area_per_capita_m2": 2, "average_wage_yuan": 0, "college_students_persons": 0,
    "broadband_subscribers_10k": 2, "mobile_subscribers_10k": 2, "telecom_volume_100m_yuan": 3,
    "above_scale_industrial_firms": 0,
}  # fmt: skip
COLUMNS = tuple(DECIMALS)

# raw columns whose observation makes a free indicator adjustable in a cell
FREE_COLUMNS = {
    "household_savings": ("household_savings_100m_yuan",),
    "unemployment_rate": ("registered_unemployed_persons", "employed_persons_10k"),
    "loan_deposit_ratio": ("loans_100m_yuan", "deposits_100m_yuan"),
    "fiscal_self_sufficiency": ("fiscal_revenue_100m_yuan", "fiscal_expenditure_100m_yuan"),
    "patents_per_capita": ("patents_granted",),
    "science_spending_per_capita": ("science_expenditure_100m_yuan",),
    "education_spending_per_capita": ("education_expenditure_100m_yuan",),
    "industrial_upgrading": ("secondary_output_100m_yuan", "tertiary_output_100m_yuan"),
    "entrepreneurship": ("new_firms",),
}


def free_raw_series(
    free: dict[str, np.ndarray], given: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Raw columns that produce the free indicators.

    Deposits and fiscal expenditure are what is free plus the rest: parts drawn apart from their
    whole would exceed it where they are large. Loans and revenue follow, so that no indicator
    depends on the size of these wholes.

    Parameters
    ----------
    free : dict of ndarray, shape (n_cities, n_years)
        Free indicators by name.
    given : dict of ndarray, shape (n_cities, n_years)
        Given series, employment included.
    """
    heads_10k = given["registered_population_10k"]
    upgrading = free["industrial_upgrading"]
    both = given["_secondary_and_tertiary"]
    science = free["science_spending_per_capita"] * heads_10k / 1e4
    education = free["education_spending_per_capita"] * heads_10k / 1e4
    deposits = given["_other_deposits"] + free["household_savings"]
    expenditure = given["_other_expenditure"] + science + education
    return {
        "household_savings_100m_yuan": free["household_savings"],
        "registered_unemployed_persons": free["unemployment_rate"]
        * given["employed_persons_10k"]
        * 1e4,
        "deposits_100m_yuan": deposits,
        "loans_100m_yuan": free["loan_deposit_ratio"] * deposits,
        "fiscal_expenditure_100m_yuan": expenditure,
        "fiscal_revenue_100m_yuan": free["fiscal_self_sufficiency"] * expenditure,
        "patents_granted": free["patents_per_capita"] * heads_10k,
        "science_expenditure_100m_yuan": science,
        "education_expenditure_100m_yuan": education,
        "secondary_output_100m_yuan": both / (1 + upgrading),
        "tertiary_output_100m_yuan": both * upgrading / (1 + upgrading),
        "new_firms": free["entrepreneurship"] * heads_10k,
    }


def punched(series: dict[str, np.ndarray], missing: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Blank the missing cells of every raw column."""
    return {name: np.where(missing[name], np.nan, series[name]) for name in COLUMNS}


def rounded(series: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Round every raw column to the decimals of the printed yearbook."""
    return {name: np.round(series[name], DECIMALS[name]) for name in COLUMNS}
