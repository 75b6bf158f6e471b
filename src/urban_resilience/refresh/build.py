"""``make build``: raw files to warehouse, built aside and published only when every test passes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from urban_resilience.reporting.summary import print_summary

SIMULATED_DIR = Path("data/simulated")


def main() -> int:
    """Build ``$WAREHOUSE_PATH`` from ``$RAW_DATA_DIR`` and print the summary; 0 when it worked."""
    raw_dir = Path(os.environ.get("RAW_DATA_DIR") or SIMULATED_DIR)
    warehouse = Path(os.environ.get("WAREHOUSE_PATH") or "warehouse/urban_resilience.duckdb")
    if raw_dir == SIMULATED_DIR and not (raw_dir / "truth.json").exists() and not _files(raw_dir):
        print("No raw data supplied: simulating some (RAW_DATA_DIR names your own folder).")
        if _run(sys.executable, "-m", "urban_resilience.simulation", "--out", str(raw_dir)):
            return 1
    code = build(raw_dir, warehouse)
    if code:
        kept = "unchanged" if warehouse.exists() else "not written"
        print(f"\nThe build failed; {warehouse} is {kept}. The messages above name the cause.")
        return code
    print_summary(warehouse, Path(os.environ.get("DBT_TARGET_PATH", "target")))
    return 0


def build(raw_dir: Path, warehouse: Path) -> int:
    """Run ``dbt build`` into a new file and put it in place of the old one if all of it passed.

    The new file has the published file's name in a folder beside it: DuckDB names a database after
    its file, and views must find their tables under the same name after the move.

    Returns
    -------
    int
        dbt's exit code; on anything but 0 the published file is left as it was.
    """
    aside = warehouse.parent / f".{warehouse.stem}.building"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    environment = {
        "RAW_DATA_DIR": str(raw_dir.resolve()),
        "WAREHOUSE_PATH": str(aside / warehouse.name),
        "DBT_PROFILES_DIR": os.environ.get("DBT_PROFILES_DIR", "profiles"),
    }
    dbt = str(Path(sys.executable).with_name("dbt"))
    try:
        code = _run(dbt, "build", **environment)
        if code == 0:
            os.replace(aside / warehouse.name, warehouse)
        return code
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*") if path.suffix in {".parquet", ".csv"}]


def _run(*command: str, **environment: str) -> int:
    return subprocess.run(command, env=os.environ | environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
