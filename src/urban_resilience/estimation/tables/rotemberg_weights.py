"""Sectors behind a shift-share estimate (grain: spec x sector)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import pandas as pd
import pyarrow as pa

from urban_resilience.estimation.estimators.shift_share_weights import decompose_shift_share
from urban_resilience.estimation.fit import NotEstimableError, picked, refusal
from urban_resilience.estimation.regression_spec import RegressionSpec
from urban_resilience.estimation.selection import select_sample
from urban_resilience.estimation.tables.schema import long_schema, table_of

ROTEMBERG_WEIGHTS = long_schema(
    "spec_id outcome treatment sector status reason left_out",
    "n_obs n_clusters n_singletons n_unknown_rows weight_rank",
    "estimate alpha beta contribution mean_share mean_shock",
)


def tabulate_rotemberg_weights(
    specs: Iterable[RegressionSpec],
    panel: pd.DataFrame,
    shares: pd.DataFrame,
    shocks: pd.DataFrame,
) -> pa.Table:
    """Sectors behind a shift-share estimate (grain: spec x sector).

    Parameters
    ----------
    specs
        Of design ``shift_share``; the treatment names the shift-share variable.
    panel
        The estimation panel.
    shares
        ``city_code``, ``sector``, ``share``.
    shocks
        ``sector``, ``year``, ``shock``.
    """
    rows = []
    for spec in specs:
        shared = picked(spec, "spec_id", "outcome", "treatment")
        # Winsorized, the variable is no longer the sum of its sectors: the sum is taken as it is.
        try:
            result = decompose_shift_share(
                select_sample(panel, spec.sample_filter),
                shares,
                shocks,
                outcome=spec.outcome,
                controls=spec.controls,
                fixed_effects=spec.fixed_effects,
            )
        except NotEstimableError as error:
            rows.append({**shared, **refusal(error)})
            continue
        shared |= picked(result, "status", "reason", "estimate", "n_obs", "n_clusters")
        shared |= picked(result, "n_singletons", "n_unknown_rows")
        shared["left_out"] = "; ".join(result.left_out) or None
        sectors = [
            {**shared, "weight_rank": rank, **asdict(item)}
            for rank, item in enumerate(result.sectors, start=1)
        ]
        rows += sectors or [shared]
    return table_of(rows, ROTEMBERG_WEIGHTS)
