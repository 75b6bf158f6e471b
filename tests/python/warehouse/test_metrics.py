"""Every metric of `models/semantic` gives the number that the marts give, asked by hand."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from support.dbt import ROOT, DbtRun
from support.metrics import metric_names, metric_sql
from support.warehouse import Warehouse, assert_close

RESILIENCE = "select year, {} as value from indices.fct_resilience group by year"
AGGLOMERATION = "select year, {} as value from indices.fct_virtual_agglomeration group by year"
CONTRIBUTIONS = """
    select year, {} as value from indices.fct_index_contributions
    where index_id = 'resi' group by year
"""
# Sums of contributions, from the scores that they sum to.
SCORES = """
    select year, sum(score) as value from indices.fct_index_scores
    where index_id = 'resi' group by year
"""
BY_HAND = {
    "resilience": RESILIENCE.format("sum(resi) / count(*)"),
    "median_resilience": RESILIENCE.format("quantile_cont(resi, 0.5)"),
    "resistance_and_recovery": RESILIENCE.format("avg(resistance_recovery)"),
    "adaptation_and_regulation": RESILIENCE.format("avg(adaptation_regulation)"),
    "transformation_and_development": RESILIENCE.format("avg(transformation_development)"),
    "lowest_resilience": RESILIENCE.format("min(resi)"),
    "highest_resilience": RESILIENCE.format("max(resi)"),
    "resilience_range": RESILIENCE.format("max(resi) - min(resi)"),
    "resilience_change": """
        select year, value - lag(value) over (order by year) as value
        from (select year, avg(resi) as value from indices.fct_resilience group by year)
        qualify value is not null
    """,
    "best_rank": RESILIENCE.format("1"),
    "cities_with_resilience": RESILIENCE.format("count(*)"),
    "virtual_agglomeration": AGGLOMERATION.format("sum(vagg) / count(*)"),
    "median_virtual_agglomeration": AGGLOMERATION.format("quantile_cont(vagg, 0.5)"),
    "platform_members": AGGLOMERATION.format("sum(members)"),
    "without_members": AGGLOMERATION.format("count(*) filter (where members = 0)"),
    "city_years_on_the_platform": AGGLOMERATION.format("count(*)"),
    "share_without_members": AGGLOMERATION.format("avg((members = 0)::integer)"),
    "resilience_points": SCORES,
    "mean_contribution": CONTRIBUTIONS.format("sum(contribution) / count(contribution)"),
    "resilience_points_gained": CONTRIBUTIONS.format("sum(change_by_score + change_by_weight)"),
}


@pytest.fixture(scope="module")
def manifest(simulated_run: DbtRun) -> dict:
    return json.loads((simulated_run.target / "semantic_manifest.json").read_text())


@pytest.fixture(scope="module")
def by_hand(simulated_run: DbtRun) -> pd.DataFrame:
    """Every metric, year by year, asked of the marts."""
    warehouse = Warehouse(simulated_run.warehouse)
    asked = {name: warehouse.frame(query).set_index("year") for name, query in BY_HAND.items()}
    return pd.DataFrame({name: rows["value"] for name, rows in asked.items()}, dtype=float)


def test_every_metric_is_asked_by_hand(manifest):
    assert metric_names(manifest) == sorted(BY_HAND)


@pytest.mark.parametrize("name", BY_HAND)
def test_a_metric_is_what_it_says(manifest, simulated_run, by_hand, name):
    given = Warehouse(simulated_run.warehouse).frame(metric_sql(manifest, name)).dropna()
    assert len(given) >= 11
    expected = by_hand[name].dropna()
    assert given["year"].sort_values().tolist() == sorted(expected.index)
    assert_close(given.set_index("year")["value"].sort_index(), expected.sort_index(), name)


def test_saved_queries_ask_for_metrics_that_are_there(manifest):
    saved = {each["name"]: each["query_params"] for each in manifest["saved_queries"]}
    assert len(saved) >= 4
    named = {metric for query in saved.values() for metric in query["metrics"]}
    assert named <= set(metric_names(manifest))
    assert all(query["group_by"] for query in saved.values())


@pytest.mark.skipif(
    importlib.util.find_spec("dbt_metricflow") is None,
    reason="dbt-metricflow is not installed: pip install -e '.[metrics]'",
)
def test_the_engine_gives_the_same(simulated_run: DbtRun, by_hand, tmp_path: Path):
    answer = tmp_path / "answer.csv"
    asked = subprocess.run(
        [str(Path(sys.executable).with_name("mf")), "query", "--metrics", ",".join(BY_HAND),
         "--group-by", "metric_time__year", "--decimals", "15", "--csv", str(answer)],
        cwd=ROOT,
        env={
            **os.environ, "DO_NOT_TRACK": "1", "DBT_PROFILES_DIR": str(ROOT),
            "WAREHOUSE_PATH": str(simulated_run.copied_to(tmp_path)),
            "DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path / "logs"),
        },
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stdout + asked.stderr
    given = pd.read_csv(answer)
    given.index = pd.to_datetime(given.pop("metric_time__year")).dt.year
    given = given.sort_index()
    assert sorted(given) == sorted(BY_HAND)
    assert_close(given[list(BY_HAND)], by_hand.sort_index().reindex(given.index), "metrics")
