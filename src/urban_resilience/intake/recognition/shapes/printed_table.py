"""A table as a yearbook prints it: over several pages, under headings, in two rows of headers.

What a page repeats (its header, the title with 续表) and the names of provinces above their cities
are no rows of data. Areas in a second header row (全市, 市辖区) go into the headers. Blocks of
columns side by side are set under each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.cells.text import clean_header, key
from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.reading.remarks import listed
from urban_resilience.intake.recognition.provinces import heading_province
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.naming import series_of
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, PROVINCE_NAME, find_alias
from urban_resilience.intake.vocabulary.cities import resolve
from urban_resilience.intake.vocabulary.headers import scope_in
from urban_resilience.intake.vocabulary.places import MUNICIPALITIES

MOST_BLOCKS = 4
_CONTINUED = re.compile(r"续表?|continued|cont'd")
_SCOPE_WORDS = {"city": "全市", "urban": "市辖区"}
HEADINGS, PAGES = "names of provinces above their cities", "headers and titles repeated"


def printed_table(grid: Grid) -> Grid:
    """Return the sheet without what print adds; the sheet itself where there is nothing of it."""
    header = _find_header(grid)
    if header is None or grid.has_header_first:
        return grid
    repeats = {key(cell) for cell in grid.rows[header] if is_text(cell)}
    return _without_pages(_beside_each_other(_with_areas(grid, header), header), header, repeats)


def _find_header(grid: Grid) -> int | None:
    """Return the first row with a header of cities and one of a series, the city to its left."""
    for position, cells in grid.filled_rows():
        if position >= HEADER_SEARCH_ROWS:
            return None
        texts = [cell for cell in cells if not is_blank(cell)]
        if len(texts) < 2 or not all(map(is_text, texts)):
            continue
        if _names_cities(texts[0]) and any(series_of(cell) for cell in texts[1:]):
            return position
    return None


def _names_cities(cell: object) -> bool:
    alias = find_alias(YEARBOOK, parse(cell))
    return alias is not None and alias.column == CITY_NAME


def _with_areas(grid: Grid, header: int) -> Grid:
    """Put the areas of a second header row into the headers above them."""
    below = header + 1
    if below >= len(grid.rows):
        return grid
    upper, lower = grid.rows[header], grid.rows[below]
    scopes: dict[int, str] = {}
    for at, cell in enumerate(lower):
        above = upper[at] if at < len(upper) else None
        if is_blank(cell) or (is_text(above) and str(cell) == str(above)):
            continue
        scope = _scope_of(cell)
        if not scope:
            return grid
        scopes[at] = scope
    if not scopes:
        return grid
    merged: list[object] = list(upper)
    current: object = None
    for at, cell in enumerate(upper):
        current = cell if is_text(cell) else current
        if at in scopes and current is not None:
            first, *rest = str(current).split("\n")
            merged[at] = "\n".join([f"{first}({_SCOPE_WORDS[scopes[at]]})", *rest])
    emptied: list[object] = [None] * len(lower)
    rows = [*grid.rows[:header], merged, emptied, *grid.rows[below + 1 :]]
    said = f"areas of the second header row (row {grid.row_number(below)}) put into the headers"
    kept = frozenset((row, at) for row, at in grid.repeated if row != below)
    return replace(grid, rows=rows, notes=(*grid.notes, said), repeated=kept)


def _scope_of(cell: object) -> str:
    """Return the one area that all lines of a cell name, and nothing but an area."""
    if not is_text(cell):
        return ""
    text = clean_header(str(cell))
    spaceless = re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", text)
    rest = re.sub(
        r"全市|市辖区|市区|whole city|total city|city proper|districts under city|urban districts"
        r"|[\s()/]+",
        "",
        spaceless,
    )
    return "" if rest else scope_in(spaceless)


def _beside_each_other(grid: Grid, header: int) -> Grid:
    """Set blocks of the same columns, each with its cities, under each other."""
    names = [key(cell) if is_text(cell) else "" for cell in grid.rows[header]]
    while names and not names[-1]:
        names.pop()
    for n_blocks in range(2, MOST_BLOCKS + 1):
        width = len(names) // n_blocks
        blocks = [names[n * width : (n + 1) * width] for n in range(n_blocks)]
        whole = len(names) == width * n_blocks and width > 1
        if whole and blocks[0][0] and all(block == blocks[0] for block in blocks):
            break
    else:
        return grid
    rows: list[list[object]] = []
    origins: list[int] = []
    repeated: set[tuple[int, int]] = set()
    for n in range(n_blocks):
        for position in range(header + 1, len(grid.rows)):
            cells = grid.rows[position]
            part = cells[n * width : (n + 1) * width]
            if n and (all(map(is_blank, part)) or len({str(c) for c in part}) == 1):
                continue
            repeated |= {
                (header + 1 + len(rows), at)
                for at in range(width)
                if (position, n * width + at) in grid.repeated
            }
            rows.append(list(part))
            origins.append(grid.row_number(position))
    above = grid.rows[:header]
    return replace(
        grid,
        rows=[*above, grid.rows[header][:width], *rows],
        origins=(*(grid.row_number(row) for row in range(header + 1)), *origins),
        repeated=frozenset(repeated),
        notes=(*grid.notes, f"{n_blocks} blocks of columns set under each other"),
    )


def _without_pages(grid: Grid, header: int, repeats: set[str]) -> Grid:
    """Leave out what each page repeats, and headings; a name they settle gets its province."""
    titles = {_joined(cells) for cells in grid.rows[:header]} - {""}
    has_provinces = any(
        is_text(cell) and (alias := find_alias(YEARBOOK, parse(cell))) is not None
        and alias.column == PROVINCE_NAME
        for cell in grid.rows[header]
    )  # fmt: skip
    city_at = next(at for at, cell in enumerate(grid.rows[header]) if not is_blank(cell))
    dropped: dict[str, list[int]] = {HEADINGS: [], PAGES: []}
    kept: list[int] = []
    provinces: dict[int, str] = {}
    current = ""
    for position, cells in grid.filled_rows(header + 1):
        code = heading_province(cells)
        if _is_page(cells, repeats, titles):
            dropped[PAGES].append(position)
        elif code is not None and code not in MUNICIPALITIES and not has_provinces:
            current = next(str(cell).strip() for cell in cells if is_text(cell))
            dropped[HEADINGS].append(position)
        else:
            kept.append(position)
            name = cells[city_at] if city_at < len(cells) else None
            if current and is_text(name) and _settles(str(name).strip(), current):
                provinces[position] = current
    if not dropped[HEADINGS] and not dropped[PAGES]:
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
        f"{len(found):,} rows left out, {what}: {listed(map(grid.row_number, found))}"
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
    is_header = [key(cell) in repeats or bool(_scope_of(cell)) for cell in filled]
    return len(texts) > 1 and all(is_header)
