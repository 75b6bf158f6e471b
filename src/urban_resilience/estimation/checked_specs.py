"""Rows of ``regression_specs``, checked before anything is built; what passed, as a table."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
import pyarrow as pa

from urban_resilience.estimation.specs import SpecError, list_faults, read_specs
from urban_resilience.estimation.tables.schema import long_schema
from urban_resilience.shared.problems import Problem
from urban_resilience.shared.project import seed_path, seed_rows, shown_path
from urban_resilience.variables.panel_columns import panel_columns

SEED = "regression_specs"
# Types of SQL as types of a frame.
TYPES = {
    "varchar": "str",
    "integer": "Int64",
    "double": "float64",
    "boolean": "boolean",
}
WHOLE_NUMBERS = ("n_draws", "seed")


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
        The rows, typed: a column that is empty throughout has no type of its own.

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
    text = [name for name in rows.columns if name not in WHOLE_NUMBERS]
    numbers = [name for name in WHOLE_NUMBERS if name in rows.columns]
    kept = rows.astype(object).where(rows.notna(), None)
    kept = kept.assign(**{name: rows[name].astype("Int64") for name in numbers})
    return pa.Table.from_pandas(
        kept[[*text, *numbers]],
        schema=long_schema(" ".join(text), " ".join(numbers)),
        preserve_index=False,
    )


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
    return [*unreadable, *list_faults(specs, empty_panel(policies), policies)]
