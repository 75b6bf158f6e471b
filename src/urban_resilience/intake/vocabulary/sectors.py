"""Sectors as input-output tables write them: codes of several editions, and names.

Which codes and names are sectors, final demand or value added is said by the seeds ``sectors``,
``sector_codes``, ``sector_parts`` and ``industries``; of the first two the warehouse reads codes in
the same spelling (``macros/sector_codes.sql``).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from urban_resilience.intake.cells.text import REMEMBERED, clean_header
from urban_resilience.shared.project import seed_rows

SECTOR, OUTPUT, PREFIX = "sector", "output", "prefix"
VALUE_ADDED = "value_added"
ALL, DOMESTIC, IMPORTED = "TTL", "DOM", "IMP"
PARTS = (ALL, DOMESTIC, IMPORTED)
# Ranges of ISIC Rev.3: its C16 is tobacco, C20 wood and C24 chemicals, in Rev.4 wood, chemicals and
# basic metals.
REV_3 = frozenset(
    {
        "01_05", "10_14", "15_16", "17_19", "21_22", "30_33X", "36_37", "40_41", "50_52", "60_63",
        "65_67", "73_74",
    }
)  # fmt: skip
_SIGNS = re.compile(r"[\s._-]+")
_RANGE = re.compile(r"(?<=\d)T(?=\d)")
_DIGIT = re.compile(r"(?<!\d)(\d)(?!\d)")
_CODE_FIRST = re.compile(r"([A-Za-z_]*\d[\w.-]*)\s+[-–—]?\s*\D.*")
# `Fishing [D03]`, `Fishing (03)`.
_CODE_BEHIND = re.compile(
    r".*\D[\[(]\s*((?:D|TTL_|DOM_|IMP_)?\d{2}(?:T\d{2})?[A-Z]?)\s*[\])]", re.IGNORECASE
)
_NUMBERED = re.compile(r"^\d+[\s.、:)]*")
_JOINING = re.compile(r"[\s、,;()·./&-]|和|及|与|的|\band\b")
_ENDINGS = re.compile(r"(?:服务业|制造业|加工业|事业|工业|产品|制品|服务|业|品)$")


def spelling(code: object) -> str:
    """Spell a code as ``macros/sector_codes.sql`` does: 62-63, 62_63 and 62T63 are one."""
    plain = _SIGNS.sub("_", str(code).split(":")[0].strip().upper())
    return _DIGIT.sub(r"0\1", _RANGE.sub("_", plain))


def kind_of(text: object) -> str:
    """Return what a label is: a sector, output, final demand, ...; empty where it is unknown."""
    return _meaning(str(text))[0]


def sectors_of(text: object) -> tuple[str, ...]:
    """Return the sectors of the study that a label covers; empty where it is no sector."""
    return _meaning(str(text))[1]


def is_plain_code(text: object) -> bool:
    """Whether the warehouse reads the label as it stands."""
    return bool(_by_code(spelling(text))[0])


@cache
def all_sectors() -> frozenset[str]:
    """Sectors of the study, without its sums of several."""
    codes = (row["sector"] for row in seed_rows("sectors"))
    return frozenset(code for code in codes if re.match(r"D\d", code))


def part_of(text: object) -> str:
    """Return ``TTL``, ``DOM`` or ``IMP`` where a code says so by its prefix, else nothing."""
    plain = spelling(text)
    return next((part for part in PARTS if plain.startswith(f"{part}_")), "")


def is_bare_number(text: object) -> bool:
    """Whether a label is two digits: a sector only among codes that tell more."""
    return bool(re.fullmatch(r"\s*\d{1,2}(?:\.0)?\s*", str(text)))


def is_rev_3(text: object) -> bool:
    """Whether a label is a range of divisions that only ISIC Rev.3 has."""
    plain = _without_prefix(spelling(text))
    return plain.removeprefix("C").removeprefix("D") in REV_3


@lru_cache(maxsize=REMEMBERED)
def _meaning(text: str) -> tuple[str, tuple[str, ...]]:
    found = _by_code(spelling(text))
    if found[0]:
        return found
    plain = spelling(text)
    parts = _parts()
    covered = parts.get(plain) or parts.get(_without_prefix(plain))
    if covered:
        return SECTOR, covered
    label = text.split(":", 1)[-1] if ":" in text else text
    for name in (label, _NUMBERED.sub("", label)):
        if named := _names().get(_joined(name)) or _short_names().get(_name_key(name)):
            return named
    for form in (_CODE_FIRST, _CODE_BEHIND):
        if coded := form.fullmatch(text.strip()):
            return _meaning(coded.group(1))
    return "", ()


def _by_code(plain: str) -> tuple[str, tuple[str, ...]]:
    known = _codes()
    return known.get(plain) or known.get(_without_prefix(plain)) or ("", ())


def _without_prefix(plain: str) -> str:
    return next((plain[len(p) :] for p in _prefixes() if plain.startswith(p)), plain)


@cache
def _prefixes() -> tuple[str, ...]:
    return tuple(
        spelling(row["code"]) for row in seed_rows("sector_codes") if row["kind"] == PREFIX
    )


@cache
def _codes() -> dict[str, tuple[str, tuple[str, ...]]]:
    known: dict[str, tuple[str, tuple[str, ...]]] = {}
    for row in seed_rows("sectors"):
        code = spelling(row["sector"])
        known[code] = SECTOR, (row["sector"],)
        if re.match(r"D\d", code):
            known[code[1:]] = known[code]
    for row in seed_rows("sector_codes"):
        if row["kind"] != PREFIX:
            covered = (row["sector"],) if row["kind"] == SECTOR else ()
            known.setdefault(spelling(row["code"]), (row["kind"], covered))
    return known


@cache
def _parts() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in seed_rows("sector_parts"):
        code = spelling(row["code"])
        # Behind a prefix the letter is gone: TTL_49T53.
        for form in {code, re.sub(r"^D(?=\d)", "", code)}:
            found[form] = (*found.get(form, ()), row["sector"])
    return found


@cache
def _names() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Names without signs and without words that join."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for name, meaning in _spelled_names():
        found.setdefault(_joined(name), meaning)
    return found


@cache
def _short_names() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Names without the endings that differ between editions, where they still mean one thing."""
    found: dict[str, set[tuple[str, tuple[str, ...]]]] = {}
    for name, meaning in _spelled_names():
        found.setdefault(_name_key(name), set()).add(meaning)
    return {name: next(iter(means)) for name, means in found.items() if len(means) == 1}


@cache
def _spelled_names() -> tuple[tuple[str, tuple[str, tuple[str, ...]]], ...]:
    codes = seed_rows("sector_codes")
    named: list[tuple[str, tuple[str, tuple[str, ...]]]] = [
        (row["code"], (row["kind"], ())) for row in codes if row["kind"] not in (PREFIX, SECTOR)
    ]
    covered: dict[str, tuple[str, ...]] = {}
    for row in seed_rows("sector_parts"):
        covered[row["code"]] = (*covered.get(row["code"], ()), row["sector"])
    named += [(name, (SECTOR, sectors)) for name, sectors in covered.items()]
    named += [(r["sector_name_en"], (SECTOR, (r["sector"],))) for r in seed_rows("sectors")]
    named += [
        (row["industry_name_zh"], (SECTOR, (row["sector"],)))
        for row in seed_rows("industries")
        if row["sector"] and len(row["industry_code"]) == 2
    ]
    return tuple(named)


def _joined(text: str) -> str:
    return _JOINING.sub("", clean_header(text))


def _name_key(text: str) -> str:
    plain = _joined(text)
    while (shorter := _ENDINGS.sub("", plain)) != plain and len(shorter) > 1:
        plain = shorter
    return plain
