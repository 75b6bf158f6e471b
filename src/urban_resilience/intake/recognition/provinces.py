"""Sheets of provinces, which look like sheets of cities: 北京, 吉林 and others are both."""

from __future__ import annotations

from collections.abc import Iterable

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.vocabulary.cities import code_in
from urban_resilience.intake.vocabulary.places import (
    CITY,
    FORMER,
    PREFECTURE,
    PROVINCE,
    Place,
    place_of_code,
    places_named,
    province_of,
)

SHOWN = 3
_OF_CITIES = (CITY, FORMER, PREFECTURE)


def lists_provinces(names: Iterable[object]) -> bool:
    """Whether any of the names is of a province and of no city, and short like 河北.

    Beside 河北省 in full, 吉林 is not 吉林省.
    """
    short = (name for name in names if not str(name).strip().endswith(("省", "自治区")))
    return any(_is_only_province(places) for places in _readings((), short))


def heading_province(cells: Iterable[object]) -> str | None:
    """Return the province that a row names and nothing else: a heading above its cities."""
    named: str | None = None
    for cell in cells:
        if is_missing(cell):
            continue
        province = province_of(cell) if isinstance(cell, str) else None
        if province is None or province != (named or province):
            return None
        named = province
    return named


def reason_provincial(codes: Iterable[object], names: Iterable[object]) -> str:
    """Say why a sheet is a table of provinces; empty where it is not.

    It is where more of its places are provinces alone than cities alone. Names and codes that are
    both, such as 北京 and 吉林, say nothing.
    """
    provinces: dict[str, None] = {}
    cities: set[str] = set()
    for places in _readings(codes, names):
        if _is_only_province(places):
            provinces[places[0].name] = None
        elif not any(_may_be_province(place, places) for place in places):
            cities |= {place.code for place in places if place.kind in _OF_CITIES}
    if not provinces or len(provinces) <= len(cities):
        return ""
    shown = ", ".join(list(provinces)[:SHOWN]) + (", ..." if len(provinces) > SHOWN else "")
    beside = f", {len(cities)} of a city" if cities else ""
    return (
        f"a table of provinces: {len(provinces)} of its places are of a province ({shown}){beside}"
    )


def province_sheet(grid: Grid, data_start: int, code: int | None, name: int | None) -> str:
    """As `reason_provincial`, of the columns at two positions of a sheet."""
    rows = [cells for _, cells in grid.filled_rows(data_start)]
    return reason_provincial(_column(rows, code), _column(rows, name))


def _column(rows: list[list[object]], position: int | None) -> list[object]:
    if position is None:
        return [None] * len(rows)
    return [cells[position] if position < len(cells) else None for cells in rows]


def _readings(codes: Iterable[object], names: Iterable[object]) -> Iterable[tuple[Place, ...]]:
    """Return the places that each distinct pair of cells can mean, the code before the name."""
    codes, names = list(codes), list(names)
    pairs = dict.fromkeys(zip(codes or [None] * len(names), names, strict=True))
    for code, name in pairs:
        digits = code_in(code) or code_in(name)
        place = place_of_code(digits) if digits else None
        if place is not None:
            yield (place,)
            continue
        for cell in (name, code):
            found = places_named(cell) if isinstance(cell, str) else ()
            if found:
                yield found
                break


def _is_only_province(places: tuple[Place, ...]) -> bool:
    return bool(places) and all(place.kind == PROVINCE for place in places)


def _may_be_province(place: Place, places: tuple[Place, ...]) -> bool:
    of_province = any(other.kind == PROVINCE for other in places)
    return of_province or place.code.endswith("0000")
