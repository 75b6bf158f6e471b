"""Sectors behind shift-share estimates of regression_specs (grain: spec x sector)."""

from urban_resilience.estimation.specs import specs_of
from urban_resilience.estimation.tables.rotemberg_weights import tabulate_rotemberg_weights


def model(dbt, session):
    panel = dbt.ref("fct_estimation_panel").df()
    shares = dbt.ref("int_census_employment_shares").df()
    shocks = dbt.ref("int_digital_coefficients_by_sector").df()
    specs = specs_of("shift_share", dbt.ref("int_specs_checked").df())
    return tabulate_rotemberg_weights(
        specs,
        panel,
        shares.rename(columns={"employment_share": "share"}),
        shocks.rename(columns={"narrow": "shock"}),
    )
