"""Provinces in a list of pilots: all of their cities where the list says so, otherwise none.

The low-carbon pilots of 2010 are five provinces and eight cities. Whether the cities of a province
are treated is for the study to say: what names no city is set aside, loudly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from urban_resilience.intake.cells.numbers import is_missing, to_text
from urban_resilience.intake.cells.text import half_width
from urban_resilience.intake.reading.grid import Grid, is_blank
from urban_resilience.intake.vocabulary.aliases import CITY_NAME
from urban_resilience.intake.vocabulary.places import (
    MUNICIPALITIES,
    PROVINCE,
    places_named,
    province_of,
)
from urban_resilience.shared.counting import count
from urban_resilience.shared.project import seed_rows

CODE, SCOPE = "city_code", "scope"
SHOWN = 6
# What says that a province is meant with all its cities; behind its name, or as the scope.
_EVERY = r"(?:全部|所有|各个?|各级|辖内|下辖|的|地级及?以?上?|城市|地市|市州|州市|市|范围内?)"
_WHOLE = rf"(?:全[省区境域](?:{_EVERY})*|(?:下辖|辖内|的)?(?:全部|所有|各个?)(?:{_EVERY})+)"
_ENGLISH = (
    r"(?:all (?:of )?(?:its |the )?(?:prefectures|(?:prefecture-level )?cities)"
    r"|(?:the )?whole province)"
)
_SAYS_ALL = re.compile(rf"{_WHOLE}|{_ENGLISH}", re.IGNORECASE)
_ALL_OF = re.compile(rf"^(.+?) ?[(,:]? ?({_WHOLE}|{_ENGLISH})\)?$", re.IGNORECASE)


def with_provinces(grid: Grid, header: int, columns: Mapping[str, int]) -> Grid:
    """Put the cities of a province into rows where a list says so, and name provinces left aside.

    Parameters
    ----------
    grid
        A list of pilots, a place a row.
    header, columns
        Its header row, and where its columns stand.
    """
    rows = list(grid.rows[: header + 1])
    origins = [grid.row_number(n) for n in range(header + 1)]
    whole: dict[str, int] = {}
    aside: dict[str, int] = {}
    for position, cells in enumerate(grid.rows[header + 1 :], header + 1):
        name, says_all = _province_in(cells, columns)
        cities = _cities_of(name) if name else ()
        (whole if says_all else aside).update({name: len(cities)} if cities else {})
        listed = [_as_city(cells, columns, *city) for city in cities] if says_all else []
        rows += listed or [cells]
        origins += [grid.row_number(position)] * max(1, len(listed))
    notes = (f"{_in_words(whole)} put into rows, as the list says all of them",) if whole else ()
    if not whole and not aside:
        return grid
    return replace(
        grid,
        rows=rows if whole else grid.rows,
        origins=tuple(origins) if whole else grid.origins,
        repeated=frozenset() if whole else grid.repeated,
        notes=(*grid.notes, *notes),
        doubts=(*grid.doubts, *_doubt(aside)),
    )


def _province_in(cells: list[object], columns: Mapping[str, int]) -> tuple[str, bool]:
    """Return the province that a row is of, empty where of a city; and whether of all of it."""

    def cell(column: str) -> str:
        at = columns.get(column, -1)
        given = cells[at] if 0 <= at < len(cells) else None
        return "" if is_blank(given) or is_missing(given) else half_width(to_text(given) or "")

    name = cell(CITY_NAME).strip() or cell(CODE).strip()
    says_all = bool(_SAYS_ALL.fullmatch(cell(SCOPE).strip()))
    found = _ALL_OF.match(name)
    if found and province_of(found.group(1)):
        name, says_all = found.group(1), True
    code = province_of(name)
    if code is None or code in MUNICIPALITIES:
        return "", False
    # 吉林 may be the city, unless the row says that a province is meant.
    is_province = all(place.kind == PROVINCE for place in places_named(name))
    return (name, says_all) if is_province or says_all else ("", False)


@cache
def _cities_of(province: str) -> tuple[tuple[str, str], ...]:
    code = province_of(province)
    return tuple(
        (row["city_code"], row["city_name_zh"])
        for row in seed_rows("cities")
        if code is not None and row["city_code"].startswith(code)
    )


def _as_city(cells: list[object], columns: Mapping[str, int], code: str, name: str) -> list[object]:
    row = list(cells)
    for column, value in ((CODE, code), (CITY_NAME, name), (SCOPE, None)):
        if columns.get(column, len(row)) < len(row):
            row[columns[column]] = value
    return row


def _in_words(provinces: Mapping[str, int]) -> str:
    named = [f"{name} ({count(n, 'city', 'cities')})" for name, n in provinces.items()]
    more = f" and {len(named) - SHOWN} more" if named[SHOWN:] else ""
    return ", ".join(named[:SHOWN]) + more


def _doubt(aside: Mapping[str, int]) -> tuple[str, ...]:
    if not aside:
        return ()
    first = next(iter(aside))
    return (
        f"{count(len(aside), 'province')} among the pilots, {_in_words(aside)}: set aside, so of "
        f"{count(sum(aside.values()), 'city', 'cities')} of the study only those named elsewhere "
        f"in the list count as pilots; where all are meant, write `{first}(全省)`, or 全省 into a "
        "column `scope`; where some are, name them",
    )
