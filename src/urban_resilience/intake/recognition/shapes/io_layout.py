"""Where the sectors of a table of sectors by sectors stand, and what stands beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from urban_resilience.intake.cells.numbers import Unreadable, is_missing, to_double, to_text
from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS
from urban_resilience.intake.recognition.shapes.io_countries import country_and_sector
from urban_resilience.intake.recognition.shapes.misfit import Misfit
from urban_resilience.intake.vocabulary.places import places_named
from urban_resilience.intake.vocabulary.sectors import (
    OUTPUT,
    SECTOR,
    is_bare_number,
    is_rev_3,
    kind_of,
)

FEWEST_SECTORS = 3


@dataclass(frozen=True)
class Layout:
    """Where the sectors stand: the row and the column of their labels."""

    header: int
    label: int
    first: int


def find_layout(grid: Grid) -> Layout | None:
    """Return the row of most sectors above a column of sectors."""
    best: tuple[int, Layout] | None = None
    for position, cells in grid.filled_rows():
        if position >= HEADER_SEARCH_ROWS:
            break
        sectors = _sectors_among(enumerate(cells))
        if len(sectors) < FEWEST_SECTORS or min(sectors) == 0:
            continue
        label = _label_column(grid, position, min(sectors))
        if label is not None and (best is None or len(sectors) > best[0]):
            best = len(sectors), Layout(position, label, min(sectors))
    return best[1] if best else None


def with_names_for_codes(grid: Grid) -> Grid:
    """Write names of sectors over the columns of a table whose header has their numbers only."""
    rows = list(grid.filled_rows())
    width = max((len(row) for _, row in rows), default=0)
    columns = [[(n, to_text(cell_at(row, at))) for n, row in rows] for at in range(min(width, 6))]
    named = next((c for c in columns if len(_sectors_among(c)) >= FEWEST_SECTORS), None)
    if named is None:
        return grid
    names = {n: name for n, name in named if name and kind_of(name)}
    for column in columns:
        codes = {code: names[n] for n, code in column if code and n in names and code != names[n]}
        for n, row in rows[:HEADER_SEARCH_ROWS]:
            heads = [at for at, cell in enumerate(row) if to_text(cell) in codes]
            if n not in names and len(heads) >= FEWEST_SECTORS and len(set(codes)) == len(codes):
                header = [codes.get(to_text(cell) or "", cell) for cell in row]
                said = f"numbers of sectors in row {grid.row_number(n)} read as their names beside"
                changed = [header if at == n else r for at, r in enumerate(grid.rows)]
                return replace(grid, rows=changed, notes=(*grid.notes, f"{said} the rows"))
    return grid


def unknown_labels(grid: Grid) -> list[str]:
    """Labels that head a column and a row alike, as sectors do, none of them known."""
    rows = list(grid.filled_rows())
    first = {text for _, row in rows for at in (0, 1) if _is_word(text := cell_at(row, at))}
    for _, row in rows[:HEADER_SEARCH_ROWS]:
        both = [str(cell) for cell in row[1:] if is_text(cell) and cell in first]
        if len(set(both)) >= FEWEST_SECTORS:
            return [label for label in dict.fromkeys(both) if not is_sector(label)]
    return []


def _is_word(cell: object) -> bool:
    """Whether a cell can name a sector: a figure of a text file cannot, nor the name of a place."""
    return is_text(cell) and any(map(str.isalpha, str(cell))) and not places_named(str(cell))


def _label_column(grid: Grid, header: int, first: int) -> int | None:
    counts = {}
    for at in range(first):
        # A spreadsheet takes 03 for a number.
        column = ((n, to_text(cell_at(row, at))) for n, row in grid.filled_rows(header + 1))
        counts[at] = len(_sectors_among(column))
    label = max(counts, key=lambda at: (counts[at], -at))
    return label if counts[label] >= FEWEST_SECTORS else None


def _sectors_among(cells: Iterable[tuple[int, object]]) -> set[int]:
    """Positions of sectors; two digits alone are some only among codes that tell more."""
    found = {n: cell for n, cell in cells if is_text(cell) and is_sector(cell)}
    telling = [cell for cell in found.values() if not is_bare_number(cell)]
    return set(found) if telling else set()


def is_sector(cell: object) -> bool:
    """Whether a cell names a sector, of a country or of any edition."""
    return kind_of(cell) == SECTOR or is_rev_3(cell) or country_and_sector(cell) is not None


def columns_of(grid: Grid, layout: Layout) -> tuple[dict[int, str], list[str]]:
    """Find the using sectors by their position, and the names of all other columns with figures."""
    width = max(len(row) for row in grid.rows)
    users: dict[int, str] = {}
    others: dict[int, str] = {}
    for at in range(layout.first, width):
        near = [layout.header, layout.header + 1, *range(layout.header - 1, -1, -1)]
        texts = [cell_at(grid.rows[n], at) for n in near if n < len(grid.rows)]
        label = next((str(cell).strip() for cell in texts if is_text(cell)), "")
        own = cell_at(grid.rows[layout.header], at)
        if is_text(own) and is_sector(own):
            users[at] = str(own).strip()
        elif any(_is_figure(cell_at(row, at)) for _, row in grid.filled_rows(layout.header + 1)):
            others[at] = label or f"column {at + 1}"
    inside = [text for at, text in others.items() if at < max(users) and not kind_of(text)]
    _refuse_unknown(inside, "columns")
    return users, [*dict.fromkeys(others.values())]


def rows_of(grid: Grid, layout: Layout) -> tuple[list[tuple[int, str, list[object]]], list[str]]:
    """Find the rows with a known label, and the names of all others with figures."""
    found: list[tuple[int, str, list[object]]] = []
    named: list[tuple[int, str]] = []
    for at, row in grid.filled_rows(layout.header + 1):
        label = _label(row, layout)
        if not any(_is_figure(cell) for cell in row[layout.first :]):
            continue
        if kind_of(label) or is_rev_3(label):
            found.append((at, label, row))
        named.append((at, label or f"row {grid.row_number(at)} without a name"))
    sectors = [at for at, label, _ in found if kind_of(label) == SECTOR]
    if not sectors:
        raise Misfit("a table of sectors without figures")
    known = {at for at, _, _ in found}
    inside = [text for at, text in named if at not in known and sectors[0] < at < sectors[-1]]
    _refuse_unknown(inside, "rows")
    used = {at for at, label, _ in found if kind_of(label) in (SECTOR, OUTPUT)}
    return found, [*dict.fromkeys(text for at, text in named if at not in used)]


def _label(row: Sequence[object], layout: Layout) -> str:
    """Label of a row: in its column, or beside it where a heading spans both."""
    order = [layout.label, *(at for at in range(layout.first) if at != layout.label)]
    texts = [text for at in order if (text := to_text(cell_at(row, at)))]
    return next((text for text in texts if kind_of(text)), texts[0] if texts else "")


def _refuse_unknown(labels: Sequence[str], where: str) -> None:
    if labels:
        named = ", ".join(f"`{label}`" for label in labels[:5])
        raise Misfit(
            f"a table of sectors with unknown {where} among them ({named}): correct the names, or "
            "add them to seed sector_parts"
        )


def _is_figure(cell: object) -> bool:
    return not is_missing(cell) and number_in(cell) is not None


def number_in(cell: object) -> float | None:
    """Return the number in a cell, None where it holds none."""
    try:
        return to_double(cell)
    except Unreadable:
        return None


def cell_at(row: Sequence[object], at: int) -> object:
    """Return a cell, None where it is blank or the row ends before it."""
    cell = row[at] if at < len(row) else None
    return None if is_blank(cell) else cell
