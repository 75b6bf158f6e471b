"""A new row of seed regression_specs is a new regression; a bad one stops the build by name."""

import numpy as np
import pytest

from support.dbt import run_dbt
from support.project import add_row, copy_project
from support.warehouse import Warehouse

pytestmark = pytest.mark.slow

# The seed, and what lies between the two-way regressions and the tables of results.
SELECTED = (
    *("regression_specs", "int_specs_checked"),
    *("est_coefficients+,+fct_coefficients", "est_coefficients+,+fct_model_fits"),
)
NEW_ROW = {
    "spec_id": "mine",
    "table_id": "robustness",
    "column_id": "99",
    "design": "twfe",
    "estimator": "ols",
    "outcome": "resi",
    "treatment": "vagg",
    "controls": "pop wage",
    "fixed_effects": "year city_code",
    "cluster": "city_code",
    "sample_filter": "is_estimation_sample and year >= 2012",
}


@pytest.fixture
def build_with_row(simulated_raw, simulated_run, tmp_path):
    """Rebuild the regressions of the finished simulated warehouse with one more seed row."""

    def build(**row):
        project = copy_project(tmp_path / "project")
        add_row(project, "regression_specs", **row)
        simulated_run.copied_to(tmp_path / "build")
        return run_dbt(
            *("build", "--exclude-resource-type", "test", "unit_test", "--select", *SELECTED),
            raw=simulated_raw,
            workspace=tmp_path / "build",
            project=project,
            check=False,
        )

    return build


def coefficients(path):
    query = "select * from results.fct_coefficients order by spec_id, term"
    return Warehouse(path).frame(query).set_index(["spec_id", "term"])


def test_a_new_row_adds_its_regression_and_nothing_else(build_with_row, simulated_warehouse):
    run = build_with_row(**NEW_ROW)
    assert run.returncode == 0, run.tail
    before, after = coefficients(simulated_warehouse), coefficients(run.warehouse)
    added = after.index.difference(before.index)
    assert set(added) == {("mine", name) for name in ("vagg", "pop", "wage")}
    numbers = list(before.select_dtypes("number"))
    # Another process: the order of its floating-point sums may differ in the last digits.
    np.testing.assert_allclose(after.loc[before.index, numbers], before[numbers], rtol=1e-9)
    texts = before.columns.difference(numbers)
    assert after.loc[before.index, texts].equals(before[texts])
    fit = Warehouse(run.warehouse).frame("from results.fct_model_fits where spec_id = 'mine'")
    assert fit["status"].tolist() == ["estimated"]
    assert fit["n_obs"].iloc[0] > 1000


def test_a_bad_row_stops_the_build_before_anything_is_estimated(
    build_with_row, simulated_warehouse
):
    run = build_with_row(**{**NEW_ROW, "controls": "pop wages"})
    assert run.returncode != 0
    assert "mine: column 'wages' is not in fct_estimation_panel" in run.output
    assert coefficients(run.warehouse).equals(coefficients(simulated_warehouse))
