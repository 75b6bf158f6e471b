"""Rows that define nothing are refused before anything is built: row, fault, nearest names."""

import os
import time
from functools import partial

import pytest

from support.dbt import ROOT
from support.seeds import write_seeds
from support.variables import SOURCES, faults
from urban_resilience.shared.project import SEEDS_VARIABLE, shown_path
from urban_resilience.variables.catalog import Catalog
from urban_resilience.variables.checked_variables import (
    VariableError,
    check_variables,
    variable_problems,
)
from urban_resilience.variables.definitions import VARIABLES, Definition, read_variables
from urban_resilience.variables.expression import DEEPEST, LONGEST
from urban_resilience.variables.study_variables import compile_definitions

row = partial(Definition, VARIABLES)

REFUSED = {
    # More than an expression.
    "(select max(x) from fct_city_years)": "a query is not allowed in an expression",
    "x in (select y from t)": "a query is not allowed in an expression",
    "exists (select 1)": "a query is not allowed in an expression",
    "read_text('/etc/passwd')": "function read_text is not allowed",
    "x from read_csv('/etc/passwd')": "syntax error at or near \"from\"",
    "sum(x) over (partition by city_code)": "a window is not allowed in an expression",
    "row_number() over ()": "a window is not allowed in an expression",
    "x; drop table cities": "syntax error at or near \";\"",
    "x) union select (y": "it is not one expression",
    "x), (y": "it is not one expression",
    "*": "* is not allowed in an expression",
    "columns('x')": "* is not allowed in an expression",
    "x -> x": "an arrow is not allowed in an expression",
    "x::varchar": "cast is not allowed in an expression",
    "cast(x as integer)": "cast is not allowed in an expression",
    "date '2001-01-01'": "cast is not allowed in an expression",
    "x collate nocase": "collate is not allowed in an expression",
    "ln(x) filter (where true)": "ln with a filter or an order is not allowed",
    "$1 + x": "parameter is not allowed in an expression",
    "x[1]": "operator is not allowed in an expression",
    "{'a': x}": "function struct_pack is not allowed",
    # Functions and signs.
    "logg(x)": "function logg is not allowed (nearest: log1p, log10) (allowed: ln, log10,",
    "rolling_men(x, 3)": "function rolling_men is not allowed (nearest: rolling_mean",
    "now()": "function now is not allowed",
    "sum(x)": "function sum is not allowed",
    "x % 2": "function % is not allowed",
    "province like 'a%'": "function ~~ is not allowed",
    "x is distinct from y": "comparison is not allowed in an expression",
    "ln(x, 2)": "ln is written ln(x)",
    "ln()": "ln is written ln(x)",
    "lag(x, 1, 0)": "lag is written lag(x, n)",
    "rolling_mean(x)": "rolling_mean is written rolling_mean(x, n)",
    # Numbers of years.
    "lag(x, 0)": "the number of years of lag is a whole number from 1 to 100",
    "lag(x, -1)": "the number of years of lag is a whole number from 1 to 100",
    "lead(x, 1.5)": "the number of years of lead is a whole number from 1 to 100",
    "diff(x, y)": "the number of years of diff is a whole number from 1 to 100",
    "growth(x, 101)": "the number of years of growth is a whole number from 1 to 100",
    "rolling_mean(x, 0)": "the number of years of rolling_mean is a whole number from 1 to 100",
    "rolling_sd(x, 1)": "the number of years of rolling_sd is a whole number from 2 to 100",
    # Names.
    "alttude * 2": "'alttude' is no name of the study (nearest: altitude",
    "score.prt": "'score.prt' is no name of the study (nearest: score.part, score)",
    "measure.score": "'measure.score' is no name of the study",
    "series.altitude": "'series.altitude' is no name of the study (nearest: altitude)",
    "current_date": "'current_date' is no name of the study",
    "v + 1": "'v' is this variable itself",
    # Kinds that do not go together.
    "x * 'a'": "its parts do not go together",
    "province * 2": "its parts do not go together",
    "coast * x": "its parts do not go together: Binder Error: No function matches the given name "
    "and argument types '*(BOOLEAN, DOUBLE)'.; what is true or false is no number: write case when",
    "ln(province)": "its parts do not go together",
    "mean_in_year(coast)": "its parts do not go together",
    "x = 'a'": "its parts do not go together",
    "x in ('a', 'b')": "its parts do not go together",
    "x between 'a' and 'b'": "its parts do not go together",
    "coalesce(x, 'none')": "its parts do not go together",
    "case when coast then 'a' else 1 end": "its parts do not go together",
    "province > 1": "its parts do not go together",
    # What cannot be read.
    "": "it is empty",
    "x +": "syntax error at or near \")\"",
    "ln(x": "syntax error",
    "'open": "unterminated string literal",
    "x = y = z": "Chained comparisons are not supported",
    "x + " * 600 + "x": f"it is longer than {LONGEST} characters",
    "x" * (LONGEST + 1): f"it is longer than {LONGEST} characters",
    "- " * 900 + "x": f"it is nested more than {DEEPEST} deep",
    "not " * 400 + "coast": f"it is nested more than {DEEPEST} deep",
    "abs(" * 200 + "x" + ")" * 200: f"it is nested more than {DEEPEST} deep",
    "x ** " * 300 + "x": f"it is nested more than {DEEPEST} deep",
}  # fmt: skip


@pytest.mark.parametrize("expression", REFUSED, ids=lambda text: text[:50])
def test_what_is_no_expression_is_refused(expression):
    ((name, fault),) = faults({"v": expression})
    assert name == "v"
    assert fault.startswith(f"expression: {REFUSED[expression]}"), fault


def test_the_longest_that_is_taken_takes_no_time():
    """Signs that write a side twice would double the SQL with every bracket."""
    started = time.monotonic()
    deep = {
        "v": "x ** " * (DEEPEST - 1) + "x",
        "w": "log1p(" * (DEEPEST - 1) + "x" + ")" * (DEEPEST - 1),
    }
    assert faults(deep) == []
    chain = {f"v{n}": f"v{n - 1} ** 2 + lag(v{n - 1})" for n in range(1, 40)}
    assert faults({"v0": "x", **chain}) == []
    assert time.monotonic() - started < 5


def test_a_chain_without_end_is_refused_and_not_crashed_on():
    chain = {f"v{n}": f"v{n + 1} + 1" for n in range(260)}
    found = faults({**chain, "v260": "x"})
    assert all(fault.startswith("expression: it is nested too deeply") for _, fault in found)
    assert found
    assert "v260" not in dict(found)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        (
            {"a": "b + 1", "b": "a"},
            {"a": "it is computed from itself: a -> b -> a",
             "b": "it is computed from itself: b -> a -> b"},
        ),
        (
            {"a": "lag(b)", "b": "c * x", "c": "ln(a)", "good": "x"},
            {"a": "it is computed from itself: a -> b -> c -> a",
             "b": "it is computed from itself: b -> c -> a -> b",
             "c": "it is computed from itself: c -> a -> b -> c"},
        ),
        (
            {"a": "variable.b", "b": "logg(x)", "c": "a"},
            {"a": "it names b, whose own row is wrong", "c": "it names b, whose own row is wrong",
             "b": "function logg is not allowed"},
        ),
    ],
)  # fmt: skip
def test_circles_and_what_comes_from_a_wrong_row(variables, expected):
    found = dict(faults(variables))
    assert set(found) == set(expected)
    for name, fault in expected.items():
        assert found[name].startswith(f"expression: {fault}")


def test_indicators_in_a_circle_and_over_what_comes_later():
    found = dict(
        faults(
            {"late": "score * 2", "early": "x"},
            indicators={
                "p": "q",
                "q": "p + x",
                "r": "late",
                "s": "reach",
                "t": "coast",
                "u": "early",
            },
        )
    )
    assert found == {
        "p": "expression: it is computed from itself: p -> q -> p",
        "q": "expression: it is computed from itself: q -> p -> q",
        "r": "it comes from score, which is computed after the indices",
        "s": "it comes from reach, which is computed after the indices",
        "t": "expression: it gives boolean, an indicator is a number",
    }


@pytest.mark.parametrize(
    ("variables", "fault"),
    [
        ([row("coast", "x")], "'coast' is also a group of the panel: rename it"),
        ([row("altitude", "x")], "'altitude' is also an attribute of places of the panel: rename"),
        ([row("trial_year", "x")], "'trial_year' is also the date of a policy of the panel: ren"),
        (
            [row("treated_trial", "x")],
            "'treated_trial' is also the treatment by a policy of the pa",
        ),
        ([row("ever_treated", "x")], "'ever_treated' is a column that the panel has already"),
        ([row("event_plus_0", "x")], "'event_plus_0' is a column that the panel has already"),
        ([row("city_code", "x")], "'city_code' is a column that the panel has already"),
        ([row("is_estimation_sample", "x")], "is a column that the panel has already"),
        ([row("data_origin", "x")], "'data_origin' is a column that the panel has already"),
        ([row("v", "x"), row("v", "y")], "'v' stands there twice"),
        ([row("a_half", "x"), row("a", "y", split_into=2)], "'a_half' stands there twice"),
        ([row("", "x")], "a row has no name; its expression is 'x'"),
        ([row("GDP", "x")], "'GDP' is no name: lower-case letters, digits, underscores"),
        ([row("order", "x")], "'order' is a word of SQL: give it another name"),
        ([row("1a", "x")], "'1a' is no name"),
        ([row("a b", "x")], "'a b' is no name"),
        ([row("密度", "x")], "'密度' is no name"),
        ([row("x); drop table t; --", "x")], "is no name"),
        ([row("a" * 64, "x")], "is no name"),
    ],
)
def test_names_that_cannot_be_columns(variables, fault):

    found = [text for _, _, text in compile_definitions(Catalog(SOURCES), variables, []).faults]
    assert any(fault in text for text in found), found


@pytest.mark.parametrize(
    ("definition", "fault"),
    [
        (
            row("v", "score * 2", decides_sample=True),
            "decides_sample is true, and it is known only after the sample is drawn (variables "
            "that may: known)",
        ),
        (row("v", "score.part", decides_sample=True), "decides_sample is true, and it is known"),
        (row("v", "later", decides_sample=True), "decides_sample is true, and it is known only"),
        (
            row("v", "x > 1", winsorize_percent=1),
            "winsorize_percent is filled, and it is no number",
        ),
        (row("v", "province", split_into=4), "split_into is filled, and it is no number but varc"),
    ],
)
def test_what_a_variable_cannot_be(definition, fault):
    ((name, found),) = faults({"known": "x", "v": definition})
    assert name == "v"
    assert found.startswith(fault)


CELLS = {
    "variable": "v",
    "expression": "x",
    "position": "",
    "decides_sample": "",
    "winsorize_percent": "",
    "split_into": "",
    "is_described": "",
    "may_be_negative": "",
}


@pytest.mark.parametrize(
    ("column", "text", "fault"),
    [
        ("winsorize_percent", "60", "winsorize_percent is '60': a number from 0 to 49, or empty"),
        ("winsorize_percent", "one", "winsorize_percent is 'one': a number from 0 to 49, or empty"),
        ("winsorize_percent", "nan", "winsorize_percent is 'nan': a number"),
        ("winsorize_percent", "-1", "winsorize_percent is '-1': a number"),
        ("split_into", "2.5", "split_into is '2.5': a whole number from 2 to 20, or empty"),
        ("split_into", "1", "split_into is '1': a whole number"),
        ("split_into", "1000", "split_into is '1000': a whole number"),
        ("position", "first", "position is 'first': a whole number"),
        ("decides_sample", "yes", "decides_sample is 'yes': true, false or empty"),
        ("is_described", "1", "is_described is '1': true, false or empty"),
        ("may_be_negative", "no", "may_be_negative is 'no': true, false or empty"),
    ],
)
def test_cells_that_cannot_be_read(column, text, fault):
    definitions, found = read_variables([{**CELLS, column: text}])
    assert [item.name for item in definitions] == ["v"]
    ((name, said),) = found
    assert name == "v"
    assert said.startswith(fault)


def test_empty_cells_are_read_as_what_is_usual():
    (definition,), found = read_variables([CELLS])
    assert found == []
    assert definition == row("v", "x", position=1, may_be_negative=False)


def changed(**cells_of_row):
    """Other cells in the rows whose first column is named."""

    def change(rows):
        keys = [next(iter(row.values())) for row in rows]
        assert set(cells_of_row) <= set(keys)
        return [row | cells_of_row.get(key, {}) for key, row in zip(keys, rows, strict=True)]

    return change


def test_the_shipped_rows_pass():
    assert variable_problems() == []
    assert check_variables().num_rows > 100


def test_every_fault_of_the_seeds_is_said_at_once_and_soon(tmp_path, monkeypatch):
    folder = write_seeds(
        tmp_path / "seeds",
        {
            "panel_variables": changed(
                wage={"expression": "ln(averige_wage_yuan)"},
                agg={"split_into": "many"},
                mp={"decides_sample": "true"},
                edu={"variable": "yangtze_belt"},
                members={"expression": "iv_linear"},
                iv_linear={"expression": "members"},
            ),
            "resilience_indicators": changed(gdp_per_capita={"expression": "resi / 2"}),
        },
    )
    monkeypatch.setenv(SEEDS_VARIABLE, os.path.relpath(folder, ROOT))
    started = time.monotonic()
    problems = variable_problems()
    assert time.monotonic() - started < 5
    said = "\n".join(str(problem) for problem in problems)
    for words in (
        "panel_variables.csv: wage: expression: 'averige_wage_yuan' is no name of the study "
        "(nearest: average_wage_yuan",
        "panel_variables.csv: agg: split_into is 'many': a whole number from 2 to 20, or empty.",
        "panel_variables.csv: mp: decides_sample is true, and it is known only after the sample",
        "panel_variables.csv: yangtze_belt: 'yangtze_belt' is also a group of the panel: rename",
        "panel_variables.csv: members: expression: it is computed from itself: members ->",
        "resilience_indicators.csv: gdp_per_capita: it comes from resi, which is computed after",
    ):
        assert words in said, (words, said)
    with pytest.raises(VariableError, match="faults, nothing is computed:") as raised:
        check_variables()
    assert str(raised.value).count("\n") == len(problems)


def test_a_seed_outside_the_project_is_shown_by_its_path(tmp_path):
    assert shown_path(tmp_path / "a.csv") == str(tmp_path / "a.csv")
    assert shown_path(ROOT / "seeds" / "study" / "a.csv") == "seeds/study/a.csv"
