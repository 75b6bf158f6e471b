"""The raw contract of ``models/staging/_raw__sources.yml``; seed ``raw_columns`` has the series."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from urban_resilience.intake.vocabulary.units import measured_in
from urban_resilience.shared.problems import IntakeError, Problem
from urban_resilience.shared.project import CONTRACT, ROOT, seed_rows
from urban_resilience.shared.yaml_files import read_yaml

# What the intake itself writes beside the tables: part of the contract, but nobody's input.
OWN_LISTS = ("unreadable_cells", "raw_files")
# The table whose series are rows of the seed.
YEARBOOK = "city_yearbook"
# Years that member records may give as dates or as day numbers; an end may be open.
FIRST_YEAR, LAST_YEAR = "joined_year", "expired_year"
MEMBERSHIP_YEARS = (FIRST_YEAR, LAST_YEAR)
INDUSTRY = "industry_code"


@dataclass(frozen=True)
class Column:
    """One column of the contract.

    ``dimension`` and ``unit`` are empty for keys and texts; a dimension that no unit conversion
    knows holds its unit too, which nothing else is converted to. ``lowest_median`` and
    ``highest_median`` bound what the median of many cities can be; None where nothing is known.
    ``area_scope`` is ``city`` (whole city), ``urban`` (city proper) or empty. ``is_auxiliary``
    marks a series that is supplied only for others to be derived from: it is nowhere missed.
    """

    name: str
    data_type: str
    is_key: bool
    description: str
    name_zh: str
    dimension: str
    unit: str
    unit_zh: str
    lowest_median: float | None
    highest_median: float | None
    area_scope: str
    name_en: str = ""
    is_auxiliary: bool = False

    @property
    def is_number(self) -> bool:
        """Whether cells of the column must be numbers."""
        return self.data_type != "varchar"


@dataclass(frozen=True)
class Table:
    """One raw file of the contract.

    ``row_is_city`` tells tables whose rows are whole cities from those whose rows are something
    within one: a county is no city, but a firm in a county is a firm of its city.
    """

    name: str
    description: str
    is_required: bool
    columns: tuple[Column, ...]
    row_is_city: bool = False

    def column(self, name: str) -> Column:
        """Return the column of this name."""
        return next(column for column in self.columns if column.name == name)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Column names in contract order."""
        return tuple(column.name for column in self.columns)

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns that must be there wherever the file is."""
        return tuple(column.name for column in self.columns if column.is_key)

    @property
    def grain(self) -> tuple[str, ...]:
        """Key columns that tell one row from another: no quantities, which may repeat."""
        return tuple(
            column.name for column in self.columns if column.is_key and not column.dimension
        )


@cache
def contract() -> dict[str, Table]:
    """Read the contract: every table by its name."""
    document = read_yaml(CONTRACT)
    raw = next(source for source in document["sources"] if source["name"] == "raw")
    facts = {(row["table_name"], row["column_name"]): row for row in seed_rows("raw_columns")}
    return {
        table["name"]: _table(table, facts)
        for table in raw["tables"]
        if table["name"] not in OWN_LISTS
    }


@cache
def shipped_series() -> frozenset[str]:
    """Series of the shipped study, which another may lack."""
    with (ROOT / "seeds" / "reference" / "raw_columns.csv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file)
        return frozenset(r["column_name"] for r in rows if r["table_name"] == YEARBOOK)


def _table(table: dict, facts: Mapping[tuple[str, str], Mapping[str, str]]) -> Table:
    columns = []
    for column in table["columns"]:
        name = column["name"]
        fact = facts.get((table["name"], name)) or facts.get(("any", name)) or {}
        is_key = bool(_meta(column).get("is_key", False))
        columns.append(
            _column(name, column["data_type"], column.get("description", ""), fact, is_key)
        )
    if table["name"] == YEARBOOK:
        columns += [
            _column(name, "double", fact["description"], fact)
            for (of_table, name), fact in facts.items()
            if of_table == YEARBOOK
        ]
    return Table(
        table["name"],
        f"{table.get('description', '')} Grain: {_meta(table).get('grain', 'unknown')}.",
        bool(_meta(table).get("required", False)),
        tuple(columns),
        bool(_meta(table).get("row_is_city", False)),
    )


def _column(
    name: str, data_type: str, description: str, fact: Mapping[str, str], is_key: bool = False
) -> Column:
    dimension, unit = fact.get("dimension", ""), fact.get("unit", "")
    return Column(
        name=name,
        data_type=data_type,
        is_key=is_key,
        description=description,
        name_zh=fact.get("name_zh", ""),
        dimension=measured_in(dimension, unit),
        unit=unit,
        unit_zh=fact.get("unit_zh", ""),
        lowest_median=_bound(fact, "lowest_median"),
        highest_median=_bound(fact, "highest_median"),
        area_scope=fact.get("area_scope", ""),
        name_en=fact.get("name_en", ""),
        is_auxiliary=fact.get("is_auxiliary", "") == "true",
    )


def _meta(node: dict) -> dict:
    return node.get("config", {}).get("meta", {})


def _bound(fact: Mapping[str, str], name: str) -> float | None:
    text = fact.get(name, "")
    try:
        return float(text) if text else None
    except ValueError:
        what = f"`{fact['column_name']}`: {name} is {text!r}, not a number."
        raise IntakeError(
            [Problem("seeds/reference/raw_columns.csv", what, "Correct it.")]
        ) from None
