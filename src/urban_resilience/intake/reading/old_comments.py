"""Comments and text boxes beside the cells of Excel 97 to 2003.

Source: Microsoft, [MS-XLS] 2.4 (Note, Obj, TxO). A comment names the object that holds its text.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from urban_resilience.intake.reading.hidden_cells import letters_of
from urban_resilience.intake.reading.old_excel import old_sheets, records_of_sheet

_NOTE, _OBJECT, _TEXT, _GOES_ON = 0x1C, 0x5D, 0x1B6, 0x3C
_LENGTH_AT = 10


def old_comments(stream: bytes) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Place (a cell, or ``a text box``) and text of each, by the name of the sheet."""
    try:
        found = {name: _of_sheet(part) for name, part in old_sheets(stream).items()}
    except (struct.error, IndexError):
        return {}
    return {name: texts for name, texts in found.items() if texts}


def _of_sheet(part: bytes) -> list[tuple[str, str]]:
    texts: dict[int, str] = {}
    cells: dict[int, str] = {}
    current, letters = 0, 0
    for number, body in records_of_sheet(part):
        if number == _OBJECT:
            # Its first part says what kind it is, then its number.
            current = struct.unpack_from("<H", body, 6)[0]
        elif number == _TEXT:
            letters = struct.unpack_from("<H", body, _LENGTH_AT)[0]
        elif number == _GOES_ON and letters:
            is_wide = body[0] & 1
            text = body[1:].decode("utf-16-le" if is_wide else "latin-1", "replace")[:letters]
            texts[current] = texts.get(current, "") + text
            letters -= len(text)
        elif number == _NOTE:
            row, column, _, at = struct.unpack_from("<HHHH", body)
            cells[at] = f"{letters_of(column)}{row + 1}"
    plain = {at: " ".join(text.split()) for at, text in texts.items()}
    return [(cells.get(at, "a text box"), text) for at, text in plain.items() if text]
