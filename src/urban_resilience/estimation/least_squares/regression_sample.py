"""The rows that a regression uses, in one fixed order, with its effects, clusters and weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from urban_resilience.estimation.fit import NotEstimableError
from urban_resilience.estimation.least_squares.absorption import keep_repeated_levels, residualize
from urban_resilience.estimation.least_squares.complete_rows import complete_rows

# The name of a column of ones, as of its coefficient.
CONSTANT = "Intercept"
MIN_OBSERVATIONS = 10
MIN_CLUSTERS = 2


@dataclass(frozen=True, eq=False)
class RegressionSample:
    """Complete rows without singletons.

    Attributes
    ----------
    frame
        The rows used, n of them; numeric columns are float64.
    weights
        Shape (n,), positive.
    effects, clusters
        Integer codes from 0 without gaps, each of shape (n,).
    effect_names, cluster_names
        The columns behind them.
    n_singletons
        Complete rows dropped because an effect takes them up alone.
    reason
        Why the sample is too small to use, or None.
    """

    frame: pd.DataFrame
    weights: np.ndarray
    effects: tuple[np.ndarray, ...] = ()
    clusters: tuple[np.ndarray, ...] = ()
    effect_names: tuple[str, ...] = ()
    cluster_names: tuple[str, ...] = ()
    n_singletons: int = 0
    reason: str | None = None
    _within: dict[str, np.ndarray] = field(default_factory=dict, repr=False)

    @property
    def n_obs(self) -> int:
        """Rows used."""
        return len(self.frame)

    @property
    def vcov_type(self) -> str:
        """Name of the covariance, as in ``Fit.vcov_type``."""
        return f"CRV1 {' + '.join(self.cluster_names)}"

    def columns(self, names: Sequence[str]) -> np.ndarray:
        """Columns as they are, shape (n, len(names)); ``CONSTANT`` is a column of ones."""
        values = [
            np.ones(self.n_obs) if name == CONSTANT else self.frame[name].to_numpy()
            for name in names
        ]
        return np.column_stack(values) if values else np.empty((self.n_obs, 0))

    def within(self, names: Sequence[str]) -> np.ndarray:
        """Columns net of the effects, shape (n, len(names)); each is computed once."""
        new = [name for name in dict.fromkeys(names) if name not in self._within]
        if new:
            residuals = residualize(self.columns(new), self.effects, self.weights)
            self._within.update(zip(new, residuals.T, strict=True))
        values = [self._within[name] for name in names]
        return np.column_stack(values) if values else np.empty((self.n_obs, 0))

    def with_columns(self, columns: Mapping[str, np.ndarray]) -> RegressionSample:
        """Add numeric columns, each of shape (n,), in the row order of ``frame``."""
        return replace(self, frame=self.frame.assign(**columns), _within={})


def draw_sample(
    frame: pd.DataFrame,
    *,
    numeric: Sequence[str],
    fixed_effects: Sequence[str] = (),
    clusters: Sequence[str] = ("city_code",),
    weights: str | None = None,
    carried: Sequence[str] = (),
) -> RegressionSample:
    """Keep the complete rows, drop singletons, and code effects and clusters.

    Rows are put in an order that depends on their content only, so that a shuffled frame gives the
    same digits.

    Parameters
    ----------
    frame
        Observations x variables.
    numeric
        Columns that enter the regression; a row with a missing one is left out. An infinite value
        is no observation and no gap: nothing is estimated.
    fixed_effects, clusters
        Column names; one or two clusters. An effect may join columns: ``province^year``.
    weights
        Column of analytic weights, or None; a row with weight zero or less is left out.
    carried
        Columns to keep beside them, which may be missing in a row.

    Returns
    -------
    RegressionSample
        With ``reason`` set where a column is absent, or too few rows or clusters are left.
    """
    numeric = tuple(dict.fromkeys((*numeric, *((weights,) if weights else ()))))
    keys = tuple(
        dict.fromkeys((*clusters, *(k for name in fixed_effects for k in name.split("^"))))
    )
    if len(clusters) not in (1, 2):
        return _unusable(f"{len(clusters)} cluster columns, one or two are possible")
    absent = [name for name in (*numeric, *keys) if name not in frame.columns]
    if absent:
        return _unusable(f"no column {', '.join(absent)} in the data")
    try:
        data = complete_rows(frame, numeric, keys, carried)
    except NotEstimableError as error:
        return _unusable(str(error))
    if weights:
        data = data[data[weights] > 0]
    offered = len(data)
    if fixed_effects and offered:
        data = data[keep_repeated_levels(_codes(data, fixed_effects))]
    data = data.reset_index(drop=True)
    return RegressionSample(
        frame=data,
        weights=data[weights].to_numpy() if weights else np.ones(len(data)),
        effects=_codes(data, fixed_effects),
        clusters=_codes(data, clusters),
        effect_names=tuple(fixed_effects),
        cluster_names=tuple(clusters),
        n_singletons=offered - len(data),
        reason=_reason_against(data, clusters, offered - len(data)),
    )


def _unusable(reason: str) -> RegressionSample:
    return RegressionSample(frame=pd.DataFrame(), weights=np.empty(0), reason=reason)


def _codes(data: pd.DataFrame, names: Sequence[str]) -> tuple[np.ndarray, ...]:
    return tuple(data.groupby(name.split("^")).ngroup().to_numpy() for name in names)


def _reason_against(data: pd.DataFrame, clusters: Sequence[str], n_singletons: int) -> str | None:
    if len(data) < MIN_OBSERVATIONS:
        dropped = f" after dropping {n_singletons} singletons" if n_singletons else ""
        return f"{len(data)} usable rows in the sample{dropped}, {MIN_OBSERVATIONS} are needed"
    for name in clusters:
        number = data[name].nunique()
        if number < MIN_CLUSTERS:
            return f"{number} cluster of {name}, {MIN_CLUSTERS} are needed"
    return None
