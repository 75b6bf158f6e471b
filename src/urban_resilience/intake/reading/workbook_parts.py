"""What the reader of workbooks passes over in silence, looked for in the parts of the file.

The reader returns nothing for a formula without a result and nothing for an error value: both would
be read as missing. It also lays a sheet out as a rectangle, whatever its farthest cell.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import Path

from urban_resilience.shared.problems import FileFault

# Cells of a rectangle that take about a gigabyte.
MOST_CELLS = 20_000_000
# A table with more blank cells than this for each filled one is no table.
MOST_BLANK = 10
TWO_LETTERS = 26 + 26**2

_CELL = rb'<(?:\w+:)?c r="([A-Z]+)([0-9]+)"'
_FILLED = re.compile(_CELL + rb"(?:[^>]*[^/])?>(?!</)")
_UNCALCULATED = re.compile(
    _CELL + rb"[^>]*><(?:\w+:)?f[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"(?:<(?:\w+:)?v ?/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_ERROR = re.compile(rb'(<(?:\w+:)?c [^>]*\bt=)"e"')
_THREE_LETTERS = re.compile(rb' r="[A-Z]{3}[0-9]')
_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?\br="([0-9]+)"')

_ODS_UNCALCULATED = re.compile(
    rb'<table:table-cell(?![^>]*office:value-type)[^>]*table:formula="([^"]*)"'
)
_ODS_ERROR = re.compile(
    rb"<table:table-cell([^>]*)>(?=<text:p>(?:#[A-Z/0-9!?]+|Err:[0-9]+)</text:p>)"
)
_ODS_VALUE = re.compile(rb' (?:office|calcext):[a-z-]+="[^"]*"')


def readable_parts(path: Path) -> io.BytesIO | None:
    """Copy of a workbook with its error values as text, None where it can be read as it is.

    Raises
    ------
    FileFault
        Where a formula has no result, or a cell stands too far off.
    """
    changed = {}
    try:
        with zipfile.ZipFile(path) as file:
            for name in file.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    part = _of_excel(file.read(name))
                elif name == "content.xml":
                    part = _of_opendocument(file.read(name))
                else:
                    continue
                if part is not None:
                    changed[name] = part
            return _copy(file, changed) if changed else None
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, RuntimeError, NotImplementedError):
        # Damaged, with a password (RuntimeError) or packed as zipfile cannot unpack
        # (NotImplementedError): what is wrong is said by the reader of the workbook.
        return None


def _of_excel(part: bytes) -> bytes | None:
    found = _UNCALCULATED.search(part) if b"f>" in part or b"<f" in part else None
    if found:
        raise FileFault(
            f"cell {b''.join(found.groups()).decode()} holds a formula without its result.",
            "Open the workbook in Excel and save it: Excel then stores results.",
        )
    _refuse_far_cells(part)
    return _ERROR.sub(rb'\1"str"', part) if b't="e"' in part else None


def _refuse_far_cells(part: bytes) -> None:
    """Refuse a rectangle of almost only blank cells: it would fill the memory."""
    last = _ROW.match(part, max(part.rfind(b"<row "), 0))
    n_rows = int(last.group(1)) if last else 1 << 20
    if n_rows * TWO_LETTERS <= MOST_CELLS and not _THREE_LETTERS.search(part):
        return
    top, right, bottom, n_filled = 1 << 20, (0, b"", b""), 0, 0
    for found in _FILLED.finditer(part):
        letters, digits = found.groups()
        top, bottom = min(top, int(digits)), max(bottom, int(digits))
        n_filled += 1
        if (len(letters), letters) > right[:2]:
            right = len(letters), letters, digits
    n_cells = (bottom - top + 1) * _column(right[1])
    if n_cells > max(MOST_CELLS, MOST_BLANK * n_filled):
        raise FileFault(
            f"the {n_filled:,} filled cells of a sheet spread over {bottom:,} rows, and as far as "
            f"column {right[1].decode()} in row {right[2].decode()}.",
            "Delete the rows and columns beyond the table, and save it.",
        )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _of_opendocument(part: bytes) -> bytes | None:
    found = _ODS_UNCALCULATED.search(part)
    if found:
        raise FileFault(
            f"the formula `{found.group(1).decode('utf-8', 'replace')[:80]}` has no result.",
            "Open the file in LibreOffice and save it: results are then stored.",
        )
    if not _ODS_ERROR.search(part):
        return None
    return _ODS_ERROR.sub(
        lambda cell: (
            b'<table:table-cell office:value-type="string"'
            + _ODS_VALUE.sub(b"", cell.group(1))
            + b">"
        ),
        part,
    )


def _copy(file: zipfile.ZipFile, changed: dict[str, bytes]) -> io.BytesIO:
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w") as other:
        for name in file.namelist():
            other.writestr(name, changed[name] if name in changed else file.read(name))
    copy.seek(0)
    return copy
