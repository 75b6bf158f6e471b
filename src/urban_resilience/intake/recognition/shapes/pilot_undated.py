"""Columns under the name of a policy that date nobody: what they hold, and what helps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.reading.remarks import is_note
from urban_resilience.intake.recognition.shapes.pilot_marks import YES, ZERO_OR_ONE, is_mark

CODE, YEAR, CITY_NAME = "city_code", "year", "city_name_zh"
START_YEARS = "give start years in its place (the year a city became a pilot, 0 for no pilot)"
_TICKS = {"√", "✓", "✔", "☑", "x", "×", "*", "y", "n"}
_FEW = {str(number) for number in range(10)}


def undated(
    grid: Grid,
    position: int,
    columns: Mapping[str, int],
    policy_named: Callable[[object], str],
    policy_told: str,
) -> dict[str, str]:
    """Say of each column of marks under the name of a policy why it makes no list of pilots.

    Parameters
    ----------
    grid, position, columns
        A sheet of which no list was made, its header row, and where its known columns stand.
    policy_named
        Policy that a header names, empty where it names none.
    policy_told
        Policy that the title, sheet or file names: the one column of marks is then its.

    Returns
    -------
    dict
        Header to reason. A column of figures (a score, a count) is not among them.
    """
    header = grid.rows[position]
    if not policy_told and not any(is_text(cell) and policy_named(cell) for cell in header):
        return {}
    rows = [cells for _, cells in grid.filled_rows(position + 1) if not is_note(cells)]
    named: dict[int, tuple[str, str]] = {}
    told: dict[int, tuple[str, str]] = {}
    for at, cell in enumerate(header):
        if at in columns.values() or not is_text(cell):
            continue
        policy = policy_named(cell)
        if not policy and not policy_told:
            continue
        marks = {_mark(row, at) for row in rows if not is_missing(_cell(row, at))}
        if not marks or not marks <= ZERO_OR_ONE | _TICKS | _FEW:
            continue
        if policy:
            named[at] = f"it names the policy {policy}", _why(rows, at, columns, marks)
        elif policy_told and (is_mark(cell) or marks == {"0", "1"}):
            told[at] = f"it may mark {policy_told}", _why(rows, at, columns, marks)
    found = named if named or len(told) > 1 else told
    named_by = [start for start, _ in found.values()]
    return {
        str(header[at]).strip(): (
            f"{start}, and so does another column: keep one of them"
            if named_by.count(start) > 1
            else f"{start}, but {why}"
        )
        for at, (start, why) in found.items()
    }


def _why(
    rows: Sequence[Sequence[object]], at: int, columns: Mapping[str, int], marks: set[str]
) -> str:
    others = sorted(marks - ZERO_OR_ONE)
    if others:
        return f"it holds `{others[0]}`: write 1 and 0 by city and year, or {START_YEARS}"
    if YEAR not in columns:
        return (
            "marks without years say which cities and not since when: add a column of years, "
            f"or {START_YEARS}"
        )
    if not marks & YES:
        return "no city has a 1: add the years in which cities are pilots"
    city_at = columns.get(CODE, columns.get(CITY_NAME, -1))
    years: dict[str, set[str]] = {}
    of_city: dict[str, set[str]] = {}
    for row in rows:
        city = str(_cell(row, city_at))
        years.setdefault(city, set()).add(str(_cell(row, columns[YEAR])))
        of_city.setdefault(city, set()).add(_mark(row, at))
    if all(len(found) < 2 for found in years.values()):
        return (
            "marks of one year say which cities and not since when: add the years before, "
            f"or {START_YEARS}"
        )
    if any(len(found) > 1 for found in of_city.values()):
        return f"it is the same in every city, so it says when and not which cities: {START_YEARS}"
    return f"it never changes within a city: add the years before, or {START_YEARS}"


def _mark(row: Sequence[object], at: int) -> str:
    return str(_cell(row, at)).strip().lower().removesuffix(".0")


def _cell(row: Sequence[object], at: int) -> object:
    return row[at] if 0 <= at < len(row) else None
