"""A DuckDB connection with bounded memory, and its quoting."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import duckdb

MEMORY_LIMIT = "1GB"
# Form of a published file, set when it is made and kept: DuckDB from 1.5 on reads it. The profile
# says the same to dbt.
STORAGE = {"storage_compatibility_version": "v1.5.0"}


def connect(
    spill: Path | None = None, memory_limit: str = MEMORY_LIMIT
) -> duckdb.DuckDBPyConnection:
    """Open an in-memory database that spills to a folder rather than grow."""
    connection = duckdb.connect()
    # It would stand among the lines of a report.
    connection.execute("set enable_progress_bar = false")
    connection.execute(f"set memory_limit = '{memory_limit}'")
    # Order is not part of any table's meaning, and keeping it holds whole row groups in memory.
    connection.execute("set preserve_insertion_order = false")
    if spill is not None:
        connection.execute(f"set temp_directory = {quote(spill)}")
    return connection


@cache
def sealed() -> duckdb.DuckDBPyConnection:
    """Return the one database of this process that reaches no file: to parse and to try in.

    Opening one takes longer than most of what is asked. Ask through a cursor: what a cursor
    registers is its own.
    """
    return duckdb.connect(config={"enable_external_access": False})


def quote(value: object) -> str:
    """Return a SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def path_literal(path: Path) -> str:
    """Return a SQL string literal that means this file only: ``?`` is a letter of a name."""
    return quote(re.sub(r"([\[*?])", r"[\1]", str(path)))


def parquet(path: Path, options: str = "") -> str:
    """Return a Parquet file as a relation; a folder named ``year=2019`` is not a column of it."""
    return f"read_parquet({path_literal(path)}, hive_partitioning = false{options})"


def name(value: str) -> str:
    """Return a SQL identifier."""
    return '"' + value.replace('"', '""') + '"'
