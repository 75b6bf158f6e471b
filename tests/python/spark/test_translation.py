"""What the translation refuses, and how it says so; what it leaves as it is."""

from __future__ import annotations

import pytest

from support.engine_questions import AGGREGATES, EXPRESSIONS, QUERIES

sqlglot = pytest.importorskip("sqlglot", reason="make .venv/installed-spark")

REFUSED = {
    "select quantile_cont(x, 0.9) from t": "QUANTILE_CONT",
    "select list(x order by y) from t": "list_sort",
    "select x[1:2] from t": "whole number from 1",
    "select x[-1] from t": "whole number from 1",
    "select regexp_matches(x, y) from t": "written out",
    "select regexp_matches(x, '[a-z&&[b]]') from t": "backslash",
    "select regexp_replace(x, 'a', 'b', 'i') from t": "modifiers",
    "select format('{:>8}', x) from t": "formats",
    "select log(3, x) from t": "logarithm",
    "select cast(2.5 as integer)": "whole number",
    "select * replace (a + 1 as a) from t": "replace",
    "select string_agg(x, ',' order by y) filter (where z) over (partition by k) from t": "window",
    "select some_function_of_tomorrow(x) from t": "some_function_of_tomorrow",
    "select chr(20013)": "below 128",
    "select unnest(x), unnest(y) from t": "one list",
    "select 1 from t where (a, b) in (select c from u)": "written out",
    "select from where": "",
}


@pytest.mark.parametrize("query", REFUSED)
def test_what_cannot_be_said_is_refused_by_name(query):
    from urban_resilience.spark.refused import TranslationError
    from urban_resilience.spark.translate import to_spark

    with pytest.raises(TranslationError) as refusal:
        to_spark(query)
    assert REFUSED[query].lower() in str(refusal.value).lower()


def test_only_marked_parts_are_translated():
    from urban_resilience.spark.marks import translated

    statement = "create table a as /*[duckdb*/ select 1.5 as x /*duckdb]*/ -- select 1.5"
    done = translated(statement, lambda sql: sql.replace("1.5", "1.5D"))
    assert done == "create table a as  select 1.5D as x  -- select 1.5"


def test_every_function_let_through_is_put_to_both_engines():
    """The list of functions holds none that no query of test_same_meaning asks."""
    from sqlglot import exp

    from urban_resilience.spark.compared import COMPARED_FUNCTIONS, COMPARED_NAMES
    from urban_resilience.spark.translate import parsed

    texts = [f"select {text.replace('filter_out_large', '')}" for text in EXPRESSIONS]
    texts += [f"select {text} from t" for text in AGGREGATES]
    calls = [
        call for text in [*texts, *QUERIES.values()] for call in parsed(text).find_all(exp.Func)
    ]
    assert COMPARED_FUNCTIONS - {type(call) for call in calls} == set()
    named = {call.name.lower() for call in calls if isinstance(call, exp.Anonymous)}
    assert set(COMPARED_NAMES) - named == set()
