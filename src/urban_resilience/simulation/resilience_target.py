"""The structural equation of resilience, and the raw series that make it come out.

For dimension k of city c in year t

    D_k,ct = B_k,ct + lambda_k E_ct + u_k,ct

* ``B``: the dimension computed from the yearbook without idiosyncratic noise (city and year
  effects and the growth of the city);
* ``E``: the systematic effect on resilience

      E_ct = b_ct (v_ct - mean_c v) + theta_l (dist_l_ct - mean_c) + theta_m (mp_ct - mean_c)
             + gamma' (x_ct - mean_c x) + theta_a (agg_ct - mean_c agg) + theta_p pilot_ct
             + trend of integrated groups,
      b_ct = base + old + infrastructure_ct + agglomeration + belt + interaction (agg_ct - mean),

  with v = vagg, x the six controls, all winsorized as in the study. City means are taken out
  because a city effect would absorb them anyway;
* ``lambda``: shares of the dimensions, scaled so that ``sum_k W_k lambda_k = 1``;
* ``u``: first-order autoregressive error, its spread proportional to the part of the dimension
  that can move and rising with the mean of vagg.

The free indicators of dimension k are multiplied by a common factor per city-year until the
*computed* dimension equals ``D_k,ct``. Entropy weights move with the data, so weights and factors
are iterated. The cells that attain the minimum or maximum of an indicator stay where they are,
which keeps the pooled bounds fixed during the iteration.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from urban_resilience.formulas.resilience_indicators import (
    DIMENSIONS,
    INDICATORS,
    resilience_indicators,
)
from urban_resilience.formulas.study_panel import Resilience, fill_raw_series, resilience_of
from urban_resilience.simulation.parameters import STUDY, Parameters
from urban_resilience.simulation.random_streams import autocorrelated, stream
from urban_resilience.simulation.raw_series import FREE_COLUMNS, free_raw_series, punched

ITERATIONS = 60
NAMES = tuple(indicator.name for indicator in INDICATORS)


@dataclass(frozen=True)
class FittedResilience:
    """Free indicators after the fit, and what they were fitted to.

    Attributes
    ----------
    free : dict of ndarray, shape (n_cities, n_years)
    resilience : Resilience
        Computed from the fitted series (kept cities, study years).
    target : dict of ndarray, shape (n_kept, n_study_years)
        Dimension targets.
    systematic : dict of ndarray, shape (n_kept, n_study_years)
        Dimension targets without the error.
    """

    free: dict[str, np.ndarray]
    resilience: Resilience
    target: dict[str, np.ndarray]
    systematic: dict[str, np.ndarray]


@dataclass(frozen=True)
class _Workspace:
    """What every pass of the fit needs and no pass changes."""

    given: dict[str, np.ndarray]
    missing: dict[str, np.ndarray]
    kept: np.ndarray


def dimension_shares(parameters: Parameters, weights: np.ndarray) -> np.ndarray:
    """Lambda: effects of the dimensions relative to resilience, ``sum_k W_k lambda_k = 1``."""
    shares = np.array(
        [
            parameters.effect_share_resistance,
            parameters.effect_share_adaptation,
            parameters.effect_share_transformation,
        ]
    )
    return shares / (shares * weights).sum()


def fit_resilience(
    parameters: Parameters,
    given: dict[str, np.ndarray],
    free: dict[str, np.ndarray],
    missing: dict[str, np.ndarray],
    kept: np.ndarray,
    effect: np.ndarray,
    mean_vagg: np.ndarray,
) -> FittedResilience:
    """Move the free indicators until the computed dimensions meet the structural equation.

    Parameters
    ----------
    given, free : dict of ndarray, shape (n_cities, n_years)
        Given raw series and free indicators without noise.
    missing : dict of ndarray of bool
        Missing cells by raw column.
    kept : ndarray of bool, shape (n_cities,)
    effect : ndarray, shape (n_kept, n_study_years)
        Systematic effect ``E`` on resilience; missing where a regressor is missing.
    mean_vagg : ndarray, shape (n_kept,)
        City means of vagg.
    """
    work = _Workspace(given, missing, kept)
    rng = stream(parameters.seed, "resilience")
    smooth, indicators = _computed(work, free)
    movable = _movable_part(smooth, indicators, free, work)
    shares = dimension_shares(parameters, smooth.index.dimension_weight)
    systematic, target = {}, {}
    common = autocorrelated(rng, *effect.shape, parameters.error_persistence)
    for k, name in enumerate(DIMENSIONS):
        own = autocorrelated(rng, *effect.shape, parameters.error_persistence)
        error = 0.8 * common + 0.6 * own
        spread = parameters.error_relative_spread * np.nanmean(movable[name], axis=1)
        spread = spread * (1 + parameters.error_on_vagg * mean_vagg)
        systematic[name] = smooth.dimensions[name] + shares[k] * np.nan_to_num(effect)
        target[name] = systematic[name] + spread[:, None] * error
    noisy = _with_own_noise(rng, free)
    fitted, resilience = _iterate(work, noisy, target)
    return FittedResilience(fitted, resilience, target, systematic)


def _computed(work, free):
    """Resilience and indicators of kept cities computed from the current free indicators."""
    series = work.given | free_raw_series(free, work.given)
    raw = fill_raw_series(punched(series, work.missing))
    indicators = resilience_indicators(raw)
    return resilience_of(indicators, NAMES, work.kept, STUDY), indicators


def _adjustable(work, name):
    """Cells of kept cities and study years where the columns of an indicator are observed."""
    blank = np.any([work.missing[column] for column in FREE_COLUMNS[name]], axis=0)
    return ~blank[work.kept][:, STUDY]


def _movable_part(resilience, indicators, free, work):
    """Part of every dimension that is proportional to its free indicators, per kept city-year."""
    index = resilience.index
    parts = {name: np.zeros(resilience.resi.shape) for name in DIMENSIONS}
    for j, indicator in enumerate(INDICATORS):
        if indicator.name not in free:
            continue
        span = index.maximum[j] - index.minimum[j]
        k = index.dimensions.index(indicator.dimension)
        within = index.weight[j] / index.dimension_weight[k]
        values = indicators[indicator.name][work.kept][:, STUDY]
        part = indicator.direction * within * values / span
        parts[indicator.dimension] += np.where(_adjustable(work, indicator.name), part, 0.0)
    return parts


def _with_own_noise(rng, free):
    """Idiosyncratic noise of single indicators; the common factor will offset its sum."""
    return {
        name: grid * np.exp(0.04 * autocorrelated(rng, *grid.shape, 0.5))
        for name, grid in free.items()
    }


def _iterate(work, free, target):
    """Alternate between computing the dimensions and scaling the free indicators."""
    free = {name: grid.copy() for name, grid in free.items()}
    bounds = None
    for _ in range(ITERATIONS):
        resilience, indicators = _computed(work, free)
        bounds = bounds or _bounds(resilience.index)
        movable = _movable_part(resilience, indicators, free, work)
        worst = 0.0
        for dimension in DIMENSIONS:
            gap = np.nan_to_num(target[dimension] - resilience.dimensions[dimension])
            worst = max(worst, float(np.abs(gap).max()))
            step = np.clip(gap / np.maximum(np.abs(movable[dimension]), 1e-4), -0.5, 1.0)
            _scale_dimension(work, free, indicators, dimension, step, bounds)
        if worst < 1e-7:
            break
    resilience, _ = _computed(work, free)
    return free, resilience


def _bounds(index):
    return {name: (index.minimum[j], index.maximum[j]) for j, name in enumerate(index.names)}


def _scale_dimension(work, free, indicators, dimension, step, bounds):
    """Multiply the adjustable cells of a dimension's free indicators by ``1 + step``."""
    for indicator in INDICATORS:
        if indicator.dimension != dimension or indicator.name not in free:
            continue
        if indicator.name == "unemployment_rate":
            continue  # its weight is tiny and its sign is opposite: left as drawn
        grid = free[indicator.name]
        block = grid[work.kept][:, STUDY]
        low, high = bounds[indicator.name]
        at_bound = (block <= low * (1 + 1e-12)) | (block >= high * (1 - 1e-12))
        moves = _adjustable(work, indicator.name) & ~at_bound
        inside = np.clip(block * (1 + step), low + 1e-6 * (high - low), high - 1e-6 * (high - low))
        block = np.where(moves, inside, block)
        full = grid[work.kept]
        full[:, STUDY] = block
        grid[work.kept] = full
