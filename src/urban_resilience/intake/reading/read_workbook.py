"""Workbooks of Excel and of OpenDocument: every sheet with its merged cells spread out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from urban_resilience.intake.reading.comments import comments_of, said_of
from urban_resilience.intake.reading.excel_protection import unprotected
from urban_resilience.intake.reading.grid import Grid, is_blank
from urban_resilience.intake.reading.hidden_cells import HiddenCells, hidden_cells
from urban_resilience.intake.reading.old_comments import old_comments
from urban_resilience.intake.reading.old_excel import old_hidden_cells, old_workbook
from urban_resilience.intake.reading.workbook_parts import readable_parts
from urban_resilience.shared.problems import FileFault

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

FORMATS = {".xls": "xls", ".xlsb": "xlsb", ".ods": "ods"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What the reader does not tell of these formats, for whoever reads the report.
_SILENT = {
    "xls": ("error values of Excel, such as #DIV/0!, are read as missing in a .xls",),
    "xlsb": (
        "error values of Excel, such as #DIV/0!, are read as missing in a .xlsb",
        "merged cells are read in their first cell only in a .xlsb",
        "hidden rows, hidden columns, struck and white cells are not told from others in a .xlsb, "
        "and comments are not looked for",
    ),
    "ods": (
        "merged cells are read in their first cell only in a .ods",
        "hidden rows, hidden columns, struck and white cells are not told from others in a .ods",
    ),
}


def read_workbook(
    path: Path, source: str, uses_hidden: Callable[[str], bool] = lambda _: False
) -> list[Grid]:
    """Read all sheets that hold anything; hidden ones are marked.

    Hidden rows and columns, and cells that are struck through, are left out and named, unless
    `uses_hidden` says of the sheet that its owner wants them.

    Raises
    ------
    FileFault
        Where the file is encrypted, damaged or empty, where a formula of OpenDocument was never
        calculated, or where a cell stands so far off that the sheet does not fit into memory.
    """
    if not path.stat().st_size:
        raise FileFault("the file is empty.", "Save the workbook again.")
    kind = FORMATS.get(path.suffix.casefold(), "xlsx")
    with _faults_named(path):
        old = old_workbook(path) if _is_old(path) else b""
        hidden = old_hidden_cells(old) if _is_old(path) else hidden_cells(path)
    with _faults_named(path), _open(path) as workbook:
        beside = old_comments(old) if _is_old(path) else comments_of(path)
        grids = [
            _as_seen(
                _with_comments(grid, beside.get(name, ())),
                is_visible,
                hidden.get(name),
                uses_hidden,
            )
            for name, is_visible in _worksheets(workbook)
            if (grid := _read_sheet(workbook.get_sheet_by_name(name), source, kind)) is not None
        ]
    if not grids:
        raise FileFault("no sheet of the workbook holds anything.", "Save it with its data.")
    return grids


def _is_old(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(8) == _OLE


@contextmanager
def _faults_named(path: Path) -> Iterator[None]:
    """Say what the user can do about a file that the library cannot read."""
    # Imported here: a folder without workbooks need not wait for it.
    from python_calamine import PasswordError

    try:
        yield
    except (FileFault, KeyboardInterrupt, MemoryError):
        raise
    # Damaged bytes may also end in a panic of the library, which is no `Exception`.
    except BaseException as error:
        if isinstance(error, PasswordError) or _is_old(path):
            certain = isinstance(error, PasswordError)
            raise FileFault(
                f"the workbook is protected by a password{'' if certain else ', or damaged'}.",
                "Remove the password" + ("." if certain else ", or save it as .xlsx."),
            ) from None
        raise FileFault(
            f"the workbook is damaged or no {path.suffix} file ({type(error).__name__}).",
            "Open it in Excel and save it again, as .xlsx.",
        ) from None


def _open(path: Path) -> CalamineWorkbook:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    parts = readable_parts(path)
    if parts is not None:
        return CalamineWorkbook.from_filelike(parts)
    try:
        return CalamineWorkbook.from_path(path)
    except PasswordError:
        plain = unprotected(path)
        if plain is None:
            raise
        return CalamineWorkbook.from_filelike(plain)
    except CalamineError:
        # Under the name of another format, as files from the web are.
        with path.open("rb") as file:
            return CalamineWorkbook.from_filelike(file)


def _worksheets(workbook: CalamineWorkbook) -> list[tuple[str, bool]]:
    """Names of the sheets, and whether each is visible."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    return [
        (sheet.name, sheet.visible == SheetVisibleEnum.Visible)
        for sheet in workbook.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet
    ]


def _with_comments(grid: Grid, comments: Sequence[tuple[str, str]]) -> Grid:
    """Say what is written beside the cells of a sheet."""
    if not comments:
        return grid
    doubts, notes = said_of(comments)
    return replace(grid, doubts=(*grid.doubts, *doubts), notes=(*grid.notes, *notes))


def _as_seen(
    grid: Grid, is_visible: bool, hidden: HiddenCells | None, uses_hidden: Callable[[str], bool]
) -> Grid:
    """Leave out what its owner hid, unless the owner says that it is to be used."""
    if (is_visible and hidden is None) or uses_hidden(grid.source):
        return grid
    if not is_visible or hidden is None:
        return replace(grid, is_hidden=True)
    rows, said = hidden.blanked(grid.rows)
    return replace(grid, rows=rows, doubts=(*grid.doubts, *said))


def _read_sheet(sheet: CalamineSheet, source: str, kind: str) -> Grid | None:
    rows = _filled_part(sheet)
    if not rows:
        return None
    width = max(map(len, rows))
    repeated = set()
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        value = rows[top][left] if top < len(rows) and left < len(rows[top]) else None
        if value is None:
            continue
        for row in range(top, min(bottom + 1, len(rows))):
            if not rows[row]:
                rows[row] = [None] * width
            for column in range(left, min(right + 1, width)):
                if rows[row][column] is None:
                    rows[row][column] = value
                    repeated.add((row, column))
    return Grid(
        source=f"{source} [{sheet.name}]",
        rows=rows,
        format=kind,
        title=sheet.name,
        repeated=frozenset(repeated),
        notes=_SILENT.get(kind, ()),
    )


def _filled_part(sheet: CalamineSheet) -> list[list[object]]:
    """Rows up to the last cell that holds anything; blank ones are one empty list."""
    if sheet.start is None:
        return []
    top, left = sheet.start
    blank: list[object] = []
    rows, n_filled = [blank] * top, 0
    # The iterator begins with row 1 whatever is blank, but with the first filled column.
    for cells in islice(sheet.iter_rows(), top, None):
        row = list(map(_cell, cells))
        is_filled = row.count(None) < len(row)
        rows.append([None] * left + row if is_filled else blank)
        if is_filled:
            n_filled = len(rows)
    del rows[n_filled:]
    return rows


def _cell(cell: object) -> object:
    """Return a cell as Python has it: blank is None, and a whole number an int."""
    if type(cell) is float:
        return int(cell) if cell.is_integer() else cell
    return None if is_blank(cell) else cell
