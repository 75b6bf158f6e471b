"""What the owner of a workbook hid or struck through: rows, columns and cells of its sheets."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

from urban_resilience.intake.reading.archives import DAMAGED
from urban_resilience.intake.reading.cell_styles import Styles, is_struck_text, styles_of
from urban_resilience.intake.reading.remarks import listed
from urban_resilience.intake.reading.sheet_xml import plain_cells
from urban_resilience.shared.counting import count

REMEDY = (
    "Unhide them (a filter hides rows) or delete them, and save; or write `use_hidden` for the "
    "file into columns.csv"
)
_TEXTS = "xl/sharedStrings.xml"
_SHEET = re.compile(rb'<(?:\w+:)?sheet [^>]*?\bname="([^"]*)"[^>]*?\br:id="([^"]*)"')
_ID = re.compile(rb'\bId="([^"]*)"')
_TARGET = re.compile(rb'\bTarget="([^"]*)"')
_RELATION = re.compile(rb"<Relationship [^>]*>")
_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?(?:\bhidden="(?:1|true)"|\bht="0(?:\.0*)?")[^>]*>')
_NUMBER = re.compile(rb'\br="([0-9]+)"')
_COLUMN = re.compile(rb'<(?:\w+:)?col [^>]*?(?:\bhidden="(?:1|true)"|\bwidth="0(?:\.0*)?")[^>]*>')
_CELL = re.compile(rb'<(?:\w+:)?c r="([A-Z]+)([0-9]+)"[^>]*?\bs="([0-9]+)"')
_TEXT = re.compile(
    rb'<(?:\w+:)?c r="([A-Z]+)([0-9]+)"[^>]*?\bt="s"[^>]*><(?:\w+:)?v>([0-9]+)</(?:\w+:)?v>'
)
_INLINE = re.compile(
    rb'<(?:\w+:)?c r="([A-Z]+)([0-9]+)"[^>]*?\bt="inlineStr"[^>]*>(.*?)</(?:\w+:)?c>', re.DOTALL
)


@dataclass(frozen=True)
class HiddenCells:
    """Of one sheet; rows and columns count from 0."""

    rows: frozenset[int] = frozenset()
    columns: frozenset[int] = frozenset()
    struck: frozenset[tuple[int, int]] = field(default_factory=frozenset)
    unseen: frozenset[tuple[int, int]] = field(default_factory=frozenset)

    def blanked(self, rows: list[list[object]]) -> tuple[list[list[object]], list[str]]:
        """Return the cells that anyone sees, and in words which of the others hold something."""
        said = []
        hidden = [row for row in sorted(self.rows) if row < len(rows) and _is_filled(rows[row])]
        if hidden:
            said.append(f"hidden rows not used: {listed(row + 1 for row in hidden)}. {REMEDY}")
        width = max(map(len, rows), default=0)
        columns = [
            column
            for column in sorted(self.columns)
            if column < width and any(column < len(row) and row[column] is not None for row in rows)
        ]
        if columns:
            named = ", ".join(_heading(rows, column) for column in columns[:5])
            said.append(f"hidden columns not used: {named}. {REMEDY}")
        struck = [
            (row, column)
            for row, column in sorted(self.struck)
            if row < len(rows) and column < len(rows[row]) and rows[row][column] is not None
        ]
        if struck:
            numbers = listed(row + 1 for row, _ in struck)
            said.append(
                f"{count(len(struck), 'cell')} struck through not used, in rows {numbers}. Delete "
                "them or take the line away; or write `use_hidden` for the file into columns.csv"
            )
        unseen = sorted(place for place in self.unseen if _is_figure_of_data(rows, *place))
        of_rows = {row for row, _ in unseen if self._hides(row, rows[row])}
        if unseen:
            numbers = listed(row + 1 for row, _ in unseen)
            said.append(
                f"{count(len(unseen), 'figure')} not used that nobody sees (in the colour of their "
                f"background, or in a format that shows nothing), in rows {numbers}. Make them "
                "visible or delete them; or write `use_hidden` for the file into columns.csv"
            )
        if not said:
            return rows, []
        gone = set(columns)
        shown = [
            [] if place in self.rows else [None if at in gone else c for at, c in enumerate(row)]
            for place, row in enumerate(rows)
        ]
        for row in of_rows:
            shown[row] = []
        for row, column in (*struck, *unseen):
            if column < len(shown[row]):
                shown[row][column] = None
        return shown, said

    def _hides(self, row: int, cells: list[object]) -> bool:
        """Whether nobody sees anything of a row."""
        return all((row, at) in self.unseen for at, cell in enumerate(cells) if cell is not None)


def _is_filled(row: list[object]) -> bool:
    return any(cell is not None for cell in row)


def _is_figure_of_data(rows: list[list[object]], row: int, column: int) -> bool:
    """Whether a cell holds a figure, and its row others than years: headers are often white."""
    if row >= len(rows) or column >= len(rows[row]) or not _is_figure(rows[row][column]):
        return False
    return any(_is_figure(c) and c not in range(1900, 2101) for c in rows[row])


def _is_figure(cell: object) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _heading(rows: list[list[object]], column: int) -> str:
    first = next(r[column] for r in rows if column < len(r) and r[column] is not None)
    return f"{letters_of(column)} (`{str(first)[:30]}`)"


def letters_of(column: int) -> str:
    """Name a column, from 0, as a spreadsheet does."""
    number, letters = column + 1, ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def hidden_cells(path: Path) -> Mapping[str, HiddenCells]:
    """Find them in the parts of a workbook of Excel, by sheet; none in other formats."""
    try:
        with zipfile.ZipFile(path) as file:
            names = set(file.namelist())
            if "xl/workbook.xml" not in names:
                return {}
            styles = styles_of(
                *(file.read(n) if n in names else b"" for n in ("xl/styles.xml", _TEXTS))
            )
            found = {}
            for sheet, part in sheet_parts(file).items():
                content = plain_cells(file.read(part)) if part in names else b""
                if content and (cells := _of_part(content, styles)):
                    found[sheet] = cells
            return found
    except DAMAGED:
        # What is wrong with the file is said by the reader of the workbook.
        return {}


def sheet_parts(file: zipfile.ZipFile) -> dict[str, str]:
    """Part of the file by the name of its sheet."""
    targets = {}
    for relation in _RELATION.findall(file.read("xl/_rels/workbook.xml.rels")):
        found, target = _ID.search(relation), _TARGET.search(relation)
        if found and target:
            targets[found[1]] = target[1].decode().removeprefix("/xl/").removeprefix("xl/")
    return {
        unescape(name.decode("utf-8", "replace")): f"xl/{targets[found]}"
        for name, found in _SHEET.findall(file.read("xl/workbook.xml"))
        if found in targets
    }


def _of_part(part: bytes, styles: Styles) -> HiddenCells | None:
    rows, columns = set(), set()
    if any(mark in part for mark in (b' hidden="', b' ht="0', b' width="0')):
        for row in _ROW.findall(part):
            number = _NUMBER.search(row)
            rows |= {int(number[1]) - 1} if number else set()
        for column in _COLUMN.findall(part):
            first, last = (
                int(found[1]) if (found := re.search(rb"\b" + end + rb'="([0-9]+)"', column)) else 0
                for end in (b"min", b"max")
            )
            columns |= set(range(first - 1, last))
    of_style = styles.struck | styles.unseen
    styled = (
        [(_place(letters, digits), style) for letters, digits, style in _CELL.findall(part)
         if style in of_style]
        if of_style
        else []
    )  # fmt: skip
    struck = {place for place, style in styled if style in styles.struck}
    unseen = {place for place, style in styled if style in styles.unseen} - struck
    if styles.struck_texts:
        struck |= {
            _place(letters, digits)
            for letters, digits, text in _TEXT.findall(part)
            if text in styles.struck_texts
        }
    if b"inlineStr" in part and b"strike" in part:
        struck |= {
            _place(letters, digits)
            for letters, digits, cell in _INLINE.findall(part)
            if is_struck_text(cell)
        }
    if not (rows or columns or struck or unseen):
        return None
    return HiddenCells(frozenset(rows), frozenset(columns), frozenset(struck), frozenset(unseen))


def _place(letters: bytes, digits: bytes) -> tuple[int, int]:
    return int(digits) - 1, _number(letters) - 1


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
