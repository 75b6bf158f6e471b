"""Sheets that would fill the memory: a cell far from the others, or gigabytes in a small file."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator

from urban_resilience.shared.counting import count
from urban_resilience.shared.problems import FileFault

# Cells of a rectangle that take about a gigabyte.
MOST_CELLS = 20_000_000
# A table with more blank cells than this for each filled one is no table.
MOST_BLANK = 10
TWO_LETTERS = 26 + 26**2
# Tables of a million rows unpack to one or two gigabytes, and to twenty times their size.
MOST_BYTES = 2 << 30
SUSPECT_BYTES, SUSPECT_RATIO = 256 << 20, 200
# Parts of a workbook that its reader takes into memory.
_READ = re.compile(
    r"(?:xl/(?:worksheets/.*|sharedStrings|styles|workbook)\.(?:xml|bin)|content\.xml)$"
)

_FILLED = re.compile(rb'<(?:\w+:)?c r="([A-Z]+)([0-9]+)"(?:[^>]*[^/])?>(?!</)')
_THREE_LETTERS = re.compile(rb' r="[A-Z]{3}[0-9]')
_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?\br="([0-9]+)"')
_ODS_TABLE = re.compile(rb"<table:table [^>]*>")
_ODS_STEP = re.compile(rb"<table:table-row\b([^>]*)>|<table:(?:covered-)?table-cell\b([^>]*)>")
_ODS_REPEATED = re.compile(rb'number-(?:rows|columns)-repeated="([0-9]+)"')
# Records of a binary sheet: a row, its filled cells, the rectangle that is used.
_ROW_RECORD, _CELL_RECORDS, _USED = 0, range(2, 12), 148
# Binary sheets above this are only walked where the rectangle they state is large.
WALKED_BYTES = 1 << 20


def refuse_bomb(file: zipfile.ZipFile, packed: int) -> None:
    """Refuse a workbook of gigabytes before it is unpacked.

    Parameters
    ----------
    file
        The workbook as an archive.
    packed
        Its size in bytes.

    Raises
    ------
    FileFault
        Where its parts are too large together.
    """
    size = sum(part.file_size for part in file.infolist() if _READ.match(part.filename))
    if size > MOST_BYTES or (size > SUSPECT_BYTES and size > SUSPECT_RATIO * packed):
        raise FileFault(
            f"the workbook of {packed / 2**20:,.1f} MB would unpack to {size / 2**30:,.1f} GB.",
            "Save the sheets that are needed as .csv, or as a workbook of their own.",
        )


def refuse_far_cells(name: str, part: bytes) -> None:
    """Refuse a rectangle of almost only blank cells: it would fill the memory.

    Parameters
    ----------
    name, part
        Name and content of a part of a workbook that holds cells.

    Raises
    ------
    FileFault
        Where few filled cells spread too far.
    """
    if name == "content.xml":
        for table in _ODS_TABLE.split(part)[1:]:
            if _ODS_REPEATED.search(table):
                refuse_spread(_cells_of_opendocument(table))
    elif name.endswith(".bin"):
        if len(part) <= WALKED_BYTES or _states_much(part):
            refuse_spread(_cells_of_binary(part))
    elif _may_be_far(part):
        refuse_spread(_cells_of_excel(part))


def refuse_spread(cells: Iterator[tuple[int, int, int, int]], most: int | None = None) -> None:
    """Judge filled cells by row and column (from 1), and how many columns and rows of them.

    Raises
    ------
    FileFault
        Where few cells spread over more than ``most``, `MOST_CELLS` if nothing is said.
    """
    top, bottom, right, n_filled, row_of_right = 1 << 20, 0, 0, 0, 0
    for row, column, wide, high in cells:
        top, bottom = min(top, row), max(bottom, row + high - 1)
        n_filled += wide * high
        if column + wide - 1 > right:
            right, row_of_right = column + wide - 1, row
    if (bottom - top + 1) * right > max(most or MOST_CELLS, MOST_BLANK * n_filled):
        raise FileFault(
            f"{count(n_filled, 'filled cell')} of a sheet spread over {bottom:,} rows, and as far "
            f"as column {_letters(right)} in row {row_of_right:,}.",
            "Delete the rows and columns beyond the table, and save it.",
        )


def _may_be_far(part: bytes) -> bool:
    last = _ROW.match(part, max(part.rfind(b"<row "), 0))
    n_rows = int(last.group(1)) if last else 1 << 20
    return n_rows * TWO_LETTERS > MOST_CELLS or bool(_THREE_LETTERS.search(part))


def _cells_of_excel(part: bytes) -> Iterator[tuple[int, int, int, int]]:
    for found in _FILLED.finditer(part):
        letters, digits = found.groups()
        yield int(digits), _column(letters), 1, 1


def _cells_of_opendocument(table: bytes) -> Iterator[tuple[int, int, int, int]]:
    row, high, column = 0, 1, 0
    for found in _ODS_STEP.finditer(table):
        of_row, of_cell = found.groups()
        if of_row is not None:
            row, high, column = row + high, _repeated(of_row), 0
            continue
        wide = _repeated(of_cell)
        if b"value-type" in of_cell:
            yield row, column + 1, wide, high
        column += wide


def _repeated(attributes: bytes) -> int:
    found = _ODS_REPEATED.search(attributes)
    return int(found.group(1)) if found else 1


def _cells_of_binary(part: bytes) -> Iterator[tuple[int, int, int, int]]:
    row = 0
    for kind, data in _records(part):
        if kind == _ROW_RECORD and len(data) >= 4:
            row = struct.unpack_from("<I", data)[0] + 1
        elif kind in _CELL_RECORDS and len(data) >= 4:
            yield row, struct.unpack_from("<I", data)[0] + 1, 1, 1


def _states_much(part: bytes) -> bool:
    for kind, data in _records(part):
        if kind == _USED and len(data) >= 16:
            top, bottom, left, right = struct.unpack_from("<IIII", data)
            return (bottom - top + 1) * (right - left + 1) > MOST_CELLS
        if kind == _ROW_RECORD:
            break
    return True


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and content of the records of a binary part; a damaged end is left to the reader."""
    at = 0
    try:
        while at < len(part):
            kind, at = part[at], at + 1
            if kind & 128:
                kind, at = (kind & 127) | (part[at] << 7), at + 1
            size, shift = 0, 0
            while True:
                low, at = part[at], at + 1
                size |= (low & 127) << shift
                shift += 7
                if not low & 128:
                    break
            yield kind, part[at : at + size]
            at += size
    except IndexError:
        return


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
