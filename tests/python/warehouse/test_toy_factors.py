"""Chained levels, perpetual inventory, misallocation and Martin's resilience by hand."""

import numpy as np
import pytest

from urban_resilience.formulas.martin_resilience import martin_resilience
from urban_resilience.formulas.misallocation import (
    capital_elasticity,
    chained_level,
    misallocation,
    perpetual_inventory,
)

NAN = np.nan


def test_chained_level():
    # 200, then +10% = 220, then -5% = 209. A missing link ends the chain; the first index is idle.
    index = np.array([[999.0, 110, 95], [NAN, NAN, 105]])
    found = chained_level(index, np.array([200.0, 50.0]))
    np.testing.assert_allclose(found, [[200, 220, 209], [50, NAN, NAN]])


def test_perpetual_inventory():
    # Investment 100 growing 10% a year: g = .1, K0 = 100 / (.1 + .1) = 500,
    # K1 = .9 x 500 + 110 = 560, K2 = .9 x 560 + 121 = 625, K3 = .9 x 625 + 133.1 = 695.6.
    investment = 100 * 1.1 ** np.arange(6)
    found = perpetual_inventory(investment[None, :], tuple(range(2005, 2011)), depreciation=0.1)
    np.testing.assert_allclose(found[0, :4], [500, 560, 625, 695.6])


@pytest.mark.parametrize(
    ("investment", "first_missing"),
    [
        # A gap ends the series.
        ([100, 110, 121, NAN, 146, 161, 177], 3),
        # No value before 2007 in a world that must start by 2006.
        ([NAN, NAN, 121, 133, 146, 161, 177], 0),
        # No investment five years after the base: no growth rate, no stock.
        ([100, 110, 121, 133, 146, NAN, 177], 0),
        # Shrinking by half every year, faster than capital wears out.
        ([64, 32, 16, 8, 4, 2, 1], 0),
    ],
)
def test_where_capital_ends(investment, first_missing):
    found = perpetual_inventory(np.array([investment], dtype=float), tuple(range(2005, 2012)))
    assert np.isfinite(found[0, :first_missing]).all()
    assert np.isnan(found[0, first_missing:]).all()


def test_a_series_may_start_in_2006():
    found = perpetual_inventory(
        np.array([[NAN, 10.0, 10, 10, 10, 10, 10]]), tuple(range(2005, 2012))
    )
    # No growth: 10 / .096 is the stock that 10 a year just keeps up.
    np.testing.assert_allclose(found[0], [NAN] + [10 / 0.096] * 6)


def test_capital_elasticity_of_an_exact_technology():
    # Y / L = A_c B_t (K / L)^.4 without error.
    rng = np.random.default_rng(1)
    labour = rng.uniform(1, 9, (5, 4))
    capital = rng.uniform(1, 9, (5, 4))
    productivity = rng.uniform(1, 2, (5, 1)) * rng.uniform(1, 2, (1, 4))
    output = productivity * labour**0.6 * capital**0.4
    assert capital_elasticity(output, capital, labour) == pytest.approx(0.4, abs=1e-12)


def test_misallocation():
    # Shares of output 1/2, 1/2; of capital 1/4, 3/4; of labour 2/5, 3/5.
    # gamma_k = 1/2, 3/2: dist_k = |2 - 1| = 1, |2/3 - 1| = 1/3.
    # gamma_l = 4/5, 6/5: dist_l = |5/4 - 1| = 1/4, |5/6 - 1| = 1/6.
    output = np.array([[50.0, 40, 30], [50, 60, 90]])
    capital = np.array([[10.0, 20, 20], [30, 10, 35]])
    labour = np.array([[4.0, 6, 9], [6, 5, 3]])
    found = misallocation(output, capital, labour)
    np.testing.assert_allclose(found.dist_k[:, 0], [1, 1 / 3])
    np.testing.assert_allclose(found.dist_l[:, 0], [1 / 4, 1 / 6])
    expected = found.alpha * np.array([1, 1 / 3]) + (1 - found.alpha) * np.array([1 / 4, 1 / 6])
    np.testing.assert_allclose(found.dist[:, 0], expected)


def test_martin_resilience():
    # Growth since 2007: A 20%, B 5%, the two together (120 + 315) / 400 - 1 = 8.75%.
    # A: (.20 - .0875) / .0875, B: (.05 - .0875) / .0875. After 2011 growth counts from 2011.
    years = (2007, 2008, 2011, 2012)
    output = np.array([[100.0, 120, 120, 132], [300, 315, 330, 330]])
    found = martin_resilience(output, years)
    np.testing.assert_allclose(found[:, 1], [0.1125 / 0.0875, -0.0375 / 0.0875])
    # 2012 on 2011: A 10%, B 0%, together 462 / 450 - 1 = 2.666..%.
    national = 12 / 450
    np.testing.assert_allclose(found[:, 3], [(0.10 - national) / national, -1])
    assert np.isnan(found[:, 0]).all()


def test_martin_resilience_is_missing_where_the_nation_stands_still():
    found = martin_resilience(np.array([[100.0, 150], [100, 50.5]]), (2007, 2008))
    assert np.isnan(found).all()  # together 200.5 / 200 - 1 = .25%, below half a percent


def test_martin_resilience_under_a_falling_nation():
    # Together -10%; a city that holds its level is (0 + .1) / .1 = 1 better.
    found = martin_resilience(np.array([[100.0, 100], [100, 80]]), (2007, 2008))
    np.testing.assert_allclose(found[:, 1], [1, -1])
