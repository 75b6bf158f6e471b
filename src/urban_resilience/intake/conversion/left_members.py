"""Members that a record says have left, where no column says when: they would stay for good."""

from __future__ import annotations

import re
from collections.abc import Iterable

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.recognition.match import Matched
from urban_resilience.intake.recognition.recognize import Recognized
from urban_resilience.intake.vocabulary.contract import LAST_YEAR

MEMBERS = "platform_members"
LONGEST_WORD = 12
_LEFT = re.compile(
    r"退出|退会|注销|吊销|到期|过期|失效|终止|离开|停用|流失|解约|\b(?:left|quit|exited|expired|ended|lapsed"
    r"|inactive|cancell?ed|terminated|closed|former)\b"
)
_NOT = re.compile(r"未|没|不|\bnot\b|\bnever\b")


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
        words = [
            str(cells[at]).strip().lower()
            for _, cells in grid.filled_rows(recognized.data_start)
            if at < len(cells) and isinstance(cells[at], str) and not is_missing(cells[at])
        ]
        left = [
            w for w in words if len(w) <= LONGEST_WORD and _LEFT.search(w) and not _NOT.search(w)
        ]
        if left:
            doubts.append(
                f"`{header.text}` says `{left[0]}` of members, and no column says since when: they "
                "count as members for good. Add a column of last years, such as 到期年份"
            )
    return doubts
