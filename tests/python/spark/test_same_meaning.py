"""Both engines answer the same DuckDB text: what `spark/compared.py` lets through means the same.

Text runs on both and means something else more often than it fails: places of lists, rounding of
casts, nulls in an order, ends of a range, decimals, logarithms, patterns.
"""

import math
from datetime import date

import duckdb
import pytest

from support.engine_questions import AGGREGATES, EXPRESSIONS, QUERIES, ROWS
from support.spark_here import needs_spark

pytestmark = needs_spark


@pytest.fixture(scope="module")
def both(spark_session):
    from urban_resilience.spark.translate import to_spark

    with duckdb.connect() as connection:

        def ask(query: str) -> tuple[list, list]:
            ours = connection.execute(query).fetchall()
            theirs = [tuple(row) for row in spark_session.sql(to_spark(query)).collect()]
            return ours, theirs

        yield ask


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_means_the_same(both, expression):
    where = "where abs(x) < 1e9 or x is null" if "filter_out_large" in expression else ""
    text = expression.replace("filter_out_large", "")
    agree(*both(f"select id, {text} as value from {ROWS} {where} order by id"))


@pytest.mark.parametrize("aggregate", AGGREGATES)
def test_an_aggregate_means_the_same(both, aggregate):
    agree(*both(f"select k, {aggregate} as value from {ROWS} group by k order by k"))


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_query_means_the_same(both, query):
    agree(*both(query))


def test_an_error_of_our_own_stops_both(spark_session):
    """As `stop_with` says it: within `having`, of an aggregate."""
    from urban_resilience.spark.translate import to_spark

    query = """
        select count(*) as faults from (select unnest(['one', 'two', 'three']) as message)
        having case when count(*) > 0 then error(
            string_agg(message, chr(10) order by message) filter (where message <> 'two')
        ) is null else false end
    """
    with pytest.raises(duckdb.Error, match="one\nthree"):
        duckdb.sql(query).fetchall()
    with pytest.raises(Exception, match="one\nthree"):
        spark_session.sql(to_spark(query)).collect()
    none = query.replace("having", "where message = 'four' having")
    assert spark_session.sql(to_spark(none)).collect() == duckdb.sql(none).fetchall() == []


def agree(ours: list, theirs: list) -> None:
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        for one, two in zip(mine, other, strict=True):
            if one != one:
                assert two != two, (mine, other)
            elif one is None or isinstance(one, (bool, str, date)):
                assert one == two, (mine, other)
            else:
                assert two is not None and math.isclose(one, two, rel_tol=1e-12), (mine, other)
