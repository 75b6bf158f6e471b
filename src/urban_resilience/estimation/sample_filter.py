"""Sample filters: conditions in SQL that a seed row brings, and that must not do anything else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

import duckdb
import numpy as np
import pandas as pd

from urban_resilience.estimation.not_estimable import NotEstimableError

# Parts of an expression that compare, combine and compute. What is not here (subqueries, windows,
# lambdas, table functions) has no place in a condition on one row.
EXPRESSIONS = frozenset(
    [
        "BETWEEN",
        "CASE",
        "CAST",
        "COLUMN_REF",
        "COMPARISON",
        "CONJUNCTION",
        "CONSTANT",
        "FUNCTION",
        "OPERATOR",
        "TYPE",
    ]
)
# The signs are functions to DuckDB: ~~ is LIKE, its variants are NOT LIKE and ILIKE.
FUNCTIONS = frozenset(
    [
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "~~",
        "!~~",
        "~~*",
        "!~~*",
        "abs",
        "ceil",
        "contains",
        "ends_with",
        "exp",
        "floor",
        "greatest",
        "least",
        "left",
        "length",
        "ln",
        "log10",
        "lower",
        "pow",
        "right",
        "round",
        "sign",
        "sqrt",
        "starts_with",
        "substring",
        "trim",
        "upper",
    ]
)


class SampleFilterError(NotEstimableError):
    """A sample filter is not a condition over the panel; the message says why.

    Most are found before a build. What shows only on the rows themselves, such as text read as a
    number, leaves a regression without its sample.
    """


def select_sample(panel: pd.DataFrame, sample_filter: str) -> pd.DataFrame:
    """Rows of the panel that satisfy a SQL condition, in city and year order.

    Raises
    ------
    SampleFilterError
        As :func:`satisfied` does.
    """
    rows = panel[satisfied(panel, sample_filter)] if sample_filter else panel
    keys = [name for name in ("city_code", "year") if name in rows.columns]
    return rows.sort_values(keys, ignore_index=True) if keys else rows.reset_index(drop=True)


def satisfied(panel: pd.DataFrame, sample_filter: str) -> np.ndarray:
    """Tell for each row of the panel whether it satisfies a SQL condition.

    The condition is parsed first (:func:`check_filter`) and runs in a database of its own that can
    reach no file and holds only the panel.

    Raises
    ------
    SampleFilterError
        It is not a condition, or does not work on the panel.
    """
    # What a cursor registers is its own: other threads have their panels.
    with _database().cursor() as connection:
        check_filter(connection, sample_filter)
        connection.register("panel", panel)
        return _answers(connection, sample_filter)


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """Open the database of all filters once: opening one takes longer than any filter."""
    return duckdb.connect(config={"enable_external_access": False})


def check_filter(connection: duckdb.DuckDBPyConnection, sample_filter: str) -> None:
    """Allow one expression of columns, constants, comparisons and a short list of functions.

    Raises
    ------
    SampleFilterError
        Naming the first part that is not allowed.
    """
    query = f"select ({sample_filter}\n) from panel"
    parsed = json.loads(
        connection.execute("select json_serialize_sql(?)", [query]).fetchall()[0][0]
    )
    if parsed["error"]:
        raise SampleFilterError(parsed["error_message"].splitlines()[0])
    # Brackets that close early can make it a list, or a union of two queries.
    expressions = [
        expression
        for statement in parsed["statements"]
        for expression in statement["node"].get("select_list", ())
    ]
    if len(expressions) != 1:
        raise SampleFilterError("it is not one expression")
    for part in _parts(expressions[0]):
        if part["class"] not in EXPRESSIONS:
            raise SampleFilterError(f"{part['class'].lower()} is not allowed in a condition")
        function = part.get("function_name")
        if part["class"] == "FUNCTION" and function not in FUNCTIONS:
            known = ", ".join(sorted(name for name in FUNCTIONS if name.isidentifier()))
            raise SampleFilterError(f"function {function} is not allowed (allowed: {known})")


def _parts(node: object) -> Iterator[dict]:
    if isinstance(node, dict):
        if "class" in node:
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from _parts(item)


def _answers(connection: duckdb.DuckDBPyConnection, sample_filter: str) -> np.ndarray:
    # On the rows themselves: some faults, such as text read as a number, show only there.
    try:
        answers = connection.execute(f"select ({sample_filter}\n) as answer from panel")
        kind = str(answers.description[0][1])
        if kind != "BOOLEAN":
            raise SampleFilterError(f"it gives {kind}, not true or false")
        return answers.df()["answer"].astype("boolean").fillna(False).to_numpy(bool)
    except duckdb.Error as error:
        # The line after an unknown column names those that look like it.
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        candidates = [line for line in lines[1:] if line.startswith("Candidate")]
        raise SampleFilterError(" ".join([*lines[:1], *candidates])) from error
