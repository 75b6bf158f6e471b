"""Rows of the study's indices, judged before a build by the macros that judge them in it."""

from __future__ import annotations

import re

import duckdb

from urban_resilience.intake.checking.project_sql import ProjectSql
from urban_resilience.shared.problems import Problem
from urban_resilience.shared.project import seed_path, seed_rows, shown_path

DEFINITIONS, MEMBERS, INDICATORS = "index_definitions", "index_indicators", "resilience_indicators"
_FAULT = re.compile(r"Seed (\w+), (.*)", re.DOTALL)


def index_problems() -> list[Problem]:
    """Judge the rows of seeds ``index_definitions`` and ``index_indicators``.

    Returns
    -------
    list of Problem
        Cells that are not of their kind; where there are none, rows that do not fit each other.

    Raises
    ------
    IntakeError
        A seed is absent, is no table or lacks a column.
    """
    indicator_ids = [row["indicator_id"] for row in seed_rows(INDICATORS)]
    with duckdb.connect() as connection:
        project = ProjectSql(connection)
        definitions, members = (_rows(project, seed) for seed in (DEFINITIONS, MEMBERS))
        faults = [
            *project.macro("seed_row_faults", DEFINITIONS, definitions),
            *project.macro("seed_row_faults", MEMBERS, members),
        ] or project.macro("index_row_faults", definitions, members, indicator_ids)
    return [_problem(fault) for fault in faults]


def _rows(project: ProjectSql, seed: str) -> list[dict[str, str | float | None]]:
    """Rows as a loaded seed has them: empty cells missing, numbers as numbers where they are."""
    kinds = project.macro("seed_kinds")[seed]
    return [
        {column: _cell(row[column], kind) for column, kind in kinds.items()}
        for row in seed_rows(seed)
    ]


def _cell(text: str, kind: str | list[str]) -> str | float | None:
    if text and isinstance(kind, str) and kind.startswith("number"):
        try:
            return float(text)
        except ValueError:
            return text
    return text or None


def _problem(fault: str) -> Problem:
    """Name the file of the seed instead of the seed."""
    found = _FAULT.fullmatch(fault)
    if found is None:
        return Problem("", fault, "")
    return Problem(shown_path(seed_path(found[1])), found[2], "")
