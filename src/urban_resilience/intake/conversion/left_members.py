"""Members that a record says have left, where no column says when: they would stay for good."""

from __future__ import annotations

import re
from collections.abc import Iterable

from urban_resilience.intake.cells.numbers import (
    Unreadable,
    is_missing,
    to_membership_year,
)
from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.recognition.lacking import durations
from urban_resilience.intake.recognition.match import Matched
from urban_resilience.intake.recognition.recognize import Recognized
from urban_resilience.intake.vocabulary.contract import LAST_YEAR
from urban_resilience.intake.vocabulary.mapping import IGNORE, MAPPING_FILE
from urban_resilience.intake.vocabulary.row_words import (
    MEMBER_LEFT,
    MEMBERSHIP_END,
    NO_MEMBER,
    says,
)

MEMBERS = "platform_members"
LONGEST_WORD = 12
_NOT = re.compile(r"未|没|不|\bnot\b|\bnever\b")


def _heads_ends(header: str) -> bool:
    return says(MEMBERSHIP_END, header) or says(MEMBER_LEFT, header)


def _is_date(cell: object) -> bool:
    try:
        return to_membership_year(cell, is_end=True) is not None
    except Unreadable:
        return False


def left_without_a_year(
    grid: Grid, recognized: Recognized, matched: Iterable[Matched]
) -> list[str]:
    """Name the columns that say of members that they left; none where their last year is known."""
    known = {match.position: match.target for match in matched}
    if recognized.table != MEMBERS or LAST_YEAR in known.values():
        return []
    doubts = []
    for at, header in enumerate(recognized.headers):
        if header is None or at in known:
            continue
        cells = [
            row[at]
            for _, row in grid.filled_rows(recognized.data_start)
            if at < len(row) and not is_missing(row[at])
        ]
        if _heads_ends(header.text) and any(map(_is_date, cells)):
            doubts.append(
                f"`{header.text}` may say when members left, and is not read: they count as "
                f"members for good. Say in {MAPPING_FILE} that it is {LAST_YEAR}, or {IGNORE}"
            )
            continue
        if durations([header.text]):
            doubts.append(
                f"`{header.text}` says how long members stay, and is not read: they count as "
                "members for good. Add a column of last years, such as 到期年份"
            )
            continue
        words = [str(cell).strip().lower() for cell in cells if isinstance(cell, str)]
        left = [
            word
            for word in words
            if len(word) <= LONGEST_WORD and says(MEMBER_LEFT, word) and not _NOT.search(word)
        ]
        if left:
            doubts.append(
                f"`{header.text}` says `{left[0]}` of members, and no column says since when: they "
                "count as members for good. Add a column of last years, such as 到期年份"
            )
        none = [word for word in words if len(word) <= LONGEST_WORD and says(NO_MEMBER, word)]
        if none:
            doubts.append(
                f"`{header.text}` says `{none[0]}` of members: they count as members. Take their "
                "rows out"
            )
    return doubts
