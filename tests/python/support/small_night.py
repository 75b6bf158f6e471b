"""Nights of a small project, by the command that a scheduler runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from urban_resilience.refresh.places import Places
from urban_resilience.shared.digest import digest_file

# Every night reads and writes folders of such a name.
ODD = "it's 数据 [x] year=1999"


class Night:
    """A project with its raw files and its warehouse, and how the last night ended there."""

    def __init__(self, folder: Path, **variables: str):
        self.folder, self.raw = folder, folder / f"raw {ODD}"
        self.variables = variables
        self.places = Places(folder / f"warehouse {ODD}" / "study.duckdb")
        self.before: str | None = None
        self.code, self.output = -1, ""

    def run(self) -> Night:
        environment = os.environ | {
            "PYTHONPATH": str(self.folder / "src"),
            "RAW_DATA_DIR": str(self.raw),
            # Relative, as by default: the same words each night spare dbt parsing all anew.
            "WAREHOUSE_PATH": str(self.places.warehouse.relative_to(self.folder)),
            "DBT_PROFILES_DIR": "profiles",
            "DBT_TARGET_PATH": "target",
            "DBT_LOG_PATH": "logs",
            "DBT_USE_COLORS": "false",
            "DO_NOT_TRACK": "1",
            **self.variables,
        }
        finished = subprocess.run(
            [sys.executable, "-m", "urban_resilience", "refresh"],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.code, self.output = finished.returncode, finished.stdout
        return self

    def another(self, folder: Path) -> Night:
        """A copy of what this night left, for another second night."""
        night = Night(shutil.copytree(self.folder, folder, symlinks=True), **self.variables)
        night.before = digest_file(night.places.warehouse)
        return night

    @property
    def last_line(self) -> str:
        return self.output.rstrip().splitlines()[-1]
