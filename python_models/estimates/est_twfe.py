"""Two-way fixed-effects regressions of regression_specs (grain: spec x term)."""

from urban_resilience.estimation.fixed_effects import fit_specification
from urban_resilience.estimation.results import to_table
from urban_resilience.estimation.specs import parse_specs, validate_specs


def model(dbt, session):
    panel = dbt.ref("fct_estimation_panel").df()
    specs = parse_specs(dbt.ref("regression_specs").filter("design = 'twfe'").df())
    validate_specs(specs, panel)
    return to_table((spec, fit_specification(spec, panel)) for spec in specs)
