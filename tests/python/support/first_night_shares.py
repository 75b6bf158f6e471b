"""More of what a folder shows by itself: shares of cities, loose series, places, tables."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from support.corruption_edits import Edit
from support.corruptions import YEARBOOK_VALUES

YEARBOOK, FLOWS, OUTPUT = "city_yearbook", "input_output_flows", "industry_output"
CENSUS, MEMBERS, NATIONAL = "economic_census_employment", "platform_members", "national_series"
FDI, FREIGHT, STUDENTS = (
    "fdi_used_million_usd",
    "road_freight_10k_tonnes",
    "college_students_persons",
)
FIRMS, PATENTS = "above_scale_industrial_firms", "patents_granted"
EDUCATION, SCIENCE = "education_expenditure_100m_yuan", "science_expenditure_100m_yuan"
SERIES = YEARBOOK_VALUES.split()
# What grows with a place: not indices, wages and areas per head.
EXTENSIVE = [
    name
    for name in SERIES
    if not name.endswith("year_100")
    and name not in ("average_wage_yuan", "road_area_per_capita_m2", "land_area_km2")
]


def shares() -> Iterator[tuple]:
    """Parts of the cities in another unit, of series that differ much between cities."""
    for column in (FDI, FREIGHT, STUDENTS, FIRMS, PATENTS, EDUCATION):
        for share, start in ((0.33, 0.3), (0.5, 0.0)):
            for factor in (10, 0.1):
                label = f"{column} x {factor:g} in {share:.0%} of the cities from {start:.0%} on"
                edit = scale_cities(column, factor, start, start + share)
                yield "share", YEARBOOK, label, (column,), edit
    for province in ("37", "61", "53", "23"):
        for column, factor in (
            *((FDI, 10), (FDI, 6.5), (FDI, 1 / 6.9), (FREIGHT, 0.1)),
            *((FREIGHT, 1000), (STUDENTS, 10), (FIRMS, 10), (PATENTS, 100), (SCIENCE, 1000)),
        ):
            label = f"{column} of province {province} x {factor:.4g}, by its decimals"
            edit = scale_province(column, factor, province)
            yield "share", YEARBOOK, label, (column,), edit


def places() -> Iterator[tuple]:
    """Cities whose figures are of another place, or under other columns."""
    for city in ("370200", "510100", "610100"):
        label = f"a county in place of {city}"
        # Its members and the census are of the city.
        yield "place", YEARBOOK, label, (), scale_city(EXTENSIVE, 0.07, city)
    for n in (3, 12):
        yield "place", YEARBOOK, f"columns shifted left in {n} cities", (), shift_left(n)
    rates = "gdp_index_prev_year_100"
    edit: Edit = lambda frame, rng: frame.assign(**{rates: 100 + (frame[rates] - 100) / 100})  # noqa: E731
    yield "unit", YEARBOOK, "rates divided by 100 once more", (rates,), edit


def beside() -> Iterator[tuple]:
    """Tables that are sound in themselves and not beside others."""
    for years in (-1, 1):
        moved = lambda frame, rng, years=years: frame.assign(  # noqa: E731
            joined_year=frame["joined_year"] + years, expired_year=frame["expired_year"] + years
        )
        yield "beside", MEMBERS, f"members {years:+d} years", ("joined_year",), moved
        yield "beside", OUTPUT, f"output {years:+d} years", (), late(years)
        label = f"years of output {years:+d}"
        edit = lambda frame, rng, years=years: frame.assign(year=frame["year"] + years)  # noqa: E731
        yield "beside", OUTPUT, label, (), edit
    for industry in ("35", "39", "64", "65"):
        without = lambda frame, rng, code=industry: frame[frame["industry_code"] != code]  # noqa: E731
        yield "beside", CENSUS, f"industry {industry} gone", ("industry_code",), without


def scale_cities(column: str, factor: float, start: float, end: float) -> Edit:
    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        codes = sorted(frame["city_code"].unique())
        chosen = frame["city_code"].isin(codes[int(start * len(codes)) : int(end * len(codes))])
        return frame.assign(**{column: frame[column].where(~chosen, frame[column] * factor)})

    return edit


def scale_province(column: str, factor: float, province: str) -> Edit:
    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        chosen = frame["city_code"].str[:2] == province
        return frame.assign(**{column: frame[column].where(~chosen, frame[column] * factor)})

    return edit


def scale_city(columns: list[str], factor: float, city: str) -> Edit:
    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        chosen = frame["city_code"] == city
        # As the figures are printed.
        scaled = {name: (frame[name] * factor).round(2) for name in columns}
        return frame.assign(**{n: frame[n].where(~chosen, v) for n, v in scaled.items()})

    return edit


def shift_left(n_cities: int) -> Edit:
    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        changed = frame.astype(dict.fromkeys(SERIES, "float64"))
        codes = rng.choice(sorted(frame["city_code"].unique()), n_cities, replace=False)
        rows = changed["city_code"].isin(codes)
        changed.loc[rows, SERIES[3:-1]] = changed.loc[rows, SERIES[4:]].to_numpy()
        return changed

    return edit


def late(years: int) -> Edit:
    column = "gross_output_million_usd"

    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        frame = frame.sort_values(["sector", "year"])
        moved = frame.assign(**{column: frame.groupby("sector")[column].shift(years)})
        return moved.dropna(subset=[column])

    return edit
