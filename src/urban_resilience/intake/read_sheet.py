"""A recognized sheet to rows of its table; remarks under the table are left out, and said."""

from __future__ import annotations

from urban_resilience.intake.contract import contract
from urban_resilience.intake.grid import Grid, is_blank
from urban_resilience.intake.long import LongSheet
from urban_resilience.intake.problems import FileFault
from urban_resilience.intake.recognize import LONG, Recognized
from urban_resilience.intake.rows import SheetRows
from urban_resilience.intake.text import clean_header
from urban_resilience.intake.wide import WideSheet

_NOTE_WORDS = ("注", "资料来源", "数据来源", "说明", "note", "source")


def read_sheet(grid: Grid, recognized: Recognized) -> SheetRows:
    """Turn a recognized sheet into rows."""
    table = contract()[recognized.table]
    positions = [row for row, _ in grid.filled_rows(recognized.data_start)]
    notes = list(grid.notes)
    left_out = {row for row in positions if _is_note(grid.rows[row])}
    if left_out:
        notes.append(f"rows of notes left out: {_listed(sorted(left_out))}")
    kept = [row for row in positions if row not in left_out]
    if not kept:
        fault = FileFault("there is a header but no row of data.", "Add the data, or remove it.")
        return SheetRows(table.name, grid, recognized, [], [], (), [], [fault], notes)
    build = LongSheet if recognized.layout == LONG else WideSheet
    sheet = build(table, grid, recognized, kept).sheet()
    sheet.notes = notes + sheet.notes
    return sheet


def _is_note(cells: list[object]) -> bool:
    """Whether a row is a remark under the table: one text that begins as remarks do."""
    filled = [cell for cell in cells if not is_blank(cell)]
    return bool(
        len({str(cell) for cell in filled}) == 1
        and isinstance(filled[0], str)
        and clean_header(filled[0]).lstrip("(*").startswith(_NOTE_WORDS)
    )


def _listed(rows: list[int]) -> str:
    shown = ", ".join(str(row + 1) for row in rows[:5])
    return shown + (", ..." if len(rows) > 5 else "")
