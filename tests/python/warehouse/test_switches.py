"""The lists of variables in dbt_project.yml are switches: turned either way, the panel builds."""

import json

import pytest

from support.dbt import run_dbt
from support.warehouse import Warehouse

# From the availability of variables to the panel and what is said of it.
SELECTED = (
    *("int_sample_availability", "int_sample_decisions", "fct_sample_decisions"),
    "fct_city_years",
    *("int_panel_winsorized", "fct_estimation_panel", "fct_variable_profiles"),
    *("rpt_descriptive_statistics", "estimation_sample_is_complete"),
    "winsorized_values_stay_inside_their_bounds",
)
SWITCHED = {
    "sample_variables": ["resi", "vagg", "pop", "agg"],
    "winsorized_variables": ["vagg", "pop"],
    "described_variables": ["agg", "resi"],
}


@pytest.fixture(scope="module")
def switched(simulated_raw, simulated_run, tmp_path_factory):
    workspace = tmp_path_factory.mktemp("switched")
    simulated_run.copied_to(workspace)
    return run_dbt(
        *("build", "--vars", json.dumps(SWITCHED), "--exclude-resource-type", "unit_test"),
        *("--select", *SELECTED),
        raw=simulated_raw,
        workspace=workspace,
    )


def test_the_panel_keeps_its_columns(switched, simulated_warehouse):
    query = "select column_name, data_type from duckdb_columns() where table_name = ? order by 1"
    for table in ("fct_estimation_panel", "fct_sample_decisions"):
        before = Warehouse(simulated_warehouse).frame(query.replace("?", f"'{table}'"))
        after = Warehouse(switched.warehouse).frame(query.replace("?", f"'{table}'"))
        assert after.equals(before)


def test_only_the_named_variables_are_cut_and_only_they_decide(switched):
    counted = Warehouse(switched.warehouse).frame("""
        select
            count(*) filter (where panel.resi is distinct from city_years.resi) as cut_resi,
            count(*) filter (where panel.vagg is distinct from city_years.vagg) as cut_vagg,
            count(*) filter (where is_estimation_sample and panel.agg is null) as without_agg,
            count(*) filter (where is_estimation_sample and panel.edu is null) as without_edu
        from panel.fct_estimation_panel as panel
        join panel.fct_city_years as city_years using (city_code, year)
    """)
    found = counted.iloc[0]
    assert found["cut_resi"] == 0
    assert found["cut_vagg"] > 0
    assert found["without_agg"] == 0
    assert found["without_edu"] > 0
