"""The seed of column aliases: which header means which column of which table."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from urban_resilience.intake.cells.text import key
from urban_resilience.intake.vocabulary.contract import YEARBOOK, contract, shipped_series
from urban_resilience.intake.vocabulary.headers import Header
from urban_resilience.intake.vocabulary.mapping import Said, in_force
from urban_resilience.shared.problems import IntakeError, Problem
from urban_resilience.shared.project import SeedRow, seed_rows

ANY_TABLE, LONG_LAYOUT, FILE_NAME = "any", "long_layout", "(file name)"
# Columns of a sheet with one figure a row, beside its keys.
LONG_COLUMNS = ("indicator", "value", "unit")
NEAREST = 3
LEAST_LIKENESS = 0.5
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
    found = find_core(table, header)
    return None if found is None else found[0]


def find_core(table: str, header: Header) -> tuple[Alias, str] | None:
    """Look a header up, and say which of its cores was known.

    What ``columns.csv`` of the folder says of a header goes before everything: the core is empty
    where it speaks of the header as a whole.
    """
    own = said_of(header)
    if own is not None:
        said, core = own
        if said.column not in columns_of(table):
            return None
        known_as = _of_seeds(table, header)
        same = known_as is not None and known_as[0].column == said.column
        implied = known_as[0].implied_unit if known_as is not None and same else ""
        return Alias(said.header, said.column, said.unit or implied, said), core
    return _of_seeds(table, header)


def _of_seeds(table: str, header: Header) -> tuple[Alias, str] | None:
    known = aliases(table)
    return next(((known[core], core) for core in header.cores if core in known), None)


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
    """Known headers of a table that look like this one, with the column they mean."""
    wanted = None if columns is None else set(columns)
    known = {
        spelling: alias
        for spelling, alias in aliases(table).items()
        if wanted is None or alias.column in wanted
    }
    close = difflib.get_close_matches(key(header), known, NEAREST, LEAST_LIKENESS)
    return [f"{known[spelling].text} ({known[spelling].column})" for spelling in close]
