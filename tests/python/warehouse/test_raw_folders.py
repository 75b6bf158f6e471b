"""A table may come as a folder of Parquet files: the rows are those of one file."""

import json

import duckdb
import pandas as pd
import pytest

from support.dbt import run_dbt
from support.parted import YEARBOOK, parted_raw

SEEDS = (
    "cities", "provinces", "other_places", "city_changes", "pilot_aliases", "industries",
    "industry_groups_with_zero", "industry_sections", "sectors", "sector_codes",
)  # fmt: skip
MODELS = ("stg_codes__industries", "base_platform__members")
N_FIRMS = 60
# By layout, what DuckDB's copy adds; its writer takes these columns out of the files.
LAYOUTS = {
    "one_file": "",
    "in_parts": ", per_thread_output true",
    "by_year": ", partition_by (joined_year)",
    "by_province_and_year": ", partition_by (province, joined_year)",
    "by_city": ", partition_by (city_code)",
}
ROWS = "select * exclude (source_file, source_row) from raw.platform_members order by firm_id"
REJECTED = """
    select firm_id, rule from staging.base_platform__members
    where rule is not null
    order by firm_id
"""
# A count of one year through the view that models read.
PLAN = """
    explain (analyze, format json)
    select count(*) from raw.platform_members where joined_year = 2012
"""

SCAN = "TABLE_SCAN"


@pytest.fixture(scope="module")
def firms():
    numbers = range(N_FIRMS)
    return pd.DataFrame(
        {
            "firm_id": [f"f{number:03d}" for number in numbers],
            "city_code": [("440300", "330100", "510100")[number % 3] for number in numbers],
            "industry_code": [("61", "51")[number % 2] for number in numbers],
            # Some have none: they are rejected, whatever form they come in.
            "joined_year": pd.array(
                [None if number % 20 == 7 else 2010 + number % 4 for number in numbers], "Int32"
            ),
            "expired_year": pd.array(
                [2015 + number % 3 if number % 5 else None for number in numbers], "Int32"
            ),
            "province": [("44", "33", "51")[number % 3] for number in numbers],
        }
    )


@pytest.fixture(scope="module")
def nights(firms, tmp_path_factory):
    """What became of each layout: judged rows, and the plan of reading one year."""
    folder = tmp_path_factory.mktemp("folders")
    found, seeds = {}, SEEDS
    for layout, options in LAYOUTS.items():
        raw = folder / layout
        parted_raw(raw, firms, options)
        run = run_dbt(
            "build", "--select", *MODELS, *seeds, "--exclude-resource-type", "test", "unit_test",
            raw=raw, workspace=folder,
        )  # fmt: skip
        seeds = ()
        with duckdb.connect(str(run.warehouse), read_only=True) as connection:
            found[layout] = [
                connection.execute(query).fetchall() for query in (ROWS, REJECTED, PLAN)
            ]
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_rows_are_those_of_one_file(nights, layout):
    rows, rejected, _ = nights[layout]
    assert len(rows) == N_FIRMS
    assert rows == nights["one_file"][0]
    assert rejected == [(f"f{number:03d}", "empty_key") for number in (7, 27, 47)]


@pytest.mark.parametrize("layout", ["by_year", "by_province_and_year"])
def test_a_year_is_read_from_its_own_files(nights, layout):
    """Parts of other years are not opened, though the year goes through the contract's cast."""
    plan = nights[layout][2][0][1]
    scans = [node["extra_info"] for node in nodes_of(json.loads(plan)) if node["type"] == SCAN]
    assert scans
    for scan in scans:
        opened, there = map(int, scan["Scanning Files"].split("/"))
        assert opened < there
        assert "joined_year=2012" in scan["Filename(s)"]
        assert "joined_year=2013" not in scan["Filename(s)"]


def test_a_column_in_the_path_and_in_the_files_is_refused_beside_one_in_the_path_alone(
    firms, tmp_path
):
    part = tmp_path / "raw" / "platform_members" / "city_code=440300" / "joined_year=2012"
    part.mkdir(parents=True)
    YEARBOOK.to_parquet(tmp_path / "raw" / "city_yearbook.parquet", index=False)
    firms.drop(columns="joined_year").to_parquet(part / "a.parquet", index=False)
    run = run_dbt(
        "run", "--select", "stg_codes__industries",
        raw=tmp_path / "raw", workspace=tmp_path, check=False,
    )  # fmt: skip
    assert run.returncode
    assert "`joined_year` in its path alone, and `city_code` both" in " ".join(run.tail.split())


def nodes_of(plan):
    for node in plan.get("operator", []) + plan.get("children", []):
        yield node
        yield from nodes_of(node)
