"""Words by which a table says of its rows what they are of: seed `row_words`."""

from __future__ import annotations

import re
from functools import cache

from urban_resilience.intake.cells.text import clean_header, key, word_pattern
from urban_resilience.shared.project import seed_rows

# Columns whose cells part the years or cities of a table, and cells that name all parts at once.
PART_OF_YEAR, PART_OF_CITY, ALL_PARTS = "part_of_year", "part_of_city", "all_parts"
# Places in a list of pilots.
NO_PILOT, PILOT_ENDED = "no_pilot", "pilot_ended"
# Records of members, and headers of the years in which they leave.
MEMBER_LEFT, NO_MEMBER, MEMBERSHIP_END = "member_left", "no_member", "membership_end"
_ALONE, _LAST = "alone", "last"


def says(kind: str, text: object) -> bool:
    """Whether a header, a cell or a title holds a word of one kind, where that word counts."""
    alone, pattern = _known(kind)
    if key(text) in alone:
        return True
    return pattern is not None and pattern.search(clean_header(text)) is not None


@cache
def _known(kind: str) -> tuple[frozenset[str], re.Pattern[str] | None]:
    """Words that must be the whole text, and a pattern of those that may stand within one."""
    rows = [row for row in seed_rows("row_words") if row["kind"] == kind]
    alone = frozenset(key(row["word"]) for row in rows if row["stands"] == _ALONE)
    within = [_pattern(row) for row in rows if row["stands"] != _ALONE]
    return alone, re.compile("|".join(within)) if within else None


def _pattern(row: dict[str, str]) -> str:
    return word_pattern(row["word"]) + ("$" if row["stands"] == _LAST else "")
