"""Expectations on the panel (grain: expectation)."""

from urban_resilience.quality.evaluate import evaluate_layer


def model(dbt, session):
    relations = {
        "fct_city_years": dbt.ref("fct_city_years"),
        "fct_variable_profiles": dbt.ref("fct_variable_profiles"),
        "int_panel_winsorized": dbt.ref("int_panel_winsorized"),
    }
    seed = dbt.ref("data_expectations").df()
    return evaluate_layer("panel", seed, relations, dbt.config.get("accept_changes"))
