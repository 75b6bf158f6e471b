"""The raw part of real builds: what the shortcut of `raw_stage.py` is held against."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb

from support.dbt import run_dbt
from support.raw_stage import GATE, SELECTION
from support.warehouse import Warehouse
from urban_resilience.intake import IntakeError, prepare

# What a night that stops would leave of the night before.
JUDGED = (f"intermediate.{GATE}", "quality.fct_raw_profiles")


def real_night(raw: Path, marts: Path, built: Path, workspace: Path) -> dict:
    """Build a folder with dbt, after the night that published the marts.

    Parameters
    ----------
    raw
        Folder as it lies there tonight.
    marts
        Folder of the published marts.
    built
        Warehouse of that night, whose seeds are used.
    workspace
        Folder for what is written.

    Returns
    -------
    dict
        `refused`, the intake's message; `failed`, the tests that failed; `unmet`, the expectations
        not met; `changed`, the raw tables whose profiles are not those published.
    """
    found = {"refused": "", "failed": [], "unmet": [], "changed": []}
    try:
        prepare(raw, workspace / "contract")
    except IntakeError as error:
        return found | {"refused": str(error)}
    warehouse = workspace / "warehouse" / "urban_resilience.duckdb"
    warehouse.parent.mkdir(parents=True)
    shutil.copy(built, warehouse)
    with duckdb.connect(warehouse) as connection:
        for relation in JUDGED:
            connection.execute(f"drop table if exists {relation}")
    run = run_dbt(
        *("build", *SELECTION, "--exclude-resource-type", "seed"),
        raw=workspace / "contract",
        workspace=workspace,
        check=False,
        artifacts=True,
        variables={"PUBLISHED_MARTS_DIR": str(marts)},
    )
    nodes = json.loads((run.target / "run_results.json").read_text(encoding="utf-8"))["results"]
    found["failed"] = [
        node["unique_id"].split(".")[2] for node in nodes if node["status"] in ("fail", "error")
    ]
    warehouse = Warehouse(run.warehouse)
    if f"intermediate.{GATE}" in warehouse.relations("intermediate"):
        unmet = warehouse.frame(f"from intermediate.{GATE} where not success")
        found["unmet"] = unmet["expectation_id"].tolist()
        profiles = warehouse.frame("from quality.fct_raw_profiles")
        moved = profiles["status"].isin(["changed", "withdrawn", "added"])
        found["changed"] = sorted(set(profiles.loc[moved, "table_name"]))
    return found
