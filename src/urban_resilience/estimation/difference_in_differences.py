"""Difference-in-differences with staggered dates, by two-way fixed effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from urban_resilience.estimation.linear_model import fit_linear
from urban_resilience.estimation.regression_sample import draw_sample
from urban_resilience.estimation.results import Fit
from urban_resilience.estimation.treatment_timing import (
    EXCLUDED,
    TREATED,
    TREATMENT_YEAR,
    Cohort,
    code_treatment,
    count_units,
    tabulate_cohorts,
)


@dataclass(frozen=True)
class DifferenceInDifferencesResult:
    """A two-way fixed-effects estimate and the cohorts behind it.

    ``fit`` names ``treated`` first. Unit counts are of the rows used; ``n_control_units`` are never
    treated in the sample, ``n_always_treated_units`` in every year of theirs.
    """

    status: str
    reason: str | None = None
    fit: Fit | None = None
    cohorts: tuple[Cohort, ...] = ()
    n_treated_units: int = 0
    n_control_units: int = 0
    n_always_treated_units: int = 0


def fit_difference_in_differences(
    frame: pd.DataFrame,
    *,
    outcome: str,
    first_year: str,
    partial_year: str | None = None,
    partial_rule: str = EXCLUDED,
    controls: Sequence[str] = (),
    fixed_effects: Sequence[str] = ("year", "city_code"),
    clusters: Sequence[str] = ("city_code",),
    weights: str | None = None,
    unit: str = "city_code",
    time: str = "year",
) -> DifferenceInDifferencesResult:
    """Estimate y_ct = beta treated_ct + X'g + effects.

    With effects that differ between cohorts or over time beta is a weighted average whose weights
    can be negative (Goodman-Bacon 2021): see ``event_study.fit_sun_abraham`` beside it.

    Parameters
    ----------
    frame
        Unit-years x variables.
    outcome, controls, fixed_effects, weights
        Column names; ``weights`` are those of a matched sample, or None.
    first_year, partial_year, partial_rule
        Dates and the fate of partial pilots (see ``code_treatment``).
    clusters
        One or two columns.
    unit, time
        Column names.

    Returns
    -------
    DifferenceInDifferencesResult
    """
    reason = missing_dates(frame, first_year, partial_year)
    if reason:
        return DifferenceInDifferencesResult("not_estimable", reason=reason)
    coded = code_treatment(
        frame,
        first_year=first_year,
        partial_year=partial_year,
        partial_rule=partial_rule,
        time=time,
    )
    sample = draw_sample(
        coded,
        numeric=[outcome, TREATED, *controls],
        fixed_effects=fixed_effects,
        clusters=clusters,
        weights=weights,
        carried=[TREATMENT_YEAR, unit],
    )
    cohorts = tabulate_cohorts(sample.frame, unit=unit)
    counts = {
        "cohorts": cohorts,
        "n_treated_units": count_units(cohorts, "treated"),
        "n_control_units": count_units(cohorts, "never_treated", "treated_after"),
        "n_always_treated_units": count_units(cohorts, "always_treated"),
    }
    reason = sample.reason or _design_reason(counts["n_treated_units"], first_year)
    if reason:
        return DifferenceInDifferencesResult("not_estimable", reason=reason, **counts)
    fit = fit_linear(sample, outcome, [TREATED, *controls]).fit
    return DifferenceInDifferencesResult(fit.status, reason=fit.reason, fit=fit, **counts)


def missing_dates(frame: pd.DataFrame, first_year: str, partial_year: str | None) -> str | None:
    """Say which date column is absent or empty, or None."""
    absent = [name for name in (first_year, partial_year) if name and name not in frame.columns]
    if absent:
        return f"no column {', '.join(absent)} in the data"
    if len(frame) and frame[first_year].isna().all():
        return f"no unit has a date in {first_year}"
    return None


def _design_reason(n_treated_units: int, first_year: str) -> str | None:
    if n_treated_units == 0:
        return f"no unit of the sample is seen both before and after its date in {first_year}"
    return None
