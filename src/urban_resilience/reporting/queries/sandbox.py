"""A connection to a published file that can do nothing but read it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from urban_resilience.reporting.dictionary import MART_SCHEMAS
from urban_resilience.shared.database import MEMORY_LIMIT, name, quote

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": MEMORY_LIMIT,
    "threads": 2,
    # Larger than memory is an error, not a full disk.
    "temp_directory": "",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


@contextmanager
def opened(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a published file to read it.

    The connection has an engine of its own, so that the next one sees a file that was published
    meanwhile. No other file is read or written, no variable of Python is a table, and no statement
    changes that. A relation is found by its name, with or without its schema.

    Parameters
    ----------
    warehouse
        The DuckDB file.

    Raises
    ------
    duckdb.Error
        It is none.
    """
    with duckdb.connect(config=CONFIG) as connection:
        connection.execute(f"attach {quote(warehouse)} as {name(warehouse.stem)} (read_only)")
        connection.execute("set python_enable_replacements = false")
        path = ",".join(f"{name(warehouse.stem)}.{name(s)}" for s in _schemas(connection))
        connection.execute(f"set search_path = {quote(path)}")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield connection


@contextmanager
def stopped_after(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupt what the connection runs once the time is over."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def relations(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Names with their schemas of what can be read."""
    rows = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where not internal union all"
        " select schema_name || '.' || view_name from duckdb_views() where not internal"
        " order by all"
    ).fetchall()
    return [relation for (relation,) in rows]


def _schemas(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Those that hold something, the marts first: a name in two of them means the mart."""
    held = {relation.split(".")[0] for relation in relations(connection)}
    return sorted(held or {"main"}, key=lambda schema: (schema not in MART_SCHEMAS, schema))
