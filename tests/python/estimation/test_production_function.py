"""The capital elasticity against dummies in NumPy, and what it says of data it cannot use."""

import numpy as np
import pandas as pd
import pytest

from support.least_squares import dummy_regression
from urban_resilience.estimation.estimators.production_function import (
    SCHEMA,
    estimate_capital_elasticity,
)


def make_inputs(n_cities=25, n_years=9, elasticity=0.4, seed=2):
    rng = np.random.default_rng(seed)
    n = n_cities * n_years
    city, year = np.divmod(np.arange(n), n_years)
    labour = np.exp(rng.normal(4, 1, n_cities)[city] + rng.normal(0, 0.1, n))
    capital = labour * np.exp(rng.normal(0, 0.5, n_cities)[city] + rng.normal(0, 0.2, n))
    productivity = np.exp(rng.normal(0, 1, n_cities)[city] + 0.05 * year + rng.normal(0, 0.1, n))
    return pd.DataFrame(
        {
            "city_code": [f"{100 + c}" for c in city],
            "year": 2008 + year,
            "real_output": productivity * labour**0.6 * capital**elasticity,
            "capital": capital,
            "workers": labour,
        }
    )


def only_row(table):
    assert table.schema == SCHEMA
    assert table.num_rows == 1
    return table.to_pylist()[0]


def test_against_dummies():
    inputs = make_inputs().sample(frac=0.8, random_state=1)
    row = only_row(estimate_capital_elasticity(inputs))
    labour = inputs["workers"]
    logs = inputs.assign(
        y=np.log(inputs["real_output"] / labour),
        k=np.log(inputs["capital"] / labour),
    )
    expected = dummy_regression(logs, "y", ("k",), ("city_code", "year"))
    assert row["capital_elasticity"] == pytest.approx(expected.estimate[0], rel=1e-8)
    assert row["std_error"] == pytest.approx(expected.std_error[0], rel=1e-10)
    assert row["n_obs"] == expected.n_obs
    assert row["n_cities"] == 25
    assert row["reason"] is None


def test_cities_seen_once_are_not_counted():
    inputs = make_inputs()
    once = make_inputs(n_cities=5, seed=3).drop_duplicates("city_code")
    with_them = pd.concat([inputs, once.assign(city_code=[f"9{c}" for c in range(5)])])
    assert estimate_capital_elasticity(with_them) == estimate_capital_elasticity(inputs)


def test_order_of_rows_does_not_matter():
    inputs = make_inputs()
    shuffled = inputs.sample(frac=1, random_state=4)
    assert estimate_capital_elasticity(shuffled) == estimate_capital_elasticity(inputs)


@pytest.mark.parametrize("n_rows", [0, 1, 29])
def test_too_little_data(n_rows):
    row = only_row(estimate_capital_elasticity(make_inputs().head(n_rows)))
    assert row["capital_elasticity"] is None
    assert f"{n_rows} city-years" in row["reason"]


def test_one_city():
    row = only_row(estimate_capital_elasticity(make_inputs(n_cities=1, n_years=40)))
    assert row["capital_elasticity"] is None
    assert row["reason"]


def test_capital_in_proportion_to_labour_cannot_be_told_from_it():
    inputs = make_inputs()
    inputs["capital"] = 3 * inputs["workers"]
    row = only_row(estimate_capital_elasticity(inputs))
    assert row["capital_elasticity"] is None
    assert row["reason"]


def test_an_elasticity_outside_zero_and_one_is_said_so():
    row = only_row(estimate_capital_elasticity(make_inputs(elasticity=1.6)))
    assert row["capital_elasticity"] > 1
    assert "outside (0, 1)" in row["reason"]
