"""Several dbt commands one after the other in one process: the time to start it is paid once.

As a script: reads a JSON list of nights from standard input, writes one of {"success", "output"}.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[3]
QUIET = ("--no-use-colors", "--no-write-json")


@dataclass(frozen=True)
class Night:
    """One dbt command: raw folder, arguments, environment, SQL for the warehouse file before it."""

    raw: Path
    arguments: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    sql: str = ""


def run_nights(nights: Iterable[Night], workspace: Path) -> list[dict]:
    """Run the nights on one warehouse file in the workspace; how each ended is for the caller."""
    warehouse = workspace / "warehouse" / "urban_resilience.duckdb"
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {
        "WAREHOUSE_PATH": str(warehouse),
        "DBT_TARGET_PATH": str(workspace / "target"),
        "DBT_LOG_PATH": str(workspace / "logs"),
        "DO_NOT_TRACK": "1",
    }
    finished = subprocess.run(
        [sys.executable, "-P", __file__],  # -P: support/dbt.py is not dbt
        input=json.dumps([asdict(night) for night in nights], default=str),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        pytest.fail(f"the nights ended early:\n{finished.stderr[-4000:]}", pytrace=False)
    return json.loads(finished.stdout.splitlines()[-1])


def _run(night: dict) -> dict:
    from dbt.cli.main import dbtRunner

    before = dict(os.environ)
    os.environ.update(night["environment"], RAW_DATA_DIR=night["raw"])
    if night["sql"]:
        with duckdb.connect(os.environ["WAREHOUSE_PATH"]) as connection:
            connection.execute(night["sql"])
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            result = dbtRunner().invoke([*night["arguments"], *QUIET])
    finally:
        os.environ.clear()
        os.environ.update(before)
    return {"success": result.success, "output": printed.getvalue() + str(result.exception or "")}


if __name__ == "__main__":
    print(json.dumps([_run(night) for night in json.load(sys.stdin)]))
