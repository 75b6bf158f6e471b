"""Which layer caught a corruption, and whether it said where."""

from __future__ import annotations

import json
from dataclasses import dataclass

from support.corruptions import Corruption
from support.raw_stage import Night

INTAKE, STOPPED, ERROR = "intake", "data test", "gate error"
REJECTED, WARNING, HARMLESS = "rejected rows", "gate warning", "nothing changed"
LAYERS = (INTAKE, STOPPED, ERROR, REJECTED, WARNING, HARMLESS)
# Staged models that expectations name instead of the raw table.
MODELS = {
    "stg_yearbook__city_years": "city_yearbook",
    "stg_input_output__flows": "input_output_flows",
    "stg_input_output__industry_output": "industry_output",
    "fct_suspicious_cells": "city_yearbook",
}


@dataclass(frozen=True)
class Verdict:
    """The first layer that caught a corruption.

    Attributes
    ----------
    layer
        Of `LAYERS`; the first four stop the build or set rows aside, a warning lets it be
        published with a word.
    fault
        What is wrong with how it was caught; empty where file and column are named.
    """

    layer: str
    fault: str = ""


def judge(corruption: Corruption, night: Night) -> Verdict:
    """Find the layer and check that it names file and column."""
    table = corruption.table
    if night.refused:
        return Verdict(INTAKE, _unless(table in night.refused, f"refused: {night.refused}"))
    if night.failed_tests:
        said = " ".join(f"{name} {message}" for name, message in night.failed_tests.items())
        return Verdict(STOPPED, _unless(table in said or _model_in(said) == table, said))
    named = is_named(corruption, night.unmet)
    missing = f"{', '.join(night.changed)} changed, and no expectation names it"
    if night.is_stopped:
        return Verdict(ERROR, _unless(named, missing))
    if night.rejected:
        files = all(row[0] == table and row[1] and row[4] for row in night.rejected)
        fault = _unless(files, f"rejected rows of other files: {night.rejected[:2]}")
        return Verdict(REJECTED, fault or _unless(named or not night.changed, missing))
    if night.changed:
        return Verdict(WARNING, _unless(named, missing))
    return Verdict(HARMLESS)


def is_named(corruption: Corruption, unmet: tuple[dict, ...]) -> bool:
    """Whether an unmet expectation tells a reader the raw table, and a column at fault."""
    return any(_names(result, corruption.table, corruption.columns) for result in unmet)


def _unless(condition: bool, fault: str) -> str:
    return "" if condition else fault


def _model_in(text: str) -> str | None:
    return next((table for model, table in MODELS.items() if model in text), None)


def _names(result: dict, table: str, columns: tuple[str, ...]) -> bool:
    rows = json.loads(result["offending_rows"])
    relation = MODELS.get(result["relation"])
    for row in rows:
        if row.get("table_name", relation) != table:
            continue
        column = row.get("column_name", row.get("series", result["column_name"]))
        if not columns or set(columns) & set(str(column).split()):
            return True
    return False
