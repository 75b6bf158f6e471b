"""Empirical p-values and percentile intervals by hand."""

import numpy as np
import pytest

from urban_resilience.estimation.resampling import (
    NotEstimableError,
    empirical_p,
    percentile_interval,
)


def test_by_hand():
    p = empirical_p(2.0, np.array([-3.0, -1.0, 0.0, 2.0, 2.5, np.nan]))
    assert (p.greater, p.less, p.two_sided) == (3 / 6, 5 / 6, 4 / 6)
    assert (p.draws, p.failed_draws) == (6, 1)


def test_no_draw_as_large():
    p = empirical_p(9.0, np.linspace(-1, 1, 999))
    assert (p.greater, p.less, p.two_sided) == (1 / 1000, 1.0, 1 / 1000)


def test_negative_estimate_mirrors():
    draws = np.random.default_rng(0).normal(size=99)
    up, down = empirical_p(0.7, draws), empirical_p(-0.7, -draws)
    assert (up.greater, up.less, up.two_sided) == (down.less, down.greater, down.two_sided)


@pytest.mark.parametrize("rounding", [-1e-16, 0, 1e-16])
def test_ties_do_not_hang_on_rounding(rounding):
    p = empirical_p(0.3, np.array([0.3 + rounding, 0.0, -0.3 - rounding]))
    assert (p.greater, p.less, p.two_sided) == (2 / 4, 4 / 4, 3 / 4)


def test_all_draws_failed():
    with pytest.raises(NotEstimableError, match="all 2 draws failed"):
        empirical_p(1.0, np.full(2, np.nan))
    with pytest.raises(NotEstimableError, match="needs two"):
        percentile_interval(np.array([1.0, np.nan]))


def test_percentile_interval():
    draws = np.append(np.arange(1001.0), np.nan)
    assert percentile_interval(draws) == pytest.approx((25, 975))
    assert percentile_interval(draws, 0.5) == pytest.approx((250, 750))
