"""Panels whose true effect is known, one kind per design of the study.

Treatments, covariates and errors persist within a city (autocorrelation 0.8), as the study's do,
and about one row in seventeen is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.synthetic_panels import (
    CITIES,
    FIRST_YEAR,
    SLOPE,
    YEARS,
    autoregression,
    make_panel,
    to_frame,
)

PERSISTENCE = 0.8
POLICY = "pilot"
COHORTS = (2012, 2013, 2014)
SHARE_TREATED = 0.45
# Cities per province in the simulated study's sample: five provinces count one city.
PROVINCE_SIZES = (
    *(1, 1, 1, 1, 1, 2, 2, 4, 5, 8, 8, 9, 9, 10, 10),
    *(10, 11, 11, 12, 12, 12, 13, 13, 14, 14, 16, 16, 17, 17, 21),
)


@dataclass(frozen=True, eq=False)
class KnownPanel:
    """A panel and what an estimator should find in it.

    Attributes
    ----------
    frame
        City-years x variables: ``y``, the treatment and whatever the design reads.
    truth
        The effect. Where effects differ it is the mean over the treated rows of this panel, so
        that an interval is not charged with the draw of the cohorts.
    timing
        Policy dates as in ``fct_policy_timing``; None where there is no policy.
    """

    frame: pd.DataFrame
    truth: float
    timing: pd.DataFrame | None = None


def draw_slope_panel(
    rng: np.random.Generator, city_spread: float = 0.0, n_cities: int = CITIES
) -> KnownPanel:
    """Draw one slope for all; with ``city_spread`` a few large cities carry the estimate."""
    return KnownPanel(make_panel(rng, 2, PERSISTENCE, city_spread, n_cities), SLOPE)


def draw_province_panel(rng: np.random.Generator) -> KnownPanel:
    """Draw treatment and error half shared within the province, provinces of the study's sizes."""
    province = np.repeat(np.arange(len(PROVINCE_SIZES)), PROVINCE_SIZES)

    def half_shared() -> np.ndarray:
        shared = autoregression(rng, PERSISTENCE, len(PROVINCE_SIZES))[province]
        return np.sqrt(0.5) * (shared + autoregression(rng, PERSISTENCE, len(province)))

    x = half_shared()
    y = SLOPE * x + half_shared() + _effects(rng, len(province))
    return KnownPanel(to_frame(rng, y=y, x=x, province=province[:, None]), SLOPE)


def draw_instrument_panel(
    rng: np.random.Generator, first_stage: float, n_cities: int = CITIES
) -> KnownPanel:
    """Draw an endogenous treatment and the study's identified form of instrument.

    The instrument is a city's early members times a national series that only grows:
    ln(1 + m_c) ln U_t. Errors of the treatment and of the outcome correlate at 0.8.
    """
    members = np.floor(np.exp(rng.normal(0.5, 1.5, size=(n_cities, 1))))
    users = np.linspace(3, 9, YEARS)  # In 100 million: they tripled.
    z = np.log1p(members) * np.log(users)
    v = autoregression(rng, PERSISTENCE, n_cities)
    u = 0.8 * v + 0.6 * autoregression(rng, PERSISTENCE, n_cities)
    control = autoregression(rng, PERSISTENCE, n_cities)
    x = first_stage * z + 0.5 * control + v
    y = SLOPE * x + control + u + _effects(rng, n_cities)
    return KnownPanel(to_frame(rng, y=y, x=x, z=z, control=control), SLOPE)


def constant_effect(cohort: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Return the same effect for every cohort in every year since its date."""
    return np.full(np.broadcast(cohort, age).shape, SLOPE)


def no_effect(cohort: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Return zero."""
    return np.zeros(np.broadcast(cohort, age).shape)


def growing_effect(cohort: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Return an effect that grows with the years since treatment, faster in earlier cohorts."""
    return 0.06 * (2015 - cohort) * (age + 1)


def draw_policy_panel(
    rng: np.random.Generator,
    effect: Callable[[np.ndarray, np.ndarray], np.ndarray] = constant_effect,
    n_cities: int = CITIES,
) -> KnownPanel:
    """Draw a staggered policy, its dates at random among the cities."""
    date = _dates(rng, np.full(n_cities, SHARE_TREATED))
    untreated = autoregression(rng, PERSISTENCE, n_cities) + _effects(rng, n_cities)
    return _policy_panel(rng, date, untreated, effect)


def draw_selected_panel(rng: np.random.Generator, n_cities: int = CITIES) -> KnownPanel:
    """Draw a policy that goes to cities whose observed traits would have made them grow anyway.

    Dates and trends depend on the traits' means over the years before the first cohort, 2008-2011,
    which are what the study matches on, in different proportions. The effect is one number, so it
    does not matter which of the treated cities find a match; with effects that differ the truth
    would be the mean over those.
    """
    traits = {
        name: rng.normal(size=(n_cities, 1)) + 0.3 * autoregression(rng, 0.5, n_cities)
        for name in ("trait_1", "trait_2")
    }
    before = [values[:, :4].mean(axis=1) for values in traits.values()]
    index = -0.7 + 0.7 * before[0] + 0.4 * before[1]
    date = _dates(rng, 1 / (1 + np.exp(-index)))
    trend = 0.4 * before[0] + 0.6 * before[1]
    untreated = trend[:, None] * np.linspace(0, 1, YEARS) + _effects(rng, n_cities)
    untreated = untreated + autoregression(rng, PERSISTENCE, n_cities)
    return _policy_panel(rng, date, untreated, constant_effect, **traits)


def draw_mechanism_panel(
    rng: np.random.Generator, first: float, second: float, n_cities: int = CITIES
) -> KnownPanel:
    """Draw a treatment that moves a mediator by ``first``, which moves the outcome by ``second``.

    The treatment has a direct effect of 0.2 as well, so the second step needs it beside.
    """
    x = autoregression(rng, PERSISTENCE, n_cities)
    mediator = first * x + autoregression(rng, PERSISTENCE, n_cities)
    y = second * mediator + 0.2 * x + autoregression(rng, PERSISTENCE, n_cities)
    y = y + _effects(rng, n_cities)
    return KnownPanel(to_frame(rng, y=y, x=x, mediator=mediator), first * second)


def _effects(rng: np.random.Generator, n_cities: int) -> np.ndarray:
    """City and year effects, (n_cities, years)."""
    return rng.normal(size=(n_cities, 1)) + rng.normal(size=(1, YEARS))


def _dates(rng: np.random.Generator, probability: np.ndarray) -> np.ndarray:
    """(n_cities, 1) first treated year, NaN for cities never treated."""
    treated = rng.random(len(probability)) < probability
    return np.where(treated, rng.choice(COHORTS, len(probability)), np.nan)[:, None]


def _policy_panel(
    rng: np.random.Generator,
    date: np.ndarray,
    untreated: np.ndarray,
    effect: Callable[[np.ndarray, np.ndarray], np.ndarray],
    **covariates: np.ndarray,
) -> KnownPanel:
    age = FIRST_YEAR + np.arange(YEARS) - date
    # A comparison with NaN is false: never treated.
    added = np.where(age >= 0, effect(date, age), 0.0)
    frame = to_frame(rng, y=untreated + added, date=date, added=added, age=age, **covariates)
    truth = float(frame.loc[frame["age"] >= 0, "added"].mean())
    first = frame.groupby("city_code")["date"].first()
    timing = pd.DataFrame(
        {
            "policy_id": POLICY,
            "city_code": first.index,
            "first_full_year": first.to_numpy(),
            "first_full_announced_year": first.to_numpy(),
            "first_partial_year": np.nan,
            "first_partial_announced_year": np.nan,
        }
    )
    return KnownPanel(frame.drop(columns=["date", "added", "age"]), truth, timing)
