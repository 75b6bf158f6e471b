"""What the owner of a workbook hid or struck through: rows, columns and cells of its sheets."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

from urban_resilience.intake.reading.remarks import listed
from urban_resilience.shared.counting import count

REMEDY = (
    "Unhide them (a filter hides rows) or delete them, and save; or write `use_hidden` for the "
    "file into columns.csv"
)
_SHEET = re.compile(rb'<(?:\w+:)?sheet [^>]*?\bname="([^"]*)"[^>]*?\br:id="([^"]*)"')
_ID = re.compile(rb'\bId="([^"]*)"')
_TARGET = re.compile(rb'\bTarget="([^"]*)"')
_RELATION = re.compile(rb"<Relationship [^>]*>")
_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?\bhidden="(?:1|true)"[^>]*>')
_NUMBER = re.compile(rb'\br="([0-9]+)"')
_COLUMN = re.compile(rb'<(?:\w+:)?col [^>]*?\bhidden="(?:1|true)"[^>]*>')
_FONT = re.compile(rb"<(?:\w+:)?font(?:/>|>.*?</(?:\w+:)?font>)", re.DOTALL)
_STRIKE = re.compile(rb'<(?:\w+:)?strike(?: val="(?:1|true)")? ?/>')
_STYLES = re.compile(rb"<(?:\w+:)?cellXfs[^>]*>(.*?)</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf [^>]*>")
_FONT_OF = re.compile(rb'\bfontId="([0-9]+)"')
_CELL = re.compile(rb'<(?:\w+:)?c r="([A-Z]+)([0-9]+)"[^>]*?\bs="([0-9]+)"')


@dataclass(frozen=True)
class HiddenCells:
    """Of one sheet; rows and columns count from 0."""

    rows: frozenset[int] = frozenset()
    columns: frozenset[int] = frozenset()
    struck: frozenset[tuple[int, int]] = field(default_factory=frozenset)

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
        if not said:
            return rows, []
        gone = set(columns)
        shown = [
            [] if place in self.rows else [None if at in gone else c for at, c in enumerate(row)]
            for place, row in enumerate(rows)
        ]
        for row, column in struck:
            if column < len(shown[row]):
                shown[row][column] = None
        return shown, said


def _is_filled(row: list[object]) -> bool:
    return any(cell is not None for cell in row)


def _heading(rows: list[list[object]], column: int) -> str:
    first = next(r[column] for r in rows if column < len(r) and r[column] is not None)
    return f"{_letters(column)} (`{str(first)[:30]}`)"


def _letters(column: int) -> str:
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
            struck = _struck_styles(file.read("xl/styles.xml")) if "xl/styles.xml" in names else ()
            found = {}
            for sheet, part in _parts(file).items():
                if part in names and (cells := _of_part(file.read(part), set(struck))):
                    found[sheet] = cells
            return found
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, KeyError):
        # What is wrong with the file is said by the reader of the workbook.
        return {}


def _parts(file: zipfile.ZipFile) -> dict[str, str]:
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


def _struck_styles(styles: bytes) -> set[bytes]:
    if not _STRIKE.search(styles):
        return set()
    fonts = {
        str(number).encode()
        for number, font in enumerate(_FONT.findall(styles))
        if _STRIKE.search(font)
    }
    of_cells = _STYLES.search(styles)
    return {
        str(number).encode()
        for number, style in enumerate(_STYLE.findall(of_cells[1] if of_cells else b""))
        if (font := _FONT_OF.search(style)) and font[1] in fonts
    }


def _of_part(part: bytes, struck: set[bytes]) -> HiddenCells | None:
    rows, columns, cells = set(), set(), set()
    if b' hidden="' in part:
        for row in _ROW.findall(part):
            number = _NUMBER.search(row)
            rows |= {int(number[1]) - 1} if number else set()
        for column in _COLUMN.findall(part):
            first, last = (
                int(found[1]) if (found := re.search(rb"\b" + end + rb'="([0-9]+)"', column)) else 0
                for end in (b"min", b"max")
            )
            columns |= set(range(first - 1, last))
    if struck:
        cells = {
            (int(digits) - 1, _number(letters) - 1)
            for letters, digits, style in _CELL.findall(part)
            if style in struck
        }
    if not rows and not columns and not cells:
        return None
    return HiddenCells(frozenset(rows), frozenset(columns), frozenset(cells))


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
