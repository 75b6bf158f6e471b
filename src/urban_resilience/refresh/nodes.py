"""What dbt did in each run, node by node, kept beside the warehouse."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pandas as pd

from urban_resilience.refresh.append_rows import append_run

NODES = "build_nodes.parquet"
KEPT_RUNS = 100
SHOWN = 3


def keep_nodes(folder: Path, run_id: int, run_results: Path | None) -> None:
    """Append status and seconds of every node of a run to the history.

    Parameters
    ----------
    folder
        Of the history.
    run_id
        The run.
    run_results
        dbt's ``run_results.json`` of this run; nothing is kept where there is none.
    """
    if run_results is None or not run_results.exists():
        return
    content = json.loads(run_results.read_text(encoding="utf-8"))
    rows = [_row(run_id, result) for result in content["results"]]
    columns = ["run_id", "node", "kind", "status", "seconds"]
    with duckdb.connect() as connection:
        connection.register("nodes", pd.DataFrame(rows, columns=columns))
        append_run(connection, folder / NODES, "select * from nodes", run_id, KEPT_RUNS)


def failed_nodes(run_results: Path | None) -> str | None:
    """Name the first nodes that failed, in words; None where none did or nothing is known."""
    if run_results is None or not run_results.exists():
        return None
    results = json.loads(run_results.read_text(encoding="utf-8"))["results"]
    failed = [_row(0, result) for result in results if result["status"] in ("error", "fail")]
    # Names of tests end with a hash.
    names = [name.split(".")[0] for _, name, *_ in failed]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"failed: {', '.join(names[:SHOWN])}{more}" if names else None


def _row(run_id: int, result: dict) -> tuple:
    kind, _, name = result["unique_id"].split(".", 2)
    return run_id, name, kind, result["status"], float(result["execution_time"])
