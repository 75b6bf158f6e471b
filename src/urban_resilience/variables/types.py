"""The type of an expression, found on a table without rows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import duckdb

from urban_resilience.shared.database import sealed
from urban_resilience.variables.catalog import KEYS, NUMBER
from urban_resilience.variables.compile import Step
from urban_resilience.variables.expression import ExpressionError

NUMBERS = ("DOUBLE", "FLOAT", "HUGEINT", "BIGINT", "INTEGER", "SMALLINT", "TINYINT")
OTHERS = ("BOOLEAN", "VARCHAR")
# What helps where a group or a comparison stands in a calculation.
OF_TRUTHS = "; what is true or false is no number: write case when ... then 1 else 0 end"
WORD = re.compile(r"\w+")


@lru_cache(maxsize=10_000)
def _described(sql: str, inputs: tuple[tuple[str, str], ...]) -> str:
    """Ask the database for a type; variables that stand on the same others ask the same."""
    nothing = ", ".join(["null as nothing", *(f"null::{kind} as {name}" for name, kind in inputs)])
    query = f"describe select {sql} as answer from (select {nothing})"
    try:
        with sealed().cursor() as connection:
            return str(connection.execute(query).fetchall()[0][1])
    except duckdb.Error as error:
        said = str(error).splitlines()[0].split(" You might need")[0].split(" - an ")[0]
        remedy = OF_TRUTHS if "BOOLEAN" in said and "VARCHAR" not in said else ""
        raise ExpressionError(f"its parts do not go together: {said}{remedy}") from error


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
    for step in steps:
        if step.source:
            types[step.column] = step.source.data_type
            continue
        read = dict.fromkeys(WORD.findall(step.sql))
        types[step.column] = _described(
            step.sql, tuple((name, types[name]) for name in read if name in types)
        )
    found = types[column]
    if found.upper() in NUMBERS or found.startswith("DECIMAL"):
        return NUMBER
    if found.upper() in OTHERS:
        return found.lower()
    raise ExpressionError(f"it gives {found}: a number, true or false, or text")
