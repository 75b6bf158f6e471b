"""The rows that a regression uses, in one fixed order, with its effects, clusters and weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from urban_resilience.estimation.effects import columns_of, levels_of, trends_of
from urban_resilience.estimation.fit import NotEstimableError
from urban_resilience.estimation.least_squares.absorption import (
    Trend,
    keep_repeated_levels,
    residualize,
)
from urban_resilience.estimation.least_squares.complete_rows import complete_rows

# The name of a column of ones, as of its coefficient.
CONSTANT = "Intercept"
MIN_OBSERVATIONS = 10
MIN_CLUSTERS = 2
# What errors may be: alike within clusters, of a variance that differs between rows, or of one.
CLUSTERED, ROBUST, UNCLUSTERED = "clustered", "HC1", "iid"
VCOVS = (CLUSTERED, ROBUST, UNCLUSTERED)


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
        Integer codes from 0 without gaps, each of shape (n,); no clusters where errors are not
        clustered.
    effect_names, cluster_names
        The columns behind them.
    trends
        Slopes of groups, absorbed like the effects.
    vcov
        ``clustered``, ``HC1`` (White 1980, MacKinnon and White 1985) or ``iid``.
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
    trends: tuple[Trend, ...] = ()
    vcov: str = CLUSTERED
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
        return f"CRV1 {' + '.join(self.cluster_names)}" if self.cluster_names else self.vcov

    @property
    def absorbed(self) -> tuple[str, ...]:
        """Names of effects and trends, such as ``draw_sample`` reads them."""
        return (*self.effect_names, *(trend.name for trend in self.trends))

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
            columns = self.columns(new)
            residuals = residualize(columns, self.effects, self.weights, self.trends)
            self._within.update(zip(new, residuals.T, strict=True))
        values = [self._within[name] for name in names]
        return np.column_stack(values) if values else np.empty((self.n_obs, 0))

    def weighted(self, weights: np.ndarray) -> RegressionSample:
        """Give the rows other weights, positive, shape (n,)."""
        return replace(self, weights=weights, _within={})

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
    vcov: str = CLUSTERED,
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
        Column names; one or two clusters. An effect may join columns (``province^year``) and have
        a slope (``city_code[year]``): see ``effects.parse_effect``.
    weights
        Column of analytic weights, or None; a row with weight zero or less is left out.
    vcov
        ``clustered``, or ``HC1`` or ``iid``, which read no clusters.
    carried
        Columns to keep beside them, which may be missing in a row.

    Returns
    -------
    RegressionSample
        With ``reason`` set where a column is absent, or too few rows or clusters are left.
    """
    levels, slopes = levels_of(fixed_effects), trends_of(fixed_effects)
    clusters = tuple(clusters) if vcov == CLUSTERED else ()
    numeric = tuple(
        dict.fromkeys((*numeric, *((weights,) if weights else ()), *(s.slope for s in slopes)))
    )
    keys = tuple(dict.fromkeys((*clusters, *columns_of((*levels, *(s.levels for s in slopes))))))
    if vcov == CLUSTERED and len(clusters) not in (1, 2):
        return _unusable(f"{len(clusters)} cluster columns, one or two are possible")
    absent = [name for name in (*numeric, *keys) if name not in frame.columns]
    if absent:
        return _unusable(f"no column {', '.join(absent)} in the data")
    try:
        data = complete_rows(frame, numeric, keys, carried)
    except NotEstimableError as error:
        return _unusable(str(error))
    if weights:
        data = data[data[weights] > 0].reset_index(drop=True)
    offered, effects = len(data), _codes(data, levels)
    if effects and offered:
        repeated = keep_repeated_levels(effects)
        if not repeated.all():
            data = data[repeated].reset_index(drop=True)
            effects = _codes(data, levels)
    return RegressionSample(
        frame=data,
        weights=data[weights].to_numpy() if weights else np.ones(len(data)),
        effects=effects,
        clusters=_codes(data, clusters),
        effect_names=levels,
        cluster_names=clusters,
        trends=tuple(
            Trend(slope.trend, codes, _spread(data[slope.slope].to_numpy()))
            for slope, codes in zip(slopes, _codes(data, [s.levels for s in slopes]), strict=True)
        ),
        vcov=vcov,
        n_singletons=offered - len(data),
        reason=_reason_against(data, clusters, offered - len(data)),
    )


def _unusable(reason: str) -> RegressionSample:
    return RegressionSample(frame=pd.DataFrame(), weights=np.empty(0), reason=reason)


def _codes(data: pd.DataFrame, names: Sequence[str]) -> tuple[np.ndarray, ...]:
    return tuple(_ordered_codes(data, name.split("^")) for name in names)


def _ordered_codes(data: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Codes of levels, in the order of the levels."""
    if len(columns) > 1:
        return data.groupby(list(columns)).ngroup().to_numpy()
    return pd.factorize(data[columns[0]], sort=True)[0]


def _spread(values: np.ndarray) -> np.ndarray:
    """Values less their mean, over their standard deviation: a slope has no unit to lose."""
    centred = values - values.mean() if len(values) else values
    deviation = centred.std() if len(centred) else 0.0
    return centred / deviation if deviation > 0 else centred


def _reason_against(data: pd.DataFrame, clusters: Sequence[str], n_singletons: int) -> str | None:
    if len(data) < MIN_OBSERVATIONS:
        if n_singletons:
            return (
                f"{len(data)} usable rows in the sample after dropping {n_singletons} singletons,"
                f" {MIN_OBSERVATIONS} are needed"
            )
        return f"{len(data)} usable rows in the sample, {MIN_OBSERVATIONS} are needed"
    for name in clusters:
        number = data[name].nunique()
        if number < MIN_CLUSTERS:
            return f"{number} cluster of {name}, {MIN_CLUSTERS} are needed"
    return None
