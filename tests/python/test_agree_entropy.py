"""Every index of seed index_definitions: weights, bounds, dimension scores, scores and ranks."""

import numpy as np
import pandas as pd
import pytest
from support.study import seed
from support.warehouse import assert_close

from urban_resilience.formulas.entropy_index import min_max, shannon_entropy

INDICES = seed("index_definitions").set_index("index_id").to_dict("index")


def definition(index_id: str) -> tuple[dict, pd.DataFrame]:
    """The row of the index and the rows of its indicators."""
    row = INDICES[index_id]
    indicators = seed("resilience_indicators").query("indicator_set == @row['indicator_set']")
    return row, indicators.set_index("indicator_id")


def weigh(values, directions, zero_shift):
    """Entropy, divergence and min-max scores; a constant column has no weight."""
    scores = min_max(values, directions)
    entropy = shannon_entropy(scores + zero_shift)
    varies = values.max(axis=0) > values.min(axis=0)
    return np.where(varies, entropy, np.nan), np.where(varies, 1 - entropy, 0), scores


def expected_tables(study, index_id):
    """Weights by scope and indicator, scores by city-year and dimension, all by hand."""
    row, indicators = definition(index_id)
    names = [name for name in indicators.index if name in study.used]
    sign = np.where(indicators.loc[names, f"direction_{row['direction']}"] == "positive", 1, -1)
    dimensions = indicators.loc[names, "dimension"].to_numpy()
    cube = np.stack([study.of_kept(study.indicators[name]) for name in names], axis=-1)
    complete = np.isfinite(cube).all(axis=-1)
    cities, years = np.nonzero(complete)
    scopes = years if row["scope"] == "by_year" else np.full(years.size, -1)
    weights, scores = [], []
    for scope in np.unique(scopes):
        inside = scopes == scope
        values = cube[cities[inside], years[inside]]
        entropy, divergence, normalized = weigh(values, sign, float(row["zero_shift"]))
        for position, name in enumerate(names):
            peers = dimensions == dimensions[position]
            weights.append(
                {
                    "scope_year": study.kept_axes.years[scope] if scope >= 0 else -1,
                    "indicator_id": name,
                    "city_years": int(inside.sum()),
                    "lower_bound": values[:, position].min(),
                    "upper_bound": values[:, position].max(),
                    "entropy": entropy[position],
                    "divergence": divergence[position],
                    "weight": divergence[position] / divergence.sum(),
                    "weight_in_dimension": divergence[position] / divergence[peers].sum(),
                    "dimension_weight": divergence[peers].sum() / divergence.sum(),
                }
            )
        for dimension in dict.fromkeys(dimensions):
            peers = dimensions == dimension
            within = divergence[peers] / divergence[peers].sum()
            scores.append(
                pd.DataFrame(
                    {
                        "city_code": np.asarray(study.kept_axes.city_codes)[cities[inside]],
                        "year": np.asarray(study.kept_axes.years)[years[inside]],
                        "dimension": dimension,
                        "score": (normalized[:, peers] * within).sum(axis=1),
                        "dimension_weight": divergence[peers].sum() / divergence.sum(),
                    }
                )
            )
    return pd.DataFrame(weights), pd.concat(scores, ignore_index=True)


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
        f"select * from intermediate.int_index_dimension_scores where index_id = '{index_id}'"
    ).set_index(keys)
    assert set(actual.index) == set(expected.index)
    actual = actual.loc[expected.index]
    for column in ("score", "dimension_weight"):
        assert_close(actual[column].to_numpy(float), expected[column].to_numpy(float), column)


def test_scores_and_ranks(study, warehouse, index_id):
    dimensions = expected_tables(study, index_id)[1]
    dimensions["part"] = dimensions["score"] * dimensions["dimension_weight"]
    expected = dimensions.groupby(["city_code", "year"])["part"].sum()
    actual = warehouse.frame(
        f"select * from indices.fct_index_scores where index_id = '{index_id}'"
    ).set_index(["city_code", "year"])
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
