"""Refreshes with a small build in place of dbt's: what publishing does is tested apart from it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from urban_resilience.refresh.evaluations import RESULTS
from urban_resilience.refresh.export import count_rows
from urban_resilience.refresh.nightly import RefreshResult, refresh
from urban_resilience.refresh.places import Places
from urban_resilience.refresh.publish import Version, kept_versions, published_version
from urban_resilience.refresh.request import BuildRequest
from urban_resilience.refresh.runs import read_runs
from urban_resilience.shared.database import parquet

# A gate's table with one expectation that is met, so that its history is written too.
JUDGED = """
create table intermediate.dq_raw as
select
    'value_is_known' as expectation_id, 'raw' as suite, 'range' as kind, 'city_years' as relation,
    'value' as column_name, 'expect_column_values_to_be_between' as expectation, '{}' as arguments,
    null::varchar as row_filter, 'error' as severity, true as success, '0 of 1 rows' as observed,
    1::bigint as n_rows, 0::bigint as n_unexpected, null::varchar as unexpected_examples,
    null::varchar as message, 'A value.' as why, '[]' as offending_rows
"""
TABLES = ("panel.city_years", "results.coefficients")
ROWS = 2_000


def places_in(folder: Path) -> Places:
    return Places(folder / "warehouse" / "study.duckdb")


def write_raw(folder: Path, value: int) -> Path:
    raw = folder / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    (raw / "yearbook.csv").write_text(f"city_code,value\n110000,{value}\n", encoding="utf-8")
    return raw


def small_build(request: BuildRequest) -> int:
    """Write the value of the raw file into every row of two tables; a negative one fails."""
    value = int((request.raw / "yearbook.csv").read_text(encoding="utf-8").split(",")[-1])
    if value < 0:
        return 1
    pause = float(os.environ.get("BUILD_PAUSE", "0"))
    with duckdb.connect(str(request.warehouse)) as connection:
        for table in TABLES:
            connection.execute(f"create schema {table.split('.')[0]}")
            connection.execute(
                f"create table {table} as select range as id, {value} as value from range({ROWS})"
            )
            time.sleep(pause)
        connection.execute("create schema intermediate")
        connection.execute(JUDGED)
    return 0


def refresh_small(folder: Path, build=small_build, **options) -> RefreshResult:
    project = folder / "project"
    project.mkdir(exist_ok=True)
    (project / "dbt_project.yml").touch()
    return refresh(places_in(folder), folder / "raw", project, build, **options)


def values_read(path: Path) -> set[int]:
    """Every value in the published file; one, or readers would see a blend."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return {
            row[0]
            for table in TABLES
            for row in connection.execute(f"select distinct value from {table}").fetchall()
        }


def values_in_marts(places: Places) -> set[int]:
    return {
        row[0]
        for table in TABLES
        for row in duckdb.sql(
            f"select distinct value from read_parquet('{places.marts}/{table}.parquet')"
        ).fetchall()
    }


def assert_sound(places: Places, before: str | None) -> Version:
    """Readers have a whole build, the last good one or the newest; return which.

    The file opens, is byte for byte what was built and audited, holds every mart with the rows that
    the history noted, and the Parquet files beside it are those of the same build.

    Parameters
    ----------
    places
        Of the published warehouse.
    before
        Digest of what readers saw before the fault.
    """
    seen = published_version(places)
    assert seen is not None, "the published file is no build that was finished"
    newest = kept_versions(places)[-1]
    assert seen.digest == before or seen == newest, f"neither the last good build nor {newest}"
    rows = count_rows(places.warehouse)
    (run,) = [run for run in read_runs(places.runs) if run.run_id == seen.run_id]
    assert run.row_counts, "no mart was counted"
    assert run.row_counts.items() <= rows.items()
    assert places.marts.resolve() == (seen.folder / "marts").resolve()
    exported = {path.stem: pq.read_metadata(path).num_rows for path in places.marts.glob("*")}
    assert exported == rows
    results = parquet(places.quality / RESULTS)
    judged = duckdb.sql(f"select distinct run_id from {results}").fetchall()
    assert (seen.run_id,) in judged, "what its expectations found is lost"
    return seen


def leftovers(places: Places) -> list[str]:
    """Whatever lies beside the warehouse that a finished refresh has no use for."""
    known = {
        path.name
        for path in (
            places.warehouse,
            places.lock,
            places.runs,
            places.versions,
            places.marts,
            places.quality,
        )
    }
    beside = [p.name for p in places.warehouse.parent.iterdir() if p.name not in known]
    return sorted(beside + [path.name for path in places.quality.glob(".*")])
