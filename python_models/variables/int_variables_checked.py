"""Variables and indicators compiled to SQL (grain: stage x column); a wrong row stops all."""

from urban_resilience.variables.checked_variables import check_variables


def model(dbt, session):
    supplied = dbt.ref("stg_policy__pilots").df()["policy_id"]
    # The seeds are read as files; named here so that they are loaded, and a change of them is seen.
    dbt.ref("panel_variables"), dbt.ref("resilience_indicators"), dbt.ref("index_definitions")
    dbt.ref("measures"), dbt.ref("raw_columns"), dbt.ref("city_groups"), dbt.ref("cities")
    dbt.ref("policy_pilots"), dbt.ref("derived_series")
    return check_variables(sorted(supplied.dropna().unique()))
