"""Every weighting, normalization and aggregation, in both scopes: the SQL against NumPy."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from support.index_sql import index_rows, index_tables, member_rows, model_tables
from urban_resilience.formulas.composite_index import composite_index, proportions

WEIGHTINGS = ("entropy", "equal", "given", "critic", "pca", "cv")
NORMALIZATIONS = ("min_max", "z_score", "rank")
AGGREGATIONS = ("weighted_sum", "geometric", "topsis")
SCOPES = ("pooled", "by_year")
FLOOR = 0.05
INDICATORS = ("alpha", "beta", "gamma", "delta", "constant", "epsilon")
MEMBERS = member_rows(
    {"indicator_id": "alpha", "given_weight": 3.0},
    {"indicator_id": "beta", "given_weight": 1.5, "direction_used": "negative"},
    {"indicator_id": "gamma", "given_weight": 0.0, "dimension": "second"},
    {"indicator_id": "delta", "given_weight": 2.0, "dimension": "second"},
    {"indicator_id": "constant", "given_weight": 5.0, "dimension": "third"},
    {"indicator_id": "epsilon", "given_weight": 4.0, "direction_used": "negative"},
)
# Weights know nothing of how scores are normalized and put together: no need of every product.
CHOICES = [{"weighting": w, "scope": s} for w, s in product(WEIGHTINGS, SCOPES)]
CHOICES += [
    {"weighting": "cv", "normalization": n, "aggregation": a, "scope": s}
    | ({"score_floor": FLOOR} if a == "geometric" else {})
    for n, a, s in product(NORMALIZATIONS, AGGREGATIONS, SCOPES)
    if (a, n) != ("geometric", "z_score")
]
SHIFTED = {"weighting": "entropy", "zero_shift": 0.001}
PRINTED = {"weighting": "critic", "direction": "as_printed"}
INDICES = index_rows(*CHOICES, SHIFTED, PRINTED)


@pytest.fixture(scope="module")
def population():
    """Fifteen cities in four years: skewed, tied and correlated indicators, in no order."""
    rng = np.random.default_rng(7)
    keys = pd.MultiIndex.from_product([[f"c{n:02}" for n in range(15)], range(2010, 2014)])
    rows = keys.to_frame(index=False, name=["city_code", "year"])
    n = len(rows)
    rows["alpha"] = np.exp(rng.normal(size=n))
    # Ties but for the last digits.
    rows["beta"] = rng.integers(0, 5, n) * (1 + 1e-14 * rng.integers(-2, 3, n))
    rows["gamma"] = rows["alpha"] + rng.normal(size=n)
    rows["delta"] = -rows["gamma"] + 3 * rng.normal(size=n)
    rows["constant"] = 7.0
    rows["epsilon"] = rng.normal(1e6, 1e3, n)
    rows["unused"] = np.where(rng.random(n) < 0.5, np.nan, 1.0)
    return rows.sample(frac=1, random_state=3)


@pytest.fixture(scope="module")
def tables(population):
    members = [*MEMBERS, *member_rows({"indicator_id": "unused", "given_weight": 9.0})]
    return index_tables(population, members, INDICES, unused=["unused"])


def expected(population, row):
    """Weights by scope year and indicator, the computed index by scope, all by NumPy."""
    for year, rows in scopes(population, row["scope"]):
        values = rows[list(INDICATORS)].to_numpy()
        key = f"direction_{row['direction']}"
        signs = np.array([1 if member[key] == "positive" else -1 for member in MEMBERS])
        given = np.array([member["given_weight"] for member in MEMBERS])
        found = proportions(values, signs, row["weighting"], given, row["zero_shift"])
        dimensions = tuple(member["dimension"] for member in MEMBERS)
        how = (row["normalization"], row["aggregation"], row["score_floor"])
        yield year, rows, found, composite_index(values, dimensions, signs, found, *how)


def scopes(population, scope):
    return population.groupby("year") if scope == "by_year" else [(-1, population)]


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_weights_and_scores_are_those_of_numpy(tables, population, weighting):
    weights, parts, scores = tables.values()
    keys = ["index_id", "scope_year", "indicator_id"]
    weights = weights.fillna({"scope_year": -1}).set_index(keys).sort_index()
    parts = parts.set_index(["index_id", "dimension", "city_code", "year"]).sort_index()
    scores = scores.set_index(["index_id", "city_code", "year"]).sort_index()
    for row in (row for row in INDICES if row["weighting"] == weighting):
        name = row["index_id"]
        assert len(scores.loc[name]) == len(population)
        for year, rows, found, index in expected(population, row):
            of_scope = weights.loc[(name, year)].loc[list(INDICATORS)]
            close(of_scope["proportion"], found)
            close(of_scope["weight"], index.weight)
            keys = pd.MultiIndex.from_frame(rows[["city_code", "year"]])
            close(scores.loc[name, "score"].reindex(keys), index.index)
            for place, dimension in enumerate(index.dimensions):
                part = parts.loc[(name, dimension)].reindex(keys)
                weight = np.full(len(rows), index.dimension_weight[place])
                close(part["dimension_weight"], weight)
                close(part["score"], index.dimension_score[:, place])


def close(actual, wanted):
    np.testing.assert_allclose(actual.to_numpy(float), wanted, rtol=1e-11, atol=1e-13)


def test_what_is_unused_or_does_not_vary_weighs_nothing(tables):
    weights = tables["int_index_weights"].set_index("indicator_id")
    assert (weights.loc[["unused", "constant"], "weight"] == 0).all()
    assert (weights.loc["constant", "obstacle"] == "no variation: weight 0").all()
    assert weights.loc["unused", "obstacle"].isna().all()
    given = weights[weights["obstacle"] == "given weight 0"]
    assert set(given.index) == {"gamma"}


def test_a_study_without_indices_has_no_weights_and_no_scores(population):
    for table in index_tables(population, [], []).values():
        assert table.empty


def test_a_study_without_indicators_has_no_coverage_and_no_population(population):
    given = {
        "int_indicators_computed": population[["city_code", "year"]],
        "int_sample_decisions": population[["city_code"]].drop_duplicates().assign(is_kept=True),
        "resilience_indicators": pd.DataFrame(columns=["indicator_id"]),
        "index_indicators": pd.DataFrame(columns=["indicator_id"]),
        "index_definitions": pd.DataFrame(columns=["index_id"]),
    }
    models = ("int_indicator_coverage", "int_index_population", "fct_indicator_values")
    found = model_tables(
        models, given, indicators=[], index_indicators=[], check_index_rows="",
        data_origin="'supplied'", in_study_years="true",
        setting=0.8, coverage_limit=0.8,
    )  # fmt: skip
    for model, table in found.items():
        assert table.empty, model
    assert list(found["int_index_population"].columns) == ["indicator_set", "city_code", "year"]
