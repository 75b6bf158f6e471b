"""The capital elasticity of a Cobb-Douglas production function, for measures of misallocation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyfixest as pf

from urban_resilience.estimation.absorption import ABSORBED_SHARE, residualize, surviving_share

MIN_OBSERVATIONS = 30
# As in fixed_effects: pyfixest's own tolerance lets digits change from one process to the next.
DEMEANING_TOLERANCE = 1e-12

SCHEMA = pa.schema(
    [
        ("capital_elasticity", pa.float64()),
        ("std_error", pa.float64()),
        ("n_obs", pa.int64()),
        ("n_cities", pa.int64()),
        ("reason", pa.string()),
    ]
)


def estimate_capital_elasticity(inputs: pd.DataFrame) -> pa.Table:
    """Estimate alpha in ln(Y/L) = a_c + l_t + alpha ln(K/L), constant returns imposed.

    Parameters
    ----------
    inputs
        City-years with ``city_code``, ``year``, ``real_gdp_100m_yuan`` (Y), ``capital_100m_yuan``
        (K) and ``employed_persons_10k`` (L), all positive. May be empty.

    Returns
    -------
    pyarrow.Table
        One row: ``capital_elasticity`` and its standard error (clustered by city), ``n_obs``,
        ``n_cities``; where it cannot be estimated the numbers are null and ``reason`` says why.
    """
    # The compiled core aborts the process on an empty frame: look before estimating.
    if len(inputs) < MIN_OBSERVATIONS or inputs["city_code"].nunique() < 2:
        return _row(
            None, None, len(inputs), f"{len(inputs)} city-years with output, capital and labour"
        )
    data = inputs.sort_values(["city_code", "year"], ignore_index=True)
    labour = data["employed_persons_10k"].to_numpy()
    frame = data[["city_code", "year"]].assign(
        output_per_worker=np.log(data["real_gdp_100m_yuan"].to_numpy() / labour),
        capital_per_worker=np.log(data["capital_100m_yuan"].to_numpy() / labour),
    )
    if _is_absorbed(frame):
        return _row(None, None, len(frame), "capital per worker is a sum of city and year effects")
    model = pf.feols(
        "output_per_worker ~ capital_per_worker | year + city_code",
        data=frame,
        vcov={"CRV1": "city_code"},
        fixef_tol=DEMEANING_TOLERANCE,
    )
    elasticity = float(model.coef()["capital_per_worker"])
    reason = None if 0 < elasticity < 1 else f"estimate {elasticity:.3f} lies outside (0, 1)"
    return _row(
        elasticity,
        float(model.se()["capital_per_worker"]),
        int(model._N),
        reason,
        int(data["city_code"].nunique()),
    )


def _is_absorbed(frame: pd.DataFrame) -> bool:
    values, weights = frame[["capital_per_worker"]].to_numpy(), np.ones(len(frame))
    codes = [frame.groupby(name).ngroup().to_numpy() for name in ("year", "city_code")]
    left = surviving_share(values, residualize(values, codes, weights), weights)
    return bool(left[0] < ABSORBED_SHARE)


def _row(
    elasticity: float | None,
    std_error: float | None,
    n_obs: int,
    reason: str | None,
    n_cities: int | None = None,
) -> pa.Table:
    row = {
        "capital_elasticity": elasticity,
        "std_error": std_error,
        "n_obs": n_obs,
        "n_cities": n_cities,
        "reason": reason,
    }
    return pa.Table.from_pylist([row], schema=SCHEMA)
