"""Is the treatment's coefficient different in two groups? Five answers to one question.

The difference is b_1 - b_0, coefficients of separate regressions with effects of their own. A
group may be a trait of a city, or change over time within one.

``row_bootstrap``
    The usual form, Stata's ``bdiff, bsample`` (Lian, 2017): both groups drawn with replacement
    from the pooled rows. Rows of one city land in both groups and count as independent.
``row_permutation``
    ``bdiff`` without the option: group labels shuffled over rows. The same fault.
``city_bootstrap``
    Cities drawn with replacement, each with its labels; the p-value sets the draws, less the
    estimate, against the estimate.
``city_permutation``
    Labels of whole cities shuffled; where groups change over time, whole histories of labels,
    between cities observed in the same years.
``interacted``
    One regression with every term and effect interacted with the group; Wald test clustered by
    city, so that a city in both groups counts once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from urban_resilience.estimation.least_squares.absorption import keep_repeated_levels
from urban_resilience.estimation.least_squares.small_sample import SmallSampleRule
from urban_resilience.estimation.resampling import (
    CityCrossProducts,
    NotEstimableError,
    PanelArrays,
    RowCrossProducts,
    bootstrap_cities,
    bootstrap_rows,
    complete_panel,
    empirical_p,
    percentile_interval,
    permute_histories,
    permute_labels,
)
from urban_resilience.estimation.resampling.clustered import (
    count_parameters,
    fits_perfectly,
    influence_of,
)
from urban_resilience.estimation.resampling.draw_result import DrawResult
from urban_resilience.estimation.tolerance import is_zero_square

# Weights of rows held at a time.
BLOCK_NUMBERS = 2**22
METHODS = ("row_bootstrap", "row_permutation", "city_bootstrap", "city_permutation", "interacted")


@dataclass(frozen=True)
class GroupDifference:
    """A difference between two groups and how sure one method is of it.

    Attributes
    ----------
    method
        One of :data:`METHODS`.
    difference
        ``estimate_group_1`` less ``estimate_group_0``.
    n_obs_group_1, n_obs_group_0
        Rows of the two regressions, without singletons.
    n_clusters, n_singletons
        Cities with a row in either regression; complete rows in neither.
    p_greater, p_less
        One-sided: of a difference at least this large, at most this small, under equality.
    p_two_sided
        Of a difference at least this far from zero.
    std_error, conf_low, conf_high
        Standard error and 95% interval; missing where the method only simulates equality.
    draws, failed_draws
        Draws made, and those in which a group's coefficient was not identified; zero for a method
        without draws.
    seed
        Seed of the draws, missing without draws.
    null_draws
        R differences under equality, in the order of their drawing: what the p-values count.
        Those of ``city_bootstrap`` are less the estimate; not a number where a draw failed.
    """

    method: str
    difference: float
    estimate_group_1: float
    estimate_group_0: float
    n_obs_group_1: int
    n_obs_group_0: int
    n_clusters: int
    n_singletons: int
    p_greater: float
    p_less: float
    p_two_sided: float
    std_error: float | None
    conf_low: float | None
    conf_high: float | None
    draws: int
    failed_draws: int
    seed: int | None
    null_draws: tuple[float, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class GroupComparison:
    """The rows to compare, and the cross-products that several methods share.

    Attributes
    ----------
    arrays
        Complete rows without singletons, sorted by city and year.
    in_group_1
        (N,) group of each row.
    outcome, regressors
        The regression; the first regressor is the treatment.
    """

    arrays: PanelArrays
    in_group_1: np.ndarray
    outcome: str
    regressors: tuple[str, ...]

    @classmethod
    def from_frame(
        cls,
        data: pd.DataFrame,
        outcome: str,
        treatment: str,
        group: str,
        controls: Sequence[str] = (),
        effects: Sequence[str] = ("year",),
        unit: str = "city_code",
    ) -> GroupComparison:
        """Select and check the rows; parameters and errors as in :func:`compare_groups`."""
        regressors = (treatment, *controls)
        rows = complete_panel(data, (*regressors, outcome), effects, unit, also=(group,))
        coded = PanelArrays.from_complete(rows, (*regressors, outcome), effects, unit)
        # Of the pooled regression: one that is alone in its group only may move to the other.
        kept = keep_repeated_levels([coded.unit_codes, *coded.effect_codes])
        rows = rows[kept].reset_index(drop=True)
        if rows.empty:
            raise NotEstimableError(f"each of {len(kept)} rows is alone in one of its effects")
        labels = rows[group].to_numpy(float)
        if not np.isin(labels, (0, 1)).all():
            found = ", ".join(f"{value:g}" for value in np.unique(labels)[:4])
            raise NotEstimableError(f"{group} holds {found}: a group is true and false, or 1 and 0")
        if labels.all() or not labels.any():
            raise NotEstimableError(f"{group} is the same in every row")
        arrays = PanelArrays.from_complete(rows, (*regressors, outcome), effects, unit)
        arrays = replace(arrays, n_singletons=int((~kept).sum()))
        return cls(arrays, labels == 1, outcome, regressors)

    @cached_property
    def cities(self) -> CityCrossProducts:
        """Cross-products of whole cities."""
        return CityCrossProducts.from_arrays(self.arrays, self.outcome, self.regressors)

    @cached_property
    def cities_of_group(self) -> dict[bool, CityCrossProducts]:
        """Cross-products of every city's rows in group 1 (True) and in group 0 (False)."""
        return {
            side: CityCrossProducts.from_arrays(
                self.arrays.where(self.in_group_1 == side), self.outcome, self.regressors
            )
            for side in (True, False)
        }

    @cached_property
    def single_rows(self) -> RowCrossProducts:
        """Cross-products of rows."""
        return RowCrossProducts.from_arrays(self.arrays)

    @cached_property
    def estimates(self) -> tuple[float, float]:
        """Coefficient of the treatment in group 1 and in group 0."""
        values = {}
        for side, products in self.cities_of_group.items():
            values[side] = products.coefficients().coefficients[0, 0]
            if np.isnan(values[side]):
                raise NotEstimableError(
                    f"in group {int(side)}, one of {', '.join(self.regressors)} does not vary once "
                    "the effects and the others are partialled out"
                )
        if all(fits_perfectly(products) for products in self.cities_of_group.values()):
            raise NotEstimableError(
                f"no residual left in {self.outcome}: the regressions fit both groups perfectly"
            )
        return float(values[True]), float(values[False])

    @property
    def difference(self) -> float:
        """Coefficient in group 1 less that in group 0."""
        return self.estimates[0] - self.estimates[1]

    @cached_property
    def is_used(self) -> np.ndarray:
        """(G,) whether a city has a row in either regression; one with a row in each has none."""
        return np.sum([group.n_rows for group in self.cities_of_group.values()], axis=0) > 0

    @cached_property
    def city_labels(self) -> np.ndarray | None:
        """(G,) group of each city, or None where the group of a city changes."""
        in_group_1 = np.bincount(self.arrays.unit_codes, self.in_group_1)
        if not np.isin(in_group_1 / self.arrays.rows_per_unit, (0, 1)).all():
            return None
        return in_group_1 > 0


def compare_groups(
    data: pd.DataFrame,
    outcome: str,
    treatment: str,
    group: str,
    controls: Sequence[str] = (),
    effects: Sequence[str] = ("year",),
    unit: str = "city_code",
    methods: Sequence[str] = METHODS,
    draws: int = 1000,
    seed: int = 0,
) -> tuple[GroupDifference, ...]:
    """Compare the treatment's coefficient between two groups by several methods.

    Parameters
    ----------
    data
        Rows of the panel, in any order; rows with a missing value are left out.
    outcome, treatment, controls
        Numeric columns.
    group
        Column of true and false, or 1 and 0.
    effects, unit
        Absorbed effects beside the city's, and the city, which is also the cluster. The first
        effect is the period by which histories of changing groups are exchanged.
    methods
        Which of :data:`METHODS`; a method's draws do not depend on which others run.
    draws, seed
        Draws of each method that makes any, and the seed they derive from.

    Returns
    -------
    tuple of GroupDifference
        One per method, in the order given.

    Raises
    ------
    ValueError
        A column or a method is unknown, or the group is not two-valued.
    NotEstimableError
        There is one group only, or the coefficient of one group is not identified.
    """
    unknown = [method for method in methods if method not in METHODS]
    if unknown:
        raise ValueError(f"unknown method {', '.join(unknown)} (known: {', '.join(METHODS)})")
    comparison = GroupComparison.from_frame(
        data, outcome, treatment, group, controls, effects, unit
    )
    return tuple(compare_by(method, comparison, draws, seed) for method in methods)


def compare_by(method: str, comparison: GroupComparison, draws: int, seed: int) -> GroupDifference:
    """Run one method on rows already selected."""
    if method == "interacted":
        return _interacted(comparison)
    rng = np.random.default_rng([METHODS.index(method), seed])
    block = max(1, BLOCK_NUMBERS // comparison.arrays.n_rows)
    sizes = [min(block, draws - start) for start in range(0, draws, block)]
    # Draws continue each other, so blocks bound the memory and change no number.
    differences = np.concatenate([DRAWS_OF[method](comparison, n, rng) for n in sizes])
    if method != "city_bootstrap":
        return _result(method, comparison, differences, seed)
    valid = differences[np.isfinite(differences)]
    spread = (float(valid.std(ddof=1)), *percentile_interval(differences))
    return _result(method, comparison, differences - comparison.difference, seed, *spread)


def draw_row_bootstrap(
    comparison: GroupComparison, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """(R,) differences between two samples of the groups' sizes from the pooled rows."""
    n_1 = int(comparison.in_group_1.sum())
    sizes = (n_1, comparison.arrays.n_rows - n_1)
    group_1, group_0 = bootstrap_rows(comparison.arrays.n_rows, sizes, draws, rng)
    return _row_difference(comparison, group_1, group_0)


def draw_row_permutation(
    comparison: GroupComparison, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """(R,) differences after shuffling group labels over rows."""
    group_1 = permute_labels(comparison.in_group_1, draws, rng)
    return _row_difference(comparison, group_1, ~group_1)


def draw_city_bootstrap(
    comparison: GroupComparison, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """(R,) differences in samples of cities, drawn with replacement with their labels."""
    group, used = comparison.cities_of_group, comparison.is_used
    # As many cities are drawn as there are in the regressions, from among them.
    weights = np.zeros((draws, len(used)))
    weights[:, used] = bootstrap_cities(int(used.sum()), draws, rng)
    return _first(group[True].coefficients(weights)) - _first(group[False].coefficients(weights))


def draw_city_permutation(
    comparison: GroupComparison, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """(R,) differences after shuffling the labels, or label histories, of whole cities."""
    if comparison.city_labels is not None:
        group_1 = permute_labels(comparison.city_labels, draws, rng)
        cities = comparison.cities
        return _first(cities.coefficients(group_1)) - _first(cities.coefficients(~group_1))
    arrays = comparison.arrays
    if not arrays.effects:
        raise ValueError("a group that changes within cities needs the period as first effect")
    years = arrays.effect_codes[0]
    group_1 = permute_histories(comparison.in_group_1, arrays.unit_codes, years, draws, rng)
    if (group_1 == comparison.in_group_1).all():
        raise NotEstimableError(
            "cities that are seen in the same years are in the same group in each of them: "
            "shuffling whole cities changes nothing"
        )
    return _row_difference(comparison, group_1, ~group_1)


DRAWS_OF = {
    "row_bootstrap": draw_row_bootstrap,
    "row_permutation": draw_row_permutation,
    "city_bootstrap": draw_city_bootstrap,
    "city_permutation": draw_city_permutation,
}


def _interacted(comparison: GroupComparison) -> GroupDifference:
    groups = comparison.cities_of_group
    (_, influence_1), (_, influence_0) = (influence_of(groups[side]) for side in (True, False))
    by_city = influence_1[:, 0] - influence_0[:, 0]
    rows_of_city = groups[True].n_rows + groups[False].n_rows
    n_clusters, n_cities = int(comparison.is_used.sum()), len(rows_of_city)
    n_parameters = sum(count_parameters(group, np.arange(n_cities)) for group in groups.values())
    rule = SmallSampleRule(int(rows_of_city.sum()), n_parameters, n_clusters)
    squares = (by_city**2).sum()
    if is_zero_square(squares, (influence_1[:, 0] ** 2 + influence_0[:, 0] ** 2).sum()):
        raise NotEstimableError("the clustered standard error of the difference is zero")
    std_error = float(np.sqrt(rule.factor * squares))
    reference = stats.t(rule.degrees_of_freedom)
    statistic = comparison.difference / std_error
    reach = float(reference.ppf(0.975)) * std_error
    return GroupDifference(
        **_shared("interacted", comparison),
        p_greater=float(reference.sf(statistic)),
        p_less=float(reference.cdf(statistic)),
        p_two_sided=float(2 * reference.sf(abs(statistic))),
        std_error=std_error,
        conf_low=comparison.difference - reach,
        conf_high=comparison.difference + reach,
        draws=0,
        failed_draws=0,
        seed=None,
    )


def _result(
    method: str,
    comparison: GroupComparison,
    null_draws: np.ndarray,
    seed: int,
    std_error: float | None = None,
    low: float | None = None,
    high: float | None = None,
) -> GroupDifference:
    p = empirical_p(comparison.difference, null_draws)
    return GroupDifference(
        **_shared(method, comparison),
        p_greater=p.greater,
        p_less=p.less,
        p_two_sided=p.two_sided,
        std_error=std_error,
        conf_low=low,
        conf_high=high,
        draws=p.draws,
        failed_draws=p.failed_draws,
        seed=seed,
        null_draws=tuple(null_draws.tolist()),
    )


def _shared(method: str, comparison: GroupComparison) -> dict[str, Any]:
    groups, arrays = comparison.cities_of_group, comparison.arrays
    n_obs = {side: int(products.n_rows.sum()) for side, products in groups.items()}
    return {
        "method": method,
        "difference": comparison.difference,
        "estimate_group_1": comparison.estimates[0],
        "estimate_group_0": comparison.estimates[1],
        "n_obs_group_1": n_obs[True],
        "n_obs_group_0": n_obs[False],
        "n_clusters": int(comparison.is_used.sum()),
        "n_singletons": arrays.n_rows + arrays.n_singletons - sum(n_obs.values()),
    }


def _row_difference(
    comparison: GroupComparison, group_1: np.ndarray, group_0: np.ndarray
) -> np.ndarray:
    rows = comparison.single_rows
    return _first(rows.coefficients(group_1)) - _first(rows.coefficients(group_0))


def _first(result: DrawResult) -> np.ndarray:
    return result.coefficients[:, 0]
