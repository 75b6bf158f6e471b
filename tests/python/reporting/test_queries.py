"""A question reads the warehouse and nothing else, within its limits, and is refused in words."""

import datetime
import time

import duckdb
import pandas as pd
import pytest

from urban_resilience.reporting.queries.ask import (
    LARGEST,
    QueryError,
    ask,
    ask_arrow,
    plain_value,
)
from urban_resilience.reporting.queries.sandbox import CONFIG
from urban_resilience.shared.digest import digest_file


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    """A file with a mart, one beside it that is none of them, and a name in two schemas."""
    file = tmp_path_factory.mktemp("asked") / "study.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("""
            create schema indices; create schema staging; create schema panel;
            create table indices.fct_resilience as
            select 'Aa' || i as city_name_en, i as year, i / 4 as resi from range(5) as t(i);
            create table panel.fct_city_years as select 1 as city, date '2019-12-31' as until;
            create table staging.fct_city_years as select 2 as city;
            create view staging.stg_seen as select 3 as city;
        """)
    return file


def test_an_answer_has_its_rows_in_order_and_says_whether_there_were_more(warehouse):
    answer = ask(warehouse, "select year, resi from indices.fct_resilience order by year desc", 2)
    assert answer.columns == ("year", "resi")
    assert answer.rows == ((4, 1.0), (3, 0.75))
    assert answer.is_cut and answer.seconds > 0
    assert not ask(warehouse, "from indices.fct_resilience", 5).is_cut


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("select count(*) from fct_resilience", ((5,),)),
        ("select city from fct_city_years", ((1,),)),  # the mart, not what lies beside it
        ("select city from staging.fct_city_years;", ((2,),)),
        ("from stg_seen", ((3,),)),
        ("select count(*) from {{ ref('fct_resilience') }} where year > 1", ((3,),)),
        ("with a as (select 7 as x) select * from a -- done", ((7,),)),
        ("pivot fct_resilience on year in (0, 1) using sum(resi) order by all limit 1", None),
        ("describe fct_city_years", None),
        ("summarize fct_resilience", None),
        ("show all tables", None),
        ("explain select 1", None),
    ],
)
def test_whatever_reads_is_answered(warehouse, sql, rows):
    answer = ask(warehouse, sql)
    assert answer.rows and answer.columns
    assert rows in (None, answer.rows)


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("", "one statement at a time: there are 0"),
        ("select 1; select 2", "one statement at a time: there are 2"),
        ("drop table indices.fct_resilience", "drop: a question only reads"),
        ("create temp table x as select 1", "create: a question only reads"),
        ("insert into indices.fct_resilience select 'x', 1, 1", "insert: a question only reads"),
        ("update indices.fct_resilience set year = 1", "update: a question only reads"),
        ("set threads = 1", "set: a question only reads"),
        ("reset lock_configuration", "a question only reads"),
        ("use memory", "a question only reads"),
        ("pragma database_list", "a question only reads"),
        ("call pragma_version()", "a question only reads"),
        ("attach ':memory:' as other", "attach: a question only reads"),
        ("detach study", "a question only reads"),
        ("install httpfs", "a question only reads"),
        ("load httpfs", "a question only reads"),
        ("copy indices.fct_resilience to 'x.csv'", "copy: a question only reads"),
        ("export database 'x'", "export: a question only reads"),
        ("checkpoint", "a question only reads"),
        ("prepare x as select 1", "a question only reads"),
        ("explain analyze delete from indices.fct_resilience", "read-only mode"),
        ("select * from read_text('/etc/passwd')", "reads the warehouse and nothing else"),
        ("select * from '/etc/passwd'", "there is no relation /etc/passwd"),
        ("select * from 'somewhere.parquet'", "nothing else"),
        ("select * from glob('/*')", "nothing else"),
        ("select * from read_csv('http://127.0.0.1/x.csv')", "nothing else"),
        ("select * from frame", "there is no relation frame"),
        ("from fct_resiliense", "there is no relation fct_resiliense (nearest: indices.fct_resil"),
        ("from indices.fct_resiliense", "(nearest: indices.fct_resilience)"),
        ("select resy from fct_resilience", 'Candidate bindings: "resi"'),
        ("selec 1", 'syntax error at or near "selec"'),
        ("select {{ in_study_years() }}", "`.venv/bin/dbt compile` writes it as plain SQL"),
    ],
)
def test_whatever_does_not_is_refused_in_a_line(warehouse, sql, says):
    frame = pd.DataFrame({"secret": [1]})
    before = digest_file(warehouse)
    with pytest.raises(QueryError) as refused:
        ask(warehouse, sql)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert digest_file(warehouse) == before
    assert len(frame) == 1


def test_what_does_not_fit_into_memory_is_refused(warehouse, monkeypatch):
    monkeypatch.setitem(CONFIG, "memory_limit", "20MB")
    with pytest.raises(QueryError, match="more memory than a question has"):
        ask(warehouse, "select * from range(5000000) order by random()", seconds=600)


def test_a_question_that_takes_too_long_is_stopped(warehouse):
    start = time.monotonic()
    with pytest.raises(QueryError, match=r"stopped after 0.2 s: ask for less"):
        ask(warehouse, "select count(*) from range(1000000000000)", seconds=0.2)
    assert time.monotonic() - start < 10


def test_the_next_question_sees_what_was_published_meanwhile(warehouse, tmp_path):
    file = tmp_path / "study.duckdb"
    for city in (1, 2):
        new = tmp_path / "new.duckdb"
        new.unlink(missing_ok=True)
        with duckdb.connect(str(new)) as connection:
            connection.execute(f"create table t as select {city} as city")
        new.replace(file)
        assert ask(file, "from t").rows == ((city,),)


def test_a_table_of_arrow_keeps_types_and_all_rows(warehouse):
    table, is_cut = ask_arrow(warehouse, "select year, resi from fct_resilience order by year")
    assert (table.num_rows, is_cut) == (5, False)
    assert [str(field.type) for field in table.schema] == ["int64", "double"]
    table, is_cut = ask_arrow(warehouse, "from fct_resilience", 2)
    assert (table.num_rows, is_cut) == (2, True)
    with pytest.raises(QueryError, match="drop"):
        ask_arrow(warehouse, "drop table t")


@pytest.mark.parametrize(
    ("sql", "plain"),
    [
        ("select null, true, 'x', 1", [None, True, "x", 1]),
        ("select 'nan'::double, 'inf'::double, 1.5::decimal(4, 2)", [None, None, 1.5]),
        (f"select {LARGEST}::bigint, {LARGEST + 1}::bigint", [LARGEST, str(LARGEST + 1)]),
        ("select date '2019-12-31', time '01:02:03'", ["2019-12-31", "01:02:03"]),
        ("select timestamp '2019-12-31 01:02:03'", ["2019-12-31T01:02:03"]),
        ("select [1, null], {'a': 'nan'::double}", [[1, None], {"a": None}]),
        ("select '\\xAB'::blob, interval 2 days", ["ab", "2 days, 0:00:00"]),
    ],
)
def test_every_value_has_a_form_in_json(warehouse, sql, plain):
    (row,) = ask(warehouse, sql).rows
    assert [plain_value(value) for value in row] == plain


def test_a_moment_of_the_warehouse_has_its_zone():
    moment = datetime.datetime(2026, 3, 1, 2, 30, tzinfo=datetime.UTC)
    assert plain_value(moment) == "2026-03-01T02:30:00+00:00"
