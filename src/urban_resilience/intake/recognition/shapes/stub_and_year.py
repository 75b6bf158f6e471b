"""A series and its year in one header: ``gdp2010``, ``GDP_2010``, ``2010年GDP``."""

from __future__ import annotations

from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.melt import Melting, melt, years_in_words
from urban_resilience.intake.recognition.shapes.misfit import Misfit
from urban_resilience.intake.recognition.shapes.naming import are_places, is_word, series_of
from urban_resilience.intake.recognition.shapes.units_between import unit_stated
from urban_resilience.intake.recognition.shapes.years import (
    StubAndYear,
    stub_and_year_of,
    two_digit_stub,
)
from urban_resilience.intake.vocabulary.aliases import find_alias
from urban_resilience.intake.vocabulary.units import is_unit, unit_key

# So many two-digit numbers in a row are years; from 01 on they may be a count.
FEWEST, COUNTED_FROM = 3, 2001


def stub_and_year(grid: Grid) -> list[Grid] | None:
    """Turn a sheet with a column per series and year into one row per city and year."""
    found_header = _find_header(grid)
    if found_header is None:
        return None
    position, cells = found_header
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


def _find_header(grid: Grid) -> tuple[int, list[object]] | None:
    """Return the row of such headers, and the headers with four digits to a year.

    A column of years beside them makes of `gdp_2005` the figure of one year, which is no series;
    so does a plain header of the same series.
    """
    for position, cells in grid.filled_rows():
        if position >= (1 if grid.has_header_first else HEADER_SEARCH_ROWS):
            return None
        texts = {str(cell) for cell in cells if not is_blank(cell)}
        if sum(not unit_stated(text) for text in texts) < 2:
            # A title, 2010年地区生产总值, heads no column, nor does a unit beside it.
            continue
        cells = _with_four_digits(cells)
        found = [(cell, stub_and_year_of(cell)) for cell in cells if is_text(cell)]
        named = [taken for _, taken in found if taken is not None]
        known = [taken for taken in named if series_of(_stub(taken)) is not None]
        if not known:
            continue
        plain = [parse(cell) for cell, taken in found if taken is None]
        aliases = [alias for header in plain if (alias := find_alias(YEARBOOK, header))]
        targets = {alias.column for alias in aliases}
        if "year" in targets or targets & {series_of(_stub(taken)) for taken in known}:
            return None
        return (position, cells) if _is_header(cells, grid, position) else None
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


def _with_four_digits(cells: list[object]) -> list[object]:
    """Write `gdp09`, `gdp10`, `gdp11` with the years that such a run of numbers can only be.

    Raises
    ------
    Misfit
        Where the numbers are no run of years: `gdp01` to `gdp03` may as well be counted.
    """
    by_stub: dict[str, dict[int, int]] = {}
    targets = set()
    for at, cell in enumerate(cells):
        found = two_digit_stub(cell)
        if found and series_of(found.stubs[0]) is not None and series_of(cell) is None:
            by_stub.setdefault(found.stubs[0], {})[at] = found.year
        elif is_text(cell) and (alias := find_alias(YEARBOOK, parse(cell))):
            targets.add(alias.column)
    if not by_stub or "year" in targets:
        return cells
    if any(not _is_run(list(years.values())) for years in by_stub.values()):
        stub, years = next(iter(by_stub.items()))
        named = [str(cells[at]) for found in by_stub.values() for at in found]
        shown = ", ".join(f"`{header}`" for header in named[:4])
        raise Misfit(
            f"its headers may name years by two digits ({shown}), or a base year, or count: write "
            f"years with four, such as `{stub}{next(iter(years.values()))}`"
        )
    written = list(cells)
    for stub, years in by_stub.items():
        for at, year in years.items():
            written[at] = f"{stub}{year}"
    return written


def _is_run(years: list[int]) -> bool:
    """Whether numbers are years that follow each other, and not what counts from 1."""
    first = min(years)
    return (
        len(years) >= FEWEST
        and sorted(years) == list(range(first, first + len(years)))
        and first != COUNTED_FROM
    )
