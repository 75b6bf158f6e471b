"""Rows that are no data: remarks under a table, and rows named in a message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from urban_resilience.intake.cells.text import clean_header
from urban_resilience.intake.reading.grid import is_blank

SHOWN_ROWS = 5
_NOTE_WORDS = ("注", "资料来源", "数据来源", "说明", "note", "source")


def is_note(cells: Sequence[object]) -> bool:
    """Whether a row is a remark under the table: one text that begins as remarks do."""
    return clean_header(only_text(cells)).lstrip("(*").startswith(_NOTE_WORDS)


def only_text(cells: Sequence[object]) -> str:
    """Return the one text of a row, which a merged cell may repeat; empty where there is more."""
    only: object = None
    for cell in cells:
        if is_blank(cell):
            continue
        # Every row is asked: most have a second text, and are done with it.
        if only is not None and str(cell) != str(only):
            return ""
        only = cell if only is None else only
    return only if isinstance(only, str) else ""


def listed(rows: Iterable[int]) -> str:
    """Name the first rows of a list, each once."""
    numbers = list(dict.fromkeys(rows))
    shown = ", ".join(str(row) for row in numbers[:SHOWN_ROWS])
    return shown + (", ..." if len(numbers) > SHOWN_ROWS else "")
