"""Parquet files beside the warehouse that grow by the rows of each run."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from urban_resilience.shared.database import parquet, quote


def append_run(
    connection: duckdb.DuckDBPyConnection, file: Path, query: str, run_id: int, keep: int | None
) -> None:
    """Write a history file anew with the rows of a run, in one rename.

    Parameters
    ----------
    connection
        Where the query can be run.
    file
        History; made where it is missing. A damaged one is put aside and begun anew.
    query
        Gives the rows of the run, ``run_id`` among their columns.
    run_id
        The run. Rows that the file has of it already are replaced.
    keep
        Runs whose rows are kept, this one among them; None for all.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    earlier = ""
    if _is_readable(connection, file):
        oldest = "true" if keep is None else f"run_id > {run_id - keep}"
        earlier = (
            f" union all by name select * from {parquet(file)}"
            f" where run_id <> {run_id} and {oldest}"
        )
    incoming = file.with_name(f".{file.name}.incoming")
    connection.execute(
        f"copy (select * from ({query}){earlier}) to {quote(incoming)} (format parquet)"
    )
    with incoming.open("rb") as written:
        os.fsync(written.fileno())
    os.replace(incoming, file)


def replace_text(path: Path, text: str) -> None:
    """Write a text file in one rename; its folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    incoming = path.with_name(f".{path.name}.incoming")
    incoming.write_text(text, encoding="utf-8")
    os.replace(incoming, path)


def _is_readable(connection: duckdb.DuckDBPyConnection, file: Path) -> bool:
    if not file.exists():
        return False
    try:
        connection.execute(f"select count(*) from {parquet(file)}").fetchall()
    except duckdb.Error:
        os.replace(file, file.with_name(f"{file.name}.damaged"))
        return False
    return True
