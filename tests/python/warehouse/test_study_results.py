"""The study's results as relations: every specification answered, and tables that agree."""

import pytest

from support.panels import fit_spec
from support.warehouse import Warehouse
from urban_resilience.estimation.specs import parse_specs


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
    assert cells["form"].value_counts().to_dict() == {"printed": 42, "in words": 15}
    assert cells["estimate"].notna().all()
    # The paper states no unit of market potential: sign and stars can be compared, sizes cannot.
    without = cells["distance_in_std_errors"].isna() & (cells["form"] == "printed")
    potentials = ["mp", "lmp", "hmp"]
    unstated = cells["outcome"].isin(potentials) | cells["term"].isin(potentials)
    assert (without == unstated)[cells["form"] == "printed"].all()
    # Calibrated by construction: the headline must agree in sign and lie near.
    headline = cells[(cells["table_id"] == "table_3") & (cells["column_id"] == "4")].iloc[0]
    assert headline["is_same_sign"]
    assert abs(headline["distance_in_std_errors"]) < 2


def test_resampled_inference_starts_from_the_regressions_beside_it(simulated):
    """Estimate and clustered error by cross-products, and by the engine of the printed tables."""
    beside = {
        "rob_wild_province": "rob_cluster_province",
        "rob_jackknife_province": "rob_cluster_province",
        "rob_jackknife_city": "t3_4",
        "rob_bootstrap_city": "t3_4",
        "rob_placebo": "t3_4",
        "did_smart_city_placebo": "did_smart_city_listed_excluded",
        "did_broadband_china_placebo": "did_broadband_china_listed_excluded",
        "did_low_carbon_city_placebo": "did_low_carbon_city_listed_excluded",
    }
    rows = simulated.frame("from results.fct_resampled_inference where method = 'cluster_t'")
    fits = simulated.frame("""
        select coefficients.* from results.fct_coefficients as coefficients
        inner join results.fct_model_fits as fits using (spec_id) where term = fits.treatment
    """).set_index("spec_id")
    assert set(rows["spec_id"]) == set(beside)
    for row in rows.itertuples():
        expected = fits.loc[beside[row.spec_id]]
        assert row.estimate == pytest.approx(expected["estimate"], rel=1e-7)
        assert row.std_error == pytest.approx(expected["std_error"], rel=1e-6)


def test_placebo_draws_give_the_p_value_beside_them(simulated):
    rows = simulated.frame("""
        select
            inference.spec_id,
            any_value(inference.p_two_sided) as p_value,
            count(*) filter (where abs(draws.estimate) >= abs(inference.estimate)) as beyond,
            count(draws.estimate) as draws
        from results.fct_resampled_inference as inference
        inner join results.fct_placebo_draws as draws using (spec_id)
        where inference.method = 'placebo' group by inference.spec_id
    """)
    assert len(rows) == 4
    assert (rows["p_value"] - (1 + rows["beyond"]) / (1 + rows["draws"])).abs().max() < 1e-12


def test_draws_of_group_differences_give_the_p_values_beside_them(simulated):
    rows = simulated.frame("""
        select
            differences.spec_id,
            differences.method,
            any_value(differences.p_two_sided) as p_value,
            any_value(differences.p_greater) as p_greater,
            count(*) filter (where abs(draws.difference) >= abs(differences.difference)) as beyond,
            count(*) filter (where draws.difference >= differences.difference) as above,
            count(draws.difference) as draws,
            any_value(differences.draws - differences.failed_draws) as valid
        from results.fct_group_differences as differences
        inner join results.fct_group_difference_draws as draws using (spec_id, method)
        group by all
    """)
    assert len(rows) == 4 * 4
    assert (rows["draws"] == rows["valid"]).all()
    assert (rows["p_value"] - (1 + rows["beyond"]) / (1 + rows["draws"])).abs().max() < 1e-12
    assert (rows["p_greater"] - (1 + rows["above"]) / (1 + rows["draws"])).abs().max() < 1e-12


def test_rotemberg_weights_take_the_unwinsorized_variable_apart(simulated):
    panel = simulated.frame("""
        select panel.* exclude (dsp), penetration.dsp
        from panel.fct_estimation_panel as panel
        left join indices.fct_digital_service_penetration as penetration using (city_code, year)
    """)
    spec = parse_specs(simulated.frame("from reference.regression_specs where spec_id = 'rob_dsp'"))
    whole = fit_spec(spec[0], panel).coefficients[0].estimate
    weights = simulated.frame("from results.fct_rotemberg_weights")
    assert weights["estimate"].iloc[0] == pytest.approx(whole, rel=1e-6)
    assert weights["contribution"].sum() == pytest.approx(whole, rel=1e-6)


def test_province_effects_are_shown_to_change_nothing(simulated):
    lines = simulated.frame("from results.rpt_robustness").set_index("spec_id")
    told = lines["remark"].fillna("").str.contains("effects of province change nothing")
    assert list(told[told].index) == ["rob_province"]
    headline = simulated.value("""
        select estimate from results.fct_coefficients where spec_id = 't3_4' and term = 'vagg'
    """)
    assert lines.loc["rob_province", "estimate"] == pytest.approx(headline, rel=1e-8)


def test_printed_instrument_is_a_dummy_in_disguise(simulated):
    """After two-way effects ln(1 + m U) is 1[m > 0] ln U: the count itself is absorbed."""
    rows = simulated.frame("""
        select
            instruments.city_code,
            instruments.year,
            instruments.iv,
            (base_year_members > 0)::int * ln(internet_users_million * 100) as disguise
        from intermediate.int_instruments as instruments
        inner join panel.fct_estimation_panel using (city_code, year)
        where instruments.iv is not null
    """)
    keys = rows[["iv", "disguise"]]
    for key in ("city_code", "year"):
        # The panel of instruments is balanced: one pass over each effect is exact.
        keys = keys - keys.groupby(rows[key]).transform("mean")
    assert keys.std().min() > 0
    assert keys.corr().iloc[0, 1] ** 2 > 0.999


def test_slips_of_the_print_are_found_by_arithmetic(simulated):
    found = simulated.frame("from results.rpt_published_checks where not is_consistent")
    assert set(zip(found["table_id"], found["column_id"], found["check_id"], strict=True)) == {
        ("table_4", "4", "stars"),
        ("table_4", "1", "difference_is_two_sided"),
        ("table_4", "3", "difference_is_two_sided"),
        ("table_5", "B2", "weighted_average"),
        ("table_5", "B2", "std_error_of_average"),
        ("table_5", "C2", "std_error_of_average"),
        ("table_6", "A1", "sum_of_parts"),
    }
    beside = simulated.frame("from results.rpt_replication where slips is not null")
    assert len(beside) == 6


def test_table_4_prints_the_p_values_of_its_differences(simulated):
    printed = simulated.frame("""
        select row_label, column_1, column_2 from results.rpt_table_4
        where row_label like 'p of the difference%'
    """)
    p_value = simulated.value("""
        select least(p_greater, p_less) from results.fct_group_differences
        where spec_id = 'diff_old_industrial' and method = 'row_bootstrap'
    """)
    assert len(printed) == 4
    assert float(printed["column_1"].iloc[0].rstrip("*")) == pytest.approx(p_value, abs=5e-4)
    assert printed["column_2"].isna().all()


def test_the_specification_curve_runs_from_no_controls_to_all(simulated):
    """Its ends are columns 2 and 4 of Table 3, by another engine than the columns'."""
    curve = simulated.frame("""
        select * from results.fct_specification_curve where spec_id = 'curve_vagg'
    """).set_index("n_controls")
    printed = simulated.frame("""
        select * from results.fct_coefficients where table_id = 'table_3' and term = 'vagg'
    """).set_index("column_id")
    assert len(curve) == 2**6
    for n_controls, column in ((0, "2"), (6, "4")):
        for name in ("estimate", "std_error", "p_value"):
            expected = printed.loc[column, name]
            assert curve.loc[n_controls, name] == pytest.approx(expected, rel=1e-7)
    ends = simulated.frame("""
        select * from results.fct_omitted_variables where spec_id = 'curve_vagg'
    """)
    assert ends["short_estimate"].iloc[0] == pytest.approx(printed.loc["2", "estimate"], rel=1e-7)
    assert ends["long_estimate"].iloc[0] == pytest.approx(printed.loc["4", "estimate"], rel=1e-7)


def test_the_matched_sample_can_be_queried(simulated):
    """Weights joined to the panel give the cities and the rows of the fit."""
    rows = simulated.frame("""
        select
            units.spec_id,
            any_value(fits.n_obs) as n_obs,
            any_value(fits.n_clusters) as n_clusters,
            count(*) as found_rows,
            count(distinct units.city_code) as found_cities
        from results.fct_matched_units as units
        inner join results.fct_model_fits as fits using (spec_id)
        inner join panel.fct_estimation_panel as panel
            on units.city_code = panel.city_code and panel.is_estimation_sample
            and coalesce(units.year, panel.year) = panel.year
        where units.matching_weight > 0 group by units.spec_id
    """).set_index("spec_id")
    assert len(rows) == 7
    for spec_id in ("psm_did_nearest", "psm_did_four_nearest", "psm_did_kernel"):
        assert rows.loc[spec_id, "found_cities"] == rows.loc[spec_id, "n_clusters"]
        assert rows.loc[spec_id, "found_rows"] == rows.loc[spec_id, "n_obs"]
