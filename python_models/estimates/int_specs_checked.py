"""Specifications that passed every check (grain: spec); a wrong row stops all that follows."""

from urban_resilience.estimation.checked_specs import check_specs


def model(dbt, session):
    pilots = dbt.ref("policy_pilots").df(), dbt.ref("stg_policy__pilots").df()
    batches = {}
    for rows in pilots:
        for policy, batch in zip(rows["policy_id"], rows["batch"], strict=True):
            batches.setdefault(str(policy), set()).add(str(batch))
    return check_specs(dbt.ref("regression_specs").df(), batches)
