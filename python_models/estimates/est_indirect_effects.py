"""Products of the two steps of a mechanism (grain: spec x form of the second step)."""

from urban_resilience.estimation.specs import specs_of
from urban_resilience.estimation.tables.indirect_effects import tabulate_indirect_effects


def model(dbt, session):
    panel = dbt.ref("fct_estimation_panel").df()
    timing = dbt.ref("fct_policy_batches").df()
    specs = specs_of("mediation", dbt.ref("int_specs_checked").df())
    return tabulate_indirect_effects(specs, panel, timing)
