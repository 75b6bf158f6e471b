"""What the study calls its printed tables, and in which order they come: rows of a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from urban_resilience.reporting.rows import rows
from urban_resilience.reporting.words import Both

RELATION = "result_tables"
NONE = Both("", "")


@dataclass(frozen=True)
class ResultTables:
    """Titles and notes by table, in the order of the seed `result_tables`.

    Attributes
    ----------
    titles
        By ``table_id``.
    notes
        A sentence below it; only tables that have one.
    """

    titles: Mapping[str, Both] = field(default_factory=dict)
    notes: Mapping[str, Both] = field(default_factory=dict)

    def title(self, table_id: str) -> Both:
        """Title of a table; its id, spelled out, where the study gives it none."""
        plain = table_id.replace("_", " ").capitalize()
        return self.titles.get(table_id, Both(plain, plain))

    def note(self, table_id: str) -> Both:
        """Return the sentence below a table; empty where it has none."""
        return self.notes.get(table_id, NONE)

    def order(self, table_id: object) -> tuple[int, str]:
        """Key that sorts tables: those of the seed first, in its order, then by name."""
        known = list(self.titles)
        name = str(table_id)
        return (known.index(name) if name in self.titles else len(known), name)


def read_result_tables(connection: duckdb.DuckDBPyConnection) -> ResultTables:
    """Read them from a built warehouse; one built before the seed was there has no titles."""
    is_there = connection.execute(
        "select 1 from information_schema.tables where table_schema = 'reference'"
        " and table_name = ?",
        [RELATION],
    ).fetchone()
    if not is_there:
        return ResultTables()
    found = rows(
        connection,
        "select table_id, title_en, coalesce(title_zh, title_en) as title_zh, note_en,"
        f" coalesce(note_zh, note_en) as note_zh from reference.{RELATION}"
        " order by position nulls last, table_id",
    )
    return ResultTables(
        {str(row["table_id"]): Both(str(row["title_en"]), str(row["title_zh"])) for row in found},
        {
            str(row["table_id"]): Both(str(row["note_en"] or row["note_zh"]), str(row["note_zh"]))
            for row in found
            if row["note_zh"]
        },
    )
