"""From a panel to matched units, their weights, pairs and balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from urban_resilience.estimation.estimators.matching.algorithms import (
    Links,
    common_support,
    match_kernel,
    match_nearest,
    match_one_to_one,
    unit_weights,
)
from urban_resilience.estimation.estimators.matching.covariate_balance import (
    Balance,
    measure_balance,
)
from urban_resilience.estimation.estimators.matching.logit import LogitFit, fit_logit
from urban_resilience.estimation.estimators.matching.profiles import (
    COHORT,
    EVER_TREATED,
    PROFILE_YEARS,
    WHY_NOT,
    Profiles,
    profile_units,
)
from urban_resilience.estimation.estimators.matching.rules import (
    BY_YEAR,
    CITY,
    KERNEL,
    NEAREST,
    ONE_TO_ONE,
    MatchingRule,
)
from urban_resilience.estimation.estimators.matching.window import WindowError, name_windows
from urban_resilience.estimation.fit import NotEstimableError

WEIGHT = "matching_weight"
OFF_SUPPORT = "outside the common support"
# How many names a sentence holds; all of them are rows of the tables.
NAMES = 20


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
        One row per unit (design ``city``; with windows by cohort one per unit and cohort) or
        unit-year that could be scored: unit, year (other designs), ``cohort`` (windows by cohort),
        covariates, ``n_profile_years`` (years behind their means), ``ever_treated``,
        ``propensity``, ``is_on_support``, ``matching_weight`` (1 for a matched treated unit, 0 for
        an unmatched one) and ``left_out_reason`` where the weight is 0.
    lost
        Units, or unit-years, that could not be scored: key, ``ever_treated``,
        ``left_out_reason``.
    pairs
        One row per link: ``treated_unit``, ``control_unit``, their years (``treated_year`` and
        ``control_year``, not in design ``city``), ``distance``, ``weight``.
    balance
        Before and after; None where nothing could be scored.
    window
        The years that covariates are means of, in words; None where unit-years are matched.
    n_unscored_units, n_unmatched_units
        Units without any score; treated units with a score that found no match.
    n_tied_matches
        Treated units (or unit-years) whose match the order of keys decided.
    left_out
        What could not be matched or scored, in words, and which units are known in some years of
        the window only.
    """

    status: str
    rule: MatchingRule
    reason: str | None = None
    units: pd.DataFrame | None = None
    lost: pd.DataFrame | None = None
    pairs: pd.DataFrame | None = None
    balance: Balance | None = None
    window: str | None = None
    n_unscored_units: int = 0
    n_unmatched_units: int = 0
    n_tied_matches: int = 0
    left_out: tuple[str, ...] = ()

    @property
    def max_absolute_bias(self) -> float | None:
        """Largest standardized bias after matching, in size; None without a match."""
        joint = self.balance.joint if self.balance else ()
        return next((item.max_absolute_bias for item in joint if item.stage == "after"), None)


def match_units(
    coded: pd.DataFrame,
    *,
    covariates: Sequence[str],
    rule: MatchingRule,
    window: str = "",
    usable: pd.DataFrame | None = None,
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
    window
        Years of the covariate means of design ``city`` (see ``parse_window``): by default all years
        of ``coded`` before the first cohort is treated.
    usable
        Units and years of the regression to come, when it cannot use all of ``coded``: units
        without one take no part, and unit-years are matched only among them.
    unit, time
        Column names.

    Returns
    -------
    MatchedSample

    Notes
    -----
    A unit is treated when it is seen both before and after its date; one treated in every year it
    is seen takes no part, and one whose date lies after its last year is a control. Ties are
    broken in favour of the lower unit code (and year), so row order does not matter, and counted.

    With windows by cohort each cohort is scored and matched on its own against all controls, whose
    means are of the same years; a control that stands for several cohorts has the sum of its
    weights. Without replacement a control serves one cohort, the earlier first.
    """
    absent = [name for name in covariates if name not in coded.columns]
    if absent:
        reason = f"no column {', '.join(absent)} in the data"
        return MatchedSample("not_estimable", rule, reason=reason)
    if not covariates:
        return MatchedSample("not_estimable", rule, reason="no covariate to match on")
    try:
        profiles = profile_units(coded, covariates, rule, window, usable, unit, time)
    except (WindowError, NotEstimableError) as error:
        return MatchedSample("not_estimable", rule, reason=str(error))
    label = name_windows(profiles.windows) if profiles.windows else None
    counts = {"lost": profiles.lost, "window": label}
    said = _say_lost(profiles, rule, unit)
    if profiles.units.empty:
        reason = "no unit has all covariates in the years that count"
        reason = f"{reason}: {'; '.join(said)}" if said else reason
        n_lost = profiles.lost[unit].nunique()
        return MatchedSample(
            "not_estimable", rule, reason=reason, n_unscored_units=n_lost, left_out=said, **counts
        )
    key = {BY_YEAR: time}.get(rule.design, COHORT if COHORT in profiles.units else None)
    blocks = profiles.units.groupby(key) if key else [(None, profiles.units)]
    done, pairs, failures, n_tied = [], [], [], 0
    taken: set = set()
    for name, block in blocks:
        # A control serves once, whichever cohort took it; years are matched apart.
        barred = block[unit].isin(taken if key == COHORT else ()).to_numpy()
        scored, links, failure = _match_block(block, covariates, rule, barred)
        done.append(scored)
        pairs.append(_name_links(links, scored, rule, unit, time))
        n_tied += len(links.tied)
        if rule.method == ONE_TO_ONE:
            taken |= set(pairs[-1]["control_unit"])
        if failure:
            failures.append(failure if name is None else f"{name:.0f}: {failure}")
    units = pd.concat(done, ignore_index=True)
    treated, weights = units[EVER_TREATED].to_numpy(), units[WEIGHT].to_numpy()
    is_matched = bool((treated & (weights > 0)).any())
    scored_units = set(units.loc[units["propensity"].notna(), unit])
    everyone = set(units[unit]) | set(profiles.lost[unit])
    return MatchedSample(
        status="matched" if is_matched else "not_estimable",
        rule=rule,
        reason=None if is_matched else "; ".join(failures) or "no treated unit found a match",
        units=units,
        pairs=pd.concat(pairs, ignore_index=True),
        balance=measure_balance(units, covariates, treated, weights, _before_weights(units)),
        n_unscored_units=len(everyone - scored_units),
        n_unmatched_units=len(_unmatched(units, unit)),
        n_tied_matches=n_tied,
        left_out=(*said, *failures, *_say_unmatched(units, unit), *_say_short(profiles, unit))
        if is_matched
        else said,
        **counts,
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
    weights = matched.units.groupby(keys, as_index=False)[WEIGHT].sum()
    joined = frame.merge(weights, on=keys, how="left", validate="m:1")
    return joined.assign(**{WEIGHT: joined[WEIGHT].fillna(0.0)})


def _match_block(
    block: pd.DataFrame, covariates: Sequence[str], rule: MatchingRule, barred: np.ndarray
) -> tuple[pd.DataFrame, Links, str | None]:
    treated = block[EVER_TREATED].to_numpy(dtype=bool)
    values = block[list(covariates)].to_numpy()
    logit = fit_logit(values, treated.astype(float), names=covariates)
    if logit.status != "estimated":
        said = f"not scored: {logit.reason}"
        nothing = {"propensity": np.nan, "is_on_support": False, WEIGHT: 0.0, WHY_NOT: said}
        no_links = Links(*(np.empty(0, kind) for kind in (int, int, float, float, int)))
        return block.assign(**nothing), no_links, logit.reason
    supported = common_support(logit.probability, treated)
    links = _match(logit, treated, np.flatnonzero(supported & ~barred), rule)
    weights = unit_weights(links, len(block))
    reach = "bandwidth" if rule.method == KERNEL else "caliper"
    why = np.select(
        [weights > 0, ~supported, treated],
        ["", OFF_SUPPORT, f"without a control within the {reach}"],
        "no treated unit was matched to it",
    )
    scored = {
        "propensity": logit.probability,
        "is_on_support": supported,
        WEIGHT: weights,
        WHY_NOT: pd.Series(why, index=block.index, dtype=object).replace({"": None}),
    }
    return block.assign(**scored), links, None


def _match(logit: LogitFit, treated: np.ndarray, offered: np.ndarray, rule: MatchingRule) -> Links:
    score, caliper = logit.probability, rule.caliper
    if rule.caliper_scale == "logit_sd":
        score = logit.linear_predictor
        caliper = rule.caliper * float(score.std(ddof=1))
    score, treated = score[offered], treated[offered]
    if rule.method == KERNEL:
        links = match_kernel(score, treated, rule.bandwidth)
    elif rule.method == NEAREST:
        links = match_nearest(score, treated, caliper, rule.neighbours)
    else:
        links = match_one_to_one(score, treated, caliper)
    return Links(
        offered[links.treated],
        offered[links.control],
        links.distance,
        links.weight,
        offered[links.tied],
    )


def _name_links(
    links: Links, block: pd.DataFrame, rule: MatchingRule, unit: str, time: str
) -> pd.DataFrame:
    units = block[unit].to_numpy()
    columns = {"treated_unit": units[links.treated], "control_unit": units[links.control]}
    if rule.design != CITY:
        years = block[time].to_numpy()
        columns |= {"treated_year": years[links.treated], "control_year": years[links.control]}
    return pd.DataFrame(columns | {"distance": links.distance, "weight": links.weight})


def _before_weights(units: pd.DataFrame) -> np.ndarray:
    """Weights of the comparison before matching: all units alike.

    With windows by cohort a control appears once for each of them, and counts there in proportion
    to the cohort, so that both groups are averaged over the same years.
    """
    if COHORT not in units:
        return np.ones(len(units))
    treated = units[EVER_TREATED].to_numpy()
    sizes = units[treated].groupby(COHORT).size()
    share = units[COHORT].map(sizes / sizes.sum()).to_numpy(dtype=float)
    return np.where(treated, 1.0, share)


def _unmatched(units: pd.DataFrame, unit: str) -> dict:
    """Treated units with a score and without a match, and why."""
    treated = units[units[EVER_TREATED] & units["propensity"].notna()]
    found = treated.groupby(unit)[WEIGHT].transform("sum") > 0
    return treated[~found].groupby(unit)[WHY_NOT].first().to_dict()


def _say_unmatched(units: pd.DataFrame, unit: str) -> list[str]:
    why = pd.Series(_unmatched(units, unit), dtype=object)
    return [
        f"{len(group)} treated units {reason}: {_listed(group.index)}"
        for reason, group in why.groupby(why)
    ]


def _say_lost(profiles: Profiles, rule: MatchingRule, unit: str) -> tuple[str, ...]:
    kind = "units" if rule.design == CITY else "unit-years"
    return tuple(
        f"{len(group)} {kind} ({int(group[EVER_TREATED].sum())} treated): {reason}: "
        f"{_listed(group[unit].unique())}"
        for reason, group in profiles.lost.groupby(WHY_NOT)
    )


def _say_short(profiles: Profiles, unit: str) -> list[str]:
    """Name units whose means are of fewer years than the window has: a trend enters there."""
    units, said = profiles.units, []
    for cohort, (first, last) in profiles.windows.items():
        block = units if cohort is None else units[units[COHORT] == cohort]
        short = block.loc[block[PROFILE_YEARS] < last - first + 1, unit]
        if len(short):
            years = f"years of {first}-{last} only"
            said.append(f"{len(short)} units are known in some {years}: {_listed(list(short))}")
    return said


def _listed(names: Sequence) -> str:
    shown = [str(name) for name in names[:NAMES]]
    return ", ".join(shown) + (f" and {len(names) - NAMES} more" if len(names) > NAMES else "")
