"""A changed yearbook arrives after a good night: the raw gate tells a slip from a revision."""

import json

import pandas as pd
import pytest

from support.dbt import run_dbt
from support.raw import save
from support.warehouse import Warehouse

pytestmark = pytest.mark.slow

GATED = "int_city_years_spined"
PUBLISHED_MARTS = ("quality.fct_raw_profiles",)


def one_year_tripled(yearbook):
    yearbook.loc[yearbook["year"] == 2015, "gdp_100m_yuan"] *= 3


def one_cell_revised(yearbook):
    chosen = (yearbook["year"] == 2015) & (yearbook["city_code"] == yearbook["city_code"].min())
    yearbook.loc[chosen, "gdp_100m_yuan"] *= 1.02


def cities_lost(yearbook):
    lost = yearbook["city_code"].isin(sorted(yearbook["city_code"].unique())[:4])
    yearbook.drop(yearbook.index[lost & (yearbook["year"] == 2015)], inplace=True)


def a_new_year(yearbook):
    last = yearbook[yearbook["year"] == 2019]
    for row in last.assign(year=2020).itertuples(index=False):
        yearbook.loc[len(yearbook)] = list(row)


@pytest.fixture(scope="module")
def published(small_files, small_raw, tmp_path_factory):
    """The marts that the raw gate compares with, of a good first night."""
    workspace = tmp_path_factory.mktemp("first_night")
    selected = ("--select", "+fct_raw_profiles", "--exclude-resource-type", "test", "unit_test")
    run = run_dbt("build", *selected, raw=small_raw, workspace=workspace)
    marts = workspace / "marts"
    marts.mkdir()
    for name in PUBLISHED_MARTS:
        rows = Warehouse(run.warehouse).frame(f"select * from {name}")
        rows.to_parquet(marts / f"{name}.parquet", index=False)
    return marts


@pytest.fixture
def night(small_files, published, tmp_path):
    """Build the raw layer, and one model behind its gate, from a changed yearbook."""

    def build(change, *options):
        files = {name: rows.copy() for name, rows in small_files.items()}
        change(files["city_yearbook"])
        raw = save(files, tmp_path / "raw")
        # Tests whose every parent is built here, the gate among them.
        selected = ("--select", "+dq_raw", GATED, "--indirect-selection", "cautious")
        options = ("--exclude-resource-type", "unit_test", *options)
        run = run_dbt(
            *("build", *selected, *options),
            raw=raw,
            workspace=tmp_path,
            check=False,
            artifacts=True,
            variables={"PUBLISHED_MARTS_DIR": str(published)},
        )
        nodes = json.loads((run.target / "run_results.json").read_text())["results"]
        status = {node["unique_id"].split(".")[2]: node["status"] for node in nodes}
        results = Warehouse(run.warehouse).frame("select * from intermediate.dq_raw")
        failed = results[~results["success"] & (results["kind"] == "drift")]
        return run, status, failed.set_index("expectation_id")

    return build


def test_a_year_in_another_unit_stops_everything_downstream(night):
    run, status, failed = night(one_year_tripled)
    assert run.returncode == 1
    assert status[GATED] == "skipped"
    assert failed.loc["published_columns_keep_their_size", "severity"] == "error"
    assert "city_yearbook gdp_100m_yuan 2015: median_ratio = 3.0" in run.output


def test_the_same_change_passes_with_a_warning_once_accepted(night):
    run, status, failed = night(one_year_tripled, "--vars", "{accept_changes: true}")
    assert run.returncode == 0
    assert status[GATED] == "success"
    assert failed["severity"].unique().tolist() == ["warn"]
    assert "published_columns_keep_their_size" in failed.index


def test_a_revised_cell_is_reported_and_stops_nothing(night):
    run, status, failed = night(one_cell_revised)
    assert run.returncode == 0 and status[GATED] == "success"
    assert failed.index.tolist() == ["published_years_are_unchanged"]
    example = failed.loc["published_years_are_unchanged", "unexpected_examples"]
    assert example == "city_yearbook gdp_100m_yuan 2015: status = changed"


def test_a_file_cut_short_stops_the_night(night):
    run, _, failed = night(cities_lost)
    assert run.returncode == 1
    rows = pd.DataFrame(json.loads(failed.loc["published_values_are_not_lost", "offending_rows"]))
    assert set(rows["year"]) == {2015} and "city_code" in set(rows["column_name"])


def test_a_new_year_is_said_and_is_no_change_of_the_published_ones(night):
    run, status, failed = night(a_new_year)
    assert run.returncode == 0 and status[GATED] == "success"
    assert failed.index.tolist() == ["no_year_is_added"]
    assert failed["severity"].tolist() == ["warn"]
