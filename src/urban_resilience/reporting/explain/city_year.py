"""How the index of a city in a year came about, down to the file and row of every raw cell."""

from __future__ import annotations

import re
from difflib import get_close_matches

import duckdb

from urban_resilience.reporting.rows import Row, rows, unit_of
from urban_resilience.reporting.words import number
from urban_resilience.shared.refusal import Refusal

# Functions of the expressions whose last argument is a number of years.
WINDOW = re.compile(r"rolling_\w+\(.*?,\s*(\d+)\)")


class NothingToExplainError(Refusal, ValueError):
    """A city, year, index or specification that the warehouse does not have."""


def explain_city_year(
    connection: duckdb.DuckDBPyConnection, city: str, year: int, index_id: str = ""
) -> str:
    """Say how a score came about.

    Parameters
    ----------
    connection
        To a built warehouse.
    city
        Its code, or its name in English or Chinese.
    year
        A study year.
    index_id
        Row of `index_definitions`; the first in the panel, `resi` in the shipped study, if empty.

    Returns
    -------
    str
        Score and rank, each indicator with value, score, weight and what it adds, and below it the
        raw series of its expression: value, how it came about, file and row.

    Raises
    ------
    NothingToExplainError
        No such city, year or index; the message names what there is.
    """
    place = find_city(connection, city)
    index_id = _index(connection, index_id)
    score = rows(
        connection,
        "select score, rank_in_year, data_origin,"
        " count(*) over () as ranked from (select * from indices.fct_index_scores"
        " where index_id = $1 and year = $2) qualify city_code = $3",
        [index_id, year, place["city_code"]],
    ) or _scores_of_all(connection, index_id, year, place)
    found = rows(
        connection,
        "select contributions.*, expression from indices.fct_index_contributions as contributions"
        " left join reference.resilience_indicators using (indicator_id)"
        " where index_id = ? and city_code = ? and year = ?"
        " order by contribution desc nulls last, indicator_id",
        [index_id, place["city_code"], year],
    )
    head = score[0]
    lines = [
        f"{place['en']} ({place['zh']}, {place['city_code']}), {year}: {index_id}"
        f" {number(head['score'])}, rank {head['rank_in_year']} of {head['ranked']}"
    ]
    if head["data_origin"] == "simulated":
        lines.append("SIMULATED DATA: it tests plumbing and proves nothing about the world.")
    for row in found:
        lines += ["", _indicator(row)]
        lines += _inputs(connection, row, str(place["city_code"]), year)
    adds = [row["contribution"] for row in found]
    if adds and all(isinstance(value, float) for value in adds):
        total = sum(float(str(value)) for value in adds)
        lines += ["", f"Sum of what the indicators add: {number(total)}"]
    elif found:
        lines += ["", f"No sum: {found[0]['split']}"]
    return "\n".join(lines)


def find_city(connection: duckdb.DuckDBPyConnection, city: str) -> Row:
    """Find a city by code or name.

    Raises
    ------
    NothingToExplainError
        None, or several of that name.
    """
    listed = rows(
        connection,
        "select city_code, city_name_en as en, coalesce(city_name_zh, city_name_en) as zh"
        " from reference.dim_cities order by city_code",
    )
    wanted = city.strip().casefold()
    hits = [
        row
        for row in listed
        if wanted
        in {
            str(row["city_code"]).casefold(),
            str(row["en"]).casefold(),
            str(row["zh"]).casefold(),
            str(row["zh"]).removesuffix("市").casefold(),
        }
    ]
    if len(hits) == 1:
        return hits[0]
    names = [str(row["en"]) for row in (hits or listed)]
    # Suzhou is two cities, each named with its province.
    begun = [name for name in names if name.casefold().startswith(wanted)]
    near = names if hits else begun[:5] or get_close_matches(city.title(), names, 3, 0.5)
    unit = unit_of(connection)
    raise NothingToExplainError(
        (
            f"{len(hits)} {unit.many} are called {city!r}"
            if hits
            else f"no {unit.one} is called {city!r}"
        )
        + (f"; near it: {', '.join(near)}" if near else "")
        + ". Give the code, or the full name in either language"
    )


def _index(connection: duckdb.DuckDBPyConnection, index_id: str) -> str:
    there = [
        str(row["index_id"])
        for row in rows(
            connection,
            "select definitions.index_id, min(position) as place"
            " from reference.index_definitions as definitions"
            " left join reference.panel_variables on expression = 'index.' || index_id"
            " where index_id in (select distinct index_id from indices.fct_index_contributions)"
            " group by all order by place nulls last, index_id",
        )
    ]
    if index_id in there or (not index_id and there):
        return index_id or there[0]
    if not there:
        raise NothingToExplainError(
            "this study has no index: a row of index_definitions makes one; `explain-spec` tells"
            " a regression"
        )
    raise NothingToExplainError(f"there is no index {index_id!r}; there are: {', '.join(there)}")


def _scores_of_all(
    connection: duckdb.DuckDBPyConnection, index_id: str, year: int, place: Row
) -> list[Row]:
    """Say why a city has no score in a year: it always ends in the error."""
    years = [
        str(row["year"])
        for row in rows(
            connection,
            "select year from indices.fct_index_scores where index_id = ? and city_code = ?"
            " order by year",
            [index_id, place["city_code"]],
        )
    ]
    decision = rows(
        connection,
        "select reason, is_kept from panel.fct_sample_decisions where city_code = ?",
        [place["city_code"]],
    )
    why = f": {decision[0]['reason']}" if decision and not decision[0]["is_kept"] else ""
    has = f"it has {years[0]} to {years[-1]}" if years else f"it has none at all{why}"
    raise NothingToExplainError(f"{place['en']} has no {index_id} in {year}; {has}")


def _indicator(row: Row) -> str:
    adds = number(row["contribution"]) or "no share of its own"
    change = row["contribution_change"]
    moved = f" ({change:+.4f} on the year before)" if isinstance(change, float) else ""
    return (
        f"{row['indicator_id']} = {number(row['value'])}: score {number(row['score'])}"
        f" x weight {number(row['weight'])} adds {adds}{moved}"
    )


def _inputs(connection: duckdb.DuckDBPyConnection, row: Row, city: str, year: int) -> list[str]:
    """List the raw series of an expression, in every year that it reads."""
    expression = str(row["expression"] or "")
    window = max((int(years) for years in WINDOW.findall(expression)), default=1)
    cells = rows(
        connection,
        "select series, year, supplied_value, value, imputation_code, source_file, source_row"
        " from panel.fct_series"
        " left join (select city_code, year, source_file, source_row"
        " from staging.base_yearbook__city_years where rule is null) using (city_code, year)"
        " where city_code = ? and year between ? and ? order by series, year",
        [city, year - window + 1, year],
    )
    named = set(re.findall(r"\w+", expression))
    lines = [f"  = {expression}"] if expression else []
    for cell in cells:
        if cell["series"] in named:
            lines.append(f"    {cell['series']} {cell['year']}: {_cell(cell)}")
    return lines


def _cell(cell: Row) -> str:
    value = number(cell["value"]) or "missing"
    code = str(cell["imputation_code"] or "observed")
    if code == "observed":
        return f"{value}, {cell['source_file']} row {cell['source_row']}"
    supplied = number(cell["supplied_value"])
    return f"{value}, {code}" + (f" (supplied: {supplied})" if supplied else "")
