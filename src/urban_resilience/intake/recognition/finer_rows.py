"""Rows of less than a city and a year, as a column of their own says: counties, months, industries.

Such a column is no series and none of the keys. Left aside as unknown, the figure of a county, of a
month or of an industry would be that of its city and year, and the city of a county a pilot.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.cells.text import key
from urban_resilience.intake.reading.grid import is_text
from urban_resilience.intake.recognition.row_labels import labelled_rows, what_labels_say
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, find_alias, said_of
from urban_resilience.intake.vocabulary.contract import YEARBOOK
from urban_resilience.intake.vocabulary.headers import WHOLE_CITY, Header, area_of
from urban_resilience.intake.vocabulary.places import (
    COUNTY,
    is_city_proper,
    is_total,
    places_named,
    province_of,
)
from urban_resilience.intake.vocabulary.row_words import (
    ALL_PARTS,
    PART_OF_CITY,
    PART_OF_YEAR,
    says,
)

# Headers of what a pilot covers: 县区, 试点区域.
_OF_PARTS = re.compile(r"区县|县区|县市区|区域|园区|辖区|county|counties|district")
_COUNTY_NAME = re.compile(r".{1,14}(?:县|区|旗)")
Rows = Mapping[int, Sequence[object]]


def part_of_year(headers: Sequence[Header | None], rows: Rows) -> str:
    """Header of a column that parts the years of a sheet; empty without one."""
    for position, header in enumerate(headers):
        is_part = header is not None and says(PART_OF_YEAR, header.text)
        if header is None or not is_part or said_of(header) is not None:
            continue
        if any(not is_missing(_at(cells, position)) for cells in rows.values()):
            return header.text
    return ""


def part_of_city(headers: Sequence[Header | None], rows: Rows) -> tuple[str, str]:
    """Header of a column that parts the cities of a sheet, and a part it names; empty without."""
    for position, header in enumerate(headers):
        is_part = header is not None and says(PART_OF_CITY, header.text)
        if header is None or not is_part or said_of(header) is not None:
            continue
        for cells in rows.values():
            cell = _at(cells, position)
            if is_text(cell) and not is_total(cell) and not says(ALL_PARTS, cell):
                return header.text, str(cell)
    return "", ""


def county_rows(headers: Sequence[Header | None], rows: Rows) -> tuple[str, Collection[int]]:
    """Header of a column of counties beside one of cities, and the rows that name one."""
    known = {
        alias.column: position
        for position, header in enumerate(headers)
        if header is not None and (alias := find_alias(YEARBOOK, header)) is not None
    }
    city_at = known.get(CITY_NAME, known.get("city_code"))
    if city_at is None:
        return "", ()
    for position, header in enumerate(headers):
        if header is None or position in known.values() or said_of(header) is not None:
            continue
        if find_alias(YEARBOOK, header) is not None:
            continue
        found = {
            row: str(cell).strip()
            for row, cells in rows.items()
            if is_text(cell := _at(cells, position)) and cell != _at(cells, city_at)
        }
        texts = set(found.values())
        # 东部地区 and 高新区 end like counties: a column is of them where most are known ones.
        if texts and sum(map(_is_known_county, texts)) * 2 > len(texts):
            return header.text, {row for row, text in found.items() if _is_county(text)}
    return "", ()


def parts_named(
    table: str, headers: Sequence[Header | None], rows: Rows
) -> tuple[str, Collection[int]]:
    """Header of a column of counties or areas in a list of places, and the rows that name one."""
    named, found = county_rows(headers, rows)
    if found:
        return named, found
    for position, header in enumerate(headers):
        if header is None or find_alias(table, header) or not _OF_PARTS.search(key(header.text)):
            continue
        found = {row for row, cells in rows.items() if _is_part(cells, position)}
        if found:
            return header.text, found
    return "", ()


def _is_part(cells: Sequence[object], position: int) -> bool:
    """Whether a cell names less than a city, and not the place of its row again."""
    cell = _at(cells, position)
    if not is_text(cell) or is_total(cell) or area_of(cell) == WHOLE_CITY:
        return False
    text = str(cell).strip()
    others = {str(other).strip() for at, other in enumerate(cells) if at != position}
    return text not in others and not says(ALL_PARTS, text) and province_of(text) is None


def why_finer(headers: Sequence[Header | None], rows: Rows, is_long: bool = False) -> str:
    """Say why no row of a sheet is of a city in a year; empty where some may be."""
    named, labels = labelled_rows(headers, rows, is_long)
    if rows and len(labels) == len(rows):
        return (
            f"its rows are another series, as column `{named}` says "
            f"({what_labels_say(labels.values())}): if they are not, say in columns.csv that the "
            "column is to be ignored"
        )
    if named := part_of_year(headers, rows):
        return (
            f"its rows are parts of years (column `{named}`): figures of whole years are read; "
            "keep a row for each city and year and leave the column out, or say in columns.csv "
            "that it is to be ignored"
        )
    named, part = part_of_city(headers, rows)
    if named:
        return (
            f"its rows are parts of cities (column `{named}`, such as {part}): figures of whole "
            "cities are read; keep a row for each city and year and leave the column out, or say "
            "in columns.csv that it is to be ignored"
        )
    named, of_counties = county_rows(headers, rows)
    if rows and len(of_counties) == len(rows):
        return (
            f"its rows are counties and districts (column `{named}`): figures of whole cities are "
            "read; add them in rows without a county"
        )
    return ""


def _is_known_county(text: str) -> bool:
    if area_of(text) or is_total(text) or is_city_proper(text):
        return False
    return any(place.kind == COUNTY for place in places_named(text))


def _is_county(text: str) -> bool:
    if area_of(text) or is_total(text) or is_city_proper(text):
        return False
    return _is_known_county(text) or _COUNTY_NAME.fullmatch(text) is not None


def _at(cells: Sequence[object], position: int) -> object:
    return cells[position] if position < len(cells) else None
