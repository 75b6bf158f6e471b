"""One column header: its core, its unit, the area it covers, a year it names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from urban_resilience.intake.text import clean_header, key
from urban_resilience.intake.units import is_unit, unit_key, unit_keys

WHOLE_CITY, CITY_PROPER = "city", "urban"
_SCOPES = {
    "全市": WHOLE_CITY,
    "whole city": WHOLE_CITY,
    "total city": WHOLE_CITY,
    "市辖区": CITY_PROPER,
    "市区": CITY_PROPER,
    "city proper": CITY_PROPER,
    "districts under city": CITY_PROPER,
    "urban districts": CITY_PROPER,
}
_BRACKET = re.compile(r"\(([^()]*)\)")
_SCOPE = re.compile("|".join(sorted(_SCOPES, key=len, reverse=True)))
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:年度?|年末)?(?!\d)")
_SEPARATOR = re.compile(r"[\s_:/,、-]+")
_PER_HEAD = re.compile(r"^人均|平均每人|per capita|per head|per person")


@dataclass(frozen=True)
class Header:
    """A header taken apart.

    Attributes
    ----------
    text
        As printed, on one line.
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
    text = " ".join(str(cell).split())
    plain = clean_header(cell)
    unit, scope, kept = "", "", plain
    second = clean_header(below) if below is not None else ""
    contents = _BRACKET.findall(plain) + _BRACKET.findall(second)
    for content in [*contents, _BRACKET.sub(" ", second)]:
        content = content.strip()
        if content in _SCOPES:
            scope = scope or _SCOPES[content]
        elif is_unit(content):
            unit = unit or unit_key(content)
        else:
            continue
        kept = kept.replace(f"({content})", " ")
    bare_scope = _SCOPE.search(kept)
    if bare_scope:
        scope = scope or _SCOPES[bare_scope.group()]
        kept = _SCOPE.sub(" ", kept)
    without_brackets = _BRACKET.sub(" ", kept)
    cores = [key(plain), key(kept), key(without_brackets)]
    if not unit:
        tail_core, unit = _unit_at_the_end(without_brackets)
        if unit:
            # `gdp_100m_yuan` is also a contract name as a whole, so the whole comes first.
            cores.append(key(tail_core))
    cores += [key(_YEAR.sub(" ", core)) for core in (kept, without_brackets)]
    # Chinese and English in one cell: each half may be known.
    cores += [key(part) for part in str(cell).split("\n") if part.strip()]
    cores += [key(_BRACKET.sub(" ", clean_header(part))) for part in str(cell).split("\n")]
    cores.append(key(second))
    return Header(text, tuple(dict.fromkeys(core for core in cores if core)), unit, scope)


def _unit_at_the_end(plain: str) -> tuple[str, str]:
    """Split `gdp_万元`, `gdp, 10,000 yuan` or `地区生产总值万元` into core and unit."""
    plain = plain.strip()
    # From the left, so that `gdp_100m_yuan` ends in `100m_yuan` and not in `yuan`.
    for separator in _SEPARATOR.finditer(plain):
        core, tail = plain[: separator.start()], plain[separator.end() :]
        if core and is_unit(tail):
            return core, unit_key(tail)
    for unit in sorted(unit_keys(), key=len, reverse=True):
        # One letter alone (元, 人) ends too many words to be taken for a unit.
        if len(unit) > 1 and not unit.isascii() and key(plain).endswith(unit):
            return key(plain)[: -len(unit)], unit
    return plain, ""


def year_in(text: object) -> int | None:
    """Return the one year that a text names, such as a sheet called `2013年`."""
    years = {int(year) for year in _YEAR.findall(clean_header(text))}
    return years.pop() if len(years) == 1 else None


def scope_in(text: object) -> str:
    """Return the area that a title or sheet name covers, empty where it names none or both."""
    scopes = {_SCOPES[found] for found in _SCOPE.findall(clean_header(text))}
    return scopes.pop() if len(scopes) == 1 else ""
