"""Calls of the simulator and of dbt, each with folders of their own under a temporary one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.isolated import PROJECT

# The file name is the database name inside the compiled SQL.
WAREHOUSE_NAME = "urban_resilience.duckdb"


@dataclass(frozen=True)
class DbtRun:
    """A finished dbt process."""

    seconds: float
    peak_mb: float
    output: str
    exit_code: int


class Workspace:
    """A temporary folder with raw data, a target folder and a warehouse."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.target = folder / "target"
        self.warehouse = folder / "warehouse" / WAREHOUSE_NAME
        self.warehouse.parent.mkdir(parents=True, exist_ok=True)
        self.is_built = False

    @property
    def data_origin(self) -> str:
        """``simulated``, or ``supplied`` where $RAW_DATA_DIR names a folder of the user's own."""
        return "simulated" if (self.raw_data / "truth.json").exists() else "supplied"

    @cached_property
    def raw_data(self) -> Path:
        """Raw folder: $RAW_DATA_DIR where it is set, otherwise freshly simulated."""
        if os.environ.get("RAW_DATA_DIR"):
            return Path(os.environ["RAW_DATA_DIR"])
        folder = self.folder / "raw"
        subprocess.run(
            [sys.executable, "-m", "urban_resilience", "simulate", "--out", str(folder)],
            check=True,
            cwd=PROJECT,
            stdout=subprocess.DEVNULL,
        )
        return folder

    @cached_property
    def upstream_warehouse(self) -> Path:
        """Warehouse with everything the timed models read, built by dbt without tests."""
        if self.is_built:
            return self.warehouse
        self.dbt(
            "build",
            "--select",
            "+fct_virtual_agglomeration",
            "+int_index_weights",
            "--exclude-resource-type",
            "test",
            "--exclude-resource-type",
            "unit_test",
        )
        return self.warehouse

    def dbt(self, *arguments: str, may_fail: bool = False) -> DbtRun:
        """Run dbt on this workspace.

        Raises
        ------
        RuntimeError
            With the end of dbt's own output, where dbt fails and may not.
        """
        environment = {
            **os.environ,
            "DBT_TARGET_PATH": str(self.target),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            "WAREHOUSE_PATH": str(self.warehouse),
            "RAW_DATA_DIR": str(self.raw_data),
            "DBT_USE_COLORS": "false",
            "DO_NOT_TRACK": "1",
        }
        log = self.folder / "dbt.out"
        began = time.perf_counter()
        with log.open("w", encoding="utf-8") as output:
            process = subprocess.Popen(
                # Not `-c`: where pyspark is installed, its import ends a program that is no file.
                [sys.executable, "-m", "dbt.cli.main", *arguments],
                cwd=PROJECT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            # wait4 gives the memory of this child alone; RUSAGE_CHILDREN keeps the largest ever.
            _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        text = log.read_text(encoding="utf-8")
        if process.returncode != 0 and not may_fail:
            raise RuntimeError(f"dbt {' '.join(arguments)} failed:\n{text[-3000:]}")
        unit = 1024**2 if sys.platform == "darwin" else 1024
        return DbtRun(elapsed, usage.ru_maxrss / unit, text, process.returncode)
