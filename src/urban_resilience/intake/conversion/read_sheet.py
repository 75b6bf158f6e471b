"""A recognized sheet to rows of its table; remarks under the table are left out, and said."""

from __future__ import annotations

from urban_resilience.intake.conversion.left_members import left_without_a_year
from urban_resilience.intake.conversion.long import LongSheet
from urban_resilience.intake.conversion.rows import SheetRows
from urban_resilience.intake.conversion.wide import WideSheet
from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.reading.remarks import is_note, listed
from urban_resilience.intake.recognition.match import Ignored
from urban_resilience.intake.recognition.provinces import heading_province
from urban_resilience.intake.recognition.recognize import LONG, Recognized
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.intake.vocabulary.mapping import reading
from urban_resilience.intake.vocabulary.places import MUNICIPALITIES
from urban_resilience.shared.problems import FileFault


def read_sheet(grid: Grid, recognized: Recognized) -> SheetRows:
    """Turn a recognized sheet into rows."""
    with reading(grid.source):
        return _read(grid, recognized)


def _read(grid: Grid, recognized: Recognized) -> SheetRows:
    table = contract()[recognized.table]
    positions = [row for row, _ in grid.filled_rows(recognized.data_start)]
    notes = list(grid.notes)
    left_out = {row for row in positions if is_note(grid.rows[row])}
    headings = {row for row in positions if heading_province(grid.rows[row]) in MUNICIPALITIES}
    if headings:
        notes.append(
            "rows of municipalities without a figure left out: "
            f"{listed(map(grid.row_number, sorted(headings)))}"
        )
    if left_out:
        notes.append(f"rows of notes left out: {listed(map(grid.row_number, sorted(left_out)))}")
    kept = [row for row in positions if row not in left_out | headings]
    if not kept:
        fault = FileFault("there is a header but no row of data.", "Add the data, or remove it.")
        return SheetRows(table.name, grid, recognized, [], [], (), [], [fault], notes)
    build = LongSheet if recognized.layout == LONG else WideSheet
    sheet = build(table, grid, recognized, kept).sheet()
    sheet.notes = notes + sheet.notes
    sheet.doubts += left_without_a_year(grid, recognized, sheet.matched)
    # What the shape says of a column says more than that its header is unknown.
    said = {header for header, _ in grid.left_out}
    sheet.ignored = [item for item in sheet.ignored if item.header not in said]
    sheet.ignored += [Ignored(header, reason) for header, reason in grid.left_out]
    return sheet
