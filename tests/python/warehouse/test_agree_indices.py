"""Every index of seed index_definitions: weights, bounds, dimension scores, scores and ranks."""

import numpy as np
import pytest

from support.expected_indices import INDICES, definition, expected_tables
from support.warehouse import assert_close


@pytest.fixture(params=sorted(INDICES))
def index_id(request, study):
    if not set(definition(request.param)[1].index) & set(study.used):
        pytest.skip(f"none of the indicators of {request.param} is in this data set")
    return request.param


def test_weights(study, warehouse, index_id):
    expected = expected_tables(study, index_id)[0].set_index(["scope_year", "indicator_id"])
    actual = warehouse.frame(
        "select * replace (coalesce(scope_year, -1) as scope_year) from indices.fct_index_weights "
        f"where index_id = '{index_id}' and is_used"
    ).set_index(["scope_year", "indicator_id"])
    assert set(actual.index) == set(expected.index)
    actual = actual.loc[expected.index]
    for column in expected.columns:
        assert_close(actual[column].to_numpy(float), expected[column].to_numpy(float), column)


def test_dimension_scores(study, warehouse, index_id):
    keys = ["city_code", "year", "dimension"]
    expected = expected_tables(study, index_id)[1].set_index(keys).sort_index()
    actual = warehouse.frame(
        f"select * from indices.fct_index_dimension_scores where index_id = '{index_id}'"
    ).set_index(keys)
    assert set(actual.index) == set(expected.index)
    actual = actual.loc[expected.index]
    for column in ("score", "dimension_weight"):
        assert_close(actual[column].to_numpy(float), expected[column].to_numpy(float), column)


def test_scores_and_ranks(study, warehouse, index_id):
    keys = ["city_code", "year"]
    expected = expected_tables(study, index_id)[2].set_index(keys)["score"].sort_index()
    actual = warehouse.frame(
        f"select * from indices.fct_index_scores where index_id = '{index_id}'"
    ).set_index(keys)
    assert set(actual.index) == set(expected.index)
    actual = actual.loc[expected.index]
    assert_close(actual["score"].to_numpy(), expected.to_numpy())
    # Ranked on the warehouse's own scores: rounding must not decide between near ties.
    ranks = actual.groupby("year")["score"].rank(method="min", ascending=False)
    np.testing.assert_array_equal(actual["rank_in_year"], ranks)


def test_resilience_mart_is_the_primary_index(study, warehouse):
    expected = expected_tables(study, "resi")[1]
    wide = expected.pivot(index=["city_code", "year"], columns="dimension", values="score")
    parts = expected.assign(part=expected["score"] * expected["dimension_weight"])
    wide["resi"] = parts.groupby(["city_code", "year"])["part"].sum()
    actual = warehouse.frame("select * from indices.fct_resilience")
    actual = actual.set_index(["city_code", "year"]).loc[wide.index]
    for column in wide.columns:
        assert_close(actual[column].to_numpy(float), wide[column].to_numpy(float), column)
    ranks = actual.groupby("year")["resi"].rank(method="min", ascending=False)
    np.testing.assert_array_equal(actual["rank_in_year"], ranks)
