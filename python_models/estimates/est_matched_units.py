"""Scores and weights of matched cities (grain: spec x city, x year where years are matched)."""

from urban_resilience.estimation.specs import specs_of
from urban_resilience.estimation.tables.matching import tabulate_matched_units


def model(dbt, session):
    panel = dbt.ref("fct_estimation_panel").df()
    timing = dbt.ref("fct_policy_batches").df()
    specs = specs_of("psm_did", dbt.ref("int_specs_checked").df())
    return tabulate_matched_units(specs, panel, timing)
