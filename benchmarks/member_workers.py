"""The member stage and its peers; each function runs in a process of its own.

All of them turn the same records into member stocks by city, sector and year, store them as
``intermediate.int_member_stocks``, and run the project's remaining statements (location quotients
and weighted sum) on what they stored. A peer skips the count of joiners that the project's own
statements also produce, which favours the peer; zero stands for it.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.isolated import Watch
from benchmarks.spill import Spill
from benchmarks.synthetic_members import FIRST_YEAR, LAST_YEAR

# What peers read: four small integers per record.
RECORDS = "peers.members"
STOCKS = "intermediate.int_member_stocks"
RESULT = "indices.fct_virtual_agglomeration"

# Peers count by their integer ids; codes and sectors are joined to the small result.
STOCKS_FROM_CUBE = f"""
    create or replace table {STOCKS} as
    select
        cities.city_code,
        mapped.sector,
        cube.year::integer as year,
        sum(cube.members)::double as members,
        0::double as joiners
    from cube
    inner join staging.stg_platform__cities as cities using (city_id)
    inner join staging.stg_platform__industries as industries using (industry_id)
    inner join intermediate.int_industries_mapped as mapped using (industry_code)
    where mapped.sector is not null
    group by all
"""


def stage_records(
    watch: Watch,
    warehouse: str,
    upstream: str,
    copied: list[str],
    parquet: str,
    columns: dict[str, dict[str, str]],
    statements: list[dict[str, Any]],
    settings: dict[str, str],
    city_suffixes: list[str],
) -> dict[str, Any]:
    """Fill a fresh warehouse: small tables from a built one, records by the project's staging."""
    connection = duckdb.connect(warehouse, config=settings)
    connection.execute(f"attach '{upstream}' as upstream (read_only)")
    for relation in copied:
        copy_small_table(connection, relation, city_suffixes)
    connection.execute("detach upstream")
    connection.execute("create schema raw")
    for table, kinds in columns.items():
        # The columns that the project's own raw views add; other raw tables are empty.
        if table == "platform_members":
            source = f"read_parquet('{parquet}', file_row_number = true)"
        else:
            nulls = ", ".join(f"null as {name}" for name in kinds)
            source = f"(select {nulls}, null::bigint as file_row_number where false)"
        casts = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in kinds.items())
        connection.execute(
            f"create view raw.{table} as select {casts},"
            f" '{table}.parquet' as source_file, file_row_number + 1 as source_row,"
            f" null::varchar as unreadable from {source}"
        )
    connection.execute(
        "create table raw.unreadable_cells (table_name varchar, source_file varchar,"
        " source_row bigint, column_name varchar, value varchar, reason varchar)"
    )
    with Spill(warehouse) as spill, watch:
        steps = run_statements(connection, statements)
    connection.close()
    return {
        "steps": steps,
        "warehouse_mb": Path(warehouse).stat().st_size / 1024**2,
        "spilled_mb": spill.peak_mb,
    }


def number_records(watch: Watch, warehouse: str, parquet: str, settings: dict[str, str]) -> None:
    """Write four small integers per record for the peers: as a table, and as Parquet."""
    connection = duckdb.connect(warehouse, config={**settings, "preserve_insertion_order": "false"})
    with watch:
        connection.execute("create schema if not exists peers")
        connection.execute(
            f"create or replace table {RECORDS} as "
            "select city_id, industry_id, joined_year, expired_year "
            "from staging.stg_platform__members "
            "inner join staging.stg_platform__cells using (cell_id)"
        )
        connection.execute(f"copy {RECORDS} to '{parquet}' (format parquet)")


def read_floor(watch: Watch, warehouse: str, source: str, settings: dict[str, str]) -> list[int]:
    """Sum every column that the stage uses: nothing that reads them all can be faster."""
    connection = duckdb.connect(warehouse, config=settings)
    with watch:
        connection.execute(
            "create or replace temp table floor as select sum(city_id), sum(industry_id), "
            f"sum(joined_year), sum(expired_year) from {source}"
        )
    return [int(value) for value in connection.execute("from floor").fetchone()]


def project_sql(
    watch: Watch,
    warehouse: str,
    statements: list[dict[str, Any]],
    settings: dict[str, str],
    output: str,
) -> dict[str, float]:
    """Run the project's own statements, from staged records to the weighted sum."""
    connection = duckdb.connect(warehouse, config=settings)
    with watch:
        steps = run_statements(connection, statements)
    write_result(connection, output)
    return steps


def duckdb_explode(
    watch: Watch, warehouse: str, tail: list[dict[str, Any]], settings: dict[str, str], output: str
) -> dict[str, float]:
    """Explode records into firm-years as one writes it first: unnest a range, then count."""
    return _explode(
        watch,
        warehouse,
        tail,
        settings,
        output,
        f"""
        select city_id, industry_id, year, count(*) as members
        from (
            select city_id, industry_id,
                unnest(range(joined_year, coalesce(expired_year, {LAST_YEAR}) + 1)) as year
            from {RECORDS}
        )
        group by all
        """,
    )


def duckdb_explode_tuned(
    watch: Watch, warehouse: str, tail: list[dict[str, Any]], settings: dict[str, str], output: str
) -> dict[str, float]:
    """Explode as fast as we know: join a table of years, and group by perfect hash as we do."""
    tuned = {**settings, "perfect_ht_threshold": "22", "preserve_insertion_order": "false"}
    return _explode(
        watch,
        warehouse,
        tail,
        tuned,
        output,
        f"""
        select city_id, industry_id, years.year, count(*) as members
        from {RECORDS} as members
        inner join years
            on years.year between members.joined_year
                and coalesce(members.expired_year, {LAST_YEAR})
        group by all
        """,
    )


def polars_difference_arrays(
    watch: Watch,
    warehouse: str,
    parquet: str,
    tail: list[dict[str, Any]],
    settings: dict[str, str],
    output: str,
) -> dict[str, float]:
    """Count joins and exits in polars' streaming engine and cumulate the difference."""
    import polars as pl

    connection = duckdb.connect(warehouse, config=settings)
    keys = ["city_id", "industry_id", "year"]
    with watch:
        began = time.perf_counter()
        records = pl.scan_parquet(parquet)
        joins = records.group_by("city_id", "industry_id", pl.col("joined_year").alias("year")).agg(
            pl.len().cast(pl.Int64).alias("change")
        )
        exits = (
            records.filter(pl.col("expired_year").is_not_null())
            .group_by("city_id", "industry_id", (pl.col("expired_year") + 1).alias("year"))
            .agg((-pl.len().cast(pl.Int64)).alias("change"))
        )
        changes = (
            pl.concat([joins, exits])
            .group_by(keys)
            .agg(pl.col("change").sum())
            .collect(engine="streaming")
        )
        grid = (
            changes.select("city_id", "industry_id")
            .unique()
            .join(
                pl.DataFrame({"year": range(FIRST_YEAR, LAST_YEAR + 1)}, schema={"year": pl.Int16}),
                how="cross",
            )
        )
        cube = (
            grid.join(changes, on=keys, how="left")
            .sort(keys)
            .with_columns(
                pl.col("change")
                .fill_null(0)
                .cum_sum()
                .over("city_id", "industry_id")
                .alias("members")
            )
        )
        connection.register("cube", cube.to_arrow())
        steps = finish(connection, tail, began)
    write_result(connection, output)
    return steps


def pandas_explode(
    watch: Watch,
    warehouse: str,
    parquet: str,
    tail: list[dict[str, Any]],
    settings: dict[str, str],
    output: str,
) -> dict[str, float]:
    """Repeat every record by the length of its spell in pandas, then group."""
    import numpy as np
    import pandas as pd

    connection = duckdb.connect(warehouse, config=settings)
    with watch:
        began = time.perf_counter()
        records = pd.read_parquet(parquet)
        last = records["expired_year"].fillna(LAST_YEAR).to_numpy(np.int64)
        joined = records["joined_year"].to_numpy(np.int64)
        length = last - joined + 1
        starts = np.repeat(np.cumsum(length) - length, length)
        exploded = pd.DataFrame(
            {
                "city_id": np.repeat(records["city_id"].to_numpy(), length),
                "industry_id": np.repeat(records["industry_id"].to_numpy(), length),
                "year": (np.repeat(joined, length) + np.arange(len(starts)) - starts).astype("i2"),
            }
        )
        cube = (
            exploded.groupby(["city_id", "industry_id", "year"])
            .size()
            .rename("members")
            .reset_index()
        )
        connection.register("cube", cube)
        steps = finish(connection, tail, began)
    write_result(connection, output)
    return steps


def compare_results(watch: Watch, ours: str, peers: dict[str, str]) -> dict[str, dict[str, float]]:
    """Compare stocks (exactly) and weighted sums (relative) of every peer with the project's."""
    connection = duckdb.connect()
    with watch:
        return {name: _differences(connection, ours, peer) for name, peer in peers.items()}


def _explode(watch, warehouse, tail, settings, output, select):
    connection = duckdb.connect(warehouse, config=settings)
    connection.execute(
        f"create temp table years as select range::smallint as year "
        f"from range({FIRST_YEAR}, {LAST_YEAR + 1})"
    )
    with watch:
        began = time.perf_counter()
        connection.execute(f"create or replace temp table cube as {select}")
        steps = finish(connection, tail, began)
    write_result(connection, output)
    return steps


def finish(connection, tail, began):
    """Store a peer's stocks and run the project's statements that follow them."""
    connection.execute(STOCKS_FROM_CUBE)
    return {"records to stocks": time.perf_counter() - began, **run_statements(connection, tail)}


def run_statements(connection, statements):
    """Create each statement's table between its hooks, as dbt does; seconds by name."""
    steps = {}
    for statement in statements:
        schema = statement["relation"].split(".")[1]
        connection.execute(f"create schema if not exists {schema}")
        began = time.perf_counter()
        for hook in statement["before"]:
            connection.execute(hook)
        connection.execute(
            f"create or replace table {statement['relation']} as ({statement['sql']}\n)"
        )
        for hook in statement["after"]:
            connection.execute(hook)
        steps[statement["name"]] = time.perf_counter() - began
    return steps


def copy_small_table(connection, relation, city_suffixes):
    """Copy a table; with several suffixes, once per suffix of its city codes."""
    _, schema, table = relation.replace('"', "").split(".")
    connection.execute(f"create schema if not exists {schema}")
    source = f"upstream.{schema}.{table}"
    columns = [row[0] for row in connection.execute(f"describe {source}").fetchall()]
    if "city_code" in columns and city_suffixes != [""]:
        connection.execute(
            f"create table {schema}.{table} as "
            "select small.* replace (small.city_code || suffix.code as city_code) "
            f"from {source} as small cross join (select unnest($1::varchar[]) as code) as suffix",
            [city_suffixes],
        )
    else:
        connection.execute(f"create table {schema}.{table} as from {source}")


def write_result(connection, output):
    """Keep what is compared; untimed."""
    connection.execute(
        f"copy (select city_code, sector, year, members from {STOCKS} "
        f"where members <> 0 and year <= {LAST_YEAR}) to '{output}.stocks.parquet'"
    )
    connection.execute(
        f"copy (select city_code, year, members, vagg, vagg_wide, vagg_shrunken, vagg_per_worker "
        f"from {RESULT}) to '{output}.vagg.parquet'"
    )


def _differences(connection, ours, peer):
    mine, theirs = f"'{ours}.stocks.parquet'", f"'{peer}.stocks.parquet'"
    unequal = connection.execute(
        f"""
        select
            (select count(*) from (from {mine} except from {theirs}))
            + (select count(*) from (from {theirs} except from {mine}))
        """
    ).fetchone()[0]
    measures = ("members", "vagg", "vagg_wide", "vagg_shrunken", "vagg_per_worker")
    distances = ", ".join(
        f"coalesce(abs(ours.{name} - peer.{name}) / greatest(abs(ours.{name}), 1), 0)"
        for name in measures
    )
    rows, unmatched, distance = connection.execute(
        f"""
        select count(*), count(*) filter (where ours.year is null or peer.year is null),
            max(greatest({distances}))
        from '{ours}.vagg.parquet' as ours
        full outer join '{peer}.vagg.parquet' as peer using (city_code, year)
        """
    ).fetchone()
    return {
        "unequal_stocks": unequal,
        "city_years": rows,
        "unmatched_city_years": unmatched,
        "largest_relative_difference": distance,
    }
