"""From a panel to matched units, their weights, pairs and balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from urban_resilience.estimation.covariate_balance import Balance, measure_balance
from urban_resilience.estimation.matching.algorithms import (
    Links,
    common_support,
    match_kernel,
    match_nearest,
    match_one_to_one,
    unit_weights,
)
from urban_resilience.estimation.matching.logit import LogitFit, fit_logit
from urban_resilience.estimation.matching.rules import (
    BY_YEAR,
    CITY,
    KERNEL,
    NEAREST,
    MatchingRule,
)
from urban_resilience.estimation.treatment_timing import TREATMENT_YEAR

WEIGHT = "matching_weight"
EVER_TREATED = "ever_treated"
# Years whose means describe a city before treatment.
PRE_PERIOD = (2008, 2011)


@dataclass(frozen=True, eq=False)
class MatchedSample:
    """Units that were matched, and how.

    Attributes
    ----------
    status, reason
        ``matched``, or ``not_estimable`` and why.
    rule
        The rule applied.
    units
        One row per unit (design ``city``) or unit-year: unit, year (other designs), covariates,
        ``ever_treated``, ``propensity``, ``is_on_support`` and ``matching_weight`` (1 for a matched
        treated unit, 0 for an unmatched one).
    pairs
        One row per link: ``treated_unit``, ``control_unit``, their years (``treated_year`` and
        ``control_year``, not in design ``city``), ``distance``, ``weight``.
    balance
        Before and after; None where nothing could be scored.
    left_out
        What could not be matched or scored, in words.
    """

    status: str
    rule: MatchingRule
    reason: str | None = None
    units: pd.DataFrame | None = None
    pairs: pd.DataFrame | None = None
    balance: Balance | None = None
    left_out: tuple[str, ...] = ()


def match_units(
    coded: pd.DataFrame,
    *,
    covariates: Sequence[str],
    rule: MatchingRule,
    pre_period: tuple[int, int] = PRE_PERIOD,
    unit: str = "city_code",
    time: str = "year",
) -> MatchedSample:
    """Estimate propensity scores, match within the common support and measure balance.

    Parameters
    ----------
    coded
        Unit-years with ``treatment_year`` (see ``code_treatment``).
    covariates
        Columns of the logit; rows with a missing one are left out.
    rule
        Method and design.
    pre_period
        First and last year of the means of design ``city``; of a treated unit only years before
        its own treatment count.
    unit, time
        Column names.

    Returns
    -------
    MatchedSample

    Notes
    -----
    A unit is treated when its date is not after the last year of the data. Ties are broken by the
    order of unit codes (and years), so row order does not matter.
    """
    absent = [name for name in covariates if name not in coded.columns]
    if absent:
        reason = f"no column {', '.join(absent)} in the data"
        return MatchedSample("not_estimable", rule, reason=reason)
    rows = _complete_rows(coded, covariates, unit, time)
    units, left_out = _profiles(rows, covariates, rule, pre_period, unit, time)
    if units.empty:
        reason = "no unit has all covariates in the years that count"
        return MatchedSample("not_estimable", rule, reason=reason, left_out=left_out)
    blocks = units.groupby(time) if rule.design == BY_YEAR else [(None, units)]
    matched, pairs, failures = [], [], []
    for label, block in blocks:
        done, links, failure = _match_block(block, covariates, rule)
        matched.append(done)
        pairs.append(_name_links(links, done, rule, unit, time))
        if failure:
            failures.append(failure if label is None else f"{label}: {failure}")
    units = pd.concat(matched, ignore_index=True)
    treated, weights = units[EVER_TREATED].to_numpy(), units[WEIGHT].to_numpy()
    is_matched = (treated & (weights > 0)).any()
    return MatchedSample(
        status="matched" if is_matched else "not_estimable",
        rule=rule,
        reason=None if is_matched else "; ".join(failures) or "no treated unit found a match",
        units=units,
        pairs=pd.concat(pairs, ignore_index=True),
        balance=measure_balance(units, covariates, treated, weights),
        left_out=(*left_out, *failures) if is_matched else left_out,
    )


def attach_weights(
    frame: pd.DataFrame, matched: MatchedSample, *, unit: str = "city_code", time: str = "year"
) -> pd.DataFrame:
    """Add ``matching_weight`` to unit-years; 0 where unmatched.

    A unit matched in design ``city`` keeps its weight in all years.
    """
    keys = [unit] if matched.rule.design == CITY else [unit, time]
    frame = frame.drop(columns=WEIGHT, errors="ignore")
    if matched.units is None:
        return frame.assign(**{WEIGHT: 0.0})
    joined = frame.merge(matched.units[[*keys, WEIGHT]], on=keys, how="left", validate="m:1")
    return joined.assign(**{WEIGHT: joined[WEIGHT].fillna(0.0)})


def _complete_rows(
    coded: pd.DataFrame, covariates: Sequence[str], unit: str, time: str
) -> pd.DataFrame:
    rows = coded[[unit, time, TREATMENT_YEAR]].copy()
    for name in covariates:
        rows[name] = coded[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    rows[time] = rows[time].astype(int)
    rows[EVER_TREATED] = rows[TREATMENT_YEAR] <= rows[time].max()
    return rows.dropna(subset=list(covariates)).sort_values([unit, time], ignore_index=True)


def _profiles(
    rows: pd.DataFrame,
    covariates: Sequence[str],
    rule: MatchingRule,
    pre_period: tuple[int, int],
    unit: str,
    time: str,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows to score: unit-years as they are, or one mean of the years before treatment per unit."""
    if rule.design != CITY:
        return rows.drop(columns=TREATMENT_YEAR), ()
    first, last = pre_period
    before = rows[time].between(first, last) & ~(rows[time] >= rows[TREATMENT_YEAR])
    means = rows[before].groupby(unit, as_index=False)[[*covariates, EVER_TREATED]].mean()
    means[EVER_TREATED] = means[EVER_TREATED] > 0
    lost = rows[unit].nunique() - len(means)
    why = f"{lost} units without a year before treatment in {first}-{last}"
    return means, (why,) if lost else ()


def _match_block(
    block: pd.DataFrame, covariates: Sequence[str], rule: MatchingRule
) -> tuple[pd.DataFrame, Links | None, str | None]:
    treated = block[EVER_TREATED].to_numpy(dtype=bool)
    logit = fit_logit(block[list(covariates)].to_numpy(), treated.astype(float))
    if logit.status != "estimated":
        nothing = {"propensity": np.nan, "is_on_support": False, WEIGHT: 0.0}
        return block.assign(**nothing), None, logit.reason
    supported = common_support(logit.probability, treated)
    links = _match(logit, treated, np.flatnonzero(supported), rule)
    weights = unit_weights(links, len(block))
    scored = {"propensity": logit.probability, "is_on_support": supported, WEIGHT: weights}
    return block.assign(**scored), links, None


def _match(
    logit: LogitFit, treated: np.ndarray, supported: np.ndarray, rule: MatchingRule
) -> Links:
    score, caliper = logit.probability, rule.caliper
    if rule.caliper_scale == "logit_sd":
        score = logit.linear_predictor
        caliper = rule.caliper * float(score.std(ddof=1))
    score, treated = score[supported], treated[supported]
    if rule.method == KERNEL:
        links = match_kernel(score, treated, rule.bandwidth)
    elif rule.method == NEAREST:
        links = match_nearest(score, treated, caliper, rule.neighbours)
    else:
        links = match_one_to_one(score, treated, caliper)
    return Links(supported[links.treated], supported[links.control], links.distance, links.weight)


def _name_links(
    links: Links | None, block: pd.DataFrame, rule: MatchingRule, unit: str, time: str
) -> pd.DataFrame:
    if links is None:
        links = Links(np.empty(0, int), np.empty(0, int), np.empty(0), np.empty(0))
    units = block[unit].to_numpy()
    columns = {"treated_unit": units[links.treated], "control_unit": units[links.control]}
    if rule.design != CITY:
        years = block[time].to_numpy()
        columns |= {"treated_year": years[links.treated], "control_year": years[links.control]}
    return pd.DataFrame(columns | {"distance": links.distance, "weight": links.weight})
