"""Session fixtures: raw folders and the warehouses built from them, each at most once.

`make test` and `make test-all` run two workers, each with whole files of tests. The two full builds
take long: the first worker makes them for both, beside the tests that need no warehouse, which go
first.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from support.dbt import ROOT, DbtRun, run_dbt
from support.raw import RawFiles, build_indices, load, save
from support.simulator import simulate
from support.study import Study
from support.warehouse import Warehouse

REAL_RAW = ROOT.parent / "shared" / "real"
SMALL_CITIES = 36
# Fixtures that wait for a full build.
WAITING = {"simulated_run", "real_run", "data_set"}
# Fixtures that simulate or build something; `make test-fast` goes without.
MADE = WAITING | {"simulated_raw", "real_raw", "small_indices"}

# The same examples on every machine, and no clock: other builds run beside the tests.
settings.register_profile("suite", deadline=None, derandomize=True, max_examples=60, database=None)
settings.load_profile("suite")


def needs_warehouse(item: pytest.Item) -> bool:
    """Whether a test waits for a full build."""
    return not WAITING.isdisjoint(item.fixturenames)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fast", action="store_true", help="only tests of units: no dbt, no simulated data"
    )


def is_fast(item: pytest.Item) -> bool:
    """Whether a test is one of a unit: of seconds at most, without dbt and without made data."""
    return not (
        {"slow", "thorough"} & {marker.name for marker in item.iter_markers()}
        or not MADE.isdisjoint(item.fixturenames)
        or hasattr(item.module, "run_dbt")
        or item.path.parent.name == "warehouse"
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put files that wait for a full build last, and slow ones before the others."""
    if config.getoption("--fast"):
        left_out = [item for item in items if not is_fast(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if is_fast(item)]
    waiting = {item.module for item in items if needs_warehouse(item)}
    slow = {item.module for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.module in waiting, item.module not in slow))


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory) -> Path:
    """A folder that all workers of this session see."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session", autouse=True)
def full_builds(request, shared_folder) -> Iterator[dict[str, Callable[[], DbtRun]]]:
    """Calls that make a full build, or read it where it is made; begun with the first test."""
    raw = shared_folder / "full" / "raw"
    builds = {
        "simulated": lambda: once(shared_folder / "full" / "simulated", simulated_raw_of(raw))
    }
    if REAL_RAW.is_dir():
        # Unit tests do not depend on the data: the simulated build runs them.
        options = ("--exclude-resource-type", "unit_test")
        builds["real"] = lambda: once(shared_folder / "full" / "real", lambda: REAL_RAW, *options)
    wanted = any(map(needs_warehouse, request.session.items))
    is_first = os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0"
    with ThreadPoolExecutor(max_workers=1) as pool:
        begun = [pool.submit(build) for build in builds.values() if wanted and is_first]
        yield builds
        for future in begun:
            future.cancel()


def simulated_raw_of(folder: Path) -> Callable[[], Path]:
    """Call that simulates into the folder, once for all workers."""

    def make() -> Path:
        with locked(folder):
            if not (folder / "raw" / "truth.json").exists():
                simulate(folder / "raw")
        return folder / "raw"

    return make


def once(workspace: Path, raw: Callable[[], Path], *options: str) -> DbtRun:
    """Build everything into a workspace, once for all workers."""
    kept = workspace / "run.json"
    with locked(workspace):
        if not kept.exists():
            run = run_dbt(
                *("build", *options), raw=raw(), workspace=workspace, check=False, artifacts=True
            )
            kept.write_text(json.dumps([run.returncode, run.output]), encoding="utf-8")
    run = DbtRun(*json.loads(kept.read_text(encoding="utf-8")), workspace)
    if run.returncode:
        pytest.fail(f"the full build failed:\n{run.tail}", pytrace=False)
    return run


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other workers, and other threads, out of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        yield


@pytest.fixture(scope="session")
def simulated_raw(shared_folder) -> Path:
    """A raw folder written by the simulator for this session."""
    return simulated_raw_of(shared_folder / "full" / "raw")()


@pytest.fixture(scope="session")
def simulated_run(full_builds) -> DbtRun:
    """The full build of the simulated study, dbt's own tests included."""
    return full_builds["simulated"]()


@pytest.fixture(scope="session")
def simulated_warehouse(simulated_run) -> Path:
    return simulated_run.warehouse


@pytest.fixture(scope="session")
def real_raw() -> Path:
    if not REAL_RAW.is_dir():
        pytest.skip("no real data beside the project (../shared/real)")
    return REAL_RAW


@pytest.fixture(scope="session")
def real_run(real_raw, full_builds) -> DbtRun:
    """The full build of the real data, dbt's own data tests included."""
    return full_builds["real"]()


@pytest.fixture(scope="session")
def real_warehouse(real_run) -> Path:
    return real_run.warehouse


@pytest.fixture(scope="session")
def small_files(simulated_raw) -> RawFiles:
    """The simulated files cut down to every eighth city and every third member record."""
    files = load(simulated_raw)
    codes = sorted(files["city_yearbook"]["city_code"].unique())[::8][:SMALL_CITIES]
    for name, rows in files.items():
        if "city_code" in rows and name != "policy_pilots":
            files[name] = rows[rows["city_code"].isin(codes)].reset_index(drop=True)
    members = files["platform_members"]
    files["platform_members"] = members.iloc[::3].reset_index(drop=True)
    return files


@pytest.fixture(scope="session")
def small_raw(small_files, tmp_path_factory) -> Path:
    return save(small_files, tmp_path_factory.mktemp("small") / "raw")


@pytest.fixture(scope="session")
def small_indices(small_raw, tmp_path_factory) -> Warehouse:
    """The SQL indices of the small files, as they are: what changed files are compared with."""
    workspace = tmp_path_factory.mktemp("small_build")
    return Warehouse(build_indices(small_raw, workspace, "--threads", "2").warehouse)


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
