"""An input-output table as OECD.Stat exports it: a row per pair of sectors (ROW, COL, Time, Value).

It becomes two tables, of flows and of gross output, as a matrix does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from urban_resilience.intake.cells.numbers import Unreadable, to_integer
from urban_resilience.intake.cells.text import key
from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.recognition.shapes.io_matrix import (
    FLOWS,
    OUTPUT,
    OUTPUTS,
    SECTOR,
    kind_of,
)
from urban_resilience.intake.recognition.shapes.misfit import Misfit

CHINA = frozenset({"chn", "china", "chinapeoplesrepublicof", "中国"})
MILLIONS = frozenset({"6", "6.0", "millions", "million"})
ALL_INPUTS = frozenset({"ttl", "total"})


def io_records(grid: Grid) -> list[Grid] | None:
    """Turn records of pairs of sectors into a table of flows and one of output.

    Raises
    ------
    Misfit
        Where the records are of several kinds, of no known unit, or of no year.
    """
    if not grid.rows:
        return None
    at = {key(cell): n for n, cell in enumerate(grid.rows[0]) if is_text(cell)}
    if not {"row", "col", "value"} <= set(at):
        return None
    time = at.get("time", at.get("year"))
    if time is None:
        raise Misfit("records of ROW, COL and Value without a column Time: export it too")
    places = [(n, cells) for n, cells in grid.filled_rows(1)]
    _require(places, at, ("powercode", "powercodecode"), MILLIONS, "figures must be in millions")
    _require(places, at, ("var", "variable"), ALL_INPUTS, "export the total of inputs (TTL) alone")
    flows: list[tuple[list[object], int]] = []
    output: list[tuple[list[object], int]] = []
    skipped: Counter[str] = Counter()
    for position, cells in places:
        country = key(_cell(cells, at.get("cou", at.get("country"))) or "")
        if country and country not in CHINA:
            skipped[f"country {country}"] += 1
            continue
        supplier, user = (str(_cell(cells, at[name]) or "").strip() for name in ("row", "col"))
        kinds = kind_of(supplier), kind_of(user)
        year = _year(_cell(cells, time), grid.row_number(position))
        value = _cell(cells, at["value"])
        if kinds == (SECTOR, SECTOR):
            flows.append(([year, supplier, user, value], grid.row_number(position)))
        elif kinds == (OUTPUT, SECTOR):
            output.append(([year, user, value], grid.row_number(position)))
        else:
            odd = supplier if kinds[0] not in (SECTOR, OUTPUT) else user
            skipped[f"{kind_of(odd) or 'unknown'} {odd}"] += 1
    if not flows or not output:
        raise Misfit("records of sectors that hold no flows or no gross output (OUTPUT) of China")
    left = ", ".join(f"{what} ({count:,})" for what, count in skipped.items())
    notes = (*grid.notes, f"records left out, no flow or output of China: {left}" if left else "")
    notes = tuple(note for note in notes if note)

    def made(header: tuple[str, ...], rows: list[tuple[list[object], int]]) -> Grid:
        return replace(
            grid, rows=[list(header), *(row for row, _ in rows)], notes=notes,
            origins=(grid.row_number(0), *(origin for _, origin in rows)), repeated=frozenset(),
            has_header_first=True,
        )  # fmt: skip

    return [made(FLOWS, flows), made(OUTPUTS, output)]


def _require(
    places: Sequence[tuple[int, Sequence[object]]],
    at: Mapping[str, int],
    names: Sequence[str],
    accepted: frozenset[str],
    remedy: str,
) -> None:
    """Refuse records whose column of this name holds anything else."""
    column = next((at[name] for name in names if name in at), None)
    if column is None:
        return
    said = {key(_cell(cells, column) or "") for _, cells in places} - {""}
    if said - accepted:
        odd = ", ".join(f"`{word}`" for word in sorted(said - accepted)[:3])
        raise Misfit(f"records of sectors with {odd} in a column that tells them apart: {remedy}")


def _cell(cells: Sequence[object], at: int | None) -> object:
    cell = None if at is None or at >= len(cells) else cells[at]
    return None if is_blank(cell) else cell


def _year(cell: object, row: int) -> int:
    try:
        year = to_integer(cell)
    except Unreadable:
        year = None
    if year is None:
        raise Misfit(f"row {row}: `{cell}` is no year of a table of sectors")
    return year
