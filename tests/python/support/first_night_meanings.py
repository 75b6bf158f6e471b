"""More of what a folder shows by itself: another quantity, year or place under the same header."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from support.corruption_edits import Edit
from support.first_night_scales import (
    AREA,
    FDI,
    PATENTS,
    SERIES,
    STUDENTS,
    WAGE,
    YEARBOOK,
    Select,
    drawn,
    everywhere,
    province,
    third,
    years,
)

GDP, RATE, PRICES = "gdp_100m_yuan", "gdp_index_prev_year_100", "cpi_prev_year_100"
PEOPLE, WORKERS, JOBLESS = (
    "registered_population_10k",
    "employed_persons_10k",
    "registered_unemployed_persons",
)
SALES, INVESTMENT = "retail_sales_100m_yuan", "fixed_asset_investment_100m_yuan"
DEPOSITS = "deposits_100m_yuan"
REVENUE, SPENDING = "fiscal_revenue_100m_yuan", "fiscal_expenditure_100m_yuan"
SECONDARY, TERTIARY = "secondary_output_100m_yuan", "tertiary_output_100m_yuan"
MOBILE, BROADBAND = "mobile_subscribers_10k", "broadband_subscribers_10k"
ROADS, CARGO = "road_area_per_capita_m2", "road_freight_10k_tonnes"
Figures = Callable[[pd.DataFrame], pd.Series]


def instead(column: str, figures: Figures, select: Select = everywhere) -> Edit:
    """Put other figures into a column, as they are printed."""

    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        frame = frame.sort_values(["city_code", "year"])
        return frame.assign(
            **{column: frame[column].where(~select(frame), figures(frame).round(2))}
        )

    return edit


def _cumulative(column: str) -> Figures:
    return lambda frame: frame.groupby("city_code")[column].cumsum()


def _chained(column: str) -> Figures:
    return lambda frame: 100 * (frame[column] / 100).groupby(frame["city_code"]).cumprod()


def _before(column: str, n_years: int) -> Figures:
    return lambda frame: frame.groupby("city_code")[column].shift(n_years)


# Column, what stands in it, how it is made, where.
QUANTITIES = (
    (GDP, "GDP per head", lambda f: 1e4 * f[GDP] / f[PEOPLE], everywhere),
    (RATE, "an index chained over years", _chained(RATE), everywhere),
    (RATE, "an index chained over years, province 33", _chained(RATE), province("33")),
    (PRICES, "prices chained over years", _chained(PRICES), everywhere),
    (RATE, "growth less ten points", lambda f: f[RATE] - 10, everywhere),
    (RATE, "growth times ten", lambda f: 100 + 10 * (f[RATE] - 100), everywhere),
    (RATE, "growth in percent, province 44", lambda f: f[RATE] - 100, province("44")),
    (INVESTMENT, "a cumulative series", _cumulative(INVESTMENT), everywhere),
    (SALES, "a cumulative series", _cumulative(SALES), everywhere),
    (FDI, "a cumulative series", _cumulative(FDI), everywhere),
    (PATENTS, "a cumulative series", _cumulative(PATENTS), everywhere),
    (SECONDARY, "percent of GDP", lambda f: 100 * f[SECONDARY] / f[GDP], everywhere),
    (SECONDARY, "percent of GDP, a third", lambda f: 100 * f[SECONDARY] / f[GDP], third(0)),
    (TERTIARY, "a share of GDP", lambda f: f[TERTIARY] / f[GDP], everywhere),
    (REVENUE, "percent of GDP", lambda f: 100 * f[REVENUE] / f[GDP], everywhere),
    (JOBLESS, "a rate", lambda f: f[JOBLESS] / f[WORKERS] / 100, everywhere),
    (SALES, "sales per head", lambda f: 1e4 * f[SALES] / f[PEOPLE], everywhere),
    (STUDENTS, "students per 10,000 persons", lambda f: f[STUDENTS] / f[PEOPLE], everywhere),
    (MOBILE, "subscribers per 100 persons", lambda f: 100 * f[MOBILE] / f[PEOPLE], everywhere),
    (PEOPLE, "density", lambda f: 1e4 * f[PEOPLE] / f[AREA], everywhere),
    (AREA, "density", lambda f: 1e4 * f[PEOPLE] / f[AREA], everywhere),
    (ROADS, "roads of all", lambda f: 0.35 * f[ROADS] * f[PEOPLE], everywhere),
    (WAGE, "the wage bill", lambda f: f[WAGE] * f[WORKERS] / 1e4, everywhere),
)  # fmt: skip
PAIRS = (
    (REVENUE, SPENDING, third(1), "every third city"),
    (GDP, SECONDARY, province("44"), "province 44"),
    (PEOPLE, WORKERS, province("42"), "province 42"),
    (MOBILE, BROADBAND, province("37"), "province 37"),
    (MOBILE, BROADBAND, years(2010, 2010), "2010"),
    (GDP, SALES, years(2016, 2019), "2016 to 2019"),
    (STUDENTS, JOBLESS, province("61"), "province 61"),
    (GDP, PEOPLE, third(0), "every third city"),
    (WAGE, AREA, everywhere, "all cities"),
)
LATE = (
    (SALES, 1, everywhere, "all cities"),
    (DEPOSITS, -1, everywhere, "all cities"),
    (SECONDARY, 1, everywhere, "all cities"),
    (RATE, 2, everywhere, "all cities"),
    (PRICES, 2, everywhere, "all cities"),
    (GDP, 1, third(0), "every third city"),
    (GDP, 1, province("32"), "province 32"),
)
HEAPS = (
    *((FDI, -1, 0.1), (PATENTS, 0, 0.06), (STUDENTS, 0, 0.08), (JOBLESS, 8888, 0.04)),
    *((ROADS, 99.99, 0.04), ("new_firms", 1, 0.06), (BROADBAND, 0, 0.12), (PRICES, 100, 0.2)),
    *((RATE, 0, 0.06), (WORKERS, 0.1, 0.06), (CARGO, 0, 0.1), (DEPOSITS, 1e6, 0.02)),
    ("above_scale_industrial_firms", 999, 0.05),
)  # fmt: skip


def meanings() -> Iterator[tuple]:
    """Other quantities, exchanges among some cities, lags, copies, codes for missing values."""
    for column, what, figures, select in QUANTITIES:
        edit = instead(column, figures, select)
        yield "quantity", YEARBOOK, f"{column} with {what}", (column,), edit
    for one, other, select, name in PAIRS:
        label = f"{one} under {other}, {name}"
        yield "quantity", YEARBOOK, label, (one, other), _exchanged(one, other, select)
    for column, n_years, select, name in LATE:
        label = f"{column} {n_years:+d} years, {name}"
        edit = instead(column, _before(column, n_years), select)
        # Beside GDP and its growth either may be the one.
        yield "years", YEARBOOK, label, (column, GDP, RATE), edit
    for column, value, share in HEAPS:
        label = f"{value:g} in {share:.0%} of {column}"
        edit = lambda frame, rng, c=column, v=value, s=share: frame.assign(  # noqa: E731
            **{c: frame[c].mask(rng.random(len(frame)) < s, v)}
        )
        yield "heap", YEARBOOK, label, (column,), edit
    for code in ("32", "53"):
        edit = lambda frame, rng, code=code: frame.assign(  # noqa: E731
            year=frame["year"] - province(code)(frame).astype("int32")
        )
        yield "years", YEARBOOK, f"years -1 in province {code}", (), edit
    for one, other in ((2012, 2013), (2009, 2019)):
        edit = lambda frame, rng, swap={one: other, other: one}: frame.assign(  # noqa: E731
            year=frame["year"].replace(swap).astype("int32")
        )
        yield "years", YEARBOOK, f"{one} and {other} exchanged", (), edit
    for year, noise, share in ((2015, 0.001, 1.0), (2015, 0.005, 0.5), (2019, 0.001, 0.33)):
        label = f"{year} as {year - 1} with noise of {noise:g}, {share:.0%} of the cities"
        yield "copy", YEARBOOK, label, (), _nearly(year, noise, drawn(share, 7))
    for one, other, factor in (("320100", "320500", 1.3), ("210100", "210200", 10)):
        yield "copy", YEARBOOK, f"{other} as {one} x {factor:g}", (), _like(one, other, factor)


def _exchanged(one: str, other: str, select: Select) -> Edit:
    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = select(frame)
        figures = {one: frame[one].mask(rows, frame[other])}
        return frame.assign(**figures, **{other: frame[other].mask(rows, frame[one])})

    return edit


def _nearly(year: int, noise: float, select: Select) -> Edit:
    """Paste the year before, each figure a little changed."""

    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        changed = frame.astype(dict.fromkeys(SERIES, "float64"))
        rows = (frame["year"] == year) & select(frame)
        source = frame[frame["year"] == year - 1].set_index("city_code")
        figures = source.loc[frame.loc[rows, "city_code"], SERIES].to_numpy(float)
        figures = figures * (1 + noise * rng.standard_normal(figures.shape))
        changed.loc[rows, SERIES] = figures.round(2)
        return changed

    return edit


def _like(one: str, other: str, factor: float) -> Edit:
    """Paste the figures of a city, times a factor, over another."""
    columns = [name for name in SERIES if not name.endswith("year_100")]

    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        changed = frame.astype(dict.fromkeys(columns, "float64"))
        figures = frame.loc[frame["city_code"] == one, columns].to_numpy(float) * factor
        changed.loc[frame["city_code"] == other, columns] = figures.round(2)
        return changed

    return edit
