"""Members whose beginning and end stand in one cell: 2015-03-01至2019-06-30, 2015.3—长期."""

from __future__ import annotations

from dataclasses import replace

from urban_resilience.intake.cells.dates import period_in
from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.cells.text import half_width
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, parse
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, find_alias
from urban_resilience.intake.vocabulary.contract import FIRST_YEAR, INDUSTRY, LAST_YEAR
from urban_resilience.shared.counting import count

MEMBERS = "platform_members"


def member_periods(grid: Grid) -> list[Grid] | None:
    """Part a column of periods into a column of beginnings and one of ends."""
    for position, cells in grid.filled_rows():
        if position >= (1 if grid.has_header_first else HEADER_SEARCH_ROWS):
            return None
        known = {
            alias.column: at
            for at, cell in enumerate(cells)
            if is_text(cell) and (alias := find_alias(MEMBERS, parse(str(cell)))) is not None
        }
        if INDUSTRY not in known or not {"city_code", CITY_NAME} & set(known):
            continue
        beginning = known.get(FIRST_YEAR)
        free = [at for at, cell in enumerate(cells) if is_text(cell) and at not in known.values()]
        wanted = free if beginning is None else [beginning]
        found = [at for at in wanted if _holds_periods(grid, position, at)]
        return [_parted(grid, position, found[0], known)] if len(found) == 1 else None
    return None


def _holds_periods(grid: Grid, header: int, at: int) -> bool:
    cells = [row[at] for _, row in grid.filled_rows(header + 1) if at < len(row)]
    texts = [str(cell) for cell in cells if not is_missing(cell)]
    return sum(period_in(half_width(text)) is not None for text in texts) * 2 > len(texts)


def _parted(grid: Grid, header: int, at: int, known: dict[str, int]) -> Grid:
    """Put the year of the beginning in the place of the period, and that of the end behind all."""
    rows = [list(row) for row in grid.rows]
    width = max(map(len, rows))
    name, has_ends = str(rows[header][at]), LAST_YEAR in known
    n_periods = n_single = 0
    for position, cells in grid.filled_rows(header + 1):
        cell = cells[at] if at < len(cells) else None
        period = None if is_missing(cell) else period_in(half_width(str(cell)))
        if period is None:
            # One date begins a membership; what is none is judged as it stands.
            n_single += not is_missing(cell)
            continue
        n_periods += 1
        rows[position][at] = period[0]
        if not has_ends:
            rows[position] += [None] * (width - len(rows[position])) + [period[1]]
    rows[header][at] = FIRST_YEAR
    if not has_ends:
        rows[header] += [None] * (width - len(rows[header])) + [LAST_YEAR]
    end = "its end left out, which another column says" if has_ends else "and its end"
    notes = [f"`{name}`: {count(n_periods, 'period')} parted into the year it begins {end}"]
    if n_single:
        notes.append(f"`{name}`: {count(n_single, 'cell')} of one date or none: no end is known")
    return replace(grid, rows=rows, notes=(*grid.notes, *notes))
