"""A published file is opened by DuckDB 1.5, though 2.0 writes it."""

import importlib.util
import subprocess
from pathlib import Path

import duckdb
import pytest
import yaml

from support.dbt import ROOT
from support.publishing import places_in, refresh_small, small_build, write_raw
from urban_resilience.refresh.carry_snapshots import carry_history
from urban_resilience.shared.database import STORAGE


def older_client() -> Path:
    """The command of DuckDB 1.5, which is no Python module that could stand beside 2.0."""
    found = importlib.util.find_spec("duckdb_cli")
    places = list(found.submodule_search_locations or []) if found else []
    client = next((c for p in places if (c := Path(p) / "duckdb").exists()), None)
    if client is None:
        pytest.skip("no DuckDB 1.5 here: duckdb-cli has no wheel for this machine")
    return client


def read_by_older(file: Path, query: str) -> str:
    command = [str(older_client()), "-readonly", "-csv", "-noheader", str(file), query]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return run.stdout.strip() or run.stderr


def build_with_profile(request):
    """The small build, into a file made as dbt makes it: with what the profile says."""
    profile = yaml.safe_load((ROOT / "profiles.yml").read_text(encoding="utf-8"))
    options = profile["urban_resilience"]["outputs"]["published"]["config_options"]
    duckdb.connect(str(request.warehouse), config=options).close()
    code = small_build(request)
    with duckdb.connect(str(request.warehouse)) as connection:
        connection.execute("create schema if not exists snapshots")
        connection.execute("create or replace table snapshots.kept as select 1 as id")
    return code


def build_on_history(request):
    """The small build, into a file that begins with the history of the last one."""
    assert carry_history(request.newest / request.warehouse.name, request.warehouse) == ["kept"]
    return small_build(request)


def test_profile_and_library_say_the_same():
    profile = yaml.safe_load((ROOT / "profiles.yml").read_text(encoding="utf-8"))
    outputs = profile["urban_resilience"]["outputs"].values()
    for output in (each for each in outputs if each["type"] == "duckdb"):
        assert output["config_options"] == STORAGE


def test_two_nights_are_read_by_the_older_client(tmp_path):
    for night, build in ((1, build_with_profile), (2, build_on_history), (3, build_on_history)):
        write_raw(tmp_path, night)
        assert refresh_small(tmp_path, build=build).run.outcome == "published"
        file = places_in(tmp_path).warehouse
        assert read_by_older(file, "select max(value) from panel.city_years") == str(night)
        assert read_by_older(file, "select max(version) from quality.fct_build_runs") == str(night)


def test_the_older_client_refuses_the_newest_form(tmp_path):
    """Without the setting the test above would fail: the client is older in truth."""
    duckdb.connect(str(tmp_path / "new.duckdb")).close()
    assert "newer version" in read_by_older(tmp_path / "new.duckdb", "select 1")


def test_a_full_build_is_read_by_the_older_client(simulated_warehouse):
    rows = read_by_older(simulated_warehouse, "select count(*) > 1000 from panel.fct_city_years")
    assert rows == "true"
