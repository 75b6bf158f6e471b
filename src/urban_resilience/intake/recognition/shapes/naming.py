"""Series and cities that a title, a sheet or a file is named after."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import PurePosixPath

from urban_resilience.intake.cells.numbers import Unreadable, to_double
from urban_resilience.intake.cells.text import REMEMBERED, half_width
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.recognition.recognize import LONGEST_HEADER, YEARBOOK, parse
from urban_resilience.intake.vocabulary.aliases import find_alias
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.intake.vocabulary.places import (
    CITY,
    FORMER,
    PROVINCE,
    places_named,
    province_of,
)
from urban_resilience.intake.vocabulary.units import is_unit

_ONE_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_PLAIN_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_YEARS = r"(?:19|20)\d\d\s*年?(?:\s*[-—–~～至到_]+\s*(?:19|20)\d\d)?\s*年?(?:度|末)?"
_YEARS_WITHIN = re.compile(rf"[\s_(（]*{_YEARS}[\s_)）]*")
# What may stand before and behind the name of a series without making another of it.
_BEFORE = re.compile(
    rf"(?:指标|指标名称|城市|地区|省份|标题|名称|indicator|region|city)\s*:"
    rf"|附?表\s*[\d一二三四五六七八九十]*(?:[-—–.]\d+)*\s*[:、.]?|table\s*\d+(?:[-—–.]\d+)*\s*[:.]?"
    rf"|{_YEARS}|\d+(?:[-—–]\d+)+\s*|[a-z]?\d{{1,6}}[、._\s-]*(?=[^\d个])|历年|全国|中国|我国|各|分|按"
    r"|主要|部分|全部|\d+个|地级及以上|地级|级|及以上|城市|地区|市|的|面板数据|面板|数据|宽表|wide"
    r"|panel|data|china'?s?|chinese|prefecture(?:-level)?|cities|city|[-—–_\s.,:;、]+",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"(?:面板数据|面板|年度数据|统计数据|原始数据|数据|统计表|一览表|情况|表|汇总|整理|最终版|最终|原始|副本"
    rf"|宽表?|长表?|{_YEARS}|\({_YEARS}\)|\(\d{{6}}\)|[\s_-]\d|\s*\(\d\)"
    r"|分?各?(?:地级)?(?:城市|市)|历年|主要年份|统计资料|资料|统计年鉴|年鉴"
    r"|(?:国民经济和社会发展)?(?:统计)?公报"
    r"|(?:主要)?(?:国民|社会)?(?:经济|社会)?(?:和|与)?(?:经济|社会)?(?:发展)?(?:主要)?指标"
    r"|(?:by|of|in|for) (?:china'?s? |chinese )?(?:prefecture(?:-level)? )?(?:city|cities)"
    r"|data|panel|wide|long|final|copy|v\d|[-—–_\s.,:;、]+)$",
    re.IGNORECASE,
)
_UNIT_BEHIND = re.compile(r"\s*[(（]([^()（）]+)[)）]$")
# A base year is no year of the figures.
_BASE_YEAR = re.compile(r"不变|可比|基期|为基|constant|base|=\s*100", re.IGNORECASE)


FILE, FOLDER = "the name of the file", "the name of the folder"


def titles_of(grid: Grid, before: int) -> list[tuple[str, str]]:
    """Texts that may name a sheet, each with where it stands, the nearest first."""
    named = []
    for position in range(before):
        for cell in dict.fromkeys(str(cell) for cell in grid.rows[position] if is_text(cell)):
            named.append((cell, f"the title in row {grid.row_number(position)}"))
    if grid.has_own_title:
        return named
    path = PurePosixPath(grid.source.split(" [")[0])
    if grid.title and grid.title != path.stem:
        named.append((grid.title, "the name of the sheet"))
    named.append((path.stem, FILE))
    named += [(folder, FOLDER) for folder in reversed(path.parent.parts)]
    return named


def series_named(text: str) -> str:
    """Return the part of a text that is a known series with its unit; empty where none is.

    Everything else in the text must be known to add nothing: 人均地区生产总值 is no GDP. A year
    before it is the sheet's, not the series'.
    """
    plain = half_width(" ".join(str(text).split()))
    unit = _UNIT_BEHIND.search(plain)
    tail = unit.group(1) if unit and is_unit(unit.group(1)) else ""
    bare = plain[: unit.start()] if unit and tail else plain
    readings = [(plain, ""), (bare, f"({tail})" if tail else "")]
    if not _BASE_YEAR.search(plain):
        # Years between a name and its unit, as in GDP_2000_2019_亿元.
        readings += [(_YEARS_WITHIN.sub(" ", part), rest) for part, rest in readings]
    for part, rest in dict.fromkeys(readings):
        found = _search(part, _is_series_without_year)
        if found:
            return found.strip("-—–_ ") + rest
    return ""


def _is_series_without_year(text: str) -> bool:
    return series_of(text) is not None and not _ONE_YEAR.search(text)


def series_of(text: object) -> str | None:
    """Return the column of the yearbook that a header is, None where it is none."""
    if not is_text(text) or len(str(text)) > LONGEST_HEADER:
        return None
    alias = find_alias(YEARBOOK, parse(text))
    table = contract()[YEARBOOK]
    if alias is None or alias.column not in table.names:
        return None
    return alias.column if table.column(alias.column).dimension else None


def city_named(text: str) -> str:
    """Return the part of a text that is a city of the study; empty where none is.

    吉林 alone may be the province, and is none.
    """
    return _search(text, _is_one_city)


def _is_one_city(text: str) -> bool:
    if len(text.strip()) < 2:
        return False
    places = places_named(text)
    return len(places) == 1 and places[0].kind in (CITY, FORMER)


def is_place(cell: object) -> bool:
    """Whether a cell names a city, a county, a province or a total."""
    return is_text(cell) and _is_place(str(cell))


@lru_cache(maxsize=REMEMBERED)
def _is_place(text: str) -> bool:
    return bool(places_named(text) or province_of(text))


def are_places(cells: Iterable[object]) -> bool:
    """Whether more than half of the texts among some cells are places, and any are."""
    texts = list(dict.fromkeys(str(cell) for cell in cells if is_text(cell)))
    return sum(map(is_place, texts)) * 2 > len(texts)


def is_number(cell: object) -> bool:
    """Whether a cell is a number; in a text file every cell is text."""
    if isinstance(cell, str) and _PLAIN_NUMBER.fullmatch(cell):
        return True
    try:
        return to_double(cell) is not None
    except Unreadable:
        return False


def is_word(cell: object) -> bool:
    """Whether a cell holds words, and no number written as text."""
    return is_text(cell) and not is_number(cell)


def is_province(text: str) -> bool:
    """Whether a text is a province and no city."""
    places = places_named(text)
    return bool(places) and all(place.kind == PROVINCE for place in places)


def _search(text: str, fits: Callable[[str], bool]) -> str:
    """Peel harmless words off both ends until what is left fits; the longest that does."""
    plain = half_width(" ".join(str(text).split()))
    waiting, seen = [plain], {plain}
    while waiting:
        waiting.sort(key=len)
        part = waiting.pop()
        if part.strip() and fits(part.strip()):
            return part.strip()
        for shorter in _peeled(part):
            if shorter and shorter not in seen:
                seen.add(shorter)
                waiting.append(shorter)
    return ""


def _peeled(part: str) -> list[str]:
    shorter = []
    if (before := _BEFORE.match(part)) and before.end():
        shorter.append(part[before.end() :])
    if (behind := _BEHIND.search(part)) and behind.group():
        shorter.append(part[: behind.start()])
    # A province before the series says where its cities are.
    shorter += [part[n:] for n in range(2, min(len(part), 9)) if is_province(part[:n])]
    return shorter
