"""What a resampling scheme returns: one row of coefficients per draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class DrawResult:
    """Coefficients of R draws.

    Attributes
    ----------
    names
        The K regressors.
    coefficients
        (R, K); NaN throughout a singular draw.
    is_singular
        (R,) draws in which some regressor does not vary once effects and the other regressors are
        partialled out: no treated city, treatment the same in every year, too few rows.
    """

    names: tuple[str, ...]
    coefficients: np.ndarray
    is_singular: np.ndarray

    @property
    def n_draws(self) -> int:
        """Draws made, singular ones included."""
        return len(self.is_singular)

    @property
    def n_singular(self) -> int:
        """Draws without a coefficient."""
        return int(self.is_singular.sum())

    def of(self, name: str) -> np.ndarray:
        """(R,) coefficient of one regressor, NaN in singular draws."""
        return self.coefficients[:, self.names.index(name)]
