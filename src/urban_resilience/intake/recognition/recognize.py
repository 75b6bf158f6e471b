"""Which table a sheet is: the header row, the layout and the reasons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.cells.text import clean_header, key
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.recognition.lacking import (
    listed,
    only_keys,
    what_helps,
    what_lacks,
)
from urban_resilience.intake.recognition.match import long_targets, targets_of, why_unknown
from urban_resilience.intake.vocabulary.aliases import (
    CITY_NAME,
    LONG_LAYOUT,
    PROVINCE_NAME,
    aliases,
    file_words,
    find_alias,
    in_pinyin,
    meant_by_initials,
    said_of,
)
from urban_resilience.intake.vocabulary.contract import Table, contract
from urban_resilience.intake.vocabulary.headers import (
    Header,
    parse_header,
    scope_in,
    volume_year_in,
    year_in,
)
from urban_resilience.intake.vocabulary.mapping import MAPPING_FILE, InForce, in_force
from urban_resilience.intake.vocabulary.peel import peel
from urban_resilience.intake.vocabulary.pinyin import without_tones
from urban_resilience.intake.vocabulary.places import places_named
from urban_resilience.intake.vocabulary.units import is_unit, unit_key

HEADER_SEARCH_ROWS = 40
LONGEST_HEADER = 120
YEARBOOK = "city_yearbook"
# In the place of a column that is missing: the keys are there and nothing else that is known.
ANY_SERIES = "any series"
SAY_WHAT_IT_IS = f"Say in {MAPPING_FILE} what its headers are (check-data drafts it)."
WRITE_HEADERS = "Write a row of headers above it, such as 城市,年份,地区生产总值(亿元)."
WIDE, LONG = "wide", "long"

_FIGURE = re.compile(r"[\d.,;eE+\-\s]*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_UNIT_OF_SHEET = re.compile(r"\s*[(（]?\s*(?:(?:计量)?单\s*位|units?)\s*[:：]", re.IGNORECASE)
# Other folders name years for many reasons: 整理2023 is when somebody tidied up.
_YEAR_OF_FOLDER = re.compile(r"(?:19|20)\d\d\s*年?(?:度?数据)?")

parse = lru_cache(maxsize=65536)(parse_header)


@dataclass(frozen=True)
class Recognized:
    """What a sheet is.

    Attributes
    ----------
    table, layout
        Table of the contract; ``wide`` or ``long``.
    headers
        One per column, None where a column has no header.
    header_row, data_start
        Positions from 0.
    year
        From the sheet name, a title or the file name, where there is no column of years.
    sheet_unit, sheet_scope
        Said once for the whole sheet.
    reason
        Why this table.
    titles
        Name of the sheet, texts above the header, name of the file.
    volume
        Year of the yearbook, where ``year`` is told from it.
    """

    table: str
    layout: str
    headers: tuple[Header | None, ...]
    header_row: int
    data_start: int
    year: int | None
    sheet_unit: str
    sheet_scope: str
    reason: str
    titles: tuple[str, ...] = ()
    volume: int | None = None


@dataclass(frozen=True)
class Unrecognized:
    """A sheet that is no table of the contract.

    ``missing`` names key columns where the file name claims a table that the columns do not bear
    out; ``table`` is that table, or the nearest one. ``remedy`` says what helps.
    """

    reason: str
    table: str = ""
    missing: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    remedy: str = ""


def score_records(records: Sequence[Sequence[object]]) -> int:
    """Return the number of known headers in the best of the first rows."""
    return max((_score(row) for row in records[:HEADER_SEARCH_ROWS]), default=0)


def _score(row: Sequence[object]) -> int:
    rows = in_force()
    headers = [header for cell in row if is_text(cell) and (header := _known(str(cell), rows))]
    if not headers:
        return 0
    best = max(len(targets_of(table, headers)) for table in contract())
    return max(best, len(long_targets(headers)) + len(targets_of(YEARBOOK, headers)))


@lru_cache(maxsize=65536)
def _known(cell: str, rows: InForce | None) -> Header | None:
    """Return the header in a cell, None where nobody knows it; cells of data are many.

    Remembered by `rows` too, which are those of the folder's own mapping.
    """
    # Under a wrong delimiter a whole line is one cell; `单位：万元` stands beside a title.
    if len(cell) > LONGEST_HEADER or _FIGURE.fullmatch(cell) or _UNIT_OF_SHEET.match(cell):
        return None
    header = parse(cell)
    is_known = any(without_tones(core) in _all_keys() for core in header.cores)
    is_known = is_known or any(peeled.core in _all_keys() for peeled in peel(header.text))
    return header if is_known or (rows is not None and said_of(header)) else None


@cache
def _all_keys() -> frozenset[str]:
    return frozenset(
        spelling
        for table in (*contract(), LONG_LAYOUT)
        for spelling in (*aliases(table), *in_pinyin(table))
    )


def claimed_table(source: str) -> tuple[str, bool]:
    """Table that a file name speaks for, and whether it is the contract's own name for it."""
    stem = PurePosixPath(source.split(" [")[0]).stem
    if stem in contract():
        return stem, True
    for word, table in file_words():
        if word and word in key(stem):
            return table, False
    return "", False


def recognize(grid: Grid) -> Recognized | Unrecognized:
    """Find the header row of a sheet and the table it belongs to."""
    claimed, is_exact = claimed_table(grid.source)
    position = _find_header(grid)
    if position is None:
        rows = [row for _, row in grid.filled_rows()][:1]
        seen = tuple(str(cell) for row in rows for cell in row if is_text(cell))
        missing = contract()[claimed].keys if is_exact else ()
        reason = "no header is known in it" + (f" (its first row: {listed(seen)})" if seen else "")
        if _is_data(seen):
            reason = f"it has no row of headers (its first row: {listed(seen)})"
        elif meant := meant_by_initials(seen):
            reason += f"; {meant}"
        if missing:
            reason = what_lacks(claimed, missing, seen)
        remedy = what_helps(claimed, missing, seen) if missing else SAY_WHAT_IT_IS
        remedy = WRITE_HEADERS if _is_data(seen) else remedy
        return Unrecognized(reason, claimed, missing, seen, remedy)
    below = _second_header(grid, position)
    headers = _headers(grid, position, below)
    present = [header for header in headers if header is not None]
    title = [grid.title, *_titles(grid, position), _file_stem(grid.source)]
    year = next((found for found in map(year_in, title) if found is not None), None)
    volume = next((found for found in map(volume_year_in, title) if found is not None), None)
    if year is None and volume is None:
        year, volume = _year_of_folders(grid.source)
    if year is None and volume is not None:
        # A yearbook prints the figures of the year before it.
        year = volume - 1
    else:
        volume = None
    data_start = position + (1 if below is None else 2)
    known: dict[str, Any] = dict(
        headers=tuple(headers),
        header_row=position,
        data_start=data_start,
        year=year,
        sheet_unit=_sheet_unit(grid, position),
        sheet_scope=next(filter(None, map(scope_in, [*title, *_folders(grid.source)])), ""),
        titles=tuple(title),
        volume=volume,
    )
    long = long_targets(present)
    if {"indicator", "value"} <= set(long) and claimed in ("", YEARBOOK):
        found = targets_of(YEARBOOK, present)
        if not _missing(contract()[YEARBOOK], found | {"long"}, year):
            return Recognized(
                table=YEARBOOK, layout=LONG, reason="columns of indicator and value", **known
            )
    tables = [contract()[claimed]] if is_exact else list(contract().values())
    fits = []
    for table in tables:
        found = targets_of(table.name, present)
        missing = _missing(table, found, year)
        if not missing:
            fits.append((table.name == claimed, len(found), table))
    if not fits:
        return _unfit(claimed, is_exact, present, year)
    named, n_found, table = max(fits, key=lambda fit: fit[:2])
    reason = f"{n_found} known columns" + (", file name" if named else "")
    return Recognized(table=table.name, layout=WIDE, reason=reason, **known)


def _is_data(texts: Sequence[str]) -> bool:
    """Whether the first row of a sheet is one of figures: a place, a year and figures in it."""
    figures = [text for text in texts if _FIGURE.fullmatch(text.strip())]
    names = [text for text in texts if text not in figures and places_named(text)]
    return bool(names) and any(_YEAR.fullmatch(text.strip()) for text in figures)


def _unfit(claimed: str, is_exact: bool, present: list[Header], year: int | None) -> Unrecognized:
    texts = tuple(header.text for header in present)
    if claimed:
        table = contract()[claimed]
        missing = _missing(table, targets_of(claimed, present), year)
        return _unrecognized(claimed, missing, present, is_exact)
    best, missing = "", ()
    most = 0
    for table in contract().values():
        found = targets_of(table.name, present)
        if len(found) > most:
            best, most, missing = table.name, len(found), _missing(table, found, year)
    if not best:
        reason = f"no header is known in it (its headers: {listed(texts)})"
        return Unrecognized(reason, headers=texts, remedy=SAY_WHAT_IT_IS)
    return _unrecognized(best, missing, present, is_claimed=False)


def _unrecognized(
    table: str, missing: tuple[str, ...], present: list[Header], is_claimed: bool
) -> Unrecognized:
    """Say what a sheet lacks to be a table; ``is_claimed``: that it must be."""
    texts = tuple(header.text for header in present)
    if missing == (ANY_SERIES,):
        others = {
            header.text: why_unknown(contract()[table], header)
            for header in present
            if not targets_of(table, [header])
        }
        reason, remedy = only_keys(table, others), SAY_WHAT_IT_IS
    else:
        reason, remedy = what_lacks(table, missing, texts), what_helps(table, missing, texts)
    return Unrecognized(reason, table, missing if is_claimed else (), texts, remedy)


def _missing(table: Table, found: set[str], year: int | None) -> tuple[str, ...]:
    """Key columns that neither a column nor the sheet's title gives."""
    missing = []
    for name in table.keys:
        by_other_means = (name == "city_code" and CITY_NAME in found) or (
            name == "year" and year is not None
        )
        if name not in found and not by_other_means:
            missing.append(name)
    if not missing and "long" not in found and not found - {*table.grain, CITY_NAME, PROVINCE_NAME}:
        values = [c.name for c in table.columns if c.dimension]
        # Keys alone are enough where the table holds nothing else, such as a list of pilots.
        if values:
            missing.append(ANY_SERIES)
    return tuple(missing)


def _find_header(grid: Grid) -> int | None:
    if grid.has_header_first:
        return 0
    first = [(row, cells) for row, cells in islice(grid.filled_rows(), HEADER_SEARCH_ROWS)]
    first = [(row, cells) for row, cells in first if row < HEADER_SEARCH_ROWS]
    # Words of a record of data may be known as headers, such as its indicator and its unit.
    worded = [(row, cells) for row, cells in first if not any(map(_is_figure, cells))]
    position = _best(worded)
    # Only where nothing stands above it that heads its columns, though with names nobody knows.
    if position is None and not any(sum(map(is_text, cells)) > 1 for _, cells in worded):
        position = _best(first)
    return position


def _best(rows: Sequence[tuple[int, Sequence[object]]]) -> int | None:
    """Return the first of the rows in which most headers are known."""
    best, position = 0, None
    for row, cells in rows:
        score = _score(cells)
        if score > best:
            best, position = score, row
    return position


def _is_figure(cell: object) -> bool:
    """Whether a cell holds a figure that heads no column: years do."""
    if is_missing(cell) or isinstance(cell, bool):
        return False
    text = str(cell).strip().removesuffix(".0")
    return bool(_FIGURE.fullmatch(text)) and not _YEAR.fullmatch(text)


def _second_header(grid: Grid, position: int) -> int | None:
    """Position of a row of units, areas or English names right under the header."""
    row = position + 1
    if row >= len(grid.rows) or grid.has_header_first:
        return None
    cells = [cell for cell in grid.rows[row] if not is_missing(cell)]
    texts = [cell for cell in cells if is_text(cell) and not _FIGURE.fullmatch(str(cell))]
    if not texts or len(texts) < len(cells):
        return None

    def is_header(cell: object) -> bool:
        header = parse(cell)
        return is_unit(cell) or bool(header.scope) or _is_known(header)

    return row if sum(map(is_header, texts)) * 2 > len(texts) else None


def _is_known(header: Header) -> bool:
    return any(find_alias(table, header) for table in (YEARBOOK, LONG_LAYOUT))


def _headers(grid: Grid, position: int, below: int | None) -> list[Header | None]:
    cells = grid.rows[position]
    second = grid.rows[below] if below is not None else []
    width = max(len(grid.rows[row]) for row in range(position, len(grid.rows)))
    headers: list[Header | None] = []
    for column in range(width):
        upper = cells[column] if column < len(cells) else None
        lower = second[column] if column < len(second) else None
        upper, lower = (None if is_missing(cell) else cell for cell in (upper, lower))
        if upper is None:
            upper, lower = lower, None
        if lower is not None and str(lower) == str(upper):
            lower = None
        headers.append(None if upper is None else parse(str(upper), lower))
    return headers


def _titles(grid: Grid, position: int) -> list[str]:
    return [str(cell) for row in grid.rows[:position] for cell in row if is_text(cell)]


def _sheet_unit(grid: Grid, position: int) -> str:
    """Find the unit that a row above the header states for the sheet: `单位：万元`."""
    for title in _titles(grid, position):
        plain = clean_header(title).strip("() ")
        for mark in ("单位:", "unit:", "units:"):
            if mark in plain and is_unit(plain.split(mark)[-1]):
                return unit_key(plain.split(mark)[-1])
    return ""


def _year_of_folders(source: str) -> tuple[int | None, int | None]:
    """Year and volume that the nearest folder named after one gives: `2017`, `2018年鉴`."""
    for folder in _folders(source):
        volume = volume_year_in(folder)
        year = year_in(folder) if _YEAR_OF_FOLDER.fullmatch(folder.strip()) else None
        if year is not None or volume is not None:
            return year, volume
    return None, None


def _folders(source: str) -> list[str]:
    """Names of the folders that a file lies in, the nearest first."""
    return list(reversed(PurePosixPath(source.split(" [")[0]).parent.parts))


def _file_stem(source: str) -> str:
    return PurePosixPath(source.split(" [")[0]).stem
