"""What a list of pilots says of its rows beside places and years: not chosen, withdrawn, ended."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.reading.remarks import listed
from urban_resilience.intake.vocabulary.headers import year_in
from urban_resilience.intake.vocabulary.row_words import NO_PILOT, PILOT_ENDED, says

LONGEST_WORD = 12
LONGEST_TITLE = 40
_MARKS = re.compile(
    r"试点|示范|入选|获批|批准|结果|状态|是否$|pilot|select|approv|status|treat|^did$|policy|dummy"
)
YES, NO = frozenset(("1", "true", "yes", "是")), frozenset(("0", "false", "no", "否"))
ZERO_OR_ONE = YES | NO
# A pilot that fails its review was one.
_REVIEW = re.compile(r"考核|验收|评估|评价|评审|review|evaluation|assessment")
# Headers of panels: of one year they say who is treated then, and not since when.
_OF_PANELS = re.compile(r"^did|treat|post|policy|dummy|did$")
_IN_BRACKETS = re.compile(r"[(（]([^()（）]{1,12})[)）]\s*$")
_NATIONAL, _LOWER = re.compile(r"国家级?|national"), re.compile(r"[省市县]级?|provincial|municipal")
_OF_APPLICANTS = re.compile(r"申报|申请|appl(?:ied|ication)")
# A title of both groups, or of whom is left out, is of pilots.
_BOTH = re.compile(r"处理组|实验组|试点组|[及和与、]|含|包括|剔除|treat|\band\b")
_LOWER_TITLE = re.compile(r"(?<!副)[省市]级|provincial")
_END = re.compile(r"(?:结束|终止|退出|取消|撤销)(?:年份?|时间|日期)|end year|year ended|exit year")


def is_mark(header: object) -> bool:
    """Whether a header asks if a place is a pilot, as 是否省会 does not."""
    text = str(header).strip().lower() if is_text(header) else ""
    return bool(_MARKS.search(text)) and not _REVIEW.search(text)


def is_of_panels(header: object) -> bool:
    """Whether a header is one of the marks of treated city-years, such as DID."""
    return is_text(header) and bool(_OF_PANELS.search(str(header).strip().lower()))


def heed_marks(
    grid: Grid, position: int, known: Collection[int], policy_named: Callable[[object], str]
) -> tuple[dict[int, str], tuple[str, ...]]:
    """Read the columns of a list that say of its places whether they are pilots.

    Parameters
    ----------
    grid, position, known
        The list as it stands in the file, its header row, and the columns that are known.
    policy_named
        Policy that a header names, empty where it names none.

    Returns
    -------
    tuple
        Rows of the file that are no pilots, each with what says so; and what is doubtful.
    """
    header = grid.rows[position]
    rows = list(grid.filled_rows(position + 1))
    out: dict[int, str] = {}
    doubts: list[str] = []
    for n, row in rows:
        for at in known:
            behind = _IN_BRACKETS.search(str(row[at])) if at < len(row) else None
            if behind and (says(NO_PILOT, behind[1]) or says(PILOT_ENDED, behind[1])):
                out[grid.row_number(n)] = f"`{row[at]}`: without the bracket it would count"
    for at, cell in enumerate(header):
        if at in known or not is_text(cell) or _REVIEW.search(str(cell).lower()):
            continue
        name = str(cell).strip()
        words = {n: str(row[at]).strip().lower().removesuffix(".0") for n, row in rows
                 if at < len(row) and not is_missing(row[at])}  # fmt: skip
        asks = is_mark(name) or bool(policy_named(name))
        is_flag = asks and bool(words) and set(words.values()) <= ZERO_OR_ONE
        ended = []
        is_level = any(_NATIONAL.fullmatch(word) for word in words.values())
        for n, word in words.items():
            if is_level and _LOWER.fullmatch(word):
                out[grid.row_number(n)] = f"`{name}` says {word}, beside national ones"
            is_short = len(word) <= LONGEST_WORD
            if (is_flag and word in NO) or (is_short and says(NO_PILOT, word)):
                out[grid.row_number(n)] = f"`{name}` says {word}"
            elif is_short and says(PILOT_ENDED, word):
                ended.append(grid.row_number(n))
        if not ended and _END.search(name.lower()):
            ended = [grid.row_number(n) for n in words]
        if ended:
            doubts.append(
                f"`{name}` says in {_rows(ended)} that a pilot "
                "ended: it counts from its first year on. Take rows out that are to count as none"
            )
    return out, tuple(doubts)


def doubts_of_years(grid: Grid, position: int, batch_at: int | None, year_at: int | None
                    ) -> tuple[str, ...]:  # fmt: skip
    """Say of the years of a list that they are of applications, or not those of its batches."""
    if year_at is None:
        return ()
    header = str(grid.rows[position][year_at]).strip()
    doubts = []
    if _OF_APPLICANTS.search(header.lower()):
        doubts.append(f"`{header}` says when places applied: pilots count from then on")
    differing = []
    for n, row in grid.filled_rows(position + 1):
        if batch_at is None or max(batch_at, year_at) >= len(row):
            continue
        of_batch, year = year_in(row[batch_at]), year_in(row[year_at])
        if is_text(row[batch_at]) and None not in (of_batch, year) and of_batch != year:
            differing.append(grid.row_number(n))
    if differing:
        doubts.append(
            f"`{grid.rows[position][batch_at or 0]}` names another year than `{header}` in "
            f"{_rows(differing)}: that of `{header}` counts"
        )
    return tuple(doubts)


def said_by_titles(titles: Sequence[str]) -> tuple[str, str]:
    """Title that makes a list one of no pilots, and one that makes it doubtful; empty without."""
    short = [" ".join(title.split()).lower() for title in titles if len(title) <= LONGEST_TITLE]
    single = [title for title in short if not _BOTH.search(title)]
    of_none = (t for t in single if says(NO_PILOT, t) or says(PILOT_ENDED, t))
    return next(of_none, ""), next((t for t in short if _LOWER_TITLE.search(t)), "")


def without(grid: Grid, rows: dict[int, str], doubts: tuple[str, ...]) -> Grid:
    """Take rows of the file out of a list of pilots, and say so."""
    if not rows and not doubts:
        return grid
    kept = [[] if grid.row_number(n) in rows else row for n, row in enumerate(grid.rows)]
    reasons = ", ".join(dict.fromkeys(rows.values()))
    note = (f"no pilots, and left out: {_rows(sorted(rows))} ({reasons})",) if rows else ()
    return replace(grid, rows=kept, notes=(*grid.notes, *note), doubts=(*grid.doubts, *doubts))


def _rows(numbers: Sequence[int]) -> str:
    return f"{'row' if len(numbers) == 1 else 'rows'} {listed(numbers)}"
