"""Run the simulator as a user does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.dbt import ROOT


def simulate(folder: Path, *arguments: str) -> Path:
    """Write a simulated raw folder and return it."""
    finished = subprocess.run(
        [sys.executable, "-m", "urban_resilience", "simulate", "--out", str(folder), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        pytest.fail(f"the simulator failed:\n{finished.stderr[-4000:]}", pytrace=False)
    return folder
