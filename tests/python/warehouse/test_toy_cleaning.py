"""Interpolation, carrying and rolling deviation on cases worked out by hand."""

import numpy as np
import pytest

from urban_resilience.formulas.interpolation import carry_nearest, interpolate_interior_gaps
from urban_resilience.formulas.rolling_deviation import trailing_standard_deviation

NAN = np.nan


@pytest.mark.parametrize(
    ("observed", "filled"),
    [
        # One missing year: the midpoint of 10 and 14.
        ([10, NAN, 14], [10, 12, 14]),
        # Three missing years: steps of (18 - 10) / 4 = 2.
        ([10, NAN, NAN, NAN, 18], [10, 12, 14, 16, 18]),
        # Four in a row are one too many.
        ([10, NAN, NAN, NAN, NAN, 20], [10, NAN, NAN, NAN, NAN, 20]),
        # Edges are not extrapolated, whatever lies inside.
        ([NAN, 5, NAN, 3, NAN], [NAN, 5, 4, 3, NAN]),
        # Each gap looks at its own neighbours.
        ([1, NAN, 3, NAN, 9], [1, 2, 3, 6, 9]),
        ([NAN, NAN, NAN], [NAN, NAN, NAN]),
    ],
)
def test_interpolation(observed, filled):
    found = interpolate_interior_gaps(np.array([observed], dtype=float))
    np.testing.assert_allclose(found, [filled], rtol=0, atol=1e-12)


def test_area_is_carried_forward_first_then_backward():
    found = carry_nearest(np.array([[NAN, 7.0, NAN, NAN, NAN, NAN, 9.0, NAN]]))
    np.testing.assert_array_equal(found, [[7, 7, 7, 7, 7, 7, 9, 9]])


def test_rolling_deviation_divides_by_three():
    # 102, 104, 109: mean 105, squared deviations 9 + 1 + 16 = 26, sqrt(26 / 3).
    # 104, 109, 108: mean 107, squared deviations 9 + 4 + 1 = 14, sqrt(14 / 3).
    found = trailing_standard_deviation(np.array([[102.0, 104, 109, 108]]))
    np.testing.assert_allclose(found, [[NAN, NAN, np.sqrt(26 / 3), np.sqrt(14 / 3)]], rtol=1e-14)


def test_rolling_deviation_needs_all_three_years():
    found = trailing_standard_deviation(np.array([[102.0, NAN, 109, 108, 110]]))
    # Only 109, 108, 110 is complete: mean 109, squared deviations 0 + 1 + 1.
    np.testing.assert_allclose(found, [[NAN, NAN, NAN, NAN, np.sqrt(2 / 3)]], rtol=1e-14)
