"""Rows that are no data: remarks under a table, and rows named in a message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from urban_resilience.intake.cells.text import clean_header
from urban_resilience.intake.reading.grid import is_blank

SHOWN_ROWS = 5
_NOTE_WORDS = ("注", "资料来源", "数据来源", "说明", "note", "source")


def is_note(cells: Sequence[object]) -> bool:
    """Whether a row is a remark under the table: one text that begins as remarks do."""
    filled = [cell for cell in cells if not is_blank(cell)]
    return bool(
        len({str(cell) for cell in filled}) == 1
        and isinstance(filled[0], str)
        and clean_header(filled[0]).lstrip("(*").startswith(_NOTE_WORDS)
    )


def listed(rows: Iterable[int]) -> str:
    """Name the first rows of a list, each once."""
    numbers = list(dict.fromkeys(rows))
    shown = ", ".join(str(row) for row in numbers[:SHOWN_ROWS])
    return shown + (", ..." if len(numbers) > SHOWN_ROWS else "")
