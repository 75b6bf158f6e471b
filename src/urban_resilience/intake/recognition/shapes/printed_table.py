"""A table as a yearbook prints it: over several pages, under headings, in two rows of headers.

What a page repeats (its header, the title with 续表) and the names of provinces above their cities
are no rows of data. Areas in a second header row (全市, 市辖区) go into the headers. Blocks of
columns side by side are set under each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.cells.text import clean_header, key
from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.reading.remarks import listed
from urban_resilience.intake.recognition.provinces import heading_province
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.header_rows import (
    in_two_languages,
    one_header,
    scope_of,
)
from urban_resilience.intake.recognition.shapes.naming import is_number, series_of
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, PROVINCE_NAME, find_alias
from urban_resilience.intake.vocabulary.cities import resolve
from urban_resilience.intake.vocabulary.places import MUNICIPALITIES
from urban_resilience.shared.counting import count

_CONTINUED = re.compile(r"续表?|continued|cont'd")
HEADINGS, PAGES = "names of provinces above their cities", "headers and titles repeated"


def printed_table(grid: Grid) -> Grid:
    """Return the sheet without what print adds; the sheet itself where there is nothing of it."""
    grid = _in_lines(grid)
    header = _find_header(grid)
    if header is None or grid.has_header_first:
        return grid
    repeats = {key(cell) for cell in grid.rows[header] if is_text(cell)}
    return _without_pages(_beside_each_other(one_header(grid, header), header), header, repeats)


def _find_header(grid: Grid) -> int | None:
    """Return the first row with a header of cities and, behind it, of a series or of areas."""
    for position, cells in grid.filled_rows():
        if position >= HEADER_SEARCH_ROWS:
            return None
        texts = [cell for cell in cells if not is_blank(cell)]
        if len(texts) < 2 or not all(map(is_text, texts)):
            continue
        keys = list(takewhile(lambda cell: not series_of(cell) and not scope_of(cell), texts))
        if any(map(_names_cities, keys)) and (
            any(map(series_of, texts)) or len(keys) < len(texts) == len(keys) + _n_areas(texts)
        ):
            return position
    return None


def _n_areas(cells: Sequence[object]) -> int:
    return sum(bool(scope_of(cell)) for cell in cells)


def _in_lines(grid: Grid) -> Grid:
    """Set names in two languages on lines of their own, in the rows that may be headers."""
    rows = grid.rows[:HEADER_SEARCH_ROWS]
    changed = [list(map(in_two_languages, cells)) for cells in rows]
    if grid.has_header_first or changed == rows:
        return grid
    return replace(grid, rows=[*changed, *grid.rows[HEADER_SEARCH_ROWS:]])


def _names_cities(cell: object) -> bool:
    alias = find_alias(YEARBOOK, parse(cell)) if is_text(cell) else None
    return alias is not None and alias.column == CITY_NAME


def _beside_each_other(grid: Grid, header: int) -> Grid:
    """Set blocks of the same columns, each with its cities, under each other."""
    names = [key(cell) if is_text(cell) else "" for cell in grid.rows[header]]
    first = next(at for at, name in enumerate(names) if name)
    starts = [at for at, name in enumerate(names) if name == names[first]]
    ends = [*starts[1:], len(names)]
    blocks = [names[start:end] for start, end in zip(starts, ends, strict=True)]
    for block in blocks:
        # A blank column between the blocks.
        while not block[-1]:
            block.pop()
    width = len(blocks[0])
    if len(blocks) < 2 or width < 2 or any(block != blocks[0] for block in blocks):
        return grid
    rows: list[list[object]] = []
    origins: list[int] = []
    repeated: set[tuple[int, int]] = set()
    for start in starts:
        for position in range(header + 1, len(grid.rows)):
            cells = grid.rows[position]
            part = cells[start : start + width]
            if start > first and (all(map(is_blank, part)) or _is_of_the_line(part, cells)):
                continue
            repeated |= {
                (header + 1 + len(rows), at)
                for at in range(width)
                if (position, start + at) in grid.repeated
            }
            rows.append(list(part))
            origins.append(grid.row_number(position))
    above = grid.rows[:header]
    return replace(
        grid,
        rows=[*above, grid.rows[header][first : first + width], *rows],
        origins=(*(grid.row_number(row) for row in range(header + 1)), *origins),
        repeated=frozenset(repeated),
        notes=(*grid.notes, f"{len(blocks)} blocks of columns set under each other"),
    )


def _is_of_the_line(part: Sequence[object], cells: Sequence[object]) -> bool:
    """Whether a block holds but one text, which a merged cell spreads over the whole line."""
    return len({str(cell) for cell in (*part, *cells)}) == 1


def _without_pages(grid: Grid, header: int, repeats: set[str]) -> Grid:
    """Leave out what each page repeats, and headings; a name they settle gets its province."""
    titles = {_joined(cells) for cells in grid.rows[:header]} - {""}
    has_provinces = any(
        is_text(cell) and (alias := find_alias(YEARBOOK, parse(cell))) is not None
        and alias.column == PROVINCE_NAME
        for cell in grid.rows[header]
    )  # fmt: skip
    city_at = next(at for at, cell in enumerate(grid.rows[header]) if _names_cities(cell))
    dropped: dict[str, list[int]] = {HEADINGS: [], PAGES: []}
    kept: list[int] = []
    provinces: dict[int, str] = {}
    current = _heading_above(grid, header)
    for position, cells in grid.filled_rows(header + 1):
        # Rows of data are many, and end in a figure.
        is_of_data = is_number(next(cell for cell in reversed(cells) if not is_blank(cell)))
        code = None if is_of_data else heading_province(cells)
        if not is_of_data and _is_page(cells, repeats, titles):
            dropped[PAGES].append(position)
        elif code is not None and code not in MUNICIPALITIES and not has_provinces:
            current = next(str(cell).strip() for cell in cells if is_text(cell))
            dropped[HEADINGS].append(position)
        else:
            kept.append(position)
            name = cells[city_at] if city_at < len(cells) else None
            if current and is_text(name) and _settles(str(name).strip(), current):
                provinces[position] = current
    if not dropped[HEADINGS] and not dropped[PAGES] and not provinces:
        return grid
    width = max(len(cells) for cells in grid.rows[header:])
    places = [*range(header + 1), *kept]
    rows = [list(grid.rows[position]) for position in places]
    if provinces:
        for row, position in zip(rows[header:], places[header:], strict=True):
            row += [None] * (width - len(row))
            row.append("省份" if position == header else provinces.get(position))
    moved = {position: row for row, position in enumerate(places)}
    notes = [
        f"{count(len(found), 'row')} left out, {what}: {listed(map(grid.row_number, found))}"
        for what, found in dropped.items()
        if found
    ]
    return replace(
        grid,
        rows=rows,
        origins=tuple(grid.row_number(position) for position in places),
        repeated=frozenset((moved[row], at) for row, at in grid.repeated if row in moved),
        notes=(*grid.notes, *notes),
    )


def _heading_above(grid: Grid, header: int) -> str:
    """Province of the first page, by the sheet's name or a heading; empty without one."""
    is_of_province = heading_province([grid.title]) not in (None, *MUNICIPALITIES)
    found = grid.title.strip() if is_of_province else ""
    for position, cells in grid.filled_rows():
        if position >= header:
            break
        if heading_province(cells) not in (None, *MUNICIPALITIES):
            found = next(str(cell).strip() for cell in cells if is_text(cell))
    return found


def _settles(name: str, province: str) -> bool:
    alone = resolve(None, name, row_is_city=True)
    return bool(alone.reason) and not resolve(None, name, province, row_is_city=True).reason


def _texts(cells: Sequence[object]) -> list[str]:
    return [key(cell) for cell in cells if not is_missing(cell)]


def _joined(cells: Sequence[object]) -> str:
    return "|".join(dict.fromkeys(_texts(cells)))


def _is_page(cells: Sequence[object], repeats: set[str], titles: set[str]) -> bool:
    """Whether a row is the title with 续表, a title again, the header again or its areas."""
    filled = [cell for cell in cells if not is_missing(cell)]
    if not filled or not all(isinstance(cell, str) for cell in filled):
        return False
    texts = dict.fromkeys(_texts(cells))
    if len(texts) == 1 and _CONTINUED.search(clean_header(filled[0])):
        return True
    if _joined(cells) in titles:
        return True
    # A merged header is spread over its columns, and over its areas.
    is_header = [key(cell) in repeats or bool(scope_of(cell)) for cell in filled]
    return len(texts) > 1 and all(is_header)
