"""Cells that a build will derive from other series, and what the study could have derived."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from urban_resilience.intake.checking.coverage import YEARBOOK
from urban_resilience.intake.checking.folder_database import connect_for
from urban_resilience.intake.checking.project_sql import ProjectSql
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.shared.counting import count
from urban_resilience.shared.database import parquet
from urban_resilience.shared.project import SeedRow, seed_rows
from urban_resilience.variables.derived_series import DERIVED, SETTINGS
from urban_resilience.variables.expression import ExpressionError, names, parse


@dataclass(frozen=True)
class DerivedCells:
    """What a build derives from a prepared yearbook.

    Attributes
    ----------
    counts
        Number of derived cells by row of ``derived_series``, series and year.
    auxiliary
        Supplied series that others can be derived from.
    """

    counts: tuple[tuple[str, str, int, int], ...] = ()
    auxiliary: tuple[str, ...] = ()

    @property
    def by_series(self) -> dict[tuple[str, int], int]:
        """Number of derived cells by series and year."""
        found: dict[tuple[str, int], int] = {}
        for _, series, year, n_cells in self.counts:
            found[series, year] = found.get((series, year), 0) + n_cells
        return found


def derived_cells(accepted: Path) -> DerivedCells:
    """Apply the warehouse's own model, ``int_yearbook_cells_derived``, to the accepted rows.

    Parameters
    ----------
    accepted
        Folder with the accepted rows of the yearbook, in the raw contract.
    """
    path = accepted / f"{YEARBOOK}.parquet"
    wanted = [column.name for column in contract()[YEARBOOK].columns if column.is_auxiliary]
    if not wanted or not path.exists():
        return DerivedCells()
    with connect_for(accepted) as connection:
        counts = ", ".join(f"count({name})" for name in wanted)
        row = connection.execute(f"select {counts} from {parquet(path)}").fetchall()[0]
        auxiliary = tuple(name for name, n_cells in zip(wanted, row, strict=True) if n_cells)
        if not auxiliary:
            return DerivedCells()
        derived = ProjectSql(connection, accepted).relation("int_yearbook_cells_derived")
        found = connection.execute(
            f"select derivation, series, cast(year as integer), count(*) from {derived} "
            "group by all order by all"
        ).fetchall()
    return DerivedCells(tuple(found), auxiliary)


def in_words(derived: DerivedCells) -> list[str]:
    """Say what is derived, by which row, and which supplied series nothing is derived from."""
    lines = []
    used: set[str] = set()
    for row in seed_rows(DERIVED):
        found = [(year, n) for name, _, year, n in derived.counts if name == row["derivation"]]
        if found:
            used |= _read(row)
            n_cells, first, last = sum(n for _, n in found), min(found)[0], max(found)[0]
            span = str(first) if first == last else f"{first} to {last}"
            cells = count(n_cells, "cell")
            lines.append(
                f"{row['series']}: {cells}, {span}, = {row['expression']} "
                f"(`{row['imputation_code']}`). {row['why'].rstrip('.')}."
            )
    lines += _on_request(derived.auxiliary)
    shown = contract()[YEARBOOK]
    for name in derived.auxiliary:
        if name not in used and not any(name in line for line in lines):
            lines.append(
                f"{name} {shown.column(name).name_zh}: nothing is derived from it, because those "
                "cells are supplied or what else they need is not."
            )
    return lines


def _on_request(auxiliary: Collection[str]) -> Iterator[str]:
    settings = {row["setting"]: row["value"].strip() for row in seed_rows(SETTINGS)}
    for row in seed_rows(DERIVED):
        asked = row["only_if"]
        if asked and settings.get(asked) != "true" and _read(row) & set(auxiliary):
            yield (
                f"{row['series']} is not derived as {row['expression']} unless the study says so: "
                f"set `{asked}` to true in study_settings. {row['why'].rstrip('.')}."
            )


def _read(row: SeedRow) -> set[str]:
    try:
        return set(names(parse(row["expression"])))
    except ExpressionError:
        return set()
