"""Workbooks in formats that no library here writes: `.ods` and `.xlsb`, by their parts."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

# Written once with xlwt 1.3.0: sheet `数据` with a merged title, a date, figures as numbers and as
# text, and `#DIV/0!`; a hidden sheet `备用`.
OLD_EXCEL = Path(__file__).with_name("old_excel.xls")

# An empty table behind the password `secret`.
PROTECTED = Path(__file__).with_name("protected.xlsx")

_ODS = "urn:oasis:names:tc:opendocument:xmlns:"
_RELATIONS = "http://schemas.openxmlformats.org/"
Rows = Sequence[Sequence[object]]


def write_ods(path: Path, rows: Rows, last_rows: str = "") -> None:
    """One table; cells that begin with `<` are written as they are."""
    lines = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, cells))}</table:table-row>" for cells in rows
    )
    spaces = " ".join(f'xmlns:{name}="{_ODS}{name}:1.0"' for name in ("office", "table", "text"))
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr(
            "META-INF/manifest.xml",
            f'<m:manifest xmlns:m="{_ODS}manifest:1.0"><m:file-entry m:full-path="content.xml" '
            'm:media-type="text/xml"/></m:manifest>',
        )
        file.writestr(
            "content.xml",
            f'<office:document-content {spaces} xmlns:calcext="urn:calcext"><office:body>'
            f'<office:spreadsheet><table:table table:name="数据">{lines}{last_rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )


def _ods_cell(cell: object) -> str:
    if isinstance(cell, str) and cell.startswith("<"):
        return cell
    if isinstance(cell, str):
        return (
            '<table:table-cell office:value-type="string">'
            f"<text:p>{escape(cell)}</text:p></table:table-cell>"
        )
    return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'


def write_xlsb(
    path: Path, rows: Rows, last_row: tuple[int, int, float | None] | None = None
) -> None:
    """One sheet of texts and numbers; ``last_row`` is row and column from 0, and a figure.

    Without a figure the last cell is blank, and styled only.
    """
    book = (
        _record(131) + _record(143)
        + _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("数据"))
        + _record(144) + _record(132)
    )  # fmt: skip
    width = max(map(len, rows))
    sheet = [
        _record(129),
        _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1)),
        _record(145),
    ]
    for place, cells in enumerate(rows):
        sheet.append(_record(0, struct.pack("<I", place) + bytes(13)))
        for column, cell in enumerate(cells):
            start = struct.pack("<II", column, 0)
            is_text = isinstance(cell, str)
            value = _wide(cell) if is_text else struct.pack("<d", cell)
            sheet.append(_record(6 if is_text else 5, start + value))
    if last_row is not None:
        row, column, figure = last_row
        start = struct.pack("<II", column, 0)
        sheet.append(_record(0, struct.pack("<I", row) + bytes(13)))
        value = b"" if figure is None else struct.pack("<d", figure)
        sheet.append(_record(1 if figure is None else 5, start + value))
    sheet += [_record(146), _record(130)]
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="{_RELATIONS}package/2006/relationships">'
            '<Relationship Id="rId1" '
            f'Type="{_RELATIONS}officeDocument/2006/relationships/worksheet" '
            'Target="worksheets/sheet1.bin"/></Relationships>',
        )
        file.writestr("xl/workbook.bin", book)
        file.writestr("xl/worksheets/sheet1.bin", b"".join(sheet))


def _record(kind: int, data: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    size, length = len(data), b""
    while True:
        size, low = size >> 7, size & 127
        length += bytes([low | (128 if size else 0)])
        if not size:
            return head + length + data


def _wide(text: str) -> bytes:
    encoded = text.encode("utf-16-le")
    return struct.pack("<I", len(encoded) // 2) + encoded
