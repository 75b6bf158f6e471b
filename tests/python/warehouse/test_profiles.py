"""Profiles of what was built: against NumPy, and against a published build known to differ."""

import json

import numpy as np
import pytest

from support.dbt import run_dbt
from support.warehouse import Warehouse

GATES = ("dq_indices", "dq_panel", "dq_results")
# Apart: a gate that fails skips whatever is behind it.
COMPARED = (
    ("int_index_weights_compared", "dq_indices", "fct_variable_profiles", "dq_panel"),
    ("int_coefficients_compared", "int_fits_compared", "dq_results"),
)
PUBLISHED = (
    "quality.fct_variable_profiles",
    "indices.fct_index_weights",
    "results.fct_coefficients",
    "results.fct_model_fits",
)


def test_variable_profiles_are_those_of_numpy(warehouse):
    profiles = warehouse.frame("select * from quality.fct_variable_profiles")
    panel = warehouse.frame(
        "select * from panel.fct_city_years where is_sampled_city and year between 2008 and 2019"
    )
    for row in profiles.sample(40, random_state=1).itertuples():
        values = panel.loc[panel["year"] == row.year, row.variable].dropna().to_numpy(float)
        assert row.n_values == len(values)
        if len(values):
            np.testing.assert_allclose(row.mean, values.mean(), rtol=1e-9)
            tenths = np.quantile(values, np.arange(1, 10) / 10)
            np.testing.assert_allclose(row.deciles, tenths, rtol=1e-9, atol=1e-12)
        if len(values) > 1:
            np.testing.assert_allclose(row.standard_deviation, values.std(ddof=1), rtol=1e-9)


def test_raw_profiles_count_what_is_staged(warehouse):
    profiles = warehouse.frame(
        "select * from quality.fct_raw_profiles where table_name = 'city_yearbook' and n_rows > 0"
    )
    yearbook = warehouse.frame("select * from staging.stg_yearbook__city_years")
    auxiliary = warehouse.frame("from reference.raw_columns where is_auxiliary")["column_name"]
    # What others may be derived from is missed nowhere.
    absent = {name for name in auxiliary if yearbook[name].isna().all()}
    assert set(profiles["column_name"]) == set(yearbook.columns) - absent
    numbers = profiles[profiles["median_value"].notna()].sample(60, random_state=1)
    for row in numbers.itertuples():
        values = yearbook.loc[yearbook["year"] == row.year, row.column_name]
        assert (row.n_rows, row.n_values) == (len(values), values.count())
        np.testing.assert_allclose(row.median_value, values.median(), rtol=1e-12)
    assert (profiles["status"] == "not compared").all()


@pytest.fixture(scope="module")
def moved(simulated_run, simulated_raw, tmp_path_factory):
    """The gates again, as if something else had been published: a dict of relations, and status."""
    workspace = tmp_path_factory.mktemp("moved")
    copy = simulated_run.copied_to(workspace)
    published = {name: Warehouse(copy).frame(f"select * from {name}") for name in PUBLISHED}
    profiles = published["quality.fct_variable_profiles"]
    wage = (profiles["variable"] == "wage") & (profiles["year"] == 2010)
    shift = 2 * profiles.loc[wage, "standard_deviation"].item()
    profiles.loc[wage, "mean"] -= shift
    profiles["deciles"] = [
        list(np.array(deciles) - shift * is_wage)
        for deciles, is_wage in zip(profiles["deciles"], wage, strict=True)
    ]
    edu = (profiles["variable"] == "edu") & (profiles["year"] == 2012)
    profiles.loc[edu, "n_values"] *= 2
    weights = published["indices.fct_index_weights"]
    patents = (weights["index_id"] == "resi") & (weights["indicator_id"] == "patents_per_capita")
    weights.loc[patents, "weight"] += 0.1
    coefficients = published["results.fct_coefficients"]
    headline = (coefficients["spec_id"] == "t3_4") & (coefficients["term"] == "vagg")
    coefficients.loc[headline, "estimate"] += 10 * coefficients.loc[headline, "std_error"]
    marts = workspace / "marts"
    marts.mkdir()
    for name, rows in published.items():
        rows.to_parquet(marts / f"{name}.parquet", index=False)
    for selected in COMPARED:
        run = run_dbt(
            *("build", "--select", *selected, "--indirect-selection", "cautious"),
            *("--exclude-resource-type", "unit_test"),
            raw=simulated_raw,
            workspace=workspace,
            check=False,
            variables={"PUBLISHED_MARTS_DIR": str(marts)},
        )
        assert run.returncode == 1
    warehouse = Warehouse(run.warehouse)
    not_met = {
        row.expectation_id: row
        for gate in GATES
        for row in warehouse.frame(f"select * from intermediate.{gate}").itertuples()
        if not row.success and row.kind == "drift"
    }
    return warehouse, not_met


def rows_behind(expectation):
    return json.loads(expectation.offending_rows)


def test_a_mean_two_deviations_away_stops_the_panel(moved):
    warehouse, not_met = moved
    profile = warehouse.frame(
        "select * from quality.fct_variable_profiles where variable = 'wage' and year = 2010"
    ).iloc[0]
    assert profile["mean_shift_sd"] == pytest.approx(2)
    assert profile["largest_decile_shift_sd"] == pytest.approx(2)
    assert not_met["means_do_not_jump"].severity == "error"
    assert [row["variable"] for row in rows_behind(not_met["means_do_not_jump"])] == ["wage"]
    assert [row["variable"] for row in rows_behind(not_met["distributions_do_not_jump"])] == [
        "wage"
    ]


def test_half_of_the_values_gone_stops_the_panel(moved):
    _, not_met = moved
    (row,) = rows_behind(not_met["variables_keep_their_values"])
    assert (row["variable"], row["year"]) == ("edu", 2012)
    assert row["share_lost"] == pytest.approx(0.5, abs=0.01)


def test_a_weight_that_moved_a_little_warns(moved):
    _, not_met = moved
    assert not_met["weights_are_as_published"].severity == "warn"
    (row,) = rows_behind(not_met["weights_are_as_published"])
    assert row["indicator_id"] == "patents_per_capita"
    assert row["weight_change"] == pytest.approx(0.1)
    assert "weights_do_not_jump" not in not_met


def test_a_headline_ten_standard_errors_away_stops_the_tables(moved):
    _, not_met = moved
    (row,) = rows_behind(not_met["coefficients_do_not_jump"])
    assert (row["spec_id"], row["term"]) == ("t3_4", "vagg")
    assert row["change_in_std_errors"] == pytest.approx(10)


def test_nothing_else_is_said_to_have_moved(moved):
    _, not_met = moved
    assert set(not_met) == {
        "coefficients_do_not_jump",
        "coefficients_stay",
        "distributions_do_not_jump",
        "distributions_stay",
        "means_do_not_jump",
        "means_stay",
        "variables_keep_their_values",
        "variables_lose_nothing",
        "weights_are_as_published",
    }
