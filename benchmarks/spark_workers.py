"""Spark beside the member stage; each function runs in a process of its own.

As polars does: the Parquet of four small integers is counted by joins and exits, the counts are
cumulated, and the project's SQL does the rest on DuckDB with what came back. The session is open
before the clock starts: a cluster is there already.
"""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.isolated import Watch
from benchmarks.member_workers import finish, write_result
from benchmarks.synthetic_members import FIRST_YEAR, LAST_YEAR

SHUFFLE = ("records read", "records sent", "MB sent", "processor seconds", "tasks")
COUNTED = """
    select city_id, industry_id, year, sum(change) as change
    from (
        select city_id, industry_id, joined_year as year, count(*) as change
        from members
        group by city_id, industry_id, joined_year
        union all
        select city_id, industry_id, expired_year + 1 as year, -count(*) as change
        from members
        where expired_year is not null
        group by city_id, industry_id, expired_year
    )
    group by city_id, industry_id, year
"""
# Counts are few: they are cumulated where the rest is computed.
CUBE = f"""
    select keys.city_id, keys.industry_id, years.year,
        sum(coalesce(changes.change, 0)) over (
            partition by keys.city_id, keys.industry_id order by years.year
        ) as members
    from (select distinct city_id, industry_id from changes) as keys
    cross join (select unnest(range({FIRST_YEAR}, {LAST_YEAR + 1})) as year) as years
    left join changes on changes.city_id = keys.city_id
        and changes.industry_id = keys.industry_id and changes.year = years.year
"""


def local(watch: Watch, parquet: str, output: str, **order: Any) -> dict[str, float]:
    """Count in one process with a task for each core."""
    return _count(watch, "local[*]", parquet, output, **order)


def standalone(watch: Watch, parquet: str, output: str, **order: Any) -> dict[str, float]:
    """Count on a master and two workers of one core each, on loopback."""
    from urban_resilience.spark.cluster import standalone_cluster

    with standalone_cluster(Path(output).with_suffix(".cluster")) as cluster:
        return _count(watch, cluster.url, parquet, output, **order)


def _count(
    watch: Watch,
    master: str,
    parquet: str,
    output: str,
    warehouse: str,
    tail: list[dict[str, Any]],
    settings: dict[str, str],
) -> dict[str, float]:
    from urban_resilience.spark.session import open_session
    from urban_resilience.spark.translate import to_spark

    folder = Path(output).with_suffix(".spark")
    session = open_session(folder, master)
    connection = duckdb.connect(warehouse, config=settings)
    with watch:
        began = time.perf_counter()
        session.read.parquet(parquet).createOrReplaceTempView("members")
        connection.register("changes", session.sql(to_spark(COUNTED)).toArrow())
        connection.execute(f"create temp table cube as {CUBE}")
        steps = finish(connection, tail, began)
    session.stop()
    shuffled = shuffle_of(folder / "events")
    shutil.rmtree(folder, ignore_errors=True)
    write_result(connection, output)
    return {**steps, **shuffled}


def shuffle_of(events: Path) -> dict[str, float]:
    """Sum what tasks sent each other, from Spark's own log of events.

    Parameters
    ----------
    events : Path
        Folder of logs, written to their end.

    Returns
    -------
    dict of str to float
        Records read from files, records and megabytes written for other tasks, seconds of
        processor time of all tasks, number of tasks.
    """
    found = dict.fromkeys(SHUFFLE, 0.0)
    for file in events.iterdir():
        for line in file.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            metrics = event.get("Task Metrics")
            if event["Event"] != "SparkListenerTaskEnd" or not metrics:
                continue
            written = metrics["Shuffle Write Metrics"]
            found["records read"] += metrics["Input Metrics"]["Records Read"]
            found["records sent"] += written["Shuffle Records Written"]
            found["MB sent"] += written["Shuffle Bytes Written"] / 1024**2
            found["processor seconds"] += metrics["Executor CPU Time"] / 1e9
            found["tasks"] += 1
    return found
