"""What each unit is matched on: means of the same years before treatment, or its unit-years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from urban_resilience.estimation.estimators.matching.rules import CITY, MatchingRule
from urban_resilience.estimation.estimators.matching.window import parse_window, place_windows
from urban_resilience.estimation.estimators.treatment_timing import TREATMENT_YEAR
from urban_resilience.estimation.fit import NotEstimableError

EVER_TREATED = "ever_treated"
COHORT = "cohort"
PROFILE_YEARS = "n_profile_years"
WHY_NOT = "left_out_reason"


@dataclass(frozen=True, eq=False)
class Profiles:
    """Rows to score, and what has none.

    Attributes
    ----------
    units
        Key, covariates and ``ever_treated``; in design ``city`` the number of years behind the
        means, and ``cohort`` where each cohort has its own window.
    lost
        Key, ``ever_treated`` and ``left_out_reason`` of units, or unit-years, without a profile.
    windows
        First and last year of the means, by cohort or under None; empty where unit-years are
        matched.
    """

    units: pd.DataFrame
    lost: pd.DataFrame
    windows: dict[int | None, tuple[int, int]]


def profile_units(
    coded: pd.DataFrame,
    covariates: Sequence[str],
    rule: MatchingRule,
    window: str,
    usable: pd.DataFrame | None,
    unit: str,
    time: str,
) -> Profiles:
    """Describe each unit by its covariates; parameters as in ``match_units``.

    Raises
    ------
    WindowError
        The window cannot be read, or does not suit the sample.
    NotEstimableError
        A covariate has an infinite value: no observation and no gap.
    """
    rows = coded[[unit, time, TREATMENT_YEAR]].copy()
    for name in covariates:
        rows[name] = coded[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    infinite = [name for name in covariates if np.isinf(rows[name]).any()]
    if infinite:
        raise NotEstimableError(f"infinite values in the sample: {', '.join(infinite)}")
    rows[time] = rows[time].astype(int)
    rows = rows.sort_values([unit, time], ignore_index=True)
    in_use = _mark(rows, usable, unit, time)
    refused = _refusals(rows, in_use, covariates, unit, time)
    # Of a unit that takes part its rows in use decide, of one that does not whatever is known.
    decisive = in_use | rows[unit].isin(refused)
    rows[COHORT] = rows[unit].map(_cohorts(rows[decisive], unit, time))
    rows[EVER_TREATED] = rows[COHORT].notna()
    if rule.design == CITY:
        return _mean_profiles(rows, refused, covariates, window, unit, time)
    lost = rows.assign(**{WHY_NOT: rows[unit].map(refused).astype(object)})
    lost.loc[lost[WHY_NOT].isna() & ~in_use, WHY_NOT] = "not in the regression"
    unknown = lost[WHY_NOT].isna() & rows[list(covariates)].isna().any(axis=1)
    lost.loc[unknown, WHY_NOT] = [_gaps(row, covariates) for _, row in rows[unknown].iterrows()]
    kept = lost[WHY_NOT].isna()
    units = rows.loc[kept, [unit, time, *covariates, EVER_TREATED]].reset_index(drop=True)
    columns = [unit, time, EVER_TREATED, WHY_NOT]
    return Profiles(units, lost.loc[~kept, columns].reset_index(drop=True), {})


def _mean_profiles(
    rows: pd.DataFrame,
    refused: dict,
    covariates: Sequence[str],
    window: str,
    unit: str,
    time: str,
) -> Profiles:
    open_rows = rows[~rows[unit].isin(refused)]
    cohorts = sorted(int(year) for year in open_rows[COHORT].dropna().unique())
    years = (int(rows[time].min()), int(rows[time].max())) if len(rows) else (0, 0)
    windows = place_windows(parse_window(window), years, cohorts)
    profiles, lost = [], []
    for cohort, (first, last) in windows.items():
        block = open_rows
        if cohort is not None:
            block = block[block[COHORT].isna() | (block[COHORT] == cohort)]
        means, without = _means(block, covariates, (first, last), unit, time)
        profiles.append(means if cohort is None else means.assign(**{COHORT: cohort}))
        lost.append(without)
    found = pd.concat(profiles, ignore_index=True)
    said = pd.concat(lost, ignore_index=True)
    # A control can lack the years of one cohort and have those of another.
    said = said[~said[unit].isin(found[unit])].drop_duplicates(unit)
    always = rows[rows[unit].isin(refused)].drop_duplicates(unit)
    always = always.assign(**{WHY_NOT: always[unit].map(refused).astype(object)})
    columns = [unit, EVER_TREATED, WHY_NOT]
    said = pd.concat([said[columns], always[columns]]).sort_values(unit, ignore_index=True)
    said[EVER_TREATED] = said[EVER_TREATED].astype(bool)
    return Profiles(found, said, windows)


def _means(
    block: pd.DataFrame, covariates: Sequence[str], years: tuple[int, int], unit: str, time: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Means per unit over the years in which all covariates are known; units that have none."""
    inside = block[block[time].between(*years)]
    complete = inside.dropna(subset=list(covariates)).groupby(unit, as_index=False)
    means = complete.agg(
        **{name: (name, "mean") for name in covariates},
        **{EVER_TREATED: (EVER_TREATED, "first"), PROFILE_YEARS: (time, "size")},
    )
    without = block[~block[unit].isin(means[unit])].drop_duplicates(unit)
    named = f"{years[0]}-{years[1]}"
    reasons = []
    for key in without[unit]:
        own = inside[inside[unit] == key]
        unknown = [name for name in covariates if own[name].isna().all()]
        if own.empty:
            reasons.append(f"no row in {named}")
        elif unknown:
            reasons.append(f"no value of {', '.join(unknown)} in {named}")
        else:
            reasons.append(f"no year of {named} with all of {', '.join(covariates)}")
    return means, without.assign(**{WHY_NOT: pd.Series(reasons, index=without.index, dtype=object)})


def _mark(rows: pd.DataFrame, usable: pd.DataFrame | None, unit: str, time: str) -> pd.Series:
    if usable is None:
        return pd.Series(True, index=rows.index)
    keys = usable[[unit, time]].drop_duplicates().assign(**{time: lambda k: k[time].astype(int)})
    found = rows[[unit, time]].merge(keys, on=[unit, time], how="left", indicator=True)
    return pd.Series((found["_merge"] == "both").to_numpy(), index=rows.index)


def _cohorts(rows: pd.DataFrame, unit: str, time: str) -> dict:
    """First treated year by unit, for units with a treated row."""
    treated = rows[rows[time] >= rows[TREATMENT_YEAR]]
    return treated.groupby(unit)[TREATMENT_YEAR].first().to_dict()


def _refusals(
    rows: pd.DataFrame, in_use: pd.Series, covariates: Sequence[str], unit: str, time: str
) -> dict:
    """Units that can take no part, whatever their covariates, and why."""
    used = rows[in_use]
    share = (used[time] >= used[TREATMENT_YEAR]).groupby(used[unit]).mean()
    refused = dict.fromkeys(share.index[share == 1], "treated in every year it is seen")
    outside = rows[~rows[unit].isin(used[unit])]
    for key, own in outside.groupby(unit):
        unknown = [name for name in covariates if own[name].isna().all()]
        refused[key] = (
            f"no value of {', '.join(unknown)}" if unknown else "no row that the regression can use"
        )
    return refused


def _gaps(row: pd.Series, covariates: Sequence[str]) -> str:
    return f"no value of {', '.join(name for name in covariates if np.isnan(row[name]))}"
