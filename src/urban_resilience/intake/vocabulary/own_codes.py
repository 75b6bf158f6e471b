"""Places of a study whose codes are its own: a code means the place that has it, and no other.

Codes of six digits tell province, city and county, have changed over the years and are written in
several ways (:mod:`urban_resilience.intake.vocabulary.places`). Nothing of this is known of other
codes, such as those of regions of Europe or of states: they are compared as they are.
"""

from __future__ import annotations

import re
from functools import cache

from urban_resilience.intake.cells.text import clean_header, half_width
from urban_resilience.shared.project import seed_rows

_SIX_DIGITS = re.compile(r"[0-9]{6}")
_WHOLE = re.compile(r"([0-9]+)(?:\.0+)?")


@cache
def has_own_codes() -> bool:
    """Whether a code of the study's list of places (seed ``cities``) is not of six digits."""
    return not all(_SIX_DIGITS.fullmatch(row["city_code"]) for row in seed_rows("cities"))


@cache
def _by_code() -> dict[str, str]:
    """Codes of the list by their spelling, those of digits alone without leading zeros too."""
    codes = [row["city_code"] for row in seed_rows("cities")]
    spellings = {_spelled(code): code for code in codes}
    if all(code.isascii() and code.isdigit() for code in codes):
        # A spreadsheet takes 01 for the number 1.
        shorter = {str(int(code)): code for code in codes}
        if len(shorter) == len(codes):
            spellings = {**shorter, **spellings}
    return spellings


@cache
def _by_name() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for row in seed_rows("cities"):
        for column in ("city_name_en", "city_name_zh"):
            name = clean_header(row.get(column, ""))
            if name:
                found[name] = found.get(name, frozenset()) | {row["city_code"]}
    return found


def _spelled(text: object) -> str:
    return half_width(str(text)).strip().casefold()


def code_of(text: object) -> str | None:
    """Return the code of the list that a cell holds in any case; None where it holds none."""
    spelled = _spelled(text)
    number = _WHOLE.fullmatch(spelled)
    return _by_code().get(spelled) or (_by_code().get(number.group(1)) if number else None)


def codes_named(text: object) -> frozenset[str]:
    """Return the codes of the places that have this name, in either language."""
    return _by_name().get(clean_header(text), frozenset())
