"""Every mart in one Excel workbook, with its dictionary."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path

import duckdb
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from urban_resilience.reporting.built import Built
from urban_resilience.reporting.dictionary import Mart
from urban_resilience.reporting.exports.excerpt import excerpt_of
from urban_resilience.reporting.exports.flat_files import cell_sql, rows_of
from urban_resilience.reporting.exports.neutral import neutral
from urban_resilience.reporting.exports.sheet_rows import (
    ROWS_AT_ONCE,
    Cell,
    Rows,
    save_with_rows,
)
from urban_resilience.shared.database import name

# A workbook of more is slow to open; the CSV beside it has all of them.
MOST_ROWS = 50_000
LONGEST_TEXT = 32_767
LONGEST_SHEET_NAME = 31
WIDEST = 44
HEAD = Font(bold=True, color="FFFFFF")
FILL = PatternFill("solid", fgColor="1F4E79")
PLAIN = Font()
SECOND_HEAD = PatternFill("solid", fgColor="DDEBF7")
WARNING = Font(bold=True, color="C00000", size=12)
WRAPPED = Alignment(wrap_text=True, vertical="top")
# Names and labels above the rows of each mart.
HEADS = 2
# Widths of columns are those of the first rows.
WIDTH_ROWS = 200


def write_workbook(
    connection: duckdb.DuckDBPyConnection, marts: Sequence[Mart], built: Built, file: Path
) -> dict[str, str]:
    """Write the workbook: what it is, the dictionary, then a sheet for each mart.

    Parameters
    ----------
    connection
        To the warehouse.
    marts
        In the order of the sheets.
    built
        Whose hash and banner stand on the first sheet.
    file
        To write.

    Returns
    -------
    dict of str to str
        What each relation has in the workbook, in words: all of its rows, some, or none.
    """
    book = Workbook(write_only=True)
    book.properties.title = "Urban resilience warehouse"
    book.properties.description = f"{built.in_words} {built.banner}".strip()
    sheets = sheet_names([mart.name for mart in marts])
    shown = {mart.relation: excerpt_of(connection, mart, MOST_ROWS) for mart in marts}
    front = book.create_sheet("README")
    _dictionary(book.create_sheet("dictionary"), marts)
    rows: dict[str, Rows] = {}
    for mart in marts:
        condition, _ = shown[mart.relation]
        if condition is not None:
            title = sheets[mart.name]
            rows[title] = partial(_rows, connection, mart, condition)
            sample = [*islice(rows[title](), WIDTH_ROWS)]
            count = _count(connection, mart, condition)
            _mart_sheet(book.create_sheet(title), mart, sample, count, built)
    words = {relation: text for relation, (_, text) in shown.items()}
    _front(front, marts, sheets, words, built)
    save_with_rows(book, rows, HEADS, file)
    return words


def sheet_names(names: Sequence[str]) -> dict[str, str]:
    """Name of the sheet of each relation: Excel takes 31 letters and no two alike."""
    found: dict[str, str] = {}
    for full in names:
        short, number = full[:LONGEST_SHEET_NAME], 1
        while short.casefold() in {other.casefold() for other in found.values()}:
            number += 1
            short = f"{full[: LONGEST_SHEET_NAME - 3]}_{number}"
        found[full] = short
    return found


def excel_value(value: object) -> Cell:
    """Return what a cell takes: numbers as numbers, text that no program evaluates."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", str(value))
    cut = " ... [cut: the CSV has all of it]"
    if len(text) >= LONGEST_TEXT:
        text = text[: LONGEST_TEXT - len(cut) - 1] + cut
    return neutral(text)


def _front(
    sheet: Worksheet, marts: Sequence[Mart], sheets: dict[str, str], words: dict[str, str],
    built: Built,
) -> None:  # fmt: skip
    sheet.column_dimensions["A"].width = 44
    sheet.column_dimensions["B"].width = 34
    sheet.column_dimensions["C"].width = 100
    sheet.column_dimensions["D"].width = 80
    sheet.append(
        [_styled(sheet, "Urban resilience warehouse 城市韧性数据仓库", Font(bold=True, size=14))]
    )
    if built.banner:
        sheet.append([_styled(sheet, built.banner, WARNING)])
    sheet.append([built.in_words])
    sheet.append(["Row 1 of a sheet has the names, row 2 their labels in 中文. 第二行为中文标签。"])
    sheet.append([])
    _head(sheet, ["relation 关系表", "rows in this workbook 行数", "what it is", "说明"])
    for mart in marts:
        link = (
            f"{sheets[mart.name]}: {mart.relation}"
            if mart.name != sheets[mart.name]
            else mart.relation
        )
        said = (_first_words(mart.text), mart.text_zh)
        sheet.append([link, words[mart.relation], *map(excel_value, said)])


def _dictionary(sheet: Worksheet, marts: Sequence[Mart]) -> None:
    sheet.freeze_panes = "C2"
    for letter, width in zip("ABCDEFGH", (34, 34, 30, 14, 40, 30, 100, 80), strict=True):
        sheet.column_dimensions[letter].width = width
    _head(sheet, DICTIONARY_HEAD)
    count = 1
    for row in dictionary_rows(marts):
        sheet.append([excel_value(value) for value in row])
        count += 1
    sheet.auto_filter.ref = f"A1:H{count}"


DICTIONARY_HEAD = [
    "relation",
    "column_name",
    "stata_name",
    "data_type",
    "label_en",
    "label_zh",
    "text",
    "text_zh",
]


def dictionary_rows(marts: Iterable[Mart]) -> Iterable[list[str]]:
    """Every column of every mart, with what stands for it in Stata."""
    for mart in marts:
        for column in mart.columns:
            text = " ".join(column.text.split())
            yield [column.relation, column.name, column.stata_name, column.data_type,
                   column.label_en, column.label_zh, text, column.text_zh]  # fmt: skip


def _rows(
    connection: duckdb.DuckDBPyConnection, mart: Mart, condition: str
) -> Iterator[list[Cell]]:
    columns = ", ".join(f"{cell_sql(column)} as {name(column.name)}" for column in mart.columns)
    result = connection.execute(f"select {columns} from {rows_of(mart, condition)}")
    while many := result.fetchmany(ROWS_AT_ONCE):
        for row in many:
            yield [excel_value(value) for value in row]


def _count(connection: duckdb.DuckDBPyConnection, mart: Mart, condition: str) -> int:
    counted = f"select count(*) from {mart.relation} where {condition}"
    return int(connection.execute(counted).fetchall()[0][0])


def _mart_sheet(
    sheet: Worksheet, mart: Mart, sample: Sequence[Sequence[Cell]], count: int, built: Built
) -> None:
    """Lay out a sheet: widths by a sample of its rows, heads, a filter for so many rows."""
    for place, column in enumerate(mart.columns):
        longest = max([len(str(row[place])) for row in sample], default=0)
        width = min(WIDEST, max(longest, len(column.name), 2 * len(column.label_zh)) + 2)
        sheet.column_dimensions[get_column_letter(place + 1)].width = width
    fixed = sum(1 for c in mart.columns[:4] if c.name in ("city_code", "city_name_en", "year"))
    sheet.freeze_panes = f"{get_column_letter(fixed + 1)}3"
    sheet.sheet_properties.tabColor = "C00000" if built.is_simulated else "1F4E79"
    # On paper the header says what the data are; an ampersand there would be a code.
    for line, words in (
        (sheet.HeaderFooter.oddHeader, built.banner),
        (sheet.HeaderFooter.oddFooter, f"{mart.relation} - build {built.short_hash}"),
    ):
        if line is not None:
            line.center.text = words.replace("&", "&&")
    _head(sheet, [column.name for column in mart.columns])
    labels = [_styled(sheet, str(excel_value(column.label_zh)), PLAIN) for column in mart.columns]
    for cell in labels:
        cell.fill, cell.alignment = SECOND_HEAD, WRAPPED
    sheet.append(labels)
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(mart.columns))}{count + HEADS}"


def _head(sheet: Worksheet, names: Sequence[str]) -> None:
    cells = [_styled(sheet, text, HEAD) for text in names]
    for cell in cells:
        cell.fill = FILL
    sheet.append(cells)


def _styled(sheet: Worksheet, text: str, font: Font) -> SheetCell:
    cell = WriteOnlyCell(sheet, text)
    cell.font = font
    return cell


def _first_words(text: str) -> str:
    return " ".join(text.split("\n\n")[0].split())
