"""Identities that the finished warehouse must satisfy."""

import numpy as np


def test_weights_sum_to_one_within_each_index_and_scope(warehouse):
    sums = warehouse.frame(
        "select index_id, scope_year, sum(weight) as total from indices.fct_index_weights "
        "group by all having count(weight) > 0"
    )
    assert len(sums) >= 4
    np.testing.assert_allclose(sums["total"], 1, rtol=1e-12)


def test_dimension_weights_sum_to_one(warehouse):
    sums = warehouse.frame(
        "select index_id, scope_year, sum(dimension_weight) as total from "
        "(select distinct index_id, scope_year, dimension, dimension_weight "
        "from indices.fct_index_weights where dimension_weight is not null) group by all"
    )
    assert len(sums) >= 4
    np.testing.assert_allclose(sums["total"], 1, rtol=1e-12)


def test_scores_lie_in_the_unit_interval(warehouse):
    # Sums of z-scores have no bounds.
    unbounded = "normalization = 'z_score' and aggregation = 'weighted_sum'"
    bounds = warehouse.frame(
        "select min(score) as low, max(score) as high from ("
        "select index_id, score from indices.fct_index_scores "
        "union all select index_id, score from indices.fct_index_dimension_scores"
        f") join reference.index_definitions using (index_id) where not ({unbounded})"
    )
    assert (bounds["low"] >= 0).all()
    assert (bounds["high"] <= 1 + 1e-12).all()


def test_index_is_the_weighted_mean_of_its_dimensions(warehouse):
    gap = warehouse.value(
        "select max(abs(resi - mean)) from indices.fct_resilience join ("
        "  select city_code, year, sum(score * dimension_weight) as mean "
        "  from intermediate.int_index_dimension_scores where index_id = 'resi' group by all"
        ") using (city_code, year)"
    )
    assert gap < 1e-12


def test_factor_shares_sum_to_one_in_every_year(warehouse):
    sums = warehouse.frame(
        "select sum(output_share) as y, sum(capital_share) as k, sum(labour_share) as l "
        "from indices.fct_resource_misallocation group by year"
    )
    assert len(sums) >= 5
    np.testing.assert_allclose(sums, 1, rtol=1e-12)


def test_winsorized_variables_stay_inside_their_unwinsorized_range(warehouse):
    outside = warehouse.value(
        "select count(*) from panel.fct_estimation_panel as panel "
        "join panel.fct_city_years as raw using (city_code, year) "
        "where panel.vagg > (select max(vagg) from panel.fct_city_years) "
        "or (panel.vagg is null) <> (raw.vagg is null)"
    )
    assert outside == 0


def test_every_relation_says_where_its_data_come_from(warehouse, data_set):
    """Simulated numbers must say so wherever they travel."""
    origin = {"simulated": "simulated", "real": "supplied"}[data_set]
    relations = warehouse.relations("panel", "indices", "results")
    assert len(relations) > 15
    for relation in relations:
        found = warehouse.frame(f"select distinct data_origin from {relation}")["data_origin"]
        # One holds printed numbers against each other: no data enter.
        expected = "published" if relation == "results.rpt_published_checks" else origin
        assert set(found) <= {expected}, relation
