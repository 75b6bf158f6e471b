"""Rotemberg weights: which sectors a shift-share estimate rests on.

A shift-share variable is B_ct = sum_j s_cj a_jt, shares of sectors times their shocks. The
estimate with B as instrument is a weighted sum of the estimates with each sector's own part
s_cj a_jt as instrument (Goldsmith-Pinkham, Sorkin and Swift 2020). Least squares on B itself is the
case where B instruments itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from urban_resilience.estimation.estimators.instrument_strength import partial_out
from urban_resilience.estimation.least_squares.regression_sample import (
    RegressionSample,
    draw_sample,
)
from urban_resilience.estimation.least_squares.usable_columns import rank_reason
from urban_resilience.estimation.tolerance import is_zero, length

SHIFT_SHARE = "shift_share"
# How many names a sentence holds.
NAMES = 20


@dataclass(frozen=True)
class SectorWeight:
    """One sector's part in the estimate.

    Attributes
    ----------
    sector
        Code.
    alpha
        Rotemberg weight; the weights of all sectors sum to one and can be negative.
    beta
        Estimate with this sector's part as the only instrument; None where that part is absorbed.
    contribution
        ``alpha`` times ``beta``; contributions sum to the estimate.
    mean_share, mean_shock
        Averages over the units and over the years of the rows used.
    """

    sector: str
    alpha: float
    beta: float | None
    contribution: float
    mean_share: float
    mean_shock: float


@dataclass(frozen=True)
class RotembergResult:
    """Decomposition of a shift-share estimate.

    Attributes
    ----------
    estimate
        beta, equal to the sum of ``contribution``.
    sectors
        In descending order of the size of ``alpha``.
    n_sectors, n_negative
        Sectors with a weight, and with a negative one.
    sum_positive, sum_negative
        Sums of positive and of negative weights, together one.
    top_five_share
        Share of the five largest in the sum of absolute weights.
    n_obs, n_clusters, n_singletons
        Rows used, units among them, and complete rows that an effect takes up alone.
    n_unknown_rows
        Rows left out because the shift-share variable has no value there.
    left_out
        What is not in the variable, in words: units and years without a value, sectors that have
        shares without shocks, or shocks without shares.
    """

    status: str
    reason: str | None = None
    estimate: float | None = None
    sectors: tuple[SectorWeight, ...] = ()
    n_sectors: int = 0
    n_negative: int = 0
    sum_positive: float | None = None
    sum_negative: float | None = None
    top_five_share: float | None = None
    n_obs: int | None = None
    n_clusters: int | None = None
    n_singletons: int | None = None
    n_unknown_rows: int | None = None
    left_out: tuple[str, ...] = ()


def decompose_shift_share(
    frame: pd.DataFrame,
    shares: pd.DataFrame,
    shocks: pd.DataFrame,
    *,
    outcome: str,
    regressor: str | None = None,
    controls: Sequence[str] = (),
    fixed_effects: Sequence[str] = ("year", "city_code"),
    unit: str = "city_code",
    time: str = "year",
    sector: str = "sector",
    share: str = "share",
    shock: str = "shock",
) -> RotembergResult:
    """Decompose the estimate into sectors.

    Parameters
    ----------
    frame
        Unit-years with outcome, controls and effects.
    shares
        unit, sector, share, each pair once; a sector absent from a unit that has others is zero,
        one without a value is unknown.
    shocks
        year, sector, shock; likewise.
    outcome, controls, fixed_effects
        Columns of ``frame``.
    regressor
        The endogenous regressor that B instruments, or None for least squares on B itself. A
        winsorized column is no longer the sum of its sectors: then pass it here, or None to
        decompose the sum as it is.
    unit, time, sector, share, shock
        Column names of the three frames.

    Returns
    -------
    RotembergResult
        alpha_j = z_j'x / sum_k z_k'x and beta_j = z_j'y / z_j'x, with z_j the part of sector j and
        x, y net of controls and effects.
    """
    tables, left_out = [], []
    for long, key, value in ((shares, unit, share), (shocks, time, shock)):
        reason, table = _wide(long, key, sector, value)
        if reason:
            return RotembergResult("not_estimable", reason=reason)
        tables.append(table)
        left_out += _unknown_cells(table, key, value)
    share_table, shock_table = tables
    names = sorted(share_table.columns.intersection(shock_table.columns))
    if not names:
        return RotembergResult("not_estimable", reason="no sector has both shares and shocks")
    left_out += _unpaired(share_table, shock_table, share, shock)
    rows, part_names = _with_parts(frame, share_table[names], shock_table[names], unit, time)
    left_out += _absent(rows, share_table, unit, share) + _absent(rows, shock_table, time, shock)
    counts: dict[str, Any] = {
        "n_unknown_rows": int(rows[SHIFT_SHARE].isna().sum()),
        "left_out": tuple(left_out),
    }
    target = regressor or SHIFT_SHARE
    sample = draw_sample(
        rows,
        numeric=[outcome, target, *controls, SHIFT_SHARE, *part_names],
        fixed_effects=fixed_effects,
        clusters=[unit],
    )
    counts |= {"n_obs": sample.n_obs}
    reason = sample.reason or rank_reason(sample, outcome, [SHIFT_SHARE, *controls])
    if reason:
        said = f"{reason} ({'; '.join(left_out)})" if left_out and sample.reason else reason
        return RotembergResult("not_estimable", reason=said, **counts)
    outcome_net, regressor_net = partial_out(sample, [outcome, target], controls).T
    part_values = sample.columns(part_names)
    part_net = partial_out(sample, part_names, controls)
    first, reduced = part_net.T @ regressor_net, part_net.T @ outcome_net
    if _is_unrelated(sample, part_net.sum(axis=1), regressor_net, target):
        reason = f"the shift-share variable is unrelated to {target}: the first stage is zero"
        return RotembergResult("not_estimable", reason=reason, **counts)
    alpha = first / first.sum()
    # A part that the effects absorb keeps rounding error only: it has weight zero and no estimate.
    scale = np.linalg.norm(part_values, axis=0) * np.linalg.norm(regressor_net)
    identified = np.abs(first) > 1e-12 * scale
    used_shares = share_table.loc[sample.frame[unit].unique()]
    used_shocks = shock_table.loc[sample.frame[time].unique()]
    sectors = [
        SectorWeight(
            sector=str(name),
            alpha=float(alpha[j]),
            beta=float(reduced[j] / first[j]) if identified[j] else None,
            contribution=float(reduced[j] / first.sum()),
            mean_share=float(used_shares[name].mean()),
            mean_shock=float(used_shocks[name].mean()),
        )
        for j, name in enumerate(names)
    ]
    sizes = np.sort(np.abs(alpha))[::-1]
    return RotembergResult(
        status="estimated",
        estimate=float(reduced.sum() / first.sum()),
        sectors=tuple(sorted(sectors, key=lambda weight: (-abs(weight.alpha), weight.sector))),
        n_sectors=int(identified.sum()),
        n_negative=int((identified & (alpha < 0)).sum()),
        sum_positive=float(alpha[alpha > 0].sum()),
        sum_negative=float(alpha[alpha < 0].sum()),
        top_five_share=float(sizes[:5].sum() / sizes.sum()),
        n_clusters=int(sample.frame[unit].nunique()),
        n_singletons=sample.n_singletons,
        **counts,
    )


def _wide(
    long: pd.DataFrame, rows: str, columns: str, value: str
) -> tuple[str | None, pd.DataFrame]:
    """Spread a long table; a pair that is absent is zero, one without a value stays unknown."""
    if long[[rows, columns]].isna().any(axis=None):
        n_without = int(long[[rows, columns]].isna().any(axis=1).sum())
        return f"{n_without} rows of {value} have no {rows} or no {columns}", long
    repeated = long[long.duplicated([rows, columns])]
    if len(repeated):
        first = repeated.sort_values([rows, columns]).iloc[0]
        return (
            f"{value} is given more than once for {rows} {first[rows]}, {columns} {first[columns]}"
            f" ({len(repeated)} rows too many)"
        ), long
    numbers = long.assign(**{value: long[value].astype("Float64").astype(float)})
    table = numbers.pivot(index=rows, columns=columns, values=value)
    is_given = numbers.assign(_given=1.0).pivot(index=rows, columns=columns, values="_given")
    return None, table.where(is_given.notna(), 0.0).replace([np.inf, -np.inf], np.nan)


def _with_parts(
    frame: pd.DataFrame,
    share_table: pd.DataFrame,
    shock_table: pd.DataFrame,
    unit: str,
    time: str,
) -> tuple[pd.DataFrame, list[str]]:
    """Rows with each sector's part and their sum; both missing where a factor is unknown.

    A unit without shares, or a year without shocks, has no value: missing, not zero. A known zero
    times an unknown number is zero.
    """
    unit_shares = share_table.reindex(frame[unit]).to_numpy()
    year_shocks = shock_table.reindex(frame[time]).to_numpy()
    is_zero_part = ((unit_shares == 0) & ~_all_missing(year_shocks)) | (
        (year_shocks == 0) & ~_all_missing(unit_shares)
    )
    parts = np.where(is_zero_part, 0.0, unit_shares * year_shocks)
    names = [f"part_{position}" for position in range(parts.shape[1])]
    rows = frame.reset_index(drop=True).join(pd.DataFrame(parts, columns=names))
    return rows.assign(**{SHIFT_SHARE: parts.sum(axis=1)}), names


def _all_missing(values: np.ndarray) -> np.ndarray:
    return np.isnan(values).all(axis=1, keepdims=True)


def _is_unrelated(
    sample: RegressionSample, exposure: np.ndarray, regressor: np.ndarray, target: str
) -> bool:
    raw = length(sample.columns([SHIFT_SHARE, target])).prod()
    whole = length(exposure) * length(regressor)
    return bool(is_zero(abs(float(exposure @ regressor)), whole, raw))


def _unknown_cells(table: pd.DataFrame, key: str, value: str) -> list[str]:
    """Say which units or years have a sector without a value."""
    gaps = table.isna().sum(axis=1)
    gaps = gaps[gaps > 0]
    return [f"{value} unknown in some sector: {key} {_listed(gaps.index)}"] if len(gaps) else []


def _absent(rows: pd.DataFrame, table: pd.DataFrame, key: str, value: str) -> list[str]:
    """Say which units or years of the panel the table does not have."""
    absent = sorted(set(rows[key].dropna()) - set(table.index))
    return [f"no {value} at all: {key} {_listed(absent)}"] if absent else []


def _unpaired(
    share_table: pd.DataFrame, shock_table: pd.DataFrame, share: str, shock: str
) -> list[str]:
    pairs = ((share_table, shock_table, share, shock), (shock_table, share_table, shock, share))
    return [
        f"{has} without {lacks}, not in the sum: sector {_listed(sorted(alone))}"
        for one, other, has, lacks in pairs
        if len(alone := one.columns.difference(other.columns))
    ]


def _listed(names: Sequence) -> str:
    shown = ", ".join(str(name) for name in names[:NAMES])
    return shown + (f" and {len(names) - NAMES} more" if len(names) > NAMES else "")
