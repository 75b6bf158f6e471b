"""The capital elasticity of a Cobb-Douglas production function, for measures of misallocation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from urban_resilience.estimation.least_squares.linear_model import fit_linear
from urban_resilience.estimation.least_squares.regression_sample import draw_sample
from urban_resilience.estimation.least_squares.usable_columns import absorbed_terms

MIN_OBSERVATIONS = 30
OUTPUT, CAPITAL = "output_per_worker", "capital_per_worker"

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
        City-years with ``city_code``, ``year``, ``real_output`` (Y), ``capital``
        (K) and ``workers`` (L), all positive. May be empty.

    Returns
    -------
    pyarrow.Table
        One row: ``capital_elasticity`` and its standard error (clustered by city), ``n_obs``,
        ``n_cities`` (rows and cities used, singletons left out); where it cannot be estimated the
        numbers are null and ``reason`` says why.
    """
    if len(inputs) < MIN_OBSERVATIONS:
        reason = f"{len(inputs)} city-years with output, capital and labour"
        return _row(None, None, len(inputs), reason)
    labour = inputs["workers"].to_numpy()
    frame = inputs[["city_code", "year"]].assign(
        **{
            OUTPUT: np.log(inputs["real_output"].to_numpy() / labour),
            CAPITAL: np.log(inputs["capital"].to_numpy() / labour),
        }
    )
    sample = draw_sample(frame, numeric=(OUTPUT, CAPITAL), fixed_effects=("year", "city_code"))
    if not sample.reason and absorbed_terms(sample, [CAPITAL]):
        why = "capital per worker is a sum of city and year effects"
        return _row(None, None, sample.n_obs, why)
    model = fit_linear(sample, OUTPUT, [CAPITAL])
    if model.fit.status != "estimated":
        return _row(None, None, sample.n_obs, model.fit.reason)
    (found,) = model.fit.coefficients
    is_share = 0 < found.estimate < 1
    outside = None if is_share else f"estimate {found.estimate:.3f} lies outside (0, 1)"
    std_error = None if np.isnan(found.std_error) else found.std_error
    n_cities = sample.frame["city_code"].nunique()
    return _row(found.estimate, std_error, sample.n_obs, outside, n_cities)


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
