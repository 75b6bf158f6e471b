"""Leads and lags of pilot policies (grain: spec x estimator x event time)."""

from urban_resilience.estimation.specs import specs_of
from urban_resilience.estimation.tables.event_study import tabulate_event_study


def model(dbt, session):
    panel = dbt.ref("fct_estimation_panel").df()
    timing = dbt.ref("fct_policy_batches").df()
    specs = specs_of("event_study", dbt.ref("int_specs_checked").df())
    return tabulate_event_study(specs, panel, timing)
