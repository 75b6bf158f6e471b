"""Spark and DuckDB build the same panel and indices: of simulated data, and of real where they are.

Spark is a master and two workers on this machine. Unit tests and the tests of seeds and models run
within its build, as on DuckDB.
"""

from __future__ import annotations

import json

import pytest

from support.dbt import run_dbt
from support.engine_parity import differences
from support.spark_here import needs_spark

pytestmark = [needs_spark, pytest.mark.slow]
COMPARED = ("panel", "indices", "intermediate", "reference")


@pytest.fixture(scope="module", params=["simulated", "real"])
def both_engines(request, tmp_path_factory):
    """One raw folder, built by both: the DuckDB file and the folder that Spark handed over."""
    from urban_resilience.spark.build import build_on_spark

    raw = request.getfixturevalue(f"{request.param}_raw")
    folder = tmp_path_factory.mktemp(f"spark_{request.param}")
    assert build_on_spark(raw, folder / "hand_over") == 0
    selected = ("--selector", "spark", "--indirect-selection", "buildable")
    run = run_dbt("build", *selected, raw=raw, workspace=folder / "duckdb")
    return run.warehouse, folder / "hand_over"


def test_every_relation_is_equal(both_engines):
    warehouse, hand_over = both_engines
    contents = json.loads((hand_over / "hand_over.json").read_text(encoding="utf-8"))
    names = [(one["schema"], one["name"]) for one in contents if one["schema"] in COMPARED]
    assert {schema for schema, _ in names} == set(COMPARED)
    found = {
        f"{schema}.{name}": said
        for schema, name in names
        if (said := differences(warehouse, hand_over, schema, name))
    }
    assert not found, "\n".join(f"{name}: {said}" for name, said in found.items())
