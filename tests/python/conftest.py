"""Session fixtures: raw folders and the warehouses built from them, each at most once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.dbt import ROOT, run_dbt
from support.study import Study
from support.warehouse import Warehouse

REAL_RAW = ROOT.parent / "shared" / "real"


@pytest.fixture(scope="session")
def simulated_raw(tmp_path_factory) -> Path:
    """A raw folder written by the simulator for this session."""
    folder = tmp_path_factory.mktemp("simulated") / "raw"
    finished = subprocess.run(
        [sys.executable, "-m", "urban_resilience.simulation", "--out", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        pytest.fail(f"the simulator failed:\n{finished.stderr[-4000:]}", pytrace=False)
    return folder


@pytest.fixture(scope="session")
def simulated_run(simulated_raw, tmp_path_factory):
    """The full build of the simulated study, dbt's own tests included."""
    return run_dbt("build", raw=simulated_raw, workspace=tmp_path_factory.mktemp("simulated_build"))


@pytest.fixture(scope="session")
def simulated_warehouse(simulated_run) -> Path:
    return simulated_run.warehouse


@pytest.fixture(scope="session")
def real_raw() -> Path:
    if not REAL_RAW.is_dir():
        pytest.skip("no real data beside the project (../shared/real)")
    return REAL_RAW


@pytest.fixture(scope="session")
def real_run(real_raw, tmp_path_factory):
    """The full build of the real data, dbt's own tests included."""
    return run_dbt("build", raw=real_raw, workspace=tmp_path_factory.mktemp("real_build"))


@pytest.fixture(scope="session")
def real_warehouse(real_run) -> Path:
    return real_run.warehouse


@pytest.fixture(scope="session", params=["simulated", "real"])
def data_set(request) -> str:
    """Which raw data: every comparison runs on both."""
    return request.param


@pytest.fixture(scope="session")
def study(data_set, request) -> Study:
    """The study recomputed in NumPy from the raw folder of the data set."""
    return Study(request.getfixturevalue(f"{data_set}_raw"))


@pytest.fixture(scope="session")
def warehouse(data_set, request) -> Warehouse:
    """The warehouse that dbt built from the same raw folder."""
    return Warehouse(request.getfixturevalue(f"{data_set}_warehouse"))
