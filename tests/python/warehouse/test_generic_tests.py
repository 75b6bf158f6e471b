"""The project's generic dbt tests, themselves tested on rows whose faults are known."""

import json
import shutil
from decimal import Decimal

import pytest

from support.dbt import ROOT, run_dbt
from urban_resilience.refresh.failures import SCHEMA, failed_tests, failing_rows

GENERIC = ROOT / "tests" / "generic"

# Name of the case: generic test, its arguments, column where it has one, rows, those that fail.
PAIRS = "(1, 'a'), (1, 'a'), (1, 'a'), (1, 'b'), (2, 'a'), (null, 'a'), (null, 'a')"
NUMBERS = "(-0.5), (0), (0.5), (1), (1.0000001), (3), (null)"
CASES = {
    # Combinations with their copies, not rows; null is a value like any other.
    "pairs_repeat": (
        "unique_combination",
        {"columns": ["a", "b"]},
        None,
        PAIRS,
        [(1, "a", 3), (None, "a", 2)],
    ),
    "pairs_alone": ("unique_combination", {"columns": ["a", "b"]}, None, "(1, 'a'), (1, 'b')", []),
    "null_stands_once": (
        "unique_combination",
        {"columns": ["a", "b"]},
        None,
        "(1, 'a'), (1, null), (null, 'a'), (null, null)",
        [],
    ),
    "one_column_repeats": (
        "unique_combination",
        {"columns": ["a"]},
        None,
        PAIRS,
        [(1, 4), (None, 2)],
    ),
    "both_bounds": (
        "between",
        {"lower": 0, "upper": 1},
        "a",
        NUMBERS,
        [(-0.5,), (1.0000001,), (3,)],
    ),
    "bounds_count_as_inside": ("between", {"lower": 0, "upper": 1}, "a", "(0), (1)", []),
    "null_is_not_outside": ("between", {"lower": 0, "upper": 1}, "a", "(null::double)", []),
    "lower_bound_alone": ("between", {"lower": 0}, "a", NUMBERS, [(-0.5,)]),
    "upper_bound_alone": ("between", {"upper": 1}, "a", NUMBERS, [(1.0000001,), (3,)]),
    "tolerance": (
        "between",
        {"lower": 0, "upper": 1, "tolerance": 0.001},
        "a",
        NUMBERS,
        [(-0.5,), (3,)],
    ),
    "not_a_number_is_outside": (
        "between",
        {"lower": 0, "upper": 1},
        "a",
        "('nan'::double), (0.5::double)",
        [("nan",)],
    ),
    "whole_rows_are_kept": ("between", {"upper": 1}, "a", "(2, 'x'), (0, 'y')", [(2, "x")]),
    # False fails, and so does what cannot be said to be true.
    "condition": (
        "holds",
        {"condition": "a > 0"},
        None,
        "(1), (0), (-1), (null)",
        [(-1,), (0,), (None,)],
    ),
    "condition_holds": ("holds", {"condition": "a > 0 or a is null"}, None, "(1), (null)", []),
    "condition_over_columns": ("holds", {"condition": "a < b"}, None, "(1, 2), (2, 1)", [(2, 1)]),
    "null_beside_a_value": (
        "holds",
        {"condition": "a < b"},
        None,
        "(1, 2), (1, null), (null, 1)",
        [(1, None), (None, 1)],
    ),
}


# A gate stops with the reasons instead of counting rows: rows, and what dbt prints or None.
GATES = {
    "all_met": ("('error', true, null), ('warn', true, null)", None),
    "a_warning": ("('error', true, null), ('warn', false, 'look at this')", None),
    "an_error": ("('error', false, 'stop for this'), ('warn', false, 'not this')", "stop for this"),
    "not_known_to_be_met": ("('error', null, 'stop for that')", "stop for that"),
}


def model_yaml(name, test, arguments, column):
    applied = {test: {"name": f"check_{name}", "arguments": arguments}}
    if column is None:
        return {"name": name, "data_tests": [applied]}
    return {"name": name, "columns": [{"name": column, "data_tests": [applied]}]}


def write_project(folder):
    """A dbt project of nothing but the generic tests and one model of typed rows per case."""
    shutil.copytree(GENERIC, folder / "tests" / "generic")
    shutil.copytree(ROOT / "macros", folder / "macros")
    shutil.copy(ROOT / "profiles" / "profiles.yml", folder / "profiles.yml")
    project = {
        "name": "generic_tests",
        "version": "1.0",
        "profile": "urban_resilience",
        "flags": {
            "send_anonymous_usage_stats": False,
            "require_generic_test_arguments_property": True,
        },
        "data_tests": {"generic_tests": {"+schema": SCHEMA}},
    }
    (folder / "dbt_project.yml").write_text(json.dumps(project))
    models = folder / "models"
    models.mkdir()
    for name, (_, _, _, rows, _) in CASES.items():
        columns = "a, b" if "," in rows.split(")")[0] else "a"
        query = f"select * from (values {rows}) as cases ({columns})"
        (models / f"{name}.sql").write_text(query)
    for name, (rows, _) in GATES.items():
        query = f"select * from (values {rows}) as cases (severity, success, message)"
        (models / f"{name}.sql").write_text(query)
    listed = [model_yaml(name, *case[:3]) for name, case in CASES.items()]
    listed += [model_yaml(name, "gate", {}, None) for name in GATES]
    # JSON is YAML.
    (models / "models.yml").write_text(json.dumps({"version": 2, "models": listed}))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generic")
    write_project(folder / "project")
    project = folder / "project"
    options = ("build", "--store-failures")
    return run_dbt(
        *options, raw=folder, workspace=folder, project=project, check=False, artifacts=True
    )


@pytest.fixture(scope="module")
def failures(run) -> dict[str, int]:
    """Number of failures that dbt counted, by case."""
    results = json.loads((run.target / "run_results.json").read_text())["results"]
    counted = {
        result["unique_id"].split(".")[2].removeprefix("check_"): result["failures"]
        for result in results
        if result["unique_id"].startswith("test.")
    }
    assert counted, run.tail
    return counted


@pytest.fixture(scope="module")
def rows(run) -> dict[str, list[tuple]]:
    """The rows that dbt stored, by case, as the refresh reads them."""
    return {
        found.test.removeprefix("check_"): [
            tuple(plain(value) for value in row.values()) for row in found.rows
        ]
        for found in failing_rows(run.warehouse, limit=100)
    }


def plain(value):
    """Decimals as floats; NaN, which equals nothing, as a word."""
    value = float(value) if isinstance(value, Decimal) else value
    return "nan" if value != value else value


@pytest.mark.parametrize("case", CASES)
def test_number_of_failures(failures, case):
    assert failures[case] == len(CASES[case][4])


@pytest.mark.parametrize("case", CASES)
def test_rows_that_fail(rows, case):
    assert rows.get(case, []) == CASES[case][4]


def test_failed_tests_are_told_from_the_others(run):
    expected = {f"check_{name}" for name, case in CASES.items() if case[4]}
    assert failed_tests(run.target / "run_results.json") == expected


@pytest.mark.parametrize("case", GATES)
def test_a_gate_stops_for_errors_alone(run, case):
    results = json.loads((run.target / "run_results.json").read_text())["results"]
    status = {result["unique_id"].split(".")[2]: result["status"] for result in results}
    message = GATES[case][1]
    assert status[f"check_{case}"] == ("error" if message else "pass")
    assert message is None or message in run.output
    assert "look at this" not in run.output and "not this" not in run.output


def test_every_generic_test_has_a_case_that_fails_and_one_that_passes():
    for path in set(GENERIC.glob("*.sql")) - {GENERIC / "gate.sql"}:
        expected = [len(case[4]) for case in CASES.values() if case[0] == path.stem]
        assert expected, f"{path.name} is not tested"
        assert min(expected) == 0
        assert max(expected) > 0
        tried = [case[3] for case in CASES.values() if case[0] == path.stem]
        assert any("null" in rows for rows in tried), f"{path.name} has never seen a null"
