"""What a cluster loses is not lost: a worker, an executor that writes, the master.

Each case kills processes that it started. The work is slowed down, so that the loss falls into it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from support.spark_here import needs_spark

pytestmark = [needs_spark, pytest.mark.slow]
N_ROWS = 400_000
# A driver of its own for each case: a session does not outlive its master.
DRIVER = """
import json, sys
from pathlib import Path
from urban_resilience.spark.hand_over import hand_over
from urban_resilience.spark.session import open_session

order = json.loads(sys.argv[1])
folder = Path(order["folder"])
session = open_session(folder, order["master"], **order["settings"])
session.sql("create schema if not exists panel")
session.range(order["rows"], numPartitions=24).createOrReplaceTempView("records")
print("at work", flush=True)
# Each part takes about half a second: `reflect` sleeps once for each of its rows that asks.
session.sql(
    "create table panel.counts using parquet as select id % 97 as cell, count(*) as n,"
    " sum(id) as total, max(slept) as slept from (select id, case when id % 16667 = 0"
    " then reflect('java.lang.Thread', 'sleep', 500L) end as slept from records) group by 1"
)
print("counted", flush=True)
hand_over(session, [("panel", "counts")], folder / "hand_over")
print("handed over", flush=True)
"""


@pytest.fixture
def cluster(tmp_path):
    from urban_resilience.spark.cluster import standalone_cluster

    with standalone_cluster(tmp_path / "cluster", n_workers=2, memory="1g") as started:
        yield started


def drive(cluster, folder: Path) -> subprocess.Popen[str]:
    settings = {
        "spark__driver__memory": "1g",
        "spark__executor__memory": "700m",
        "spark__sql__shuffle__partitions": "8",
        "spark__network__timeout": "30s",
        "spark__network__timeoutInterval": "10s",
        "spark__executor__heartbeatInterval": "5s",
    }
    folder.mkdir(parents=True)
    order = {"folder": str(folder), "master": cluster.url, "rows": N_ROWS, "settings": settings}
    with (folder / "driver.log").open("w") as log:
        return subprocess.Popen(
            [sys.executable, "-u", "-c", DRIVER, json.dumps(order)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=os.environ,
        )


def wait_for(process: subprocess.Popen[str], words: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == words:
            return
    pytest.fail(f"the driver ended before it said: {words}")


def ended(process: subprocess.Popen[str], cluster, folder: Path) -> str:
    """Words of a driver that ended in another way than well; empty where it did."""
    from urban_resilience.spark.build import wait_for as wait_for_driver

    code = wait_for_driver(process, cluster)
    return "" if code == 0 else (folder / "driver.log").read_text()[-3000:] or f"code {code}"


def wait_for_executors(cluster) -> None:
    """Both workers have one, and both have done some of the work."""
    end = time.monotonic() + 120
    while not all(executors(worker.pid) for worker in cluster.workers):
        assert time.monotonic() < end, "a worker has no executor"
        time.sleep(0.5)
    time.sleep(3)


def executors(worker_pid: int) -> list[int]:
    """Processes that a worker started."""
    found = subprocess.run(["pgrep", "-P", str(worker_pid)], capture_output=True, text=True)
    return [int(pid) for pid in found.stdout.split()]


def counted(folder: Path) -> tuple[int, int, int]:
    with duckdb.connect() as connection:
        files = folder / "hand_over" / "panel" / "counts" / "*.parquet"
        query = f"select count(*), sum(n)::bigint, sum(total)::bigint from read_parquet('{files}')"
        return connection.execute(query).fetchone()


EXPECTED = (97, N_ROWS, N_ROWS * (N_ROWS - 1) // 2)


def test_a_lost_worker_costs_time_only(cluster, tmp_path):
    process = drive(cluster, tmp_path / "work")
    wait_for(process, "at work")
    wait_for_executors(cluster)
    lost = cluster.workers[0]
    for pid in executors(lost.pid):
        os.kill(pid, signal.SIGKILL)
    lost.kill()
    assert ended(process, cluster, tmp_path / "work") == ""
    assert counted(tmp_path / "work") == EXPECTED


def test_a_lost_executor_is_replaced(cluster, tmp_path):
    process = drive(cluster, tmp_path / "work")
    wait_for(process, "at work")
    wait_for_executors(cluster)
    for pid in executors(cluster.workers[0].pid):
        os.kill(pid, signal.SIGKILL)
    assert ended(process, cluster, tmp_path / "work") == ""
    assert counted(tmp_path / "work") == EXPECTED


def test_a_lost_master_leaves_nothing_half_handed_over(cluster, tmp_path, capsys):
    """All executors go with it: nobody can start others."""
    process = drive(cluster, tmp_path / "work")
    wait_for(process, "at work")
    wait_for_executors(cluster)
    cluster.master.kill()
    for worker in cluster.workers:
        for pid in executors(worker.pid):
            os.kill(pid, signal.SIGKILL)
        worker.kill()
    assert ended(process, cluster, tmp_path / "work")
    assert "Spark's master ended" in capsys.readouterr().err
    assert not (tmp_path / "work" / "hand_over").exists()
