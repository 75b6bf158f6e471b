"""`urban-resilience query`: where the text comes from, and every form of the answer."""

import csv
import io
import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from support.command import run_command
from urban_resilience.cli.app import app

QUERY = "select city_name_en, resi, year from fct_resilience order by year"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    file = tmp_path_factory.mktemp("asked") / "study.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("""
            create schema indices;
            create table indices.fct_resilience as
            select * from (values ('A [b]', 1.23456789, 1), ('=1+1', null, 2), ('深圳', 2, 3))
                as t(city_name_en, resi, year)
        """)
    return file


def test_a_table_is_shown_whole(warehouse):
    ended = run_command("query", QUERY, "--warehouse", warehouse)
    assert (ended.code, ended.err) == (0, "")
    lines = [line.rstrip() for line in ended.out.splitlines() if line.strip()]
    assert lines[0].split() == ["city_name_en", "resi", "year"]
    assert [line.split() for line in lines[2:]] == [
        ["A", "[b]", "1.23457", "1"],
        ["=1+1", "2"],
        ["深圳", "2", "3"],
    ]


def test_a_long_answer_says_that_it_is_cut(warehouse):
    ended = run_command("query", "select * from range(2000)", "--warehouse", warehouse)
    assert len([line for line in ended.out.splitlines() if line.strip().isdigit()]) == 1000
    assert ended.err == "1,000 rows, and there are more: --limit asks for more of them\n"
    ended = run_command("query", QUERY, "--limit", 1, "--warehouse", warehouse)
    assert ended.err.startswith("1 rows, and there are more")


def test_csv_and_json_are_for_other_programs(warehouse):
    shown = run_command("query", QUERY, "--format", "csv", "--warehouse", warehouse).out
    rows = list(csv.reader(io.StringIO(shown)))
    assert rows[0] == ["city_name_en", "resi", "year"]
    # A spreadsheet would evaluate it.
    assert [row[0] for row in rows[1:]] == ["A [b]", "'=1+1", "深圳"]
    assert [row[1] for row in rows[1:]] == ["1.23456789", "", "2.00000000"]
    shown = run_command("query", QUERY, "--format", "json", "--warehouse", warehouse).out
    assert json.loads(shown)[1:] == [
        {"city_name_en": "=1+1", "resi": None, "year": 2},
        {"city_name_en": "深圳", "resi": 2.0, "year": 3},
    ]
    none = run_command("query", QUERY + " limit 0", "--format", "json", "--warehouse", warehouse)
    assert json.loads(none.out) == []


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
def test_a_file_has_every_row_in_the_form_of_its_name(warehouse, tmp_path, ending):
    out = tmp_path / f"answer.{ending}"
    many = "select i, '市' as name from range(3000) as t(i)"
    ended = run_command("query", many, "--out", out, "--warehouse", warehouse)
    assert (ended.code, ended.out, ended.err) == (0, "", f"{out}: 3,000 rows\n")
    if ending == "parquet":
        assert pq.read_table(out).num_rows == 3000
    elif ending == "json":
        assert json.loads(out.read_text(encoding="utf-8"))[-1] == {"i": 2999, "name": "市"}
    else:
        assert out.read_bytes().startswith(b"\xef\xbb\xbf")
        assert len(out.read_text(encoding="utf-8-sig").splitlines()) == 3001


def test_a_table_can_be_a_file(warehouse, tmp_path):
    out = tmp_path / "answer.txt"
    run_command("query", QUERY, "--format", "table", "--out", out, "--warehouse", warehouse)
    assert "深圳" in out.read_text(encoding="utf-8")


def test_the_text_may_be_a_file_or_come_in(warehouse, tmp_path):
    (tmp_path / "q.sql").write_text("\ufeff-- why\n" + QUERY + ";", encoding="utf-8")
    options = ["--format", "csv", "--warehouse", str(warehouse)]
    shown = run_command("query", QUERY, *options).out
    assert run_command("query", f"@{tmp_path / 'q.sql'}", *options).out == shown
    piped = CliRunner().invoke(app, ["query", "-", *options], input=QUERY)
    assert piped.stdout == shown


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["from fct_resiliense"], "no relation fct_resiliense (nearest: indices.fct_resilience)"),
        (["drop table x"], "drop: a question only reads, so begin it with select"),
        (["@nowhere.sql"], "nowhere.sql: No such file or directory: name one that is there"),
        ([QUERY, "--format", "xml"], "--format xml: there are table, csv, json, parquet"),
        ([QUERY, "--format", "parquet"], "parquet is for a file: name it with --out"),
        ([QUERY, "--out", "x.doc"], "x.doc: there are table, csv, json, parquet; name one with"),
        (["select count(*) from range(1000000000000)", "--seconds", "0.1"], "stopped after 0.1 s"),
    ],
)
def test_a_faulty_question_is_one_line(warehouse, arguments, says):
    ended = run_command("query", *arguments, "--warehouse", warehouse)
    assert (ended.code, ended.out) == (1, "")
    (line,) = ended.err.splitlines()
    assert line.startswith("urban-resilience query: ") and says in line
    assert not Path("x.doc").exists()
