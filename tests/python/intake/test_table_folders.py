"""A folder of a table's name holds its parts, as Spark and others write them."""

import pandas as pd
import pytest

from urban_resilience.intake.prepare import inspect

RECORDS = {"firm_id": ["A", "B"], "city_code": ["440300", "330100"], "industry_code": ["61", "51"]}


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
