"""Codes that stand for something else, and files whose keys meet nothing."""

from pathlib import Path

import pandas as pd
import pytest

from support.study import seed
from urban_resilience.intake.checking.check import check
from urban_resilience.intake.checking.project_sql import ProjectSql
from urban_resilience.intake.prepare import prepare
from urban_resilience.shared.database import connect

SECTORS = ["D01T02", "D26", "D58T60", "D61", "D62T63"]
CITIES = list(seed("cities")["city_code"][:6])
YEARS = (2010, 2011)


def yearbook(years=YEARS) -> pd.DataFrame:
    rows = [
        (code, year, 100.0 * (place + 1) + year - 2000)
        for place, code in enumerate(CITIES)
        for year in years
    ]
    return pd.DataFrame(rows, columns=["city_code", "year", "gdp_100m_yuan"])


def flows(prefix="D", years=YEARS, users=SECTORS) -> pd.DataFrame:
    rows = [
        (year, sector.replace("D", prefix, 1), user, 10.0)
        for year in years
        for sector in SECTORS
        for user in users
    ]
    names = ["year", "supplying_sector", "using_sector", "value_million_usd"]
    return pd.DataFrame(rows, columns=names)


def output(years=YEARS) -> pd.DataFrame:
    rows = [(year, sector, 1000.0) for year in years for sector in SECTORS]
    return pd.DataFrame(rows, columns=["year", "sector", "gross_output_million_usd"])


def folder(tmp_path: Path, **files: pd.DataFrame) -> Path:
    raw = tmp_path / "raw"
    raw.mkdir()
    given = {
        "city_yearbook": yearbook(),
        "input_output_flows": flows(),
        "industry_output": output(),
    }
    for name, rows in {**given, **files}.items():
        rows.to_csv(raw / f"{name}.csv", index=False)
    return raw


def staged(raw: Path, tmp_path: Path, *models: str) -> list[pd.DataFrame]:
    prepare(raw, tmp_path / "contract")
    with connect() as connection:
        project = ProjectSql(connection, tmp_path / "contract")
        return [
            connection.sql(f"from {project.relation(model)} order by all").df() for model in models
        ]


def test_a_table_of_oecd_is_read_with_its_prefixes_and_other_rows(tmp_path):
    beside = pd.DataFrame(
        [
            (2010, "OUTPUT", "D26", 9.0),
            (2010, "VALU", "D26", 9.0),
            (2010, "TTL_26", "HFCE", 9.0),
            (2010, "TTL_26", "INVNT", -9.0),
        ],
        columns=flows().columns,
    )
    table = pd.concat([flows("TTL_"), beside])
    raw = folder(tmp_path, input_output_flows=table)
    rows, judged = staged(raw, tmp_path, "stg_input_output__flows", "base_input_output__flows")
    expected = flows().sort_values(list(rows), ignore_index=True)
    pd.testing.assert_frame_equal(rows, expected, check_dtype=False)
    assert list(judged.loc[judged["rule"].notna(), "rule"]) == ["no_sector"] * 4
    text, is_ready = check(raw)
    assert is_ready, text
    assert "'OUTPUT' is no sector but the table's row of gross output" in " ".join(text.split())


MEMBERS = pd.DataFrame(
    {"firm_id": list("abcd"), "city_code": CITIES[:4], "industry_code": "63", "joined_year": 2009}
)
COUNTS = pd.DataFrame(
    {"city_code": CITIES[:4], "industry_code": "63", "year": 2010, "member_count": 5}
)
CENSUS = COUNTS.drop(columns=["year", "member_count"]).assign(employed_persons=10)
NATIONAL = pd.DataFrame({"year": [1999, 2000], "internet_users_million": [9.0, 17.0]})
ONE_SIDED = flows()[lambda rows: ~rows["supplying_sector"].isin(["D58T60", "D61", "D62T63"])]
MISSPELT = flows().replace({"supplying_sector": {"D61": "D06T1"}})
TRANSPOSED = pd.concat(
    [flows(), flows(users=["D26"])[:1].assign(supplying_sector="HFCE")], ignore_index=True
)
OTHER_CITIES = list(seed("cities")["city_code"][50:54])


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"input_output_flows": ONE_SIDED}, "definition narrow, 2010): none of 3 digital sectors"),
        ({"input_output_flows": MISSPELT}, "not D06T1 (nearest: D0"),
        ({"input_output_flows": TRANSPOSED}, "Transposed?"),
        ({"input_output_flows": flows(years=(2015,))}, "none of 1 years are in industry_output"),
        (
            {"input_output_flows": flows(years=(2020,)), "industry_output": output((2020,))},
            "none of 1 years are of use; not 2020",
        ),
        ({"city_yearbook": yearbook((2001, 2002))}, "none of 2 years are of use"),
        ({"platform_members": MEMBERS.assign(city_code=OTHER_CITIES)}, "none of 4 cities are in"),
        ({"platform_member_counts": COUNTS.assign(city_code=OTHER_CITIES)}, "none of 4 cities"),
        ({"platform_member_counts": COUNTS.assign(industry_code="51")}, "none of 1 sectors are in"),
        ({"platform_member_counts": COUNTS.assign(year=2001)}, "none of 1 years are of use"),
        ({"economic_census_employment": CENSUS.assign(industry_code="PRIMARY")}, "not PRIMARY"),
        ({"national_series": NATIONAL}, "national_series, column year (2007 to 2019): none of 2"),
    ],
)
def test_a_file_that_meets_nothing_stops(tmp_path, files, said):
    text, is_ready = check(folder(tmp_path, **files))
    assert not is_ready
    assert said in " ".join(text.split()), text


def test_aggregates_that_the_files_agree_on_go_on_working(tmp_path):
    users = [*SECTORS, "PRIMARY", "SECONDARY", "TERTIARY"]
    wide = pd.concat([output(), *(output().head(1).assign(sector=s) for s in users[5:])])
    files = {
        "input_output_flows": flows(users=users),
        "industry_output": wide,
        "platform_member_counts": COUNTS.assign(industry_code="TERTIARY"),
    }
    text, is_ready = check(folder(tmp_path, **files))
    assert is_ready, text
    # Their output is there for 2010 alone.
    assert "(2011): 5 of 8 sectors are in industry_output; not PRIMARY" in " ".join(text.split())


def test_classes_held_as_numbers_are_those_held_as_text(tmp_path):
    classes = ["0131", "0610", "1310", "3911", "5110", "6510", "8010"]
    rows = pd.DataFrame(
        [(city, code) for city in CITIES for code in classes],
        columns=["city_code", "industry_code"],
    ).assign(employed_persons=range(6 * 7))
    found = {}
    numbers = {"text": str, "whole": int, "fraction": float}
    for kind, number in numbers.items():
        census = rows.assign(
            industry_code=rows["industry_code"].map(number),
            city_code=rows["city_code"].map(number),
        )
        place = tmp_path / kind
        place.mkdir()
        raw = folder(place)
        census.to_parquet(raw / "economic_census_employment.parquet")
        (found[kind],) = staged(raw, place, "stg_census__employment")
        # As a plain build reads a file of the contract.
        with connect() as connection:
            project = ProjectSql(connection, raw)
            relation = project.relation("stg_census__employment")
            plain = connection.sql(f"from {relation} order by all").df()
        pd.testing.assert_frame_equal(plain, found[kind])
    assert sorted(found["text"]["industry_code"].unique()) == classes
    for kind in numbers:
        pd.testing.assert_frame_equal(found[kind], found["text"])


def test_a_code_that_nothing_settles_is_refused(tmp_path):
    census = pd.DataFrame(
        [(city, code, 10) for city in CITIES for code in (131, 281, 1310, 2810)],
        columns=["city_code", "industry_code", "employed_persons"],
    )
    text, is_ready = check(folder(tmp_path, economic_census_employment=census))
    assert not is_ready
    assert "industry_code '131' may be 131 or 0131 without its zero" in " ".join(text.split())
