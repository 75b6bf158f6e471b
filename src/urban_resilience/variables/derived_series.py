"""Series derived from others where the yearbook leaves a cell empty: rows of ``derived_series``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from urban_resilience.shared.names import column_fault
from urban_resilience.shared.project import seed_rows
from urban_resilience.variables.catalog import NUMBER, Catalog, Source
from urban_resilience.variables.compile import Step, compile_stage
from urban_resilience.variables.expression import ExpressionError, Node, parse
from urban_resilience.variables.types import type_of

DERIVED, DERIVED_STAGE = "derived_series", "derived"
CELLS = ("series", "expression", "imputation_code", "only_if")
# Columns of what a row gives; no series can have such a name beside that of a row.
PREFIX = "_derived_"
# What is no supplied figure is computed later, or is no figure of the city's yearbook.
READABLE = ("key", "series")
CODE = re.compile(r"(derived|stands_in)(_[a-z0-9]+)*")
SETTINGS = "study_settings"


@dataclass(frozen=True)
class Derivation:
    """One row.

    Attributes
    ----------
    name
        What it is called.
    series
        The series whose empty cells it fills.
    expression
        From other series of the same city, in the language of variables.
    imputation_code
        What a filled cell is marked with: ``derived...`` or ``stands_in...``.
    only_if
        Setting of the study that must be true; empty for always.
    position
        Rows are applied in this order, each on what those before it have filled.
    """

    name: str
    series: str
    expression: str
    imputation_code: str
    only_if: str
    position: int


@dataclass
class CompiledDerivations:
    """Columns that fill series, by layer, and (row, fault) of rows that cannot be used."""

    steps: tuple[Step, ...] = ()
    derivations: tuple[Derivation, ...] = ()
    faults: list[tuple[str, str]] = field(default_factory=list)


def read_derivations(
    rows: Iterable[Mapping[str, str]],
) -> tuple[list[Derivation], list[tuple[str, str]]]:
    """Read rows of ``derived_series`` in their order; cells that cannot be read as (row, fault)."""
    found, faults = [], []
    for number, row in enumerate(rows, 1):
        name, place = row["derivation"].strip(), row["position"].strip() or str(number)
        if not place.isdecimal():
            faults.append((name, f"position is '{place}', not a whole number"))
            place = str(number)
        series, expression, code, only_if = (row[column].strip() for column in CELLS)
        found.append(Derivation(name, series, expression, code, only_if, int(place)))
    return sorted(found, key=lambda item: item.position), faults


def compile_derivations(sources: Catalog) -> CompiledDerivations:
    """Compile the rows of the study that is built."""
    derivations, faults = read_derivations(seed_rows(DERIVED))
    settings = {row["setting"]: row["value"].strip() for row in seed_rows(SETTINGS)}
    compiled = compile_rows(derivations, sources, settings)
    compiled.faults[:0] = faults
    return compiled


def compile_rows(
    derivations: Iterable[Derivation], sources: Catalog, settings: Mapping[str, str]
) -> CompiledDerivations:
    """Write rows as SQL, each on the series as the rows before it leave them.

    A row may name the series that another fills: no order makes a circle. What a row gives is the
    column ``_derived_<row>``; whether a cell takes it is decided where the cells are.

    Parameters
    ----------
    derivations
        In their order.
    sources
        What the study has; an expression may read series, the city and the year.
    settings
        Of the study, for `only_if`.
    """
    definitions: dict[str, Node] = {}
    # What a series means inside a definition, once a row before it has filled some of its cells.
    filled: dict[str, dict[str, str]] = {}
    good: list[Derivation] = []
    compiled = CompiledDerivations()

    def resolve(name: str, inside: str) -> Source | str:
        if name in definitions and name.startswith(PREFIX):
            return name
        plain = name.removeprefix("series.")
        if plain in filled[inside]:
            return filled[inside][plain]
        source = sources.find(name)
        if source is None:
            raise ExpressionError(sources.unknown(name))
        if source.kind not in READABLE:
            raise ExpressionError(f"'{name}' is no series: of a {source.kind} nothing is derived")
        return source

    current: dict[str, str] = {}
    names: set[str] = set()
    for item in derivations:
        faults = [*_faults(item, sources, settings)]
        if item.name in names:
            faults.append(f"'{item.name}' stands there twice")
        names.add(item.name)
        column = PREFIX + item.name
        try:
            definitions[column], filled[column] = parse(item.expression), dict(current)
            found = type_of(column, compile_stage([column], definitions, resolve))
            if found != NUMBER:
                faults.append(f"expression: it gives {found}, a series is a number")
        except ExpressionError as error:
            faults.append(f"expression: {error}")
        compiled.faults += [(item.name, fault) for fault in faults]
        if faults:
            continue
        after = f"{PREFIX}after_{item.position}_{item.series}"
        both = (Node("name", item.series), Node("name", column))
        definitions[after], filled[after] = Node("coalesce", parts=both), dict(current)
        current[item.series] = after
        good.append(item)
    columns = [PREFIX + item.name for item in good]
    compiled.steps = tuple(compile_stage(columns, definitions, resolve))
    compiled.derivations = tuple(good)
    return compiled


def _faults(item: Derivation, sources: Catalog, settings: Mapping[str, str]) -> Iterable[str]:
    if fault := column_fault(item.name):
        yield f"'{item.name}' {fault}"
    if item.series not in sources.of_kind("series"):
        yield f"series: there is no '{item.series}' in seed raw_columns"
    if not CODE.fullmatch(item.imputation_code):
        yield (
            f"imputation_code is '{item.imputation_code}': write derived or stands_in, and words "
            "that say how, joined by underscores"
        )
    if item.only_if and settings.get(item.only_if) not in ("true", "false"):
        yield f"only_if is '{item.only_if}', which is no setting of study_settings that is a truth"
