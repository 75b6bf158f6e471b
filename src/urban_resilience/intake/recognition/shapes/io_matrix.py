"""A national input-output table as OECD publishes it: sectors down and across, output at the foot.

It becomes two tables, of flows and of gross output. Which codes are sectors, final demand or value
added is said by the seeds ``sectors`` and ``sector_codes``, as in the warehouse.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import PurePosixPath

from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS
from urban_resilience.intake.recognition.shapes.io_countries import china_of
from urban_resilience.intake.recognition.shapes.misfit import Misfit
from urban_resilience.intake.vocabulary.headers import year_in
from urban_resilience.shared.project import seed_rows

SECTOR, OUTPUT, ALL_INPUTS = "sector", "output", "TTL_"
FEWEST_SECTORS = 3
FLOWS = ("year", "supplying_sector", "using_sector", "value_million_usd")
OUTPUTS = ("year", "sector", "gross_output_million_usd")
_COUNTRY = re.compile(r"([A-Z]{2}[A-Z0-9])_(.+)")
_NO_COUNTRIES = ("TTL", "DOM", "IMP")
# ICIO2021_2018: the edition, then the year.
_EDITION = re.compile(r"^ICIO[ _-]?(?:19|20)\d\d[ _-]", re.IGNORECASE)
# CHN2018dom: codes need not say so too.
_PART = re.compile(r"(?<![a-z])(?:dom|imp)(?![a-z])", re.IGNORECASE)
_SIGNS = re.compile(r"[\s._-]+")
_RANGE = re.compile(r"(?<=\d)T(?=\d)")
_DIGIT = re.compile(r"(?<!\d)(\d)(?!\d)")


def io_matrix(grid: Grid) -> list[Grid] | None:
    """Turn a matrix of sectors into a table of flows and one of output."""
    header = _find_header(grid)
    if header is None:
        return None
    if _is_inter_country(grid, header):
        return _of_china(grid, header)
    cells = grid.rows[header]
    columns = {at: str(cell).strip() for at, cell in enumerate(cells) if at and is_text(cell)}
    using = {at: text for at, text in columns.items() if kind_of(text) == SECTOR}
    rows = [
        (position, str(row[0]).strip(), row)
        for position, row in grid.filled_rows(header + 1)
        if row and is_text(row[0])
    ]
    supplying = [found for found in rows if kind_of(found[1]) == SECTOR]
    _refuse_parts([text for _, text, _ in supplying], grid.source)
    year = _year(grid, header)
    outputs = [found for found in rows if kind_of(found[1]) == OUTPUT]
    if len(outputs) != 1:
        raise Misfit(
            f"a table of sectors by sectors with {len(outputs)} rows of gross output (OUTPUT): one "
            "is needed"
        )
    used = {position for position, _, _ in (*supplying, *outputs)}
    others = [text for position, text, _ in rows if position not in used]
    dropped = [text for at, text in columns.items() if at not in using]
    left_out = tuple((text, f"{_what(text)}, no flow between sectors") for text in others + dropped)
    notes = (
        *grid.notes,
        f"table of {len(supplying)} by {len(using)} sectors put into rows; year {year} from its "
        "name or title; million US dollars, as OECD publishes it",
    )
    flows, flows_from = [], []
    for position, text, row in supplying:
        for at, user in using.items():
            flows.append([year, text, user, _at(row, at)])
            flows_from.append(grid.row_number(position))
    position, _, row = outputs[0]
    output = [[year, text, _at(row, at)] for at, text in using.items()]
    at_header = grid.row_number(header)
    return [
        replace(
            grid, rows=[list(FLOWS), *flows], origins=(at_header, *flows_from),
            repeated=frozenset(), notes=notes, left_out=left_out,
        ),
        replace(
            grid, rows=[list(OUTPUTS), *output],
            origins=(at_header, *[grid.row_number(position)] * len(output)),
            repeated=frozenset(), notes=notes, left_out=left_out,
        ),
    ]  # fmt: skip


def country_and_sector(code: object) -> tuple[str, str] | None:
    """Split `CHN_01T02`; None where it is not a country of three letters and a sector."""
    found = _COUNTRY.fullmatch(str(code).strip().upper())
    if found is None or found.group(1) in _NO_COUNTRIES or kind_of(found.group(2)) != SECTOR:
        return None
    return found.group(1), found.group(2)


def _is_inter_country(grid: Grid, header: int) -> bool:
    codes = [*grid.rows[header][1:], *(row[0] for _, row in grid.filled_rows(header + 1) if row)]
    return any(is_text(code) and country_and_sector(code) for code in codes)


def _of_china(grid: Grid, header: int) -> list[Grid]:
    columns = {
        at: found
        for at, cell in enumerate(grid.rows[header])
        if at and is_text(cell) and (found := country_and_sector(cell))
    }
    rows = [(n, row[0]) for n, row in grid.filled_rows(header + 1) if row and is_text(row[0])]
    supplying = [(n, found[1]) for n, code in rows if (found := country_and_sector(code))]
    outputs = [n for n, code in rows if kind_of(code) == OUTPUT]
    if len(outputs) != 1:
        raise Misfit(f"an inter-country table with {len(outputs)} rows of gross output: one needed")
    if len({found[0] for _, code in rows if (found := country_and_sector(code))}) == 1:
        raise Misfit(
            "rows of one country only, which are domestic inputs alone: take the table of all"
        )
    year = _year(grid, header)
    return china_of(grid, header, year, columns, supplying, outputs[0], (FLOWS, OUTPUTS))


def spelling(code: object) -> str:
    """Spell a code as ``macros/sector_codes.sql`` does: 62-63, 62_63 and 62T63 are one."""
    plain = _SIGNS.sub("_", str(code).split(":")[0].strip().upper())
    return _DIGIT.sub(r"0\1", _RANGE.sub("_", plain))


def kind_of(code: object) -> str:
    """Return what a code is: a sector, output, final demand, ...; empty where it is unknown."""
    plain, kinds = spelling(code), _kinds()
    bare = next((plain[len(p) :] for p in _prefixes() if plain.startswith(p)), plain)
    return kinds.get(plain) or kinds.get(bare, "")


@cache
def _prefixes() -> tuple[str, ...]:
    return tuple(
        spelling(row["code"]) for row in seed_rows("sector_codes") if row["kind"] == "prefix"
    )


@cache
def _kinds() -> dict[str, str]:
    kinds = {}
    for row in seed_rows("sectors"):
        code = spelling(row["sector"])
        kinds[code] = SECTOR
        if re.match(r"D\d", code):
            kinds[code[1:]] = SECTOR
    for row in seed_rows("sector_codes"):
        if row["kind"] != "prefix":
            kinds.setdefault(spelling(row["code"]), row["kind"])
    return kinds


def _find_header(grid: Grid) -> int | None:
    """Return the row of sectors above a column of sectors."""
    for position, cells in grid.filled_rows():
        if position >= HEADER_SEARCH_ROWS:
            return None
        if sum(map(_is_sector, cells[1:])) < FEWEST_SECTORS:
            continue
        below = [row[0] for _, row in grid.filled_rows(position + 1) if row]
        return position if sum(map(_is_sector, below)) >= FEWEST_SECTORS else None
    return None


def _is_sector(cell: object) -> bool:
    return is_text(cell) and (kind_of(cell) == SECTOR or country_and_sector(cell) is not None)


def _refuse_parts(codes: Sequence[str], source: str) -> None:
    """Refuse a table of domestic or of imported inputs alone: flows are of both."""
    part = next((code for code in codes if spelling(code).startswith(("DOM_", "IMP_"))), None)
    named = _PART.search(PurePosixPath(source.split(" [")[0]).stem)
    if part is None and named is None:
        return
    said = part or (named.group() if named else "")
    raise Misfit(
        f"`{said}` is of domestic or of imported inputs only: download the table of all inputs "
        f"({ALL_INPUTS})"
    )


def _year(grid: Grid, header: int) -> int:
    stem = PurePosixPath(grid.source.split(" [")[0]).stem
    stem = _EDITION.sub("", stem)
    texts = [
        _EDITION.sub("", grid.title),
        *(c for row in grid.rows[:header] for c in row if is_text(c)),
        stem,
    ]
    year = next((found for text in texts if (found := year_in(text)) is not None), None)
    if year is None:
        raise Misfit("a table of sectors by sectors whose name tells no year: put it into the name")
    return year


def _what(code: str) -> str:
    return kind_of(code).replace("_", " ") or "no known code"


def _at(row: Sequence[object], at: int) -> object:
    cell = row[at] if at < len(row) else None
    return None if is_blank(cell) else cell
