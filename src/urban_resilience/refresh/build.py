"""``dbt build`` of one raw folder into one new file: what a refresh calls to build and audit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SIMULATED_DIR = Path("data/simulated")


def build(raw: Path, warehouse: Path) -> int:
    """Run ``dbt build``; its tests are the audit.

    Parameters
    ----------
    raw
        Folder of raw files.
    warehouse
        File to write. It has the published file's name: DuckDB names a database after its file,
        and views must find their tables under the same name after the move.

    Returns
    -------
    int
        dbt's exit code.
    """
    environment = {
        "RAW_DATA_DIR": str(raw.resolve()),
        "WAREHOUSE_PATH": str(warehouse),
        "DBT_PROFILES_DIR": os.environ.get("DBT_PROFILES_DIR", "profiles"),
    }
    return _run(str(Path(sys.executable).with_name("dbt")), "build", **environment)


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
