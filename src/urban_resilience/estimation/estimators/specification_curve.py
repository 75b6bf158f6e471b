"""The specification curve: one coefficient under every choice among the controls.

Which controls a regression holds is a choice, and a result that hangs on it shows when all choices
are laid side by side (Simonsohn, Simmons and Nelson 2020). Every regression uses the same rows, so
that only the controls differ.

The rows are used once. Columns net of the effects are written as X = QT, with Q orthonormal and T
small. A regression on some columns of X is one on the same columns of T, of which there are no
more rows than columns, and its score in a cluster is a bilinear form of Q'Q over that cluster. No
step squares the condition of X, so the digits are those of a fit on the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from urban_resilience.estimation.fit import NotEstimableError
from urban_resilience.estimation.least_squares.absorption import (
    ABSORBED_SHARE,
    sum_by,
)
from urban_resilience.estimation.least_squares.clustered_covariance import signed_clusters
from urban_resilience.estimation.least_squares.regression_sample import (
    RegressionSample,
    draw_sample,
)
from urban_resilience.estimation.least_squares.small_sample import (
    SmallSampleRule,
    small_sample_rule,
)
from urban_resilience.estimation.least_squares.usable_columns import column_faults, faults_in_words
from urban_resilience.estimation.products import multiply
from urban_resilience.estimation.tolerance import is_zero, is_zero_square, length

# Each further control doubles the regressions: 14 of them make 16,384.
MAX_CONTROLS = 14
# Scores held at once, so that memory does not grow with the number of regressions.
BLOCK_NUMBERS = 2**22


@dataclass(frozen=True)
class SpecificationPoint:
    """The treatment's coefficient with one choice of controls.

    Attributes
    ----------
    controls, n_controls
        The choice, in the order in which the controls were given.
    reason
        Why this regression cannot be estimated, or None; every number below is then None.
    estimate, std_error, statistic, p_value, conf_low, conf_high
        Of the treatment: outcome per unit of treatment, CRV1, t(G-1), 95% interval.
    r2, r2_within
        Of the regression; within is None where nothing is absorbed.
    """

    controls: tuple[str, ...]
    n_controls: int
    reason: str | None = None
    estimate: float | None = None
    std_error: float | None = None
    statistic: float | None = None
    p_value: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    r2: float | None = None
    r2_within: float | None = None


@dataclass(frozen=True)
class SpecificationCurve:
    """Every choice of controls on one sample.

    Attributes
    ----------
    status
        ``estimated``, or ``not_estimable`` where no point is; ``reason`` then says why.
    n_obs, n_clusters, n_singletons
        Rows used by every regression; clusters, the smaller number with two ways; complete rows
        that an effect takes up alone, left out.
    points
        2^k of them, by number of controls, then in the order in which the controls were given.
    """

    status: str
    reason: str | None = None
    n_obs: int | None = None
    n_clusters: int | None = None
    n_singletons: int | None = None
    points: tuple[SpecificationPoint, ...] = ()


def fit_specification_curve(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    controls: Sequence[str],
    fixed_effects: Sequence[str],
    clusters: Sequence[str],
) -> SpecificationCurve:
    """Regress the outcome on the treatment and every subset of the controls.

    Parameters
    ----------
    frame
        Observations x variables. Rows complete in the outcome, the treatment and all controls are
        used, in every regression the same.
    outcome, treatment, controls
        Column names, each once; at most :data:`MAX_CONTROLS` controls.
    fixed_effects
        Effects absorbed in every regression; without any, every regression has a constant.
    clusters
        One or two columns.

    Returns
    -------
    SpecificationCurve
        Each point equals ``fit_linear`` on the same sample. A choice with collinear controls, more
        parameters than rows or (two ways of clustering) no positive variance of the treatment's
        coefficient is a point with its reason; nothing is dropped to make it yield a number.

    Raises
    ------
    ValueError
        A column is named twice.

    References
    ----------
    Simonsohn, Simmons and Nelson (2020), Specification curve analysis, Nature Human Behaviour 4.
    """
    controls = tuple(controls)
    names = (*controls, treatment, outcome)
    if len(set(names)) < len(names):
        raise ValueError(f"a column is named twice among {', '.join(names)}")
    if len(controls) > MAX_CONTROLS:
        too_many = (
            f"{len(controls)} controls make {2 ** len(controls):,} regressions, "
            f"at most {MAX_CONTROLS} controls are possible"
        )
        return SpecificationCurve("not_estimable", too_many)
    sample = draw_sample(frame, numeric=names, fixed_effects=fixed_effects, clusters=clusters)
    faults = {} if sample.reason else column_faults(sample, names)
    unusable = [f"{faults[name]}: {name}" for name in (outcome, treatment) if name in faults]
    reason = sample.reason or next(iter(unusable), None)
    if reason:
        return SpecificationCurve("not_estimable", reason, n_obs=sample.n_obs)

    rule = small_sample_rule(sample.n_obs, 0, sample.effects, sample.clusters)
    reduced = _reduce(sample, names, faults)
    points = [
        point
        for size in range(len(controls) + 1)
        for point in _fit_size(reduced, rule, sample.n_obs, size)
    ]
    is_estimated = any(point.estimate is not None for point in points)
    return SpecificationCurve(
        status="estimated" if is_estimated else "not_estimable",
        reason=None if is_estimated else f"no choice of controls: {points[0].reason}",
        n_obs=sample.n_obs,
        n_clusters=rule.n_clusters,
        n_singletons=sample.n_singletons,
        points=tuple(points),
    )


@dataclass(frozen=True, eq=False)
class _Reduced:
    """The sample without its rows: k controls, the treatment and the outcome, P = k + 2 columns.

    Attributes
    ----------
    names
        The P columns, treatment and outcome last.
    faults
        What makes a control useless, by name.
    coordinates
        (P, D) columns net of the effects, at length one, in the orthonormal basis Q of D <= P
        directions; zeros where a control is useless.
    unit
        Length of the outcome over that of the treatment, net of the effects: brings a coefficient
        back to the units of the data.
    left_share
        Share of the outcome's variance that the effects leave.
    raw
        Length of the outcome as supplied, over its length net of the effects.
    n_obs
        Rows.
    squares
        For each grouping of rows its sign in the variance and (D(D+1)/2, groups) packed Q'Q.
    has_effects
        Whether anything is absorbed; otherwise there is a constant.
    """

    names: tuple[str, ...]
    faults: dict[str, str]
    coordinates: np.ndarray
    unit: float
    left_share: float
    raw: float
    n_obs: int
    squares: tuple[tuple[int, np.ndarray], ...]
    has_effects: bool


def _reduce(sample: RegressionSample, names: tuple[str, ...], faults: dict[str, str]) -> _Reduced:
    within = sample.within(names)
    if not sample.effects:
        # The constant of a pooled regression takes the means out.
        within = within - within.mean(axis=0)
    lengths = np.linalg.norm(within, axis=0)
    is_usable = np.array([name not in faults for name in names])
    scale = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=is_usable)
    basis, coordinates = np.linalg.qr(within * scale)
    first, second = np.triu_indices(basis.shape[1])
    products = basis[:, first] * basis[:, second]
    outcome = sample.columns(names[-1:])[:, 0]
    total = float(((outcome - outcome.mean()) ** 2).sum())
    return _Reduced(
        names=names,
        faults=faults,
        coordinates=np.ascontiguousarray(coordinates.T),
        unit=float(lengths[-1] / lengths[-2]),
        left_share=float(lengths[-1] ** 2) / total,
        raw=float(length(outcome) / lengths[-1]),
        n_obs=len(outcome),
        squares=tuple(
            (sign, np.ascontiguousarray(sum_by(codes, products).T))
            for sign, codes in signed_clusters(sample.clusters)
        ),
        has_effects=bool(sample.effects),
    )


def _fit_size(
    reduced: _Reduced, rule: SmallSampleRule, n_obs: int, size: int
) -> list[SpecificationPoint]:
    """Fit every choice of ``size`` controls; ``rule`` counts what all regressions share."""
    n_controls = len(reduced.names) - 2
    choices = list(combinations(range(n_controls), size))
    n_parameters = rule.n_parameters + size + (1 if reduced.has_effects else 2)
    rule = replace(rule, n_parameters=n_parameters)
    try:
        factor = rule.factor
    except NotEstimableError as error:
        return [_refused(reduced, choice, str(error)) for choice in choices]
    usable = [c for c in choices if not any(reduced.names[j] in reduced.faults for j in c)]
    fitted = dict(zip(usable, _solve(reduced, usable, factor, rule), strict=True))
    return [
        fitted[choice] if choice in fitted else _refused(reduced, choice, _useless(reduced, choice))
        for choice in choices
    ]


def _solve(
    reduced: _Reduced, choices: list[tuple[int, ...]], factor: float, rule: SmallSampleRule
) -> list[SpecificationPoint]:
    """Fit choices of one size, all at once.

    With the columns in the order controls, treatment, outcome, the last two columns of the QR are
    the treatment net of the controls (x) and the residual (u), each a direction times a length.
    """
    if not choices:
        return []
    size, n_columns = len(choices[0]), len(reduced.names)
    columns = np.empty((len(choices), size + 2), np.intp)
    columns[:, :size] = choices
    columns[:, size:] = [n_columns - 2, n_columns - 1]
    directions, triangular = np.linalg.qr(reduced.coordinates[columns].transpose(0, 2, 1))
    # Columns have length one: a squared diagonal is the share that the columns before leave.
    left = np.diagonal(triangular, axis1=1, axis2=2) ** 2
    length_x, length_u = triangular[:, size, size], triangular[:, size + 1, size + 1]
    with np.errstate(divide="ignore", invalid="ignore"):  # Collinear choices, refused below.
        estimate = reduced.unit * triangular[:, size, size + 1] / length_x
        squares = _squared_scores(directions[:, :, size], directions[:, :, size + 1], reduced)
        variance = factor * squares * (reduced.unit * length_u / length_x) ** 2
        inference = _infer(estimate, variance, rule.degrees_of_freedom)
    r2 = 1 - left[:, -1] * reduced.left_share
    r2_within = 1 - left[:, -1] if reduced.has_effects else np.full(len(choices), None)
    numbers = zip(*(a.tolist() for a in (estimate, *inference, r2, r2_within)), strict=True)
    is_refused = (left[:, :-1] < ABSORBED_SHARE).any(axis=1)
    # Directions have length one, so that squared scores of independent rows add up to about 1 / n.
    is_refused |= _is_fitted(reduced, left[:, -1]) | is_zero_square(squares, 1 / reduced.n_obs)
    is_refused |= ~np.isfinite(variance)
    return [
        _refused(reduced, choice, _why(reduced, choice, left[draw]))
        if is_refused[draw]
        else SpecificationPoint(_named(reduced, choice), size, None, *row)
        for draw, (choice, row) in enumerate(zip(choices, numbers, strict=True))
    ]


def _infer(
    estimate: np.ndarray, variance: np.ndarray, degrees_of_freedom: int
) -> tuple[np.ndarray, ...]:
    """Give standard errors, t, p and ends of the 95% intervals, as ``make_coefficient`` does."""
    std_error = np.sqrt(variance)
    statistic = estimate / std_error
    p_value = 2 * stats.t.sf(np.abs(statistic), degrees_of_freedom)
    margin = stats.t.ppf(0.975, degrees_of_freedom) * std_error
    return std_error, statistic, p_value, estimate - margin, estimate + margin


def _squared_scores(x: np.ndarray, u: np.ndarray, reduced: _Reduced) -> np.ndarray:
    """Sum over clusters the squared sums of x times u, both (R, D) directions; shape (R,)."""
    first, second = np.triu_indices(x.shape[1])
    pairs = x[:, first] * u[:, second] + x[:, second] * u[:, first]
    pairs[:, first == second] /= 2
    total = np.zeros(len(pairs))
    for sign, products in reduced.squares:
        block = max(1, BLOCK_NUMBERS // products.shape[1])
        for start in range(0, len(pairs), block):
            rows = slice(start, start + block)
            total[rows] += sign * (multiply(pairs[rows], products) ** 2).sum(axis=1)
    return total


def _named(reduced: _Reduced, choice: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(reduced.names[j] for j in choice)


def _refused(reduced: _Reduced, choice: tuple[int, ...], reason: str) -> SpecificationPoint:
    return SpecificationPoint(_named(reduced, choice), len(choice), reason)


def _useless(reduced: _Reduced, choice: tuple[int, ...]) -> str:
    names = [name for name in _named(reduced, choice) if name in reduced.faults]
    return faults_in_words({name: reduced.faults[name] for name in names})


def _is_fitted(reduced: _Reduced, left: np.ndarray | float) -> np.ndarray:
    """Whether a share of the outcome's variance is what a perfect fit leaves."""
    return is_zero(np.sqrt(left), 1.0, reduced.raw)


def _why(reduced: _Reduced, choice: tuple[int, ...], left: np.ndarray) -> str:
    """Say why a choice was refused, from what each column keeps of the columns before it."""
    *regressors, outcome = (*_named(reduced, choice), *reduced.names[-2:])
    lost = [
        name for name, share in zip(regressors, left[:-1], strict=True) if share < ABSORBED_SHARE
    ]
    if lost:
        return f"collinear with other regressors: {', '.join(lost)}"
    if _is_fitted(reduced, left[-1]):
        return f"no residual left in {outcome}"
    return f"no positive clustered variance: {regressors[-1]}"
