"""The entropy index on cases worked out by hand."""

import numpy as np
import pytest

from urban_resilience.formulas.entropy_index import entropy_index, min_max, shannon_entropy


def test_min_max_by_direction():
    values = np.array([[2.0, 2.0, 5.0], [4.0, 4.0, 5.0], [10.0, 10.0, 5.0]])
    # (4 - 2) / 8 = 1/4 upwards, (10 - 4) / 8 = 3/4 downwards, a constant column is zero.
    expected = [[0, 1, 0], [0.25, 0.75, 0], [1, 0, 0]]
    np.testing.assert_allclose(min_max(values, np.array([1, -1, 1])), expected, atol=1e-15)


def test_entropy_extremes():
    # All weight on one of four: p = (1, 0, 0, 0), entropy 0. Two equal of four: ln 2 / ln 4 = 1/2.
    scores = np.array([[1.0, 1, 0.5], [0, 1, 0.5], [0, 0, 0.5], [0, 0, 0.5]])
    np.testing.assert_allclose(shannon_entropy(scores), [0, 0.5, 1], atol=1e-15)


def test_entropy_of_unequal_shares():
    # z = (0, 1, 3)/3 gives p = (0, 1/4, 3/4): -(1/4 ln 1/4 + 3/4 ln 3/4) / ln 3.
    expected = (0.25 * np.log(4) + 0.75 * np.log(4 / 3)) / np.log(3)
    np.testing.assert_allclose(shannon_entropy(np.array([[0.0], [1 / 3], [1]])), [expected])


@pytest.fixture
def index():
    """Four observations, three indicators, two dimensions.

    Scores: a = (1, 0, 0, 0), entropy 0, divergence 1; b = (1, 1, 0, 0), entropy 1/2,
    divergence 1/2; c, less is better, = (0, 0, 1, 1), divergence 1/2.
    """
    values = np.array([[9.0, 6.0, 8.0], [1.0, 6.0, 8.0], [1.0, 2.0, 4.0], [1.0, 2.0, 4.0]])
    return entropy_index(values, ("a", "b", "c"), (1, 1, -1), ("first", "first", "second"))


def test_weights(index):
    np.testing.assert_allclose(index.divergence, [1, 0.5, 0.5])
    np.testing.assert_allclose(index.weight, [0.5, 0.25, 0.25])
    np.testing.assert_allclose(index.dimension_weight, [0.75, 0.25])


def test_dimension_scores_and_index(index):
    # First dimension: (2 a + b) / 3; second: c.
    # Index: .75 first + .25 second = .5 a + .25 b + .25 c.
    np.testing.assert_allclose(index.dimension_score[:, 0], [1, 1 / 3, 0, 0], atol=1e-15)
    np.testing.assert_allclose(index.dimension_score[:, 1], [0, 0, 1, 1], atol=1e-15)
    np.testing.assert_allclose(index.index, [0.75, 0.25, 0.25, 0.25])


def test_a_constant_indicator_weighs_nothing():
    values = np.array([[9.0, 3.0], [1.0, 3.0], [1.0, 3.0]])
    found = entropy_index(values, ("a", "still"), (1, 1), ("d", "d"))
    np.testing.assert_allclose(found.weight, [1, 0])


@pytest.mark.parametrize(
    "values",
    [np.array([[1.0, np.nan], [2.0, 3.0]]), np.ones((3, 2)), np.ones((1, 2))],
    ids=["a missing value", "nothing varies", "one observation"],
)
def test_what_cannot_be_weighed_is_refused(values):
    with pytest.raises(ValueError, match=r"entropy|constant"):
        entropy_index(values, ("a", "b"), (1, 1), ("d", "d"))
