"""Parquet files that fulfil the contract as they are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb

from urban_resilience.intake.reading.path_columns import columns_in_path, with_path_columns
from urban_resilience.intake.vocabulary.aliases import CITY_NAME
from urban_resilience.intake.vocabulary.cities import resolve
from urban_resilience.intake.vocabulary.contract import Table
from urban_resilience.shared.database import connect, parquet

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_FITTING = {
    "varchar": ("VARCHAR",),
    "integer": _INTEGERS,
    # FLOAT is not here: its figures are read as the decimals they were typed as.
    "double": ("DOUBLE", *_INTEGERS),
}

# The type of a column without a value.
_NOTHING = '"NULL"'


def needs_nothing(path: Path, table: Table, source: str) -> bool:
    """Whether names, types and city codes are already those of the contract.

    Types that the contract's cast takes over without loss are as good as its own. Columns may stand
    in the path below the raw folder (`source`).
    """
    with connect() as connection:
        own = parquet(path)
        numbers = [column.name for column in table.columns if column.data_type != "varchar"]
        above = columns_in_path(source, _types(connection, own))
        relation = with_path_columns(own, above, numbers)
        types = _types(connection, relation)
        fits = all(
            types.get(column.name, _NOTHING) in (*_FITTING[column.data_type], _NOTHING)
            for column in table.columns
        )
        if not fits or any(column not in types for column in table.keys):
            return False
        if not _is_finite(connection, relation, table, types):
            return False
        return "city_code" not in types or _codes_are_current(connection, relation, table, types)


def _types(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    return dict(
        connection.execute(
            f"select column_name, column_type from (describe select * from {relation})"
        ).fetchall()
    )


def _is_finite(
    connection: duckdb.DuckDBPyConnection, relation: str, table: Table, types: dict
) -> bool:
    """Whether no figure is NaN or infinite; pyarrow writes such cells as they are."""
    doubles = [column.name for column in table.columns if types.get(column.name) == "DOUBLE"]
    if not doubles:
        return True
    odd = " or ".join(f"not isfinite({name})" for name in doubles)
    rows = connection.execute(f"select count(*) from {relation} where {odd}").fetchall()
    return rows[0][0] == 0


def _codes_are_current(
    connection: duckdb.DuckDBPyConnection, relation: str, table: Table, types: dict
) -> bool:
    given = CITY_NAME if types.get(CITY_NAME) == "VARCHAR" else "null"
    pairs = connection.execute(
        f"select distinct city_code, cast({given} as varchar) from {relation}"
    ).fetchall()
    for code, city_name in pairs:
        city = resolve(code, city_name, row_is_city=table.row_is_city)
        if city.reason or city.code != code:
            return False
    return True


def link(path: Path, target: Path) -> None:
    """Let the target be the file, without copying it where the disk allows."""
    for way in (os.link, os.symlink, shutil.copy2):
        try:
            way(path.resolve(), target)
            return
        except OSError:
            continue
    raise OSError(f"cannot place {path} at {target}")
