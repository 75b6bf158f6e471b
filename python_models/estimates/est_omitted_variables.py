"""Sensitivity to omitted variables of rows of regression_specs (grain: spec x rule)."""

from urban_resilience.estimation.specs import specs_of
from urban_resilience.estimation.tables.sensitivity import tabulate_omitted_variables


def model(dbt, session):
    panel = dbt.ref("fct_estimation_panel").df()
    specs = specs_of("specification_curve", dbt.ref("int_specs_checked").df())
    return tabulate_omitted_variables(specs, panel)
