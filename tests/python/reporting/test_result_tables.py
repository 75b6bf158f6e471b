"""Titles and order of the printed tables are the study's rows."""

import csv

import duckdb
import pytest

from support.dbt import ROOT
from urban_resilience.reporting.result_tables import ResultTables, read_result_tables

COLUMNS = "table_id varchar, position integer, title_en varchar, title_zh varchar"
ROWS = [
    ("second", 2, "Second", None, None, None),
    ("first", 1, "First", "第一", "A note.", "注。"),
    ("last", None, "Last", "末", None, "只有中文。"),
]


def titles_of(rows) -> ResultTables:
    with duckdb.connect() as connection:
        connection.execute("create schema reference")
        connection.execute(
            f"create table reference.result_tables ({COLUMNS}, note_en varchar, note_zh varchar)"
        )
        for row in rows:
            connection.execute("insert into reference.result_tables values (?, ?, ?, ?, ?, ?)", row)
        return read_result_tables(connection)


def test_tables_come_in_the_order_of_the_seed_and_others_last():
    titles = titles_of(ROWS)
    ids = ["zebra", "own", "last", "second", "first"]
    assert sorted(ids, key=titles.order) == ["first", "second", "last", "own", "zebra"]


def test_a_title_is_the_row_of_the_study_or_the_id_in_words():
    titles = titles_of(ROWS)
    assert (titles.title("first").en, titles.title("first").zh) == ("First", "第一")
    # A study in one language has one title.
    assert titles.title("second").zh == "Second"
    assert titles.title("my_own_table").en == "My own table"
    assert titles.title("my_own_table").zh == "My own table"


def test_a_note_is_there_in_both_languages_or_not_at_all():
    titles = titles_of(ROWS)
    assert (titles.note("first").en, titles.note("first").zh) == ("A note.", "注。")
    assert titles.note("second").en == titles.note("second").zh == ""
    assert titles.note("last").en == "只有中文。"


def test_a_warehouse_of_before_has_no_titles():
    with duckdb.connect() as connection:
        assert read_result_tables(connection) == ResultTables()


@pytest.mark.parametrize(
    "study", ["seeds/study", *(f"studies/{p.name}" for p in (ROOT / "studies").iterdir())]
)
def test_every_table_of_a_shipped_study_has_titles_in_both_languages(study):
    def ids(name: str) -> set[str]:
        with (ROOT / study / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return {row["table_id"] for row in csv.DictReader(file) if row["table_id"]}

    with (ROOT / study / "result_tables.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert ids("regression_specs") <= {row["table_id"] for row in listed}
    assert all(row["title_en"] and row["title_zh"] and row["position"] for row in listed)
    assert len({row["position"] for row in listed}) == len(listed)
