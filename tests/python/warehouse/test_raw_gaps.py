"""Whatever optional is absent or empty: the build completes and says what it could not compute."""

import numpy as np
import pandas as pd
import pytest

from support.dbt import run_dbt
from support.raw import save
from support.warehouse import Warehouse

pytestmark = pytest.mark.slow

OPTIONAL = {
    "platform_members",
    "platform_member_counts",
    "input_output_flows",
    "industry_output",
    "economic_census_employment",
    "national_series",
    "policy_pilots",
}


def series_of(files):
    keys = ["city_code", "city_name_zh", "year"]
    return list(files["city_yearbook"].columns.difference(keys, sort=False))


def emptied(files, columns):
    """Leave every second of the columns out of the file, the others there without values."""
    yearbook = files["city_yearbook"].assign(**{name: np.nan for name in columns})
    return {**files, "city_yearbook": yearbook.drop(columns=columns[::2])}


@pytest.fixture(scope="module")
def built(small_files, tmp_path_factory):
    """Full builds of three poor raw folders, with dbt's tests of the data."""
    series = series_of(small_files)
    poor = {
        "yearbook_only": {"city_yearbook": small_files["city_yearbook"]},
        # Between them the last two empty each series of the yearbook once.
        "first_half": emptied(small_files, series[::2]),
        "second_half": emptied(small_files, series[1::2]),
    }
    folder = tmp_path_factory.mktemp("poor")
    runs = {
        name: run_dbt(
            *("build", "--exclude-resource-type", "unit_test"),
            raw=save(files, folder / name / "raw"),
            workspace=folder / name,
        )
        for name, files in poor.items()
    }
    return {name: Warehouse(run.warehouse) for name, run in runs.items()}


def availability(warehouse, item_type) -> pd.DataFrame:
    query = f"select * from quality.fct_availability where item_type = '{item_type}'"
    return warehouse.frame(query).set_index("item")


def test_absent_files_are_listed(built):
    files = availability(built["yearbook_only"], "file")
    assert set(files.index) == OPTIONAL | {"city_yearbook"}
    assert files.loc["city_yearbook", "status"] == "complete"
    for name in OPTIONAL:
        assert files.loc[name, "status"] == "unavailable", name
        assert files.loc[name, "reason"].startswith("not supplied"), name


def test_what_needs_an_absent_file_is_missing_and_says_so(built):
    warehouse = built["yearbook_only"]
    variables = availability(warehouse, "variable")
    for name, needed in (
        ("vagg", "platform_members"),
        ("iv", "platform_members"),
        ("dsp", "economic_census_employment"),
    ):
        assert variables.loc[name, "status"] == "unavailable", name
        assert needed in variables.loc[name, "reason"], name
        assert warehouse.value(f"select count({name}) from panel.fct_city_years") == 0


def test_what_needs_only_the_yearbook_is_complete(built, small_indices):
    """Without members the sample is drawn on the other variables, so scores stay what they were."""
    warehouse = built["yearbook_only"]
    query = "select city_code, year, resi from indices.fct_resilience order by 1, 2"
    found, expected = warehouse.frame(query), small_indices.frame(query)
    assert len(found) == len(expected) > 300
    np.testing.assert_allclose(found["resi"], expected["resi"], rtol=1e-12)
    assert (
        warehouse.value(
            "select count(*) from panel.fct_estimation_panel where is_estimation_sample"
        )
        > 300
    )


def test_regressions_without_their_data_are_not_estimable(built):
    fits = built["yearbook_only"].frame("select * from results.fct_model_fits")
    on_vagg = fits[(fits["treatment"] == "vagg") & (fits["design"] == "twfe")]
    assert len(on_vagg) >= 4
    assert (on_vagg["status"] == "not_estimable").all()
    assert on_vagg["reason"].str.contains("vagg").all()


@pytest.mark.parametrize("half", ["first_half", "second_half"])
def test_each_series_is_either_there_or_reported_empty(built, small_files, half):
    series = series_of(small_files)
    empty = series[::2] if half == "first_half" else series[1::2]
    listed = availability(built[half], "series")
    assert set(listed.index) == set(series)
    for name in series:
        assert (listed.loc[name, "status"] == "unavailable") == (name in empty), name
        assert built[half].value(f"select count({name}) > 0 from panel.fct_city_years") == (
            name not in empty
        )


@pytest.mark.parametrize("half", ["first_half", "second_half"])
def test_a_variable_without_values_is_called_unavailable(built, half):
    listed = availability(built[half], "variable")
    assert (listed["status"] == "unavailable").any()
    for name, row in listed.iterrows():
        share = built[half].value(
            f"select coalesce(count({name}) / nullif(count(*), 0), 0) from panel.fct_city_years "
            "where is_sampled_city and year between 2008 and 2019"
        )
        assert row["coverage"] == pytest.approx(share, abs=1e-12), name
        assert (row["status"] == "unavailable") == (share == 0), name
        if share == 0:
            assert row["reason"] != "computed", name


@pytest.mark.parametrize("half", ["first_half", "second_half"])
def test_indicators_without_values_are_left_out_of_the_index(built, half):
    weights = built[half].frame("select * from indices.fct_index_weights where index_id = 'resi'")
    unused = weights[~weights["is_used"]]
    assert 0 < len(unused) < len(weights)
    assert (unused["weight"] == 0).all()
    assert (unused["decision"] != "used").all()
    assert weights["weight"].sum() == pytest.approx(1)


@pytest.mark.parametrize("name", ["yearbook_only", "first_half", "second_half"])
def test_every_regression_has_a_fit_and_every_failure_a_reason(built, name):
    fits = built[name].frame("select * from results.fct_model_fits")
    specs = built[name].frame("select spec_id from reference.regression_specs")
    assert set(fits["spec_id"]) == set(specs["spec_id"])
    failed = fits[fits["status"] == "not_estimable"]
    assert len(failed) > 0
    assert failed["reason"].str.len().gt(0).all()
