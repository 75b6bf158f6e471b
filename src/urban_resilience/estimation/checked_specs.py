"""Rows of ``regression_specs``, checked before anything is built; what passed, as a table."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, fields

import pandas as pd
import pyarrow as pa

from urban_resilience.estimation.regression_spec import RegressionSpec
from urban_resilience.estimation.specs import (
    FOR_READERS,
    NUMBERS,
    WHOLE_NUMBERS,
    SpecError,
    list_faults,
    parse_specs,
    read_specs,
)
from urban_resilience.estimation.tables.schema import long_schema
from urban_resilience.shared.problems import Problem
from urban_resilience.shared.project import seed_path, seed_rows, shown_path
from urban_resilience.variables.panel_columns import known_texts, panel_columns
from urban_resilience.variables.study_variables import compile_study

SEED = "regression_specs"
# Types of SQL as types of a frame.
TYPES = {
    "varchar": "str",
    "integer": "Int64",
    "double": "float64",
    "boolean": "boolean",
}
# Columns of the table that are text; the others are numbers.
TEXT = tuple(
    field.name for field in fields(RegressionSpec) if field.name not in (*WHOLE_NUMBERS, *NUMBERS)
)


def empty_panel(policies: Collection[str] | None = None) -> pd.DataFrame:
    """Columns and types of ``fct_estimation_panel``, as the seeds of the study have them; no rows.

    Parameters
    ----------
    policies
        Policies that a raw folder brings besides those of the seed.
    """
    columns = panel_columns(policies or ())
    return pd.DataFrame({name: pd.Series(dtype=TYPES[kind]) for name, kind in columns.items()})


def check_specs(rows: pd.DataFrame, policies: Collection[str] | None = None) -> pa.Table:
    """Check every row against the columns of the panel.

    Parameters
    ----------
    rows
        Of the seed, as they are.
    policies
        Policies that have pilots; None where they are not known yet.

    Returns
    -------
    pyarrow.Table
        Every column that a specification can have, typed, and the notes, in the order of the rows:
        what a formula says or an empty cell stands for is filled in.

    Raises
    ------
    SpecError
        One message with every fault of every row.
    """
    faults = _faults(rows, policies)
    if faults:
        listed = "\n".join(f"{spec_id}: {fault}" for spec_id, fault in faults)
        count = f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}"
        raise SpecError(f"seed {SEED}, {count}, nothing is estimated:\n{listed}")
    specs = {spec.spec_id: spec for spec in parse_specs(rows)}
    notes = [name for name in FOR_READERS if name in rows.columns]
    cells = rows[["spec_id", *notes]].astype(object).where(rows[["spec_id", *notes]].notna(), None)
    published = []
    for row in cells.to_dict("records"):
        values = asdict(specs[str(row["spec_id"]).strip()])
        text = {name: _cell(values.pop(name)) for name in TEXT}
        published.append({**text, **values, **{name: row[name] for name in notes}})
    schema = long_schema(
        " ".join((*TEXT, *FOR_READERS)), " ".join(WHOLE_NUMBERS), " ".join(NUMBERS)
    )
    return pa.Table.from_pylist(published, schema=schema)


def _cell(value: str | tuple[str, ...]) -> str | None:
    """Write a field as the cell it was read from; empty ones are null."""
    return (value if isinstance(value, str) else " ".join(value)) or None


def spec_problems(policies: Collection[str] | None = None) -> list[Problem]:
    """Check the seed's file before dbt reads it; empty when nothing is wrong."""
    rows = pd.DataFrame(seed_rows(SEED))
    place = shown_path(seed_path(SEED))
    return [
        Problem(place, f"{spec_id}: {fault}.", "Correct the row.")
        for spec_id, fault in _faults(rows, policies)
    ]


def _faults(rows: pd.DataFrame, policies: Collection[str] | None) -> list[tuple[str, str]]:
    try:
        specs, unreadable = read_specs(rows)
    except SpecError as error:
        return [("the header", str(error).removeprefix(f"seed {SEED} "))]
    origins = compile_study(policies or ()).origins
    panel = empty_panel(policies)
    return [*unreadable, *list_faults(specs, panel, policies, origins, known_texts())]
