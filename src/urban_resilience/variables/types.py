"""The type of an expression, found on a table without rows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import duckdb

from urban_resilience.variables.catalog import KEYS, NUMBER
from urban_resilience.variables.compile import Step
from urban_resilience.variables.expression import ExpressionError

NUMBERS = ("DOUBLE", "FLOAT", "HUGEINT", "BIGINT", "INTEGER", "SMALLINT", "TINYINT")
OTHERS = ("BOOLEAN", "VARCHAR")


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"enable_external_access": False})


def type_of(column: str, steps: Iterable[Step]) -> str:
    """Type of a column: ``double`` for whatever number, ``boolean`` or ``varchar``.

    Parameters
    ----------
    column
        One of the steps.
    steps
        The column, and all that it is computed from, by layer.

    Raises
    ------
    ExpressionError
        The database refuses it (a text times a number), or it gives another type.
    """
    types = dict(KEYS)
    found = ""
    with _database().cursor() as connection:
        for step in steps:
            if step.source:
                types[step.column] = step.source.data_type
                continue
            nothing = ", ".join(f"null::{kind} as {name}" for name, kind in types.items())
            query = f"describe select {step.sql} as answer from (select {nothing})"
            try:
                found = str(connection.execute(query).fetchall()[0][1])
            except duckdb.Error as error:
                raise ExpressionError(str(error).splitlines()[0]) from error
            types[step.column] = found
    found = types[column]
    if found.upper() in NUMBERS or found.startswith("DECIMAL"):
        return NUMBER
    if found.upper() in OTHERS:
        return found.lower()
    raise ExpressionError(f"it gives {found}: a number, true or false, or text")
