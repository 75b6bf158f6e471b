"""How a number came about is told from the warehouse, and what is not there is named."""

from __future__ import annotations

import re

import duckdb
import pytest

from urban_resilience.reporting.explain.city_year import (
    NothingToExplainError,
    explain_city_year,
    find_city,
)
from urban_resilience.reporting.explain.specification import explain_specification


@pytest.fixture(scope="module")
def connection(published):
    with duckdb.connect(str(published.path), read_only=True) as opened:
        yield opened


def test_a_score_is_told_down_to_file_and_row(connection, published):
    text = explain_city_year(connection, "Shenzhen", 2019)
    score, rank = published.frame(
        "select score, rank_in_year from indices.fct_index_scores"
        " where index_id = 'resi' and city_code = '440300' and year = 2019"
    ).iloc[0]
    assert f"resi {score:.4f}, rank {rank:.0f} of " in text
    assert f"Sum of what the indicators add: {score:.4f}" in text
    assert "SIMULATED DATA" in text
    supplied, row = published.frame(
        "select patents_granted, source_row from staging.base_yearbook__city_years"
        " where city_code = '440300' and year = 2019"
    ).iloc[0]
    assert f"patents_granted 2019: {supplied:,.0f}, city_yearbook.parquet row {row:.0f}" in text
    # A deviation over three years names the cells of all three.
    years = re.findall(r"cpi_prev_year_100 (\d{4}):", text)
    assert years == ["2017", "2018", "2019"]


def test_a_filled_cell_says_so(connection, published):
    city, year, series, code = published.frame(
        "select city_code, year, series, imputation_code from panel.fct_imputations"
        " where series = 'loans_100m_yuan' and value is not null and year >= 2008"
        " and city_code in (select city_code from indices.fct_index_scores where index_id = 'resi')"
        " order by all limit 1"
    ).iloc[0]
    text = explain_city_year(connection, city, int(year))
    assert re.search(rf"{series} {year}: [\d.,]+, {code}", text)


@pytest.mark.parametrize("city", ["440300", "shenzhen", "深圳市", "深圳", " Shenzhen "])
def test_a_city_has_many_names(connection, city):
    assert find_city(connection, city)["city_code"] == "440300"


@pytest.mark.parametrize(
    ("city", "year", "index", "says"),
    [
        ("Suzhou", 2019, "", "no city is called 'Suzhou'; near it: Suzhou (Jiangsu)"),
        ("Shenzen", 2019, "", "near it: Shenzhen"),
        ("Shenzhen", 1999, "", "Shenzhen has no resi in 1999; it has 2008 to 2019"),
        ("Shenzhen", 2019, "rezi", "there is no index 'rezi'; there are: resi, "),
    ],
)
def test_what_is_not_there_is_named(connection, city, year, index, says):
    with pytest.raises(NothingToExplainError, match=re.escape(says)):
        explain_city_year(connection, city, year, index)


def test_an_index_that_is_no_sum_has_none(connection):
    assert "No sum: " in explain_city_year(connection, "Shenzhen", 2019, "resi_geometric")


def test_a_regression_is_told_from_raw_rows_to_its_result(connection, published):
    text = explain_specification(connection, "did_smart_city_listed_excluded")
    n_obs, left_out = published.frame(
        "select n_obs, rows_left_out from results.fct_fit_diagnostics"
        " where spec_id = 'did_smart_city_listed_excluded'"
    ).iloc[0]
    assert f"{n_obs:,} used; left out: {left_out}" in text
    assert "Shown in: Difference-in-differences, column 1" in text
    steps = [int(n.replace(",", "")) for n in re.findall(r"^ +([\d,]+) ", text, re.MULTILINE)]
    assert steps == sorted(steps, reverse=True) and len(steps) == 6
    sql = text.rsplit("SQL: ", 1)[1]
    assert len(published.frame(sql)) > 0


def test_an_unknown_regression_is_named_with_near_ones(connection):
    with pytest.raises(NothingToExplainError, match="near it: t3_4"):
        explain_specification(connection, "t3_44")
