"""Long tables that stand beside the coefficients: one function and one schema per table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict

import pandas as pd
import pyarrow as pa

from urban_resilience.estimation.designs import (
    interact,
    left_out_in_words,
    match,
    policy_design,
    policy_sample,
)
from urban_resilience.estimation.event_study import TWO_WAY, EventStudyResult, fit_event_study
from urban_resilience.estimation.group_differences import METHODS, compare_groups
from urban_resilience.estimation.linear_model import perfect_fit_reason
from urban_resilience.estimation.matching.matched_sample import MatchedSample
from urban_resilience.estimation.matching.profiles import EVER_TREATED
from urban_resilience.estimation.mediation import IndirectEffect, mediated_effect
from urban_resilience.estimation.not_estimable import NotEstimableError
from urban_resilience.estimation.results import long_schema, picked, refusal, table_of
from urban_resilience.estimation.sample_filter import select_sample
from urban_resilience.estimation.specs import RegressionSpec
from urban_resilience.estimation.sun_abraham import SUN_ABRAHAM, fit_sun_abraham

GROUP_DIFFERENCES = long_schema(
    "spec_id table_id outcome treatment group_column method status reason",
    "n_obs_group_1 n_obs_group_0 n_clusters n_singletons draws failed_draws seed",
    "difference estimate_group_1 estimate_group_0 p_greater p_less p_two_sided std_error"
    " conf_low conf_high",
)
INDIRECT_EFFECTS = long_schema(
    "spec_id table_id outcome treatment mediator second_step status reason",
    "n_obs n_clusters n_singletons draws failed_draws seed",
    "first_step_estimate first_step_std_error second_step_estimate second_step_std_error"
    " total_effect estimate share_of_total sobel_std_error sobel_z sobel_p_value"
    " conf_low conf_high",
)
COVARIATE_BALANCE = long_schema(
    "spec_id matching variable stage status reason",
    "n_treated n_control",
    "mean_treated mean_control standardized_bias variance_ratio pseudo_r2",
)
MATCHED_UNITS = long_schema(
    "spec_id matching city_code status reason left_out_reason",
    "year cohort n_profile_years",
    "propensity matching_weight",
    "is_ever_treated is_on_support",
)
EVENT_STUDY = long_schema(
    "spec_id estimator status reason left_out",
    "n_obs n_clusters n_singletons event_time n_rows n_units",
    "estimate std_error p_value conf_low conf_high pre_trend_f pre_trend_p_value"
    " mean_effect mean_effect_std_error mean_effect_p_value",
    "is_base is_binned",
)
MARGINAL_EFFECTS = long_schema(
    "spec_id treatment moderator status reason",
    "",
    "percentile moderator_value estimate std_error p_value conf_low conf_high",
)

# Estimators of leads and lags, by the name their rows carry.
EVENT_STUDIES = {TWO_WAY: fit_event_study, SUN_ABRAHAM: fit_sun_abraham}


def tabulate_group_differences(
    specs: Iterable[RegressionSpec], panel: pd.DataFrame, timing: pd.DataFrame
) -> pa.Table:
    """Compare the treatment's coefficient between two groups (grain: spec x method).

    The group is the specification's ``moderator``: a true-or-false column of the panel.
    """
    rows = []
    for spec in specs:
        shared = {
            **picked(spec, "spec_id", "table_id", "outcome", "treatment"),
            "group_column": spec.moderator,
        }
        try:
            sample = select_sample(panel, spec.sample_filter)
            found = compare_groups(
                sample.assign(**{spec.moderator: sample[spec.moderator].astype(float)}),
                outcome=spec.outcome,
                treatment=spec.treatment,
                group=spec.moderator,
                controls=spec.controls,
                effects=spec.effects_beside_city,
                draws=spec.n_draws,
                seed=spec.seed,
            )
            rows += [{**shared, "status": "estimated", **asdict(item)} for item in found]
        except NotEstimableError as error:
            rows += [{**shared, **refusal(error), "method": method} for method in METHODS]
    return table_of(rows, GROUP_DIFFERENCES)


def tabulate_indirect_effects(
    specs: Iterable[RegressionSpec], panel: pd.DataFrame, timing: pd.DataFrame
) -> pa.Table:
    """Multiply the two steps of a mechanism (grain: spec x form of the second step).

    ``alone`` leaves the treatment out of the second step, as the paper does; ``beside_treatment``
    keeps it in.
    """
    rows = []
    for spec in specs:
        shared = {
            **picked(spec, "spec_id", "table_id", "outcome", "treatment", "seed"),
            "mediator": spec.moderator,
        }
        try:
            found = mediated_effect(
                select_sample(panel, spec.sample_filter),
                outcome=spec.outcome,
                treatment=spec.treatment,
                mediator=spec.moderator,
                controls=spec.controls,
                effects=spec.effects_beside_city,
                draws=spec.n_draws,
                seed=spec.seed,
            )
        except NotEstimableError as error:
            rows.append({**shared, **refusal(error)})
            continue
        counts = picked(found, "n_obs", "n_clusters", "n_singletons", "draws", "failed_draws")
        first = found.treatment_on_mediator
        forms: tuple[tuple[str, object, IndirectEffect], ...] = (
            ("alone", found.mediator_on_outcome, found.indirect),
            ("beside_treatment", found.mediator_beside_treatment, found.indirect_beside_treatment),
        )
        rows += [
            {
                **shared,
                **counts,
                "status": "estimated",
                "second_step": name,
                "first_step_estimate": first.estimate,
                "first_step_std_error": first.std_error,
                "second_step_estimate": second.estimate,
                "second_step_std_error": second.std_error,
                "total_effect": found.total.estimate,
                **asdict(product),
            }
            for name, second, product in forms
        ]
    return table_of(rows, INDIRECT_EFFECTS)


def tabulate_covariate_balance(
    specs: Iterable[RegressionSpec], panel: pd.DataFrame, timing: pd.DataFrame
) -> pa.Table:
    """Balance before and after matching (grain: spec x stage x covariate)."""
    rows = []
    for shared, matched in _matches(specs, panel, timing):
        if matched is None or matched.balance is None:
            rows.append(shared)
            continue
        joint = {item.stage: item for item in matched.balance.joint}
        for item in matched.balance.covariates:
            whole = picked(joint[item.stage], "n_treated", "n_control", "pseudo_r2")
            rows.append({**shared, **whole, **asdict(item)})
    return table_of(rows, COVARIATE_BALANCE)


def tabulate_matched_units(
    specs: Iterable[RegressionSpec], panel: pd.DataFrame, timing: pd.DataFrame
) -> pa.Table:
    """Scores and weights of every unit, and why one has none.

    Grain: spec x city, x year where years are matched, x cohort where each has its own window.
    """
    rows = []
    for shared, matched in _matches(specs, panel, timing):
        parts = [] if matched is None else [matched.units, matched.lost]
        found = [part for part in parts if part is not None and len(part)]
        if not found:
            rows.append(shared)
        for part in found:
            units = part.rename(columns={EVER_TREATED: "is_ever_treated"})
            wanted = [name for name in MATCHED_UNITS.names if name in units.columns]
            rows += [
                {"matching_weight": 0.0, **shared, **u} for u in units[wanted].to_dict("records")
            ]
    return table_of(rows, MATCHED_UNITS)


def _matches(
    specs: Iterable[RegressionSpec], panel: pd.DataFrame, timing: pd.DataFrame
) -> Iterator[tuple[dict, MatchedSample | None]]:
    """Yield what every row of a specification says, and its matches; none where it has no dates."""
    for spec in specs:
        shared = picked(spec, "spec_id", "matching")
        try:
            result = match(spec, panel, timing)
        except NotEstimableError as error:
            yield {**shared, **refusal(error)}, None
            continue
        state = result if result.matched is None else result.matched
        yield {**shared, **picked(state, "status", "reason")}, result.matched


def tabulate_event_study(
    specs: Iterable[RegressionSpec], panel: pd.DataFrame, timing: pd.DataFrame
) -> pa.Table:
    """Leads and lags by two estimators (grain: spec x estimator x event time)."""
    rows = []
    for spec in specs:
        try:
            sample = policy_sample(spec, panel, timing)
        except NotEstimableError as error:
            shared = {**picked(spec, "spec_id"), **refusal(error)}
            rows += [{**shared, "estimator": name} for name in EVENT_STUDIES]
            continue
        pilots = left_out_in_words(spec, panel, timing)
        for estimate in EVENT_STUDIES.values():
            found = _event_rows(spec, estimate(sample, policy_design(spec, sample)))
            said = "; ".join(filter(None, (found[0]["left_out"], pilots))) or None
            rows += [{**row, "left_out": said} for row in found]
    return table_of(rows, EVENT_STUDY)


def tabulate_marginal_effects(
    specs: Iterable[RegressionSpec], panel: pd.DataFrame, timing: pd.DataFrame
) -> pa.Table:
    """Effect of the treatment along the moderator (grain: spec x percentile of the moderator)."""
    rows = []
    for spec in specs:
        shared = picked(spec, "spec_id", "treatment", "moderator")
        try:
            result = interact(spec, panel)
        except NotEstimableError as error:
            rows.append({**shared, **refusal(error)})
            continue
        state = {"status": result.status, "reason": result.reason}
        reason = perfect_fit_reason(result.fit, spec.outcome) or result.marginal_reason
        if reason:
            state = {"status": "not_estimable", "reason": reason}
        if reason or not result.marginal_effects:
            rows.append({**shared, **state})
            continue
        rows += [
            {
                **shared,
                **state,
                **picked(point, "percentile", "moderator_value"),
                **picked(point.effect, "estimate", "std_error", "p_value", "conf_low", "conf_high"),
            }
            for point in result.marginal_effects
        ]
    return table_of(rows, MARGINAL_EFFECTS)


def _event_rows(spec: RegressionSpec, result: EventStudyResult) -> list[dict]:
    mean = result.average_effect
    shared = {
        **picked(spec, "spec_id"),
        **picked(result, "estimator", "status", "reason"),
        "mean_effect": mean.estimate if mean else None,
        "mean_effect_std_error": mean.std_error if mean else None,
        "mean_effect_p_value": mean.p_value if mean else None,
        "left_out": "; ".join(result.left_out) or None,
        **(picked(result.fit, "n_obs", "n_clusters", "n_singletons") if result.fit else {}),
        "pre_trend_f": result.pre_trend.statistic if result.pre_trend else None,
        "pre_trend_p_value": result.pre_trend.p_value if result.pre_trend else None,
    }
    reason = perfect_fit_reason(result.fit, spec.outcome)
    if reason:
        return [{**shared, "status": "not_estimable", "reason": reason}]
    if not result.points:
        return [shared]
    inference = ("estimate", "std_error", "p_value", "conf_low", "conf_high")
    return [
        {
            **shared,
            **picked(point, "event_time", "is_base", "is_binned", "n_rows", "n_units"),
            **(picked(point.coefficient, *inference) if point.coefficient else {}),
        }
        for point in result.points
    ]
