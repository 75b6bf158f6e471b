"""One raw folder into one new warehouse file: what a refresh calls to build and audit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from urban_resilience.intake import IntakeError, IntakeReport, prepare
from urban_resilience.intake.project import check_seeds
from urban_resilience.refresh.request import BuildRequest

SIMULATED_DIR = Path("data/simulated")


def build(request: BuildRequest) -> int:
    """Bring the folder into the raw contract and run ``dbt build``; its tests are the audit.

    Returns
    -------
    int
        dbt's exit code, or 1 where the folder cannot be read.
    """
    contract = request.warehouse.parent / "contract"
    try:
        check_seeds()
    except IntakeError as error:
        print(f"The seeds cannot be used:\n{error}")
        return 1
    try:
        _print_report(prepare(request.raw, contract))
        environment = {
            "RAW_DATA_DIR": str(contract.resolve()),
            "WAREHOUSE_PATH": str(request.warehouse),
            "DBT_PROFILES_DIR": os.environ.get("DBT_PROFILES_DIR", "profiles"),
        }
        return _run(str(Path(sys.executable).with_name("dbt")), "build", **environment)
    except IntakeError as error:
        print(
            f"{request.raw} cannot be built from:\n{error}\n`make check-data` says what it holds."
        )
        return 1
    finally:
        shutil.rmtree(contract, ignore_errors=True)


def _print_report(report: IntakeReport) -> None:
    """Say what was converted; files already in the contract need no word."""
    for source in report.sources:
        if not source.is_linked:
            rows = f"{source.rows_in:,} rows, {source.format}"
            print(f"{source.table} from {source.source_file} ({rows})", flush=True)
    if report.n_unreadable:
        print(f"{report.n_unreadable:,} cells cannot be read: quality.fct_rejected_rows has them")


def simulate_if_nothing_supplied(raw: Path) -> int:
    """Write simulated data into the default folder if it is empty; 0 unless that failed."""
    if raw != SIMULATED_DIR or (raw / "truth.json").exists() or _has_files(raw):
        return 0
    print("No raw data supplied: simulating some (RAW_DATA_DIR names your own folder).")
    return _run(sys.executable, "-m", "urban_resilience.simulation", "--out", str(raw))


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(path.is_file() for path in folder.iterdir())


def _run(*command: str, **environment: str) -> int:
    return subprocess.run(command, env=os.environ | environment, check=False).returncode
