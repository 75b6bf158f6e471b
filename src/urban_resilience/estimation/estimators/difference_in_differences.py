"""Difference-in-differences with staggered dates, by two-way fixed effects."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from urban_resilience.estimation.estimators.treatment_timing import (
    TREATED,
    Cohort,
    PolicyDesign,
    count_units,
    draw_policy_sample,
    tabulate_cohorts,
)
from urban_resilience.estimation.fit import Fit
from urban_resilience.estimation.least_squares.linear_model import fit_linear


@dataclass(frozen=True)
class DifferenceInDifferencesResult:
    """A two-way fixed-effects estimate and the cohorts behind it.

    ``fit`` names ``treated`` first. Unit counts are of the rows used; ``n_control_units`` are never
    treated in the sample. Units treated in every year of theirs are neither.
    """

    status: str
    reason: str | None = None
    fit: Fit | None = None
    cohorts: tuple[Cohort, ...] = ()
    n_treated_units: int = 0
    n_control_units: int = 0


def fit_difference_in_differences(
    frame: pd.DataFrame, design: PolicyDesign
) -> DifferenceInDifferencesResult:
    """Estimate y_ct = beta treated_ct + X'g + effects.

    With effects that differ between cohorts or over time beta is a weighted average whose weights
    can be negative (Goodman-Bacon 2021): see ``sun_abraham.fit_sun_abraham`` beside it.
    """
    sample, reason = draw_policy_sample(frame, design)
    cohorts = tabulate_cohorts(sample.frame, unit=design.unit)
    fit = None if reason else fit_linear(sample, design.outcome, [TREATED, *design.controls]).fit
    return DifferenceInDifferencesResult(
        status=fit.status if fit else "not_estimable",
        reason=fit.reason if fit else reason,
        fit=fit,
        cohorts=cohorts,
        n_treated_units=count_units(cohorts, "treated"),
        n_control_units=count_units(cohorts, "never_treated", "treated_after"),
    )
