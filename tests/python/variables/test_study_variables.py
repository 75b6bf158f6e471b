"""Stages of the study: what is early, what stands on what, and what the panel's columns are."""

import csv
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from support.dbt import ROOT
from support.variables import compiled, run
from urban_resilience.shared.project import SEEDS_VARIABLE, seed_rows
from urban_resilience.variables.catalog import catalog
from urban_resilience.variables.checked_variables import check_variables
from urban_resilience.variables.definitions import VARIABLES, Definition
from urban_resilience.variables.panel_columns import panel_columns
from urban_resilience.variables.study_variables import (
    EARLY_STAGE,
    INDICATOR_STAGE,
    LATE_STAGE,
    PLACE_STAGE,
)

NAN = np.nan
DATA = {
    "x": np.array([[1.0, 2.0, 4.0], [3.0, 6.0, 9.0]]),
    "y": np.array([[2.0, 2.0, 2.0], [1.0, 1.0, NAN]]),
    "users": np.array([[10.0, 20.0, 40.0]] * 2),
    "coast": np.array([[1.0] * 3, [0.0] * 3]),
    "altitude": np.array([[5.0] * 3, [500.0] * 3]),
    "province": np.array([["Hebei"] * 3, ["Tibet"] * 3], dtype=object),
    "trial_year": np.array([[2002] * 3, [NAN] * 3]),
    "score": np.array([[0.1, 0.2, 0.4], [0.5, 0.5, 1.0]]),
    "score.part": np.array([[1.0, 1.0, 2.0], [0.5, 0.25, 2.0]]),
    "reach": np.array([[7.0, 8.0, 9.0], [0.0, 1.0, 2.0]]),
    "later": np.array([[1.0, NAN, 3.0], [4.0, 5.0, 6.0]]),
}


def columns(study, stage):
    """Columns of a stage that are no inputs and no steps on the way."""
    return {
        step.column
        for step in study.steps[stage]
        if step.layer and not step.column.startswith("_step_")
    }


def test_an_early_variable_used_by_an_indicator_and_an_index_by_a_variable_used_by_another():
    study = compiled(
        {
            "third": "second * 2 + density",
            "second": "lag(score) / first",
            "first": "score.part",
            "density": "ln(x / y)",
            "of_wealth": "wealth + 1",
            "score": "score * 10",
        },
        indicators={"wealth": "exp(density) + health", "health": "y * 2"},
    )
    found = run(study, DATA)
    ratio = DATA["x"] / DATA["y"]
    np.testing.assert_allclose(found["wealth"], ratio + DATA["y"] * 2)
    np.testing.assert_allclose(found["of_wealth"], ratio + DATA["y"] * 2 + 1)
    # `score` is a variable of its own, made from the index of that name.
    before = np.array([[NAN, 1.0, 2.0], [NAN, 5.0, 5.0]])
    np.testing.assert_allclose(found["second"], before / DATA["score.part"])
    np.testing.assert_allclose(found["third"], before / DATA["score.part"] * 2 + np.log(ratio))
    np.testing.assert_allclose(found["score"], DATA["score"] * 10)
    assert columns(study, EARLY_STAGE) == {"density", "of_wealth"}
    assert columns(study, LATE_STAGE) == {"third", "second", "first", "score"}
    assert columns(study, INDICATOR_STAGE) == {"_indicator_wealth", "_indicator_health", "density"}
    assert study.needs["third"] == ("indicators:wealth", "x", "y")
    assert study.needs["of_wealth"] == study.needs["_indicator_wealth"] == ("x", "y")


def test_places_groups_policies_the_nation_and_measures():
    study = compiled(
        {
            "high_coast": "coast and altitude > 100",
            "northern": "case when province in ('Hebei', 'Anhui') then 'north' else 'south' end",
            "since": "year - trial_year",
            "treated": "coalesce(year >= trial_year, false)",
            "share": "x / users",
            "spread": "reach * later",
            "moved": "lag(altitude)",
        }
    )
    assert [name for _, name, _ in study.faults] == ["treated"], "the panel has such a column"
    study = compiled({item.name: item.expression for item in study.variables} | {"treated": "x"})
    assert study.faults[0][2] == "'treated' is a column that the panel has already"
    study = compiled(
        {item.name: item.expression for item in study.variables if item.name != "treated"}
        | {"is_on_trial": "coalesce(year >= trial_year, false)"}
    )
    found = run(study, DATA)
    assert found["high_coast"].tolist() == [[0] * 3, [0] * 3]
    assert found["northern"].tolist() == [["north"] * 3, ["south"] * 3]
    np.testing.assert_array_equal(found["since"], [[-1, 0, 1], [NAN] * 3])
    np.testing.assert_array_equal(found["is_on_trial"], [[0, 1, 1], [0, 0, 0]])
    np.testing.assert_allclose(found["share"], [[0.1, 0.1, 0.1], [0.3, 0.3, 0.225]])
    np.testing.assert_array_equal(found["spread"], [[7, NAN, 27], [0, 5, 12]])
    np.testing.assert_array_equal(found["moved"], [[NAN, 5, 5], [NAN, 500, 500]])
    assert study.types["high_coast"] == study.types["is_on_trial"] == "boolean"
    assert study.types["northern"] == "varchar"
    assert study.types["since"] == study.types["share"] == "double"
    # What no year changes stands beside the places; a lag of it has a missing first year.
    assert columns(study, PLACE_STAGE) == {"high_coast", "northern"}
    assert columns(study, LATE_STAGE) == {"since", "is_on_trial", "spread"}
    assert study.needs["share"] == ("national_series", "x")
    assert study.needs["spread"] == ("members",)
    assert study.needs["high_coast"] == ()


def test_what_may_decide_on_the_sample():
    study = compiled(
        {
            "whole": "score",
            "again": "index.score",
            "part": "score.part",
            "known": "reach",
            "unknown": "later",
            "computed": "reach + 0",
            "early": "x",
        }
    )
    assert study.faults == ()
    found = {name: source and source.kind for name, source in study.candidates.items()}
    assert found == {"whole": "index", "again": "index", "known": "measure", "early": None}


def test_names_are_looked_up_in_one_order_and_by_kind():
    """A variable before all data; the name of a variable inside itself is the data of that name."""
    study = compiled({"x": "x * 100", "y2": "x + series.x", "z2": "variable.x"})
    found = run(study, DATA)
    np.testing.assert_array_equal(found["x"], DATA["x"] * 100)
    np.testing.assert_array_equal(found["y2"], DATA["x"] * 101)
    np.testing.assert_array_equal(found["z2"], DATA["x"] * 100)


def test_a_part_that_occurs_twice_is_computed_once():
    study = compiled({"a": "lag(ln(x)) + lag(ln(x))", "b": "lag(ln(x)) * 2"})
    windows = [step for step in study.steps[EARLY_STAGE] if " over " in step.sql]
    assert len(windows) == 1
    found = run(study, DATA)
    np.testing.assert_allclose(found["a"], found["b"])


def test_positions_order_the_variables():
    rows = {
        "b": Definition(VARIABLES, "b", "x", position=2),
        "a": Definition(VARIABLES, "a", "b", position=1),
    }
    assert [item.name for item in compiled(rows).variables] == ["a", "b"]


# --- the shipped study, and one with other rows ---------------------------------------------------


def test_the_shipped_rows_compile_to_what_the_models_read():
    rows = check_variables().to_pandas()
    defined = rows[rows["definition"].notna()]
    late = defined[defined["stage"].isin(("early", "late"))]
    assert sorted(late["definition"]) == sorted(row["variable"] for row in seed_rows(VARIABLES))
    indicators = defined[defined["stage"] == "indicators"]
    assert set(indicators["definition"]) == {
        row["indicator_id"] for row in seed_rows("resilience_indicators")
    }
    inputs = rows[rows["layer"] == 0]
    assert inputs["source_kind"].notna().all()
    assert inputs["sql"].isna().all()
    assert rows.loc[rows["layer"] > 0, "sql"].notna().all()
    assert not rows.duplicated(["stage", "column_name"]).any()
    deciding = {row["variable"] for row in seed_rows(VARIABLES) if row["decides_sample"]}
    assert set(late.loc[late["decides_sample"] == True, "definition"]) == deciding  # noqa: E712
    assert (late.loc[late["decides_sample"] == True, "may_decide_sample"]).all()  # noqa: E712


def test_the_early_stage_is_all_that_needs_no_index_and_no_measure():
    rows = check_variables().to_pandas()
    early = rows[(rows["stage"] == "early") & (rows["layer"] == 0)]
    assert set(early["source_kind"]) <= {"series", "indicator", "national", "group", "place"}
    late = rows[(rows["stage"] == "late") & rows["definition"].notna()]
    sources = rows[(rows["stage"] == "late") & (rows["layer"] == 0)]
    assert {"index", "measure"} <= set(sources["source_kind"])
    assert len(late) > 10


def _append(seed: Path, **cells: str) -> None:
    """Add a row to a seed, by the names of its columns."""
    with seed.open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    assert set(cells) <= set(columns)
    with seed.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, columns, lineterminator="\n").writerow(cells)


@pytest.fixture
def other_study(tmp_path, monkeypatch):
    """Seeds with a group, an attribute of places and two variables of their own."""
    seeds = shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    variables = seeds / "study" / "panel_variables.csv"
    _append(variables, variable="is_far", position="90", expression="coastal and elevation > 10")
    steep = {"expression": "elevation * 2", "winsorize_percent": "1", "split_into": "5"}
    _append(variables, variable="steep", position="91", **steep)
    coast = {"city_code": "110000", "city_name_zh": "北京市", "evidence": "made up"}
    groups = seeds / "reference" / "city_groups.csv"
    _append(groups, group_id="coastal", group_name_en="On the coast", **coast)
    cities = seeds / "reference" / "cities.csv"
    header, *rows = cities.read_text(encoding="utf-8").splitlines()
    lines = [f"{header},elevation,climate", *(f"{row},12.5,dry" for row in rows)]
    cities.write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setenv(SEEDS_VARIABLE, os.path.relpath(seeds, ROOT))


def test_columns_of_the_panel_follow_from_the_seeds(other_study, monkeypatch):
    other = panel_columns(["my_policy"])
    monkeypatch.delenv(SEEDS_VARIABLE)
    shipped = panel_columns()
    added = {name: kind for name, kind in other.items() if name not in shipped}
    assert added == {
        "elevation": "double", "climate": "varchar", "coastal": "boolean", "is_far": "boolean",
        "steep": "double", "steep_quintile": "varchar", "my_policy_year": "integer",
        "my_policy_announced_year": "integer", "my_policy_partial_year": "integer",
    }  # fmt: skip
    assert set(shipped) <= set(other)
    assert shipped["resi"] == "double"
    assert shipped["is_municipality"] == "boolean"
    assert shipped["agg_quartile"] == shipped["province"] == "varchar"


def test_attributes_of_places_are_numbers_where_all_are(other_study):
    places = catalog().of_kind("place")
    assert places["elevation"].data_type == places["longitude"].data_type == "double"
    assert places["climate"].data_type == places["province"].data_type == "varchar"
    assert "city_name_zh" not in places
    assert "evidence" not in places
