"""A sheet of several tables: under each other or side by side, each with a header of its own.

A page that repeats the header is no new table: its rows go on with those of the page before. What a
title above the first table says holds for the others too, unless they say it themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.cells.text import clean_header, key
from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.reading.remarks import is_note, listed
from urban_resilience.intake.recognition.recognize import (
    HEADER_SEARCH_ROWS,
    LONGEST_HEADER,
    YEARBOOK,
    parse,
)
from urban_resilience.intake.recognition.shapes.naming import (
    city_named,
    is_place,
    series_named,
    series_of,
)
from urban_resilience.intake.recognition.shapes.units_between import (
    is_row_of_units,
    unit_stated,
    with_open_units,
)
from urban_resilience.intake.recognition.shapes.years import year_of
from urban_resilience.intake.vocabulary.aliases import LONG_LAYOUT, find_alias
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.intake.vocabulary.headers import volume_year_in, year_in
from urban_resilience.shared.counting import count

LONGEST_YEAR = 16
_FIGURE = re.compile(r"[-+]?\d[\d.,\s]*%?")
_CONTINUED = re.compile(r"续|continued|cont'd")
# Years, units and numbers of pages name no table.
_KNOWN_WORDS = re.compile(
    r"续表?|\(?continued\)?|cont'd|(?:计量)?单位\s*:.*|units?\s*:.*|(?:19|20)\d\d\s*年?度?|[第共]\s*\d+\s*页|page\s*\d+"
)
_WORDS = re.compile(r"[\u4e00-\u9fff]|[a-z]{2}")
PAGES = "headers and titles repeated"


@dataclass(frozen=True)
class _Head:
    """A header: the row where its titles begin, and its own."""

    titles: int
    row: int


def blocks_of(grid: Grid) -> list[Grid]:
    """Return the tables of a sheet; the sheet itself where it is one."""
    head = None if grid.has_header_first else _first_head(grid)
    if head is None:
        return [grid]
    beside = _beside(grid, head)
    return [part for block in beside for part in _below(block, head)]


def _first_head(grid: Grid) -> int | None:
    for position, cells in grid.filled_rows():
        if position >= HEADER_SEARCH_ROWS:
            return None
        if _heads_years(cells) or _heads_series(cells) or _heads_places(cells):
            return position
    return None


def _filled(cells: Sequence[object]) -> list[object]:
    return [cell for cell in cells if not is_blank(cell)]


def _is_headlike(filled: Sequence[object]) -> bool:
    """Whether a row holds words and years only, and begins with a word."""
    return (
        len(filled) > 1
        and year_of(filled[0]) is None
        and all(_is_word(cell) or year_of(cell) is not None for cell in filled)
    )


def _is_word(cell: object) -> bool:
    # All cells of a text file are text.
    return is_text(cell) and not _is_figure(cell)


def _heads_years(cells: Sequence[object]) -> bool:
    """Whether years stand in a row, and no place or figure before them."""
    filled = _filled(cells)
    if is_blank(cells[0]) and len(filled) > 1 and all(map(_is_year, filled)):
        # Nothing stands above the names.
        return len({year_of(cell) for cell in filled}) > 1
    if not _is_year(filled[-1]) and not any(map(_is_year, filled[1:3])):
        return False
    years = [year for cell in filled[1:] if (year := year_of(cell)) is not None]
    named = _is_headlike(filled) and not is_place(filled[0])
    return named and bool(years) and (len(set(years)) > 1 or _means(filled[0]) != "")


def _is_year(cell: object) -> bool:
    if isinstance(cell, str) and (len(cell) > LONGEST_YEAR or not ("19" in cell or "20" in cell)):
        return False
    return year_of(cell) is not None


def _heads_series(cells: Sequence[object]) -> bool:
    filled = _filled(cells)
    return _is_headlike(filled) and _means(filled[0]) != "" and any(map(series_of, filled[1:]))


def _heads_places(cells: Sequence[object]) -> bool:
    filled = _filled(cells)
    return _is_headlike(filled) and _means(filled[0]) != "" and all(map(is_place, filled[1:]))


def _means(cell: object) -> str:
    """Return the key column that a header is, empty where it is none."""
    header = parse(cell)
    alias = find_alias(YEARBOOK, header)
    if alias is not None:
        of_series = alias.column in contract()[YEARBOOK].names and series_of(cell) is not None
        return "" if of_series else alias.column
    long = find_alias(LONG_LAYOUT, header)
    return "" if long is None else long.column


def _below(grid: Grid, first: int) -> list[Grid]:
    """Split a sheet at the headers below its first; pages of one table stay together."""
    opening = next(iter(_texts(grid.rows[first])))
    heads = [_Head(0, first)]
    has_figures = False
    repeats: list[int] = []
    for position, cells in grid.filled_rows(first + 1):
        if has_figures and _is_later_head(grid, cells, opening, position):
            head = _Head(_titles_begin(grid, position), position)
            if _is_page(grid, heads[-1], head):
                end = _header_end(grid, heads[-1].row, position)
                repeats += [row for row in range(head.titles, end) if _filled(grid.rows[row])]
            else:
                heads.append(head)
            has_figures = False
        has_figures = has_figures or any(_is_figure(cell) for cell in cells)
    if len(heads) == 1 and not repeats:
        return [with_open_units(grid, first)]
    ends = [head.titles for head in heads[1:]] + [len(grid.rows)]
    return [_part(grid, heads, number, end, repeats) for number, end in enumerate(ends)]


def _is_figure(cell: object) -> bool:
    if isinstance(cell, str):
        return bool(_FIGURE.fullmatch(cell.strip())) and not _is_year(cell)
    return isinstance(cell, int | float) and not isinstance(cell, bool) and not _is_year(cell)


def _is_later_head(grid: Grid, cells: Sequence[object], opening: str, position: int) -> bool:
    """Whether a row is a header again: it begins as the first did, or holds years."""
    first = next(cell for cell in cells if not is_blank(cell))
    if is_blank(cells[0]) and _is_year(first):
        return _heads_years(cells)
    # Rows of data are many: no header begins with a digit or is long.
    if not isinstance(first, str) or first[:1].isdigit() or len(first) > LONGEST_HEADER:
        return False
    if key(first) == opening:
        return _is_headlike(_filled(cells))
    if _heads_the_same(cells):
        return True
    if not _is_year(cells[-1]) or not _heads_years(cells):
        return False
    # 地区生产总值, 2010, 2011 may be a row of figures: a header stands above places.
    below = next((row for _, row in grid.filled_rows(position + 1)), [])
    return series_of(first) is None or (bool(below) and is_place(_filled(below)[0]))


def _heads_the_same(cells: Sequence[object]) -> bool:
    """Whether a row heads keys and series in another order, as where two files are one."""
    filled = _filled(cells)
    if len(filled) < 3 or not _is_headlike(filled):
        return False
    keys = {_means(cell) for cell in filled} - {""}
    return len(keys) > 1 and not is_place(filled[0]) and any(map(series_of, filled))


def _titles_begin(grid: Grid, head: int) -> int:
    """Return the first of the rows of titles above a header."""
    has_city = any(_means(cell) == "city_name_zh" for cell in grid.rows[head] if is_text(cell))
    begin = head
    for position in range(head - 1, -1, -1):
        filled = _filled(grid.rows[position])
        if not filled:
            continue
        is_row = is_place(filled[0]) and (has_city or len(set(map(str, filled))) > 1)
        holds_data = any(map(_is_figure, filled)) or (
            len(filled) > 1 and any(map(_is_year, filled))
        )
        if is_row or is_note(filled) or holds_data:
            break
        begin = position
    return begin


def _row(grid: Grid, position: int) -> Sequence[object]:
    return grid.rows[position] if position < len(grid.rows) else []


def _texts(cells: Sequence[object]) -> list[str]:
    return [key(cell) for cell in cells if not is_missing(cell)]


def _header_end(grid: Grid, first: int, again: int) -> int:
    """Return the row behind a repeated header, which may be of several rows."""
    n_rows = 1
    while (
        again + n_rows < len(grid.rows)
        and _texts(grid.rows[again + n_rows])
        and not any(map(_is_figure, grid.rows[again + n_rows]))
        and _texts(grid.rows[again + n_rows]) == _texts(grid.rows[first + n_rows])
    ):
        n_rows += 1
    return again + n_rows


def _is_page(grid: Grid, current: _Head, head: _Head) -> bool:
    """Whether a header goes on with the table above it: the same header, and no other name."""
    if _texts(grid.rows[head.row]) != _texts(grid.rows[current.row]):
        return False
    above, titles = range(current.titles, current.row), range(head.titles, head.row)
    # What stands under both: their units may be others.
    below, under = (_row(grid, at + 1) for at in (head.row, current.row))
    if is_row_of_units(below) and _texts(below) != _texts(under):
        return False
    names, before = _names(grid, titles), _names(grid, above)
    if not all(kind in before and before[kind] == name for kind, name in names.items()):
        return False
    known = {key(cell) for row in above for cell in grid.rows[row] if is_text(cell)}
    texts = [str(cell) for row in titles for cell in grid.rows[row] if is_text(cell)]
    is_continued = any(_CONTINUED.search(clean_header(text)) for text in texts)
    return is_continued or not any(_is_other(text) and key(text) not in known for text in texts)


def _is_other(text: str, before: Iterable[str] = ()) -> bool:
    """Whether a title says something that is not understood: it may name another series.

    A title that comes again with 续表 says nothing new; ``before`` are those above.
    """
    if series_named(text) or city_named(text):
        return False
    rest = _KNOWN_WORDS.sub(" ", clean_header(text))
    if not _WORDS.search(rest):
        return False
    return not (_CONTINUED.search(clean_header(text)) and any(key(rest) in b for b in before))


def _names(grid: Grid, rows: range) -> dict[str, object]:
    """Tell what titles name: a series, a city, a year, a unit."""
    found: dict[str, object] = {}
    for position in rows:
        found |= _said({str(cell) for cell in grid.rows[position] if is_text(cell)})
    return found


def _said(texts: set[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for text in texts:
        year = year_in(text)
        said = {
            "series": series_of(series_named(text)),
            "city": city_named(text),
            "year": volume_year_in(text) if year is None else year,
            "unit": unit_stated(text),
        }
        found |= {kind: name for kind, name in said.items() if name}
    return found


def _part(grid: Grid, heads: Sequence[_Head], number: int, end: int, repeats: list[int]) -> Grid:
    """Return one table with its titles and what the titles of the first say of it too."""
    head = heads[number]
    kept = [row for row in range(head.titles, end) if row not in repeats]
    above: list[int] = []
    is_other = False
    if number:
        own = _names(grid, range(head.titles, head.row))
        above_it = (cell for row in range(head.titles, head.row) for cell in grid.rows[row])
        titles = [str(cell) for cell in above_it if is_text(cell)]
        before = {key(cell) for row in range(head.titles) for cell in grid.rows[row]}
        is_other = "series" not in own and any(_is_other(title, before) for title in titles)
        if is_other or series_of(grid.rows[head.row][0]) is not None:
            own.setdefault("series", "")
        if is_other:
            own.setdefault("city", "")
        for row in range(heads[0].row):
            said = _said({str(cell) for cell in grid.rows[row] if is_text(cell)})
            if said and not said.keys() & own.keys():
                above.append(row)
    places = [*above, *kept]
    notes = list(grid.notes)
    of_page = [row for row in repeats if head.row < row < end]
    if of_page:
        numbers = listed(map(grid.row_number, of_page))
        notes.append(f"{count(len(of_page), 'row')} left out, {PAGES}: {numbers}")
    rows = f"rows {grid.row_number(head.titles)} to {grid.row_number(end - 1)}"
    moved = {row: place for place, row in enumerate(places)}
    part = replace(
        grid,
        source=_named(grid.source, rows) if len(heads) > 1 else grid.source,
        has_own_title=grid.has_own_title or is_other,
        rows=[grid.rows[row] for row in places],
        origins=tuple(grid.row_number(row) for row in places),
        repeated=frozenset((moved[row], at) for row, at in grid.repeated if row in moved),
        notes=tuple(notes),
    )
    return with_open_units(part, moved[head.row])


def _named(source: str, part: str) -> str:
    """Name a part of a sheet: `a.xlsx [GDP] rows 7 to 12`, `a.csv [rows 7 to 12]`."""
    return f"{source} {part}" if source.endswith("]") else f"{source} [{part}]"


def _beside(grid: Grid, head: int) -> list[Grid]:
    """Split a sheet at columns whose header is that of the first again."""
    cells = grid.rows[head]
    first = next(at for at, cell in enumerate(cells) if not is_blank(cell))
    starts = [
        at for at, cell in enumerate(cells) if is_text(cell) and key(cell) == key(cells[first])
    ]
    if not starts or year_of(cells[first]) is not None:
        # It heads figures: years above their columns, under cities or beside an empty cell.
        return [grid]
    ends = [*starts[1:], max(len(row) for row in grid.rows)]
    spans = list(zip(starts, ends, strict=True))
    blocks = [_texts(cells[start:end]) for start, end in spans]
    if len(spans) < 2 or any(len(block) < 2 for block in blocks):
        return [grid]
    # Cities several a line, under one header of series, are one table.
    if all(block == blocks[0] for block in blocks) and not _heads_years(cells):
        return [grid]
    return [_columns(grid, head, start, end) for start, end in spans]


def _columns(grid: Grid, head: int, start: int, end: int) -> Grid:
    rows: list[list[object]] = []
    has_own_title = False
    for position, cells in enumerate(grid.rows):
        own = list(cells[start:end])
        if position < head and start:
            texts = [str(cell) for cell in own if is_text(cell)]
            has_own_title = has_own_title or any(map(_is_other, texts))
        said = {str(cell) for cell in cells if is_text(cell)}
        if position < head and start and not _filled(own) and len(said) == 1:
            # A title of the whole sheet.
            own = [next(cell for cell in cells if is_text(cell))]
        rows.append(own)
    return replace(
        grid,
        source=_named(grid.source, f"columns {start + 1} to {end}"),
        has_own_title=has_own_title,
        rows=rows,
        origins=tuple(map(grid.row_number, range(len(rows)))),
        repeated=frozenset((row, at - start) for row, at in grid.repeated if start <= at < end),
    )
