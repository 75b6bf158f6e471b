"""Differences of a coefficient between two groups (grain: spec x method)."""

from urban_resilience.estimation.specs import specs_of
from urban_resilience.estimation.tables.group_differences import tabulate_group_differences


def model(dbt, session):
    panel = dbt.ref("fct_estimation_panel").df()
    timing = dbt.ref("fct_policy_batches").df()
    specs = specs_of("group_difference", dbt.ref("int_specs_checked").df())
    return tabulate_group_differences(specs, panel, timing)
