"""A database for one prepared folder, with as many threads as its size is worth."""

from __future__ import annotations

from pathlib import Path

import duckdb

from urban_resilience.shared.database import connect

# Of so few rows, most of the time goes into planning, which threads only get in the way of.
SMALL_BYTES = 1_000_000


def connect_for(folder: Path) -> duckdb.DuckDBPyConnection:
    """Open an in-memory database for the Parquet files of a folder; it spills there too."""
    connection = connect(folder)
    if sum(path.stat().st_size for path in folder.glob("*.parquet")) < SMALL_BYTES:
        connection.execute("set threads = 1")
    return connection
