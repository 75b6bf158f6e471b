"""Rows of ``regression_specs``, checked before anything is built; what passed, as a table."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
import pyarrow as pa
import yaml

from urban_resilience.estimation.specs import SpecError, list_faults, read_specs
from urban_resilience.estimation.tables.schema import long_schema
from urban_resilience.shared.problems import Problem
from urban_resilience.shared.project import ROOT, seed_rows

SEED = "regression_specs"
PANEL_CONTRACT = ROOT / "models" / "marts" / "panel" / "fct_estimation_panel.yml"
# Types of the contract as types of a frame; what is not here is compared as it is.
TYPES = {
    "varchar": "str",
    "integer": "Int64",
    "bigint": "Int64",
    "double": "float64",
    "boolean": "boolean",
    "date": "datetime64[ns]",
}
WHOLE_NUMBERS = ("n_draws", "seed")


def empty_panel() -> pd.DataFrame:
    """Columns and types of ``fct_estimation_panel``, by its contract; no rows."""
    document = yaml.safe_load(PANEL_CONTRACT.read_text(encoding="utf-8"))
    columns = document["models"][0]["columns"]
    return pd.DataFrame(
        {item["name"]: pd.Series(dtype=TYPES.get(item["data_type"], "object")) for item in columns}
    )


def check_specs(rows: pd.DataFrame, policies: Collection[str] | None = None) -> pa.Table:
    """Check every row against the contract of the panel.

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
    place = f"seeds/study/{SEED}.csv"
    return [
        Problem(place, f"{spec_id}: {fault}.", "Correct the row.")
        for spec_id, fault in _faults(rows, policies)
    ]


def _faults(rows: pd.DataFrame, policies: Collection[str] | None) -> list[tuple[str, str]]:
    try:
        specs, unreadable = read_specs(rows)
    except SpecError as error:
        return [("the header", str(error).removeprefix(f"seed {SEED} "))]
    return [*unreadable, *list_faults(specs, empty_panel(), policies)]
