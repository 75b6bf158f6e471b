"""China within an inter-country table of OECD: inputs of all countries to the sectors of China.

A national table of all inputs holds domestic and imported ones together; so do these sums. Where
China is split (CN1 export processing, CN2 the rest), its parts are added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from urban_resilience.intake.cells.numbers import Unreadable, to_double
from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.recognition.shapes.misfit import Misfit

WHOLE, PARTS = "CHN", ("CN1", "CN2")


def china_of(
    grid: Grid,
    header: int,
    year: int,
    columns: dict[int, tuple[str, str]],
    supplying: Sequence[tuple[int, str]],
    output_row: int,
    headers: tuple[tuple[str, ...], tuple[str, ...]],
) -> list[Grid]:
    """Add up the inputs to China.

    Parameters
    ----------
    columns
        Position to country and sector.
    supplying
        Position and sector of each row of any country.
    output_row
        Position of the row of gross output.
    headers
        Of the table of flows and of that of output.

    Raises
    ------
    Misfit
        Where China is not in it, is in it twice, or a cell is no number.
    """
    china = {at: sector for at, (country, sector) in columns.items() if country == WHOLE}
    parts = {at: sector for at, (country, sector) in columns.items() if country in PARTS}
    if parts:
        if any(_number(grid, output_row, at) for at in china):
            raise Misfit(f"an inter-country table with output of {WHOLE} and of its parts too")
        china = parts
    if not china:
        raise Misfit(f"an inter-country table without columns of {WHOLE}")
    flows: dict[tuple[str, str], float] = {}
    first: dict[str, int] = {}
    output: dict[str, float] = {}
    for position, sector in supplying:
        first.setdefault(sector, grid.row_number(position))
        for at, user in china.items():
            pair = (sector, user)
            flows[pair] = flows.get(pair, 0.0) + _number(grid, position, at)
    for at, user in china.items():
        output[user] = output.get(user, 0.0) + _number(grid, output_row, at)
    countries = len({country for country, _ in columns.values()})
    added = " over CN1 and CN2" if parts else ""
    said = (
        f"inter-country table of {countries} countries: inputs of all of them to the "
        f"{len(output)} sectors of China added up{added}; the sectors "
        f"and final demand of other countries are left out; year {year} from its name or title; "
        "million US dollars, as OECD publishes it"
    )
    top = grid.row_number(header)
    flow_rows = [[year, supplier, user, value] for (supplier, user), value in flows.items()]
    output_rows = [[year, sector, value] for sector, value in output.items()]
    notes = (*grid.notes, said)
    return [
        replace(
            grid, rows=[list(headers[0]), *flow_rows], notes=notes, repeated=frozenset(),
            origins=(top, *(first[supplier] for supplier, _ in flows)),
        ),
        replace(
            grid, rows=[list(headers[1]), *output_rows], notes=notes, repeated=frozenset(),
            origins=(top, *[grid.row_number(output_row)] * len(output_rows)),
        ),
    ]  # fmt: skip


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
