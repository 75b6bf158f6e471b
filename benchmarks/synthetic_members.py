"""Generated firm records: as many as asked for, skewed as membership is, the same every time."""

from __future__ import annotations

from typing import Any

import duckdb

from benchmarks.isolated import Watch

SEED = 20191231
FIRST_YEAR = 2002
LAST_YEAR = 2019
N_INDUSTRIES = 90
BLOCK = 1_000_000


def write_members(
    watch: Watch, path: str, n_records: int, cities: list[str], industries: list[str]
) -> dict[str, Any]:
    """Write ``platform_members`` in the raw contract's columns as Parquet.

    Every attribute is a uniform number hashed from the record's number and ``SEED``: squares make
    a few cities and industries large, joining years crowd towards the end, and spells are
    geometric; a spell that would end after the last year is still running (null).
    """
    connection = duckdb.connect()
    connection.execute("set preserve_insertion_order = false")
    block = min(BLOCK, n_records)
    if n_records % block:
        raise ValueError(f"{n_records} records are no multiple of {block}")
    # A stored block of numbers is scanned by every core; a range over all records is not.
    connection.execute(f"create table block as select range as number from range({block})")
    connection.execute("create table city_list as select unnest($1::varchar[]) as code", [cities])
    connection.execute(
        "create table industry_list as select unnest($1::varchar[]) as code", [industries]
    )
    with watch:
        connection.execute(
            f"copy ({_records_sql(n_records // block, cities, industries)}) "
            f"to '{path}' (format parquet)"
        )
    return dict(
        zip(
            ("records", "firm_years", "still_active_share"),
            connection.execute(
                f"""
                select count(*), sum(coalesce(expired_year, {LAST_YEAR}) - joined_year + 1)::bigint,
                    count(*) filter (where expired_year is null) / count(*)
                from '{path}'
                """
            ).fetchone(),
            strict=True,
        )
    )


def _records_sql(n_blocks: int, cities: list[str], industries: list[str]) -> str:
    def uniform(salt: int) -> str:
        return f"(hash(record * 8 + {salt} + {SEED}) / 18446744073709551616.0)"

    return f"""
        with numbered as (
            select number + {BLOCK}::bigint * copies.range as record
            from block cross join range({n_blocks}) as copies
        ),
        drawn as (
            select
                record,
                least(floor({len(cities)} * {uniform(1)} ** 2)::integer, {len(cities) - 1})
                    as city,
                least(floor({len(industries)} * {uniform(2)} ** 2)::integer, {len(industries) - 1})
                    as industry,
                {FIRST_YEAR} + floor({LAST_YEAR - FIRST_YEAR + 1} * sqrt({uniform(3)}))::integer
                    as joined_year,
                floor(-6 * ln(1 - {uniform(4)}))::integer as extra_years
            from numbered
        )
        select
            'F' || record as firm_id,
            (select list(code order by code) from city_list)[city + 1] as city_code,
            (select list(code order by code) from industry_list)[industry + 1] as industry_code,
            joined_year,
            case when joined_year + extra_years <= {LAST_YEAR}
                then joined_year + extra_years end as expired_year
        from drawn
    """
