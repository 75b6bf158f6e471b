"""The project's generic dbt tests, themselves tested on rows whose faults are known."""

import json
import shutil

import pytest
from support.dbt import ROOT, run_dbt

GENERIC = ROOT / "tests" / "generic"

# Name of the case: generic test, its arguments, column where it has one, rows, failures expected.
PAIRS = "(1, 'a'), (1, 'a'), (1, 'a'), (1, 'b'), (2, 'a'), (null, 'a'), (null, 'a')"
NUMBERS = "(-0.5), (0), (0.5), (1), (1.0000001), (3), (null)"
CASES = {
    # (1, a) stands three times and (null, a) twice: two combinations, not five rows.
    "pairs_repeat": ("unique_combination", {"columns": ["a", "b"]}, None, PAIRS, 2),
    "pairs_alone": ("unique_combination", {"columns": ["a", "b"]}, None, "(1, 'a'), (1, 'b')", 0),
    "one_column_repeats": ("unique_combination", {"columns": ["a"]}, None, PAIRS, 2),
    "both_bounds": ("between", {"lower": 0, "upper": 1}, "a", NUMBERS, 3),
    "bounds_count_as_inside": ("between", {"lower": 0, "upper": 1}, "a", "(0), (1)", 0),
    "lower_bound_alone": ("between", {"lower": 0}, "a", NUMBERS, 1),
    "upper_bound_alone": ("between", {"upper": 1}, "a", NUMBERS, 2),
    "tolerance": ("between", {"lower": 0, "upper": 1, "tolerance": 0.001}, "a", NUMBERS, 2),
    "not_a_number_is_outside": (
        "between",
        {"lower": 0, "upper": 1},
        "a",
        "('nan'::double), (0.5::double)",
        1,
    ),
    # False fails, and so does what cannot be said to be true.
    "condition": ("holds", {"condition": "a > 0"}, None, "(1), (0), (-1), (null)", 3),
    "condition_holds": ("holds", {"condition": "a > 0 or a is null"}, None, "(1), (null)", 0),
    "condition_over_columns": ("holds", {"condition": "a < b"}, None, "(1, 2), (2, 1)", 1),
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
    }
    (folder / "dbt_project.yml").write_text(json.dumps(project))
    models = folder / "models"
    models.mkdir()
    for name, (_, _, _, rows, _) in CASES.items():
        columns = "a, b" if "," in rows.split(")")[0] else "a"
        query = f"select * from (values {rows}) as cases ({columns})"
        (models / f"{name}.sql").write_text(query)
    listed = [model_yaml(name, *case[:3]) for name, case in CASES.items()]
    # JSON is YAML.
    (models / "models.yml").write_text(json.dumps({"version": 2, "models": listed}))


@pytest.fixture(scope="module")
def failures(tmp_path_factory) -> dict[str, int]:
    """Number of failures that dbt counted, by case."""
    folder = tmp_path_factory.mktemp("generic")
    write_project(folder / "project")
    run = run_dbt("build", raw=folder, workspace=folder, project=folder / "project", check=False)
    results = json.loads((run.target / "run_results.json").read_text())["results"]
    counted = {
        result["unique_id"].split(".")[2].removeprefix("check_"): result["failures"]
        for result in results
        if result["unique_id"].startswith("test.")
    }
    assert counted, run.tail
    return counted


@pytest.mark.parametrize("case", CASES)
def test_number_of_failures(failures, case):
    assert failures[case] == CASES[case][4]


def test_every_generic_test_has_a_case_that_fails_and_one_that_passes():
    for path in GENERIC.glob("*.sql"):
        expected = [case[4] for case in CASES.values() if case[0] == path.stem]
        assert expected, f"{path.name} is not tested"
        assert min(expected) == 0
        assert max(expected) > 0
