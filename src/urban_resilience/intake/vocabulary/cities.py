"""What one row says about its city, to the code of today."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from urban_resilience.intake.cells.text import half_width
from urban_resilience.intake.vocabulary.own_codes import code_of, codes_named, has_own_codes
from urban_resilience.intake.vocabulary.places import (
    CITY,
    COUNTY,
    FORMER,
    NO_PLACE,
    PROVINCE,
    Place,
    city_around,
    is_city_proper,
    place_of_code,
    places_named,
    province_of,
)
from urban_resilience.shared.project import seed_rows

_CODE = re.compile(r"([0-9]{2,12})(?:\.0+)?")
# `130100石家庄市`, `130100 - 石家庄市`, `石家庄市(130100)`.
_BOTH = (
    re.compile(r"(?P<code>[0-9]{6})[\s_:、.,|-]*(?P<name>[^\d\s_:、.,|-][^\d]*)"),
    re.compile(r"(?P<name>[^\d]*[^\d\s_:、.,|(-])[\s_:、.,|(-]*(?P<code>[0-9]{6})\)?"),
)


@dataclass(frozen=True)
class City:
    """What a code and a name on one row come to.

    Attributes
    ----------
    code
        Code of the study's list; the text as given where it could not be resolved. A place that is
        no city of the study keeps a code of its own, by which the warehouse sets its row aside.
    reason
        Why the row cannot be used, empty where nothing is wrong.
    note
        What was changed, empty where the code stood there already.
    part
        Name of the county or district that was lifted to its city, empty where none was.
    """

    code: str | None
    reason: str = ""
    note: str = ""
    part: str = ""


def code_in(cell: object) -> str | None:
    """Return the digits of a code, None where the cell holds none."""
    if cell is None or isinstance(cell, bool):
        return None
    if isinstance(cell, float):
        cell = repr(int(cell)) if cell.is_integer() else repr(cell)
    found = _CODE.fullmatch(half_width(str(cell)).strip())
    return found.group(1) if found else None


def resolve_name(name: object) -> str | None:
    """Return the code of a city by its Chinese or English name, None where it is not known."""
    if has_own_codes():
        codes = codes_named(name)
        return next(iter(codes)) if len(codes) == 1 else None
    found = [place for place in places_named(str(name)) if place.kind in (CITY, FORMER)]
    return found[0].code if len(found) == 1 else None


@cache
def resolve(
    code_text: str | None,
    name_text: str | None,
    province_text: str | None = None,
    *,
    row_is_city: bool = False,
    beside_provinces: bool = False,
) -> City:
    """Resolve what one row says about its city.

    Parameters
    ----------
    code_text, name_text
        The two cells as text; either may be absent, or hold what the other should.
    province_text
        The cell of a column of provinces, which settles a name that two cities share.
    row_is_city
        Whether a row of the table is a city: then a county is no part of its city's figures and
        keeps its own code. Otherwise a row is something within a city and is lifted to it.
    beside_provinces
        Whether other rows of the sheet are provinces, so that 吉林 may be one too.
    """
    if has_own_codes():
        return _by_own_code(code_text, name_text)
    if code_text is not None and code_in(code_text) is None and name_text is None:
        code_text, name_text = None, code_text
    elif code_text is None and name_text is not None and code_in(name_text) is not None:
        code_text, name_text = name_text, None
    both = _taken_apart(code_text, name_text)
    if both is not None:
        found = resolve(*both, province_text, row_is_city=row_is_city)
        return found if found.reason else replace(found, note="code and name in one cell")
    province = None if province_text is None else province_of(province_text)
    if code_text is None:
        if name_text is None:
            return City(None)
        return _by_name(name_text, province, row_is_city, beside_provinces)
    digits = code_in(code_text)
    if digits is None:
        # A name in the column of codes, beside a column of names.
        by_text = _by_name(code_text, province, row_is_city, beside_provinces)
        agree = name_text is not None and places_named(code_text) == places_named(name_text)
        unnamed = name_text is None or not places_named(name_text)
        return by_text if by_text.note and (agree or unnamed) else City(code_text)
    place = place_of_code(digits)
    if place is None:
        return City(code_text)
    return _by_code(code_text, digits, place, name_text, province, row_is_city)


def _taken_apart(code_text: str | None, name_text: str | None) -> tuple[str, str] | None:
    """Take a cell that holds a code and a name apart; None where no cell, or another too, does."""
    if code_text is not None and name_text is not None:
        return None
    text = half_width(str(code_text or name_text or "")).strip()
    found = next((m for pattern in _BOTH if (m := pattern.fullmatch(text))), None)
    if found is None or places_named(text) or not places_named(found["name"].strip()):
        return None
    return found["code"], found["name"].strip()


def _by_own_code(code_text: str | None, name_text: str | None) -> City:
    """Resolve a place of a study whose codes tell nothing but themselves."""
    code = None if code_text is None else code_of(code_text)
    named = frozenset() if name_text is None else codes_named(name_text)
    if code is not None:
        if named and code not in named:
            what = f"code {code_text} is not that of {name_text} ({', '.join(sorted(named))})"
            return City(code_text, reason=what)
        return City(code, note="" if code == code_text else "code in another spelling")
    if code_text is None or not named:
        # A name may stand in the column of codes, a code in that of names.
        for text in filter(None, (name_text, code_text)):
            given = code_of(text)
            found = frozenset({given}) if given is not None else codes_named(text)
            if len(found) > 1:
                return City(text, reason=f"the name {text} is that of {', '.join(sorted(found))}")
            if found and (code_text is None or text == code_text):
                return City(next(iter(found)), note="code from the name")
    return City(code_text if code_text is not None else name_text)


def _by_code(
    code_text: str,
    digits: str,
    place: Place,
    name_text: str | None,
    province: str | None,
    row_is_city: bool,
) -> City:
    name = "" if name_text is None else name_text.strip()
    named = () if name_text is None else places_named(name_text)
    if province not in (None, digits[:2], place.province):
        what = f"code {code_text} is {_name_of(place)} but the province is {_province(province)}"
        return City(code_text, reason=what)
    if named and not any(_agree(place, other) for other in named):
        inside = [p for p in named if p.kind == COUNTY and city_around(p) == place]
        if inside and any(p.name == name for p in inside):
            # A county under the code of its city.
            return _final(inside[0], "", row_is_city)
        in_its_city = not row_is_city and place.kind == COUNTY and city_around(place) in named
        if not in_its_city and not _same_place(digits, name_text):
            what = f"code {code_text} is {_name_of(place)} but the name is {name_text}"
            return City(code_text, reason=what)
    if place.kind == CITY and name_text is not None and is_city_proper(name_text):
        part = Place(place.code[:4] + "01", COUNTY, f"{place.name}市辖区")
        return _final(part, "", row_is_city)
    return _final(place, _note_on(digits, place), row_is_city)


def _note_on(digits: str, place: Place) -> str:
    if place.kind == CITY and place.code != digits[:6] and len(digits) >= 6:
        is_earlier = digits[:6] in _names_by_code()
        return "code of an earlier year" if is_earlier else "code of its districts"
    return "" if place.code == digits else f"{len(digits)} digits"


def _agree(place: Place, named: Place) -> bool:
    """Whether a code and a name mean the same; counties are renamed in place and recoded."""
    if place.kind == COUNTY and named.kind == COUNTY:
        return place.province == named.province
    return place.code == named.code


def _same_place(digits: str, name: str | None) -> bool:
    """Whether a county carries its own name, which a city elsewhere happens to share."""
    return len(digits) >= 6 and digits[4:6] != "00" and not str(name).endswith("市")


def _by_name(name: str, province: str | None, row_is_city: bool, beside_provinces: bool) -> City:
    if row_is_city and is_city_proper(name):
        # The districts of the city above, by no name of their own.
        return City(NO_PLACE, note="code from the name")
    found = places_named(name, province)
    if not found:
        elsewhere = places_named(name) if province is not None else ()
        if not elsewhere:
            return City(name)
        lies = " or ".join(_name_of(place) for place in elsewhere[:3])
        what = f"the name {name} is {lies} but the province is {_province(province)}"
        return City(name, reason=what)
    cities = [place for place in found if place.kind in (CITY, FORMER)]
    is_province_too = any(place.kind == PROVINCE for place in found)
    if len(cities) > 1 or (cities and is_province_too and beside_provinces and not province):
        return City(name, reason=_ambiguous(name, found))
    if cities:
        return _final(cities[0], "code from the name", row_is_city)
    if len(found) > 1 and found[0].kind == COUNTY:
        around = {city_around(place) for place in found}
        if row_is_city:
            return City(NO_PLACE, note="code from the name")
        if len(around) > 1:
            return City(name, reason=_ambiguous(name, found))
    return _final(found[0], "code from the name", row_is_city)


def _ambiguous(name: str, found: tuple[Place, ...]) -> str:
    shown = " or ".join(f"{_name_of(place)} ({place.code})" for place in found[:4])
    more = f" or one of {len(found) - 4} more" if found[4:] else ""
    return f"the name {name} is {shown}{more}: give the code, the full Chinese name or the province"


def _final(place: Place, note: str, row_is_city: bool) -> City:
    if place.kind == COUNTY and not row_is_city:
        city = city_around(place)
        if city is not None:
            return City(city.code, note="county to its city", part=place.name or place.code)
    return City(place.code, note=note)


@cache
def _names_by_code() -> dict[str, str]:
    return {row["old_code"]: row["old_name_zh"] for row in seed_rows("city_changes")}


def _name_of(place: Place) -> str:
    if place.kind != COUNTY:
        return place.name
    city = city_around(place)
    return (place.name or f"county {place.code}") + (f" of {city.name}" if city else "")


def _province(code: str | None) -> str:
    return next(
        row["province_name_zh"] for row in seed_rows("provinces") if row["province_code"] == code
    )
