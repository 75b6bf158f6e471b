"""Direct consumption coefficients of digital services (Leontief 1936; Zhao et al. 2022)."""

from __future__ import annotations

import numpy as np
import pandas as pd

NARROW_DIGITAL_SECTORS = ("D58T60", "D61", "D62T63")


def digital_coefficients(
    flows: pd.DataFrame,
    output: pd.DataFrame,
    sectors: tuple[str, ...],
    years: tuple[int, ...],
    digital_sectors: tuple[str, ...] = NARROW_DIGITAL_SECTORS,
) -> np.ndarray:
    """Digital services used per unit of gross output, by using sector and year.

    Parameters
    ----------
    flows : DataFrame
        ``year``, ``supplying_sector``, ``using_sector``, ``value_million_usd``.
    output : DataFrame
        ``year``, ``sector``, ``gross_output_million_usd``.
    sectors : tuple of str
        Using sectors, the rows of the result.
    years : tuple of int
        Columns of the result. A year after the last table carries the last table.
    digital_sectors : tuple of str
        Supplying sectors that count as digital.

    Returns
    -------
    ndarray, shape (n_sectors, n_years)
        ``a_jt = sum_d flow_djt / gross_output_jt``, million USD per million USD; zero where the
        output is zero or missing.

    Raises
    ------
    ValueError
        If a year lies before the first table.
    """
    last_table = int(flows["year"].max())
    if min(years) < int(flows["year"].min()):
        raise ValueError("a year precedes the first input-output table")
    table_years = [min(year, last_table) for year in years]
    digital = flows[flows["supplying_sector"].isin(digital_sectors)]
    inputs = digital.pivot_table(
        index="using_sector", columns="year", values="value_million_usd", aggfunc="sum"
    ).reindex(index=list(sectors), columns=table_years)
    outputs = output.pivot_table(
        index="sector", columns="year", values="gross_output_million_usd", aggfunc="sum"
    ).reindex(index=list(sectors), columns=table_years)
    used = inputs.fillna(0.0).to_numpy(dtype=float)
    produced = outputs.to_numpy(dtype=float)
    return np.divide(used, produced, out=np.zeros_like(used), where=produced > 0)


def is_carried_forward(flows: pd.DataFrame, years: tuple[int, ...]) -> np.ndarray:
    """Flag the years that use an earlier table, shape (n_years,)."""
    return np.asarray(years) > int(flows["year"].max())
