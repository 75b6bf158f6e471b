"""Definitions of the study, checked before anything is built; what was compiled, as a table."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from urban_resilience.shared.problems import Problem
from urban_resilience.shared.project import seed_path, shown_path
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
        for seed, name, fault in compile_study(policies).faults
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
    if compiled.faults:
        listed = "\n".join(f"{seed}, {name}: {fault}" for seed, name, fault in compiled.faults)
        count = f"{len(compiled.faults)} {'fault' if len(compiled.faults) == 1 else 'faults'}"
        raise VariableError(f"variables of the study, {count}, nothing is computed:\n{listed}")
    rows = [row for stage in STAGES for row in _rows(stage, compiled)]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _rows(stage: str, compiled: StudyVariables) -> Iterable[dict[str, object]]:
    by_name = {item.name: item for item in compiled.variables}
    for step in compiled.steps[stage]:
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
