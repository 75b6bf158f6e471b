"""Corruptions that a folder shows by itself, with no published build to hold it against.

Whole provinces and columns in another unit, figures of another year or city, tables turned round,
rows that are not there: what a city's own years and bounds per cell do not see. Judged on all
cities, for cities and provinces are what they are held against.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from support.corruption_edits import Edit
from support.corruptions import YEARBOOK_VALUES, Corruption, rewrite
from support.first_night_columns import exchanged, multiplied
from support.first_night_meanings import meanings
from support.first_night_rows import (
    beside_others,
    in_reverse,
    on_lines,
    other_forms,
    tables_and_members,
)
from support.first_night_scales import scales
from support.first_night_shares import beside, places, shares
from support.first_night_tables import counts, tables

YEARBOOK, FLOWS, OUTPUT = "city_yearbook", "input_output_flows", "industry_output"
CENSUS, NATIONAL, MEMBERS = "economic_census_employment", "national_series", "platform_members"
VALUE, GROSS, USERS = "value_million_usd", "gross_output_million_usd", "internet_users_million"
SERIES = YEARBOOK_VALUES.split()
PROVINCES = ("37", "61", "21", "44")
# Slips that no other province could have by itself; what is looser is listed in docs/quality.md.
TIGHT = [
    "gdp_100m_yuan",
    "retail_sales_100m_yuan",
    "deposits_100m_yuan",
    "loans_100m_yuan",
    "fiscal_expenditure_100m_yuan",
    "fiscal_revenue_100m_yuan",
    "secondary_output_100m_yuan",
    "fixed_asset_investment_100m_yuan",
    "science_expenditure_100m_yuan",
    "average_wage_yuan",
    "mobile_subscribers_10k",
    "broadband_subscribers_10k",
    "telecom_volume_100m_yuan",
    "patents_granted",
]
LOOSE = [
    "fdi_used_million_usd",
    "road_freight_10k_tonnes",
    "above_scale_industrial_firms",
    "college_students_persons",
    "land_area_km2",
    "registered_unemployed_persons",
]
# What no gate can know, with the reason; test_fuzz.py tries that it is indeed so.
UNKNOWABLE = {
    "members of industry 39 under 38": "two industries of one sector, each with members left",
    "secondary and tertiary output exchanged": "both are about half of GDP",
}
Select = Callable[[pd.DataFrame], pd.Series]


def first_night_corruptions() -> list[Corruption]:
    """All of them, by table; the knowable ones."""
    found = [
        Corruption(
            f"{table}: {label}", kind, table, columns, rewrite(label, table, edit, "parquet")
        )
        for kind, table, label, columns, edit in _edits()
    ]
    assert len({c.name for c in found}) == len(found)
    return found


def unknowable() -> list[Corruption]:
    """Those that nothing names, as `UNKNOWABLE` says."""
    edits = (
        (MEMBERS, "members of industry 39 under 38", _replace("industry_code", "39", "38")),
        (
            YEARBOOK,
            "secondary and tertiary output exchanged",
            _exchange("secondary_output_100m_yuan", "tertiary_output_100m_yuan"),
        ),
    )
    return [
        Corruption(name, "unknowable", t, (), rewrite(name, t, e, "parquet"))
        for t, name, e in edits
    ]


def _edits() -> Iterator[tuple]:
    yield from _units()
    yield from _columns()
    yield from _years()
    yield from _copies()
    yield from _tables()
    yield from _employment()
    yield from _others()
    yield from shares()
    yield from places()
    yield from beside()
    yield from exchanged()
    yield from multiplied()
    yield from scales()
    yield from meanings()
    yield from tables()
    yield from counts()
    yield from beside_others()
    yield from in_reverse()
    yield from on_lines()
    yield from other_forms()
    yield from tables_and_members()


def _units() -> Iterator[tuple]:
    """Provinces and blocks of rows in another unit, in all years."""
    for province in PROVINCES:
        chosen = _province(province)
        for column in TIGHT:
            factors = (1e4, 0.1, 10) if column != "average_wage_yuan" else (1 / 12, 1 / 6.5)
            for factor in factors:
                label = f"{column} of province {province} x {factor:.4g}"
                yield "unit", YEARBOOK, label, (column,), _scale(chosen, [column], factor)
        for column in LOOSE:
            label = f"{column} of province {province} x 10000"
            yield "unit", YEARBOOK, label, (column,), _scale(chosen, [column], 1e4)
        money = [name for name in SERIES if name.endswith("yuan")]
        label = f"money of province {province} in another currency"
        yield "unit", YEARBOOK, label, tuple(money), _scale(chosen, money, 1 / 6.8)
        column = "gdp_index_prev_year_100"
        label = f"rates of province {province} divided by 100 once more"
        yield "unit", YEARBOOK, label, (column,), _rates(chosen)
    for column in TIGHT[:8]:
        label = f"a block of {column} x 10"
        yield "unit", YEARBOOK, label, (column,), _scale(_block(0.1, 0.16), [column], 10)


def _columns() -> Iterator[tuple]:
    """Whole columns, or all years up to one, in another unit."""
    everywhere = _rows(lambda frame: frame["year"] > 0)
    early = _rows(lambda frame: frame["year"] <= 2011)
    for column, factor in (
        ("retail_sales_100m_yuan", 10), ("deposits_100m_yuan", 7), ("gdp_100m_yuan", 6.5),
        ("gdp_100m_yuan", 0.1), ("average_wage_yuan", 1 / 12), ("college_students_persons", 10),
        ("mobile_subscribers_10k", 10), ("fiscal_revenue_100m_yuan", 10), ("land_area_km2", 0.1),
        ("science_expenditure_100m_yuan", 10), ("registered_population_10k", 10),
        ("employed_persons_10k", 10), ("fdi_used_million_usd", 6.5),
        ("registered_unemployed_persons", 10), ("road_freight_10k_tonnes", 10),
        ("broadband_subscribers_10k", 10), ("loans_100m_yuan", 10),
        ("fixed_asset_investment_100m_yuan", 0.1), ("education_expenditure_100m_yuan", 0.1),
    ):  # fmt: skip
        yield (
            "column",
            YEARBOOK,
            f"{column} x {factor:.3g}",
            (column,),
            _scale(everywhere, [column], factor),
        )
        label = f"{column} up to 2011 x {factor:.3g}"
        yield "column", YEARBOOK, label, (column,), _scale(early, [column], factor)
    for one, other in (
        ("loans_100m_yuan", "deposits_100m_yuan"),
        ("fiscal_revenue_100m_yuan", "fiscal_expenditure_100m_yuan"),
        ("science_expenditure_100m_yuan", "education_expenditure_100m_yuan"),
        ("registered_population_10k", "employed_persons_10k"),
    ):
        yield "column", YEARBOOK, f"{one} under {other}", (one, other), _exchange(one, other)


def _years() -> Iterator[tuple]:
    for years in (-1, 1):
        for share in (1.0, 0.33, 0.1):
            label = f"years {years:+d} in {share:.0%} of the cities"
            yield "years", YEARBOOK, label, (), _shift(years, share)
        for column in ("gdp_100m_yuan", "gdp_index_prev_year_100", "cpi_prev_year_100"):
            label = f"{column} {years:+d} years"
            edit = _late(column, years)
            yield "years", YEARBOOK, label, ("gdp_100m_yuan", column), edit


def _copies() -> Iterator[tuple]:
    for share in (1.0, 0.5, 0.1):
        for year, other in ((2015, 2014), (2019, 2018), (2015, 2011)):
            label = f"{year} as {other} in {share:.0%} of the cities"
            yield "copy", YEARBOOK, label, (), _paste(SERIES, year, other, share)
    for column in ("gdp_100m_yuan", "patents_granted", "average_wage_yuan", "loans_100m_yuan"):
        label = f"{column} of 2015 as 2014"
        yield "copy", YEARBOOK, label, (column,), _paste([column], 2015, 2014, 0.4)
        label = f"{column} still in a third of the cities"
        yield "copy", YEARBOOK, label, (column,), _still([column], 0.34)
        for value in (0, 9999, 99999):
            label = f"{value} in a tenth of {column}"
            yield "heap", YEARBOOK, label, (column,), _heap(column, value)
    yield "copy", YEARBOOK, "a third of the cities still", (), _still(SERIES, 0.34)
    yield "copy", YEARBOOK, "two cities alike", (), _twins
    for value in (0, 9999):
        column = "fdi_used_million_usd"
        yield "heap", YEARBOOK, f"{value} in a tenth of {column}", (column,), _heap(column, value)


def _tables() -> Iterator[tuple]:
    both = ("supplying_sector", "using_sector")
    for factor in (1e-3, 0.1, 1 / 6.5, 10):
        yield "table", FLOWS, f"flows x {factor:.4g}", (VALUE,), _scale(None, [VALUE], factor)
        yield (
            "table",
            OUTPUT,
            f"output x {1 / factor:.4g}",
            (GROSS,),
            _scale(None, [GROSS], 1 / factor),
        )
    for year in (2009, 2012, 2018):
        of_year = _rows(lambda frame, year=year: frame["year"] == year)
        yield "table", FLOWS, f"flows of {year} / 1000", (VALUE,), _scale(of_year, [VALUE], 1e-3)
        yield "table", FLOWS, f"{year} turned", both, _turn(of_year)
    yield "table", FLOWS, "all years turned", both, _turn(_rows(lambda frame: frame["year"] > 0))
    yield "table", FLOWS, "2012 as 2011", (), _paste_table
    for column in both:
        for sector in ("D62T63", "D25"):
            one = _rows(lambda frame, c=column, s=sector: frame[c] == s)
            label = f"{column} {sector} / 1000"
            yield "table", FLOWS, label, (VALUE, column), _scale(one, [VALUE], 1e-3)
            yield (
                "table",
                FLOWS,
                f"{column} {sector} zero",
                (VALUE, column),
                _scale(one, [VALUE], 0),
            )
    one = _rows(lambda frame: frame["sector"] == "D62T63")
    yield "table", OUTPUT, "output of a sector x 10", (GROSS,), _scale(one, [GROSS], 10)


def _employment() -> Iterator[tuple]:
    column = "employed_persons"
    for code in ("35", "62"):
        one = _rows(lambda frame, code=code: frame["industry_code"] == code)
        label = f"industry {code} in 10,000 persons"
        yield "unit", CENSUS, label, (column,), _scale(one, [column], 1e-4)
    for factor in (1e-4, 10):
        yield "unit", CENSUS, f"census x {factor:g}", (column,), _scale(None, [column], factor)
    yield (
        "unit",
        CENSUS,
        "census of a province x 10",
        (column,),
        _scale(_province("37"), [column], 10),
    )
    # The row is refused, and its reason names the column.
    yield "range", CENSUS, "1e18 in a cell", (), _cell(column, 1e18)
    yield "range", YEARBOOK, "1e300 in a cell", (), _cell("gdp_100m_yuan", 1e300)
    yield "range", FLOWS, "1e300 in a flow", (), _cell(VALUE, 1e300)


def _others() -> Iterator[tuple]:
    yield (
        "nation",
        NATIONAL,
        "a constant",
        (USERS,),
        lambda frame, rng: frame.assign(**{USERS: 500.0}),
    )
    yield "nation", NATIONAL, "users x 10", (USERS,), _scale(None, [USERS], 10)
    late = _rows(lambda frame: frame["year"] >= 2012)
    yield "nation", NATIONAL, "users from 2012 x 10", (USERS,), _scale(late, [USERS], 10)
    for province in ("37", "62", "44"):
        label = f"members of province {province} in its capital"
        yield "members", MEMBERS, label, ("city_code",), _into_capital(province)
    gone = _province("37")
    edit: Edit = lambda frame, rng: frame[~gone(frame)]  # noqa: E731
    yield "members", MEMBERS, "no members in a province", ("city_code",), edit
    edit = lambda frame, rng: frame[frame["joined_year"] != 2012]  # noqa: E731
    yield "members", MEMBERS, "nobody joined in 2012", ("joined_year",), edit


def _rows(condition: Select) -> Select:
    return condition


def _province(code: str) -> Select:
    return lambda frame: frame["city_code"].astype(str).str[:2] == code


def _block(start: float, end: float) -> Select:
    def chosen(frame: pd.DataFrame) -> pd.Series:
        codes = sorted(frame["city_code"].unique())
        return frame["city_code"].isin(codes[int(start * len(codes)) : int(end * len(codes))])

    return chosen


def _put(frame: pd.DataFrame, columns: list[str], rows, values) -> pd.DataFrame:
    changed = frame.astype(dict.fromkeys(columns, "float64"))
    changed.loc[rows, columns] = values
    return changed


def _scale(select: Select | None, columns: list[str], factor: float) -> Edit:
    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = select(frame) if select else np.ones(len(frame), dtype=bool)
        return _put(frame, columns, rows, frame.loc[rows, columns].to_numpy(float) * factor)

    return edit


def _rates(select: Select) -> Edit:
    column = "gdp_index_prev_year_100"

    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = select(frame)
        return _put(frame, [column], rows, 100 + (frame.loc[rows, [column]].to_numpy() - 100) / 100)

    return edit


def _exchange(one: str, other: str) -> Edit:
    return lambda frame, rng: frame.assign(**{one: frame[other], other: frame[one]})


def _replace(column: str, old: str, new: str) -> Edit:
    return lambda frame, rng: frame.assign(**{column: frame[column].replace(old, new)})


def _some_cities(frame: pd.DataFrame, rng: np.random.Generator, share: float) -> pd.Series:
    codes = sorted(frame["city_code"].unique())
    chosen = rng.choice(codes, max(1, round(share * len(codes))), replace=False)
    return frame["city_code"].isin(chosen)


def _shift(years: int, share: float) -> Edit:
    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        late = _some_cities(frame, rng, share)
        return frame.assign(year=frame["year"] + years * late.astype("int32"))

    return edit


def _late(column: str, years: int) -> Edit:
    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        frame = frame.sort_values(["city_code", "year"])
        return frame.assign(**{column: frame.groupby("city_code")[column].shift(years)})

    return edit


def _paste(columns: list[str], year: int, other: int, share: float) -> Edit:
    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = (frame["year"] == year) & _some_cities(frame, rng, share)
        source = frame[frame["year"] == other].set_index("city_code")
        return _put(
            frame, columns, rows, source.loc[frame.loc[rows, "city_code"], columns].to_numpy()
        )

    return edit


def _still(columns: list[str], share: float) -> Edit:
    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        rows = _some_cities(frame, rng, share)
        source = frame[frame["year"] == 2012].set_index("city_code")
        return _put(
            frame, columns, rows, source.loc[frame.loc[rows, "city_code"], columns].to_numpy()
        )

    return edit


def _heap(column: str, value: float) -> Edit:
    return lambda frame, rng: _put(frame, [column], rng.random(len(frame)) < 0.1, value)


def _twins(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    one, other = rng.choice(sorted(frame["city_code"].unique()), 2, replace=False)
    figures = frame.loc[frame["city_code"] == one, SERIES].to_numpy()
    return _put(frame, SERIES, frame["city_code"] == other, figures)


def _turn(select: Select) -> Edit:
    both = ["supplying_sector", "using_sector"]

    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        changed, rows = frame.copy(), select(frame)
        changed.loc[rows, both] = frame.loc[rows, both[::-1]].to_numpy()
        return changed

    return edit


def _paste_table(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    copied = frame[frame["year"] == 2011].assign(year=2012)
    return pd.concat([frame[frame["year"] != 2012], copied.astype(frame.dtypes)])


def _cell(column: str, value: float) -> Edit:
    return lambda frame, rng: _put(frame, [column], [rng.integers(len(frame))], value)


def _into_capital(province: str) -> Edit:
    chosen = _province(province)

    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        return frame.assign(city_code=frame["city_code"].where(~chosen(frame), f"{province}0100"))

    return edit
