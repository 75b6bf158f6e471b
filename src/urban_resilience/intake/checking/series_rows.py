"""Rows of seed ``raw_columns`` become columns of relations: checked before anything is built."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from functools import cache

from urban_resilience.intake.cells.text import key
from urban_resilience.intake.vocabulary.contract import OWN_LISTS, YEARBOOK
from urban_resilience.shared.names import nearest, reserved_words
from urban_resilience.shared.problems import Problem
from urban_resilience.shared.project import CONTRACT, SeedRow, seed_rows
from urban_resilience.shared.yaml_files import read_yaml

RAW_COLUMNS = "raw_columns"
ANY = "any"
COUNT = "count"
NAME = re.compile(r"[a-z][a-z0-9_]{0,51}")
CODE_OF_VALUE = "_imputation"
# What stands beside the series in one relation or another.
FIXED = ("city_code", "city_name_zh", "year", "source_file", "source_row", "unreadable",
         "rule", "reason", "series", "value", "data_origin")  # fmt: skip
# A dimension is a word of the study's own unless it looks like a slip of a known one.
LIKENESS_OF_A_SLIP = 0.85
WORDS = {
    "area_scope": ("", "city", "urban"),
    "may_be_negative": ("", "true", "false"),
    "is_lumpy": ("", "true", "false"),
    "is_auxiliary": ("", "true", "false"),
    "edge_fill": ("", "nearest"),
}


def series_names(with_auxiliary: bool = True) -> list[str]:
    """Names of the study's series, as they stand in the seed; all, or those of the panel."""
    return [
        row["column_name"]
        for row in seed_rows(RAW_COLUMNS)
        if row["table_name"] == YEARBOOK and (with_auxiliary or row["is_auxiliary"] != "true")
    ]


def raw_column_problems() -> list[Problem]:
    """Check every row; empty when nothing is wrong."""
    rows = seed_rows(RAW_COLUMNS)
    problems = [
        Problem(row.seed, f"row {row.line}, `{row['column_name']}`: {fault}", "Correct the row.")
        for row in rows
        for fault in _faults(row)
    ]
    problems += _repetitions(rows)
    if not any(row["table_name"] == YEARBOOK for row in rows):
        what = f"no row has the table_name {YEARBOOK}: the study has no series."
        problems.append(Problem(f"seed {RAW_COLUMNS}", what, "Add a row for each series."))
    return problems


def _faults(row: SeedRow) -> Iterator[str]:
    table, name = row["table_name"], row["column_name"]
    tables = _fixed_columns()
    if table not in (ANY, *tables):
        yield f"there is no table `{table}`{nearest(table, (*tables, ANY))}."
        return
    if table != YEARBOOK:
        known = set().union(*tables.values()) if table == ANY else tables[table]
        if name not in known:
            yield f"table {table} has no such column{nearest(name, known)}."
        return
    yield from _faults_of_name(name)
    for column, allowed in WORDS.items():
        if row[column] not in allowed:
            listed = ", ".join(word for word in allowed if word)
            yield f"{column} is {row[column]!r}; it may be {listed} or empty."
    if not row["description"].strip():
        yield "description is empty: say in a sentence what the series is."
    yield from _faults_of_unit(row)
    yield from _faults_of_bounds(row)


def _faults_of_name(name: str) -> Iterator[str]:
    if not NAME.fullmatch(name):
        yield (
            "column_name must be lower-case letters, digits and underscores, a letter first, "
            "52 at most."
        )
    elif name in reserved_words():
        yield f"`{name}` is a word of SQL; add the unit to the name."
    elif name in FIXED:
        yield f"`{name}` is a column of every table already; give the series another name."


def _faults_of_unit(row: SeedRow) -> Iterator[str]:
    units: dict[str, list[str]] = {}
    for known in seed_rows("unit_conversions"):
        units.setdefault(known["dimension"], []).append(known["unit"])
    dimension, unit = row["dimension"], row["unit"]
    if not dimension:
        yield (
            "dimension is empty: name what the series measures, one of "
            f"{', '.join(units)} or a word of your own."
        )
    elif dimension in units:
        if unit not in units[dimension] and not (dimension == COUNT and not unit):
            yield f"unit {unit!r} is none of {dimension}{nearest(unit, units[dimension])}."
    else:
        slip = get_close_matches(dimension, [*units, COUNT], n=1, cutoff=LIKENESS_OF_A_SLIP)
        if slip and dimension != COUNT:
            yield f"dimension {dimension!r} looks like `{slip[0]}`; write that, or another word."


def _faults_of_bounds(row: SeedRow) -> Iterator[str]:
    bounds = []
    for column in ("lowest_median", "highest_median"):
        try:
            bounds.append(float(row[column]) if row[column] else None)
        except ValueError:
            yield f"{column} is {row[column]!r}, not a number."
            return
    low, high = bounds
    if low is not None and high is not None and low > high:
        yield f"lowest_median {low:g} is above highest_median {high:g}."


def _repetitions(rows: Collection[SeedRow]) -> Iterator[Problem]:
    counted = Counter((row["table_name"], row["column_name"]) for row in rows)
    seed = next((row.seed for row in rows), RAW_COLUMNS)
    for (table, name), times in counted.items():
        if times > 1:
            what = f"`{name}` of {table} stands there {times} times."
            yield Problem(seed, what, "Keep one row.")
    series = {row["column_name"] for row in rows if row["table_name"] == YEARBOOK}
    for name in sorted(series):
        valued = name.removesuffix(CODE_OF_VALUE)
        if valued != name and valued in series:
            what = f"`{name}` is the column that says how `{valued}` came about."
            yield Problem(seed, what, "Give the series another name.")
    yield from _one_name_for_two(rows, series)


def _one_name_for_two(rows: Collection[SeedRow], series: set[str]) -> Iterator[Problem]:
    """Find names over a column that would mean two series."""
    meant: dict[str, str] = {}
    for alias in seed_rows("column_aliases"):
        if alias["table_name"] == YEARBOOK and alias["column_name"] in series:
            meant.setdefault(key(alias["alias"]), alias["column_name"])
    for row in rows:
        if row["table_name"] != YEARBOOK:
            continue
        for column in ("column_name", "name_en", "name_zh"):
            other = meant.setdefault(key(row[column]), row["column_name"]) if row[column] else ""
            if other not in ("", row["column_name"]):
                name = row["column_name"]
                what = f"{column} {row[column]!r} of `{name}` is a header of `{other}` too."
                yield Problem(row.seed, what, "Say what tells the two apart.")


@cache
def _fixed_columns() -> dict[str, tuple[str, ...]]:
    """Columns of every table as the contract lists them."""
    document = read_yaml(CONTRACT)
    raw = next(source for source in document["sources"] if source["name"] == "raw")
    return {
        table["name"]: tuple(column["name"] for column in table["columns"])
        for table in raw["tables"]
        if table["name"] not in OWN_LISTS
    }
