"""What YAML says of seeds is asked of their files before dbt loads one."""

from __future__ import annotations

import pytest

from support.seeds import study_of, write_seeds
from urban_resilience.intake.checking.seed_rules import rule_problems


@pytest.mark.parametrize(
    ("seed", "change", "said"),
    [
        ("raw_columns", {"evidence": ""}, "row 2, evidence is empty"),
        ("index_definitions", {"index_id": "resi_equal"}, "'resi_equal' stands there 2 times"),
        ("panel_variables", {"variable": "vagg"}, "variable 'vagg' stands there 2 times"),
        ("policy_pilots", {"scope": "hole"}, "scope is 'hole' (known: full, partial)"),
        ("cities", {"province_code": "99"}, "province_code '99' is not in provinces"),
        # What no column of its type can hold, though Python reads it: dbt would stop without a row.
        ("resilience_indicators", {"position": "first"}, "row 2, position is 'first': a whole num"),
        (
            "index_indicators",
            {"given_weight": "５"},
            "row 2, given_weight is '５': a number in plai",
        ),
        (
            "raw_columns",
            {"lowest_median": "nan"},
            "row 2, lowest_median is 'nan': a number in plai",
        ),
        ("panel_variables", {"is_described": "yes"}, "row 2, is_described is 'yes': true or false"),
    ],
)
def test_a_row_that_breaks_a_rule_is_named(tmp_path, seed, change, said):
    first_changed = {seed: lambda rows: [rows[0] | change, *rows[1:]]}
    with study_of(write_seeds(tmp_path / "seeds", first_changed)):
        problems = [str(problem) for problem in rule_problems()]
    assert any(said in text and f"{seed}.csv" in text for text in problems), problems


def test_the_shipped_seeds_keep_their_rules():
    assert rule_problems() == []


def test_a_header_that_nothing_reads_is_named(tmp_path):
    folder = write_seeds(tmp_path / "seeds", {})
    path = folder / "study" / "panel_variables.csv"
    path.write_text(path.read_text().replace("winsorize_percent", "winsorise_percent", 1))
    with study_of(folder):
        problems = [str(problem) for problem in rule_problems()]
    assert any(
        "nothing reads a column `winsorise_percent` (nearest: winsorize_percent" in text
        for text in problems
    )
