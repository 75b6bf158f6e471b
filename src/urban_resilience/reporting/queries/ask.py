"""One question in SQL and its answer, within limits of rows and of time."""

from __future__ import annotations

import datetime
import decimal
import math
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from urban_resilience.reporting.queries.sandbox import opened, relations, stopped_after
from urban_resilience.shared.names import nearest
from urban_resilience.shared.refusal import Refusal

ROWS, SECONDS = 1000, 60.0
# A pivot is several statements to DuckDB, which it makes itself.
READING = {"SELECT", "EXPLAIN", "MULTI"}
NO_RELATION = re.compile(r"Table with name (\S+) does not exist")
# The analyses name relations as dbt does; a name alone finds them here.
REF = re.compile(r"\{\{ *ref\('(\w+)'\) *\}\}")
# Whole numbers beyond it are not exact in JavaScript.
LARGEST = 2**53


class QueryError(Refusal, ValueError):
    """A question that cannot be answered, in words."""


@dataclass(frozen=True)
class Answer:
    """What a query gave.

    Attributes
    ----------
    columns
        Names, in order.
    rows
        Values, in the order of the query.
    is_cut
        Whether there were more rows than were asked for.
    seconds
        It took.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    is_cut: bool
    seconds: float


def ask(warehouse: Path, sql: str, rows: int = ROWS, seconds: float = SECONDS) -> Answer:
    """Answer a query with its first rows.

    Parameters
    ----------
    warehouse
        A published file; it is only read.
    sql
        One statement that reads: ``select``, ``from``, ``describe``, ``pivot``, ``explain``. A
        ``{{ ref('...') }}`` of dbt is the relation.
    rows
        How many at most.
    seconds
        After which it is stopped.

    Raises
    ------
    QueryError
        It is no such statement, cannot be answered, or took too long.
    """
    start = time.monotonic()
    with _answering(warehouse, sql, seconds) as (connection, text):
        cursor = connection.execute(text)
        columns = tuple(column[0] for column in cursor.description or ())
        found = cursor.fetchmany(rows + 1)
    taken = time.monotonic() - start
    return Answer(columns, tuple(found[:rows]), len(found) > rows, taken)


def ask_arrow(
    warehouse: Path, sql: str, rows: int | None = None, seconds: float = SECONDS
) -> tuple[pa.Table, bool]:
    """Answer as `ask` does, with types kept, and all rows unless a number is given.

    Returns
    -------
    tuple
        The table, and whether there were more rows.
    """
    with _answering(warehouse, sql, seconds) as (connection, text):
        table = connection.sql(text).to_arrow_table()
    is_cut = rows is not None and table.num_rows > rows
    return (table.slice(0, rows) if is_cut else table), is_cut


def plain_value(value: Any) -> Any:
    """Turn a value into one that JSON has; what is not finite is null."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= LARGEST else str(value)
    if isinstance(value, float | decimal.Decimal):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain_value(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain_value(item) for key, item in value.items()}
    return value.hex() if isinstance(value, bytes) else str(value)


@contextmanager
def _answering(
    warehouse: Path, sql: str, seconds: float
) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """Give a connection and what to run on it; what it raises is said in words."""
    text = REF.sub(r"\1", sql).strip()
    if "{{" in text or "{%" in text:
        raise QueryError(
            "it has words of dbt's own: `.venv/bin/dbt compile` writes it as plain SQL below"
            " target/compiled"
        )
    with opened(warehouse) as connection:
        known = relations(connection)
        try:
            _check(connection, text)
            with stopped_after(connection, seconds):
                yield connection, text
        except duckdb.Error as error:
            raise QueryError(_in_words(error, known, seconds)) from None


def _check(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise QueryError(f"one statement at a time: there are {len(statements)}")
    kind = statements[0].type.name
    if kind not in READING:
        raise QueryError(
            f"{kind.replace('_', ' ').lower()}: a question only reads, so begin it with select,"
            " from, with, describe, summarize or pivot"
        )


def _in_words(error: duckdb.Error, known: list[str], seconds: float) -> str:
    if isinstance(error, duckdb.InterruptException):
        return f"stopped after {seconds:g} s: ask for less, or allow more time"
    if isinstance(error, duckdb.OutOfMemoryException):
        return "it needs more memory than a question has: aggregate, filter, or take fewer columns"
    if isinstance(error, duckdb.PermissionException):
        return "it asks for a file or a setting: a question reads the warehouse and nothing else"
    text = str(error)
    missing = NO_RELATION.search(text)
    if missing:
        bare = missing[1].split(".")[-1]
        short = {relation.split(".")[1]: relation for relation in known}
        near = re.sub(r"\w+", lambda word: short.get(word[0], word[0]), nearest(bare, short))
        every = "" if near else ": `show all tables` lists those that there are"
        return f"there is no relation {missing[1]}{near}{every}"
    return " ".join(text.split("\n\nLINE ")[0].split())
