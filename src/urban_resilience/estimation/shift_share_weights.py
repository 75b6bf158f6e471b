"""Rotemberg weights: which sectors a shift-share estimate rests on.

A shift-share variable is B_ct = sum_j s_cj a_jt, shares of sectors times their shocks. The
estimate with B as instrument is a weighted sum of the estimates with each sector's own part
s_cj a_jt as instrument (Goldsmith-Pinkham, Sorkin and Swift 2020). Least squares on B itself is the
case where B instruments itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from urban_resilience.estimation.instrument_strength import partial_out
from urban_resilience.estimation.linear_model import fit_linear
from urban_resilience.estimation.regression_sample import draw_sample

SHIFT_SHARE = "shift_share"


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
        Averages over units and over years.
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
    n_obs
        Rows used.
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
        unit, sector, share; a sector absent from a unit that has others is zero.
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
    share_table = _wide(shares, unit, sector, share)
    shock_table = _wide(shocks, time, sector, shock)
    names = sorted(share_table.columns.intersection(shock_table.columns))
    if not names:
        return RotembergResult("not_estimable", reason="no sector has both shares and shocks")
    # A unit without shares, or a year without shocks, has no shift-share value: missing, not zero.
    unit_shares = share_table[names].reindex(frame[unit]).to_numpy()
    parts = unit_shares * shock_table[names].reindex(frame[time]).to_numpy()
    part_names = [f"part_{position}" for position in range(len(names))]
    rows = frame.reset_index(drop=True).join(pd.DataFrame(parts, columns=part_names))
    rows[SHIFT_SHARE] = parts.sum(axis=1)
    target = regressor or SHIFT_SHARE
    sample = draw_sample(
        rows,
        numeric=[outcome, target, *controls, SHIFT_SHARE, *part_names],
        fixed_effects=fixed_effects,
        clusters=[unit],
    )
    reason = sample.reason or fit_linear(sample, outcome, [SHIFT_SHARE, *controls]).fit.reason
    if reason:
        return RotembergResult("not_estimable", reason=reason, n_obs=sample.n_obs)
    outcome_net, regressor_net = partial_out(sample, [outcome, target], controls).T
    part_values = sample.columns(part_names)
    part_net = partial_out(sample, part_names, controls)
    first, reduced = part_net.T @ regressor_net, part_net.T @ outcome_net
    alpha = first / first.sum()
    # A part that the effects absorb keeps rounding error only: it has weight zero and no estimate.
    scale = np.linalg.norm(part_values, axis=0) * np.linalg.norm(regressor_net)
    identified = np.abs(first) > 1e-12 * scale
    sectors = [
        SectorWeight(
            sector=str(name),
            alpha=float(alpha[j]),
            beta=float(reduced[j] / first[j]) if identified[j] else None,
            contribution=float(reduced[j] / first.sum()),
            mean_share=float(share_table[name].mean()),
            mean_shock=float(shock_table[name].mean()),
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
        n_obs=sample.n_obs,
    )


def _wide(long: pd.DataFrame, rows: str, columns: str, value: str) -> pd.DataFrame:
    return long.pivot_table(index=rows, columns=columns, values=value, aggfunc="sum").fillna(0.0)
