"""What a safe night costs: `make refresh` against a bare `dbt build` of the same raw files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import report
from benchmarks.bars import Bar, ratio
from benchmarks.isolated import PROJECT
from benchmarks.project import Workspace

REFRESH_BAR_SECONDS = 120
OVERHEAD_BAR = 1.35
UNCHANGED_BAR_SECONDS = 10
ROUNDS, QUICK_ROUNDS = 3, 1
# The suites: what only exists to judge, and its tests.
SUITES = (
    "resource_type:snapshot",
    "models/gates",
    "fct_raw_profiles",
    "fct_raw_columns",
    "fct_variable_profiles",
    "fct_expectation_results",
    "fct_offending_rows",
    "fct_revisions",
    "rpt_revision_effects",
)


def run(workspace: Workspace, quick: bool, progress=print) -> report.Section:
    """Time bare builds, refreshes and refreshes without a change in turns."""
    raw = workspace.raw_data
    bare, refreshed, unchanged = [], [], []
    for number in range(QUICK_ROUNDS if quick else ROUNDS):
        progress(f"  round {number + 1}: bare dbt build")
        bare.append(_bare_build(workspace, workspace.folder / "bare", raw))
        progress("  refresh")
        refreshed.append(_refresh(workspace.folder / "refreshed", raw, "--force"))
        progress("  refresh with nothing changed")
        unchanged.append(_refresh(workspace.folder / "refreshed", raw))
    # The fastest of each: what else the machine does only ever adds.
    times = {
        "bare dbt build": min(bare),
        "refresh": min(refreshed),
        "refresh, nothing changed": min(unchanged),
    }
    section = report.Section("refresh", "A night: suites and publishing over a bare `dbt build`")
    section.paragraphs = [
        f"The same raw files ({workspace.data_origin} data), {len(bare)} rounds in turns, the"
        " fastest of each. Bare: `dbt build` without suites, snapshots and the models that only"
        " feed them. Refresh: intake, build, suites, comparison with the published version,"
        " history, export of the marts, digest and publication. Unit tests run in every bare build,"
        " in a refresh only until this project is published: in the first. Whole processes.",
    ]
    section.tables = [
        ("Wall time", [{"what": what, "time": report.seconds(t)} for what, t in times.items()])
    ]
    section.bars = [
        Bar("refresh of the simulated study", times["refresh"], REFRESH_BAR_SECONDS, unit="s"),
        Bar(
            "refresh to bare build", ratio(times["refresh"], times["bare dbt build"]), OVERHEAD_BAR
        ),
        Bar(
            "refresh with nothing changed",
            times["refresh, nothing changed"],
            UNCHANGED_BAR_SECONDS,
            unit="s",
        ),
    ]
    section.data = {"bare": bare, "refreshed": refreshed, "unchanged": unchanged}
    return section


def _bare_build(workspace: Workspace, folder: Path, raw: Path) -> float:
    """Build into an empty file, as a refresh does; dbt's target folder is kept, as it is there."""
    shutil.rmtree(folder / "warehouse", ignore_errors=True)
    (folder / "warehouse").mkdir(parents=True)
    dbt = str(Path(sys.executable).with_name("dbt"))
    return _timed([dbt, "build", "--exclude", *SUITES], folder, raw)


def _refresh(folder: Path, raw: Path, *options: str) -> float:
    (folder / "warehouse").mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "urban_resilience", "refresh", *options]
    return _timed(command, folder, raw)


def _timed(command: list[str], folder: Path, raw: Path) -> float:
    environment = {
        **os.environ,
        "RAW_DATA_DIR": str(raw),
        "WAREHOUSE_PATH": str(folder / "warehouse" / "urban_resilience.duckdb"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_PROFILES_DIR": str(PROJECT / "profiles"),
        "DO_NOT_TRACK": "1",
    }
    began = time.perf_counter()
    finished = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - began
    if finished.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{finished.stdout[-3000:]}")
    return seconds
