"""The simulated study: reproducible, stamped, calibrated, and its known effect is found."""

import hashlib
import json

import duckdb
import pytest

from support.simulator import simulate
from support.study import of_the_papers_indicators
from support.warehouse import Warehouse

MARTS = ("panel", "indices", "results")
FILES = {
    "city_yearbook.parquet",
    "economic_census_employment.parquet",
    "industry_output.parquet",
    "input_output_flows.parquet",
    "national_series.parquet",
    "platform_members.parquet",
    "truth.json",
}


@pytest.fixture(scope="module")
def truth(simulated_raw) -> dict:
    return json.loads((simulated_raw / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def simulated(simulated_warehouse) -> Warehouse:
    return Warehouse(simulated_warehouse)


def fingerprints(folder) -> dict[str, str]:
    files = sorted(folder.iterdir())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_two_runs_write_the_same_bytes(simulated_raw, tmp_path):
    again = simulate(tmp_path / "again")
    assert set(fingerprints(again)) == FILES
    assert fingerprints(again) == fingerprints(simulated_raw)


def test_another_seed_writes_other_data(simulated_raw, tmp_path):
    other = simulate(tmp_path / "other", "--seed", "1")
    first, second = fingerprints(simulated_raw), fingerprints(other)
    for name in ("city_yearbook.parquet", "platform_members.parquet", "truth.json"):
        assert first[name] != second[name], name


ACCOUNTS = {
    "sectors and output": "secondary_output_100m_yuan + tertiary_output_100m_yuan > gdp_100m_yuan",
    "learning and expenditure": "science_expenditure_100m_yuan + education_expenditure_100m_yuan"
    " > fiscal_expenditure_100m_yuan",
    "households and deposits": "household_savings_100m_yuan > deposits_100m_yuan",
    "unemployed and employed": "registered_unemployed_persons > employed_persons_10k * 10000",
    "retail sales and output": "retail_sales_100m_yuan > gdp_100m_yuan",
}


@pytest.mark.parametrize("account", ACCOUNTS)
def test_parts_do_not_exceed_their_whole(simulated_raw, account):
    file = simulated_raw / "city_yearbook.parquet"
    broken, held = duckdb.sql(
        f"select count(*) filter (where {ACCOUNTS[account]}),"
        f" count(*) filter (where not ({ACCOUNTS[account]})) from read_parquet('{file}')"
    ).fetchall()[0]
    assert broken == 0
    assert held > 4000


@of_the_papers_indicators
def test_sample_sizes_are_those_of_the_paper(simulated, truth):
    assert simulated.value("select count(*) from panel.fct_sample_decisions") == 284
    kept = "select count(*) from panel.fct_sample_decisions where is_kept"
    assert simulated.value(kept) == 281 == truth["expected_counts"]["n_kept_cities"]
    in_sample = "select count({}) from panel.fct_estimation_panel where is_estimation_sample"
    assert simulated.value(in_sample.format("*")) == 3177
    # Tables 5 and 6 lose a few city-years more.
    assert simulated.value(in_sample.format("dist")) == 3166
    for part in ("mp", "lmp", "hmp"):
        assert simulated.value(in_sample.format(part)) == 3079


@of_the_papers_indicators
def test_dropped_cities_are_the_ones_the_simulator_spoiled(simulated, truth):
    dropped = simulated.frame("select city_code from panel.fct_sample_decisions where not is_kept")
    assert sorted(dropped["city_code"]) == truth["expected_counts"]["dropped_cities"]


@of_the_papers_indicators
def test_warehouse_finds_the_weights_the_truth_was_made_with(simulated, truth):
    weights = simulated.frame(
        "select distinct dimension, dimension_weight from indices.fct_index_weights "
        "where index_id = 'resi'"
    ).set_index("dimension")["dimension_weight"]
    for dimension, expected in truth["dimension_weights"].items():
        assert weights[dimension] == pytest.approx(expected, abs=1e-8)


@of_the_papers_indicators
@pytest.mark.parametrize(
    ("spec_id", "effect"), [("t3_2", "two_way"), ("t3_4", "two_way_with_controls")]
)
def test_known_effect_is_recovered(simulated, truth, spec_id, effect):
    row = simulated.frame(
        "select estimate, std_error from results.fct_coefficients "
        f"where spec_id = '{spec_id}' and term = 'vagg'"
    ).iloc[0]
    expected = truth["total_effect_of_vagg"][effect]
    assert abs(row["estimate"] - expected) < 3 * row["std_error"]
    # A standard error so wide that anything is recovered would prove nothing.
    assert row["std_error"] < abs(expected)


@of_the_papers_indicators
def test_table_2_is_close_to_the_published_one(simulated):
    table = simulated.frame("select * from panel.rpt_descriptive_statistics")
    assert (table["n_obs"] == table["published_n_obs"]).all()
    distance = (table["mean"] - table["published_mean"]).abs() / table["published_sd"]
    assert (distance < 0.05).all(), table.loc[distance >= 0.05, "variable"].tolist()
    spread = (table["sd"] / table["published_sd"] - 1).abs()
    assert (spread < 0.05).all(), table.loc[spread >= 0.05, "variable"].tolist()


def test_every_relation_has_rows(simulated):
    """The simulated data cover everything, so every table of the study is built from them."""
    empty = [
        relation
        for relation in simulated.relations("reference", "quality", *MARTS)
        if simulated.value(f"select count(*) from {relation}") == 0
    ]
    # Every simulated row and cell is sound, and nothing is revised in a first build.
    assert empty == [
        "quality.fct_rejected_rows",
        "quality.fct_revisions",
        "quality.fct_suspicious_cells",
        "quality.rpt_revision_effects",
    ]


def test_nothing_is_unavailable(simulated):
    missing = simulated.frame(
        "select item_type, item from quality.fct_availability where status = 'unavailable' "
        "and item not in ('platform_member_counts', 'policy_pilots')"
    )
    assert missing.to_dict("records") == []
