"""A header of several rows brought into one: names in two languages, units, areas.

Below the names of series a yearbook prints them in English, their units, what is told apart in
their columns (全市, 市辖区; 绝对数, 增速), and that in English too. Where a title names the series,
areas may be all that the header holds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from urban_resilience.intake.cells.text import clean_header, key
from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.recognition.recognize import YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.misfit import Misfit
from urban_resilience.intake.recognition.shapes.naming import (
    is_number,
    is_place,
    series_of,
    titles_of,
)
from urban_resilience.intake.recognition.shapes.sheet_series import series_of_sheet
from urban_resilience.intake.recognition.shapes.years import year_of
from urban_resilience.intake.vocabulary.aliases import find_alias
from urban_resilience.intake.vocabulary.headers import scope_in
from urban_resilience.intake.vocabulary.qualifiers import is_harmless, meanings
from urban_resilience.intake.vocabulary.units import is_unit

MOST_ROWS = 6
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LATIN_WORDS = re.compile(r"[A-Za-z]{2,}")
_TWO_LANGUAGES = re.compile(r"^(.*[\u4e00-\u9fff][^A-Za-z]*?)\s+([A-Za-z].*)$", re.DOTALL)
AREAS = {"city": "全市", "urban": "市辖区"}
_AREA_WORDS = re.compile(
    r"全市|市辖区|市区|whole city|total city|city proper|districts under city|urban districts"
    r"|其中|[\s()/#:]+"
)


def scope_of(cell: object) -> str:
    """Return the one area that all lines of a cell name, and nothing but an area."""
    if not is_text(cell):
        return ""
    text = clean_header(str(cell))
    spaceless = re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", text)
    return "" if _AREA_WORDS.sub("", spaceless) else scope_in(spaceless)


def in_two_languages(cell: object) -> object:
    """Set the languages of `城市 City` on lines of their own, where the Chinese is known.

    The English must be known as the same column, or have several words: 绿色 GDP has one name.
    """
    found = _TWO_LANGUAGES.match(str(cell)) if is_text(cell) and "\n" not in str(cell) else None
    if found is None:
        return cell
    first, english = found.groups()
    if is_unit(english):
        return cell
    known, other = find_alias(YEARBOOK, parse(first)), find_alias(YEARBOOK, parse(english))
    if known is None or (other is not None and other.column != known.column):
        return cell
    is_name = other is not None or len(_LATIN_WORDS.findall(english)) > 1
    return f"{first.strip()}\n{english.strip()}" if is_name else cell


def one_header(grid: Grid, header: int) -> Grid:
    """Put the rows of a header into its first; the others are emptied."""
    below = _rows_below(grid, header)
    top = list(grid.rows[header])
    notes = []
    if not any(map(series_of, top)):
        name, place = _series_above(grid, header)
        if not name:
            return grid
        top = [f"{name}({AREAS[scope]})" if (scope := scope_of(cell)) else cell for cell in top]
        notes.append(f"series `{name}` from {place}")
    elif not below or not _is_needed(grid, below):
        return grid
    width = max(len(grid.rows[row]) for row in (header, *below))
    top += [None] * (width - len(top))
    tops, lowers = _spread(top), [_in_groups(grid.rows[row], top, width) for row in below]
    merged = [
        _one(tops[at], [row[at] for row in lowers])
        if any(not is_blank(_at(cells, at)) for cells in (top, *(grid.rows[row] for row in below)))
        else None
        for at in range(width)
    ]
    rows = list(grid.rows)
    rows[header] = merged
    for row in below:
        rows[row] = [None] * len(rows[row])
    if below:
        numbers = ", ".join(str(grid.row_number(row)) for row in below)
        what = "row" if len(below) == 1 else "rows"
        notes.append(f"header rows below the first ({what} {numbers}) put into it")
    kept = frozenset((row, at) for row, at in grid.repeated if row not in below)
    return replace(grid, rows=rows, notes=(*grid.notes, *notes), repeated=kept)


def _series_above(grid: Grid, header: int) -> tuple[str, str]:
    """Return the series of a table whose header holds nothing but areas, and where it stands."""
    try:
        return series_of_sheet(titles_of(grid, header), "", "areas are its headers")
    except Misfit:
        return "", ""


def _rows_below(grid: Grid, header: int) -> list[int]:
    """Rows under the first that belong to the header: no figure, no place, no year in them."""
    below: list[int] = []
    first = grid.rows[header]
    for position in range(header + 1, min(header + MOST_ROWS, len(grid.rows))):
        cells = grid.rows[position]
        filled = {at: cell for at, cell in enumerate(cells) if not is_blank(cell)}
        if not filled or not all(
            is_text(cell) and year_of(cell) is None and _belongs(cell, first, at)
            for at, cell in filled.items()
        ):
            break
        below.append(position)
    return below


def _belongs(cell: object, first: Sequence[object], at: int) -> bool:
    """Whether a cell says more of a column: its unit, area, name in English, or what is in it."""
    text = str(cell)
    if text == str(_at(first, at)) or is_unit(text) or scope_of(text):
        return True
    name = clean_header(text).split("(")[0]
    # 合计 is a total of places in a row of data.
    if is_number(text) or (is_place(text) and not (at and is_harmless(name))):
        return False
    if _is_same_column(text, _at(first, at)):
        return True
    if not _HAN.search(text):
        return len(_LATIN_WORDS.findall(text)) > 0
    return is_harmless(name) or bool(meanings(name)) or _is_of_a_group(first, at)


def _is_same_column(text: str, above: object) -> bool:
    """Whether two names are known as one column, as those in two languages are."""
    known = [find_alias(YEARBOOK, parse(cell)) if is_text(cell) else None for cell in (text, above)]
    return None not in known and len({alias.column for alias in known if alias}) == 1


def _is_of_a_group(first: Sequence[object], at: int) -> bool:
    """Whether a column shares its name with one beside it, as a merged cell has it."""
    own = _at(first, at)
    shared = [
        other
        for other in (at - 1, at + 1)
        if other >= 0 and (is_blank(_at(first, other)) or str(_at(first, other)) == str(own))
    ]
    return at > 0 and (is_blank(own) or bool(shared))


def _is_needed(grid: Grid, below: Sequence[int]) -> bool:
    """Whether one row under the header is not enough to tell what its columns are."""
    cells = [cell for row in below for cell in grid.rows[row] if is_text(cell)]
    tells_apart = any(
        scope_of(cell) or (_HAN.search(str(cell)) and not is_unit(cell)) for cell in cells
    )
    return tells_apart or len(below) > 1


def _spread(top: Sequence[object]) -> list[object]:
    """Let a name hold for the columns behind it that have none of their own."""
    current: object = None
    spread = []
    for cell in top:
        current = cell if not is_blank(cell) else current
        spread.append(current)
    return spread


def _in_groups(cells: Sequence[object], top: Sequence[object], width: int) -> list[object]:
    """As `_spread`, within the columns of one name: a unit holds for both its areas."""
    current: object = None
    spread: list[object] = []
    for at in range(width):
        if not is_blank(_at(top, at)) and str(_at(top, at)) != str(_at(top, at - 1)):
            current = None
        cell = _at(cells, at)
        current = cell if not is_blank(cell) else current
        spread.append(current)
    return spread


def _one(top: object, lower: Sequence[object]) -> object:
    """Put what stands in one column of a header into one cell."""
    if not is_text(top):
        return next((cell for cell in lower if is_text(cell)), top)
    lines = str(top).split("\n")
    seen = {key(line) for line in (*lines, str(top))}
    said = ""
    for cell in lower:
        text = str(cell) if is_text(cell) else ""
        if not text or key(text) in seen:
            continue
        seen.add(key(text))
        scope = scope_of(text)
        if scope:
            said = said if AREAS[scope] in said else f"{said}({AREAS[scope]})"
        elif is_unit(text):
            said += f"({clean_header(text).strip('() ')})"
        elif _HAN.search(text):
            if series_of(text) not in (None, series_of(lines[0])):
                # A series of its own, under the name of a group.
                lines[0] = text
                continue
            if _is_same_column(text, lines[0]):
                lines.append(text)
                continue
            name, bracket, rest = clean_header(text).partition("(")
            said += f"({name.strip()}){bracket}{rest}"
        else:
            lines.append(text)
    first, *others = lines
    return "\n".join([f"{first}{said}", *others])


def _at(cells: Sequence[object], at: int) -> object:
    return cells[at] if 0 <= at < len(cells) else None
