"""A fault of the user ends in one line with its remedy and an exit code, never in a traceback."""

import duckdb
import pytest

from support.command import run_command
from support.dbt import ROOT
from urban_resilience.cli import options
from urban_resilience.cli.one_line import in_words
from urban_resilience.refresh.lock import exclusive_lock
from urban_resilience.refresh.places import Places
from urban_resilience.shared.problems import IntakeError, Problem


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """An empty folder to run in: no project, no warehouse."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (
            ["explain", "Shenzhen", "2019"],
            1,
            "there is no warehouse at warehouse/urban_resilience.",
        ),
        (
            ["explain", "Shenzhen", "2019"],
            1,
            "`make build` makes it; --warehouse or WAREHOUSE_PATH",
        ),
        (["explain-spec", "t3_4"], 1, "there is no warehouse"),
        (["site"], 1, "there is no warehouse"),
        (["export"], 1, "there is no warehouse"),
        (
            ["export", "--warehouse", "x.duckdb"],
            1,
            "there is no warehouse at x.duckdb: `make build`",
        ),
        (["diff"], 1, "there is no earlier version; kept: none. Each build adds one"),
        (["rollback"], 1, "there is no earlier version; kept: none"),
        (["history", "--warehouse", "panel.duckdb"], 1, "WAREHOUSE_PATH names the file 'panel."),
        (["build"], 1, f"is not the folder of the project: `cd {ROOT}` first"),
        (["refresh"], 1, "is not the folder of the project"),
        (["as-of", "--date", "2026-03-01"], 1, "is not the folder of the project"),
        (["docs"], 1, "is not the folder of the project"),
        (["check-data", "--study", "nowhere"], 1, "STUDY names nowhere, which is no folder."),
        (["as-of"], 2, "Missing option '--date'"),
        (["explain", "Shenzhen"], 2, "Missing argument 'YEAR'"),
        (["explain", "Shenzhen", "last"], 2, "Invalid value for 'YEAR'"),
        (["explane", "Shenzhen", "2019"], 2, "Did you mean 'explain'"),
        (["export", "--stars", "2"], 2, "'--stars'"),
        (["rollback", "--too", "2"], 2, "No such option"),
    ],
)
def test_a_fault_is_one_line(elsewhere, arguments, code, says):
    ended = run_command(*arguments)
    assert (ended.code, ended.out) == (code, "")
    (line,) = ended.err.splitlines()
    assert line.startswith("urban-resilience") and says in line


def test_usage_says_where_the_help_is(elsewhere):
    assert "(`urban-resilience explain --help` explains)" in run_command("explain").err


def test_a_library_without_its_project_says_what_to_do(elsewhere, monkeypatch):
    monkeypatch.setattr(options, "ROOT", elsewhere)
    for command in ("check-data", "template", "study", "build", "simulate"):
        ended = run_command(command)
        assert ended.code == 1
        assert "clone the repository and run `make build` in it" in ended.err


def test_another_refresh_is_told_by_its_code(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "city_yearbook.csv").write_text("city_code\n")
    warehouse = tmp_path / "w.duckdb"
    with exclusive_lock(Places(warehouse).lock):
        ended = run_command("refresh", "--raw", tmp_path / "raw", "--warehouse", warehouse)
        assert ended.code == 75
        assert "is refreshing (lock " in ended.err
        back = run_command("rollback", "--warehouse", warehouse)
        assert back.code == 75


def test_a_file_that_is_no_warehouse(elsewhere):
    (elsewhere / "w.duckdb").write_text(
        "no database, but text that is long enough to look at\n" * 99
    )
    duckdb.connect(str(elsewhere / "empty.duckdb")).close()
    for file in ("w.duckdb", "empty.duckdb"):
        ended = run_command("explain", "Shenzhen", "2019", "--warehouse", file)
        assert ended.code == 1
        (line,) = ended.err.splitlines()
        assert "`make build` makes it anew" in line


def test_a_foreign_folder_is_not_replaced(elsewhere):
    duckdb.connect(str(elsewhere / "w.duckdb")).execute(
        "create schema panel; create table panel.fct_city_years as select 'supplied' data_origin"
    ).close()
    (elsewhere / "mine").mkdir()
    (elsewhere / "mine" / "file").touch()
    ended = run_command("export", "--warehouse", "w.duckdb", "--out", "mine")
    assert ended.code == 1
    assert ended.err.endswith("mine holds something that is no export: name another folder\n")
    ended = run_command("export", "--warehouse", "w.duckdb", "--format", "pdf")
    assert (ended.code, len(ended.err.splitlines())) == (1, 1)
    assert "FORMAT pdf: there are parquet, csv" in ended.err
    ended = run_command("export", "--warehouse", "w.duckdb", "--brackets", "x")
    assert (ended.code, len(ended.err.splitlines())) == (2, 1)
    assert "there are se, t, p" in ended.err


def test_a_study_that_is_there_is_not_written_over(elsewhere):
    assert run_command("study", "--out", "mine").code == 0
    again = run_command("study", "--out", "mine")
    assert again.code == 1
    assert len(again.err.splitlines()) == 1


def test_every_problem_of_a_folder_is_a_line():
    problems = [Problem("a.csv", "it is empty.", "Fill it."), Problem("b.csv", "so is it.", "Too.")]
    assert in_words(IntakeError(problems)).splitlines() == [str(problem) for problem in problems]


def test_a_locked_file_says_who_holds_it():
    words = in_words(duckdb.IOException("Could not set lock on file 'x': Conflicting lock"))
    assert words.startswith("another program has the file open to write it")
