"""Regressions on reweighted rows, for schemes that cut inside a city.

A city's effect changes when its rows are weighted unequally, so each draw demeans anew:
X'WX less, for every city, s s'/W with s the weighted sum of its rows and W their weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from urban_resilience.estimation.products import LIMIT, cross_products, multiply
from urban_resilience.estimation.resampling.city_products import check_regression, checked_weights
from urban_resilience.estimation.resampling.draw_result import DrawResult
from urban_resilience.estimation.resampling.elimination import diagonal_rows, solve_draws
from urban_resilience.estimation.resampling.panel_arrays import PanelArrays

# Draws per block, bounded by the numbers held for it (cities x draws x columns).
BLOCK_NUMBERS = 2**20


@dataclass(frozen=True)
class RowCrossProducts:
    """What is needed to weight rows: their outer products, and the rows of each city side by side.

    Attributes
    ----------
    arrays
        The sorted rows; the columns of every matrix of weights follow this order, which is that of
        city and effects where these tell rows apart.
    regressors
        Columns whose coefficients are wanted.
    n_nuisance
        Columns of effects, which come first.
    outer
        (P(P+1)/2, N) packed outer product of each row, without the products that are zero in every
        row (two different years).
    is_in_outer
        (P(P+1)/2,) which products are held.
    padded
        (G, L, P) rows by city, zeros after a city's last.
    """

    arrays: PanelArrays
    regressors: tuple[str, ...]
    n_nuisance: int
    outer: np.ndarray
    is_in_outer: np.ndarray
    padded: np.ndarray

    @classmethod
    def from_frame(
        cls,
        data: pd.DataFrame,
        outcome: str,
        regressors: Sequence[str],
        effects: Sequence[str] = ("year",),
        unit: str = "city_code",
    ) -> RowCrossProducts:
        """Read a frame; parameters and errors as in ``CityCrossProducts.from_frame``."""
        return cls.from_arrays(PanelArrays.from_frame(data, (*regressors, outcome), effects, unit))

    @classmethod
    def from_arrays(cls, arrays: PanelArrays) -> RowCrossProducts:
        """Read sorted arrays whose last column is the outcome and whose others are regressors."""
        *regressors, outcome = arrays.names
        check_regression(outcome, regressors, arrays.names)
        # Means over all rows of a city are taken off first: they alter no coefficient, and what
        # each draw still has to take off is then of the size of the variation within cities.
        columns = np.hstack([arrays.dummies(), arrays.within()])
        first, second = np.triu_indices(columns.shape[1])
        outer = (columns[:, first] * columns[:, second]).T
        is_in_outer = outer.any(axis=1)
        position, longest = arrays.padded_positions()
        padded = np.zeros((len(arrays.units), longest, columns.shape[1]))
        padded[arrays.unit_codes, position] = columns
        return cls(
            arrays=arrays,
            regressors=tuple(regressors),
            n_nuisance=sum(arrays.effect_levels),
            outer=np.ascontiguousarray(outer[is_in_outer]),
            is_in_outer=is_in_outer,
            padded=padded,
        )

    def coefficients(self, weights: np.ndarray) -> DrawResult:
        """Coefficients of the regressors in every draw.

        Parameters
        ----------
        weights
            (R, N) weight of each row in each draw, none negative: times drawn, or 0/1. Copies of
            a row share the effect of its city.

        Returns
        -------
        DrawResult
            Rules for years without weight and for singular draws as in ``CityCrossProducts``.
        """
        weights = checked_weights(weights, self.arrays.n_rows)
        n_units, longest, n_columns = self.padded.shape
        block = max(1, min(BLOCK_NUMBERS // n_units, LIMIT // longest) // n_columns)
        parts = [
            self._solve(weights[start : start + block]) for start in range(0, len(weights), block)
        ]
        return DrawResult(
            names=self.regressors,
            coefficients=np.concatenate([part[0] for part in parts]),
            is_singular=np.concatenate([part[1] for part in parts]),
        )

    def _solve(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        packed = np.zeros((len(self.is_in_outer), len(weights)))
        packed[self.is_in_outer] = multiply(self.outer, weights.T)
        n_columns = self.padded.shape[2]
        # Before city means are taken off: rounding is to be judged against these.
        scale = packed[diagonal_rows(n_columns)]
        packed -= self._city_part(weights)
        return solve_draws(packed, self.n_nuisance, len(self.regressors), scale)

    def _city_part(self, weights: np.ndarray) -> np.ndarray:
        n_units, longest, n_columns = self.padded.shape
        position, _ = self.arrays.padded_positions()
        by_city = np.zeros((n_units, len(weights), longest))
        by_city[self.arrays.unit_codes, :, position] = weights.T
        sums = by_city @ self.padded
        totals = by_city.sum(axis=2)
        roots = np.divide(1.0, np.sqrt(totals), out=np.zeros_like(totals), where=totals > 0)
        scaled = np.ascontiguousarray((sums * roots[:, :, None]).transpose(1, 0, 2))
        first, second = np.triu_indices(n_columns)
        return cross_products(scaled)[:, first, second].T
