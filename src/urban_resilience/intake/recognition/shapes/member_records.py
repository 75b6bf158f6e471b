"""Members of a platform as people keep them: firms by name, or counts with the years across."""

from __future__ import annotations

from dataclasses import replace

from urban_resilience.intake.cells.text import key
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, parse
from urban_resilience.intake.recognition.shapes.melt import Melting, melt, years_in_words
from urban_resilience.intake.recognition.shapes.years import year_of
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, find_alias
from urban_resilience.intake.vocabulary.contract import FIRST_YEAR, INDUSTRY
from urban_resilience.intake.vocabulary.firms import FIRM_NAMES

MEMBERS, COUNTS = "platform_members", "platform_member_counts"
FIRM, COUNT = "firm_id", "member_count"
FEWEST_YEARS = 2


def member_records(grid: Grid) -> list[Grid] | None:
    """Let the name of a firm stand for its number, and put counts of members by year into rows."""
    for position, cells in grid.filled_rows():
        if position >= (1 if grid.has_header_first else HEADER_SEARCH_ROWS):
            return None
        texts = {at: str(cell) for at, cell in enumerate(cells) if is_text(cell)}
        found = {
            alias.column: at
            for at, text in reversed(texts.items())
            if (alias := find_alias(MEMBERS, parse(text))) is not None
        }
        if INDUSTRY not in found or not {"city_code", CITY_NAME} & set(found):
            continue
        if FIRST_YEAR in found:
            return _by_name(grid, position, texts) if FIRM not in found else None
        return _counts(grid, position, texts)
    return None


def _is_city(text: str) -> bool:
    alias = find_alias(MEMBERS, parse(text))
    return alias is not None and alias.column in ("city_code", CITY_NAME)


def _by_name(grid: Grid, header: int, texts: dict[int, str]) -> list[Grid] | None:
    # `name` is that of the firm only where another column names the city.
    cities = [at for at, text in texts.items() if _is_city(text)]
    named = next(
        (at for at, text in texts.items() if key(text) in FIRM_NAMES and cities != [at]), None
    )
    if named is None:
        return None
    rows = [list(row) for row in grid.rows]
    rows[header][named] = FIRM
    note = f"`{texts[named]}` stands for a number of the firm: firms of one name are one"
    return [replace(grid, rows=rows, notes=(*grid.notes, note))]


def _counts(grid: Grid, header: int, texts: dict[int, str]) -> list[Grid] | None:
    cells = grid.rows[header]
    years = {at: year for at, cell in enumerate(cells) if (year := year_of(cell)) is not None}
    if len(set(years.values())) < max(FEWEST_YEARS, len(years)):
        return None
    keys = [(at, text) for at, text in texts.items() if at not in years]
    series = {COUNT: {year: at for at, year in years.items()}}
    note = f"years across ({years_in_words(sorted(years.values()))}) put into rows as {COUNT}"
    return [melt(grid, Melting(header, header + 1, keys, series), [note])]
