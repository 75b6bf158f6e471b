"""Small raw folders and changed copies of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from support.dbt import DbtRun, run_dbt

# Every index that plain SQL computes; the Python models are left to the full builds.
SQL_INDICES = (
    "+fct_resilience",
    "+fct_index_scores",
    "+fct_index_weights",
    "+fct_indicator_values",
    "+fct_virtual_agglomeration",
    "+fct_market_potential",
    "+fct_martin_resilience",
    "+int_variables_early",
    "+int_capital_stocks",
)

RawFiles = dict[str, pd.DataFrame]


def load(folder: Path) -> RawFiles:
    """All raw files of a folder by name."""
    return {path.stem: pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}


def save(files: Mapping[str, pd.DataFrame], folder: Path, extension: str = "parquet") -> Path:
    """Write raw files as Parquet or CSV and return the folder."""
    folder.mkdir(parents=True)
    for name, rows in files.items():
        if extension == "parquet":
            rows.to_parquet(folder / f"{name}.parquet", index=False)
        else:
            rows.to_csv(folder / f"{name}.csv", index=False)
    return folder


def build_indices(raw: Path, workspace: Path, *arguments: str) -> DbtRun:
    """Build the SQL indices of a raw folder, without dbt's tests."""
    return run_dbt(
        "build",
        "--select",
        *SQL_INDICES,
        # Great Expectations takes longer to import than these models to run.
        "--exclude",
        "dq_raw",
        "--exclude-resource-type",
        "test",
        "unit_test",
        *arguments,
        raw=raw,
        workspace=workspace,
    )
