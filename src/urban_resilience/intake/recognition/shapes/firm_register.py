"""A register of firms: one row per firm with its date of registration and its place.

It is no list of members, which needs an industry code; counted, it could be a series of the
yearbook. Whether it holds all firms of its years it does not say, so it is not counted here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from urban_resilience.intake.cells.text import key
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.misfit import Misfit
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, find_alias

MEMBERS = "platform_members"
_FIRMS = frozenset(
    map(key, ("企业名称", "公司名称", "单位名称", "firm name", "company name", "enterprise name"))
)
_DATES = frozenset(
    map(key, ("注册日期", "成立日期", "注册时间", "成立时间", "登记日期", "核准日期",
              "registration date", "date of registration", "date of establishment"))
)  # fmt: skip
_YEAR = re.compile(r"(?:19|20)\d\d")


def firm_register(grid: Grid) -> list[Grid] | None:
    """Say what a register of firms lacks, and what could be made of it.

    Raises
    ------
    Misfit
        Where the sheet is one.
    """
    for position, cells in grid.filled_rows():
        if position >= HEADER_SEARCH_ROWS:
            return None
        texts = {at: str(cell) for at, cell in enumerate(cells) if is_text(cell)}
        firm = next((text for text in texts.values() if key(text) in _FIRMS), None)
        date = next((at for at, text in texts.items() if key(text) in _DATES), None)
        if firm is None or date is None:
            continue
        if any(_means(MEMBERS, text) == "industry_code" for text in texts.values()):
            return None
        places = [at for at, text in texts.items() if _means(YEARBOOK, text) == CITY_NAME]
        raise Misfit(_in_words(grid, position, texts, date, places))
    return None


def _means(table: str, text: str) -> str:
    alias = find_alias(table, parse(text))
    return "" if alias is None else alias.column


def _in_words(
    grid: Grid, header: int, texts: dict[int, str], date: int, places: Sequence[int]
) -> str:
    rows = [cells for _, cells in grid.filled_rows(header + 1)]
    years = sorted({year for cells in rows if (year := _year(cells, date)) is not None})
    span = f", registered {years[0]} to {years[-1]}" if years else ""
    lacks = (
        f"a register of {len(rows):,} firms{span}: it has no industry code, which {MEMBERS} needs"
    )
    if not places or not years:
        return f"{lacks}, and no date and city to count them by"
    return (
        f"{lacks}; if it holds every firm, count its rows by `{texts[places[0]]}` and the year of "
        f"`{texts[date]}` into a file with the columns city, year and new_firms"
    )


def _year(cells: Sequence[object], at: int) -> int | None:
    cell = cells[at] if at < len(cells) else None
    if isinstance(cell, dt.date):
        return cell.year
    found = _YEAR.match(str(cell).strip())
    return int(found.group()) if found else None
