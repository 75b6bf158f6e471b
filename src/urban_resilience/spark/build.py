"""A build whose SQL runs on Spark from raw files to panel and indices, and on DuckDB from there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from urban_resilience.intake import prepare
from urban_resilience.refresh import build as duckdb_build
from urban_resilience.refresh.request import BuildRequest
from urban_resilience.spark.cluster import Cluster, check_java, standalone_cluster
from urban_resilience.spark.session import WORK_FOLDER


def build(request: BuildRequest) -> int:
    """Build on Spark, hand over, and let DuckDB do the rest: gates, estimation, exports.

    Parameters
    ----------
    request : BuildRequest
        As for a build on DuckDB alone.

    Returns
    -------
    int
        dbt's exit code, of the engine that failed or of the last.

    Raises
    ------
    Refusal
        There is no Java, or no cluster.
    """
    folder = request.warehouse.parent / "hand_over"
    code = build_on_spark(request.raw, folder)
    if code:
        return code
    return duckdb_build.build(request, {"handed_over": str(folder.resolve())})


def build_on_spark(raw: Path, folder: Path) -> int:
    """Build from raw files to panel and indices on Spark, and hand over into a folder.

    SPARK_CONF_DIR names a cluster; without one a master and two workers are started and ended here.
    """
    check_java()
    duckdb_build.check_study(raw)
    contract = folder.with_name("contract_of_spark")
    try:
        prepare(raw, contract)
        shutil.rmtree(WORK_FOLDER, ignore_errors=True)
        is_elsewhere = bool(os.environ.get("SPARK_CONF_DIR"))
        with nullcontext() if is_elsewhere else standalone_cluster(WORK_FOLDER) as cluster:
            return run_apart(contract, folder, cluster)
    finally:
        shutil.rmtree(contract, ignore_errors=True)


def run_apart(contract: Path, folder: Path, cluster: Cluster | None) -> int:
    """Run the driver in a process of its own: a session ends with it, whatever the master does."""
    order = {
        "contract": str(contract.resolve()),
        "hand_over": str(folder.resolve()),
        "master": cluster.url if cluster else None,
    }
    command = [sys.executable, "-m", "urban_resilience.spark.driver", json.dumps(order)]
    return wait_for(subprocess.Popen(command), cluster)


def wait_for(driver: subprocess.Popen[Any], cluster: Cluster | None) -> int:
    """Wait until a driver ends, or end it where the master that was started here has gone.

    Without a master Spark waits for another one, for ever where the executors went with it.

    Returns
    -------
    int
        The driver's exit code; 1 where it was ended.
    """
    while driver.poll() is None:
        if cluster and cluster.master.poll() is not None:
            driver.kill()
            driver.wait()
            print(
                f"Spark's master ended (code {cluster.master.returncode}) before the build did:"
                f" nothing is handed over. Build again; {WORK_FOLDER}/master.log has its last"
                " words.",
                file=sys.stderr,
            )
            return 1
        time.sleep(0.5)
    return driver.returncode
