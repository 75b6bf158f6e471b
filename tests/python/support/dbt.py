"""Run dbt in another process, away from the developer's target, logs and warehouse."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.dbt_server import DbtServer

ROOT = Path(__file__).resolve().parents[3]
LOG_TAIL_LINES = 60
ENVIRONMENT = dict(os.environ)
# One for each thread: the full builds have a thread of their own.
_SERVERS = threading.local()


@dataclass(frozen=True)
class DbtRun:
    """How a dbt command ended, what it printed, and the folder it wrote to."""

    returncode: int
    output: str
    workspace: Path

    @property
    def warehouse(self) -> Path:
        return self.workspace / "warehouse" / "urban_resilience.duckdb"

    @property
    def target(self) -> Path:
        return self.workspace / "target"

    @property
    def tail(self) -> str:
        return "\n".join(self.output.splitlines()[-LOG_TAIL_LINES:])

    def copied_to(self, workspace: Path) -> Path:
        """Copy the warehouse to where `run_dbt` will go on with it.

        A shared build is for reading: dbt locks the file it works on, even to compile, and other
        workers read it at the same time.
        """
        copy = workspace / self.warehouse.relative_to(self.workspace)
        copy.parent.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(self.warehouse, copy))


def run_dbt(
    *arguments: str,
    raw: Path,
    workspace: Path,
    project: Path = ROOT,
    check: bool = True,
    variables: Mapping[str, str] | None = None,
    artifacts: bool = False,
) -> DbtRun:
    """Run one dbt command; everything it writes goes below `workspace`.

    A workspace used twice keeps its warehouse, so a second command builds on the first.
    Its environment is that of the start, with `variables`: full builds run beside tests that change
    their own. With `check`, a failing command fails the test and shows the end of dbt's output.
    With `artifacts`, dbt writes its manifest and results, which take it longer than many models.
    """
    places = DbtRun(0, "", workspace)
    places.warehouse.parent.mkdir(parents=True, exist_ok=True)
    environment = {
        **ENVIRONMENT,
        "RAW_DATA_DIR": str(raw),
        # Relative to the workspace: another profile is another project to dbt, to be read anew.
        "WAREHOUSE_PATH": str(places.warehouse.relative_to(workspace)),
        "DBT_TARGET_PATH": str(places.target),
        "DBT_LOG_PATH": str(workspace / "logs"),
        "DBT_USE_COLORS": "false",
        "DBT_LOG_LEVEL_FILE": "none",
        "DBT_WRITE_JSON": str(artifacts).lower(),
        # The same order of nodes, found faster.
        "DBT_USE_FAST_TEST_EDGES": "true",
        "DO_NOT_TRACK": "1",
        **(variables or {}),
    }
    places_of_project = ("--project-dir", str(project), "--profiles-dir", str(project))
    code, output = _server().run(
        (*arguments, *places_of_project), environment, workspace, is_fixed=project == ROOT
    )
    run = DbtRun(code, output, workspace)
    if check and run.returncode != 0:
        pytest.fail(f"dbt {' '.join(arguments)} failed on {raw}:\n{run.tail}", pytrace=False)
    return run


def _server() -> DbtServer:
    if not hasattr(_SERVERS, "server"):
        _SERVERS.server = DbtServer()
    return _SERVERS.server
