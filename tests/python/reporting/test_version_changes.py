"""What changed between two kept versions is found, counted and said, and nothing else is."""

import subprocess
import sys

import duckdb
import pytest

from urban_resilience.refresh.places import Places
from urban_resilience.refresh.publish import keep_version, publish
from urban_resilience.reporting.version_changes import attach_sql, in_words, version_changes

FIRST = {
    ("resi", "1", 2019): (0.5, 1), ("resi", "2", 2019): (0.4, 2), ("resi", "3", 2019): (0.3, 3),
}  # fmt: skip
SECOND = {
    ("resi", "1", 2019): (0.35, 2), ("resi", "2", 2019): (0.4 + 1e-14, 1),
    ("resi", "4", 2019): (0.2, 3),
}  # fmt: skip
ESTIMATES = {("s", "x"): (0.1, 0.05, 0.04), ("s", "z"): (1.0, 0.1, 0.0), ("t", "x"): (2.0, 1, 0.1)}
OTHERS = {("s", "x"): (-0.1, 0.05, 0.06), ("s", "z"): (1.0, 0.1, 0.0), ("u", "x"): (3.0, 1, 0.1)}


def write(file, scores, estimates, more=()):
    with duckdb.connect(str(file)) as connection:
        for schema in ("indices", "results", "reference", "staging"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table reference.dim_cities as select '1' as city_code, 'One' as city_name_en"
        )
        connection.execute(
            "create table indices.fct_index_scores (index_id varchar, city_code varchar,"
            " year integer, score double, rank_in_year integer, city_name_en varchar)"
        )
        rows = [(*key, *value) for key, value in scores.items()]
        connection.executemany(
            "insert into indices.fct_index_scores values (?, ?, ?, ?, ?, null)", rows
        )
        connection.execute(
            "create table results.fct_coefficients (spec_id varchar, term varchar,"
            " estimate double, std_error double, p_value double)"
        )
        rows = [(*key, *value) for key, value in estimates.items()]
        connection.executemany("insert into results.fct_coefficients values (?, ?, ?, ?, ?)", rows)
        for table in more:
            connection.execute(f"create table {table} as select 1 as id")
    return file


@pytest.fixture
def files(tmp_path):
    before = write(tmp_path / "a.duckdb", FIRST, ESTIMATES, ["results.fct_old", "staging.x"])
    return before, write(tmp_path / "b.duckdb", SECOND, OTHERS, ["results.fct_new"])


@pytest.fixture
def changes(files):
    return {change.kind: change for change in version_changes(*files)}


def test_rows_name_what_is_new_gone_and_longer(changes):
    assert changes["rows"].words == (
        "results.fct_new is new: 1 rows",
        "results.fct_old is gone: it had 1 rows",
    )


def test_scores_and_ranks_are_compared_by_key_and_not_by_their_last_digit(changes):
    assert changes["scores"].n == 3
    assert set(changes["scores"].words) == {
        "resi of One in 2019: 0.5000, now 0.3500",
        "resi of 3 in 2019 is gone: it was 0.3000",
        "resi of 4 in 2019 is new: 0.2000",
    }
    assert set(changes["ranks"].words) == {
        "resi of One in 2019: place 1, now 2", "resi of 2 in 2019: place 2, now 1",
    }  # fmt: skip


def test_coefficients_say_sign_significance_and_distance(changes):
    found = changes["coefficients"]
    assert found.n == 3
    assert found.words[0] == "1 change sign, 1 cross the 5 percent line"
    assert "x in s: 0.1, now -0.1, 4.00 standard errors apart and another sign" in found.words
    assert {"x in u is new: 3", "x in t is gone: it was 2"} <= set(found.words)


def test_the_sql_gives_the_rows(files, changes):
    text = in_words(list(changes.values()), *files)
    for change in changes.values():
        assert change.sql in text
        with duckdb.connect() as connection:
            connection.execute(attach_sql(*files))
            assert len(connection.execute(change.sql).fetchall()) == change.n


def test_a_build_like_the_one_before_has_not_changed(files, tmp_path):
    again = write(tmp_path / "c.duckdb", FIRST, ESTIMATES, ["results.fct_old"])
    assert [change.n for change in version_changes(files[0], again)] == [0, 0, 0, 0]


def test_the_command_compares_kept_versions(tmp_path, monkeypatch):
    places = Places(tmp_path / "study.duckdb")
    for run, (scores, estimates) in enumerate([(FIRST, ESTIMATES), (SECOND, OTHERS)], 12):
        built = tmp_path / f"built{run}"
        (built / "marts").mkdir(parents=True)
        write(built / places.warehouse.name, scores, estimates)
        publish(places, keep_version(places, built, run))

    def run_command(*options):
        command = [sys.executable, "-m", "urban_resilience", "diff", *options]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    monkeypatch.setenv("WAREHOUSE_PATH", str(places.warehouse))
    named, last = run_command("--a", "12", "--b", "13"), run_command()
    assert named.returncode == 0, named.stderr
    assert named.stdout == last.stdout
    assert named.stdout.startswith("From version 12 to version 13:")
    assert "3 coefficients that changed" in named.stdout and "attach '" in named.stdout
    refused = run_command("--a", "3", "--b", "13")
    assert refused.returncode == 1
    assert "version 3 is not kept; kept: 12, 13" in refused.stderr
