"""One column header: its core, its unit, the area it covers, a year it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from urban_resilience.intake.cells.text import REMEMBERED, clean_header, key
from urban_resilience.intake.vocabulary.units import is_unit, unit_key, unit_keys

WHOLE_CITY, CITY_PROPER = "city", "urban"
_SCOPES = {
    "全市": WHOLE_CITY,
    "市域": WHOLE_CITY,
    "whole city": WHOLE_CITY,
    "total city": WHOLE_CITY,
    "市辖区": CITY_PROPER,
    "市区": CITY_PROPER,
    "city proper": CITY_PROPER,
    "districts under city": CITY_PROPER,
    "urban districts": CITY_PROPER,
}
# In a column of areas alone: 城区面积 in a header is a series of its own.
_AREA_CELLS = {
    "全域": WHOLE_CITY,
    "全地区": WHOLE_CITY,
    "whole": WHOLE_CITY,
    "total": WHOLE_CITY,
    "城区": CITY_PROPER,
    "主城区": CITY_PROPER,
    "中心城区": CITY_PROPER,
    "建成区": CITY_PROPER,
    "districts": CITY_PROPER,
    "urban": CITY_PROPER,
    "urban area": CITY_PROPER,
}
_BRACKET = re.compile(r"\(([^()]*)\)")
# 城市区域 is no 市区.
_SCOPE = re.compile("|".join(f"(?<!城){s}" for s in sorted(_SCOPES, key=len, reverse=True)))
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:年度?|年末)?(?!\d)")
# 2013年1-12月 is no day.
_DAY = re.compile(
    r"(?<!\d)(?:19|20)\d\d([-_./年])(?!12[-_./月]31)\d{1,2}[-_./月]\d{1,2}(?!\d|月)日?"
)
# A comma between digits is part of a number.
_IN_BRACKETS = re.compile(r"[;、]|,(?!\d{3})")
_SEPARATOR = re.compile(r"[\s_:/,、-]+")
# `中国城市统计年鉴2018`, `China City Statistical Yearbook 2018`; else `2018年统计年鉴`.
_VOLUMES = (
    re.compile(r"(?:年鉴|(?<!city_)yearbook)[\s_(·:,.》」—–―-]*((?:19|20)\d\d)(?!\d)(?:年版?|卷)?"),
    re.compile(r"(?<!\d)((?:19|20)\d\d)年?版?[^\d,;]{0,24}?(?:年鉴|(?<!city_)yearbook)"),
)
# `一、地区生产总值`, `(二)财政收入`: 一、二、三产业 are no list.
_ENUMERATED = re.compile(
    r"^(?:[一二三四五六七八九十]{1,2}、(?![一二三四五六七八九十])|\([一二三四五六七八九十]{1,2}\)"
    r"|\d{1,2}[.、]\s*(?=[\u4e00-\u9fff]{2}))\s*(?=.{2})"
)
_TWO_DIGITS = re.compile(r"^(.*[^\W\d])[_ ]?(\d\d)$")
_PER_HEAD = re.compile(r"^人均|平均每人|per capita|per head|per person")


@dataclass(frozen=True)
class LeftOver:
    """What a core of a header does not hold.

    Attributes
    ----------
    pieces
        Contents of brackets that are neither unit nor area.
    beside
        The name in another language or line, or a heading above: it may say the same again.
    years
        Years that were taken out.
    """

    pieces: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    years: tuple[int, ...] = ()


@dataclass(frozen=True)
class Header:
    """A header taken apart.

    Attributes
    ----------
    text
        As printed, on one line; a name in a second row of headers behind a stroke.
    cores
        Keys to look up, the most telling first: with all its qualifiers, then without.
    unit
        Spelling of the unit, empty where the header states none.
    scope
        ``city``, ``urban`` (city proper, 市辖区) or empty.
    """

    text: str
    cores: tuple[str, ...]
    unit: str
    scope: str
    _left_over: tuple[tuple[str, LeftOver], ...] = ()

    def left_over(self, core: str) -> LeftOver:
        """Return what a spelling of the header leaves out, by one of `cores`."""
        return dict(self._left_over).get(core, LeftOver())

    @property
    def is_per_head(self) -> bool:
        """Whether the header is of a ratio to heads, which is no level."""
        return bool(_PER_HEAD.search(clean_header(self.text)))


def parse_header(cell: object, below: object = None) -> Header:
    """Take a header apart.

    Parameters
    ----------
    cell
        The header cell.
    below
        A cell of a second header row (a unit, 全市 or 市辖区), if there is one.
    """
    return _parsed(str(cell), None if below is None else str(below))


@lru_cache(maxsize=REMEMBERED)
def _parsed(cell: str, below: str | None) -> Header:
    text = " ".join(cell.split())
    if below and not below.startswith("(") and not is_unit(below):
        text = f"{text} / {' '.join(below.split())}"
    plain = _ENUMERATED.sub("", clean_header(cell))
    unit, scope, kept = "", "", plain
    second = clean_header(below) if below is not None else ""
    in_brackets: list[str] = []
    # Brackets inside brackets, `GDP(2005年不变价(万元))`, come out one after the other.
    outer = plain
    while contents := _BRACKET.findall(outer):
        for content in contents:
            found = [_meaning(piece) for piece in _pieces(content)]
            unit = unit or next((u for u, _, _ in found if u), "")
            scope = scope or next((s for _, s, _ in found if s), "")
            rest = [piece for _, _, piece in found if piece]
            in_brackets += rest
            kept = kept.replace(f"({content})", f"({','.join(rest)})" if rest else " ")
        outer = _BRACKET.sub(" ", outer)
    of_second = [piece for content in _BRACKET.findall(second) for piece in _pieces(content)]
    name_below = []
    for piece in [*of_second, _BRACKET.sub(" ", second).strip()]:
        found_unit, found_scope, other = _meaning(piece)
        unit, scope = unit or found_unit, scope or found_scope
        name_below += [other] if other else []
    bare_scope = _SCOPE.search(kept)
    if bare_scope:
        scope = scope or _SCOPES[bare_scope.group()]
        kept = _SCOPE.sub(" ", kept)
    without_brackets = _without_brackets(kept)
    beside = tuple(name_below)
    pieces = tuple(in_brackets)
    stripped = LeftOver(pieces, beside)
    name_alone = key(without_brackets)
    cores = [
        # A heading and the name below it, or a name and its brackets, may be one known name.
        *((name_alone + key(name), LeftOver(pieces)) for name in name_below),
        (key(plain), LeftOver(beside=beside)),
        (key(kept), LeftOver(beside=beside)),
        (name_alone + key("".join(pieces)), LeftOver(beside=beside)),
        (name_alone, stripped),
    ]
    if not unit:
        tail_core, unit = _unit_at_the_end(without_brackets)
        if unit:
            # `gdp_100m_yuan` is also a contract name as a whole, so the whole comes first.
            cores.append((key(tail_core), stripped))
    years = tuple(sorted({int(year) for year in _YEAR.findall(kept)}))
    if years:
        for name, of_name in ((kept, ()), (without_brackets, pieces)):
            cores.append((key(_YEAR.sub(" ", name)), LeftOver(of_name, beside, years)))
        tail_core, tail_unit = _unit_at_the_end(_YEAR.sub(" ", without_brackets).strip(" _-"))
        if tail_unit:
            unit = unit or tail_unit
            cores.append((key(tail_core), LeftOver(stripped.pieces, beside, years)))
    # Chinese and English in one cell: each half may be known.
    halves = [part for part in cell.split("\n") if part.strip()]
    for number, part in enumerate(halves if len(halves) > 1 else []):
        others = (*halves[:number], *halves[number + 1 :], *beside)
        half = _parsed(part, None)
        unit, scope = unit or half.unit, scope or half.scope
        cores += [
            (core, LeftOver(left.pieces, (*left.beside, *others), left.years))
            for core, left in half._left_over
        ]
    if second:
        cores.append((key(second), LeftOver(beside=(plain,))))
        cores.append((key(_BRACKET.sub(" ", second)), LeftOver(beside=(plain,))))
    left_over: dict[str, LeftOver] = {}
    for core, left in cores:
        if core:
            left_over.setdefault(core, left)
    return Header(text, tuple(left_over), unit, scope, tuple(left_over.items()))


def _without_brackets(text: str) -> str:
    while (shorter := _BRACKET.sub(" ", text)) != text:
        text = shorter
    return text


def _pieces(content: str) -> list[str]:
    """Take what stands in brackets apart: `亿元,当年价` is two things, `10,000 yuan` one."""
    whole = content.strip()
    if whole in _SCOPES or is_unit(whole):
        return [whole]
    return [piece.strip() for piece in _IN_BRACKETS.split(content) if piece.strip()]


def _meaning(piece: str) -> tuple[str, str, str]:
    """Return unit, area and, where it is neither, the piece itself."""
    if piece in _SCOPES:
        return "", _SCOPES[piece], ""
    if is_unit(piece):
        return unit_key(piece), "", ""
    return "", "", piece


def _unit_at_the_end(plain: str) -> tuple[str, str]:
    """Split `gdp_万元`, `gdp, 10,000 yuan` or `地区生产总值万元` into core and unit."""
    plain = plain.strip()
    # From the left, so that `gdp_100m_yuan` ends in `100m_yuan` and not in `yuan`.
    for separator in _SEPARATOR.finditer(plain):
        core, tail = plain[: separator.start()], plain[separator.end() :]
        if core and is_unit(tail):
            return core, unit_key(tail)
    letters = key(plain)
    for unit in _written_on():
        if letters.endswith(unit):
            return letters[: -len(unit)], unit
    return plain, ""


@cache
def _written_on() -> tuple[str, ...]:
    """Units that may follow a name without a separator, the longest first."""
    # One letter alone (元, 人) ends too many words to be taken for a unit.
    telling = (unit for unit in unit_keys() if len(unit) > 1 and not unit.isascii())
    return tuple(sorted(telling, key=len, reverse=True))


def year_in(text: object) -> int | None:
    """Return the one year that a text names, such as a sheet called `2013年`.

    The year of a yearbook's volume is left out: see `volume_year_in`.
    """
    plain = clean_header(text)
    volume = _volume_of(plain)
    # The day on which a file was saved is no year of its figures.
    rest = _DAY.sub(" ", volume.sub(" ", plain) if volume else plain)
    years = {int(year) for year in _YEAR.findall(rest)}
    if volume and all(pattern.search(plain) for pattern in _VOLUMES):
        # `2018年鉴2018` names its volume twice.
        years -= {int(year) for year in volume.findall(plain)}
    return years.pop() if len(years) == 1 else None


def two_digits_behind(text: object) -> tuple[str, int] | None:
    """Split `gdp10` or `gdp_05` into name and number; None for anything else."""
    # Figures of a text file are asked too.
    is_figure = str(text)[:1].isdigit()
    found = None if is_figure else _TWO_DIGITS.match(clean_header(text))
    return (found.group(1).strip("_ "), int(found.group(2))) if found else None


def volume_year_in(text: object) -> int | None:
    """Return the year of the one yearbook that a text names; its figures are of the year before."""
    plain = clean_header(text)
    volume = _volume_of(plain)
    found = {int(year) for year in volume.findall(plain)} if volume else set()
    return found.pop() if len(found) == 1 else None


def _volume_of(plain: str) -> re.Pattern[str] | None:
    """Pattern that finds the volume in a text, None where it names none."""
    behind, before = _VOLUMES
    years = [[int(year) for year in pattern.findall(plain)] for pattern in _VOLUMES]
    if all(years) and max(years[1]) == max(years[0]) + 1:
        # `2018年鉴 2017年数据`: what stands behind is the year of the figures.
        return before
    return behind if years[0] else before if years[1] else None


def area_of(text: object) -> str:
    """Return the area that a cell names and nothing else: 全市 or 市辖区; empty otherwise."""
    plain = clean_header(text).strip("() ") if isinstance(text, str) else ""
    return _SCOPES.get(plain) or _AREA_CELLS.get(plain, "")


def scope_of_word(word: str) -> str:
    """Return the area that a cleaned word is, empty where it is none."""
    return _SCOPES.get(word, "")


def scope_in(text: object) -> str:
    """Return the area that a title or sheet name covers, empty where it names none or both."""
    scopes = {_SCOPES[found] for found in _SCOPE.findall(clean_header(text))}
    return scopes.pop() if len(scopes) == 1 else ""
