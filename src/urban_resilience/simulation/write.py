"""Write a simulated data set as Parquet files that are identical on every run."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from urban_resilience.simulation.simulate import SimulatedData

FILES = (
    "city_yearbook", "platform_members", "input_output_flows", "industry_output",
    "economic_census_employment", "national_series",
)  # fmt: skip
TRUTH_FILE = "truth.json"


def write_simulated_data(data: SimulatedData, truth: dict, folder: Path) -> list[Path]:
    """Write every raw file, and the truth last: its presence marks a finished simulated folder.

    Parameters
    ----------
    data : SimulatedData
    truth : dict
        Ready for JSON.
    folder : Path
        Created when absent. Files of the same names are replaced.

    Returns
    -------
    list of Path
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TRUTH_FILE).unlink(missing_ok=True)
    paths = [_write_parquet(getattr(data, name), folder / f"{name}.parquet") for name in FILES]
    path = folder / TRUTH_FILE
    text = json.dumps(truth, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
    return [*paths, path]


def _write_parquet(frame: pd.DataFrame, path: Path) -> Path:
    """Write one file; codes and names are dictionary-encoded, pandas metadata is left out."""
    columns = {name: _arrow_column(frame[name]) for name in frame.columns}
    text = [name for name, column in columns.items() if pa.types.is_string(column.type)]
    repeated = [name for name in text if name != "firm_id"]
    pq.write_table(
        pa.table(columns),
        path,
        use_dictionary=repeated,
        compression="zstd",
        row_group_size=256 * 1024,
    )
    return path


def _arrow_column(column: pd.Series) -> pa.Array:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return pa.array(column.astype(object), type=pa.string())
    if column.dtype == object or pd.api.types.is_string_dtype(column.dtype):
        return pa.array(column.to_numpy(dtype=object), type=pa.string())
    if pd.api.types.is_float_dtype(column.dtype):
        return pa.array(column.to_numpy(dtype=float), from_pandas=True)
    return pa.array(column)
