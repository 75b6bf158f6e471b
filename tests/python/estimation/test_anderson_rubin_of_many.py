"""Anderson-Rubin sets of many instruments against the test itself, value by value."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from urban_resilience.estimation.estimators.anderson_rubin import (
    InstrumentMoments,
    evaluate_hypothesis,
    invert,
)

N_CLUSTERS, ROWS_EACH = 100, 5


def draw_moments(n_instruments: int, strength: float, seed: int) -> InstrumentMoments:
    """Moments of simulated rows in clusters; the coefficient is 0.5."""
    rng = np.random.default_rng(seed)
    n = N_CLUSTERS * ROWS_EACH
    z, noise = rng.normal(size=(n, n_instruments)), rng.normal(size=n)
    x = strength * z @ rng.normal(size=n_instruments) + noise + rng.normal(size=n)
    sides = np.column_stack([0.5 * x + noise, x])
    residuals = sides - z @ np.linalg.lstsq(z, sides, rcond=None)[0]
    scores = np.hstack([z * residuals[:, [side]] for side in (0, 1)])
    sums = scores.reshape(N_CLUSTERS, ROWS_EACH, -1).sum(axis=1)
    variance, k = sums.T @ sums, n_instruments
    return InstrumentMoments(
        *(z.T @ sides).T, variance[:k, :k], variance[:k, k:], variance[k:, k:], N_CLUSTERS - 1
    )


@pytest.mark.parametrize("strength", [0.0, 0.05, 0.3])
@pytest.mark.parametrize("n_instruments", [2, 5, 12, 20])
def test_the_set_is_what_the_test_does_not_reject(n_instruments, strength):
    """The determinant of twelve instruments once had too few digits left for its roots."""
    moments = draw_moments(n_instruments, strength, seed=n_instruments)
    found = invert(moments)
    critical = stats.f.ppf(0.95, n_instruments, N_CLUSTERS - 1)
    for end in filter(np.isfinite, np.ravel(found.intervals)):
        assert evaluate_hypothesis(moments, end)[0] == pytest.approx(critical, rel=1e-9)
    for value in np.concatenate([np.linspace(-5, 5, 201), np.linspace(-1000, 1000, 101)]):
        inside = any(low <= value <= high for low, high in found.intervals)
        assert inside == (evaluate_hypothesis(moments, value)[0] <= critical), value
