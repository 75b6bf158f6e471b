"""Specifications that passed every check (grain: spec); a wrong row stops all that follows."""

from urban_resilience.estimation.checked_specs import check_specs


def model(dbt, session):
    pilots = dbt.ref("policy_pilots").df(), dbt.ref("stg_policy__pilots").df()
    policies = {policy for rows in pilots for policy in rows["policy_id"].dropna()}
    return check_specs(dbt.ref("regression_specs").df(), sorted(policies))
