"""Codes and names of cities as people write them, to six-digit codes of today."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from urban_resilience.intake.project import seed_rows
from urban_resilience.intake.text import clean_header, half_width

MUNICIPALITIES = ("11", "12", "31", "50")
# Counties and county-level cities directly under a province: 4290xx, 4690xx, 6590xx.
DIRECT_COUNTIES = "90"
_SUFFIXES = ("市", "地区", "自治州", "盟")
_CODE = re.compile(r"([0-9]{2,12})(?:\.0+)?")
_LETTERS = re.compile(r"[\s'’`\-·]+")
_ENGLISH_SUFFIX = re.compile(r"(?:\s+(?:city|shi|municipality|prefecture))$")


@dataclass(frozen=True)
class City:
    """What a code and a name on one row come to.

    Attributes
    ----------
    code
        Six-digit code; the text as given where it could not be resolved.
    reason
        Why the row cannot be used, empty where nothing is wrong.
    note
        What was changed, empty where the code stood there already.
    """

    code: str | None
    reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class _Index:
    codes: frozenset[str]
    full_names: dict[str, str]
    names: dict[str, str]
    ambiguous: frozenset[str]
    mapped: dict[str, str]
    kept: frozenset[str]


@cache
def _index() -> _Index:
    cities, changes = seed_rows("cities"), seed_rows("city_changes")
    names: dict[str, str] = {}
    ambiguous: set[str] = set()

    def learn(name: str, code: str) -> None:
        if names.setdefault(name, code) != code:
            ambiguous.add(name)

    for row in cities:
        learn(_name_key(row["city_name_zh"]), row["city_code"])
        english = row["city_name_en"]
        learn(_name_key(english), row["city_code"])
        if "(" in english:
            # Two cities share the name: alone it says nothing.
            ambiguous.add(_name_key(english.split("(")[0]))
    mapped, kept, full_names = {}, set(), {}
    for row in changes:
        old = row["old_code"]
        if row["decision"] == "map":
            if old != row["new_code"]:
                mapped[old] = row["new_code"]
            code = row["new_code"]
        else:
            kept.add(old)
            code = old
        # 南宁地区 was not the city of 南宁: the full name goes first.
        full_names[clean_header(row["old_name_zh"])] = code
        names.setdefault(_name_key(row["old_name_zh"]), code)
    codes = frozenset(row["city_code"] for row in cities)
    return _Index(codes, full_names, names, frozenset(ambiguous), mapped, frozenset(kept))


def _name_key(name: str) -> str:
    plain = _ENGLISH_SUFFIX.sub("", clean_header(name))
    plain = _LETTERS.sub("", plain)
    for suffix in _SUFFIXES:
        # Two characters must remain: 沙市 would become 沙.
        if plain.endswith(suffix) and len(plain) - len(suffix) >= 2:
            return plain[: -len(suffix)]
    return plain


def code_in(cell: object) -> str | None:
    """Return the digits of a code, None where the cell holds none."""
    if cell is None or isinstance(cell, bool):
        return None
    if isinstance(cell, float):
        cell = repr(int(cell)) if cell.is_integer() else repr(cell)
    found = _CODE.fullmatch(half_width(str(cell)).strip())
    return found.group(1) if found else None


def resolve_code(digits: str) -> tuple[str | None, str]:
    """Return the code of the prefecture-level city that a code of 2 to 12 digits lies in.

    Returns
    -------
    tuple of (str or None, str)
        The code, None where the digits name no city, and what was done to them.
    """
    index = _index()
    if len(digits) in (2, 3, 5):
        return None, "too short for a city"
    code = digits + "00" if len(digits) == 4 else digits[:6]
    if code in index.mapped:
        return index.mapped[code], "code of an earlier year"
    if code in index.codes or code in index.kept or code[2:4] == DIRECT_COUNTIES:
        return code, "" if code == digits else f"{len(digits)} digits"
    parent = code[:2] + "0000" if code[:2] in MUNICIPALITIES else code[:4] + "00"
    if parent in index.mapped:
        return index.mapped[parent], "county of a prefecture with an earlier code"
    if parent in index.codes or parent in index.kept:
        return parent, "county to its city"
    return (code, "") if len(digits) == 6 else (None, "no city has this code")


def resolve_name(name: object) -> str | None:
    """Return the code of a city by its Chinese or English name, None where it is not known."""
    index = _index()
    full = _LETTERS.sub("", clean_header(name))
    if full in index.full_names:
        return index.full_names[full]
    plain = _name_key(str(name))
    return None if plain in index.ambiguous else index.names.get(plain)


@cache
def resolve(code_text: str | None, name_text: str | None) -> City:
    """Resolve what one row says about its city.

    Parameters
    ----------
    code_text, name_text
        The two cells as text; either may be absent, or hold what the other should.
    """
    if code_text is not None and code_in(code_text) is None and name_text is None:
        code_text, name_text = None, code_text
    elif code_text is None and name_text is not None and code_in(name_text) is not None:
        code_text, name_text = name_text, None
    by_name = resolve_name(name_text) if name_text is not None else None
    if code_text is None:
        if by_name is not None:
            return City(by_name, note="code from the name")
        return City(name_text)
    digits = code_in(code_text)
    if digits is None:
        # A name in the column of codes, beside a column of names.
        by_text = resolve_name(code_text)
        if by_text is not None and by_name in (None, by_text):
            return City(by_text, note="code from the name")
        return City(code_text)
    code, note = resolve_code(digits)
    if code is None:
        return City(code_text)
    if by_name is not None and by_name != code and not _same_place(digits, name_text):
        return City(
            code_text,
            reason=f"code {code_text} is {_name_of(code)} but the name is {name_text}",
        )
    return City(code, note=note)


def _same_place(digits: str, name: str | None) -> bool:
    """Whether a county carries its own name, which a city elsewhere happens to share."""
    return len(digits) >= 6 and digits[4:6] != "00" and not str(name).endswith("市")


@cache
def _names_by_code() -> dict[str, str]:
    names = {row["old_code"]: row["old_name_zh"] for row in seed_rows("city_changes")}
    return names | {row["city_code"]: row["city_name_zh"] for row in seed_rows("cities")}


def _name_of(code: str) -> str:
    return _names_by_code().get(code, code)
