"""What the study's own estimators say about one panel.

Every estimate goes through the function that ``dbt build`` calls for a row of
``regression_specs``, so that what is simulated is what the warehouse holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.coverage_panels import POLICY, KnownPanel
from urban_resilience.estimation.designs import FITTERS, policy_design, policy_sample
from urban_resilience.estimation.estimators.event_study import EventStudyResult, fit_event_study
from urban_resilience.estimation.estimators.sun_abraham import fit_sun_abraham
from urban_resilience.estimation.fit import Coefficient, Diagnostics, Fit
from urban_resilience.estimation.regression_spec import RegressionSpec
from urban_resilience.estimation.tables.indirect_effects import tabulate_indirect_effects
from urban_resilience.estimation.tables.resampled_inference import tabulate_resampled_inference

DRAWS = {"n_draws": 399, "seed": 0}
# The study's rules that match whole cities.
MATCHES = ("nearest", "nearest_logit_caliper", "four_nearest", "kernel")
NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class Reading:
    """What one estimator says about one panel; NaN where it has no such number or no fit.

    Attributes
    ----------
    estimate, std_error
    covers
        1.0 where its 95% interval, set or test does not reject the truth, else 0.0; NaN where
        nothing could be fitted.
    first_stage_f
        With instruments only.
    """

    estimate: float = np.nan
    std_error: float = np.nan
    covers: float = np.nan
    first_stage_f: float = np.nan


def make_spec(design: str, **changes) -> RegressionSpec:
    """Return a row of ``regression_specs``: y on x, year and city effects, clustered by city."""
    plain = {
        **dict.fromkeys(("spec_id", "table_id", "column_id"), "coverage"),
        "design": design,
        "estimator": "ols",
        "outcome": "y",
        "treatment": "x",
        "controls": (),
        "fixed_effects": ("year", "city_code"),
        "cluster": "city_code",
        # Empty, since a filter would open a database in every panel.
        "sample_filter": "",
    }
    return RegressionSpec(**(plain | changes))


def make_policy_spec(design: str, **changes) -> RegressionSpec:
    """Return a row of ``regression_specs`` for a policy without partial pilots."""
    policy = {"policy_id": POLICY, "timing": "listed", "partial_pilots": "excluded"}
    return make_spec(design, treatment="treated", **policy, **changes)


def read_fit(spec: RegressionSpec, panel: KnownPanel) -> Reading:
    """Fit a specification as the build does, and read its treatment's row."""
    return _of_coefficient(_fit(spec, panel), spec.treatment, panel.truth)


def read_slope(panel: KnownPanel) -> dict[str, Reading]:
    """Two-way effects with two controls; resampled and jackknifed cities beside them."""
    controls = ("z1", "z2")
    return {
        "twfe": read_fit(make_spec("twfe", controls=controls), panel),
        **_resampled(make_spec("bootstrap", controls=controls, **DRAWS), panel),
        **_resampled(make_spec("jackknife", controls=controls), panel),
    }


def read_province(panel: KnownPanel) -> dict[str, Reading]:
    """Two-way effects clustered by city and by province, where three methods replace t(G-1)."""
    by_province = {"cluster": "province"}
    return {
        "twfe, clustered by city": read_fit(make_spec("twfe"), panel),
        "twfe, clustered by province": read_fit(make_spec("twfe", **by_province), panel),
        **_resampled(make_spec("wild_bootstrap", **by_province, **DRAWS), panel),
        **_resampled(make_spec("jackknife", **by_province), panel),
    }


def read_instrument(panel: KnownPanel) -> dict[str, Reading]:
    """Two-stage least squares by its t interval and by the Anderson-Rubin set."""
    fit = _fit(make_spec("iv", estimator="2sls", instrument="z", controls=("control",)), panel)
    two_stage, found = _of_coefficient(fit, "x", panel.truth), fit.diagnostics
    if fit.status != "estimated":
        return dict.fromkeys(("2sls", "anderson-rubin set"), two_stage)
    in_set = float(_in_set(found, panel.truth))
    return {
        "2sls": replace(two_stage, first_stage_f=found.first_stage_f),
        "anderson-rubin set": Reading(covers=in_set, first_stage_f=found.first_stage_f),
    }


def read_mean_effect(fit: Callable[..., EventStudyResult], panel: KnownPanel) -> Reading:
    """Fit an event study, and read its mean effect over treated city-years."""
    spec = make_policy_spec("event_study")
    sample = policy_sample(spec, panel.frame, panel.timing)
    return _reading(fit(sample, policy_design(spec, sample)).average_effect, panel.truth)


def read_policy(panel: KnownPanel) -> dict[str, Reading]:
    """Two-way difference-in-differences, and the mean effect of two event studies."""
    return {
        "did": read_fit(make_policy_spec("did"), panel),
        "two-way event study": read_mean_effect(fit_event_study, panel),
        "sun-abraham": read_mean_effect(fit_sun_abraham, panel),
    }


def read_placebo(panel: KnownPanel) -> dict[str, Reading]:
    """Difference-in-differences and the share of shuffled dates that beat it: a test of zero."""
    spec = make_policy_spec("placebo", **DRAWS)
    return {"did": read_fit(make_policy_spec("did"), panel), **_resampled(spec, panel)}


def read_matched(panel: KnownPanel) -> dict[str, Reading]:
    """Difference-in-differences on all cities, with the traits as controls, and on matches."""
    traits = ("trait_1", "trait_2")
    specs = {
        "did": make_policy_spec("did"),
        "did with controls": make_policy_spec("did", controls=traits),
    }
    for rule in MATCHES:
        title = f"psm-did, {rule.replace('_', ' ')}"
        specs[title] = make_policy_spec("psm_did", controls=traits, matching=rule)
    return {name: read_fit(spec, panel) for name, spec in specs.items()}


def read_mechanism(panel: KnownPanel) -> dict[str, Reading]:
    """Indirect effect by resampled cities and by Sobel, second step with and without treatment."""
    spec = make_spec("mediation", moderator="mediator", **DRAWS)
    readings = {}
    for row in tabulate_indirect_effects([spec], panel.frame, panel.timing).to_pylist():
        if row["status"] != "estimated":
            continue
        form = row["second_step"].replace("_", " ")
        estimate, error = row["estimate"], row["sobel_std_error"]
        drawn = row["conf_low"] <= panel.truth <= row["conf_high"]
        sobel = abs(estimate - panel.truth) <= NORMAL_95 * error
        readings[f"{form}, city bootstrap"] = Reading(estimate, error, float(drawn))
        readings[f"{form}, sobel"] = Reading(estimate, error, float(sobel))
    return readings


def _fit(spec: RegressionSpec, panel: KnownPanel) -> Fit:
    return FITTERS[spec.design](spec, panel.frame, panel.timing)


def _resampled(spec: RegressionSpec, panel: KnownPanel) -> dict[str, Reading]:
    """Read every method of a resampling design but the t test that stands first."""
    table = tabulate_resampled_inference([spec], panel.frame, panel.timing)
    # Where nothing could be estimated there is no method.
    rows = [row for row in table.to_pylist() if row["method"] not in ("cluster_t", None)]
    return {row["method"].replace("_", " "): _of_row(row, panel) for row in rows}


def _of_row(row: dict, panel: KnownPanel) -> Reading:
    if row["design"] == "placebo":
        covers = row["p_two_sided"] > 0.05
    else:
        # The wild bootstrap's interval may have no end on a side.
        ends = (row["conf_low"], row["conf_high"])
        low, high = (np.inf if end is None else end for end in ends)
        covers = (low == np.inf or low <= panel.truth) and panel.truth <= high
    return Reading(row["estimate"], row["std_error"] or np.nan, float(covers))


def _of_coefficient(fit: Fit, term: str, truth: float) -> Reading:
    found = next((item for item in fit.coefficients if item.term == term), None)
    return _reading(found, truth)


def _reading(found: Coefficient | None, truth: float) -> Reading:
    if found is None or np.isnan(found.std_error):
        return Reading()
    covers = found.conf_low <= truth <= found.conf_high
    return Reading(found.estimate, found.std_error, float(covers))


def _in_set(found: Diagnostics, value: float) -> bool:
    """Whether the Anderson-Rubin set holds a value, from the columns that the warehouse stores."""
    if found.anderson_rubin_shape in ("unbounded", "empty"):
        return found.anderson_rubin_shape == "unbounded"
    within = found.anderson_rubin_low <= value <= found.anderson_rubin_high
    return within if found.anderson_rubin_shape == "bounded" else not within
