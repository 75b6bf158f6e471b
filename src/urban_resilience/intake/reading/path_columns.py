"""Columns that stand in a file's path, as Spark, Hive and DuckDB part a table.

`platform_members/joined_year=2019/part-0.parquet` has no column `joined_year`: its writer took it
out of the file. A column that the file has too is read from the file.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath
from urllib.parse import unquote

from urban_resilience.shared.database import name, quote

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


def columns_in_path(source: str, in_file: Collection[str]) -> dict[str, str | None]:
    """Name the columns that the folders above a file hold.

    Parameters
    ----------
    source : str
        The file below the raw folder, with slashes.
    in_file : collection of str
        Columns of the file itself.

    Returns
    -------
    dict of str to str or None
        Values by column, as text; None where the writer had none.
    """
    pairs = [
        (unquote(key), unquote(value))
        for key, sign, value in (part.partition("=") for part in PurePosixPath(source).parts[:-1])
        if sign and key
    ]
    return {key: None if value == NO_VALUE else value for key, value in pairs if key not in in_file}


def with_path_columns(
    relation: str, columns: dict[str, str | None], numbers: Collection[str] = ()
) -> str:
    """Add them to a relation, as text but for whole numbers in columns that are to hold numbers."""
    if not columns:
        return relation
    added = ", ".join(
        f"{_literal(value, key in numbers)} as {name(key)}" for key, value in columns.items()
    )
    return f"(select *, {added} from {relation})"


def _literal(value: str | None, as_number: bool) -> str:
    if value is None:
        return "null"
    is_whole = value.isascii() and value.isdecimal() and len(value) < 10
    return str(int(value)) if as_number and is_whole else quote(value)
