"""Cells of panel_variables and study_settings are switches: turned either way, the panel builds."""

import json
import os
import shutil

import numpy as np
import pandas as pd
import pytest

from support.dbt import ROOT, run_dbt
from support.study import seed
from support.warehouse import Warehouse
from urban_resilience.formulas.winsorizing import winsorize

# From the availability of variables to the panel and what is said of it.
SELECTED = (
    "int_variables_checked",
    *("int_sample_availability", "int_sample_decisions", "fct_sample_decisions"),
    "fct_city_years",
    *("int_panel_winsorized", "fct_estimation_panel", "fct_variable_profiles"),
    *("rpt_descriptive_statistics", "estimation_sample_is_complete"),
    "winsorized_values_stay_inside_their_bounds",
)
DECIDING, DESCRIBED = ("resi", "vagg", "pop", "agg"), ("resi", "agg")
# At each tail; the others are not cut.
PERCENT = {"vagg": "1", "pop": "2.5"}
LAST_YEAR = 2015


def switched_seeds(folder):
    """A folder of seeds with other cells in panel_variables, the rest as shipped."""
    seeds = shutil.copytree(ROOT / "seeds", folder)
    rows = seed("panel_variables")
    for column, named in (("decides_sample", DECIDING), ("is_described", DESCRIBED)):
        rows[column] = np.where(rows["variable"].isin(named), "true", "")
    rows["winsorize_percent"] = rows["variable"].map(PERCENT)
    rows.to_csv(seeds / "study" / "panel_variables.csv", index=False)
    # dbt takes folders of seeds below its project.
    return os.path.relpath(seeds, ROOT)


@pytest.fixture(scope="module")
def switched(simulated_raw, simulated_run, tmp_path_factory):
    workspace = tmp_path_factory.mktemp("switched")
    simulated_run.copied_to(workspace)
    return run_dbt(
        *("build", "--vars", json.dumps({"study_end_year": LAST_YEAR})),
        *("--exclude-resource-type", "unit_test", "--select", *SELECTED),
        raw=simulated_raw,
        workspace=workspace,
        variables={"STUDY_SEEDS": switched_seeds(workspace / "seeds")},
    )


def test_the_panel_keeps_its_columns(switched, simulated_warehouse):
    query = "select column_name, data_type from duckdb_columns() where table_name = ? order by 1"
    for table in ("fct_estimation_panel", "fct_sample_decisions"):
        before = Warehouse(simulated_warehouse).frame(query.replace("?", f"'{table}'"))
        after = Warehouse(switched.warehouse).frame(query.replace("?", f"'{table}'"))
        assert len(after) > 10
        pd.testing.assert_frame_equal(after, before)


def test_only_the_named_variables_decide(switched):
    counted = Warehouse(switched.warehouse).frame("""
        select
            count(*) filter (where is_estimation_sample and agg is null) as without_agg,
            count(*) filter (where is_estimation_sample and edu is null) as without_edu
        from panel.fct_estimation_panel
    """)
    assert counted.iloc[0].to_dict() == {"without_agg": 0, "without_edu": counted.iloc[0, 1]}
    assert counted.iloc[0, 1] > 0


@pytest.mark.parametrize("variable", ["resi", "edu", *PERCENT])
def test_each_variable_is_cut_at_its_own_percentiles(switched, variable):
    rows = Warehouse(switched.warehouse).frame(f"""
        select city_years.{variable} as before, panel.{variable} as after
        from panel.fct_estimation_panel as panel
        join panel.fct_city_years as city_years using (city_code, year)
    """)
    before, after = rows["before"].to_numpy(), rows["after"].to_numpy()
    percent = float(PERCENT.get(variable, 0))
    expected = winsorize(before, percent, 100 - percent) if percent else before
    np.testing.assert_allclose(after, expected, rtol=1e-12)
    is_cut = (np.nan_to_num(before) != np.nan_to_num(after)).any()
    assert is_cut == (percent > 0)


def test_a_setting_of_one_run_overrules_the_seed(switched):
    last = "select max(year) from panel.fct_estimation_panel"
    assert Warehouse(switched.warehouse).value(last) == LAST_YEAR


def test_only_the_named_variables_are_described(switched):
    table = Warehouse(switched.warehouse).frame(
        "select variable from panel.rpt_descriptive_statistics order by position"
    )
    assert tuple(table["variable"]) == DESCRIBED
