"""Raw folders whose table of members is one Parquet file, or a folder of its parts."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

YEARBOOK = pd.DataFrame({"city_code": ["440300"], "city_name_zh": ["深圳市"], "year": [2010]})


def parted_raw(raw: Path, firms: pd.DataFrame, options: str) -> None:
    """Write members and a yearbook of one row.

    Parameters
    ----------
    raw
        Folder to make.
    firms
        Records of members.
    options
        What DuckDB's copy adds, such as ``, partition_by (joined_year)``; empty for one file.
    """
    raw.mkdir()
    YEARBOOK.to_parquet(raw / "city_yearbook.parquet", index=False)
    target = raw / ("platform_members" + ("" if options else ".parquet"))
    with duckdb.connect() as connection:
        connection.register("firms", firms)
        connection.execute(f"copy firms to '{target}' (format parquet{options})")
