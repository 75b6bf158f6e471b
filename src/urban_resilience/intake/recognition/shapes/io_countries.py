"""China within an inter-country table of OECD: inputs of all countries to the sectors of China.

A national table of all inputs holds domestic and imported ones together; so do these sums. Where
China is split (CN1 export processing, CN2 the rest), its parts are added up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from math import fsum

from urban_resilience.intake.cells.numbers import IDENTITY, Unreadable, to_double
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.recognition.shapes.io_money import USD, Money
from urban_resilience.intake.recognition.shapes.io_tables import Figure, tables_of
from urban_resilience.intake.recognition.shapes.misfit import Misfit
from urban_resilience.intake.vocabulary.sectors import OUTPUT, PARTS, SECTOR, is_rev_3, kind_of
from urban_resilience.shared.counting import count

# Exporters and others; the first edition has four parts (recalled).
WHOLE, SPLIT = "CHN", ("CN1", "CN2", "CN3", "CN4")
_COUNTRY = re.compile(r"([A-Z]{2}[A-Z0-9])[_ .-](.+)")


def country_and_sector(code: object) -> tuple[str, str] | None:
    """Split `CHN_01T02`; None where it is not a country of three letters and a sector."""
    found = _COUNTRY.fullmatch(str(code).strip().upper())
    if found is None or found.group(1) in PARTS:
        return None
    sector = found.group(2)
    return (found.group(1), sector) if kind_of(sector) == SECTOR or is_rev_3(sector) else None


def is_inter_country(grid: Grid, header: int) -> bool:
    """Whether any label of a table of sectors names a country."""
    return any(
        is_text(row[0]) and country_and_sector(row[0])
        for _, row in grid.filled_rows(header + 1)
        if row
    ) or any(is_text(cell) and country_and_sector(cell) for cell in grid.rows[header][1:])


def china_of(grid: Grid, header: int, year: int, money: Money | None) -> list[Grid]:
    """Add up the inputs to China.

    Raises
    ------
    Misfit
        Where China is not in it, is in it twice, output is not there once, the rows are of one
        country, or a cell is no number.
    """
    columns = {
        at: found
        for at, cell in enumerate(grid.rows[header])
        if at and is_text(cell) and (found := country_and_sector(cell))
    }
    rows = [(n, row[0]) for n, row in grid.filled_rows(header + 1) if row and is_text(row[0])]
    supplying = [(n, found) for n, code in rows if (found := country_and_sector(code))]
    output_rows = [n for n, code in rows if kind_of(code) == OUTPUT]
    if len(output_rows) != 1:
        of_output = count(len(output_rows), "row")
        raise Misfit(f"an inter-country table with {of_output} of gross output: one needed")
    if len({country for _, (country, _) in supplying}) == 1:
        raise Misfit(
            "rows of one country only, which are domestic inputs alone: take the table of all"
        )
    users, is_split = _of_china(grid, output_rows[0], columns)
    flows: dict[tuple[str, str], list[float]] = {}
    first: dict[str, int] = {}
    output: dict[str, list[float]] = {}
    for position, (_, sector) in supplying:
        first.setdefault(sector, grid.row_number(position))
        for at, user in users.items():
            flows.setdefault((sector, user), []).append(_number(grid, position, at))
    for at, user in users.items():
        output.setdefault(user, []).append(_number(grid, output_rows[0], at))
    countries = len({country for country, _ in columns.values()})
    parts = " and ".join(sorted({columns[at][0] for at in users}))
    said = (
        f"inter-country table of {countries} countries: inputs of all of them to the "
        f"{len(output)} sectors of China added up{f' over {parts}' if is_split else ''}; the "
        f"sectors of other countries are left out; year {year} from its name or title"
    )
    place = grid.row_number(output_rows[0])
    return tables_of(
        grid,
        header,
        [Figure(year, s, user, fsum(values), first[s]) for (s, user), values in flows.items()],
        [Figure(year, "", user, fsum(values), place) for user, values in output.items()],
        money or Money(USD, IDENTITY, "as OECD publishes it"),
        [said],
        _left_out(grid, header, [code for n, code in rows if n != output_rows[0]]),
    )


def _of_china(
    grid: Grid, output_row: int, columns: dict[int, tuple[str, str]]
) -> tuple[dict[int, str], bool]:
    """Columns of China, and whether they are of its parts."""
    china = {at: sector for at, (country, sector) in columns.items() if country == WHOLE}
    parts = {at: sector for at, (country, sector) in columns.items() if country in SPLIT}
    if parts and any(_number(grid, output_row, at) for at in china):
        raise Misfit(f"an inter-country table with output of {WHOLE} and of its parts too")
    if not (parts or china):
        raise Misfit(f"an inter-country table without columns of {WHOLE}")
    return parts or china, bool(parts)


def _left_out(grid: Grid, header: int, rows: Iterable[object]) -> list[tuple[str, str]]:
    """Name what is no sector of any country: each row, and columns of final use by their kind."""
    left = [
        (str(code), f"{kind_of(code).replace('_', ' ') or 'no known code'}, no flow")
        for code in rows
        if country_and_sector(code) is None
    ]
    kinds: Counter[str] = Counter()
    for at, cell in enumerate(grid.rows[header]):
        if at and is_text(cell) and country_and_sector(cell) is None:
            found = _COUNTRY.fullmatch(str(cell).strip().upper())
            code = found.group(2) if found else str(cell).strip()
            kinds[f"{code}: {kind_of(code).replace('_', ' ') or 'no known code'}"] += 1
    return left + [
        (what.split(":")[0], f"{what.split(': ')[1]}, no flow ({count(n, 'column')})")
        for what, n in kinds.items()
    ]


def _number(grid: Grid, row: int, at: int) -> float:
    cells = grid.rows[row]
    cell = cells[at] if at < len(cells) else None
    try:
        value = to_double(cell)
    except Unreadable as fault:
        raise Misfit(f"row {grid.row_number(row)}, column {at + 1}: `{cell}` {fault}") from None
    if value is None:
        raise Misfit(f"row {grid.row_number(row)}, column {at + 1}: no figure to add up")
    return value
