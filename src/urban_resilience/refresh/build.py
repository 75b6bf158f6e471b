"""One raw folder into one new warehouse file: what a refresh calls to build and audit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from urban_resilience.intake import IntakeError, IntakeReport, inspect, prepare
from urban_resilience.intake.checking.policy_lists import supplied_policies
from urban_resilience.refresh.carry_snapshots import carry_history
from urban_resilience.refresh.failures import describe, failed_tests, failing_rows
from urban_resilience.refresh.progress import narrate
from urban_resilience.refresh.publish import MARTS
from urban_resilience.refresh.request import BuildRequest
from urban_resilience.refresh.sound_study import judge_study
from urban_resilience.shared.project import check_seeds


def build(request: BuildRequest, variables: dict[str, str] | None = None) -> int:
    """Bring the folder into the raw contract and run ``dbt build``; its tests are the audit.

    Parameters
    ----------
    request
        What to build from, into which file. Of the newest version the history is carried over.
    variables
        dbt variables that differ from ``dbt_project.yml``.

    Returns
    -------
    int
        dbt's exit code.

    Raises
    ------
    IntakeError
        A seed or the folder cannot be read; every problem has been printed.
    """
    contract = request.warehouse.parent / "contract"
    try:
        check_seeds()
        check_study(request.raw)
    except IntakeError as error:
        print(f"The seeds cannot be used:\n{error}")
        raise
    try:
        _print_report(prepare(request.raw, contract))
        if request.newest:
            carry_history(request.newest / request.warehouse.name, request.warehouse)
        options = json.dumps({"accept_changes": request.accept_changes, **(variables or {})})
        dbt = str(Path(sys.executable).with_name("dbt"))
        environment = _environment(request, contract)
        command = [dbt, "--log-format", "json", "--no-use-colors"]
        command += ["build", "--target", "published", "--store-failures", "--vars", options]
        if not request.unit_tests:
            command += ["--exclude-resource-type", "unit_test"]
        code = _narrated(*command, **environment)
        if code:
            _print_failures(request.warehouse)
        return code
    except IntakeError as error:
        print(
            f"{request.raw} cannot be built from:\n{error}\n`make check-data` says what it holds."
        )
        raise
    finally:
        shutil.rmtree(contract, ignore_errors=True)


def check_study(raw: Path | None = None) -> None:
    """Stop at a wrong row of the study at once, not after the panel has been built for it.

    Parameters
    ----------
    raw
        The raw folder. Where a row looks wrong it is read: the row may name the date of a policy
        that only the folder has a list of.
    """
    faults = judge_study()
    if faults.of_rows and raw is not None and (policies := _policies_of(raw)):
        faults = judge_study(supplied_policies=policies)
    if faults.of_series or faults.of_rows:
        raise IntakeError([*faults.of_series, *faults.of_rows])


def _policies_of(raw: Path) -> frozenset[str]:
    """Policies that a raw folder has lists of; a folder that cannot be read tells of none."""
    with tempfile.TemporaryDirectory(prefix="urban_resilience_policies_") as folder:
        try:
            return supplied_policies(inspect(raw, Path(folder) / "prepared").out_dir)
        except IntakeError:
            # Its own faults are said when it is prepared: they are none of the study's rows.
            return frozenset()


def _environment(request: BuildRequest, contract: Path) -> dict[str, str]:
    """Tell dbt where things are, and what was published before."""
    published = request.published / MARTS if request.published else None
    return {
        "RAW_DATA_DIR": str(contract.resolve()),
        "WAREHOUSE_PATH": str(request.warehouse),
        "DBT_PROFILES_DIR": os.environ.get("DBT_PROFILES_DIR", "profiles"),
        # The same order of nodes, found in a tenth of the time.
        "DBT_USE_FAST_TEST_EDGES": "true",
        "REFRESH_RUN_ID": str(request.run_id),
        "REFRESH_STARTED_AT": request.started_at,
        "PUBLISHED_MARTS_DIR": str(published.resolve()) if published else "",
        "QUALITY_HISTORY_DIR": str(request.evaluations.resolve()) if request.evaluations else "",
    }


def _print_report(report: IntakeReport) -> None:
    """Say what was converted; files already in the contract need no word."""
    for source in report.sources:
        if not source.is_linked:
            rows = f"{source.rows_in:,} rows, {source.format}"
            print(f"{source.table} from {source.source_file} ({rows})", flush=True)
    if report.n_unreadable:
        print(f"{report.n_unreadable:,} cells cannot be read: quality.fct_rejected_rows has them")


def _print_failures(warehouse: Path) -> None:
    """Show the rows that failed: the file that has them is about to go."""
    if not warehouse.exists():
        return  # dbt stopped before it built anything, and has said why.
    results = Path(os.environ.get("DBT_TARGET_PATH", "target")) / "run_results.json"
    try:
        failed = failed_tests(results)
        found = [test for test in failing_rows(warehouse) if test.test in failed]
    except (OSError, ValueError, duckdb.Error) as error:
        print(f"(the failing rows cannot be read: {error})", flush=True)
        return
    for test in found:
        print(describe(test), flush=True)


def _narrated(*command: str, **environment: str) -> int:
    """Run dbt and say ten lines of progress, its warnings and its errors."""
    start = time.monotonic()
    log = Path(os.environ.get("DBT_LOG_PATH", "logs")) / "dbt.log"
    with subprocess.Popen(
        command,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in narrate(process.stdout, str(log), lambda: time.monotonic() - start):
            print(line, flush=True)
    return process.returncode
