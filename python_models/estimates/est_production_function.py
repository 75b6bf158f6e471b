"""Capital elasticity of the cities' production function (grain: one row)."""

from urban_resilience.estimation.estimators.production_function import estimate_capital_elasticity


def model(dbt, session):
    return estimate_capital_elasticity(dbt.ref("int_factor_inputs").df())
