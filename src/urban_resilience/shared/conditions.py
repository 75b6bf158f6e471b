"""Conditions in SQL that a seed row brings, and that must not do anything else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

import duckdb
import numpy as np
import pandas as pd

from urban_resilience.shared.database import name as identifier
from urban_resilience.shared.database import sealed

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

# Comparisons of a column with one value.
EQUALITIES = frozenset(
    [
        "COMPARE_EQUAL",
        "COMPARE_NOTEQUAL",
        "COMPARE_DISTINCT_FROM",
        "COMPARE_NOT_DISTINCT_FROM",
    ]
)


class ConditionError(ValueError):
    """A text is not a condition over the rows; the message says why.

    Most are found before a build. Text read as a number shows only on the rows themselves.
    """


def select_rows(panel: pd.DataFrame, condition: str) -> pd.DataFrame:
    """Rows of the panel that satisfy a SQL condition, in city and year order.

    Raises
    ------
    ConditionError
        As :func:`satisfied` does.
    """
    rows = panel[satisfied(panel, condition)] if condition else panel
    keys = [name for name in ("city_code", "year") if name in rows.columns]
    return rows.sort_values(keys, ignore_index=True) if keys else rows.reset_index(drop=True)


def satisfied(panel: pd.DataFrame, condition: str) -> np.ndarray:
    """Tell for each row of the panel whether it satisfies a SQL condition.

    The condition is parsed first (:func:`check_condition`) and runs in a database of its own that
    can reach no file and holds only the panel.

    Raises
    ------
    ConditionError
        It is not a condition, or does not work on the panel.
    """
    # What a cursor registers is its own: other threads have their panels.
    named = check_condition(condition)
    with sealed().cursor() as connection:
        # Columns of text are slow to hand over: only those that are asked for. A name that is no
        # column finds all of them, so that the message can say which come near.
        known = [name for name in panel.columns if name.lower() in named]
        connection.register("panel", panel[known] if len(known) == len(named) > 0 else panel)
        return _answers(connection, condition)


def check_on_numbers(condition: str) -> None:
    """Check that a condition works where every column that it names holds numbers.

    Raises
    ------
    ConditionError
        As :func:`satisfied` does, but for names that are no column.
    """
    columns = [f"null::double as {identifier(name)}" for name in sorted(check_condition(condition))]
    with sealed().cursor() as connection:
        _ask(connection, condition, f"(select {', '.join(columns) or 'null'} where false)")


def named_in(condition: str) -> set[str]:
    """Columns that a condition or an expression names, in lower case.

    Raises
    ------
    ConditionError
        It is none, or holds what has no place in one.
    """
    return set(check_condition(condition))


def compared_texts(condition: str) -> set[tuple[str, str]]:
    """Find which texts and whole numbers a condition asks a column to equal, or not to.

    Returns
    -------
    set of (str, str)
        Each column in lower case, with one of them.

    Raises
    ------
    ConditionError
        It is no condition.
    """
    found = set()
    for part in _parts(_parsed(condition)):
        sides = [part["left"], part["right"]] if part["type"] in EQUALITIES else []
        sides = part["children"] if part["type"] == "COMPARE_IN" else sides
        columns = [side["column_names"][-1].lower() for side in sides if "column_names" in side]
        literals = [side["literal"] for side in sides if side["class"] == "CONSTANT"]
        found |= {
            (column, str(literal["text"]))
            for column in columns
            for literal in literals
            if literal["kind"] in ("STRING", "INTEGER")
        }
    return found


@cache
def _parsed(condition: str) -> dict:
    """Parse a condition: one expression, as DuckDB reads it."""
    query = f"select ({condition}\n) from panel"
    with sealed().cursor() as connection:
        written = connection.execute("select json_serialize_sql(?)", [query]).fetchall()[0][0]
    parsed = json.loads(written)
    if parsed["error"]:
        raise ConditionError(parsed["error_message"].splitlines()[0])
    # Brackets that close early can make it a list, or a union of two queries.
    expressions = [
        expression
        for statement in parsed["statements"]
        for expression in statement["node"].get("select_list", ())
    ]
    if len(expressions) != 1:
        raise ConditionError("it is not one expression")
    return expressions[0]


@cache
def check_condition(condition: str) -> frozenset[str]:
    """Allow one expression of columns, constants, comparisons and a short list of functions.

    Returns
    -------
    frozenset of str
        The columns it names, in lower case.

    Raises
    ------
    ConditionError
        Naming the first part that is not allowed.
    """
    named: set[str] = set()
    for part in _parts(_parsed(condition)):
        named.update(name.lower() for name in part.get("column_names", ())[-1:])
        if part["class"] not in EXPRESSIONS:
            raise ConditionError(f"{part['class'].lower()} is not allowed in a condition")
        function = part.get("function_name")
        if part["class"] == "FUNCTION" and function not in FUNCTIONS:
            known = ", ".join(sorted(name for name in FUNCTIONS if name.isidentifier()))
            raise ConditionError(f"function {function} is not allowed (allowed: {known})")
    return frozenset(named)


def _parts(node: object) -> Iterator[dict]:
    if isinstance(node, dict):
        if "class" in node:
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from _parts(item)


def _answers(connection: duckdb.DuckDBPyConnection, condition: str) -> np.ndarray:
    # On the rows themselves: some faults, such as text read as a number, show only there.
    answers = _ask(connection, condition, "panel")
    return answers["answer"].astype("boolean").fillna(False).to_numpy(bool)


def _ask(connection: duckdb.DuckDBPyConnection, condition: str, source: str) -> pd.DataFrame:
    try:
        answers = connection.execute(f"select ({condition}\n) as answer from {source} as panel")
        kind = str(answers.description[0][1])
        if kind != "BOOLEAN":
            raise ConditionError(f"it gives {kind}, not true or false")
        return answers.df()
    except duckdb.Error as error:
        # The line after an unknown column names those that look like it.
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        candidates = [line for line in lines[1:] if line.startswith("Candidate")]
        raise ConditionError(" ".join([*lines[:1], *candidates])) from error
