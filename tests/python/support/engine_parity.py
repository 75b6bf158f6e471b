"""What two engines built of the same models: the same keys, the same words, numbers to 1e-9."""

from __future__ import annotations

from pathlib import Path

import duckdb

# Relative; what lies nearer to zero than TINY is nothing but rounding in both.
CLOSE, TINY = 1e-9, 1e-12


def differences(warehouse: Path, hand_over: Path, schema: str, name: str) -> list[str]:
    """In words, what differs between a relation of a DuckDB file and its Parquet from Spark."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        ours = f'"{schema}"."{name}"'
        theirs = f"read_parquet('{hand_over}/{schema}/{name}/*.parquet', hive_partitioning = false)"
        columns = _columns(connection, ours)
        others = _columns(connection, theirs)
        if list(columns) != list(others):
            return [f"columns: {sorted(set(columns) ^ set(others)) or 'in another order'}"]
        numbers = [column for column, kind in columns.items() if kind in ("DOUBLE", "FLOAT")]
        words = [column for column in columns if column not in numbers]
        one, two = _numbered(ours, words, numbers), _numbered(theirs, words, numbers)
        both = " and ".join(
            ["o.place = t.place", *[f"o.{w} is not distinct from t.{w}" for w in words]]
        )
        lost = connection.execute(
            f"select count(*) from {one} as o full join {two} as t on {both}"
            " where o.place is null or t.place is null"
        ).fetchone()
        found = [f"{lost[0]} rows have no partner"] if lost and lost[0] else []
        for column in numbers:
            far = connection.execute(
                f"select count(*), max(abs(o.{column} - t.{column}) / abs(o.{column}))"
                f" from {one} as o inner join {two} as t on {both}"
                f" where (o.{column} is null) <> (t.{column} is null)"
                f" or abs(o.{column} - t.{column}) > greatest({TINY}, {CLOSE} * abs(o.{column}))"
            ).fetchone()
            if far and far[0]:
                found.append(f"{column}: {far[0]} values differ, by up to {far[1]} of themselves")
        return found


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    rows = connection.execute(f"describe select * from {relation}").fetchall()
    return {row[0]: row[1] for row in rows}


def _numbered(relation: str, words: list[str], numbers: list[str]) -> str:
    """Rows that share all their words are told apart by the order of their numbers."""
    apart = ", ".join(words) or "true"
    order = ", ".join(f"round({number}, 6)" for number in numbers) or "true"
    return (
        f"(select *, row_number() over (partition by {apart} order by {order}) as place"
        f" from {relation})"
    )
