"""A data frame as sorted arrays: units, effects and numbers, the same for any order of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from urban_resilience.estimation.fit import NotEstimableError
from urban_resilience.estimation.least_squares.absorption import keep_repeated_levels
from urban_resilience.estimation.least_squares.complete_rows import complete_rows


@dataclass(frozen=True)
class PanelArrays:
    """Complete rows of a panel, sorted by unit, then by effect, then by value.

    Attributes
    ----------
    units
        Labels of the G units, sorted.
    unit_codes
        (N,) position of each row's unit in ``units``; never decreases.
    effects
        Names of the E effects other than the unit's.
    effect_codes
        (E, N) level of each effect in each row.
    effect_labels
        Labels of the levels of each effect, sorted.
    names
        Names of the numeric columns.
    values
        (N, number of names) numbers as given, none missing.
    n_singletons
        Complete rows that :meth:`without_singletons` left out.
    """

    units: np.ndarray
    unit_codes: np.ndarray
    effects: tuple[str, ...]
    effect_codes: np.ndarray
    effect_labels: tuple[np.ndarray, ...]
    names: tuple[str, ...]
    values: np.ndarray
    n_singletons: int = 0

    @classmethod
    def from_frame(
        cls,
        data: pd.DataFrame,
        columns: Sequence[str],
        effects: Sequence[str] = ("year",),
        unit: str = "city_code",
    ) -> PanelArrays:
        """Sort a frame and read it into arrays.

        Parameters
        ----------
        data
            Rows of the panel; rows with a missing value in a used column are left out.
        columns
            Numeric (or boolean) columns.
        effects, unit
            Columns that name the levels of the absorbed effects and the unit.

        Raises
        ------
        ValueError
            A column is not in the frame or is not numeric.
        NotEstimableError
            No row is complete.
        """
        rows = complete_panel(data, columns, effects, unit)
        return cls.from_complete(rows, columns, effects, unit)

    @classmethod
    def from_complete(
        cls,
        rows: pd.DataFrame,
        columns: Sequence[str],
        effects: Sequence[str] = ("year",),
        unit: str = "city_code",
    ) -> PanelArrays:
        """Read rows that :func:`complete_panel` has sorted, and keep their order."""
        values = np.column_stack([rows[name].to_numpy(float) for name in columns])
        unit_codes, labels = pd.factorize(rows[unit], sort=True)
        coded = [pd.factorize(rows[name], sort=True) for name in effects]
        return cls(
            units=np.asarray(labels),
            unit_codes=unit_codes.astype(np.intp),
            effects=tuple(effects),
            effect_codes=np.array([codes for codes, _ in coded], np.intp).reshape(-1, len(rows)),
            effect_labels=tuple(np.asarray(labels) for _, labels in coded),
            names=tuple(columns),
            values=values,
        )

    def where(self, is_kept: np.ndarray) -> PanelArrays:
        """Keep some of the rows; units and levels stay, with or without a row."""
        return replace(
            self,
            unit_codes=self.unit_codes[is_kept],
            effect_codes=self.effect_codes[:, is_kept],
            values=self.values[is_kept],
        )

    def without_singletons(self) -> PanelArrays:
        """Leave out rows alone in a level of an effect, and units and levels that have no other.

        They move no coefficient, and a unit or cluster made of them alone is none: counted, or
        drawn, it would promise information that is not there.

        Raises
        ------
        NotEstimableError
            Nothing is left.
        """
        is_kept = keep_repeated_levels([self.unit_codes, *self.effect_codes])
        if not is_kept.any():
            raise NotEstimableError(f"each of {len(is_kept)} rows is alone in one of its effects")
        if is_kept.all():
            return self
        kept = self.where(is_kept)
        units, unit_codes = np.unique(kept.unit_codes, return_inverse=True)
        levels = [np.unique(codes, return_inverse=True) for codes in kept.effect_codes]
        effect_codes = np.array([codes for _, codes in levels], np.intp)
        return replace(
            kept,
            units=self.units[units],
            unit_codes=unit_codes.astype(np.intp),
            effect_codes=effect_codes.reshape(-1, len(unit_codes)),
            effect_labels=tuple(
                labels[held] for labels, (held, _) in zip(self.effect_labels, levels, strict=True)
            ),
            n_singletons=int((~is_kept).sum()),
        )

    @property
    def effect_levels(self) -> tuple[int, ...]:
        """Number of levels of each effect."""
        return tuple(len(labels) for labels in self.effect_labels)

    @property
    def n_rows(self) -> int:
        """Complete rows, singletons included."""
        return len(self.unit_codes)

    @property
    def rows_per_unit(self) -> np.ndarray:
        """(G,) number of rows of each unit."""
        return np.bincount(self.unit_codes, minlength=len(self.units))

    def within(self) -> np.ndarray:
        """(N, names) values less their mean over the unit's rows.

        A column that is constant within a unit becomes exactly zero there, so that what rounding
        leaves of the mean cannot pass for variation.
        """
        centred = self.values - self._unit_means(self.values)
        sizes = np.zeros((len(self.units), len(self.names)))
        spread = np.zeros_like(sizes)
        np.maximum.at(sizes, self.unit_codes, np.abs(self.values))
        np.maximum.at(spread, self.unit_codes, np.abs(centred))
        is_constant = spread <= 1e-13 * sizes
        return np.where(is_constant[self.unit_codes], 0.0, centred)

    def within_dummies(self) -> np.ndarray:
        """(N, sum of effect levels) indicators less their mean over the unit's rows."""
        dummies = self.dummies()
        return dummies - self._unit_means(dummies)

    def dummies(self) -> np.ndarray:
        """(N, sum of effect levels) 0/1 indicators, effect after effect."""
        columns = [
            codes[:, None] == np.arange(levels)
            for codes, levels in zip(self.effect_codes, self.effect_levels, strict=True)
        ]
        return np.hstack([np.empty((self.n_rows, 0)), *columns])

    def _unit_means(self, columns: np.ndarray) -> np.ndarray:
        totals = np.zeros((len(self.units), columns.shape[1]))
        np.add.at(totals, self.unit_codes, columns)
        return (totals / np.maximum(self.rows_per_unit, 1)[:, None])[self.unit_codes]

    def padded_positions(self) -> tuple[np.ndarray, int]:
        """Position of each row within its unit, and the largest number of rows of a unit."""
        counts = self.rows_per_unit
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        return np.arange(self.n_rows) - starts[self.unit_codes], int(counts.max())


def complete_panel(
    data: pd.DataFrame,
    columns: Sequence[str],
    effects: Sequence[str] = ("year",),
    unit: str = "city_code",
    also: Sequence[str] = (),
) -> pd.DataFrame:
    """Complete rows by unit, effect and value; parameters as in :meth:`PanelArrays.from_frame`.

    ``also`` names further numeric columns that must be present in every row kept.

    Raises
    ------
    NotEstimableError
        No row is complete.
    """
    rows = complete_rows(data, (*columns, *also), (unit, *effects))
    if rows.empty:
        used = dict.fromkeys((unit, *effects, *columns, *also))
        raise NotEstimableError(f"no row has all of {', '.join(used)}")
    return rows
