"""The study's results as relations: every specification answered, and tables that agree."""

import pytest
from support.warehouse import Warehouse


@pytest.fixture
def simulated(simulated_warehouse):
    return Warehouse(simulated_warehouse)


def test_simulated_data_carry_every_specification(simulated):
    refused = simulated.frame("from results.fct_model_fits where status <> 'estimated'")
    assert refused["spec_id"].tolist() == []


def test_real_data_answer_every_specification_or_say_why_not(real_warehouse):
    fits = Warehouse(real_warehouse).frame("select status, reason from results.fct_model_fits")
    assert set(fits["status"]) == {"estimated", "not_estimable"}
    assert fits.loc[fits["status"] == "not_estimable", "reason"].str.len().min() > 0


def test_group_differences_are_those_of_the_printed_columns(simulated):
    """Two columns of Table 4 less each other, by another engine than the columns'."""
    rows = simulated.frame("""
        select comparisons.column_id, differences.difference
        from results.fct_group_differences as differences
        inner join results.fct_model_fits as comparisons
            on differences.spec_id = comparisons.spec_id
        where differences.method = 'city_bootstrap'
    """)
    columns = simulated.frame("""
        select column_id, estimate from results.fct_coefficients
        where table_id = 'table_4' and term = 'vagg'
    """).set_index("column_id")["estimate"]
    assert len(rows) == 4
    for column_id, difference in zip(rows["column_id"], rows["difference"], strict=True):
        _, first, second = column_id.split("_")
        assert difference == pytest.approx(columns[first] - columns[second], rel=1e-7)


def test_indirect_effects_are_products_of_the_printed_steps(simulated):
    """Panel A of Tables 5 and 6: column 1 times column 2, by another engine than the columns'."""
    steps = simulated.frame("""
        select spec_id, estimate from results.fct_coefficients
        inner join results.fct_model_fits using (spec_id) where term = treatment
    """).set_index("spec_id")["estimate"]
    effects = simulated.frame("""
        select mediator, estimate from results.fct_indirect_effects where second_step = 'alone'
    """).set_index("mediator")["estimate"]
    for mediator, table in (("dist", "t5"), ("mp", "t6")):
        assert effects[mediator] == pytest.approx(
            steps[f"{table}_a1"] * steps[f"{table}_a2"], rel=1e-6
        )


def test_matching_brings_covariates_closer(simulated):
    bias = simulated.frame("""
        select stage, avg(abs(standardized_bias)) as bias from results.fct_covariate_balance
        where spec_id = 'psm_did_nearest' group by stage
    """).set_index("stage")["bias"]
    assert bias["after"] < 0.5 * bias["before"]


def test_the_event_study_has_its_window_and_base(simulated):
    points = simulated.frame("""
        select event_time, is_base, estimate from results.fct_event_study
        where spec_id = 'event_smart_city' and estimator = 'two_way_fixed_effects'
        order by event_time
    """)
    assert points["event_time"].tolist() == list(range(-4, 6))
    assert points.loc[points["is_base"], "event_time"].tolist() == [-1]
    assert points.loc[~points["is_base"], "estimate"].notna().all()


def test_printed_instrument_is_shown_nearly_absorbed(simulated):
    share = simulated.value("""
        select instrument_surviving_share from results.fct_model_fits where spec_id = 'iv_printed'
    """)
    assert 0 < share < 0.05


def test_every_published_coefficient_has_ours_beside_it(simulated):
    cells = simulated.frame("from results.rpt_replication")
    assert len(cells) == 42
    assert cells["estimate"].notna().all()
    # Calibrated by construction: the headline must agree in sign and lie near.
    headline = cells[(cells["table_id"] == "table_3") & (cells["column_id"] == "4")].iloc[0]
    assert headline["is_same_sign"]
    assert abs(headline["distance_in_std_errors"]) < 2
