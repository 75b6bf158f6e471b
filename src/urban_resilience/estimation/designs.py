"""From a specification to its fit: which library function each design calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd

from urban_resilience.estimation.estimators.difference_in_differences import (
    DifferenceInDifferencesResult,
    fit_difference_in_differences,
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
from urban_resilience.estimation.estimators.matching.rules import MATCHING_RULES
from urban_resilience.estimation.estimators.pilot_dates import left_out_pilots, pilot_dates
from urban_resilience.estimation.estimators.treatment_timing import (
    PolicyDesign,
    code_treatment,
    missing_dates,
    timing_columns,
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
    names = [spec.outcome, *spec.regressors, spec.instrument, spec.moderator]
    others = "partial pilots or cities without a match" if spec.policy_id else "without a key"
    return with_lost_rows(found, selected, [name for name in names if name], others)


def _refused(fit: Fit, reason: str | None) -> Fit:
    """Keep what a fit says beside its coefficients, and say why these are not published."""
    if not reason:
        return fit
    return Fit("not_estimable", reason, n_obs=fit.n_obs, diagnostics=fit.diagnostics)


def fit_twfe(spec: RegressionSpec, panel: pd.DataFrame, timing: pd.DataFrame) -> Fit:
    """Least squares with absorbed effects; ``timing`` is not read."""
    sample = draw_sample(
        select_sample(panel, spec.sample_filter),
        numeric=(spec.outcome, *spec.regressors),
        fixed_effects=spec.fixed_effects,
        clusters=spec.clusters,
    )
    return fit_linear(sample, spec.outcome, spec.regressors).fit


def fit_iv(spec: RegressionSpec, panel: pd.DataFrame, timing: pd.DataFrame) -> Fit:
    """Two-stage least squares with weak-instrument inference among the diagnostics."""
    result = fit_instrumental_variables(
        select_sample(panel, spec.sample_filter),
        outcome=spec.outcome,
        endogenous=spec.treatment,
        instrument=spec.instrument,
        controls=spec.controls,
        fixed_effects=spec.fixed_effects,
        clusters=spec.clusters,
    )
    fit = result.two_stage or Fit(status=result.status, reason=result.reason)
    # An instrument that is the treatment in other words: two stages are least squares.
    reason = perfect_fit_reason(result.first_stage, spec.treatment)
    fit = _refused(fit, f"first stage: {reason}" if reason else None)
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
        fixed_effects=spec.fixed_effects,
        clusters=spec.clusters,
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
    dates = pilot_dates(timing, spec.policy_id, spec.batches)
    named = dates.rename(columns={k: v.format(policy=spec.policy_id) for k, v in DATES.items()})
    others = panel.drop(columns=[name for name in named if name in panel and name != "city_code"])
    kept = others[~others["city_code"].isin(left_out_of(spec, timing))]
    return select_sample(kept.merge(named, on="city_code", how="left"), spec.sample_filter)


def left_out_of(spec: RegressionSpec, timing: pd.DataFrame) -> tuple[str, ...]:
    """Cities that a batch treats which the specification leaves out."""
    return left_out_pilots(timing, spec.policy_id, spec.batches, spec.timing, spec.partial_pilots)


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
    first_year, partial_year = timing_columns(spec.policy_id, spec.timing, sample.columns)
    return PolicyDesign(
        outcome=spec.outcome,
        first_year=first_year,
        partial_year=partial_year,
        partial_rule=spec.partial_pilots,
        controls=spec.controls,
        fixed_effects=spec.fixed_effects,
        clusters=spec.clusters,
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
        rule=MATCHING_RULES[spec.matching],
        covariates=spec.controls,
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
    return Diagnostics(
        n_effective_clusters=rests_on if is_estimated else None,
        **_beside("ols", result.least_squares, spec.treatment),
        **_beside("first_stage", result.first_stage, spec.instrument),
        **_beside("reduced_form", result.reduced_form, spec.instrument),
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
