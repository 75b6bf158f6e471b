"""Distances and market potential by hand."""

import numpy as np

from urban_resilience.formulas.market_potential import (
    great_circle_km,
    internal_distance_km,
    market_potential,
)


def test_great_circle():
    # A quarter of a meridian, 90 degrees of latitude, is pi / 2 Earth radii; half a turn of the
    # equator is pi radii; one degree of the equator is pi / 180 of them.
    found = great_circle_km(np.array([0.0, 0.0, 180.0, 1.0]), np.array([0.0, 90.0, 0.0, 0.0]))
    radius = 6371.0088
    np.testing.assert_allclose(found[0], radius * np.pi * np.array([0, 1 / 2, 1, 1 / 180]))
    np.testing.assert_allclose(found, found.T)


def test_internal_distance():
    # A disc of radius 3 has area 9 pi; two thirds of the radius is 2.
    np.testing.assert_allclose(internal_distance_km(np.array([9 * np.pi])), [2.0])


def test_market_potential():
    # Internet per head: 5/10, 30/10 cut to 1, 2/10.
    # Markets: 100 x .5, 40 x 1, 200 x .2 = 50, 40, 40.
    # Own distances all 2, so lmp = 25, 20, 20.
    # hmp of the first: 40 / 10 + 40 / 20 = 6; second: 50 / 10 + 40 / 40 = 6; third: 50/20 + 40/40.
    column = np.ones((3, 1))
    distance = np.array([[0.0, 10, 20], [10, 0, 40], [20, 40, 0]])
    found = market_potential(
        np.array([[100.0], [40.0], [200.0]]),
        np.array([[5.0], [30.0], [2.0]]),
        10 * column,
        9 * np.pi * column,
        distance,
    )
    np.testing.assert_allclose(found.lmp, [[25], [20], [20]])
    np.testing.assert_allclose(found.hmp, [[6], [6], [3.5]])
    np.testing.assert_allclose(found.mp, [[31], [26], [23.5]])


def test_a_market_missing_once_leaves_every_sum():
    # The second city has no market in the second year: it is nobody's outside market in either.
    retail = np.array([[10.0, 10], [10, np.nan], [30, 30]])
    ones = np.ones((3, 2))
    distance = np.array([[0.0, 1, 2], [1, 0, 3], [2, 3, 0]])
    found = market_potential(retail, ones, ones, np.pi * ones, distance)
    np.testing.assert_allclose(found.hmp[0], [30 / 2, 30 / 2])
    np.testing.assert_allclose(found.hmp[2], [10 / 2, 10 / 2])
    # Its own potential ends with its market, both parts at once.
    for part in (found.mp, found.lmp, found.hmp):
        assert np.isnan(part).tolist() == [[False, False], [False, True], [False, False]]
