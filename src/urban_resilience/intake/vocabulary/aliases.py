"""The seed of column aliases: which header means which column of which table."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from urban_resilience.intake.cells.text import REMEMBERED, key
from urban_resilience.intake.vocabulary import pinyin
from urban_resilience.intake.vocabulary.contract import YEARBOOK, contract, shipped_series
from urban_resilience.intake.vocabulary.headers import Header, LeftOver
from urban_resilience.intake.vocabulary.mapping import Said, in_force
from urban_resilience.intake.vocabulary.peel import Peeled, peel
from urban_resilience.intake.vocabulary.units import find_unit
from urban_resilience.shared.problems import IntakeError, Problem
from urban_resilience.shared.project import SeedRow, seed_rows

ANY_TABLE, LONG_LAYOUT, FILE_NAME = "any", "long_layout", "(file name)"
# Columns of a sheet with one figure a row, beside its keys.
LONG_COLUMNS = ("indicator", "value", "unit")
NEAREST = 3
LEAST_LIKENESS = 0.5
# Ends names of what is counted, and is often left out.
NUMBER_OF = "数"
# Keys whose aliases the seed lists once for every table that has them.
CITY_NAME = "city_name_zh"
# No column of any table: it says which of two cities of one name is meant.
PROVINCE_NAME = "province_name"


@dataclass(frozen=True)
class Alias:
    """A known header of a column; ``implied_unit`` holds where the header states no other.

    ``said`` is the row of the folder's own ``columns.csv`` that says so: its unit holds whatever
    the header states.
    """

    text: str
    column: str
    implied_unit: str
    said: Said | None = None


@cache
def alias_rows() -> tuple[SeedRow, ...]:
    """Rows of the seed, every table and column of which is known.

    Raises
    ------
    IntakeError
        Naming the alias that speaks for a table or column that does not exist.
    """
    tables = {
        table.name: {*table.names, CITY_NAME, PROVINCE_NAME, FILE_NAME}
        for table in contract().values()
    }
    # A study may lack series that the shipped one has names for.
    tables[YEARBOOK] |= shipped_series()
    tables[ANY_TABLE] = set().union(*tables.values())
    tables[LONG_LAYOUT] = {*tables[ANY_TABLE], *LONG_COLUMNS}
    rows = tuple(seed_rows("column_aliases"))
    for row in rows:
        if row["column_name"] not in tables.get(row["table_name"], ()):
            place = f"`{row['column_name']}` of `{row['table_name']}`"
            what = f"alias {row['alias']!r} stands for {place}, which does not exist."
            raise IntakeError([Problem(row.seed, what, "Correct the row.")])
    return rows


@cache
def aliases(table: str) -> dict[str, Alias]:
    """Known headers of a table by their key, contract names included."""
    known: dict[str, Alias] = {}
    columns = () if table == LONG_LAYOUT else contract()[table].columns
    names = {column.name for column in columns}
    for column in columns:
        # The name of a contract column states its unit.
        known[key(column.name)] = Alias(column.name, column.name, column.unit)
    if "city_code" in names:
        # A city may be given by its name alone, or with its province.
        names |= {CITY_NAME, PROVINCE_NAME}
    for row in alias_rows():
        target, implied = row["column_name"], row["implied_unit"]
        of_series = row["table_name"] == YEARBOOK and target in shipped_series() - names
        here = row["table_name"] == table or (row["table_name"] == ANY_TABLE and target in names)
        here = here and not of_series
        if here and target != FILE_NAME:
            known.setdefault(key(row["alias"]), Alias(row["alias"], target, implied))
    for column in columns:
        # Of keys the seed of aliases has what they are called in Chinese.
        names_of = (column.name_en, column.name_zh) if column.dimension else (column.name_en,)
        for name in filter(None, names_of):
            known.setdefault(key(name), Alias(name, column.name, ""))
    return known


@cache
def in_pinyin(table: str) -> dict[str, Alias]:
    """Known Chinese headers of a table in Latin letters, but for those that may be two columns."""
    known, found, columns = aliases(table), dict[str, Alias](), dict[str, set[str]]()
    for spelling, alias in known.items():
        for text in pinyin.spellings(spelling):
            found.setdefault(text, alias)
            columns.setdefault(text, set()).add(alias.column)
    return {t: a for t, a in found.items() if len(columns[t]) == 1 and t not in known}


@cache
def by_initials(table: str) -> dict[str, tuple[Alias, ...]]:
    """Known Chinese headers of a table by their first letters in pinyin, one for each column."""
    found: dict[str, dict[str, Alias]] = {}
    for spelling, alias in aliases(table).items():
        if letters := pinyin.initials(spelling):
            found.setdefault(letters, {}).setdefault(alias.column, alias)
    return {letters: tuple(of.values()) for letters, of in found.items()}


@cache
def file_words() -> tuple[tuple[str, str], ...]:
    """Words in file names that speak for a table, longest first."""
    words = [(key(name), name) for name in contract()]
    words += [
        (key(row["alias"]), row["table_name"])
        for row in alias_rows()
        if row["column_name"] == FILE_NAME
    ]
    return tuple(sorted(words, key=lambda word: -len(word[0])))


def find_alias(table: str, header: Header) -> Alias | None:
    """Look a header up; the spelling with most of its qualifiers wins."""
    found = resolve(table, header)
    return None if found is None else found.alias


@dataclass(frozen=True)
class Found:
    """A header that is known.

    Attributes
    ----------
    alias
        What it means.
    header
        The header, with unit and area that its known name leaves over.
    left_over
        What else the name leaves over.
    """

    alias: Alias
    header: Header
    left_over: LeftOver


def resolve(table: str, header: Header) -> Found | None:
    """Look a header up, and say what its known name leaves over.

    What ``columns.csv`` of the folder says of a header goes before everything; nothing is left
    over where it speaks of the header as a whole. Then come the seeds, and then what is left of
    the header without the words at its ends.
    """
    own = said_of(header)
    if own is not None:
        said, core = own
        if said.column not in columns_of(table):
            return None
        known_as = _of_seeds(table, header)
        same = known_as is not None and known_as[0].column == said.column
        implied = known_as[0].implied_unit if known_as is not None and same else ""
        alias = Alias(said.header, said.column, said.unit or implied, said)
        return Found(alias, header, header.left_over(core) if core else LeftOver())
    known_as = _of_seeds(table, header)
    if known_as is not None:
        return Found(known_as[0], header, header.left_over(known_as[1]))
    return _peeled(table, header)


@lru_cache(maxsize=REMEMBERED)
def _peeled(table: str, header: Header) -> Found | None:
    """Look up what is left of a header without the words at its ends; it must be a series."""
    # A figure of a text file, asked whether it is a header, holds no word to take off.
    has_words = any(map(str.isalpha, header.text))
    series = measured(table) if has_words and table != LONG_LAYOUT else {}
    known = aliases(table)
    whole = (Peeled(core, header.left_over(core)) for core in header.cores)
    for peeled in (*whole, *peel(header.text)) if series else ():
        # 移动电话用户 is 移动电话用户数.
        alias = known.get(peeled.core) or known.get(f"{peeled.core}{NUMBER_OF}")
        if alias is None or alias.column not in series:
            continue
        if peeled.is_written_on and find_unit(series[alias.column], peeled.unit) is None:
            # 人 ends a word of the name, and is no unit of it.
            continue
        refined = replace(
            header, unit=header.unit or peeled.unit, scope=header.scope or peeled.scope
        )
        return Found(alias, refined, peeled.left_over)
    return None


@cache
def measured(table: str) -> dict[str, str]:
    """Dimension of each column of a table that holds figures."""
    return {c.name: c.dimension for c in contract()[table].columns if c.dimension}


def _of_seeds(table: str, header: Header) -> tuple[Alias, str] | None:
    for known in (aliases(table), in_pinyin(table)):
        for core in header.cores:
            if found := known.get(core) or known.get(pinyin.without_tones(core)):
                return found, core
    return None


def said_of(header: Header) -> tuple[Said, str] | None:
    """Return what ``columns.csv`` of the folder says of a header, None where nothing."""
    rows = in_force()
    return None if rows is None else rows.find(header.text, header.cores)


def mark_used(header: Header) -> None:
    """Count the row of the folder's own mapping that speaks of a header as used."""
    rows, own = in_force(), said_of(header)
    if rows is not None and own is not None:
        rows.mapping.used.add(own[0])


@cache
def columns_of(table: str) -> frozenset[str]:
    """Names that a header of a table, or of the long layout, can stand for."""
    if table == LONG_LAYOUT:
        return frozenset(LONG_COLUMNS)
    names = frozenset(contract()[table].names)
    return names | {CITY_NAME, PROVINCE_NAME} if "city_code" in names else names


def nearest(table: str, header: str, columns: Iterable[str] | None = None) -> list[str]:
    """Known headers of a table that look like this one, with the column they mean; never a key.

    A header that is unknown beside the keys is a series, and nothing that tells rows apart.
    """
    keys = {CITY_NAME, PROVINCE_NAME}
    keys |= set(contract()[table].grain) if table in contract() else set()
    wanted = columns_of(table) - keys if columns is None else set(columns)
    known = {
        spelling: alias for spelling, alias in aliases(table).items() if alias.column in wanted
    }
    close = difflib.get_close_matches(key(header), known, NEAREST, LEAST_LIKENESS)
    named = [alias for alias in by_initials(table).get(key(header), ()) if alias.column in wanted]
    named += [known[spelling] for spelling in close]
    return list(dict.fromkeys(f"{alias.text} ({alias.column})" for alias in named))[:NEAREST]


def meant_by_initials(headers: Iterable[str]) -> str:
    """Say what headers may mean of which most are first letters in pinyin; empty of others."""
    texts = list(headers)
    meant = {text: by_initials(YEARBOOK).get(key(text), ()) for text in texts}
    found = {text: aliases_of[0] for text, aliases_of in meant.items() if aliases_of}
    if len(found) * 2 <= len(texts):
        return ""
    listed = ", ".join(f"{text} may be {alias.text}" for text, alias in found.items())
    return f"initials are not read, for they may be several: {listed}"
