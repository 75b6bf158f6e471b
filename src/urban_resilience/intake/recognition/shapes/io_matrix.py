"""A table of sectors by sectors, of OECD or of a statistics bureau: output at its foot or its side.

It becomes two tables, of flows and of gross output. Sectors are known by code or by name; between
them nothing may be unknown, beside them everything is named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from urban_resilience.intake.cells.numbers import (
    IDENTITY,
)
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.recognition.shapes.io_countries import (
    china_of,
    is_inter_country,
)
from urban_resilience.intake.recognition.shapes.io_layout import (
    Layout,
    cell_at,
    columns_of,
    find_layout,
    is_sector,
    number_in,
    rows_of,
    unknown_labels,
    with_names_for_codes,
)
from urban_resilience.intake.recognition.shapes.io_money import (
    TEN_THOUSAND,
    USD,
    YUAN,
    Money,
    money_in,
)
from urban_resilience.intake.recognition.shapes.io_tables import (
    Figure,
    output_from,
    refuse_rev_3,
    tables_of,
)
from urban_resilience.intake.recognition.shapes.misfit import Misfit
from urban_resilience.intake.recognition.shapes.years import year_of
from urban_resilience.intake.vocabulary.headers import year_in
from urban_resilience.intake.vocabulary.sectors import (
    ALL,
    DOMESTIC,
    IMPORTED,
    OUTPUT,
    SECTOR,
    kind_of,
    part_of,
)
from urban_resilience.shared.counting import count

# A table of sectors has fewer rows; a yearbook is not searched for one.
MOST_ROWS = 600
# Total input and total output of a sector, where a table has both, are one figure.
ROUNDING = 0.01
# ICIO2021_2018: the edition, then the year.
# Other folders name years for many reasons.
_YEAR_OF_FOLDER = re.compile(r"(?:19|20)\d\d\s*年?$")
_EDITION = re.compile(r"^ICIO[ _-]?(?:19|20)\d\d[ _-]", re.IGNORECASE)
# CHN2018dom: codes need not say so too.
_PART = re.compile(
    r"(?<![a-z])(dom(?:estic)?|imp(?:ort(?:s|ed)?)?)(?![a-z])|(国内[产商]?品|进口[产商]?品)",
    re.IGNORECASE,
)
_COEFFICIENTS = re.compile(r"系数|coefficient|leontief|inverse", re.IGNORECASE)


def io_matrix(grid: Grid) -> list[Grid] | None:
    """Turn a matrix of sectors into a table of flows and one of output.

    Raises
    ------
    Misfit
        Where it is one and cannot be used.
    """
    layout = find_layout(grid)
    if layout is None and len(grid.rows) <= MOST_ROWS:
        grid = with_names_for_codes(grid)
        layout = find_layout(grid)
    if layout is None:
        if len(grid.rows) <= MOST_ROWS and (unknown := unknown_labels(grid)):
            named = ", ".join(f"`{label}`" for label in unknown[:5])
            raise Misfit(
                f"a table of sectors by sectors under names that are not known ({named}): take a "
                "table of some 40 sectors or more, or add the names to seed sector_parts"
            )
        return None
    told = _told(grid, layout.header)
    if any(_COEFFICIENTS.search(text) for text in told):
        raise Misfit(
            "a table of coefficients: the flows and gross output they were made of are needed"
        )
    if is_inter_country(grid, layout.header):
        return china_of(grid, layout.header, _year(told), money_in(told))
    return _national(grid, layout, told)


def _national(grid: Grid, layout: Layout, told: Sequence[str]) -> list[Grid]:
    users, other_columns = columns_of(grid, layout)
    rows, other_rows = rows_of(grid, layout)
    suppliers = [found for found in rows if kind_of(found[1]) == SECTOR]
    refuse_rev_3([*users.values(), *(label for _, label, _ in rows)])
    years = _years(grid, layout, told)
    part = _part_told(grid)
    flows = [
        Figure(
            years[at],
            label,
            user,
            cell_at(row, column),
            grid.row_number(at),
            part if part != ALL else part_of(label) or ALL,
        )
        for at, label, row in suppliers
        for column, user in users.items()
    ]
    outputs = _outputs(grid, layout, users, rows, years)
    money = money_in(told) or _customary_money([*users.values()])
    n_years = sorted(set(years.values()))
    span = str(n_years[0]) if len(n_years) == 1 else f"{n_years[0]} to {n_years[-1]}"
    note = f"table of {len(suppliers)} by {len(users)} sectors put into rows; year {span}"
    left_out = [(text, f"{_what(text)}, no flow between sectors") for text in other_rows]
    left_out += [(text, f"{_what(text)}, no flow between sectors") for text in other_columns]
    return tables_of(grid, layout.header, flows, outputs, money, [note], left_out)


def _outputs(
    grid: Grid,
    layout: Layout,
    users: dict[int, str],
    rows: Sequence[tuple[int, str, list[object]]],
    years: dict[int, int],
) -> list[Figure]:
    """Gross output by the row at the foot, else by the column at the side.

    Raises
    ------
    Misfit
        Where there is none, two of a year, or both and they contradict each other.
    """
    at_foot = [found for found in rows if kind_of(found[1]) == OUTPUT]
    side = [
        at for at in range(max(users) + 1, max(len(row) for row in grid.rows))
        if OUTPUT in {kind_of(text) for n in range(layout.header + 2)
                      if n < len(grid.rows) and is_text(text := cell_at(grid.rows[n], at))}
    ]  # fmt: skip
    n_years = len(set(years.values()))
    if not (at_foot or side) and _part_told(grid) == IMPORTED:
        # The table of domestic inputs beside it has the output.
        return []
    if len(at_foot) > n_years or len(side) > 1 or not (at_foot or side):
        found = count(len(at_foot) or len(side), "row")
        others = [label for _, label, _ in rows if kind_of(label) != SECTOR]
        raise Misfit(
            f"a table of sectors by sectors with {found} of gross output (OUTPUT, 总投入, "
            f"总产出): one is needed{output_from(others)}"
        )
    by_row = [
        Figure(years[at], "", user, cell_at(row, column), grid.row_number(at))
        for at, _, row in at_foot
        for column, user in users.items()
    ]
    if not side:
        return by_row
    by_column = [
        Figure(years[at], "", label, cell_at(row, side[0]), grid.row_number(at))
        for at, label, row in rows
        if kind_of(label) == SECTOR
    ]
    _compare(by_row, by_column)
    return by_row or by_column


def _compare(by_row: Sequence[Figure], by_column: Sequence[Figure]) -> None:
    beside = {(f.year, f.user): f for f in by_column}
    for figure in by_row:
        other = beside.get((figure.year, figure.user))
        both = [number_in(f.cell) for f in (figure, other) if f is not None]
        if len(both) < 2 or None in both:
            continue
        here, there = (value or 0.0 for value in both)
        if abs(here - there) > ROUNDING * max(abs(here), abs(there)):
            raise Misfit(
                f"total input of {figure.user} is {here:,.10g} and its total output {there:,.10g}: "
                "delete the one that is another figure"
            )


def _years(grid: Grid, layout: Layout, told: Sequence[str]) -> dict[int, int]:
    """Year of each row: from a column before the labels, else from a title or a name."""
    rows = list(grid.filled_rows(layout.header + 1))
    for at in range(layout.first):
        by_row = {n: year for n, row in rows if (year := year_of(cell_at(row, at))) is not None}
        if at != layout.label and len(by_row) > len(rows) // 2:
            return {n: by_row.get(n, 0) for n, _ in rows}
    year = _year(told)
    return {n: year for n, _ in rows}


def _year(told: Sequence[str]) -> int:
    texts = [_EDITION.sub("", text) for text in told]
    year = next((found for text in texts if (found := year_in(text)) is not None), None)
    if year is None:
        raise Misfit("a table of sectors by sectors whose name tells no year: put it into the name")
    return year


def _told(grid: Grid, header: int) -> list[str]:
    """Texts that speak for the sheet: its name, titles and corner, and the name of the file."""
    stem = PurePosixPath(grid.source.split(" [")[0]).stem
    above = [str(cell) for row in grid.rows[:header] for cell in row if is_text(cell)]
    corner = [str(cell) for cell in grid.rows[header] if is_text(cell) and not is_sector(cell)]
    folders = reversed(PurePosixPath(grid.source.split(" [")[0]).parent.parts)
    return [grid.title, *above, stem, *corner, *(f for f in folders if _YEAR_OF_FOLDER.match(f))]


def _part_told(grid: Grid) -> str:
    """Return the part of the inputs that the name of the file or sheet says the table is of."""
    stem = PurePosixPath(grid.source.split(" [")[0]).stem
    named = _PART.search(stem) or _PART.search(grid.title)
    if named is None:
        return ALL
    return DOMESTIC if named.group().lower().startswith(("dom", "国内")) else IMPORTED


def _customary_money(labels: Sequence[str]) -> Money:
    """Tell what a table without a unit is in: OECD codes sectors, the bureau names them."""
    if all(label.isascii() for label in labels):
        return Money(USD, IDENTITY, "no unit given, as OECD publishes it")
    return Money(YUAN, TEN_THOUSAND, "no unit given, 万元 as China's bureau prints it")


def _what(label: str) -> str:
    return kind_of(label).replace("_", " ") or "no known code"
