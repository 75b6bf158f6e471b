"""A shipped study built from its own folder, as `make build STUDY=...` does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.dbt import ENVIRONMENT, ROOT, DbtRun, run_dbt
from urban_resilience.shared.study import put_together


def build_study(study: Path, raw: Path, workspace: Path, *arguments: str) -> DbtRun:
    """Put a study together, prepare its files and run `dbt build` on them.

    `arguments` are further ones of dbt; every test of the warehouse runs, the unit tests, which
    know no study, do not.
    """
    # Within the project: dbt writes what it compiles under the path that a seed has there.
    seeds = ROOT / "target" / "studies" / f"test-{study.name}-{os.getpid()}"
    contract = workspace / "contract"
    put_together(study, ROOT / "seeds", seeds)
    variables = {"STUDY_SEEDS": seeds.relative_to(ROOT).as_posix()}
    # In a process of its own: seeds are read once in a process.
    command = [sys.executable, "-m", "urban_resilience", "prepare"]
    prepared = subprocess.run(
        [*command, "--raw", str(raw), "--out", str(contract)],
        env={**ENVIRONMENT, **variables}, capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    if prepared.returncode:
        pytest.fail(f"{raw} cannot be prepared:\n{prepared.stderr}", pytrace=False)
    return run_dbt(
        *("build", "--exclude-resource-type", "unit_test", *arguments),
        raw=contract,
        workspace=workspace,
        variables=variables,
    )
