"""The age of raw files: the time is the analyst's, the limits warn and never fail."""

import json
import os
from datetime import UTC, datetime, timedelta

import duckdb
import pandas as pd
import pytest

from support.dbt import run_dbt
from support.warehouse import Warehouse
from urban_resilience.intake import prepare
from urban_resilience.reporting.freshness import stale_tables, supplied_tables

OLD = datetime(2024, 2, 29, 23, 59, 58, tzinfo=UTC)
# With a quote, a blank and letters of elsewhere, as folders have them.
FOLDER = "raw of O'Neill 数据"


def set_time(path, time):
    os.utime(path, (time.timestamp() + 0.6, time.timestamp() + 0.6))


def naive(time):
    return time.replace(tzinfo=None)


FAR_FROM_GREENWICH = {"TZ": "Asia/Shanghai"}


@pytest.fixture(scope="module")
def old_csv(small_files, tmp_path_factory):
    """A yearbook of February 2024 and pilots of today, both CSV in a folder with an odd name."""
    folder = tmp_path_factory.mktemp("fresh") / FOLDER
    folder.mkdir()
    small_files["city_yearbook"].to_csv(folder / "city_yearbook.csv", index=False)
    set_time(folder / "city_yearbook.csv", OLD)
    pilots = {"policy_id": ["smart_city"], "city_code": ["110000"], "year": [2012]}
    pd.DataFrame(pilots).to_csv(folder / "policy_pilots.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """One for all, so that dbt reads the project once."""
    return tmp_path_factory.mktemp("freshness")


@pytest.fixture(scope="module")
def checked(old_csv, workspace):
    """What `dbt source freshness` says of that folder, far from Greenwich, by table."""
    run = run_dbt(
        *("source", "freshness"),
        raw=old_csv,
        workspace=workspace,
        variables=FAR_FROM_GREENWICH,
        artifacts=True,
    )
    results = json.loads((run.target / "sources.json").read_text())["results"]
    return {result["unique_id"].rpartition(".")[2]: result for result in results}


def test_every_file_that_people_supply_has_a_limit(checked, manifest_sources):
    own = {"raw_files", "unreadable_cells"}
    assert set(checked) == manifest_sources - own


@pytest.fixture(scope="module")
def manifest_sources(simulated_run):
    manifest = json.loads((simulated_run.target / "manifest.json").read_text())
    sources = manifest["sources"].values()
    return {source["name"] for source in sources if source["source_name"] == "raw"}


def test_an_old_file_warns_and_fails_nothing(checked):
    # run_dbt has seen the exit code 0.
    found = checked["city_yearbook"]
    assert found["status"] == "warn"
    assert datetime.fromisoformat(found["max_loaded_at"]) == OLD
    age = datetime.now(UTC) - OLD
    assert found["max_loaded_at_time_ago_in_s"] == pytest.approx(age.total_seconds(), abs=600)


def test_new_and_absent_files_pass(checked):
    assert {name for name, result in checked.items() if result["status"] != "pass"} == {
        "city_yearbook"
    }


def test_nothing_supplied_yet_is_no_error(checked, workspace, tmp_path):
    run = run_dbt(
        *("source", "freshness"),
        raw=tmp_path / "nowhere",
        workspace=workspace,
        artifacts=True,
    )
    results = json.loads((run.target / "sources.json").read_text())["results"]
    by_table = {result["unique_id"].rpartition(".")[2]: result["status"] for result in results}
    assert by_table.pop("city_yearbook") == "warn"
    assert set(by_table.values()) == {"pass"}


@pytest.fixture(scope="module")
def converted(old_csv, checked, workspace):
    """The mart built, also far from Greenwich, from what the intake makes of the folder."""
    prepare(old_csv, workspace / "contract")
    run_dbt(
        *("build", "--select", "+rpt_freshness", "+fct_raw_files"),
        *("--exclude-resource-type", "unit_test", "test"),
        raw=workspace / "contract",
        workspace=workspace,
        variables=FAR_FROM_GREENWICH,
    )
    return Warehouse(workspace / "warehouse" / "urban_resilience.duckdb")


def test_a_converted_file_keeps_the_time_of_the_original(converted):
    times = converted.frame(
        "select table_name, source_file, modified_at from quality.fct_raw_files"
    )
    times = times.set_index("table_name")
    assert times.loc["city_yearbook", "source_file"] == "city_yearbook.csv"
    assert times.loc["city_yearbook", "modified_at"] == naive(OLD)


def test_the_mart_judges_by_the_limits(converted, checked):
    mart = converted.frame("select * from quality.rpt_freshness").set_index("table_name")
    assert mart.loc["city_yearbook", "supplied_at"] == naive(OLD)
    built_at = mart.loc["city_yearbook", "built_at"]
    assert abs(built_at - naive(datetime.now(UTC))) < timedelta(minutes=10)
    age = (built_at - naive(OLD)).total_seconds() / 86_400
    assert mart.loc["city_yearbook", "age_days"] == pytest.approx(age)
    assert mart.loc["city_yearbook", "newest_year"] == 2019
    assert mart["is_stale"].dropna().to_dict() == {"city_yearbook": True, "policy_pilots": False}
    absent = mart.loc["platform_members"]
    assert absent[["source_files", "supplied_at", "age_days"]].isna().all()
    for table, result in checked.items():
        limit = result["criteria"]["warn_after"]
        assert (limit["count"], limit["period"]) == (mart.loc[table, "limit_days"], "day")
        assert result["criteria"].get("error_after", {}).get("count") is None


def test_files_used_as_they_are_have_their_own_time(simulated_warehouse, simulated_raw):
    rows = Warehouse(simulated_warehouse).frame(
        "select * from quality.rpt_freshness where supplied_at is not null"
    )
    assert len(rows) == 6
    for row in rows.itertuples():
        stamp = int((simulated_raw / row.source_files).stat().st_mtime)
        assert row.supplied_at == naive(datetime.fromtimestamp(stamp, UTC)), row.table_name
        assert not row.is_stale


def test_ages_are_counted_to_the_day_one_asks(tmp_path):
    path = tmp_path / "study.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema quality")
        connection.execute(
            "create table quality.rpt_freshness as select * from (values"
            " ('a', timestamp '2024-01-01 00:00:00', 10.0), ('b', null, 10.0))"
            " as t (table_name, supplied_at, limit_days)"
        )
    start = datetime(2024, 1, 1, tzinfo=UTC)
    assert stale_tables(path, start + timedelta(days=10)) == []
    (late,) = stale_tables(path, start + timedelta(days=10, seconds=1))
    assert str(late) == "a was supplied on 2024-01-01, 10 days ago (limit 10)"
    # The clock was put back: new, not of negative age.
    assert supplied_tables(path, start - timedelta(days=1))[0].age_days == 0


def test_a_warehouse_without_ages_is_silent(tmp_path):
    (tmp_path / "damaged.duckdb").write_bytes(b"nothing")
    assert supplied_tables(tmp_path / "damaged.duckdb") == []
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    assert supplied_tables(tmp_path / "empty.duckdb") == []
