"""Columns of a sheet to columns of the contract, with units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from urban_resilience.intake.cells.numbers import IDENTITY, Conversion, is_missing
from urban_resilience.intake.cells.text import clean_header, key
from urban_resilience.intake.reading.grid import is_text
from urban_resilience.intake.recognition.magnitudes import resolve_unit
from urban_resilience.intake.recognition.same_figures import the_same
from urban_resilience.intake.vocabulary.aliases import (
    CITY_NAME,
    LONG_LAYOUT,
    PROVINCE_NAME,
    Alias,
    Found,
    aliases,
    columns_of,
    find_alias,
    mark_used,
    nearest,
    resolve,
    said_of,
)
from urban_resilience.intake.vocabulary.cities import resolve_name
from urban_resilience.intake.vocabulary.contract import INDUSTRY, Table
from urban_resilience.intake.vocabulary.headers import (
    CITY_PROPER,
    Header,
    LeftOver,
    parse_header,
    two_digits_behind,
)
from urban_resilience.intake.vocabulary.industries import mean_digits, other_edition
from urban_resilience.intake.vocabulary.mapping import IGNORE, MAPPING_FILE
from urban_resilience.intake.vocabulary.peel import peel
from urban_resilience.intake.vocabulary.places import province_of
from urban_resilience.intake.vocabulary.qualifiers import caution, meanings, other_series, why_not
from urban_resilience.intake.vocabulary.units import unit_of
from urban_resilience.shared.problems import FileFault

SAMPLE_CELLS = 500
PER_HEAD = "a ratio to heads or area"
# What a title says of all series of a sheet; 经济增长 may be the subject of a study.
_OF_WHOLE_SHEETS = (
    ("a growth rate", re.compile(r"增速|增长(?:速度|率|情况|幅度)|[增涨]幅")),
    ("a share", re.compile(r"构成|占比|比重")),
    (PER_HEAD, re.compile(r"人均")),
)
_SAYS_TWO = re.compile(r"[及和与、，,;]|以及|绝对|总量|\band\b|&")
NO_HEADER = "it has no header"


@dataclass(frozen=True)
class Matched:
    """A column of a sheet that became a column of the contract.

    ``position`` counts from 0; ``target`` may be the name of the city or of the long layout;
    ``unit`` is the one that the figures were read in, empty where each row has its own.
    """

    position: int
    header: str
    target: str
    conversion: Conversion = IDENTITY
    note: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Ignored:
    """A column that was left out, and why; of a sheet that is not used, its headers."""

    header: str
    reason: str
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Matches:
    """All columns of one sheet."""

    matched: tuple[Matched, ...]
    ignored: tuple[Ignored, ...]
    faults: tuple[FileFault, ...]

    def position(self, target: str) -> int | None:
        """Position of a target column, None where the sheet has none."""
        return self._positions.get(target)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {match.target: match.position for match in reversed(self.matched)}

    @property
    def targets(self) -> set[str]:
        """Names of everything that was found."""
        return {match.target for match in self.matched}


def targets_of(table: str, headers: Iterable[Header]) -> set[str]:
    """Columns of a table that the headers name, whatever their units."""
    found = (find_alias(table, header) for header in headers)
    return {alias.column for alias in found if alias is not None}


def find_position(table: str, headers: Sequence[Header | None], column: str) -> int | None:
    """Position of the first header that names a column of a table."""
    for position, header in enumerate(headers):
        alias = None if header is None else find_alias(table, header)
        if alias is not None and alias.column == column:
            return position
    return None


def long_targets(headers: Sequence[Header]) -> dict[str, int]:
    """Positions of the indicator, value and unit columns of a long layout."""
    found: dict[str, int] = {}
    for position, header in enumerate(headers):
        alias = find_alias(LONG_LAYOUT, header)
        if alias is not None:
            found.setdefault(alias.column, position)
    return found


def match_columns(
    table: Table,
    headers: Sequence[Header | None],
    cells: Sequence[Sequence[object]],
    sheet_unit: str = "",
    sheet_scope: str = "",
    sheet_year: int | None = None,
    titles: Sequence[str] = (),
    is_sample: bool = False,
) -> Matches:
    """Match every header of a sheet with a column of the table.

    Parameters
    ----------
    table
        The contract.
    headers
        One per column; None where there is no header.
    cells
        Data column by column: magnitudes settle what a header without a unit means.
    sheet_unit, sheet_scope
        What a title row says for the whole sheet (`单位：万元`, `市辖区`).
    sheet_year, titles
        Year of a sheet without a column of years, and the texts that may name what it holds.
    is_sample
        Whether the cells are those of the first rows only.
    """
    candidates: dict[str, list[tuple[int, Header, Alias]]] = {}
    ignored: list[Ignored] = []
    faults: list[FileFault] = []
    has_years = "year" in targets_of(table.name, [h for h in headers if h is not None])
    for position, header in enumerate(headers):
        if header is None:
            if any(isinstance(cell, int | float) for cell in cells[position]):
                ignored.append(Ignored(f"column {position + 1}", NO_HEADER))
            continue
        found = resolve(table.name, header)
        reason = _no_match(table, header, found, sheet_scope)
        if found is not None and not reason:
            reason = _another_series(table, found, has_years, sheet_year)
        if reason or found is None:
            ignored.append(Ignored(header.text, reason))
        else:
            claim = position, found.header, found.alias
            candidates.setdefault(found.alias.column, []).append(claim)
    ignored += _other_editions(candidates, faults)
    ignored += _further_industries(candidates, cells)
    names = candidates.get(CITY_NAME, [])
    has_code_alone = "city_code" in candidates and PROVINCE_NAME not in candidates
    if has_code_alone and len(names) == 1 and _are_provinces(cells[names[0][0]], alone=True):
        # `地区` beside codes of cities may be the province.
        candidates[PROVINCE_NAME] = candidates.pop(CITY_NAME)
    n_cities = _count_cities(candidates, cells)
    of_sheet = _kind_of_sheet(titles, candidates, table)
    matched = []
    for target, claims in candidates.items():
        if len(claims) > 1 and target == CITY_NAME:
            # `地区` may be the city or the part of the country.
            claims.sort(key=lambda claim: -_count_known_cities(cells[claim[0]]))
            for position, header, _ in claims[1:]:
                if PROVINCE_NAME not in candidates and _are_provinces(cells[position]):
                    matched.append(Matched(position, header.text, PROVINCE_NAME))
                else:
                    ignored.append(Ignored(header.text, "a second name of the city"))
        elif len(claims) > 1 and target == PROVINCE_NAME:
            claims.sort(key=lambda claim: not _are_provinces(cells[claim[0]]))
            ignored += [Ignored(c[1].text, "a second name of the province") for c in claims[1:]]
        elif len(claims) > 1:
            known = table.column(target) if target in table.names else None
            same = [] if is_sample else the_same(claims, cells, known, sheet_unit, n_cities)
            if not same:
                named = " and ".join(f"`{header.text}`" for _, header, _ in claims)
                faults.append(
                    FileFault(
                        f"{named} both read as `{target}`.",
                        f"Say in {MAPPING_FILE} which is to be ignored, or rename or delete it.",
                    )
                )
                continue
            claims[:] = same
            kept = same[0][1].text
            ignored += [Ignored(c[1].text, f"the same figures as `{kept}`") for c in same[1:]]
        position, header, alias = claims[0]
        if target not in table.names:
            matched.append(Matched(position, header.text, target))
            continue
        column = table.column(target)
        if of_sheet and column.dimension and not _says_its_kind(header, of_sheet):
            ignored.append(Ignored(header.text, f"the title: {of_sheet[1]}"))
            continue
        try:
            choice, note = resolve_unit(
                column, alias, header, sheet_unit, cells[position], n_cities
            )
        except FileFault as fault:
            faults.append(fault)
            continue
        if choice is None:
            ignored.append(Ignored(header.text, note))
        else:
            careful = next(filter(None, map(caution, (header.text, alias.text))), "")
            note = "; ".join(filter(None, (note, careful)))
            unit = unit_of(column.dimension, column.unit, choice)
            matched.append(Matched(position, header.text, target, choice, note, unit))
    against = _title_against(titles, matched, table)
    if against:
        lost = [m for m in matched if m.target in table.names and table.column(m.target).dimension]
        matched = [match for match in matched if match not in lost]
        ignored += [Ignored(match.header, f"the title: {against}") for match in lost]
    return Matches(tuple(matched), tuple(ignored), tuple(faults))


def _no_match(table: Table, header: Header, found: Found | None, sheet_scope: str) -> str:
    """Why a header is left out; empty where it is not."""
    if why := why_left_out(header, table):
        return why
    if found is None:
        return why_unknown(table, header)
    own = said_of(header)
    is_said = own is not None and not own[1]
    scope = sheet_scope if is_said else found.header.scope or sheet_scope
    column = found.alias.column
    wanted = table.column(column).area_scope if column in table.names else ""
    if wanted == "city" and scope == CITY_PROPER:
        return f"city proper (市辖区): not the series of the whole city that `{column}` is"
    return ""


def why_unknown(table: Table, header: Header) -> str:
    """Say what a header that no column has may be, or what it is instead."""
    cores = (peeled.core for peeled in peel(header.text))
    # `#第二产业` is a part of what stands before it.
    bare = header.text.lstrip("#＃ ")
    known_as = (header.text, bare, *header.cores, *cores) if table.row_is_city else ()
    what = next(filter(None, map(other_series, known_as)), "")
    if what:
        return what
    if header.is_per_head:
        return "a figure per head, not the level that the contract asks for"
    numbered = two_digits_behind(header.text)
    if numbered and targets_of(table.name, [parse_header(numbered[0])]):
        return (
            f"the {numbered[1]:02} behind `{numbered[0]}` may be a year, a base year or a "
            f"count: say in {MAPPING_FILE} which column it is"
        )
    said = meanings(header.text)
    says = f"unknown; its words say: {', '.join(sorted(said))}" if said else "unknown"
    close = nearest(table.name, header.text)
    return f"{says}; nearest: {', '.join(close)}" if close else says


def why_left_out(header: Header, table: Table) -> str:
    """Say why the folder's own ``columns.csv`` leaves a header out; empty where it does not."""
    own = said_of(header)
    if own is None:
        return ""
    said = own[0]
    if said.column != IGNORE and said.column not in columns_of(table.name):
        return f"{said.place}, says it is `{said.column}`, which {table.name} has not"
    mark_used(header)
    return f"left out by {said.place}" if said.column == IGNORE else ""


def _another_series(table: Table, found: Found, has_years: bool, sheet_year: int | None) -> str:
    """Say why what stands beside the name of a series makes another one of it; empty if not."""
    alias, left_over = found.alias, found.left_over
    is_series = alias.column in table.names and bool(table.column(alias.column).dimension)
    if left_over.years and is_series:
        named = ", ".join(map(str, left_over.years))
        if has_years:
            return f"a figure of {named} beside a column of years: it holds for no other"
        if left_over.years != (sheet_year,):
            return f"a figure of {named}, the sheet is of {sheet_year}"
    if not is_series:
        return ""
    column = table.column(alias.column)
    # The same name again, as in `地区生产总值(GDP)`, says nothing new.
    pieces = (
        p for p in left_over.pieces if targets_of(table.name, [parse_header(p)]) != {column.name}
    )
    left_over = replace(left_over, pieces=tuple(pieces))
    return why_not(left_over, (alias.text, column.name_zh, column.name.replace("_", " ")))


def _title_against(titles: Sequence[str], matched: Sequence[Matched], table: Table) -> str:
    """Say what in a title makes another series of the one that its sheet holds."""
    series = [m for m in matched if m.target in table.names and table.column(m.target).dimension]
    if len(series) != 1:
        return ""
    column = table.column(series[0].target)
    names = (series[0].header, column.name_zh, column.name.replace("_", " "))
    for title in titles:
        if why := why_not(LeftOver(beside=(title,)), names):
            return why
        if "构成" in title and column.dimension != "share":
            return f"`{' '.join(title.split())}` makes it another series: a share"
    return ""


def _kind_of_sheet(
    titles: Sequence[str], candidates: Mapping[str, Sequence[object]], table: Table
) -> tuple[set[str], str] | None:
    """Say what a title makes of every series of its sheet, with its words; None where nothing.

    `主要指标增长速度` and `人均指标` are of all columns; a title that names a series, or says two
    things, speaks for no other.
    """
    series = [name for name in candidates if name in table.names and table.column(name).dimension]
    if len(series) < 2:
        return None
    for title in titles:
        plain = clean_header(title)
        said = {what for what, words in _OF_WHOLE_SHEETS if words.search(plain)}
        # A file is named after the subject of its owner's study too.
        said -= {PER_HEAD} if title == titles[-1] else set()
        if said and not _SAYS_TWO.search(plain) and not _names_series(table, title):
            named = f"`{' '.join(title.split())[:60]}` makes it another series: "
            return said, named + ", ".join(sorted(said))
    return None


def _names_series(table: Table, title: str) -> bool:
    plain = key(title)
    return any(len(name) > 2 and name in plain for name in aliases(table.name))


def _says_its_kind(header: Header, of_sheet: tuple[set[str], str]) -> bool:
    """Whether a header says itself what its figures are: by a unit, or as its title does."""
    said, _ = of_sheet
    if said & meanings(header.text):
        return True
    return bool(header.unit) and PER_HEAD not in said


def _other_editions(
    candidates: dict[str, list[tuple[int, Header, Alias]]], faults: list[FileFault]
) -> list[Ignored]:
    """Leave codes of an older GB/T 4754 out: the same digits are another industry there."""
    claims = candidates.get(INDUSTRY, [])
    older = [claim for claim in claims if other_edition(claim[1].text)]
    if older and len(older) == len(claims):
        faults.append(
            FileFault(
                f"`{older[0][1].text}` holds codes of GB/T 4754-{other_edition(older[0][1].text)}, "
                "which mean other industries in that of 2011.",
                "Give codes of 2011 or 2017, or correct the header.",
            )
        )
    elif older:
        candidates[INDUSTRY] = [claim for claim in claims if claim not in older]
    return [Ignored(header.text, "codes of an older GB/T 4754") for _, header, _ in older]


def _further_industries(
    candidates: dict[str, list[tuple[int, Header, Alias]]], cells: Sequence[Sequence[object]]
) -> list[Ignored]:
    """Of code and name, or section and class, of one industry keep the most detailed code."""
    claims = candidates.get(INDUSTRY, [])
    if len(claims) < 2:
        return []
    claims.sort(key=lambda claim: -mean_digits(cells[claim[0]][:SAMPLE_CELLS]))
    candidates[INDUSTRY] = claims[:1]
    kept = claims[0][1].text
    return [Ignored(h.text, f"`{kept}` says the industry in more detail") for _, h, _ in claims[1:]]


def _count_known_cities(cells: Sequence[object]) -> int:
    return sum(resolve_name(cell) is not None for cell in cells[:SAMPLE_CELLS] if is_text(cell))


def _are_provinces(cells: Sequence[object], alone: bool = False) -> bool:
    """Whether most cells are provinces; ``alone``: and not all are cities too, as 北京 is."""
    filled = [cell for cell in cells[:SAMPLE_CELLS] if not is_missing(cell)]
    named = [cell for cell in filled if province_of(cell) is not None]
    if alone and all(resolve_name(cell) is not None for cell in named):
        return False
    return len(named) * 2 > len(filled)


def _count_cities(
    candidates: Mapping[str, Sequence[tuple[int, Header, Alias]]], cells: Sequence[Sequence[object]]
) -> int:
    for target in ("city_code", CITY_NAME):
        if target in candidates:
            return len({str(cell) for cell in cells[candidates[target][0][0]] if cell is not None})
    return 0
