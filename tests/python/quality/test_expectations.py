"""Expectations are rows: read with clear errors, evaluated on frames whose faults are known."""

import json

import duckdb
import pandas as pd
import pytest

from support.dbt import ROOT
from urban_resilience.quality.evaluate import COLUMNS, evaluate_layer
from urban_resilience.quality.expectations import ExpectationError, read_expectations

BETWEEN = "expect_column_values_to_be_between"
CITIES = pd.DataFrame(
    {
        "city_code": ["110000", "110000", "120000", "130100"],
        "year": [2010, 2011, 2010, 2010],
        "cpi": [102.0, 300.0, None, 60.0],
        "part": [1.0, 2.0, 5.0, None],
        "whole": [2.0, 2.0, 4.0, 1.0],
    }
)


def row(expectation_id="cpi", **changes):
    arguments = changes.pop("arguments", {"column": "cpi", "min_value": 80, "max_value": 130})
    return {
        "expectation_id": expectation_id,
        "layer": "raw",
        "relation": "cities",
        "expectation": BETWEEN,
        "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
        "row_filter": None,
        "key_columns": "city_code year",
        "severity": "error",
        "kind": "range",
        "why": "Prices.",
    } | changes


def evaluated(*rows, frame=CITIES, **options):
    return evaluate_layer("raw", pd.DataFrame(rows), {"cities": frame}, **options)


def only(*rows, **options):
    results = evaluated(*rows, **options)
    assert list(results.columns) == list(COLUMNS)
    return results.iloc[0]


def test_values_out_of_range_are_counted_shown_and_kept():
    result = only(row())
    assert not result["success"]
    assert (result["n_rows"], result["n_unexpected"]) == (4, 2)
    assert result["observed"] == "2 of 4 rows"
    assert result["unexpected_examples"] == "110000 2011: cpi = 300.0; 130100 2010: cpi = 60.0"
    assert json.loads(result["offending_rows"]) == [
        {"city_code": "110000", "year": 2011, "cpi": 300.0},
        {"city_code": "130100", "year": 2010, "cpi": 60.0},
    ]
    assert "cities, column cpi: Prices." in result["message"]


def test_rows_out_of_the_filter_are_not_judged():
    result = only(row(row_filter="year = 2011"))
    assert (result["n_rows"], result["n_unexpected"]) == (1, 1)
    assert json.loads(result["offending_rows"])[0]["year"] == 2011
    assert only(row(row_filter="year > 2011"))["success"]


def test_a_tolerated_share_is_met_and_still_shown():
    result = only(
        row(arguments={"column": "cpi", "min_value": 80, "max_value": 130, "mostly": 0.3})
    )
    assert result["success"] and result["n_unexpected"] == 2
    assert pd.isna(result["message"])


def test_pairs_leave_out_rows_with_a_missing_side():
    arguments = {
        "column_A": "whole",
        "column_B": "part",
        "or_equal": True,
        "ignore_row_if": "either_value_is_missing",
    }
    pair = "expect_column_pair_values_a_to_be_greater_than_b"
    result = only(row(expectation=pair, arguments=arguments))
    assert result["column_name"] == "whole part"
    assert result["unexpected_examples"] == "120000 2010: whole = 4.0, part = 5.0"


def test_repeated_keys_are_all_shown():
    twice = pd.concat([CITIES, CITIES.iloc[:1]])
    arguments = {"column_list": ["city_code", "year"]}
    unique = "expect_compound_columns_to_be_unique"
    result = only(row(expectation=unique, arguments=arguments), frame=twice)
    assert not result["success"] and result["n_unexpected"] == 2


def test_a_table_without_rows_fails_what_asks_for_rows():
    rows = row(expectation="expect_table_row_count_to_be_between", arguments={"min_value": 1})
    result = only(rows, frame=CITIES.iloc[:0])
    assert not result["success"] and result["observed"] == "0"
    assert only(row(), frame=CITIES.iloc[:0])["success"]


def test_a_whole_number_column_with_gaps_is_judged():
    counts = CITIES.assign(part=pd.array([1, None, 3, 4], dtype="Int64"))
    assert (
        only(row(arguments={"column": "part", "max_value": 3}), frame=counts)["n_unexpected"] == 1
    )


def test_at_most_200_offending_rows_are_kept():
    many = pd.DataFrame({"city_code": "110000", "year": range(500), "cpi": 0.0})
    result = only(row(), frame=many)
    assert result["n_unexpected"] == 500
    assert len(json.loads(result["offending_rows"])) == 200


def test_an_accepted_change_warns_and_nothing_else_does():
    results = evaluated(row("a", kind="drift"), row("b"), accept_changes=True)
    assert results["severity"].tolist() == ["warn", "error"]
    assert evaluated(row("a", kind="drift"))["severity"].tolist() == ["error"]


def test_results_keep_the_order_of_the_seed():
    rows = [row("c"), row("a", row_filter="year = 2010"), row("b")]
    assert evaluated(*rows)["expectation_id"].tolist() == ["c", "a", "b"]


def test_a_layer_without_expectations_is_an_empty_table():
    results = evaluate_layer("panel", pd.DataFrame([row()]), {})
    assert results.empty and list(results.columns) == list(COLUMNS)


def test_columns_without_any_value_keep_their_type():
    results = evaluated(row(arguments={"column": "year", "min_value": 0}))
    with duckdb.connect() as connection:
        connection.register("results", results)
        kinds = dict(
            connection.execute("select column_name, column_type from (describe results)").fetchall()
        )
    assert kinds["message"] == kinds["unexpected_examples"] == kinds["row_filter"] == "VARCHAR"


BAD_ROWS = {
    "unknown relation": (row(relation="towns"), "does not audit 'towns'. It audits: cities"),
    "unknown column": (
        row(arguments={"column": "cpl", "min_value": 0}),
        "cities has no column 'cpl'. Near: cpi",
    ),
    "unknown key": (row(key_columns="city"), "cities has no column 'city'"),
    "unknown expectation": (row(expectation="expect_wonders"), "has no 'expect_wonders'"),
    "not an expectation": (row(expectation="__import__"), "has no '__import__'"),
    "no JSON": (row(arguments="{column: cpi}"), "`arguments` is no JSON object"),
    "a list": (row(arguments="[1]"), "`arguments` is no JSON object"),
    "unknown argument": (
        row(arguments={"column": "cpi", "minimum": 0}),
        "`arguments` do not fit",
    ),
    "unknown severity": (row(severity="fatal"), "unknown severity 'fatal'"),
    "unknown kind": (row(kind="mood"), "unknown kind 'mood'"),
    "no reason": (row(why=""), "`why` is empty"),
    "a filter that reads files": (
        row(row_filter="year in (select 1 from read_csv('/etc/passwd'))"),
        "`row_filter` cannot be used: subquery is not allowed",
    ),
    "a filter that runs a function": (row(row_filter="getenv('HOME') = ''"), "`row_filter`"),
    "a number of text": (
        row(arguments={"column": "city_code", "min_value": 0}),
        "cannot be evaluated",
    ),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_bad_row_is_named_with_its_fault(case):
    bad, fault = BAD_ROWS[case]
    with pytest.raises(ExpectationError) as raised:
        evaluated(bad)
    assert "Seed data_expectations, row cpi" in str(raised.value)
    assert fault in str(raised.value)


@pytest.fixture(scope="module")
def seed():
    return pd.read_csv(ROOT / "seeds/study/data_expectations.csv", dtype=str)


def test_every_kind_of_check_is_there(seed):
    kinds = {"schema", "key", "coverage", "range", "jump", "identity", "drift", "sanity"}
    assert set(seed["kind"]) == kinds
    assert set(seed["layer"]) == {"raw", "indices", "panel", "results"}
    assert seed["expectation_id"].is_unique


def test_the_seed_fits_the_relations_it_names(seed, simulated_warehouse):
    """Every row can be evaluated: the build has done so, here the columns are held against it."""
    with duckdb.connect(str(simulated_warehouse), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, list(column_name) from information_schema.columns group by 1"
        ).fetchall()
    known = {name: set(names) for name, names in columns}
    # The one relation that Python extends before it is judged.
    known["int_coefficients_compared"] |= {"statistic_gap", "p_value_gap", "p_value_of_statistic"}
    found = [
        expectation
        for layer in seed["layer"].unique()
        for expectation in read_expectations(seed, layer, known)
    ]
    assert len(found) == len(seed)


def test_every_expectation_of_the_seed_was_evaluated(seed, data_set, warehouse):
    results = warehouse.frame("select * from quality.fct_expectation_results")
    assert sorted(results["expectation_id"]) == sorted(seed["expectation_id"])
    assert results[(results["severity"] == "error") & ~results["success"]].empty


def test_offending_rows_are_those_counted(warehouse):
    counts = warehouse.frame(
        """
        select expectation_id, n_unexpected, count(rows.row_number) as n_kept
        from quality.fct_expectation_results as results
        left join quality.fct_offending_rows as rows using (expectation_id)
        group by all
        """
    )
    assert (counts["n_kept"] == counts["n_unexpected"].clip(upper=200)).all()
    assert (counts["n_unexpected"] > 0).any()
