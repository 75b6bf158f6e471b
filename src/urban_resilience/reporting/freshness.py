"""Which raw tables of a warehouse are older than they should be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class SuppliedTable:
    """A raw table and its age.

    Attributes
    ----------
    supplied_at
        When its newest file was last modified, UTC.
    age_days, limit_days
        Its age, and the age after which it is stale, days.
    """

    table: str
    supplied_at: datetime
    age_days: float
    limit_days: float

    @property
    def is_stale(self) -> bool:
        """Whether it is older than its limit."""
        return self.age_days > self.limit_days

    def __str__(self) -> str:
        return (
            f"{self.table} was supplied on {self.supplied_at:%Y-%m-%d},"
            f" {self.age_days:.0f} days ago (limit {self.limit_days:.0f})"
        )


def supplied_tables(warehouse: Path, at: datetime | None = None) -> list[SuppliedTable]:
    """Read the raw tables that have files, with their ages.

    Parameters
    ----------
    warehouse
        A built file. One that has no ``quality.rpt_freshness``, or that cannot be opened, has no
        ages to tell; its damage is told elsewhere.
    at
        Time to count the ages to; now if absent, which is later than the build where nothing has
        changed since.
    """
    at = (at or datetime.now(UTC)).astimezone(UTC).replace(tzinfo=None)
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            rows = connection.execute(
                "select table_name, supplied_at, limit_days from quality.rpt_freshness"
                " where supplied_at is not null order by table_name"
            ).fetchall()
    except duckdb.Error:
        return []
    return [
        SuppliedTable(table, supplied, max((at - supplied).total_seconds() / 86_400, 0.0), limit)
        for table, supplied, limit in rows
    ]


def stale_tables(warehouse: Path, at: datetime | None = None) -> list[SuppliedTable]:
    """Those of `supplied_tables` that are older than their limit."""
    return [table for table in supplied_tables(warehouse, at) if table.is_stale]
