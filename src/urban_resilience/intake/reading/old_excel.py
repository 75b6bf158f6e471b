"""What the reader of Excel 97 to 2003 passes over: hidden and struck cells, far cells, protection.

Source: Microsoft, [MS-XLS] 2.4 (records) and 2.2.10 (protection). How cells look is read in
``old_styles.py``, what is written beside them in ``old_comments.py``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

from urban_resilience.intake.reading.compound_file import Damaged, stream_spans
from urban_resilience.intake.reading.excel_protection import records, unprotected
from urban_resilience.intake.reading.far_cells import refuse_spread
from urban_resilience.intake.reading.hidden_cells import HiddenCells
from urban_resilience.intake.reading.old_styles import OldStyles, old_styles
from urban_resilience.shared.problems import FileFault

_SHEET, _BEGIN, _END, _PROTECTED = 0x85, 0x809, 0x0A, 0x2F
_ROW, _COLUMNS = 0x208, 0x7D
# One cell: a number, a text, an error, a formula; several: numbers.
_CELLS, _NUMBERS = frozenset({0x203, 0x27E, 0xFD, 0x204, 0x205, 0x06, 0xD6}), 0xBD
_HIDDEN_ROW, _HIDDEN_COLUMN = 0x20, 0x01
# A sheet of Excel 2003 has at most 17 million cells: fewer than other formats, and still too many.
MOST_CELLS = 4_000_000


def old_workbook(path: Path) -> bytes:
    """Return the records of a workbook of Excel 97 to 2003; nothing of a damaged one.

    Raises
    ------
    FileFault
        Where the workbook is behind the oldest protection.
    """
    try:
        stream = _stream(path.read_bytes())
        kind = next((body[:2] for number, _, body in records(stream) if number == _PROTECTED), None)
        if kind == b"\x00\x00":
            raise FileFault(
                "the workbook is protected by a password of the oldest kind (XOR).",
                "Open it in Excel, remove the password and save it as .xlsx.",
            )
        if kind is not None:
            plain = unprotected(path)
            stream = b"" if plain is None else _stream(plain.getvalue())
    except Damaged:
        return b""
    return stream


def old_hidden_cells(stream: bytes) -> Mapping[str, HiddenCells]:
    """Find what is hidden, struck through or not to be seen in such a workbook, by sheet.

    Raises
    ------
    FileFault
        Where a cell stands too far off.
    """
    try:
        styles = old_styles(stream)
        found = {name: _of_sheet(part, styles) for name, part in old_sheets(stream).items()}
    except (struct.error, IndexError):
        return {}
    return {name: cells for name, cells in found.items() if cells is not None}


def old_sheets(stream: bytes) -> dict[str, bytes]:
    """Return the records of each sheet, and of what lies behind it, by its name."""
    names: dict[int, str] = {}
    for number, _, body in records(stream):
        if number == _SHEET:
            names[struct.unpack_from("<I", body)[0]] = _name(body[6:])
        elif number == _END:
            break
    return {name: stream[at:] for at, name in names.items()}


def records_of_sheet(part: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the records of the first sheet of a part, without those of charts within it."""
    depth = 0
    for number, _, body in records(part):
        if number in (_BEGIN, _END):
            # A chart within the sheet is a stream of its own.
            depth += 1 if number == _BEGIN else -1
            if not depth:
                return
        elif depth == 1:
            yield number, body


def _stream(data: bytes) -> bytes:
    spans = stream_spans(data, ("Workbook",))
    return b"".join(data[start : start + size] for start, size in spans)


def _name(body: bytes) -> str:
    length, is_wide = body[0], body[1] & 1
    return body[2 : 2 + length * (1 + is_wide)].decode("utf-16-le" if is_wide else "latin-1")


def _of_sheet(part: bytes, styles: OldStyles) -> HiddenCells | None:
    rows: set[int] = set()
    columns: set[int] = set()
    struck: set[tuple[int, int]] = set()
    unseen: set[tuple[int, int]] = set()
    filled: list[tuple[int, int, int, int]] = []
    for number, body in records_of_sheet(part):
        if number == _ROW and body[12] & _HIDDEN_ROW:
            rows.add(struct.unpack_from("<H", body)[0])
        elif number == _COLUMNS and body[8] & _HIDDEN_COLUMN:
            first, last = struct.unpack_from("<HH", body)
            columns |= set(range(first, min(last, 255) + 1))
        elif number in _CELLS or number == _NUMBERS:
            for row, column, style in _cells(number, body):
                filled.append((row + 1, column + 1, 1, 1))
                if style in styles.struck:
                    struck.add((row, column))
                elif style in styles.unseen:
                    unseen.add((row, column))
    refuse_spread(iter(filled), MOST_CELLS)
    if not (rows or columns or struck or unseen):
        return None
    return HiddenCells(frozenset(rows), frozenset(columns), frozenset(struck), frozenset(unseen))


def _cells(number: int, body: bytes) -> Iterator[tuple[int, int, int]]:
    row, first, style = struct.unpack_from("<HHH", body)
    if number != _NUMBERS:
        yield row, first, style
        return
    for place in range((len(body) - 6) // 6):
        yield row, first + place, struct.unpack_from("<H", body, 4 + 6 * place)[0]
