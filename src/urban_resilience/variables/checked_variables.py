"""Definitions of the study, checked before anything is built; what was compiled, as a table."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from urban_resilience.shared.arrow_columns import arrow_table
from urban_resilience.shared.problems import Problem
from urban_resilience.shared.project import seed_path, shown_path
from urban_resilience.variables.catalog import NUMBER, catalog
from urban_resilience.variables.compile import Step
from urban_resilience.variables.derived_series import (
    DERIVED,
    DERIVED_STAGE,
    PREFIX,
    compile_derivations,
)
from urban_resilience.variables.study_variables import (
    INDICATOR_PREFIX,
    INDICATOR_STAGE,
    STAGES,
    StudyVariables,
    compile_study,
)

SCHEMA = pa.schema(
    [
        ("stage", pa.string()),
        ("layer", pa.int32()),
        ("column_name", pa.string()),
        ("definition", pa.string()),
        ("data_type", pa.string()),
        ("sql", pa.string()),
        ("source_kind", pa.string()),
        ("source_name", pa.string()),
        ("source_relation", pa.string()),
        ("source_column", pa.string()),
        ("source_dimension", pa.string()),
        ("position", pa.int32()),
        ("may_decide_sample", pa.bool_()),
        ("decides_sample", pa.bool_()),
        ("winsorize_percent", pa.float64()),
        ("split_into", pa.int32()),
        ("split_name", pa.string()),
        ("is_described", pa.bool_()),
        ("may_be_negative", pa.bool_()),
        ("needs", pa.string()),
    ]
)


class VariableError(ValueError):
    """Definitions of the study are wrong; the message names each seed, row and fault."""


def variable_problems(policies: Iterable[str] = ()) -> list[Problem]:
    """Check the seeds before dbt reads them; empty when nothing is wrong."""
    return [
        Problem(shown_path(seed_path(seed)), f"{name}: {fault}.", "Correct the row.")
        for seed, name, fault in (*compile_study(policies).faults, *_faults_of_derivations())
    ]


def check_variables(policies: Iterable[str] = ()) -> pa.Table:
    """Compile the study's definitions.

    Parameters
    ----------
    policies
        Policies that a raw folder brings besides those of the seed.

    Returns
    -------
    pyarrow.Table
        A row for each column of each stage: inputs (layer 0) with their source, the others with
        their SQL, definitions with what the rest of the warehouse needs to know of them.

    Raises
    ------
    VariableError
        One message with every fault of every row.
    """
    compiled = compile_study(policies)
    faults = (*compiled.faults, *_faults_of_derivations())
    if faults:
        listed = "\n".join(f"{seed}, {name}: {fault}" for seed, name, fault in faults)
        count = f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}"
        raise VariableError(f"variables of the study, {count}, nothing is computed:\n{listed}")
    rows = [row for stage in STAGES for row in _rows(stage, compiled)]
    return pa.concat_tables([arrow_table(rows, SCHEMA), derived_steps()])


def derived_steps() -> pa.Table:
    """Compile the rows of ``derived_series``: the rows of their stage, in the same columns."""
    compiled = compile_derivations(catalog(with_auxiliary=True))
    names = {PREFIX + item.name: item for item in compiled.derivations}
    rows: list[dict[str, object]] = []
    for step in compiled.steps:
        row = _input_or_step(DERIVED_STAGE, step)
        item = names.get(step.column)
        if item:
            row |= {"definition": item.name, "data_type": NUMBER, "position": item.position}
        rows.append(row)
    return arrow_table(rows, SCHEMA)


def _faults_of_derivations() -> Iterable[tuple[str, str, str]]:
    for name, fault in compile_derivations(catalog(with_auxiliary=True)).faults:
        yield DERIVED, name, fault


def _input_or_step(stage: str, step: Step) -> dict[str, object]:
    row: dict[str, object] = {
        "stage": stage,
        "layer": step.layer,
        "column_name": step.column,
        "sql": step.sql or None,
    }
    source = step.source
    if source:
        row |= {
            "source_kind": source.kind,
            "source_name": source.name,
            "source_relation": source.relation or None,
            "source_column": source.column or None,
            "source_dimension": source.dimension or None,
        }
    return row


def _rows(stage: str, compiled: StudyVariables) -> Iterable[dict[str, object]]:
    by_name = {item.name: item for item in compiled.variables}
    for step in compiled.steps[stage]:
        row = _input_or_step(stage, step)
        source = step.source
        # A variable computed on the way to an indicator is none of that stage's definitions.
        is_indicator = step.column.startswith(INDICATOR_PREFIX)
        defined = step.column in compiled.types and not source
        if defined and is_indicator == (stage == INDICATOR_STAGE):
            row |= {
                "definition": step.column.removeprefix(INDICATOR_PREFIX),
                "data_type": compiled.types[step.column],
                "needs": " ".join(compiled.needs[step.column]) or None,
            }
            item = by_name.get(step.column)
            if item and not is_indicator:
                row |= {
                    "position": item.position,
                    "may_decide_sample": item.name in compiled.candidates,
                    "decides_sample": item.decides_sample,
                    "winsorize_percent": item.winsorize_percent,
                    "split_into": item.split_into,
                    "split_name": item.split_name or None,
                    "is_described": item.is_described,
                    "may_be_negative": item.may_be_negative,
                }
                known = compiled.candidates.get(item.name)
                if known:
                    row |= {"source_kind": known.kind, "source_name": known.name,
                            "source_column": known.column}  # fmt: skip
        yield row
