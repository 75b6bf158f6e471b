"""What the YAML states of seeds, asked of their files before dbt loads one.

Types of columns, keys, empty cells, listed words and references: dbt would find the same rows a
minute into a build, and of a cell of the wrong type name neither seed nor row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import yaml

from urban_resilience.shared.names import nearest
from urban_resilience.shared.problems import Problem
from urban_resilience.shared.project import (
    SeedRow,
    seed_path,
    seed_rows,
    seeds_folder,
    shown_path,
)
from urban_resilience.variables.catalog import seed_header

CORRECT = "Correct the row."
_REF = re.compile(r"ref\('(\w+)'\)")
# Types of seed columns, as ``column_types`` names them: what a cell may be, and how that is said.
# Full-width digits are numbers to Python and none to SQL.
TYPES = {
    "integer": (re.compile(r"[+-]?[0-9]{1,9}([.]0*)?"), "a whole number in plain digits"),
    "double": (
        re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"),
        "a number in plain digits with a point, such as 1000 or 0.5",
    ),
    "boolean": (re.compile(r"true|false", re.IGNORECASE), "true or false"),
}
# The C loader where there is one: the descriptions are long.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Rows = Sequence[SeedRow]
Rule = Callable[[Rows, str, Mapping[str, Any]], Iterator[tuple[int, str]]]


def rule_problems() -> list[Problem]:
    """List headers that nothing reads, and rows that break a rule of their seed."""
    seeds = list(_seeds())
    return [
        *_unread_headers(seeds),
        *(
            Problem(rows[number].seed, f"row {rows[number].line}, {fault}.", CORRECT)
            for rows, faults in _judged(seeds)
            for number, fault in faults
        ),
    ]


def _unread_headers(seeds: Sequence[dict[str, Any]]) -> Iterator[Problem]:
    """Name columns that the YAML of a seed does not describe, but for attributes of places."""
    for seed in seeds:
        known = [column["name"] for column in seed.get("columns", ())]
        if seed.get("config", {}).get("meta", {}).get("free_columns"):
            continue
        for name in seed_header(seed["name"]):
            if name not in known:
                what = f"nothing reads a column `{name}`{nearest(name, known)}."
                place = shown_path(seed_path(seed["name"]))
                yield Problem(place, what, "Rename it, or take it out.")


def _seeds() -> Iterator[dict[str, Any]]:
    for path in sorted(seeds_folder().rglob("*.yml")):
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or {}
        yield from document.get("seeds", ())


def _judged(seeds: Sequence[dict[str, Any]]) -> Iterator[tuple[Rows, Iterator[tuple[int, str]]]]:
    for seed in seeds:
        rows = seed_rows(seed["name"])
        for column, kind in seed.get("config", {}).get("column_types", {}).items():
            if kind in TYPES:
                yield rows, _mistyped(rows, column, kind)
        for test in seed.get("data_tests", ()):
            yield rows, _apply(test, rows, "")
        for column in seed.get("columns", ()):
            for test in column.get("data_tests", ()):
                yield rows, _apply(test, rows, column["name"])


def _mistyped(rows: Rows, column: str, kind: str) -> Iterator[tuple[int, str]]:
    """Find cells that a column of this type cannot hold."""
    form, words = TYPES[kind]
    for number, row in enumerate(rows):
        cell = row.get(column, "").strip()
        if cell and not form.fullmatch(cell):
            yield number, f"{column} is '{cell}': {words}, or empty"


def _apply(test: str | dict, rows: Rows, column: str) -> Iterator[tuple[int, str]]:
    name, settings = (test, {}) if isinstance(test, str) else next(iter(test.items()))
    rule = RULES.get(name)
    # Of some rows only, by a condition in SQL: dbt's to judge.
    if rule is None or "where" in settings.get("config", {}):
        return iter(())
    return rule(rows, column, settings.get("arguments", {}))


def _not_null(rows: Rows, column: str, _: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    for number, row in enumerate(rows):
        if not row[column].strip():
            yield number, f"{column} is empty"


def _unique(rows: Rows, column: str, _: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    yield from _unique_combination(rows, "", {"columns": [column]})


def _unique_combination(
    rows: Rows, _: str, arguments: Mapping[str, Any]
) -> Iterator[tuple[int, str]]:
    columns = arguments["columns"]
    keys = [tuple(row[column].strip() for column in columns) for row in rows]
    times = Counter(keys)
    for number, key in enumerate(keys):
        if times[key] > 1 and any(key):
            said = " ".join(f"{column} '{cell}'" for column, cell in zip(columns, key, strict=True))
            yield number, f"{said} stands there {times[key]} times"


def _accepted_values(
    rows: Rows, column: str, arguments: Mapping[str, Any]
) -> Iterator[tuple[int, str]]:
    known = [str(value) for value in arguments["values"]]
    for number, row in enumerate(rows):
        cell = row[column].strip()
        if cell and cell not in known:
            yield number, f"{column} is '{cell}'{nearest(cell, known)}"


def _relationships(
    rows: Rows, column: str, arguments: Mapping[str, Any]
) -> Iterator[tuple[int, str]]:
    target = _REF.search(arguments["to"])
    if target is None:
        return
    known = {row[arguments["field"]] for row in seed_rows(target[1])}
    for number, row in enumerate(rows):
        cell = row[column].strip()
        if cell and cell not in known:
            yield number, f"{column} '{cell}' is not in {target[1]}{nearest(cell, sorted(known))}"


RULES: dict[str, Rule] = {
    "not_null": _not_null,
    "unique": _unique,
    "unique_combination": _unique_combination,
    "accepted_values": _accepted_values,
    "relationships": _relationships,
}
