"""`dbt build --empty`, which checks that every statement runs, without reading a row."""

from __future__ import annotations

import pytest

from support.dbt import run_dbt

pytestmark = pytest.mark.slow


def test_every_node_builds_and_holds_without_rows(simulated_raw, tmp_path):
    run = run_dbt("build", "--empty", raw=simulated_raw, workspace=tmp_path)
    assert " ERROR=0 " in run.output
    assert " WARN=0 " in run.output
