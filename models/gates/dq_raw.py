"""Expectations on the raw inputs (grain: expectation)."""

from urban_resilience.quality.evaluate import evaluate_layer


def model(dbt, session):
    # A wrong specification stops a build here, before the panel that it would be estimated on.
    dbt.ref("int_specs_checked")
    relations = {
        "stg_yearbook__city_years": dbt.ref("stg_yearbook__city_years"),
        "stg_input_output__flows": dbt.ref("stg_input_output__flows"),
        "stg_input_output__industry_output": dbt.ref("stg_input_output__industry_output"),
        "fct_raw_files": dbt.ref("fct_raw_files"),
        "fct_raw_profiles": dbt.ref("fct_raw_profiles"),
        "fct_raw_columns": dbt.ref("fct_raw_columns"),
        "fct_revisions": dbt.ref("fct_revisions"),
        "fct_suspicious_cells": dbt.ref("fct_suspicious_cells"),
        "int_raw_slips": dbt.ref("int_raw_slips"),
        "int_raw_digits": dbt.ref("int_raw_digits"),
        "int_raw_divisors": dbt.ref("int_raw_divisors"),
        "int_raw_relations": dbt.ref("int_raw_relations"),
        "int_raw_steps": dbt.ref("int_raw_steps"),
        "int_raw_copies": dbt.ref("int_raw_copies"),
        "int_raw_company": dbt.ref("int_raw_company"),
        "int_raw_lags": dbt.ref("int_raw_lags"),
        "int_raw_rows": dbt.ref("int_raw_rows"),
        "int_raw_lines": dbt.ref("int_raw_lines"),
        "int_raw_spreads": dbt.ref("int_raw_spreads"),
        "int_raw_presence": dbt.ref("int_raw_presence"),
        "int_raw_input_output": dbt.ref("int_raw_input_output"),
        "int_raw_sectors": dbt.ref("int_raw_sectors"),
        "int_raw_census": dbt.ref("int_raw_census"),
        "int_raw_national": dbt.ref("int_raw_national"),
        "int_pilots_compared": dbt.ref("int_pilots_compared"),
        "int_raw_identities": dbt.ref("int_raw_identities"),
        "int_raw_joins": dbt.ref("int_raw_joins"),
    }
    seed = dbt.ref("data_expectations").df()
    return evaluate_layer("raw", seed, relations, dbt.config.get("accept_changes"))
