"""What an estimation gives: coefficients, a fit, or a refusal in words. Imports no other room."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class NotEstimableError(ValueError):
    """The data hold no information on the quantity asked for; the message says why in words.

    Wrong calls (an unknown column, a weight of the wrong shape) raise a plain ``ValueError``.
    """


@dataclass(frozen=True)
class Coefficient:
    """One estimated term with its inference."""

    term: str
    estimate: float
    std_error: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True)
class Diagnostics:
    """What single designs add to a fit; empty where the design has none.

    ``n_effective_clusters``: clusters by the variation they hold (``effective_clusters``).
    Instrumental variables: least squares, first stage and reduced form beside the two-stage fit;
    Kleibergen-Paap F, and the LM test of underidentification; effective F (Montiel Olea and
    Pflueger 2013) with its critical value; the shape and ends of the 95% Anderson-Rubin set; the
    share of the instrument's variance that the effects leave; of several instruments no first stage
    of one of them, but Hansen's and Sargan's tests that they agree. Poisson and fractional logit:
    pseudo R2, dispersion, mean partial effect of the treatment, rows in levels of an effect whose
    outcomes are all at the edge, and why effects of units may bias it. Policy designs: units
    treated within
    the sample, controls, and the p-value that all leads of an event study on the same rows are
    zero, by two-way effects and by cohorts (Sun and Abraham 2021), or why there is none; cities of
    batches that do not count, counted and named. Matching: years that covariates are means
    of, largest standardized bias left (percent), units without a score, treated units without a
    match, matches that a tie left open, and what was left out in words.
    """

    n_effective_clusters: float | None = None
    ols_estimate: float | None = None
    ols_std_error: float | None = None
    first_stage_estimate: float | None = None
    first_stage_std_error: float | None = None
    reduced_form_estimate: float | None = None
    reduced_form_std_error: float | None = None
    first_stage_f: float | None = None
    kleibergen_paap_lm: float | None = None
    lm_p_value: float | None = None
    effective_f: float | None = None
    effective_f_critical: float | None = None
    anderson_rubin_shape: str | None = None
    anderson_rubin_low: float | None = None
    anderson_rubin_high: float | None = None
    instrument_surviving_share: float | None = None
    n_instruments: int | None = None
    hansen_j: float | None = None
    hansen_j_p_value: float | None = None
    sargan: float | None = None
    sargan_p_value: float | None = None
    pseudo_r2: float | None = None
    dispersion: float | None = None
    average_partial_effect: float | None = None
    n_separated: int | None = None
    incidental_parameters: str | None = None
    n_treated_units: int | None = None
    n_control_units: int | None = None
    pre_trend_p_value: float | None = None
    pre_trend_p_value_cohorts: float | None = None
    no_pre_trend: str | None = None
    n_left_out_pilots: int | None = None
    left_out_pilots: str | None = None
    matched_on_years: str | None = None
    max_absolute_bias: float | None = None
    n_unscored_units: int | None = None
    n_unmatched_units: int | None = None
    n_tied_matches: int | None = None
    matching_left_out: str | None = None


@dataclass(frozen=True)
class Fit:
    """What a regression says about itself; counts are rows and clusters used.

    ``redundant_effects`` names absorbed effects that change nothing, because a finer one spans
    them: a province's within city effects. ``absorbed_terms`` names main effects of an interaction
    that the effects absorb, so that the regression holds only their product. ``n_selected`` counts
    the rows that the filter selects, ``rows_left_out`` says in words where they are lost.
    """

    status: str
    reason: str | None = None
    n_obs: int | None = None
    n_clusters: int | None = None
    n_singletons: int | None = None
    r2: float | None = None
    r2_within: float | None = None
    vcov_type: str | None = None
    redundant_effects: str | None = None
    absorbed_terms: str | None = None
    n_selected: int | None = None
    rows_left_out: str | None = None
    coefficients: tuple[Coefficient, ...] = field(default=())
    diagnostics: Diagnostics = field(default=Diagnostics())


def refusal(error: Exception) -> dict[str, Any]:
    """Say as part of a row that nothing could be estimated, and why."""
    return {"status": "not_estimable", "reason": str(error)}


def picked(item: object, *names: str) -> dict[str, Any]:
    """Pick attributes of an object as part of a row."""
    return {name: getattr(item, name) for name in names}
