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

MEMBERS = "platform_members"
LONGEST_WORD = 12
_LEFT = re.compile(
    r"退出|退会|注销|吊销|到期|过期|失效|终止|离开|停用|流失|解约|\b(?:left|quit|exited|expired|ended|lapsed"
    r"|inactive|cancell?ed|terminated|closed|former)\b"
)
_HEADS_ENDS = re.compile(rf"{_LEFT.pattern}|截止|结束|\b(?:end|exit|leave|expiry)\b")
_NO_MEMBER = re.compile(r"待审|审核中|未通过|拒绝|驳回|申请中|\b(?:pending|rejected|declined)\b")
_NOT = re.compile(r"未|没|不|\bnot\b|\bnever\b")


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
        if _HEADS_ENDS.search(header.text.lower()) and any(map(_is_date, cells)):
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
            w for w in words if len(w) <= LONGEST_WORD and _LEFT.search(w) and not _NOT.search(w)
        ]
        if left:
            doubts.append(
                f"`{header.text}` says `{left[0]}` of members, and no column says since when: they "
                "count as members for good. Add a column of last years, such as 到期年份"
            )
        none = [w for w in words if len(w) <= LONGEST_WORD and _NO_MEMBER.search(w)]
        if none:
            doubts.append(
                f"`{header.text}` says `{none[0]}` of members: they count as members. Take their "
                "rows out"
            )
    return doubts
