"""A table may come as a folder of Parquet files to Spark too: the rows are those of one file."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pandas as pd
import pytest

from support.dbt import ROOT
from support.parted import parted_raw
from support.spark_here import needs_spark

pytestmark = [needs_spark, pytest.mark.slow]
N_FIRMS = 60
# By layout, what DuckDB's copy adds. `partition_by` takes the columns out of the files, unless it
# is told to leave them: then `joined_year=2012` is a folder, not a column.
LAYOUTS = {
    "one_file": "",
    "in_parts": ", per_thread_output true",
    "by_year": ", partition_by (joined_year)",
    "by_industry_and_year": ", partition_by (industry_code, joined_year)",
    "by_year_said_twice": ", partition_by (joined_year), write_partition_columns true",
}
# dbt looks for raw files before any node: one seed is enough to make it do so.
DRIVER = """
import json, os, sys
from pathlib import Path
from urban_resilience.spark.session import open_session

order = json.loads(sys.argv[1])
session = open_session(Path(order["folder"]), "local[1]")
from dbt.cli.main import dbtRunner
from urban_resilience.spark.adapter import use_translating_adapter

use_translating_adapter()
for layout in order["layouts"]:
    os.environ["RAW_DATA_DIR"] = f"{order['folder']}/{layout}"
    command = "--no-use-colors build --target spark --select industry_groups_with_zero".split()
    result = dbtRunner().invoke([*command, "--target-path", order["folder"] + "/target"])
    assert result.success, result.exception
    rows = session.sql("select * from raw.platform_members").toPandas()
    rows.to_parquet(f"{order['folder']}/{layout}.parquet")
"""


@pytest.fixture(scope="module")
def firms():
    numbers = range(N_FIRMS)
    return pd.DataFrame(
        {
            "firm_id": [f"f{number:03d}" for number in numbers],
            "city_code": [("440300", "330100", "510100")[number % 3] for number in numbers],
            # A code of digits, one with a leading zero: no number to Spark, though it is in a path.
            "industry_code": [("61", "06")[number % 2] for number in numbers],
            "joined_year": pd.array([2010 + number % 4 for number in numbers], "Int32"),
            "expired_year": pd.array(
                [2015 + number % 3 if number % 5 else None for number in numbers], "Int32"
            ),
        }
    )


@pytest.fixture(scope="module")
def read_by_spark(firms, tmp_path_factory):
    folder = tmp_path_factory.mktemp("parted")
    for layout, options in LAYOUTS.items():
        parted_raw(folder / layout, firms, options)
    order = json.dumps({"folder": str(folder), "layouts": list(LAYOUTS)})
    environment = os.environ | {"DBT_PROFILES_DIR": "profiles", "DO_NOT_TRACK": "1"}
    run = subprocess.run(
        [sys.executable, "-c", DRIVER, order],
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, (run.stdout + run.stderr)[-3000:]
    return {layout: pd.read_parquet(folder / f"{layout}.parquet") for layout in LAYOUTS}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_rows_are_those_of_one_file(read_by_spark, firms, layout):
    rows = read_by_spark[layout][firms.columns].sort_values("firm_id").reset_index(drop=True)
    pd.testing.assert_frame_equal(rows, firms, check_dtype=False)


@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if layout != "one_file"])
def test_a_row_knows_its_part(read_by_spark, layout):
    rows = read_by_spark[layout]
    places = rows[["source_file", "source_row"]]
    assert not places.duplicated().any()
    assert rows["source_file"].str.startswith("platform_members/").all()


def test_parts_of_a_year_are_named_after_it(read_by_spark):
    rows = read_by_spark["by_year"]
    year = rows["source_file"].str.extract(r"joined_year=(\d+)/")[0].astype(int)
    assert (year == rows["joined_year"]).all()
    assert rows.groupby("source_file")["source_row"].min().ge(1).all()
