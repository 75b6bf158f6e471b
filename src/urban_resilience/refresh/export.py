"""Finish a built warehouse file: note its run in it, and write its marts as Parquet."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from urban_resilience.refresh.failures import drop_empty_failures
from urban_resilience.refresh.runs import Run
from urban_resilience.shared.database import parquet, quote

# These two are written after dbt has finished, so that no model's YAML can describe them.
COMMENTS = {
    "fct_build_runs": "Every run of the refresh and how it ended. Grain: run.",
    "fct_build_nodes": "What dbt did in the last hundred runs. Grain: run x node.",
}
MART_SCHEMAS = ("reference", "panel", "indices", "results", "quality")


def count_rows(warehouse: Path) -> dict[str, int]:
    """Rows of every mart, by ``schema.name``."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return {
            f"{schema}.{name}": connection.execute(
                f'select count(*) from "{schema}"."{name}"'
            ).fetchall()[0][0]
            for schema, name in _marts(connection)
        }


def export_marts(warehouse: Path, folder: Path) -> None:
    """Write each mart to ``folder/schema.name.parquet``."""
    folder.mkdir(parents=True)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for schema, name in _marts(connection):
            target = quote(folder / f"{schema}.{name}.parquet")
            connection.execute(f'copy "{schema}"."{name}" to {target} (format parquet)')


def finish_file(warehouse: Path, runs: Iterable[Run], nodes: Path) -> None:
    """Write ``quality.fct_build_runs`` and ``quality.fct_build_nodes``, drop the raw views.

    Parameters
    ----------
    warehouse
        A built file that nobody reads yet.
    runs
        Every run so far, the one that publishes this file among them.
    nodes
        History of dbt's nodes (``nodes.keep_nodes``); need not be there.
    """
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema if not exists quality")
        connection.execute(
            """
            create or replace table quality.fct_build_runs (
                run_id bigint, outcome varchar, reason varchar, started_at timestamptz,
                finished_at timestamptz, git_revision varchar, project_fingerprint varchar,
                raw_fingerprints map(varchar, varchar), row_counts map(varchar, bigint),
                version bigint
            )
            """
        )
        for run in runs:
            connection.execute(
                "insert into quality.fct_build_runs values (?, ?, ?, ?, ?, ?, ?,"
                " map(?::varchar[], ?::varchar[]), map(?::varchar[], ?::bigint[]), ?)",
                [
                    run.run_id,
                    run.outcome,
                    run.reason,
                    run.started_at,
                    run.finished_at,
                    run.git_revision,
                    run.project_fingerprint,
                    *_columns(run.raw_fingerprints),
                    *_columns(run.row_counts),
                    run.version,
                ],
            )
        connection.execute(
            "create or replace table quality.fct_build_nodes"
            " (run_id bigint, node varchar, kind varchar, status varchar, seconds double)"
        )
        if nodes.exists():
            connection.execute(
                "insert into quality.fct_build_nodes by name"
                f" select * from {parquet(nodes)} order by run_id, node"
            )
        for name, meaning in COMMENTS.items():
            connection.execute(f"comment on table quality.{name} is '{meaning}'")
        drop_views_of_files(connection)
        drop_empty_failures(connection)
        connection.execute("checkpoint")


def drop_views_of_files(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the views over files that are elsewhere by the time somebody reads a finished one."""
    for schema in ("raw", "published", "history"):
        connection.execute(f"drop schema if exists {schema} cascade")


def _columns(mapping: dict) -> tuple[list, list]:
    return list(mapping), list(mapping.values())


def _marts(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    schemas = ", ".join(f"'{schema}'" for schema in MART_SCHEMAS)
    return connection.execute(
        "select table_schema, table_name from information_schema.tables"
        f" where table_schema in ({schemas}) order by 1, 2"
    ).fetchall()
