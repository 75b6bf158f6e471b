"""Run dbt in a process of its own, away from the developer's target, logs and warehouse."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LOG_TAIL_LINES = 60
ENVIRONMENT = dict(os.environ)
# The project as dbt last read it for a test: the next run reads only what has changed since.
PARSED = ROOT / "target" / "tests" / "partial_parse.msgpack"


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
) -> DbtRun:
    """Run one dbt command; everything it writes goes below `workspace`.

    A workspace used twice keeps its warehouse, so a second command builds on the first.
    Its environment is that of the start, with `variables`: full builds run beside tests that change
    their own. With `check`, a failing command fails the test and shows the end of dbt's output.
    """
    places = DbtRun(0, "", workspace)
    places.warehouse.parent.mkdir(parents=True, exist_ok=True)
    parsed = places.target / PARSED.name
    if project == ROOT and not parsed.exists():
        _copy(PARSED, parsed)
    environment = {
        **ENVIRONMENT,
        "RAW_DATA_DIR": str(raw),
        # Relative to the workspace: another profile is another project to dbt, to be read anew.
        "WAREHOUSE_PATH": str(places.warehouse.relative_to(workspace)),
        "DBT_TARGET_PATH": str(places.target),
        "DBT_LOG_PATH": str(workspace / "logs"),
        "DBT_USE_COLORS": "false",
        "DO_NOT_TRACK": "1",
        **(variables or {}),
    }
    executable = Path(sys.executable).with_name("dbt")
    finished = subprocess.run(
        [str(executable), *arguments, "--project-dir", project, "--profiles-dir", project],
        cwd=workspace,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if project == ROOT and "--vars" not in arguments:
        _copy(parsed, PARSED)
    run = DbtRun(finished.returncode, finished.stdout, workspace)
    if check and run.returncode != 0:
        pytest.fail(f"dbt {' '.join(arguments)} failed on {raw}:\n{run.tail}", pytrace=False)
    return run


def _copy(source: Path, target: Path) -> None:
    """Copy a file, if there is one, in one rename: other workers do the same."""
    if not source.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    incoming = target.with_name(f".{target.name}.{os.getpid()}.{threading.get_ident()}")
    shutil.copy(source, incoming)
    incoming.replace(target)
