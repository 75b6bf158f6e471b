"""Counts what a shuffle of generated records would carry; runs in a process of its own."""

from __future__ import annotations

import duckdb

from benchmarks.isolated import Watch

SEED = 271828


def count_shuffle(
    watch: Watch,
    n_records: int,
    exponent: float,
    sizes: list[int],
    task_records: int,
    partitions: int,
) -> dict[str, float]:
    """Count records by city, and the counts that tasks send, by hash partition.

    A city's share falls with its rank to the power of ``exponent``. A task is counted by itself and
    forgotten: memory does not grow with the records.
    """
    n_cities, n_industries, n_years = sizes
    connection = duckdb.connect(config={"memory_limit": "1500MB"})
    connection.execute("set preserve_insertion_order = false")
    connection.execute("set perfect_ht_threshold = 22")
    connection.execute(f"create table block as select range as number from range({task_records})")
    # A hundred thousand draws of a city: drawn from by number, so that cities need no search.
    connection.execute(
        f"""
        create table urn as
        with shares as (
            select range as city, sum(pow(range + 1, -{exponent})) over (order by range) as upto
            from range({n_cities})
        )
        select draw.range as draw, shares.city::smallint as city
        from range(100000) as draw
        asof join shares
            on (draw.range + 0.5) / 100000 * (select max(upto) from shares) <= shares.upto
        """
    )
    connection.execute("create table cities (city smallint, n bigint)")
    connection.execute("create table sent (part smallint, n bigint)")
    with watch:
        for task in range(n_records // task_records):
            connection.execute(
                f"""
                create or replace temp table counted as
                with drawn as (
                    select
                        {_uniform(1, task, task_records)} as u,
                        {_uniform(2, task, task_records)} as v,
                        {_uniform(3, task, task_records)} as w
                    from block
                )
                select urn.city, (v * v * {n_industries})::integer as industry,
                    (sqrt(w) * {n_years})::integer as year, count(*) as n
                from drawn inner join urn on (u * 99999)::integer = urn.draw
                group by all
                """
            )
            connection.execute("insert into cities select city, sum(n) from counted group by city")
            connection.execute(
                f"insert into sent select hash(city, industry, year) % {partitions}, count(*) "
                "from counted group by all"
            )
    largest, city_fullest = connection.execute(
        f"""
        with cities as (select city, sum(n) as n from cities group by city),
        parts as (select hash(city) % {partitions} as part, sum(n) as n from cities group by part)
        select (select max(n) / sum(n) from cities), max(n) / (sum(n) / {partitions}) from parts
        """
    ).fetchone()
    counts, cell_fullest = connection.execute(
        f"""
        with parts as (select part, sum(n) as n from sent group by part)
        select sum(n)::bigint, max(n) / (sum(n) / {partitions}) from parts
        """
    ).fetchone()
    return {
        "largest_city": float(largest),
        "city_fullest": float(city_fullest),
        "counts_sent": int(counts),
        "cell_fullest": float(cell_fullest),
    }


def _uniform(salt: int, task: int, task_records: int) -> str:
    record = f"(number + {task}::bigint * {task_records})"
    return f"(hash({record} * 8 + {salt} + {SEED}) / 18446744073709551616.0)"
