"""More of what a folder shows by itself: columns exchanged, figures multiplied, large ones gone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from support.corruption_edits import Edit

YEARBOOK, CENSUS, NATIONAL = "city_yearbook", "economic_census_employment", "national_series"
POPULATION, AREA, WAGE = "registered_population_10k", "land_area_km2", "average_wage_yuan"
ROADS, FIRMS = "road_area_per_capita_m2", "above_scale_industrial_firms"
# Alike in size per head: told apart by how they grow, how alike cities are, or by whole numbers.
EXCHANGED = (
    (POPULATION, "retail_sales_100m_yuan"),
    (POPULATION, "fixed_asset_investment_100m_yuan"),
    (POPULATION, "fdi_used_million_usd"),
    (AREA, "road_freight_10k_tonnes"),
    (AREA, "new_firms"),
    (AREA, "registered_unemployed_persons"),
    (WAGE, "college_students_persons"),
    (ROADS, "telecom_volume_100m_yuan"),
    (ROADS, "cpi_prev_year_100"),
    (FIRMS, "household_savings_100m_yuan"),
    (FIRMS, "fixed_asset_investment_100m_yuan"),
    ("registered_unemployed_persons", "college_students_persons"),
)


def exchanged() -> Iterator[tuple]:
    """Columns under each other's header, and roads in another unit."""
    for one, other in EXCHANGED:
        edit: Edit = lambda frame, rng, one=one, other=other: frame.assign(  # noqa: E731
            **{one: frame[other], other: frame[one]}
        )
        yield "column", YEARBOOK, f"{one} under {other}", (one, other), edit
    for factor in (10, 0.1):
        edit = lambda frame, rng, factor=factor: frame.assign(**{ROADS: frame[ROADS] * factor})  # noqa: E731
        yield "column", YEARBOOK, f"{ROADS} x {factor:g}", (ROADS,), edit


def multiplied() -> Iterator[tuple]:
    """Industries of the census times a power of ten, or gone; a year of the nation at zero."""
    column = "employed_persons"
    for industry in ("26", "83"):
        for factor in (10, 100):
            edit: Edit = lambda frame, rng, code=industry, factor=factor: frame.assign(  # noqa: E731
                **{
                    column: np.where(
                        frame["industry_code"] == code, frame[column] * factor, frame[column]
                    )
                }
            )
            yield "unit", CENSUS, f"industry {industry} x {factor}", (column,), edit
    for industry in ("47", "83"):
        edit = lambda frame, rng, code=industry: frame[frame["industry_code"] != code]  # noqa: E731
        yield "beside", CENSUS, f"industry {industry} gone, a large one", ("industry_code",), edit
    yield "nation", NATIONAL, "zero in 2015", ("internet_users_million",), _zero


def _zero(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    users = frame["internet_users_million"].where(frame["year"] != 2015, 0)
    return frame.assign(internet_users_million=users)
