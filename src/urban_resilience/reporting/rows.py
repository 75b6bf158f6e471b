"""Rows of a warehouse as plain Python values."""

from __future__ import annotations

import math
from collections.abc import Sequence

import duckdb

from urban_resilience.reporting.words import CITIES, Unit

Row = dict[str, object]


def rows(
    connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[object] = ()
) -> list[Row]:
    """Run a query; missing numbers become None, as in JSON.

    Parameters
    ----------
    connection
        To a built warehouse.
    query
        One select.
    values
        Of its placeholders.

    Returns
    -------
    list of dict
        One a row, keys in the order of the select.
    """
    result = connection.execute(query, list(values))
    names = [column[0] for column in result.description or ()]
    return [
        {name: _plain(value) for name, value in zip(names, row, strict=True)}
        for row in result.fetchall()
    ]


def grouped(found: Sequence[Row], column: str = "spec_id") -> dict[str, list[Row]]:
    """Put rows together by the value of a column, groups and rows in the order they come."""
    groups: dict[str, list[Row]] = {}
    for row in found:
        groups.setdefault(str(row[column]), []).append(row)
    return groups


def scalar(connection: duckdb.DuckDBPyConnection, query: str) -> object:
    """Return the first value of a query, None without rows."""
    row = connection.execute(query).fetchone()
    return None if row is None else _plain(row[0])


def setting(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """Value of a row of `study_settings`; empty where there is none."""
    row = connection.execute(
        "select value from reference.study_settings where setting = ?", [name]
    ).fetchone()
    return str(row[0]) if row and row[0] is not None else ""


def unit_of(connection: duckdb.DuckDBPyConnection) -> Unit:
    """Read what the study calls its places; cities where it does not say."""
    said = (setting(connection, f"place_{name}") for name in ("name_en", "names_en", "name_zh"))
    words = zip(said, (CITIES.one, CITIES.many, CITIES.zh), strict=True)
    return Unit(*(word or instead for word, instead in words))


def _plain(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
