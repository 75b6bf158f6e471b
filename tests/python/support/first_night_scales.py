"""More of what a folder shows by itself: other factors, and other sets of cities and years."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from support.corruption_edits import Edit
from support.corruptions import YEARBOOK_VALUES

YEARBOOK = "city_yearbook"
SERIES = YEARBOOK_VALUES.split()
MONEY = [name for name in SERIES if name.endswith("yuan")]
WAGE, AREA, FDI = "average_wage_yuan", "land_area_km2", "fdi_used_million_usd"
STUDENTS, PATENTS = "college_students_persons", "patents_granted"
Select = Callable[[pd.DataFrame], pd.Series]


def everywhere(frame: pd.DataFrame) -> pd.Series:
    """All rows."""
    return frame["year"] > 0


def province(*codes: str) -> Select:
    """Rows of provinces."""
    return lambda frame: frame["city_code"].str[:2].isin(codes)


def city(*codes: str) -> Select:
    """Rows of cities."""
    return lambda frame: frame["city_code"].isin(codes)


def third(start: int) -> Select:
    """Rows of every third city of the list: no block, no province."""
    return lambda frame: frame["city_code"].isin(sorted(frame["city_code"].unique())[start::3])


def drawn(share: float, seed: int) -> Select:
    """Rows of a share of the cities, drawn."""

    def chosen(frame: pd.DataFrame) -> pd.Series:
        codes = sorted(frame["city_code"].unique())
        some = np.random.default_rng(seed).choice(codes, int(share * len(codes)), replace=False)
        return frame["city_code"].isin(some)

    return chosen


def years(first: int, last: int, select: Select = everywhere) -> Select:
    """Those of a period."""
    return lambda frame: frame["year"].between(first, last) & select(frame)


def scale(select: Select, columns: list[str], factor: float) -> Edit:
    """Multiply columns of some rows."""

    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = select(frame)
        return frame.assign(**{c: frame[c].where(~rows, frame[c] * factor) for c in columns})

    return edit


# Column, factor, rows, and what they are called.
CITIES = (
    ("gdp_100m_yuan", 7, third(0), "every third city"),
    ("gdp_100m_yuan", 0.1, drawn(0.33, 1), "a third, drawn"),
    ("deposits_100m_yuan", 100, third(2), "every third city"),
    ("retail_sales_100m_yuan", 6.5, third(1), "every third city"),
    ("household_savings_100m_yuan", 1 / 8, third(0), "every third city"),
    (WAGE, 1 / 12, third(1), "every third city"),
    (WAGE, 1 / 12, drawn(0.5, 3), "half, drawn"),
    (WAGE, 12, province("32"), "province 32"),
    (WAGE, 1e-4, province("51"), "province 51"),
    ("registered_population_10k", 1e4, province("33"), "province 33"),
    ("registered_population_10k", 0.1, city("320100"), "one city"),
    (AREA, 15, province("36"), "province 36"),
    (AREA, 1500, province("43"), "province 43"),
    (AREA, 1500, everywhere, "all"),
    (AREA, 100, third(2), "every third city"),
    (FDI, 6.5, drawn(0.5, 5), "half, drawn"),
    (FDI, 7, everywhere, "all"),
    (FDI, 1e4, city("330100", "330200"), "two cities"),
    ("telecom_volume_100m_yuan", 12, third(1), "every third city"),
    ("telecom_volume_100m_yuan", 1e4, province("50"), "a municipality"),
    ("broadband_subscribers_10k", 1e4, province("34"), "province 34"),
    ("mobile_subscribers_10k", 100, province("14"), "province 14"),
    (STUDENTS, 1e-4, province("22"), "province 22"),
    (STUDENTS, 100, city("610100"), "one city"),
    (PATENTS, 12, third(0), "every third city"),
    (PATENTS, 0.1, drawn(0.33, 6), "a third, drawn"),
    ("employed_persons_10k", 0.01, province("62"), "province 62"),
    ("new_firms", 1 / 12, everywhere, "all"),
    ("road_area_per_capita_m2", 100, province("13"), "province 13"),
    ("science_expenditure_100m_yuan", 1e4, city("340100"), "one city"),
    ("fixed_asset_investment_100m_yuan", 6.5, province("15"), "province 15"),
)  # fmt: skip
PERIODS = (
    ("gdp_100m_yuan", 10, 2019, 2019, third(0), "every third city"),
    ("retail_sales_100m_yuan", 0.1, 2019, 2019, everywhere, "all"),
    (WAGE, 1 / 12, 2012, 2012, everywhere, "all"),
    (WAGE, 1 / 12, 2015, 2019, province("44"), "province 44"),
    (AREA, 15, 2016, 2019, everywhere, "all"),
    ("registered_population_10k", 1e4, 2005, 2005, everywhere, "all"),
    (FDI, 6.5, 2012, 2019, everywhere, "all"),
    ("broadband_subscribers_10k", 1e4, 2018, 2019, everywhere, "all"),
    (PATENTS, 12, 2013, 2014, third(1), "every third city"),
    (STUDENTS, 1e-4, 2005, 2009, everywhere, "all"),
    ("deposits_100m_yuan", 6.5, 2015, 2019, third(2), "every third city"),
    ("education_expenditure_100m_yuan", 10, 2012, 2013, province("51"), "province 51"),
    ("tertiary_output_100m_yuan", 1 / 7, 2017, 2019, everywhere, "all"),
    ("road_freight_10k_tonnes", 10, 2013, 2019, everywhere, "all"),
    ("telecom_volume_100m_yuan", 10, 2011, 2019, province("61"), "province 61"),
    ("household_savings_100m_yuan", 0.1, 2018, 2018, province("32"), "province 32"),
)


def scales() -> Iterator[tuple]:
    """Figures of some cities, of some years, and all money, in another unit."""
    for column, factor, select, name in CITIES:
        label = f"{column} x {factor:.4g}, {name}"
        yield "unit", YEARBOOK, label, (column,), scale(select, [column], factor)
    for column, factor, first, last, select, name in PERIODS:
        label = f"{column} x {factor:.4g}, {name}, {first} to {last}"
        edit = scale(years(first, last, select), [column], factor)
        yield "period", YEARBOOK, label, (column,), edit
    for code, factor in (("32", 1 / 8.3), ("51", 1 / 6.1), ("21", 10), ("50", 6.5)):
        label = f"all money x {factor:.4g}, province {code}"
        yield "unit", YEARBOOK, label, tuple(MONEY), scale(province(code), MONEY, factor)
    for first, last, factor in ((2013, 2013, 10), (2005, 2009, 1 / 6.8)):
        label = f"all money x {factor:.4g}, {first} to {last}"
        yield "period", YEARBOOK, label, tuple(MONEY), scale(years(first, last), MONEY, factor)
