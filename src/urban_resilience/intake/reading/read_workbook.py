"""Excel workbooks: every sheet with its merged cells spread out."""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from pathlib import Path

from urban_resilience.intake.reading.grid import Grid, is_blank
from urban_resilience.shared.problems import FileFault

_UNCALCULATED = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"[^>]*><f[^>]*(?:/>|>[^<]*</f>)(?:<v ?/>|<v></v>)?</c>'
)
# What openpyxl raises on damaged files, as far as broken bytes have shown.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, IndexError, ValueError, OSError,
    SyntaxError, TypeError, AttributeError, NotImplementedError,
)  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_workbook(path: Path, source: str) -> list[Grid]:
    """Read all sheets that hold anything.

    Raises
    ------
    FileFault
        Where the file is encrypted, an old ``.xls`` in disguise, damaged or empty.
    """
    head = path.open("rb").read(8)
    if not head:
        raise FileFault("the file is empty.", "Save the workbook again.")
    if head == _OLE:
        raise FileFault(
            "the workbook is protected by a password, or is an old .xls under a new name.",
            "Remove the password, or save it as .xlsx.",
        )
    _refuse_uncalculated(path)
    # Imported here: a folder without workbooks need not wait for it.
    import openpyxl

    try:
        with warnings.catch_warnings():
            # Styles and validations that openpyxl drops mean nothing to us.
            warnings.simplefilter("ignore")
            workbook = openpyxl.load_workbook(path, data_only=True)
    except _DAMAGE as error:
        raise FileFault(
            f"the workbook is damaged or no .xlsx file ({type(error).__name__}).",
            "Open it in Excel and save it again.",
        ) from None
    try:
        grids = [
            grid
            for sheet in workbook.worksheets
            if (grid := _read_sheet(sheet, source)) is not None
        ]
    finally:
        workbook.close()
    if not grids:
        raise FileFault("no sheet of the workbook holds anything.", "Save it with its data.")
    return grids


def _refuse_uncalculated(path: Path) -> None:
    """Refuse formulas without results: they would all be read as missing."""
    try:
        with zipfile.ZipFile(path) as file:
            for name in file.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    found = _UNCALCULATED.search(file.read(name))
                    if found:
                        raise FileFault(
                            f"cell {found.group(1).decode()} holds a formula without its result.",
                            "Open the workbook in Excel and save it: Excel then stores results.",
                        )
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, RuntimeError):
        # What is wrong with such a file is said by the reader of the workbook.
        return


def _read_sheet(sheet, source: str) -> Grid | None:
    rows = _filled_part(sheet)
    width = max((len(cells) for cells in rows), default=0)
    repeated = set()
    for merged in sheet.merged_cells.ranges:
        value = sheet.cell(merged.min_row, merged.min_col).value
        if value is None:
            continue
        for row in range(merged.min_row - 1, min(merged.max_row, len(rows))):
            if not rows[row]:
                rows[row] = [None] * width
            for column in range(merged.min_col - 1, min(merged.max_col, width)):
                if rows[row][column] is None:
                    rows[row][column] = value
                    repeated.add((row, column))
    if all(is_blank(cell) for cells in rows for cell in cells):
        return None
    return Grid(
        source=f"{source} [{sheet.title}]",
        rows=rows,
        format="xlsx",
        title=sheet.title,
        repeated=frozenset(repeated),
    )


def _filled_part(sheet) -> list[list[object]]:
    """Rows up to the last cell that holds anything; blank ones are one empty list.

    Excel counts styled cells as used: to the last of a million rows, if one there has a colour.
    """
    # `iter_rows` would make a cell of every place in between.
    values = {
        place: cell.value
        for place, cell in sheet._cells.items()
        if cell.value is not None and not is_blank(cell.value)
    }
    if not values:
        return []
    width = max(column for _, column in values)
    blank: list[object] = []
    rows = [blank] * max(row for row, _ in values)
    for (row, column), value in values.items():
        if rows[row - 1] is blank:
            rows[row - 1] = [None] * width
        rows[row - 1][column - 1] = value
    return rows
