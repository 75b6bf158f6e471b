"""Composite indices against pymcdm, SciPy, pandas and cases worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from pymcdm.methods import TOPSIS, WPM, WSM
from pymcdm.weights import critic_weights, entropy_weights, equal_weights
from scipy.linalg import svd

from urban_resilience.formulas.composite_index import (
    composite_index,
    loadings,
    normalized_scores,
    proportions,
)
from urban_resilience.formulas.entropy_index import min_max

SIGNS = np.array([1, -1, 1, 1])
DIMENSIONS = ("first", "first", "second", "second")


def as_it_is(column, cost=False):
    """No normalization: what pymcdm is given are scores already."""
    return column


@pytest.fixture(scope="module")
def values():
    rng = np.random.default_rng(1981)
    skewed = np.exp(rng.normal(size=(60, 4)))
    skewed[:, 2] += 0.5 * skewed[:, 0]
    return np.round(skewed, 2)


def weights_of(values, weighting, **further):
    found = proportions(values, SIGNS, weighting, **further)
    return found / found.sum()


def test_critic_and_equal_weights_are_pymcdms(values):
    scores = min_max(values, SIGNS)
    np.testing.assert_allclose(weights_of(values, "critic"), critic_weights(scores), rtol=1e-12)
    np.testing.assert_allclose(weights_of(values, "equal"), equal_weights(scores), rtol=1e-15)


def test_entropy_weights_are_pymcdms_where_no_score_is_zero(values):
    # With a zero in a column pymcdm takes its entropy for zero: hence the shift.
    found = weights_of(values, "entropy", zero_shift=0.01)
    scores = min_max(values, SIGNS) + 0.01
    np.testing.assert_allclose(found, entropy_weights(scores), rtol=1e-12)


def test_first_component_is_that_of_a_singular_value_decomposition(values):
    scores = min_max(values, SIGNS)
    standard = (scores - scores.mean(axis=0)) / scores.std(axis=0)
    _, singular, directions = svd(standard / np.sqrt(len(scores)))
    np.testing.assert_allclose(weights_of(values, "pca"), directions[0] ** 2, rtol=1e-10)
    found = loadings(np.corrcoef(scores, rowvar=False))
    np.testing.assert_allclose((found**2).sum(), singular[0] ** 2, rtol=1e-12)
    component = standard @ directions[0]
    expected = [np.corrcoef(component, column)[0, 1] for column in standard.T]
    np.testing.assert_allclose(np.abs(found), np.abs(expected), rtol=1e-10)
    assert found[np.abs(found).argmax()] > 0


def test_coefficients_of_variation_are_those_of_pandas(values):
    scores = pd.DataFrame(min_max(values, SIGNS))
    expected = scores.std() / scores.mean()
    np.testing.assert_allclose(weights_of(values, "cv"), expected / expected.sum(), rtol=1e-12)


@pytest.mark.parametrize(
    ("normalization", "aggregation"),
    [
        ("min_max", "weighted_sum"),
        ("min_max", "geometric"),
        ("min_max", "topsis"),
        ("z_score", "weighted_sum"),
        ("z_score", "topsis"),
        ("rank", "weighted_sum"),
        ("rank", "geometric"),
        ("rank", "topsis"),
    ],
)
def test_aggregations_are_pymcdms(values, normalization, aggregation):
    floor = 0.05 if aggregation == "geometric" else 0.0
    theirs = {"weighted_sum": WSM, "geometric": WPM, "topsis": TOPSIS}[aggregation](as_it_is)
    found = proportions(values, SIGNS, "critic")
    index = composite_index(values, DIMENSIONS, SIGNS, found, normalization, aggregation, floor)
    scores = floor + (1 - floor) * normalized_scores(values, SIGNS, normalization)
    expected = theirs(scores, index.weight, np.ones(4), validation=False)
    np.testing.assert_allclose(index.index, expected, rtol=1e-11, atol=1e-14)
    for place, own in enumerate([slice(0, 2), slice(2, 4)]):
        within = index.weight[own] / index.weight[own].sum()
        part = theirs(scores[:, own], within, np.ones(2), validation=False)
        np.testing.assert_allclose(index.dimension_score[:, place], part, rtol=1e-11, atol=1e-14)


def test_ranks_are_those_of_pandas_and_turn_round(values):
    found = normalized_scores(values, SIGNS, "rank")
    ranks = pd.DataFrame(values * SIGNS).rank(method="average")
    np.testing.assert_allclose(found, (ranks - 1) / (len(values) - 1), rtol=1e-14)
    np.testing.assert_allclose(normalized_scores(values, -SIGNS, "rank"), 1 - found, atol=1e-15)


def test_values_that_differ_by_rounding_are_ties():
    values = np.array([[0.1 + 0.2], [0.3], [0.0], [-0.3]])
    found = normalized_scores(values, np.ones(1), "rank")
    # Ranks 3.5, 3.5, 2, 1.
    np.testing.assert_allclose(found[:, 0], [5 / 6, 5 / 6, 1 / 3, 0])


def test_z_scores_have_mean_zero_and_population_deviation_one(values):
    found = normalized_scores(values, SIGNS, "z_score")
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(found.std(axis=0, ddof=0), 1, rtol=1e-14)


def test_by_hand():
    # Deviations 1/2 each; the first and the third are one, the second is uncorrelated with both.
    values = np.array([[0.0, 0, 0], [0, 1, 0], [1, 0, 1], [1, 1, 1]])
    up = np.ones(3)
    np.testing.assert_allclose(proportions(values, up, "critic"), [0.5, 1, 0.5])
    np.testing.assert_allclose(proportions(values, up, "pca"), [1, 0, 1], atol=1e-15)
    np.testing.assert_allclose(proportions(values, up, "cv"), [1, 1, 1])


def test_a_weighted_product_follows_from_its_dimensions(values):
    found = proportions(values, SIGNS, "entropy")
    index = composite_index(values, DIMENSIONS, SIGNS, found, "min_max", "geometric", 0.01)
    again = np.prod(index.dimension_score**index.dimension_weight, axis=1)
    np.testing.assert_allclose(index.index, again, rtol=1e-12)


TWO = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
ALIKE = np.array([[0.0, 5], [1, 7], [3, 11]])


@pytest.mark.parametrize(
    ("values", "weighting", "given"),
    [
        (TWO[:1], "equal", None),
        (np.ones((3, 2)), "equal", None),
        (TWO, "pca", None),
        (ALIKE, "critic", None),
        (TWO, "given", np.zeros(2)),
        (TWO, "median", None),
    ],
    ids=["one row", "nothing varies", "two components", "alike", "given nothing", "unknown"],
)
def test_what_cannot_be_weighed_is_refused(values, weighting, given):
    with pytest.raises(ValueError, match=r"weights|unique|unknown"):
        proportions(values, np.ones(2), weighting, given)


def test_a_geometric_mean_of_a_zero_is_refused():
    with pytest.raises(ValueError, match="above zero"):
        composite_index(TWO, ("a", "a"), np.ones(2), np.ones(2), "min_max", "geometric")
