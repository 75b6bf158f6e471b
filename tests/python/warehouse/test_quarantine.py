"""Faulty rows are set aside with their reason, none is lost, and sound rows are as they were."""

import json
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from support.bad_rows import STOPS
from support.dbt import run_dbt
from support.raw import save
from support.warehouse import Warehouse
from urban_resilience.intake.checking.verdicts import judge_rows
from urban_resilience.intake.vocabulary.contract import contract

pytestmark = pytest.mark.slow

JUDGED = (
    "build",
    *("--select", "+fct_raw_files", "+int_yearbook_cleaned", "+fct_imputations"),
    *("+fct_suspicious_cells", "raw_columns"),
    *("--exclude-resource-type", "unit_test"),
    *("--indirect-selection", "buildable"),
    # Whether such files may be published is another question, and another test.
    *("--exclude", "dq_raw"),
)
KEYS = ["city_code", "city_name_zh", "year"]
TABLES = {
    "city_yearbook": ["city_code", "year"],
    "platform_members": ["firm_id"],
    "economic_census_employment": ["city_code", "industry_code"],
    "input_output_flows": ["year", "supplying_sector", "using_sector"],
    "industry_output": ["year", "sector"],
    "national_series": ["year"],
}
PILOTS = pd.DataFrame(
    {
        "policy_id": "smart_city",
        "city_code": ["350400", "999999"],
        "city_name_zh": "",
        "batch": "1",
        "year": 2012,
        "scope": "partial",
        "evidence": "invented",
    }
)


def judge(files, folder, **formats) -> Warehouse:
    """Build the judged rows of raw files; `formats` names the files that are CSV."""
    raw = save({k: v for k, v in files.items() if k not in formats}, folder / "raw")
    for name, extension in formats.items():
        files[name].to_csv(raw / f"{name}.{extension}", index=False)
    return Warehouse(run_dbt(*JUDGED, raw=raw, workspace=folder).warehouse)


def with_rows(rows: pd.DataFrame, *changed: dict) -> pd.DataFrame:
    """Append changed copies of the first row."""
    first = rows.iloc[0].to_dict()
    added = pd.DataFrame([{**first, **change} for change in changed])
    return pd.concat([rows, added[rows.columns]], ignore_index=True)


# --- each kind of bad row, planted in files that are otherwise sound ------------------------------


def plant(files):
    """Files with one fault of each kind, and what must be said about each."""
    yearbook = files["city_yearbook"].sort_values(["city_code", "year"], ignore_index=True)
    codes = sorted(yearbook["city_code"].unique())
    at = yearbook.reset_index().set_index(["city_code", "year"])["index"]
    series = yearbook.columns.difference(KEYS)
    yearbook.loc[at[codes[0], 2010], "gdp_100m_yuan"] = -5.0
    yearbook.loc[at[codes[1], 2011], series] *= 1e4
    copied = yearbook.loc[at[codes[2], 2012]].to_dict()
    torn = {**yearbook.loc[at[codes[3], 2013]].to_dict(), "loans_100m_yuan": 1.0}
    yearbook = with_rows(
        yearbook,
        copied,
        torn,
        {"city_code": "999999"},
        {"city_code": "341400"},
        {"city_code": "320583"},
        {"city_code": None},
        {"year": 2109},
        {"year": 1066},
        {"year": None},
    ).astype(object)
    yearbook.loc[at[codes[4], 2014], "patents_granted"] = "1,234.5"
    first_year = int(yearbook["year"][0])
    expected = {
        ("city_yearbook", f"{codes[0]}, 2010", "negative"): "`gdp_100m_yuan` is negative (-5.0)",
        ("city_yearbook", f"{codes[1]}, 2011", "unit_slip"): "about 10,000 times",
        ("city_yearbook", f"{codes[2]}, 2012", "copy"): f"row {at[codes[2], 2012] + 2} ",
        ("city_yearbook", f"{codes[3]}, 2013", "contradiction"): "differ in `loans_100m_yuan`",
        ("city_yearbook", f"999999, {first_year}", "unknown_city"): "not in seed cities",
        ("city_yearbook", f"341400, {first_year}", "outside_study"): "was 巢湖市",
        ("city_yearbook", f"320583, {first_year}", "outside_study"): "昆山市, a county",
        ("city_yearbook", f"{first_year}", "empty_key"): "`city_code` is empty",
        ("city_yearbook", f"{codes[0]}, 2109", "year_out_of_range"): "`year` 2109 is not between",
        ("city_yearbook", f"{codes[0]}, 1066", "year_out_of_range"): "`year` 1066 is not between",
        ("city_yearbook", codes[0], "empty_key"): "`year` is empty",
        ("city_yearbook", f"{codes[4]}, 2014", "unreadable"): "`patents_granted`: '1,234.5' is not",
    }
    members = files["platform_members"]
    types = {"joined_year": "Int64", "expired_year": "Int64"}
    spell = {"joined_year": 2010, "expired_year": 2012}
    members = with_rows(
        members.astype(types),
        {"firm_id": "nowhere", "city_code": "999999"},
        {"firm_id": "nothing", "industry_code": "9Z"},
        {"firm_id": "backwards", "joined_year": 2010, "expired_year": 2009},
        {"firm_id": "too late", "joined_year": 2109, "expired_year": None},
        {"firm_id": None},
        *([{"firm_id": "twice", **spell}] * 2),
        {"firm_id": "torn", **spell},
        {"firm_id": "torn", **spell, "expired_year": 2011},
    ).astype(types)
    expected |= {
        ("platform_members", "nowhere", "unknown_city"): "city_code '999999'",
        ("platform_members", "nothing", "unknown_industry"): "industry_code '9Z'",
        ("platform_members", "backwards", "expired_before_joined"): "`expired_year` 2009 is before",
        ("platform_members", "too late", "year_out_of_range"): "`joined_year` 2109",
        ("platform_members", "", "empty_key"): "`firm_id` is empty",
        ("platform_members", "twice", "copy"): "Delete one",
        ("platform_members", "torn", "contradiction"): "differ in `expired_year`",
    }
    census = files["economic_census_employment"].copy()
    # A Parquet file has no header: its fourth record is row 4.
    unread = f"{census['city_code'][3]}, {census['industry_code'][3]}"
    census = with_rows(census, {"industry_code": "9Z"}, {"industry_code": None})
    output = files["industry_output"]
    output = with_rows(output, output.iloc[5].to_dict())
    flows = files["input_output_flows"]
    flows = with_rows(flows, {"value_million_usd": -1.0, "using_sector": "PRIMARY"})
    national = with_rows(files["national_series"], {"year": 1900})
    expected |= {
        ("economic_census_employment", unread, "unreadable"): "'12人' is not a number",
        ("economic_census_employment", f"{census['city_code'][0]}, 9Z", "unknown_industry"): "9Z",
        ("economic_census_employment", census["city_code"][0], "empty_key"): "`industry_code`",
        ("industry_output", "{year}, {sector}".format(**output.iloc[5]), "copy"): "row 6 ",
        (
            "input_output_flows",
            "{year}, {supplying_sector}, PRIMARY".format(**flows.iloc[0]),
            "negative",
        ): "`value_million_usd` is negative",
        ("national_series", "1900", "year_out_of_range"): "`year` 1900",
        ("policy_pilots", "smart_city, 999999, 1", "unknown_city"): "city_code '999999'",
    }
    unreadable = {
        "table_name": "economic_census_employment",
        "source_file": "economic_census_employment.parquet",
        "source_row": 4,
        "column_name": "employed_persons",
        "value": "12人",
        "reason": "'12人' is not a number",
    }
    planted = {
        "city_yearbook": yearbook,
        "platform_members": members,
        "economic_census_employment": census,
        "industry_output": output,
        "input_output_flows": flows,
        "national_series": national,
        "policy_pilots": PILOTS,
        "unreadable_cells": pd.DataFrame([unreadable]),
    }
    return planted, expected


@pytest.fixture(scope="module")
def planted(small_files, tmp_path_factory):
    files, expected = plant(small_files)
    folder = tmp_path_factory.mktemp("planted")
    return files, expected, judge(files, folder, city_yearbook="csv")


def test_each_fault_is_named_with_its_reason(planted):
    _, expected, warehouse = planted
    rows = warehouse.frame("select * from quality.fct_rejected_rows")
    found = {
        key: group["reason"].tolist()
        for key, group in rows.groupby(["table_name", "record_key", "rule"])
    }
    assert set(found) == set(expected)
    for key, words in expected.items():
        assert all(words in reason for reason in found[key]), (words, found[key])
        assert len(found[key]) == (2 if key[2] == "contradiction" else 1)


def test_a_rejected_row_can_be_found_and_read_again(planted):
    files, _, warehouse = planted
    rows = warehouse.frame("select * from quality.fct_rejected_rows where rule <> 'unreadable'")
    for row in rows.itertuples():
        values = json.loads(row.raw_values)
        source = files[row.table_name].iloc[
            int(row.source_row) - 2 + (row.source_file[-3:] != "csv")
        ]
        for column in TABLES.get(row.table_name, []):
            supplied = source[column]
            assert values[column] == (None if pd.isna(supplied) else supplied), row


def test_rows_in_are_accepted_or_rejected(planted):
    files, expected, warehouse = planted
    listed = warehouse.frame("select * from quality.fct_raw_files").set_index("table_name")
    twice = [key[0] for key in expected if key[2] == "contradiction"]
    for name in set(files) - {"unreadable_cells"}:
        listed_rows = sum(key[0] == name for key in expected) + twice.count(name)
        aside = sum(key[0] == name and key[2] == "outside_study" for key in expected)
        assert listed.loc[name, "rows_in"] == len(files[name])
        assert listed.loc[name, "rows_rejected"] == listed_rows - aside
        assert listed.loc[name, "rows_set_aside"] == aside
        assert listed.loc[name, "rows_accepted"] == len(files[name]) - listed_rows


def test_a_check_judges_as_the_build_does(planted, tmp_path):
    files, _, warehouse = planted
    built = warehouse.frame("select table_name, rule from quality.fct_rejected_rows")
    others = {name: rows for name, rows in files.items() if name != "city_yearbook"}
    raw = save(others, tmp_path / "raw")
    files["city_yearbook"].to_csv(raw / "city_yearbook.csv", index=False)
    verdicts = judge_rows(raw, tuple(contract()), tmp_path / "accepted")
    counts = Counter()
    for group in verdicts.groups:
        counts[group.table, group.rule] += group.n_rows
    assert counts == Counter(built.itertuples(index=False, name=None))
    accepted = pd.read_parquet(tmp_path / "accepted" / "city_yearbook.parquet")
    staged = warehouse.frame("select * from staging.stg_yearbook__city_years")
    assert len(accepted) == len(staged)


def test_other_cities_are_as_they_were(planted, small_indices):
    _, expected, warehouse = planted
    touched = {key[1][:6] for key in expected if key[0] == "city_yearbook"}
    listed = ", ".join(f"'{code}'" for code in touched)
    query = (
        f"select * from intermediate.int_yearbook_cleaned where city_code not in ({listed}) "
        "order by city_code, year"
    )
    before, after = small_indices.frame(query), warehouse.frame(query)
    assert len(before) > 400
    pd.testing.assert_frame_equal(before, after, check_exact=False, rtol=1e-12)


def test_a_rejected_year_is_a_gap_like_any_other(planted):
    _, expected, warehouse = planted
    (slipped,) = [key[1] for key in expected if key[2] == "unit_slip"]
    code, year = slipped.split(", ")
    row = warehouse.frame(
        "select * from intermediate.int_yearbook_cells_interpolated where "
        f"city_code = '{code}' and year = {year} and series = 'gdp_100m_yuan'"
    ).iloc[0]
    assert np.isnan(row["supplied_value"])
    assert row["imputation_code"] == "interpolated"


# --- random corruption: nothing crashes, nothing is lost ------------------------------------------


def corrupt(rows: pd.DataFrame, random: np.random.Generator, share: float) -> pd.DataFrame:
    """Damage a share of the rows, each in one of seven ways."""
    rows = rows.astype(object)
    chosen = random.choice(len(rows), size=max(int(share * len(rows)), 1), replace=False)
    dropped, added = [], []
    for place in chosen:
        kind = random.integers(7)
        row = rows.iloc[place].copy()
        column = random.choice(rows.columns)
        if kind == 0:
            dropped.append(place)
        elif kind == 1:
            added.append(row)
        elif kind == 2:
            added.append(row)
            row[column] = random.choice([None, 7, "x"])
        elif kind == 3:
            other = random.choice(rows.columns)
            row[column], row[other] = row[other], row[column]
            rows.iloc[place] = row
        elif kind == 4:
            numbers = [c for c in rows if isinstance(row[c], (int, float))]
            scale = 10.0 ** random.integers(-6, 7)
            rows.iloc[place] = [v * scale if c in numbers else v for c, v in row.items()]
        elif kind == 5:
            rows.iat[place, rows.columns.get_loc(column)] = random.choice(
                ["", "-3", "９９", "1e400", "nan", "inf", "2019.5", "—", "'; drop", "99999999999"]
            )
        else:
            row[[c for c in rows if isinstance(row[c], (int, float))]] = -1
            rows.iloc[place] = row
    kept = rows.drop(index=rows.index[dropped])
    return pd.concat([kept, pd.DataFrame(added, columns=rows.columns)], ignore_index=True)


@pytest.fixture(scope="module", params=[1, 2])
def corrupted(request, small_files, tmp_path_factory):
    random = np.random.default_rng(request.param)
    files = {
        name: corrupt(small_files[name].reset_index(drop=True), random, 0.04) for name in TABLES
    }
    folder = tmp_path_factory.mktemp(f"corrupted_{request.param}")
    return files, judge(files, folder, **dict.fromkeys(TABLES, "csv"))


def test_corrupted_rows_are_all_accounted_for(corrupted):
    files, warehouse = corrupted
    listed = warehouse.frame("select * from quality.fct_raw_files").set_index("table_name")
    for name, rows in files.items():
        assert listed.loc[name, "rows_in"] == len(rows), name
        parts = ["rows_accepted", "rows_rejected", "rows_set_aside", "rows_merged"]
        assert listed.loc[name, parts].sum() == len(rows), name
    assert listed["rows_rejected"].sum() > 50


def test_no_corrupted_key_reaches_staging(corrupted):
    _, warehouse = corrupted
    staged = warehouse.frame("select city_code, year from staging.stg_yearbook__city_years")
    assert not staged.duplicated().any()
    assert staged["city_code"].str.fullmatch("[0-9]{6}").all()
    assert staged["year"].between(1978, 2100).all()


# --- what stops a build, in words -----------------------------------------------------------------


@pytest.fixture(scope="module")
def stopped(small_files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stops")
    runs = {}
    for fault in STOPS:
        raw = folder / fault.__name__ / "raw"
        fault(small_files, raw)
        workspace = folder / fault.__name__
        runs[fault] = run_dbt(*JUDGED, raw=raw, workspace=workspace, check=False)
    return runs


@pytest.mark.parametrize("fault", STOPS, ids=lambda fault: fault.__name__)
def test_what_stops_a_build_is_said(stopped, fault):
    run = stopped[fault]
    assert run.returncode != 0
    assert "Traceback" not in run.output
    for words in STOPS[fault]:
        assert words.lower() in run.output.lower(), run.tail
