"""Session fixtures: raw folders and the warehouses built from them, each at most once.

`make test` runs two workers. Whatever waits for the two full builds is one group, so that one
worker makes them; the other begins with the slow modules, and both share the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import settings
from support.dbt import ROOT, DbtRun, run_dbt
from support.raw import RawFiles, build_indices, load, save
from support.simulator import simulate
from support.study import Study
from support.warehouse import Warehouse

REAL_RAW = ROOT.parent / "shared" / "real"
SMALL_CITIES = 36
# What is dear to make is made by one worker: fixture -> group of the tests that need it.
GROUPS = {
    "simulated_run": "full builds",
    "real_run": "full builds",
    "data_set": "full builds",
    "small_indices": "small indices",
}

# The same examples on every machine, and no clock: other builds run beside the tests.
settings.register_profile("suite", deadline=None, derandomize=True, max_examples=60, database=None)
settings.load_profile("suite")


def group_of(item: pytest.Item) -> str:
    """Tests of a group run in one worker: those of a module, unless a dear fixture says other."""
    dear = [group for fixture, group in GROUPS.items() if fixture in item.fixturenames]
    return dear[0] if dear else item.module.__name__


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in the same hook.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test its group; the longest groups go first, so that none begins last."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item)))
    slow = {group_of(item) for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (group_of(item) != "full builds", group_of(item) not in slow))


@pytest.fixture(scope="session")
def full_builds(simulated_raw, tmp_path_factory) -> Iterator[dict[str, Future]]:
    """Both full builds, one after the other beside the tests that need the first alone."""
    folder = tmp_path_factory.mktemp("full")
    with ThreadPoolExecutor(max_workers=1) as pool:
        started = {
            "simulated": pool.submit(
                run_dbt, "build", raw=simulated_raw, workspace=folder / "simulated"
            )
        }
        if REAL_RAW.is_dir():
            # Unit tests do not depend on the data: the simulated build runs them.
            options = ("--exclude-resource-type", "unit_test")
            started["real"] = pool.submit(
                run_dbt, "build", *options, raw=REAL_RAW, workspace=folder / "real"
            )
        yield started
        for future in started.values():
            future.cancel()


@pytest.fixture(scope="session")
def simulated_raw(tmp_path_factory) -> Path:
    """A raw folder written by the simulator for this session."""
    raw = tmp_path_factory.mktemp("simulated") / "raw"
    simulate(raw)
    return raw


@pytest.fixture(scope="session")
def simulated_run(full_builds) -> DbtRun:
    """The full build of the simulated study, dbt's own tests included."""
    return full_builds["simulated"].result()


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
    return full_builds["real"].result()


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
