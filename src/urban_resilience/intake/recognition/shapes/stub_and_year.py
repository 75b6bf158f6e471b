"""A series and its year in one header: ``gdp2010``, ``GDP_2010``, ``2010年GDP``."""

from __future__ import annotations

from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.melt import Melting, melt, years_in_words
from urban_resilience.intake.recognition.shapes.misfit import Misfit
from urban_resilience.intake.recognition.shapes.naming import are_places, is_word, series_of
from urban_resilience.intake.recognition.shapes.years import (
    StubAndYear,
    stub_and_year_of,
    two_digit_stub,
)
from urban_resilience.intake.vocabulary.aliases import find_alias
from urban_resilience.intake.vocabulary.units import is_unit, unit_key


def stub_and_year(grid: Grid) -> list[Grid] | None:
    """Turn a sheet with a column per series and year into one row per city and year."""
    position = _find_header(grid)
    if position is None:
        return None
    cells = grid.rows[position]
    series: dict[str, dict[int, int]] = {}
    keys: list[tuple[int, str]] = []
    left_out: list[tuple[str, str]] = []
    city_at = None
    for at, cell in enumerate(cells):
        if not is_text(cell):
            continue
        found = stub_and_year_of(cell)
        if found is not None:
            _add(series, _stub(found), found.year, at)
            continue
        if series_of(cell) is not None:
            left_out.append((str(cell), "it names no year, which its neighbours do"))
            continue
        if city_at is None and are_places(_column(grid, position, at)):
            city_at = at
        keys.append((at, str(cell)))
    units = _units_below(grid, position)
    series = {
        _with_unit(name, units.get(min(by_year.values()))): by_year
        for name, by_year in series.items()
    }
    how = Melting(position, position + (2 if units else 1), keys, series, city_at=city_at)
    notes = [f"headers of a series and a year ({years_in_words(how.years)}) put into rows"]
    return [melt(grid, how, notes, left_out)]


def _find_header(grid: Grid) -> int | None:
    """Return the row of such headers.

    A column of years beside them makes of `gdp_2005` the figure of one year, which is no series;
    so does a plain header of the same series.
    """
    for position, cells in grid.filled_rows():
        if position >= (1 if grid.has_header_first else HEADER_SEARCH_ROWS):
            return None
        if len({str(cell) for cell in cells if not is_blank(cell)}) < 2:
            # A title, 2010年地区生产总值, heads no column.
            continue
        found = [(cell, stub_and_year_of(cell)) for cell in cells if is_text(cell)]
        named = [taken for _, taken in found if taken is not None]
        known = [taken for taken in named if series_of(_stub(taken)) is not None]
        if not known:
            _refuse_two_digits(cells)
            continue
        plain = [parse(cell) for cell, taken in found if taken is None]
        aliases = [alias for header in plain if (alias := find_alias(YEARBOOK, header))]
        targets = {alias.column for alias in aliases}
        if "year" in targets or targets & {series_of(_stub(taken)) for taken in known}:
            return None
        return position if _is_header(cells, grid, position) else None
    return None


def _is_header(cells: list[object], grid: Grid, position: int) -> bool:
    """Whether a row is a header over figures: words above, and none of its series above it."""
    return all(is_text(cell) or cell is None or cell == "" for cell in cells) and any(
        isinstance(cell, int | float) or (isinstance(cell, str) and cell.strip()[:1].isdigit())
        for _, row in grid.filled_rows(position + 1)
        for cell in row
    )


def _units_below(grid: Grid, position: int) -> dict[int, str]:
    """Units in a row under the header, by their columns; none where it holds anything else."""
    below = grid.rows[position + 1] if position + 1 < len(grid.rows) else []
    units = {at: str(cell) for at, cell in enumerate(below) if not is_blank(cell)}
    is_of_units = all(is_word(text) and is_unit(text) for text in units.values())
    return {at: unit_key(text) for at, text in units.items()} if is_of_units else {}


def _with_unit(name: str, unit: str | None) -> str:
    return f"{name}({unit})" if unit and not parse(name).unit else name


def _stub(found: StubAndYear) -> str:
    """Return the reading of a stub that is a known series, or else the plainest."""
    return next((stub for stub in found.stubs if series_of(stub) is not None), found.stubs[0])


def _add(series: dict[str, dict[int, int]], stub: str, year: int, at: int) -> None:
    """Add a column; one of the same series and year is a series of its own, to be refused later."""
    name = stub
    while year in series.get(name, {}):
        name += " "
    series.setdefault(name, {})[year] = at


def _column(grid: Grid, position: int, at: int) -> list[object]:
    return [row[at] for _, row in grid.filled_rows(position + 1) if at < len(row)]


def _refuse_two_digits(cells: list[object]) -> None:
    """Refuse `gdp10`, `gdp11`: whether that is a year, and of which century, is a guess."""
    by_stub: dict[str, list[str]] = {}
    targets = set()
    for cell in cells:
        stub = two_digit_stub(cell)
        if stub is not None and series_of(stub) is not None and series_of(cell) is None:
            by_stub.setdefault(stub, []).append(str(cell))
        elif is_text(cell) and (alias := find_alias(YEARBOOK, parse(cell))):
            targets.add(alias.column)
    named = [header for headers in by_stub.values() if len(headers) > 1 for header in headers]
    if named and "year" not in targets:
        shown = ", ".join(f"`{header}`" for header in named[:4])
        raise Misfit(
            f"its headers name years by two digits ({shown}): write them with four, such as "
            f"`{next(iter(by_stub))}2010`"
        )
