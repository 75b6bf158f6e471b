"""Dates as people type them, to their year; the same patterns serve Python and SQL.

A date names its year in any order of its parts, as long as the year has four digits.
"""

from __future__ import annotations

import re

_YEAR = "(19[0-9]{2}|2[0-9]{3}|9999)"
_MONTH = "(?:1[0-2]|0?[1-9])"
_DAY = "(?:3[01]|[12][0-9]|0?[1-9])"
_CLOCK = "(?:[ T]+[0-9]{1,2}:.*)?"
_NAMED = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[.]?"
# The first group of each is the year.
DATES = (
    # 2009-03-15, 2009/3, 2009年3月15日, with or without the time of the day.
    f"{_YEAR} *[-/年] *{_MONTH}(?: *[-/月] *(?:{_DAY} *日?)?)?{_CLOCK}",
    # 2009.3.15: two parts would be a number.
    f"{_YEAR}[.]{_MONTH}[.]{_DAY}{_CLOCK}",
    # 20090315 and 200903.
    f"{_YEAR}(?:1[0-2]|0[1-9])(?:3[01]|[12][0-9]|0[1-9])?(?:[.]0+)?",
    # 15/03/2009, 15-Mar-2009 and Mar 15, 2009.
    f"{_DAY}[-/.]{_DAY}[-/.]{_YEAR}{_CLOCK}",
    f"{_DAY}[- ]+{_NAMED}[- ,]+{_YEAR}{_CLOCK}",
    f"{_NAMED} +(?:{_DAY},? +)?{_YEAR}{_CLOCK}",
)
# An end that has not come: a member for good, or until now.
OPEN_ENDS = frozenset(
    {
        "长期", "长期有效", "永久", "永久有效", "无期限", "无固定期限", "无限期", "至今",
        "今", "现在", "在册", "未到期", "未退出", "open", "present", "now", "ongoing", "current",
        "permanent",         "unlimited", "indefinite", "active", "0000-00-00",
        "to date", "to present", "∞",
    }
)  # fmt: skip
# Spreadsheets count days from the end of 1899: 1954 to 2064, and no year is as large.
FIRST_DAY_NUMBER, LAST_DAY_NUMBER = 20_000, 60_000
_PATTERNS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in DATES)


# Between the dates of a period; 2015年至今 has 至 within its open end.
_TO = re.compile(r" *(?:--+|[-—–−―~～至到]|\bto\b) *")
_YEAR_OR_MONTH = re.compile(f"{_YEAR}年?(?:[.]{_MONTH})?")
_FINANCIAL = re.compile(r"(?:fy|cy|year|y) *[-_]?((?:19|20)[0-9]{2})(?:年度?)?", re.IGNORECASE)
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_WRITTEN_OUT = re.compile(r"[〇○零一二三四五六七八九]{4}(?:年度?末?)?")
_MONTH_BEHIND = re.compile("[12][0-9]{3} *[-/.年]? *([0-9]{1,2})(?:[^0-9]*([0-9]{1,2}))?")
CENSUS_MONTH = 11
_SHORT = re.compile(r"['’‘`]?[0-9]{2}(?:年度?末?)?")


def year_in_words(text: str) -> int | None:
    """Return the year of ``FY2010`` or ``二〇一〇年``, which are no numbers; None of others."""
    if found := _FINANCIAL.fullmatch(text):
        return int(found.group(1))
    if _WRITTEN_OUT.fullmatch(text):
        return int(text[:4].translate(_DIGITS))
    return None


def is_short_year(text: str) -> bool:
    """Whether a text names a year by its last two digits: ``'10``, ``10年``."""
    return _SHORT.fullmatch(text) is not None


def within_year(text: str) -> str:
    """Say that a date ends no year: ``2014年6月``; empty where it does, or begins one.

    The day of a census, 1 November, stands for its year.
    """
    found = _MONTH_BEHIND.match(text)
    if found is None or year_of_date(text) is None or int(found.group(1)) in (1, 12):
        return ""
    is_census = int(found.group(1)) == CENSUS_MONTH and int(found.group(2) or 0) == 1
    return "" if is_census else "a date within a year"


def period_in(text: str) -> tuple[int, int | None] | None:
    """Return the years in which a period in half width begins and ends; None where it is none.

    The end is None where it is open: ``2015.3-长期``, ``2015年3月起``. A text that can be parted at
    several places is no period.
    """
    plain = text.strip().strip("()").removeprefix("自").removeprefix("从").strip().casefold()
    found: set[tuple[int, int | None]] = set()
    for sign in _TO.finditer(plain):
        first, last = _part_of_period(plain[: sign.start()]), plain[sign.end() :].strip(" 止")
        end = None if last in OPEN_ENDS else _part_of_period(last)
        if first is not None and (end is not None or last in OPEN_ENDS):
            found.add((first, end))
    if plain.endswith(("起", "以来")) and not found:
        first = _part_of_period(plain.removesuffix("以来").removesuffix("起"))
        found |= {(first, None)} if first is not None else set()
    return found.pop() if len(found) == 1 else None


def _part_of_period(text: str) -> int | None:
    plain = text.strip()
    if found := _YEAR_OR_MONTH.fullmatch(plain):
        return int(found.group(1))
    return year_of_date(plain)


def year_of_date(text: str) -> int | None:
    """Return the year that a date in half width names; None where the text is no date."""
    for pattern in _PATTERNS:
        if found := pattern.fullmatch(text):
            return int(found.group(1))
    return None
