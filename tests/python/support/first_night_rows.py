"""Figures beside other cities, in reverse order, on straight lines or in another form."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from support.corruption_edits import Edit
from support.corruptions import YEARBOOK_VALUES
from support.first_night_scales import everywhere, province, years

YEARBOOK, FLOWS, OUTPUT = "city_yearbook", "input_output_flows", "industry_output"
CENSUS, MEMBERS = "economic_census_employment", "platform_members"
VALUE, GROSS, PERSONS = "value_million_usd", "gross_output_million_usd", "employed_persons"
SERIES = YEARBOOK_VALUES.split()
Rows = Callable[[pd.DataFrame], pd.Series]


def beside_others() -> Iterator[tuple]:
    """Columns, and whole provinces, a row or two too high or too low."""
    for columns, rows, down, label in (
        (["registered_population_10k"], province("41"), 1, "province 41"),
        (["deposits_100m_yuan"], province("37"), -2, "province 37"),
        (["fiscal_revenue_100m_yuan"], province("44"), 1, "province 44"),
        (["retail_sales_100m_yuan"], everywhere, 1, "all cities"),
        (["gdp_100m_yuan"], everywhere, -1, "all cities"),
    ):
        name = f"{columns[0]} {down:+d} rows, {label}"
        yield "place", YEARBOOK, name, tuple(columns), _rows_down(columns, rows, down)
    # Other tables show it: either may be at fault, and both are named.
    edit = _rows_down(SERIES, province("37"), 1)
    yield "place", YEARBOOK, "all series +1 rows, province 37", ("city_code",), edit
    name = "census +1 rows, province 37"
    yield "place", CENSUS, name, ("city_code", PERSONS), _cities_on(province("37"))


def in_reverse() -> Iterator[tuple]:
    """One column whose years run the other way."""
    for column, rows, label in (
        ("patents_granted", everywhere, "all cities"),
        ("tertiary_output_100m_yuan", everywhere, "all cities"),
        ("fdi_used_million_usd", everywhere, "all cities"),
        ("mobile_subscribers_10k", province("37"), "province 37"),
        ("deposits_100m_yuan", province("32"), "province 32"),
    ):
        name = f"{column} in reverse, {label}"
        yield "years", YEARBOOK, name, (column,), _reversed(column, rows)


def on_lines() -> Iterator[tuple]:
    """Years that somebody interpolated."""
    for column, rows, first, last, label in (
        ("gdp_100m_yuan", _every_second, 2009, 2016, "every second city"),
        ("patents_granted", everywhere, 2008, 2019, "all cities"),
        ("average_wage_yuan", province("37"), 2009, 2018, "province 37"),
        ("loans_100m_yuan", everywhere, 2012, 2014, "all cities"),
    ):
        name = f"{column} on a line from {first} to {last}, {label}"
        yield "copy", YEARBOOK, name, (column,), _on_line(column, rows, first, last)
    yield "copy", YEARBOOK, "one city pasted into five", ("city_code",), _pasted_city


def other_forms() -> Iterator[tuple]:
    """Rates divided by 100 once more, in a year or a province."""
    for column, rows, label in (
        ("gdp_index_prev_year_100", years(2014, 2014), "2014"),
        ("cpi_prev_year_100", province("51"), "province 51"),
    ):
        edit = _changed(column, rows, lambda rates: 100 + (rates - 100) / 100)
        yield "quantity", YEARBOOK, f"{column} as 100.085, {label}", (column,), edit


def tables_and_members() -> Iterator[tuple]:
    """Tables of other years, codes of other rows, records that stand several times."""
    one = lambda frame: (frame["supplying_sector"] == "D62T63") & (frame["year"] == 2012)  # noqa: E731
    edit = _changed(VALUE, one, lambda flows: 0 * flows)
    yield "table", FLOWS, "sales of D62T63 zero in 2012", (VALUE, "supplying_sector"), edit
    for table, column in ((FLOWS, VALUE), (OUTPUT, GROSS)):
        yield "table", table, f"{table} of 2016 as 2013", (column,), _year_as(2016, 2013)
    edit = lambda frame, rng: frame.assign(industry_code=_one_on(frame["industry_code"]))  # noqa: E731
    yield "beside", CENSUS, "industries of the census one on", ("industry_code", PERSONS), edit
    edit = lambda frame, rng: frame[~province("41")(frame)]  # noqa: E731
    yield "beside", CENSUS, "no census in province 41", ("city_code", PERSONS), edit
    edit = lambda frame, rng: frame[~province("44")(frame) | (frame["joined_year"] < 2010)]  # noqa: E731
    yield "members", MEMBERS, "nobody of province 44 joined from 2010 on", ("joined_year",), edit
    for label, rows in (
        ("industry 64", lambda frame: frame["industry_code"] == "64"),
        ("city 330100", lambda frame: frame["city_code"] == "330100"),
    ):
        name = f"members of {label} three times under other names"
        yield "members", MEMBERS, name, (), _again(rows)


def _every_second(frame: pd.DataFrame) -> pd.Series:
    return frame["city_code"].isin(sorted(frame["city_code"].unique())[::2])


def _changed(column: str, rows: Rows, figures: Callable[[pd.Series], pd.Series]) -> Edit:
    return lambda frame, rng: frame.assign(
        **{column: frame[column].mask(rows(frame), figures(frame[column]))}
    )


def _rows_down(columns: list[str], rows: Rows, down: int) -> Edit:
    """In each year, every city the figures of one so many rows above; the first, of the last."""

    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        changed = frame.sort_values(["year", "city_code"]).astype(dict.fromkeys(columns, float))
        for _, sheet in changed[rows(changed)].groupby("year"):
            changed.loc[sheet.index, columns] = np.roll(sheet[columns].to_numpy(), down, axis=0)
        return changed

    return edit


def _cities_on(rows: Rows) -> Edit:
    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        chosen = rows(frame)
        codes = frame["city_code"].mask(chosen, _one_on(frame.loc[chosen, "city_code"]))
        return frame.assign(city_code=codes)

    return edit


def _one_on(codes: pd.Series) -> pd.Series:
    """Each code the next of the list, the last the first."""
    listed = sorted(codes.unique())
    return codes.map(dict(zip(listed, listed[1:] + listed[:1], strict=True)))


def _reversed(column: str, rows: Rows) -> Edit:
    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        changed = frame.sort_values(["city_code", "year"]).astype({column: float})
        cities = changed[rows(changed)].groupby("city_code")[column]
        changed.loc[rows(changed), column] = cities.transform(lambda years: years.to_numpy()[::-1])
        return changed

    return edit


def _on_line(column: str, rows: Rows, first: int, last: int) -> Edit:
    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        amid = rows(frame) & frame["year"].between(first + 1, last - 1)
        ends = frame.pivot(index="city_code", columns="year", values=column)
        start, end = (frame["city_code"].map(ends[year]) for year in (first, last))
        line = start + (end - start) * (frame["year"] - first) / (last - first)
        return frame.assign(**{column: frame[column].mask(amid & line.notna(), line)})

    return edit


def _pasted_city(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    codes = sorted(frame["city_code"].unique())
    figures = frame[frame["city_code"] == codes[100]].set_index("year")[SERIES]
    changed = frame.astype(dict.fromkeys(SERIES, float))
    for code in codes[101:106]:
        rows = changed["city_code"] == code
        changed.loc[rows, SERIES] = figures.reindex(changed.loc[rows, "year"]).to_numpy()
    return changed


def _year_as(year: int, other: int) -> Edit:
    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        copied = frame[frame["year"] == other].assign(year=year).astype(frame.dtypes)
        return pd.concat([frame[frame["year"] != year], copied])

    return edit


def _again(rows: Rows) -> Edit:
    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        some = frame[rows(frame)]
        copies = [some.assign(firm_id=some["firm_id"] + f"/{n}") for n in (2, 3)]
        return pd.concat([frame, *copies])

    return edit
