"""Rows that failed are shown before the file that has them goes, and published ones carry none."""

import json

import duckdb
import pytest

from urban_resilience.refresh import build as building
from urban_resilience.refresh.export import finish_file
from urban_resilience.refresh.failures import SCHEMA, describe, failing_rows
from urban_resilience.refresh.request import BuildRequest

ODD = 'say "no"; drop table x'


def write_failures(path, tables):
    """A warehouse with one table of a column `n` per test."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create schema {SCHEMA}")
        for name, count in tables.items():
            quoted = name.replace('"', '""')
            connection.execute(
                f'create table {SCHEMA}."{quoted}" as'
                f" select {count} - range as n, null as note from range({count})"
            )
    return path


def tables_of(path):
    with duckdb.connect(str(path), read_only=True) as connection:
        return {name for (name,) in connection.execute(
            f"select table_name from information_schema.tables where table_schema = '{SCHEMA}'"
        ).fetchall()}  # fmt: skip


def test_only_tests_that_found_rows_and_only_the_first_rows(tmp_path):
    path = write_failures(tmp_path / "w.duckdb", {"empty": 0, "many": 1_200, ODD: 2})
    many, odd = failing_rows(path, limit=3)
    assert (many.test, many.n_rows) == ("many", 1_200)
    assert [row["n"] for row in many.rows] == [1, 2, 3]
    assert (odd.test, odd.n_rows, len(odd.rows)) == (ODD, 2, 2)


def test_a_file_without_stored_failures_has_none(tmp_path):
    duckdb.connect(str(tmp_path / "w.duckdb")).close()
    assert failing_rows(tmp_path / "w.duckdb") == []


def test_described_with_the_count_and_without_empty_cells(tmp_path):
    path = write_failures(tmp_path / "w.duckdb", {"many": 1_200})
    assert describe(failing_rows(path, limit=2)[0]).splitlines() == [
        "many: 1,200 failing rows, the first 2",
        "  n=1",
        "  n=2",
    ]


@pytest.mark.parametrize(("n_warned", "left"), [(3, {"warned"}), (0, set())])
def test_a_published_file_has_no_empty_ones(tmp_path, n_warned, left):
    path = write_failures(tmp_path / "w.duckdb", {"passed": 0, "warned": n_warned})
    finish_file(path, [], tmp_path / "none")
    assert tables_of(path) == left
    with duckdb.connect(str(path), read_only=True) as connection:
        schemas = connection.execute("select schema_name from duckdb_schemas()").fetchall()
    assert ((SCHEMA,) in schemas) == bool(left)


@pytest.fixture
def request_of(tmp_path, monkeypatch):
    """A build whose dbt is a function: it may write a warehouse and results, and returns a code."""
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    monkeypatch.setattr(building, "prepare", lambda raw, out: building.IntakeReport(
        raw, out, {}, (), (), (), 0
    ))  # fmt: skip
    request = BuildRequest(raw=tmp_path / "raw", warehouse=tmp_path / "w.duckdb")

    def build_with(dbt):
        monkeypatch.setattr(building, "_narrated", dbt)
        return building.build(request)

    return build_with


def write_results(folder, statuses):
    results = [
        {"status": status, "relation_name": f'"w"."{SCHEMA}"."{name}"'}
        for name, status in statuses.items()
    ]
    (folder / "run_results.json").write_text(
        json.dumps({"results": [*results, {"status": "fail", "relation_name": None}]})
    )


def test_a_failed_build_shows_five_rows_of_each_failed_test(request_of, tmp_path, capsys):
    def dbt(*command, **environment):
        assert "--store-failures" in command
        write_failures(tmp_path / "w.duckdb", {"bad": 7, "worse": 1, "warned": 2})
        write_results(tmp_path, {"bad": "fail", "worse": "fail", "warned": "warn"})
        return 1

    assert request_of(dbt) == 1
    said = capsys.readouterr().out
    assert "bad: 7 failing rows, the first 5\n  n=1\n" in said
    assert said.count("n=") == 6
    assert "worse: 1 failing rows\n" in said
    assert "warned" not in said


def test_dbt_that_stopped_before_the_first_table_needs_no_more_words(request_of, tmp_path, capsys):
    write_results(tmp_path, {"of_yesterday": "fail"})
    assert request_of(lambda *command, **environment: 2) == 2
    assert capsys.readouterr().out == ""


def test_a_broken_file_is_said_to_be_unreadable(request_of, tmp_path, capsys):
    def dbt(*command, **environment):
        (tmp_path / "w.duckdb").write_bytes(b"x" * 5_000)
        write_results(tmp_path, {"bad": "fail"})
        return 1

    assert request_of(dbt) == 1
    assert "cannot be read" in capsys.readouterr().out
