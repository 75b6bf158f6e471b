"""From a specification to its fit: which library function each design calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd

from urban_resilience.estimation.effects import trends_of
from urban_resilience.estimation.estimators.difference_in_differences import (
    DifferenceInDifferencesResult,
    fit_difference_in_differences,
)
from urban_resilience.estimation.estimators.event_window import parse_event_window
from urban_resilience.estimation.estimators.families import FRACTIONAL
from urban_resilience.estimation.estimators.generalized_linear import (
    FAMILIES,
    GeneralizedResult,
    fit_generalized,
)
from urban_resilience.estimation.estimators.instrumental_variables import (
    InstrumentalVariablesResult,
    fit_instrumental_variables,
)
from urban_resilience.estimation.estimators.interaction import InteractionResult, fit_interaction
from urban_resilience.estimation.estimators.matching.matched_did import (
    MatchedDifferenceInDifferencesResult,
    fit_matched_difference_in_differences,
)
from urban_resilience.estimation.estimators.matching.matched_sample import WEIGHT, attach_weights
from urban_resilience.estimation.estimators.matching.rules import adjusted_rule
from urban_resilience.estimation.estimators.pilot_dates import left_out_pilots, pilot_dates
from urban_resilience.estimation.estimators.treatment_timing import (
    TREATED,
    TREATMENT_YEAR,
    PolicyDesign,
    code_treatment,
    missing_dates,
    timing_columns,
    treated_by,
)
from urban_resilience.estimation.fit import (
    Coefficient,
    Diagnostics,
    Fit,
    NotEstimableError,
    picked,
    refusal,
)
from urban_resilience.estimation.fit_diagnostics import (
    with_lost_rows,
    with_policy_diagnostics,
)
from urban_resilience.estimation.lagged_outcome import lagged_outcome_reason
from urban_resilience.estimation.least_squares.inference import perfect_fit_reason
from urban_resilience.estimation.least_squares.linear_model import fit_linear
from urban_resilience.estimation.least_squares.regression_sample import draw_sample
from urban_resilience.estimation.regression_spec import CITY, RegressionSpec
from urban_resilience.estimation.selection import select_sample

DATES = {
    "first_full_year": "{policy}_year",
    "first_full_announced_year": "{policy}_announced_year",
    "first_partial_year": "{policy}_partial_year",
    "first_partial_announced_year": "{policy}_partial_announced_year",
}

# What designs on a policy leave out besides rows that lack something.
OTHER_ROWS = {
    "did": "partial pilots or pilots of other batches",
    "psm_did": "partial pilots, pilots of other batches or cities without a match",
}


def fit(
    spec: RegressionSpec,
    panel: pd.DataFrame,
    timing: pd.DataFrame,
    matches: MatchedDifferenceInDifferencesResult | None = None,
) -> Fit:
    """Fit a specification of a design that gives coefficients, or say why it cannot be fitted.

    ``matches`` are those of :func:`match`, where they are known already.
    """
    try:
        if matches is not None:
            found = summarize_matches(matches, spec, panel, timing)
        else:
            found = FITTERS[spec.design](spec, panel, timing)
        selected = select_sample(panel, spec.sample_filter)
    except NotEstimableError as error:
        return Fit(**refusal(error))
    found = _refused(found, perfect_fit_reason(found, spec.outcome))
    found = _with_lagged_outcome(found, spec, selected)
    slopes = [effect.slope for effect in trends_of(spec.fixed_effects)]
    names = [spec.outcome, *spec.regressors, *spec.instruments, spec.moderator, spec.weights]
    names += [*slopes, *spec.effect_columns, *(spec.clusters if spec.is_clustered else ())]
    others = OTHER_ROWS.get(spec.design, "")
    return with_lost_rows(found, selected, names, spec.weights, others)


def _with_lagged_outcome(fit: Fit, spec: RegressionSpec, selected: pd.DataFrame) -> Fit:
    names = [name for name in spec.regressors if name in selected.columns]
    if fit.status != "estimated" or not names:
        return fit
    reason = lagged_outcome_reason(selected, spec.outcome, names, spec.effect_columns)
    if not reason:
        return fit
    return replace(fit, diagnostics=replace(fit.diagnostics, incidental_parameters=reason))


def _refused(fit: Fit, reason: str | None) -> Fit:
    """Keep what a fit says beside its coefficients, and say why these are not published."""
    if not reason:
        return fit
    return Fit(
        *("not_estimable", reason),
        n_obs=fit.n_obs,
        n_singletons=fit.n_singletons,
        diagnostics=fit.diagnostics,
    )


def fit_twfe(spec: RegressionSpec, panel: pd.DataFrame, timing: pd.DataFrame) -> Fit:
    """Least squares, Poisson or fractional logit with absorbed effects; no ``timing`` is read."""
    rows = select_sample(panel, spec.sample_filter)
    if spec.estimator in FAMILIES:
        found = fit_generalized(
            rows,
            family=spec.estimator,
            outcome=spec.outcome,
            regressors=spec.regressors,
            **_errors_and_effects(spec),
        )
        return replace(found.fit, diagnostics=_of_the_mean(found, spec))
    sample = draw_sample(
        rows, numeric=(spec.outcome, *spec.regressors), **_errors_and_effects(spec)
    )
    return fit_linear(sample, spec.outcome, spec.regressors).fit


def _errors_and_effects(spec: RegressionSpec) -> dict[str, Any]:
    """Say to an estimator how rows are weighted, what is absorbed and what errors may be."""
    return {
        "fixed_effects": spec.fixed_effects,
        "clusters": spec.clusters,
        "weights": spec.weights or None,
        "vcov": spec.vcov,
    }


def _of_the_mean(found: GeneralizedResult, spec: RegressionSpec) -> Diagnostics:
    biased = spec.estimator == FRACTIONAL and CITY in spec.effect_columns
    reason = (
        "effects of units in a fractional logit are estimated with few rows each: a bias of the "
        "order of one over the years is left"
    )
    return replace(
        found.fit.diagnostics,
        **picked(found, "n_separated", "pseudo_r2", "dispersion", "average_partial_effect"),
        incidental_parameters=reason if biased and found.fit.status == "estimated" else None,
    )


def fit_iv(spec: RegressionSpec, panel: pd.DataFrame, timing: pd.DataFrame) -> Fit:
    """Two-stage least squares with weak-instrument inference among the diagnostics."""
    result = fit_instrumental_variables(
        select_sample(panel, spec.sample_filter),
        outcome=spec.outcome,
        endogenous=spec.treatment,
        instruments=spec.instruments,
        controls=spec.controls,
        **_errors_and_effects(spec),
    )
    fit = result.two_stage or Fit(status=result.status, reason=result.reason)
    # An instrument that is the treatment in other words: two stages are least squares. One that is
    # the outcome in other words moves with whatever the error holds: two stages turn least squares
    # of the treatment on the outcome upside down.
    stages = {
        "first stage": perfect_fit_reason(result.first_stage, spec.treatment),
        "reduced form": perfect_fit_reason(result.reduced_form, spec.outcome),
    }
    for stage, reason in stages.items():
        fit = _refused(fit, f"{stage}: {reason}" if reason else None)
    return replace(fit, diagnostics=_instrument_diagnostics(result, spec))


def fit_did(spec: RegressionSpec, panel: pd.DataFrame, timing: pd.DataFrame) -> Fit:
    """Two-way effects on a staggered policy, dates by the rules of the specification."""
    sample = policy_sample(spec, panel, timing)
    design = policy_design(spec, sample)
    fit = _policy_fit(fit_difference_in_differences(sample, design))
    fit = with_policy_diagnostics(fit, sample, design)
    return _with_left_out(fit, spec, panel, timing)


def fit_psm_did(spec: RegressionSpec, panel: pd.DataFrame, timing: pd.DataFrame) -> Fit:
    """Two-way effects on cities matched by propensity score, weighted by their matches."""
    return summarize_matches(match(spec, panel, timing), spec, panel, timing)


def summarize_matches(
    result: MatchedDifferenceInDifferencesResult,
    spec: RegressionSpec,
    panel: pd.DataFrame,
    timing: pd.DataFrame,
) -> Fit:
    """Say of a matched estimate what every fit says of itself, pre-trends included."""
    fit = Fit(status=result.status, reason=result.reason)
    if result.estimate is not None and result.matched is not None:
        sample = policy_sample(spec, panel, timing)
        weighted = attach_weights(sample, result.matched, unit=CITY, time="year")
        design = replace(policy_design(spec, sample), weights=WEIGHT)
        fit = with_policy_diagnostics(_policy_fit(result.estimate), weighted, design)
    fit = _with_left_out(fit, spec, panel, timing)
    matched = result.matched
    if matched is None:
        return fit
    found = picked(matched, "n_unscored_units", "n_unmatched_units", "n_tied_matches")
    diagnostics = replace(
        fit.diagnostics,
        matched_on_years=matched.window,
        max_absolute_bias=matched.max_absolute_bias,
        matching_left_out="; ".join(matched.left_out) or None,
        **found,
    )
    return replace(fit, diagnostics=diagnostics)


def fit_centred_interaction(spec: RegressionSpec, panel: pd.DataFrame, timing: pd.DataFrame) -> Fit:
    """Treatment, moderator and their product, centred at grand means."""
    result = interact(spec, panel)
    return result.fit or Fit(status=result.status, reason=result.reason)


FITTERS: dict[str, Callable[[RegressionSpec, pd.DataFrame, pd.DataFrame], Fit]] = {
    "twfe": fit_twfe,
    "iv": fit_iv,
    "did": fit_did,
    "psm_did": fit_psm_did,
    "interaction": fit_centred_interaction,
}


def interact(spec: RegressionSpec, panel: pd.DataFrame) -> InteractionResult:
    """Fit the centred interaction of a specification, with its marginal effects."""
    return fit_interaction(
        select_sample(panel, spec.sample_filter),
        outcome=spec.outcome,
        treatment=spec.treatment,
        moderator=spec.moderator,
        controls=spec.controls,
        **_errors_and_effects(spec),
    )


def policy_sample(spec: RegressionSpec, panel: pd.DataFrame, timing: pd.DataFrame) -> pd.DataFrame:
    """Rows of the specification with the dates of its policy.

    Parameters
    ----------
    panel
        The estimation panel.
    timing
        Rows of ``fct_policy_batches``: any policy of ``policy_pilots``, seed or supplied.

    Raises
    ------
    NotEstimableError
        The policy has no list of a batch that the specification names.
    """
    rows = panel[~panel["city_code"].isin(left_out_of(spec, timing))]
    for policy in spec.policies:
        batches = spec.batches if policy == spec.policy else ()
        dates = pilot_dates(timing, policy, batches)
        named = dates.rename(columns={k: v.format(policy=policy) for k, v in DATES.items()})
        rows = rows.drop(columns=[name for name in named if name in rows and name != "city_code"])
        rows = rows.merge(named, on="city_code", how="left")
    for policy in spec.policies[1:]:
        rows = _with_treatment(spec, rows, policy)
    return select_sample(rows, spec.sample_filter)


def _with_treatment(spec: RegressionSpec, rows: pd.DataFrame, policy: str) -> pd.DataFrame:
    """Add the dated treatment of a further policy, by the rules of the specification.

    Raises
    ------
    NotEstimableError
        No city has a date of it.
    """
    first_year, partial_year = timing_columns(policy, spec.timing, rows.columns)
    design = PolicyDesign(spec.outcome, first_year, partial_year, spec.partial_pilots)
    reason = missing_dates(rows, design)
    if reason:
        raise NotEstimableError(reason)
    coded = code_treatment(rows, design)
    return coded.rename(columns={TREATED: treated_by(policy)}).drop(columns=TREATMENT_YEAR)


def left_out_of(spec: RegressionSpec, timing: pd.DataFrame) -> tuple[str, ...]:
    """Cities that a batch treats which the specification leaves out."""
    return left_out_pilots(timing, spec.policy, spec.batches, spec.timing, spec.partial_pilots)


def left_out_diagnostics(
    spec: RegressionSpec, panel: pd.DataFrame, timing: pd.DataFrame
) -> dict[str, Any]:
    """Count and name the cities of the sample that batches left out treat."""
    if not spec.batches:
        return {}
    rows = select_sample(panel, spec.sample_filter)
    rows = rows[rows["city_code"].isin(left_out_of(spec, timing))]
    label = "city_name_en" if "city_name_en" in rows else "city_code"
    names = sorted({str(name) for name in rows[label]})
    return {"n_left_out_pilots": len(names), "left_out_pilots": ", ".join(names) or None}


def left_out_in_words(spec: RegressionSpec, panel: pd.DataFrame, timing: pd.DataFrame) -> str:
    """Say the same as a phrase, empty where nothing is left out."""
    found = left_out_diagnostics(spec, panel, timing)
    if not found.get("n_left_out_pilots"):
        return ""
    return (
        f"{found['n_left_out_pilots']} cities that other batches treat: {found['left_out_pilots']}"
    )


def policy_design(spec: RegressionSpec, sample: pd.DataFrame) -> PolicyDesign:
    """Say to the estimators of a policy what its specification asks for."""
    first_year, partial_year = timing_columns(spec.policy, spec.timing, sample.columns)
    return PolicyDesign(
        outcome=spec.outcome,
        first_year=first_year,
        partial_year=partial_year,
        partial_rule=spec.partial_pilots,
        controls=(*spec.controls, *spec.other_treatments),
        window=parse_event_window(spec.event_window, spec.reference_period, spec.event_ends),
        **_errors_and_effects(spec),
    )


def coded_policy_sample(
    spec: RegressionSpec, panel: pd.DataFrame, timing: pd.DataFrame
) -> pd.DataFrame:
    """Rows of the specification with ``treated``, for designs that know no policy.

    Raises
    ------
    NotEstimableError
        The policy has no dates.
    """
    sample = policy_sample(spec, panel, timing)
    design = policy_design(spec, sample)
    reason = missing_dates(sample, design)
    if reason:
        raise NotEstimableError(reason)
    return code_treatment(sample, design)


def match(
    spec: RegressionSpec, panel: pd.DataFrame, timing: pd.DataFrame
) -> MatchedDifferenceInDifferencesResult:
    """Match the pilots of a specification on its controls, and estimate on the matches."""
    sample = policy_sample(spec, panel, timing)
    return fit_matched_difference_in_differences(
        sample,
        policy_design(spec, sample),
        rule=adjusted_rule(spec.matching, spec.caliper, spec.neighbours, spec.bandwidth),
        covariates=spec.covariates,
        window=spec.matching_window,
    )


def _with_left_out(
    fit: Fit, spec: RegressionSpec, panel: pd.DataFrame, timing: pd.DataFrame
) -> Fit:
    said = left_out_diagnostics(spec, panel, timing)
    return replace(fit, diagnostics=replace(fit.diagnostics, **said))


def _policy_fit(result: DifferenceInDifferencesResult) -> Fit:
    fit = result.fit or Fit(status=result.status, reason=result.reason)
    counted = picked(result, "n_treated_units", "n_control_units")
    return replace(fit, diagnostics=replace(fit.diagnostics, **counted))


def _instrument_diagnostics(
    result: InstrumentalVariablesResult, spec: RegressionSpec
) -> Diagnostics:
    strength, confidence_set = result.strength, result.anderson_rubin
    ends = [end for pair in (confidence_set.intervals if confidence_set else ()) for end in pair]
    finite = [end for end in ends if np.isfinite(end)]
    first_stage = result.first_stage
    # What identifies is the instrument: its variation is what clusters hold a share of.
    rests_on = first_stage.diagnostics.n_effective_clusters if first_stage else None
    is_estimated = bool(result.two_stage and result.two_stage.status == "estimated")
    if len(spec.instruments) > 1 and result.two_stage:
        rests_on = result.two_stage.diagnostics.n_effective_clusters
    # Of several instruments no single coefficient says what the first stage does.
    alone = spec.instrument if len(spec.instruments) == 1 else ""
    agree = result.overidentification
    return Diagnostics(
        n_effective_clusters=rests_on if is_estimated else None,
        n_instruments=len(spec.instruments),
        **(asdict(agree) if agree else {}),
        **_beside("ols", result.least_squares, spec.treatment),
        **_beside("first_stage", result.first_stage, alone),
        **_beside("reduced_form", result.reduced_form, alone),
        first_stage_f=strength.kleibergen_paap_f if strength else None,
        kleibergen_paap_lm=strength.kleibergen_paap_lm if strength else None,
        lm_p_value=strength.lm_p_value if strength else None,
        effective_f=strength.effective_f if strength else None,
        effective_f_critical=strength.effective_f_critical if strength else None,
        anderson_rubin_shape=confidence_set.shape if confidence_set else None,
        anderson_rubin_low=min(finite, default=None),
        anderson_rubin_high=max(finite, default=None),
        instrument_surviving_share=result.absorption.surviving_share if result.absorption else None,
    )


def _beside(prefix: str, fit: Fit | None, term: str) -> dict[str, Any]:
    found: Coefficient | None = next(
        (item for item in (fit.coefficients if fit else ()) if item.term == term), None
    )
    values = asdict(found) if found else {}
    return {f"{prefix}_{name}": values.get(name) for name in ("estimate", "std_error")}
