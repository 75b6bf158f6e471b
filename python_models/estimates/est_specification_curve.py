"""Every choice of controls for rows of regression_specs (grain: spec x subset of controls)."""

from urban_resilience.estimation.specs import specs_of
from urban_resilience.estimation.tables.sensitivity import tabulate_specification_curve


def model(dbt, session):
    panel = dbt.ref("fct_estimation_panel").df()
    specs = specs_of("specification_curve", dbt.ref("int_specs_checked").df())
    return tabulate_specification_curve(specs, panel)
