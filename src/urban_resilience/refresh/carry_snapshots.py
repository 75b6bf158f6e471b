"""Carry what earlier builds recorded into the next one, which starts from an empty file."""

from __future__ import annotations

from pathlib import Path

import duckdb

from urban_resilience.shared.database import STORAGE, quote

SCHEMA = "snapshots"


def carry_history(kept: Path, building: Path) -> list[str]:
    """Copy the snapshot tables of a kept warehouse file into the one being built.

    Parameters
    ----------
    kept
        A finished warehouse file; it is only read. One from before there were snapshots has none.
    building
        File to build; made where it is not there. Tables of the same name are replaced.

    Returns
    -------
    list of str
        Names of the tables copied.

    Raises
    ------
    duckdb.Error
        The kept file cannot be read: going on would lose the history in silence.
    """
    with duckdb.connect(str(building), config=dict(STORAGE)) as connection:
        connection.execute(f"attach {quote(kept)} as kept (read_only)")
        tables = connection.execute(
            "select table_name from duckdb_tables()"
            f" where database_name = 'kept' and schema_name = '{SCHEMA}' order by 1"
        ).fetchall()
        for (name,) in tables:
            connection.execute(f"create schema if not exists {SCHEMA}")
            connection.execute(
                f'create or replace table {SCHEMA}."{name}" as from kept.{SCHEMA}."{name}"'
            )
        connection.execute("detach kept")
    return [name for (name,) in tables]
