"""Refreshes with a small build in place of dbt's: what publishing does is tested apart from it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import duckdb

from urban_resilience.refresh.nightly import RefreshResult, refresh
from urban_resilience.refresh.places import Places
from urban_resilience.refresh.request import BuildRequest

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
    return sorted(p.name for p in places.warehouse.parent.iterdir() if p.name not in known)
