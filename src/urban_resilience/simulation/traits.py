"""Standardized city traits and the six control variables drawn from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from urban_resilience.formulas.winsorizing import winsorize
from urban_resilience.simulation.geography import Geography
from urban_resilience.simulation.parameters import STUDY, YEARS, Parameters
from urban_resilience.simulation.random_streams import (
    autocorrelated,
    correlated_with,
    standardized,
    stream,
)

# chosen: least traits of first-tier cities and municipalities
LEADING_POPULATION = 2.2
LEADING_INCOME = 1.7
CONTROL_NAMES = ("pop", "open", "fre", "road", "wage", "edu")

# within-city spread and rise from 2008 to 2019 of each control, in its own (logarithmic) unit:
# chosen after the orders of magnitude of the city yearbooks
WITHIN_SPREAD = {
    "pop": 0.008, "open": 0.30, "fre": 0.22, "road": 0.12, "wage": 0.05, "edu": 0.12,
}  # fmt: skip
RISE = {"pop": 0.03, "open": 0.35, "fre": 0.55, "road": 0.45, "wage": 1.12, "edu": 0.25}
OPEN_TAILS = (-2.4, 1.7)  # calibrated: bounds of open in Table 2
SMALLEST_OPEN = 0.4  # chosen: half a dollar per head, so that nearly nothing does not jump tenfold


@dataclass(frozen=True)
class CityTraits:
    """Standardized traits and controls.

    Attributes
    ----------
    population, income, resilience : ndarray, shape (n_cities,)
        Standardized traits.
    controls : dict of ndarray, shape (n_cities, n_years)
        The six controls in the units of the study.
    """

    population: np.ndarray
    income: np.ndarray
    resilience: np.ndarray
    controls: dict[str, np.ndarray]


def simulate_traits(
    parameters: Parameters, geography: Geography, digital_trait: np.ndarray
) -> CityTraits:
    """Draw traits correlated with the importance of a city."""
    rng = stream(parameters.seed, "traits")
    score = geography.rank_score
    level = {
        name: correlated_with(rng, score, getattr(parameters, f"{name}_importance"))
        for name in CONTROL_NAMES
    }
    # foreign investment per head is bounded: no city is as far out as the normal tail
    level["open"] = standardized(np.clip(level["open"], *OPEN_TAILS))
    controls = {name: _control_path(rng, parameters, name, level[name]) for name in CONTROL_NAMES}
    driver = sum(getattr(parameters, f"resilience_on_{n}") * level[n] for n in CONTROL_NAMES)
    driver = driver + parameters.resilience_on_importance * score
    driver = driver + parameters.resilience_on_digital * digital_trait
    driver = driver + parameters.resilience_noise * rng.standard_normal(len(score))
    population = correlated_with(rng, geography.importance, parameters.population_importance)
    income = correlated_with(rng, score, parameters.income_importance)
    leading = geography.is_leading
    return CityTraits(
        population=np.where(leading, np.maximum(population, LEADING_POPULATION), population),
        income=np.where(leading, np.maximum(income, LEADING_INCOME), income),
        resilience=standardized(driver),
        controls=controls,
    )


def _control_path(
    rng: np.random.Generator, parameters: Parameters, name: str, level: np.ndarray
) -> np.ndarray:
    """City level, common rise and autocorrelated noise, scaled to the printed moments."""
    mean, spread = getattr(parameters, f"{name}_moments")
    progress = (np.asarray(YEARS) - 2008) / (2019 - 2008)
    within = autocorrelated(rng, len(level), len(YEARS), 0.6) * WITHIN_SPREAD[name]
    moving = RISE[name] * progress + within
    moving_variance = moving[:, STUDY].var()
    between = np.sqrt(max(spread**2 - moving_variance, 0.01 * spread**2))
    path = between * level[:, None] + moving
    floor = SMALLEST_OPEN if name == "open" else -np.inf
    for _ in range(8):  # the percentiles move with the scale; this settles at once
        bounded = winsorize(path[:, STUDY])
        path = mean + (path - bounded.mean()) * spread / bounded.std(ddof=1)
        path = np.maximum(path, floor)
    return path
