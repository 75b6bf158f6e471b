"""Members that arrive by month, and a night that fails: no month is lost, none counted twice."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest

from support.publishing import assert_sound, leftovers
from support.raw import save
from support.small_night import Night
from support.small_project import small_project
from urban_resilience.shared.digest import digest_file

pytestmark = pytest.mark.slow

# Operation, firm, city, industry, first and last year.
JANUARY = [
    ("insert", "A", "near", "61", 2010, None),
    ("insert", "B", "near", "61", 2010, 2014),
    ("insert", "C", "far", "51", 2012, None),
]
# B stayed a year longer than was recorded, C was no member, D is new.
FEBRUARY = [
    ("delete", "B", "near", "61", 2010, 2014),
    ("insert", "B", "near", "61", 2010, 2015),
    ("delete", "C", "far", "51", 2012, None),
    ("insert", "D", "far", "51", 2013, None),
]
# City, industry, year: who joined then, and by how much the stock changed.
AFTER_JANUARY = {
    ("near", "61", 2010): (2, 2),
    ("near", "61", 2015): (0, -1),
    ("far", "51", 2012): (1, 1),
}
AFTER_FEBRUARY = {
    ("near", "61", 2010): (2, 2),
    ("near", "61", 2016): (0, -1),
    ("far", "51", 2013): (1, 1),
}


def deliver(folder, month, changes, cities):
    changes = [(operation, firm, cities[city], *rest) for operation, firm, city, *rest in changes]
    names = ["operation", "firm_id", "city_code", "industry_code"]
    frame = pd.DataFrame(changes, columns=[*names, "joined_year", "expired_year"])
    types = dict.fromkeys(names, "string") | {"joined_year": "int32", "expired_year": "Int32"}
    frame.astype(types).to_parquet(folder / f"{month}.parquet", index=False)


def published(night, query):
    with duckdb.connect(str(night.places.warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def counts(night, cities):
    places = {code: place for place, code in cities.items()}
    rows = published(
        night,
        "select city_code, industry_code, year, sum(joiners)::bigint, sum(net_change)::bigint"
        " from snapshots.stg_platform__member_change_counts group by all",
    )
    return {(places[row[0]], *row[1:3]): row[3:] for row in rows if row[3:] != (0, 0)}


def test_a_month_of_a_failed_night_is_counted_once_by_the_next(small_files, tmp_path):
    months = tmp_path / "months"
    months.mkdir()
    night = Night(small_project(tmp_path / "project"), MEMBER_CHANGES_DIR=str(months))
    names = ("city_yearbook", "national_series", "economic_census_employment")
    good = {name: small_files[name] for name in names}
    near, far = sorted(good["city_yearbook"]["city_code"].unique())[:2]
    cities = {"near": near, "far": far}
    deliver(months, "2019-01", JANUARY, cities)
    save(good, night.raw)
    assert night.run().code == 0, night.output[-3000:]
    assert counts(night, cities) == AFTER_JANUARY
    first = digest_file(night.places.warehouse)

    # The month is sound; a gate stops the yearbook beside it.
    deliver(months, "2019-02", FEBRUARY, cities)
    bad = good["city_yearbook"].copy()
    bad.loc[bad["year"] == 2015, "gdp_100m_yuan"] *= 3
    bad.to_parquet(night.raw / "city_yearbook.parquet", index=False)
    assert night.run().code == 1, night.output[-3000:]
    assert digest_file(night.places.warehouse) == first
    assert leftovers(night.places) == []

    good["city_yearbook"].to_parquet(night.raw / "city_yearbook.parquet", index=False)
    assert night.run().code == 0, night.output[-3000:]
    assert assert_sound(night.places, None).run_id == 3
    assert counts(night, cities) == AFTER_FEBRUARY
    files = published(
        night,
        "select parse_filename(source_file, true), rows_in from quality.fct_raw_files"
        " where table_name = 'platform_member_changes' order by 1",
    )
    assert files == [("2019-01", len(JANUARY)), ("2019-02", len(FEBRUARY))]
