"""Which years describe a unit before treatment, so that all units are compared in the same ones.

A covariate with a trend differs between years. Means of one unit over 2008-2009 and of another over
2008-2011 differ by the trend alone, and matching on them pairs units that were never alike.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

BY_COHORT = "cohort"
LEGAL_FORMS = "empty, two years such as 2008-2011, or 'cohort'"


class WindowError(ValueError):
    """A matching window cannot be read, or does not suit the sample; the message says why."""


@dataclass(frozen=True)
class MatchingWindow:
    """Years over which covariates are averaged.

    Attributes
    ----------
    years
        First and last year, the same for every unit; None for all years of the sample before the
        first cohort is treated.
    by_cohort
        Each cohort and its comparison over the years before that cohort is treated.
    """

    years: tuple[int, int] | None = None
    by_cohort: bool = False


def parse_window(text: str) -> MatchingWindow:
    """Read ``matching_window`` of seed ``regression_specs``.

    Parameters
    ----------
    text
        Empty, two years such as ``2008-2011``, or ``cohort``.

    Raises
    ------
    WindowError
        For anything else.
    """
    text = text.strip()
    if not text:
        return MatchingWindow()
    if text == BY_COHORT:
        return MatchingWindow(by_cohort=True)
    years = re.fullmatch(r"(\d{4})\s*-\s*(\d{4})", text)
    if not years:
        raise WindowError(f"unknown matching_window '{text}' (legal: {LEGAL_FORMS})")
    first, last = int(years[1]), int(years[2])
    if first > last:
        raise WindowError(f"matching_window '{text}' ends before it begins")
    return MatchingWindow((first, last))


def place_windows(
    window: MatchingWindow, sample_years: tuple[int, int], cohorts: Collection[int]
) -> dict[int | None, tuple[int, int]]:
    """Give the years of each block of units that are compared with each other.

    Parameters
    ----------
    window
        As the specification states it.
    sample_years
        First and last year of the sample.
    cohorts
        First treated years of units seen before and after.

    Returns
    -------
    dict
        First and last year by cohort; one entry under None where all units share them.

    Raises
    ------
    WindowError
        Stated years that the sample does not hold, or in which a cohort is treated already.
    """
    first, last = sample_years
    if not cohorts:
        return {None: window.years or sample_years}
    if window.by_cohort:
        return {cohort: (first, cohort - 1) for cohort in sorted(cohorts)}
    if window.years is None:
        return {None: (first, min(cohorts) - 1)}
    begins, ends = window.years
    stated = f"matching_window {begins}-{ends}"
    if begins < first or ends > last:
        raise WindowError(f"{stated} is not within the years of the sample, {first}-{last}")
    if ends >= min(cohorts):
        raise WindowError(
            f"{stated} reaches into treatment: the first cohort is treated from {min(cohorts)} on"
        )
    return {None: (begins, ends)}


def name_windows(windows: dict[int | None, tuple[int, int]]) -> str:
    """Write windows as ``2008-2011``, or by cohort as ``2012: 2008-2011; 2013: 2008-2012``."""
    named = {key: f"{first}-{last}" for key, (first, last) in windows.items()}
    return "; ".join(years if key is None else f"{key}: {years}" for key, years in named.items())
