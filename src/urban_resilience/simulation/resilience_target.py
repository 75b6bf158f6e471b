"""The structural equation of resilience, and the raw series that make it come out.

For dimension k of city c in year t

    D_k,ct = B_k,ct + lambda_k E_ct + u_k,ct

* ``B``: the dimension computed from the yearbook without idiosyncratic noise: its city and year
  effects and a share of the deviations from them (the growth of the city);
* ``E``: the systematic effect on resilience

      E_ct = b_ct (v_ct - mean_c v) + theta_l (dist_l_ct - mean_c) + theta_m (mp_ct - mean_c)
             + theta_h (lmp_ct - mean_c) + theta_d (dsp_ct - mean_c)
             + gamma' (x_ct - mean_c x) + theta_a (agg_ct - mean_c agg) + theta_p pilot_ct
             + trend of integrated groups,
      b_ct = base + old + infrastructure_ct + agglomeration + belt
             + interaction (agg_ct - mean) + dense_ct,

  with v = vagg, x the six controls, all winsorized as in the study. City means are taken out
  because a city effect would absorb them anyway;
* ``lambda``: shares of the dimensions, scaled so that ``sum_k W_k lambda_k = 1``;
* ``u``: first-order autoregressive error, its spread proportional to the part of the dimension
  that can move and rising with the mean of vagg.

The free indicators of dimension k are multiplied by a common factor per city-year (unemployment,
where less is better, by its mirror image) until the *computed* dimension equals ``D_k,ct``.
Entropy weights move with the data, so weights and factors are iterated. The cells that attain the
minimum or maximum of an indicator stay where they are, which keeps the pooled bounds fixed during
the iteration. In the few cells where every indicator meets a bound first, the error is what it
turns out to be; they are counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from urban_resilience.formulas.entropy_index import EntropyIndex
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
DAMPING = 0.7  # full steps overshoot, because the weights answer to the moves
TOLERANCE = 1e-7
REACHED = 1e-5  # a larger gap after the last pass means that a cell met a bound
HEADROOM = 0.12  # chosen: distance of an anchored extreme from the next value
LOWEST_SHARE = 0.25  # chosen: a target keeps at least this share of the dimension without error
LARGEST_MOVE = 2.2  # chosen: a free cell stays within this factor of where it was drawn
OWN_NOISE = 0.04  # chosen: noise of single indicators, logarithmic
MOVED = tuple(FREE_COLUMNS)
DIRECTION = {indicator.name: indicator.direction for indicator in INDICATORS}
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
    n_bounded : int
        Dimension cells whose indicators met their pooled bounds before the target was reached;
        there the error is what it turned out to be.
    """

    free: dict[str, np.ndarray]
    resilience: Resilience
    target: dict[str, np.ndarray]
    systematic: dict[str, np.ndarray]
    n_bounded: int


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
    free, anchored = _anchor(work, free)
    smooth, indicators = _computed(work, free)
    movable = _movable_part(smooth, indicators, work)
    shares = dimension_shares(parameters, smooth.index.dimension_weight)
    systematic, target = {}, {}
    n_kept, n_years = effect.shape
    common = autocorrelated(rng, n_kept, n_years, parameters.error_persistence)
    for k, name in enumerate(DIMENSIONS):
        own = autocorrelated(rng, n_kept, n_years, parameters.error_persistence)
        error = 0.8 * common + 0.6 * own
        spread = parameters.error_relative_spread * np.nanmean(movable[name], axis=1)
        spread = spread * (1 + parameters.error_on_vagg * mean_vagg)
        base = _damped(smooth.dimensions[name], parameters.natural_deviation_kept)
        systematic[name] = base + shares[k] * np.nan_to_num(effect)
        # a dimension cannot fall to zero: very low draws of a very low city are cut
        floor = LOWEST_SHARE * smooth.dimensions[name]
        target[name] = np.maximum(systematic[name] + spread[:, None] * error, floor)
    noisy = _with_own_noise(rng, free, anchored, kept)
    fitted, resilience = _iterate(work, noisy, anchored, target)
    n_bounded = 0
    for name in DIMENSIONS:
        missed = np.abs(target[name] - resilience.dimensions[name]) > REACHED
        n_bounded += int(missed.sum())
        target[name] = np.where(missed, resilience.dimensions[name], target[name])
    return FittedResilience(fitted, resilience, target, systematic, n_bounded)


def _computed(
    work: _Workspace, free: dict[str, np.ndarray]
) -> tuple[Resilience, dict[str, np.ndarray]]:
    """Resilience and indicators of kept cities computed from the current free indicators."""
    series = work.given | free_raw_series(free, work.given)
    raw = fill_raw_series(punched(series, work.missing))
    indicators = resilience_indicators(raw)
    return resilience_of(indicators, NAMES, work.kept, STUDY), indicators


def _moved(dimension: str) -> list[str]:
    """Free indicators of a dimension that the fit may move."""
    return [i.name for i in INDICATORS if i.dimension == dimension and i.name in MOVED]


def _adjustable(work: _Workspace, name: str) -> np.ndarray:
    """Cells of kept cities and study years where the columns of an indicator are observed."""
    blank = np.any([work.missing[column] for column in FREE_COLUMNS[name]], axis=0)
    return ~blank[work.kept][:, STUDY]


def _damped(grid: np.ndarray, share_kept: float) -> np.ndarray:
    """Keep city and year effects and a share of the deviations from them."""
    city = np.nanmean(grid, axis=1, keepdims=True)
    additive = city + np.nanmean(grid - city, axis=0, keepdims=True)
    return additive + share_kept * (grid - additive)


def _movable_part(
    resilience: Resilience, indicators: dict[str, np.ndarray], work: _Workspace
) -> dict[str, np.ndarray]:
    """Part of every dimension that is proportional to its free indicators, per kept city-year."""
    index = resilience.index
    parts = {name: np.zeros(resilience.resi.shape) for name in DIMENSIONS}
    for j, indicator in enumerate(INDICATORS):
        if indicator.name not in MOVED:
            continue
        span = index.maximum[j] - index.minimum[j]
        k = index.dimensions.index(indicator.dimension)
        within = index.weight[j] / index.dimension_weight[k]
        values = indicators[indicator.name][work.kept][:, STUDY]
        part = within * values / span
        parts[indicator.dimension] += np.where(_adjustable(work, indicator.name), part, 0.0)
    return parts


def _with_own_noise(
    rng: np.random.Generator,
    free: dict[str, np.ndarray],
    anchored: dict[str, np.ndarray],
    kept: np.ndarray,
) -> dict[str, np.ndarray]:
    """Give single indicators noise of their own; the common factor will offset its sum."""
    noisy = {}
    for name, grid in free.items():
        n_rows, n_years = grid.shape
        noise = OWN_NOISE * autocorrelated(rng, n_rows, n_years, 0.5)
        if name in anchored:
            _write_block(noise, kept, np.where(anchored[name], 0.0, noise[kept][:, STUDY]))
        # less than the headroom, so that no cell passes an anchored extreme
        noisy[name] = grid * np.exp(np.clip(noise, -0.8 * HEADROOM, 0.8 * HEADROOM))
    return noisy


def _iterate(
    work: _Workspace,
    free: dict[str, np.ndarray],
    anchored: dict[str, np.ndarray],
    target: dict[str, np.ndarray],
) -> tuple[dict[str, np.ndarray], Resilience]:
    """Alternate between computing the dimensions and scaling the free indicators."""
    drawn = free
    free = {name: grid.copy() for name, grid in free.items()}
    bounds = None
    for _ in range(ITERATIONS):
        resilience, indicators = _computed(work, free)
        bounds = bounds or _bounds(resilience.index)
        movable = _movable_part(resilience, indicators, work)
        worst = 0.0
        for dimension in DIMENSIONS:
            gap = np.nan_to_num(target[dimension] - resilience.dimensions[dimension])
            step = np.clip(DAMPING * gap / np.maximum(movable[dimension], 1e-4), -0.5, 0.5)
            moved = _scale_dimension(work, free, drawn, anchored, dimension, step, bounds)
            worst = max(worst, float(np.abs(gap[moved]).max()))
        if worst < TOLERANCE:
            break
    resilience, _ = _computed(work, free)
    return free, resilience


def _anchor(
    work: _Workspace, free: dict[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Fix one cell as the minimum and one as the maximum of every free indicator.

    The two cells get some headroom over all others and never move, so that the others can move
    without touching the pooled bounds.
    """
    free = {name: grid.copy() for name, grid in free.items()}
    rows = np.flatnonzero(work.kept)
    complete = np.isfinite(_computed(work, free)[0].resi)
    anchored = {}
    for name in MOVED:
        usable = _adjustable(work, name) & complete
        block = free[name][work.kept][:, STUDY]
        anchored[name] = np.zeros(block.shape, dtype=bool)
        for pick, fill, factor in (
            (np.argmax, -np.inf, 1 + HEADROOM),
            (np.argmin, np.inf, 1 - HEADROOM),
        ):
            row, column = np.unravel_index(pick(np.where(usable, block, fill)), block.shape)
            free[name][rows[row], column + STUDY.start] *= factor
            anchored[name][row, column] = True
    return free, anchored


def _bounds(index: EntropyIndex) -> dict[str, tuple[float, float]]:
    return {name: (index.minimum[j], index.maximum[j]) for j, name in enumerate(index.names)}


def _scale_dimension(
    work: _Workspace,
    free: dict[str, np.ndarray],
    drawn: dict[str, np.ndarray],
    anchored: dict[str, np.ndarray],
    dimension: str,
    step: np.ndarray,
    bounds: dict[str, tuple[float, float]],
) -> np.ndarray:
    """Multiply the adjustable cells of a dimension's free indicators by ``1 + step``.

    Returns the cells in which at least one indicator could move.
    """
    moved = np.zeros(step.shape, dtype=bool)
    for name in _moved(dimension):
        block = free[name][work.kept][:, STUDY]
        low, high = bounds[name]
        margin = 1e-6 * (high - low)
        moves = _adjustable(work, name) & ~anchored[name]
        first = drawn[name][work.kept][:, STUDY]
        inside = np.clip(
            block * (1 + DIRECTION[name] * step),
            np.maximum(low + margin, first / LARGEST_MOVE),
            np.minimum(high - margin, first * LARGEST_MOVE),
        )
        _write_block(free[name], work.kept, np.where(moves, inside, block))
        moved |= moves & (np.abs(inside - block) > 0.01 * np.abs(step) * block)
    return moved


def _write_block(grid: np.ndarray, kept: np.ndarray, block: np.ndarray) -> None:
    rows = np.flatnonzero(kept)
    grid[rows[:, None], np.arange(STUDY.start, STUDY.stop)[None, :]] = block
