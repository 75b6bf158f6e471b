"""The marts as one SQLite file inside a script, for the page that runs SQL in the browser."""

from __future__ import annotations

import base64
import gzip
import json
import sqlite3
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

# Of the script. What does not fit is named on the page.
BUDGET_BYTES = 4_000_000
# Rows of a relation that would crowd the others out.
LARGEST_RELATION = 80_000
SCHEMAS = ("results", "indices", "panel", "reference", "quality")
REALS = ("DOUBLE", "FLOAT", "DECIMAL")


@dataclass(frozen=True)
class SqlMarts:
    """What the page can ask.

    Attributes
    ----------
    script
        JavaScript that sets ``SITE.marts`` to the packed file, base64 of gzip.
    relations
        ``schema.name`` and rows of what is in it.
    left_out
        ``schema.name`` and rows of what is not.
    """

    script: str
    relations: tuple[tuple[str, int], ...]
    left_out: tuple[tuple[str, int], ...]


def sql_marts(
    connection: duckdb.DuckDBPyConnection,
    first: Collection[str] = (),
    budget: int = BUDGET_BYTES,
) -> SqlMarts:
    """Pack the marts as far as they fit: those that must be there, then the smallest first.

    Parameters
    ----------
    connection
        To a built warehouse.
    first
        ``schema.name`` of relations that come before the others.
    budget
        Bytes of the script.
    """
    sizes = sorted(
        connection.execute(
            "select table_schema || '.' || table_name, table_schema, table_name"
            " from information_schema.tables where table_schema in "
            f"({', '.join(repr(schema) for schema in SCHEMAS)})"
        ).fetchall()
    )
    counted = sorted(
        (
            (connection.execute(f'select count(*) from "{s}"."{t}"').fetchall()[0][0], name, s, t)
            for name, s, t in sizes
        ),
        key=lambda found: (found[1] not in first, found),
    )
    packed, used, kept, left_out = 0, [], [], []
    for count, name, schema, table in counted:
        if count > LARGEST_RELATION:
            left_out.append((name, count))
            continue
        relation = connection.execute(f'select * from "{schema}"."{table}"')
        names = [column[0] for column in relation.description or ()]
        content = [tuple(_plain(value) for value in row) for row in relation.fetchall()]
        # Base64 takes four bytes for three.
        size = len(gzip.compress(repr(content).encode(), 1)) * 4 // 3
        if packed + size > budget:
            left_out.append((name, count))
            continue
        packed += size
        used.append((name, names, content))
        kept.append((name, count))
    text = json.dumps(base64.b64encode(gzip.compress(_file(used), 6, mtime=0)).decode())
    return SqlMarts(
        f"window.SITE=window.SITE||{{}};SITE.marts={text};\n", tuple(kept), tuple(left_out)
    )


def _file(relations: list[tuple[str, list[str], list[tuple[object, ...]]]]) -> bytes:
    """Write relations as tables named ``schema.name``; the page spreads them over schemas."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "marts.sqlite"
        target = sqlite3.connect(path)
        for name, columns, content in relations:
            listed = ", ".join(f'"{column}"' for column in columns)
            target.execute(f'create table "{name}" ({listed})')
            places = ", ".join("?" * len(columns))
            target.executemany(f'insert into "{name}" values ({places})', content)
        target.commit()
        target.execute("vacuum")
        target.close()
        return path.read_bytes()


def _plain(value: object) -> object:
    """Return a value that SQLite has."""
    if isinstance(value, bool):
        return int(value)
    if value is None or isinstance(value, int | float | str):
        return value
    return str(value)
