"""A folder of a table's name holds its parts, as Spark and others write them."""

import duckdb
import pandas as pd
import pytest

from urban_resilience.intake.prepare import inspect

RECORDS = {"firm_id": ["A", "B"], "city_code": ["440300", "330100"], "industry_code": ["61", "51"]}

CONTRACT = {"firm_id", "city_code", "industry_code", "joined_year", "expired_year"}


def write(folder, name, start, **changed):
    rows = {**RECORDS, "joined_year": [2010, 2011], "expired_year": [2012, 2013], **changed}
    frame = pd.DataFrame(rows)
    frame["firm_id"] = [f"{firm}{start}" for firm in rows["firm_id"]]
    path = folder / "platform_members" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path, index=False)


@pytest.mark.parametrize(
    "names",
    [
        ("year=2019/part-0.parquet", "year=2020/part-0.parquet"),
        ("province=44/a.parquet", "province=33/a.parquet", "province=33/b.parquet"),
        ("one.parquet", "two.parquet"),
    ],
)
def test_parts_are_linked_as_they_are(tmp_path, names):
    for number, name in enumerate(names):
        write(tmp_path / "raw", name, number)
    report = inspect(tmp_path / "raw", tmp_path / "out")
    parts = [source for source in report.sources if source.table == "platform_members"]
    assert sorted(part.source_file for part in parts) == sorted(
        f"platform_members/{name}" for name in names
    )
    assert all(part.is_linked and part.rows_in == 2 for part in parts)
    assert report.tables["platform_members"] == 2 * len(names)
    assert all((tmp_path / "out" / "platform_members" / name).exists() for name in names)


def test_parts_of_two_forms_are_not_linked_together(tmp_path):
    write(tmp_path / "raw", "a.parquet", 1)
    write(tmp_path / "raw", "b.parquet", 2, joined_year=["2010", "2011"])
    report = inspect(tmp_path / "raw", tmp_path / "out")
    assert not any(source.is_linked for source in report.sources)
    assert report.tables["platform_members"] == 4


def parted(folder, *columns):
    """Write records as DuckDB and Spark part a table: the columns go into the path."""
    rows = {**RECORDS, "joined_year": [2010, None], "expired_year": [2012, 2013]}
    frame = pd.DataFrame(rows).astype({"joined_year": "Int32"})
    frame["province"] = ["44", "33"]
    (folder / "raw").mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.execute(
            f"copy frame to '{folder / 'raw' / 'platform_members'}'"
            f" (format parquet, partition_by ({', '.join(columns)}))"
        )
    return folder / "raw"


@pytest.mark.parametrize("columns", [["joined_year"], ["province", "joined_year"], ["city_code"]])
def test_columns_in_the_path_are_columns(tmp_path, columns):
    report = inspect(parted(tmp_path, *columns), tmp_path / "out")
    assert all("city_yearbook" in problem.what for problem in report.problems)
    parts = [source for source in report.sources if source.table == "platform_members"]
    assert all(part.is_linked for part in parts)
    assert report.tables["platform_members"] == 2
    assert all({column for _, column in part.columns} >= CONTRACT for part in parts)
    written = list((tmp_path / "out" / "platform_members").rglob("*.parquet"))
    assert len(written) == 2 and all(f"{columns[-1]}=" in str(path) for path in written)


def test_a_column_that_a_file_has_is_read_there(tmp_path):
    write(tmp_path / "raw", "joined_year=1999/a.parquet", 1)
    write(tmp_path / "raw", "joined_year=1999/b.parquet", 2)
    report = inspect(tmp_path / "raw", tmp_path / "out")
    assert all(source.is_linked for source in report.sources)
    with duckdb.connect() as connection:
        files = f"'{tmp_path / 'out' / 'platform_members'}/**/*.parquet'"
        years = connection.execute(
            f"select distinct joined_year from read_parquet({files}, hive_partitioning = false)"
        ).fetchall()
    assert {year for (year,) in years} == {2010, 2011}


def test_parts_that_say_a_column_twice_are_put_together_by_what_the_files_say(tmp_path):
    for number in (1, 2):
        write(tmp_path / "raw", f"industry_code=99/joined_year=2015/{number}.parquet", number)
    for path in (tmp_path / "raw").rglob("*.parquet"):
        pd.read_parquet(path).drop(columns="joined_year").to_parquet(path, index=False)
    report = inspect(tmp_path / "raw", tmp_path / "out")
    assert not any(source.is_linked for source in report.sources)
    written = pd.read_parquet(tmp_path / "out" / "platform_members.parquet")
    assert set(written["industry_code"]) == {"61", "51"} and set(written["joined_year"]) == {2015}


def test_a_yearbook_parted_by_year_is_one_table(tmp_path):
    for year in (2018, 2019):
        part = tmp_path / "raw" / "city_yearbook" / f"year={year}" / "part-0.parquet"
        part.parent.mkdir(parents=True)
        pd.DataFrame({"city_code": ["440300", "330100"], "gdp_100m_yuan": [year, 1.0]}).to_parquet(
            part, index=False
        )
    inspect(tmp_path / "raw", tmp_path / "out")
    written = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet")
    assert sorted(zip(written["year"], written["city_code"], strict=True)) == [
        (2018, "330100"),
        (2018, "440300"),
        (2019, "330100"),
        (2019, "440300"),
    ]
    assert written.loc[written["year"].eq(2019), "gdp_100m_yuan"].tolist() == [2019, 1.0]
