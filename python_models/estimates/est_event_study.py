"""Leads and lags of pilot policies (grain: spec x estimator x event time)."""

from urban_resilience.estimation.side_tables import tabulate_event_study
from urban_resilience.estimation.specs import specs_of


def model(dbt, session):
    panel = dbt.ref("fct_estimation_panel").df()
    timing = dbt.ref("fct_policy_batches").df()
    specs = specs_of("event_study", dbt.ref("int_specs_checked").df())
    return tabulate_event_study(specs, panel, timing)
