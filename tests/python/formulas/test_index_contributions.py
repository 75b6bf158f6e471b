"""What indicators add to an index: sums to the score, and its changes sum too, as NumPy says."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from support.index_sql import index_rows, member_rows, model_tables
from urban_resilience.formulas.composite_index import normalized_scores

INDICATORS = ("alpha", "beta", "gamma", "constant")
MEMBERS = member_rows(
    {"indicator_id": "alpha"},
    {"indicator_id": "beta", "direction_used": "negative"},
    {"indicator_id": "gamma", "dimension": "second"},
    {"indicator_id": "constant", "dimension": "third"},
)
INDICES = index_rows(
    *[
        {"weighting": w, "normalization": n, "scope": s}
        for w, n, s in product(
            ("entropy", "equal"), ("min_max", "z_score", "rank"), ("pooled", "by_year")
        )
    ],
    {"aggregation": "geometric", "score_floor": 0.05},
    {"aggregation": "topsis"},
)
ADDITIVE = [row for row in INDICES if row["aggregation"] == "weighted_sum"]
KEYS = ["index_id", "city_code", "indicator_id", "year"]


@pytest.fixture(scope="module")
def population():
    """Twelve cities in five years; one lacks a year, one is no place that has a name."""
    rng = np.random.default_rng(11)
    keys = pd.MultiIndex.from_product([[f"c{n:02}" for n in range(12)], range(2010, 2015)])
    rows = keys.to_frame(index=False, name=["city_code", "year"])
    rows["alpha"] = np.exp(rng.normal(size=len(rows))) * (rows["year"] - 2005)
    rows["beta"] = rng.integers(0, 5, len(rows)).astype(float)
    rows["gamma"] = rows["alpha"] + rng.normal(size=len(rows))
    rows["constant"] = 7.0
    rows["unused"] = np.nan
    gap = (rows["city_code"] == "c03") & (rows["year"] == 2012)
    return rows[~gap].sample(frac=1, random_state=3).reset_index(drop=True)


@pytest.fixture(scope="module")
def tables(population):
    members = [*MEMBERS, *member_rows({"indicator_id": "unused"})]
    names = [member["indicator_id"] for member in members]
    long = population.melt(["city_code", "year"], var_name="indicator_id", value_name="value")
    cities = [city for city in population["city_code"].unique() if city != "c05"]
    given = {
        "int_index_population": pd.DataFrame({"indicator_set": "toys"} | dict(population.items())),
        "int_indicator_coverage": pd.DataFrame(
            {"indicator_id": names, "is_used": [name != "unused" for name in names]}
        ),
        "index_definitions": pd.DataFrame(INDICES),
        "resilience_indicators": pd.DataFrame(
            {"indicator_id": names, "name_en": names, "name_zh": "指标"}
        ),
        "fct_indicator_values": long,
        "dim_cities": pd.DataFrame(
            {"city_code": cities, "city_name_en": "Town", "city_name_zh": "城", "province": "P"}
        ),
    }
    models = ("int_index_weights", "int_index_scores", "fct_index_contributions")
    return model_tables(
        models, given, indices=INDICES, index_indicators=members, data_origin="'supplied'"
    )


@pytest.fixture(scope="module")
def contributions(tables):
    return tables["fct_index_contributions"]


def test_there_is_a_row_for_every_used_indicator_and_no_other(contributions, population):
    assert len(contributions) == len(INDICES) * len(population) * len(INDICATORS)
    assert not contributions.duplicated(KEYS).any()
    assert set(contributions["indicator_id"]) == set(INDICATORS)
    named = contributions.groupby("city_code")["city_name_en"].count() > 0
    assert not named["c05"] and named.drop("c05").all()


@pytest.mark.parametrize("index", ADDITIVE, ids=lambda row: row["index_id"])
def test_contributions_are_those_of_numpy_and_sum_to_the_score(tables, population, index):
    weights, scores, contributions = tables.values()
    own = contributions[contributions["index_id"] == index["index_id"]]
    weights = weights[weights["index_id"] == index["index_id"]].fillna({"scope_year": -1})
    weights = weights.set_index(["scope_year", "indicator_id"])["weight"]
    by_year = index["scope"] == "by_year"
    for year, rows in population.groupby("year") if by_year else [(-1, population)]:
        signs = np.array([-1 if name == "beta" else 1 for name in INDICATORS])
        score = normalized_scores(rows[list(INDICATORS)].to_numpy(), signs, index["normalization"])
        weight = weights.loc[year].loc[list(INDICATORS)].to_numpy()
        found = own[own["year"].isin(rows["year"])] if by_year else own
        keys = pd.MultiIndex.from_frame(rows[["city_code", "year"]])
        wide = found.pivot(
            index=["city_code", "year"], columns="indicator_id", values="contribution"
        )
        wide = wide.loc[keys, list(INDICATORS)]
        np.testing.assert_allclose(wide, score * weight, rtol=1e-11, atol=1e-13)
        of_index = scores[scores["index_id"] == index["index_id"]].set_index(["city_code", "year"])
        np.testing.assert_allclose(wide.sum(axis=1), of_index["score"].loc[keys], atol=1e-12)


def test_changes_are_explained_by_their_two_causes(contributions):
    rows = contributions[contributions["split"].str.startswith("additive")].set_index(KEYS)
    before = rows.copy()
    before.index = before.index.set_levels(before.index.levels[3] + 1, level=3)
    before = before.reindex(rows.index)
    # The Shapley value of a product: the mean over both orders in which the causes may come.
    score_first = before["weight"] * (rows["score"] - before["score"])
    score_last = rows["weight"] * (rows["score"] - before["score"])
    weight_first = before["score"] * (rows["weight"] - before["weight"])
    weight_last = rows["score"] * (rows["weight"] - before["weight"])
    for found, wanted in (
        ("contribution_change", rows["contribution"] - before["contribution"]),
        ("change_by_score", (score_first + score_last) / 2),
        ("change_by_weight", (weight_first + weight_last) / 2),
    ):
        np.testing.assert_allclose(rows[found], wanted, rtol=1e-9, atol=1e-14)
    parts = rows["change_by_score"] + rows["change_by_weight"]
    np.testing.assert_allclose(parts, rows["contribution_change"], atol=1e-12)
    # The first year, and the one after a gap, have none to compare with.
    missing = rows["contribution_change"].isna().groupby(["city_code", "year"]).all()
    assert set(missing[missing].index) == {
        *[(city, 2010) for city in contributions["city_code"].unique()], ("c03", 2013),
    }  # fmt: skip


def test_weights_cause_a_change_only_where_they_change(contributions):
    by_scope = {row["index_id"]: row["scope"] for row in ADDITIVE if row["weighting"] == "entropy"}
    own = contributions[contributions["index_id"].isin(list(by_scope))]
    moved = own["change_by_weight"].abs().groupby(own["index_id"]).max()
    for index_id, scope in by_scope.items():
        assert (moved[index_id] > 1e-6) == (scope == "by_year")


@pytest.mark.parametrize(
    ("aggregation", "word"), [("geometric", "product"), ("topsis", "distances")]
)
def test_where_there_is_no_split_words_say_why(contributions, aggregation, word):
    index_id = next(row["index_id"] for row in INDICES if row["aggregation"] == aggregation)
    own = contributions[contributions["index_id"] == index_id]
    assert own["contribution"].isna().all() and own["contribution_change"].isna().all()
    assert own["score"].notna().all() and own["weight"].notna().all()
    assert own["split"].str.contains(f"no additive split.*{word}").all()


def test_a_study_without_indices_has_no_contributions(population):
    given = {
        "int_index_population": population,
        "int_indicator_coverage": pd.DataFrame({"indicator_id": ["a"], "is_used": [True]}),
        "index_definitions": pd.DataFrame({"index_id": ["a"], "aggregation": ["x"]}).iloc[:0],
        "resilience_indicators": pd.DataFrame(
            {"indicator_id": ["a"], "name_en": ["a"], "name_zh": ["a"]}
        ),
        "fct_indicator_values": pd.DataFrame(
            {"city_code": ["a"], "year": [2010], "indicator_id": ["a"], "value": [1.0]}
        ),
        "dim_cities": pd.DataFrame(
            {"city_code": ["a"], "city_name_en": ["A"], "city_name_zh": ["A"], "province": ["P"]}
        ),
    }
    models = ("int_index_weights", "fct_index_contributions")
    found = model_tables(
        models, given, indices=[], index_indicators=[], data_origin="'supplied'"
    )  # fmt: skip
    assert found["fct_index_contributions"].empty
