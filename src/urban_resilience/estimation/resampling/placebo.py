"""Placebo treatments: the cities' treatment paths shuffled among them.

Outcome and controls never move, so they are partialled out once (Frisch and Waugh, 1933; Lovell,
1963). The coefficient of any shuffled treatment is then a ratio of sums over cities and years, and
a block of draws is a few matrix products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from urban_resilience.estimation.fit import NotEstimableError
from urban_resilience.estimation.least_squares.absorption import orthonormal_basis
from urban_resilience.estimation.products import multiply
from urban_resilience.estimation.resampling.draw_result import DrawResult
from urban_resilience.estimation.resampling.elimination import TOLERANCE
from urban_resilience.estimation.resampling.empirical_p import empirical_p
from urban_resilience.estimation.resampling.panel_arrays import PanelArrays
from urban_resilience.estimation.resampling.schemes import permute_labels

BLOCK_NUMBERS = 2**18


@dataclass(frozen=True)
class Placebo:
    """A coefficient among those of shuffled treatments.

    Attributes
    ----------
    estimate
        Coefficient with every city's own path.
    p_greater, p_less, p_two_sided
        (1 + #) / (R + 1) over the shuffled assignments.
    placebo_draws
        (R,) their coefficients, NaN where a shuffled treatment has no variation left.
    draws, failed_draws, seed
        How they were made.
    """

    estimate: float
    p_greater: float
    p_less: float
    p_two_sided: float
    placebo_draws: np.ndarray
    draws: int
    failed_draws: int
    seed: int


@dataclass(frozen=True)
class PlaceboProducts:
    """Everything of the regression but the treatment, spread over G cities and T periods.

    Attributes
    ----------
    units
        The cities, sorted.
    counts
        (G, T) rows of each city in each period.
    outcome_and_basis
        (G x T, 1 + q) the outcome, residual after effects and controls, beside orthonormal columns
        that span effects and controls within cities; zero where a city has no row.
    paths
        (G, T) treatment of each city, less its mean; zero where unknown.
    is_unknown
        (G, T) periods in which a city's path has no value.
    """

    units: np.ndarray
    counts: np.ndarray
    outcome_and_basis: np.ndarray
    paths: np.ndarray
    is_unknown: np.ndarray

    @classmethod
    def from_frame(
        cls,
        data: pd.DataFrame,
        outcome: str,
        paths: pd.DataFrame,
        controls: Sequence[str] = (),
        effects: Sequence[str] = ("year",),
        unit: str = "city_code",
        period: str = "year",
    ) -> PlaceboProducts:
        """Partial effects and controls out of the outcome.

        Parameters
        ----------
        data
            City-years with outcome and controls; incomplete rows are left out.
        outcome, controls
            Numeric columns.
        paths
            Treatment by city (index) and period (columns). It may hold periods in which a city has
            no row of data, so that another city can carry the path through them. Cities without
            data take no part.
        effects, unit, period
            Absorbed effects, the city, and the effect that ``paths`` runs over.

        Raises
        ------
        ValueError
            A city or a period of the data is not in ``paths``, or a column is wrong.
        """
        if period not in effects:
            raise ValueError(f"the paths run over {period}, which is not among the effects")
        arrays = PanelArrays.from_frame(data, (*controls, outcome), effects, unit)
        # A city that the regression drops neither lends its path nor is given one.
        arrays = arrays.without_singletons()
        axis = arrays.effects.index(period)
        periods = arrays.effect_labels[axis]
        for role, wanted, held in (
            (unit, arrays.units, paths.index),
            (period, periods, paths.columns),
        ):
            absent = [str(label) for label in wanted if label not in held]
            if absent:
                raise ValueError(f"no treatment path for {role} {', '.join(absent)}")
        wide = paths.loc[arrays.units, periods].to_numpy(float)
        within = arrays.within()
        basis = orthonormal_basis(np.hstack([arrays.within_dummies(), within[:, :-1]]))
        outcome_on_basis = multiply(within[:, -1:].T, basis)
        residual = within[:, -1:] - multiply(basis, outcome_on_basis.T)
        cells = arrays.unit_codes * len(periods) + arrays.effect_codes[axis]
        return cls(
            units=arrays.units,
            counts=_spread(np.ones((arrays.n_rows, 1)), cells, wide.size).reshape(wide.shape),
            outcome_and_basis=_spread(np.hstack([residual, basis]), cells, wide.size),
            paths=_centred(wide),
            is_unknown=np.isnan(wide),
        )

    def coefficients(self, donors: np.ndarray) -> DrawResult:
        """Coefficient of the treatment when each city holds the path of another.

        Parameters
        ----------
        donors
            (R, G) position in ``units`` of the city whose path each city holds.

        Returns
        -------
        DrawResult
            One column, ``treatment``; a draw is singular when effects and controls leave the
            shuffled treatment less than ``TOLERANCE`` of its variation.
        """
        block = max(1, BLOCK_NUMBERS // self.paths.size)
        parts = [
            self._ratio(donors[start : start + block]) for start in range(0, len(donors), block)
        ]
        coefficients = np.concatenate(parts)
        return DrawResult(("treatment",), coefficients[:, None], np.isnan(coefficients))

    def check_exchange(self, strata: np.ndarray | None) -> None:
        """Raise ``ValueError`` if a city could be given a path unknown in one of its years."""
        if not self.is_unknown.any():
            return
        misses = (self.counts > 0).astype(float) @ self.is_unknown.T > 0
        if strata is not None:
            misses &= strata[:, None] == strata
        donors = self.units[misses.any(axis=0)]
        if len(donors):
            raise ValueError(
                "the paths of these cities have no value in some year of a city that they may be "
                f"given to: {', '.join(map(str, donors[:10]))}; complete the paths or give strata"
            )

    def _ratio(self, donors: np.ndarray) -> np.ndarray:
        held = self.paths[donors]
        sums = multiply(held.reshape(len(donors), -1), self.outcome_and_basis)
        weighted = held * self.counts
        raw = np.einsum("rgt,rgt->r", weighted, held)
        per_city = np.maximum(self.counts.sum(axis=1), 1)
        within = raw - (weighted.sum(axis=2) ** 2 / per_city).sum(axis=1)
        variation = within - (sums[:, 1:] ** 2).sum(axis=1)
        varies = variation > TOLERANCE * raw
        missing = np.full(len(donors), np.nan)
        return np.divide(sums[:, 0], variation, out=missing, where=varies)


def placebo_treatment(
    data: pd.DataFrame,
    outcome: str,
    paths: pd.DataFrame,
    controls: Sequence[str] = (),
    effects: Sequence[str] = ("year",),
    unit: str = "city_code",
    period: str = "year",
    draws: int = 1000,
    seed: int = 0,
    strata: pd.Series | None = None,
) -> Placebo:
    """Shuffle treatment paths over cities and place the estimate among the shuffled ones.

    Parameters
    ----------
    data, outcome, paths, controls, effects, unit, period
        As in :meth:`PlaceboProducts.from_frame`. Shuffled paths keep the size of every cohort.
    draws, seed
        Number of assignments and seed of the generator.
    strata
        Stratum by city; paths are exchanged only within it.

    Raises
    ------
    ValueError
        A column is wrong or a city could be given a path that is unknown in one of its years.
    NotEstimableError
        The treatment itself has no variation left by effects and controls.
    """
    products = PlaceboProducts.from_frame(data, outcome, paths, controls, effects, unit, period)
    groups = None if strata is None else pd.factorize(strata.loc[products.units])[0]
    products.check_exchange(groups)
    own = np.arange(len(products.units))
    estimate = products.coefficients(own[None]).coefficients[0, 0]
    if np.isnan(estimate):
        raise NotEstimableError("effects and controls leave the treatment no variation")
    donors = permute_labels(own, draws, np.random.default_rng(seed), groups)
    values = products.coefficients(donors).coefficients[:, 0]
    p = empirical_p(estimate, values)
    return Placebo(
        estimate=float(estimate),
        p_greater=p.greater,
        p_less=p.less,
        p_two_sided=p.two_sided,
        placebo_draws=values,
        draws=p.draws,
        failed_draws=p.failed_draws,
        seed=seed,
    )


def treatment_paths(first_period: pd.Series, periods: Sequence[int]) -> pd.DataFrame:
    """Treatment of each city in each period, from the period in which it begins.

    Parameters
    ----------
    first_period
        First treated period by city; missing for a city never treated.
    periods
        Periods to spread over.

    Returns
    -------
    pandas.DataFrame
        City x period, 1.0 from the first treated period on, else 0.0.
    """
    first = first_period.astype("Float64").to_numpy(float, na_value=np.inf)
    held = (np.asarray(periods)[None, :] >= first[:, None]).astype(float)
    return pd.DataFrame(held, index=first_period.index, columns=list(periods))


def _spread(columns: np.ndarray, cells: np.ndarray, size: int) -> np.ndarray:
    sums = np.zeros((size, columns.shape[1]))
    np.add.at(sums, cells, columns)
    return sums


def _centred(paths: np.ndarray) -> np.ndarray:
    # A constant per path is absorbed by the effect of the city that holds it.
    known = ~np.isnan(paths)
    values = np.where(known, paths, 0.0)
    means = values.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    centred = np.where(known, values - means[:, None], 0.0)
    is_constant = np.abs(centred).max(axis=1) <= 1e-13 * np.abs(values).max(axis=1)
    return np.where(is_constant[:, None], 0.0, centred)
