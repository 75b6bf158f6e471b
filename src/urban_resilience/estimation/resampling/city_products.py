"""Regressions on reweighted cities: one cross-product matrix per city, one product per scheme.

A city's fixed effect does not change when the whole city is reweighted. So the data are demeaned
within cities once, and the normal equations of every draw are the weighted sum of the cities'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from urban_resilience.estimation.least_squares.absorption import keep_repeated_levels
from urban_resilience.estimation.least_squares.small_sample import effect_costs
from urban_resilience.estimation.products import cross_products, multiply
from urban_resilience.estimation.resampling.draw_result import DrawResult
from urban_resilience.estimation.resampling.elimination import (
    diagonal_rows,
    pack,
    packed_rows_of,
    solve_draws,
)
from urban_resilience.estimation.resampling.panel_arrays import PanelArrays

# Cross-products per city grow with the square of the columns.
MAX_COLUMNS = 200
# Numbers per block of draws: small enough to stay in a core's cache.
BLOCK_NUMBERS = 2**18


@dataclass(frozen=True)
class CityCrossProducts:
    """Cross-products of [effects, regressors, outcome], demeaned within city, one set per city.

    Attributes
    ----------
    units
        The G cities, sorted; the columns of every matrix of weights follow this order.
    n_rows
        (G,) observations of each city, singletons left out. From a frame no city is without one.
    n_singletons
        Complete rows left out because they are alone in one of their effects.
    effect_levels
        Levels of each effect other than the city's: the columns that come first.
    effect_parameters
        What each effect costs in parameters: its levels without singletons less one, or nothing
        where another effect, the city's included, spans it.
    names
        Numeric columns after them: the default regressors, other columns, the outcome.
    outcome, regressors
        What :meth:`coefficients` regresses on what.
    packed
        (P(P+1)/2, G) packed upper triangles.
    """

    units: np.ndarray
    n_rows: np.ndarray
    effect_levels: tuple[int, ...]
    effect_parameters: tuple[int, ...]
    names: tuple[str, ...]
    outcome: str
    regressors: tuple[str, ...]
    packed: np.ndarray
    n_singletons: int = 0

    @classmethod
    def from_frame(
        cls,
        data: pd.DataFrame,
        outcome: str,
        regressors: Sequence[str],
        effects: Sequence[str] = ("year",),
        unit: str = "city_code",
        also: Sequence[str] = (),
    ) -> CityCrossProducts:
        """Demean within cities and multiply, once for every scheme that follows.

        Parameters
        ----------
        data
            Rows of the panel, in any order; incomplete rows and singletons are left out, so that
            cities, draws and clusters are those of the regression (``draw_sample``).
        outcome, regressors
            Numeric columns; put the treatment first.
        effects
            Columns whose levels are absorbed beside the unit's. Each level is a column of the
            cross-products, so they must be few (years, not provinces by year).
        unit
            Column of the city; its effect is always absorbed.
        also
            Further numeric columns, for :meth:`regress`; all must be present in a row kept.

        Raises
        ------
        ValueError
            A column is wrong, or effects and columns exceed ``MAX_COLUMNS`` together.
        NotEstimableError
            No row is complete, or all are singletons.
        """
        names = tuple(dict.fromkeys((*regressors, *also, outcome)))
        arrays = PanelArrays.from_frame(data, names, effects, unit).without_singletons()
        return cls.from_arrays(arrays, outcome, regressors)

    @classmethod
    def from_arrays(
        cls, arrays: PanelArrays, outcome: str, regressors: Sequence[str]
    ) -> CityCrossProducts:
        """As :meth:`from_frame`, from arrays already sorted; their units stay, rows or not."""
        check_regression(outcome, regressors, arrays.names)
        n_nuisance = sum(arrays.effect_levels)
        if n_nuisance + len(arrays.names) > MAX_COLUMNS:
            raise ValueError(
                f"{n_nuisance} levels of {', '.join(arrays.effects)} and {len(arrays.names)} "
                f"columns: more than {MAX_COLUMNS} columns of cross-products per city"
            )
        columns = np.hstack([arrays.within_dummies(), arrays.within()])
        position, longest = arrays.padded_positions()
        padded = np.zeros((len(arrays.units), longest, columns.shape[1]))
        padded[arrays.unit_codes, position] = columns
        kept = keep_repeated_levels([arrays.unit_codes, *arrays.effect_codes])
        used = [arrays.unit_codes[kept], *arrays.effect_codes[:, kept]]
        return cls(
            units=arrays.units,
            n_rows=np.bincount(arrays.unit_codes[kept], minlength=len(arrays.units)),
            effect_levels=arrays.effect_levels,
            effect_parameters=tuple(effect_costs(used)[1:]),
            names=arrays.names,
            outcome=outcome,
            regressors=tuple(regressors),
            packed=pack(cross_products(padded)),
            n_singletons=arrays.n_singletons + int((~kept).sum()),
        )

    @property
    def n_nuisance(self) -> int:
        """Columns of effects."""
        return sum(self.effect_levels)

    def variation(self, columns: np.ndarray) -> np.ndarray:
        """(columns, G) variation of columns, by position, within each city."""
        return self.packed[diagonal_rows(self.n_nuisance + len(self.names))[columns]]

    def regress(self, outcome: str, regressors: Sequence[str]) -> CityCrossProducts:
        """Another regression among the same columns, on the same rows and cities.

        Raises
        ------
        ValueError
            A column is not among ``names``, repeats, or is on both sides.
        """
        check_regression(outcome, regressors, self.names)
        return replace(self, outcome=outcome, regressors=tuple(regressors))

    def ordered(self) -> np.ndarray:
        """(Q, G) packed cross-products of [effects, regressors, outcome], in this order."""
        n_columns = self.n_nuisance + len(self.names)
        wanted = [self.names.index(name) for name in (*self.regressors, self.outcome)]
        columns = np.concatenate(
            [np.arange(self.n_nuisance), self.n_nuisance + np.array(wanted)]
        ).astype(np.intp)
        if np.array_equal(columns, np.arange(n_columns)):
            return self.packed
        return self.packed[packed_rows_of(columns, n_columns)]

    def coefficients(self, weights: np.ndarray | None = None) -> DrawResult:
        """Coefficients of the regressors in every draw.

        Parameters
        ----------
        weights
            (R, G) weight of each city in each draw, none negative: multiplicities of a bootstrap
            (each copy has an effect of its own, as a new city would), 0/1 of a permutation of
            groups, one minus the identity of a jackknife. All ones when not given.

        Returns
        -------
        DrawResult
            A year without weight has no effect in that draw, which alone does not make it
            singular; a regressor without variation does.
        """
        if weights is None:
            weights = np.ones((1, len(self.units)))
        weights = checked_weights(weights, len(self.units))
        packed = self.ordered()
        block = max(1, BLOCK_NUMBERS // len(packed))
        parts = [
            solve_draws(
                multiply(packed, weights[start : start + block].T),
                self.n_nuisance,
                len(self.regressors),
            )
            for start in range(0, len(weights), block)
        ]
        return DrawResult(
            names=self.regressors,
            coefficients=np.concatenate([part[0] for part in parts]),
            is_singular=np.concatenate([part[1] for part in parts]),
        )


def check_regression(outcome: str, regressors: Sequence[str], names: Sequence[str]) -> None:
    """Raise ``ValueError`` where a regression cannot be formed from the named columns."""
    if not regressors:
        raise ValueError("no regressor given")
    unknown = [name for name in (outcome, *regressors) if name not in names]
    if unknown:
        raise ValueError(f"no cross-products of {', '.join(unknown)}")
    if len(set(regressors)) < len(regressors) or outcome in regressors:
        raise ValueError("a column appears more than once in the regression")


def checked_weights(weights: np.ndarray, n_columns: int) -> np.ndarray:
    """Weights as an (R, n_columns) float array, none missing, none negative."""
    weights = np.asarray(weights, dtype=float)
    if weights.ndim != 2 or weights.shape[1] != n_columns or not len(weights):
        raise ValueError(f"weights of shape {weights.shape}, expected (draws, {n_columns})")
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise ValueError("a weight is missing, infinite or negative")
    return weights
