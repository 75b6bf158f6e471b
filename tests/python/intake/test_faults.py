"""What the intake refuses, each in one line that names the place and the remedy."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from support.bad_files import FAULTS, renamed, save, whole_column_in_the_wrong_unit
from support.disguise import CHINESE, spelled
from urban_resilience.intake import IntakeError, inspect, prepare


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_the_fault_is_named_on_one_line(fault, small_files, tmp_path):
    fault(small_files["city_yearbook"], tmp_path / "raw")
    with pytest.raises(IntakeError) as raised:
        prepare(tmp_path / "raw", tmp_path / "out")
    lines = str(raised.value).splitlines()
    assert any(all(words in line for words in FAULTS[fault]) for line in lines), lines


def test_all_problems_of_a_folder_are_collected(small_files, tmp_path):
    rows = small_files["city_yearbook"]
    whole_column_in_the_wrong_unit(rows, tmp_path / "raw")
    (tmp_path / "raw" / "platform_members.csv").write_bytes(b"")
    (tmp_path / "raw" / "industry_output.csv").write_text("year,sector\n2010,D26\n")
    problems = inspect(tmp_path / "raw", tmp_path / "out").problems
    assert {problem.file for problem in problems} == {
        "city_yearbook.csv", "platform_members.csv", "industry_output.csv",
    }  # fmt: skip


def test_what_is_not_fatal_is_reported(small_files, tmp_path):
    rows = small_files["city_yearbook"]
    table = renamed(rows, telecom_volume_100m_yuan="电信业务总量（市辖区）（万元）")
    table["地区生产总值构成"] = 1.5
    table["人均绿地面积（平方米）"] = 50_000
    table["地区生产总价（万元）"] = 3
    save(table, tmp_path / "raw", "年鉴.csv")
    report = prepare(tmp_path / "raw", tmp_path / "out")
    ignored = {item.header: item.reason for item in report.sources[0].ignored}
    assert "市辖区" in ignored["电信业务总量（市辖区）（万元）"]
    assert "per head" in ignored["人均绿地面积（平方米）"]
    assert "gdp_100m_yuan" in ignored["地区生产总价（万元）"]
    assert "unknown" in ignored["地区生产总值构成"]
    prepared = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet")
    assert prepared["telecom_volume_100m_yuan"].isna().all()


def test_a_unit_that_only_its_size_tells_is_settled_and_said(small_files, tmp_path):
    rows = small_files["city_yearbook"]
    save(renamed(rows, gdp_100m_yuan="GDP"), tmp_path / "raw", "年鉴.csv")
    report = prepare(tmp_path / "raw", tmp_path / "out")
    assert any("no unit given, read as 万元" in note for note in report.sources[0].notes)
    prepared = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet")
    np.testing.assert_array_equal(prepared["gdp_100m_yuan"], rows["gdp_100m_yuan"])


def test_the_column_that_holds_cities_is_their_name(small_files, tmp_path):
    rows = small_files["city_yearbook"]
    table = spelled(rows, CHINESE).drop(columns="行政区划代码")
    table.insert(0, "地区", "东部")
    save(table, tmp_path / "raw", "年鉴.csv")
    report = prepare(tmp_path / "raw", tmp_path / "out")
    assert [item.header for item in report.sources[0].ignored] == ["地区"]
    prepared = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet")
    assert prepared["city_code"].tolist() == rows["city_code"].tolist()


@pytest.mark.thorough
def test_a_folder_per_year_is_one_yearbook(small_files, tmp_path):
    rows = small_files["city_yearbook"]
    for year, part in rows.groupby("year"):
        save(part, tmp_path / "raw" / str(year))
    report = prepare(tmp_path / "raw", tmp_path / "out")
    assert report.tables == {"city_yearbook": len(rows)}
    assert report.sources[0].source_file == "2005/city_yearbook.csv"


def test_growth_rates_become_indices(small_files, tmp_path):
    rows = small_files["city_yearbook"]
    table = spelled(rows, CHINESE).rename(columns={"地区生产总值指数": "地区生产总值增长率（%）"})
    table["地区生产总值增长率（%）"] = (rows["gdp_index_prev_year_100"] - 100).round(2)
    save(table, tmp_path / "raw", "年鉴.csv")
    prepare(tmp_path / "raw", tmp_path / "out")
    prepared = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet")
    np.testing.assert_array_equal(
        prepared["gdp_index_prev_year_100"], rows["gdp_index_prev_year_100"].round(2)
    )


def test_figures_that_are_no_numbers_do_not_pass_as_parquet(small_files, tmp_path):
    table = pa.Table.from_pandas(small_files["city_yearbook"], preserve_index=False)
    place = table.schema.get_field_index("gdp_100m_yuan")
    figures = table.column(place).to_pylist()
    figures[1], figures[2] = float("nan"), float("inf")
    table = table.set_column(place, "gdp_100m_yuan", pa.array(figures, pa.float64()))
    (tmp_path / "raw").mkdir()
    pq.write_table(table, tmp_path / "raw" / "city_yearbook.parquet")
    report = prepare(tmp_path / "raw", tmp_path / "out")
    assert [(c.source_row, c.column_name) for c in report.unreadable] == [(4, "gdp_100m_yuan")]
    prepared = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet")
    assert prepared["gdp_100m_yuan"].isna().sum() == 2


def test_two_figures_for_one_indicator_are_neither(small_files, tmp_path):
    lines = ["城市,年份,指标,数值", "北京市,2005,地区生产总值（亿元）,6969.5"]
    lines += ["北京市,2005,地区生产总值（亿元）,6886.3", "北京市,2006,地区生产总值（亿元）,8117.8"]
    lines += ["北京市,2006,地区生产总值（亿元）,8117.8"]
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "年鉴.csv").write_text("\n".join(lines), encoding="utf-8")
    report = prepare(tmp_path / "raw", tmp_path / "out")
    prepared = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet")
    assert prepared["gdp_100m_yuan"].isna().tolist() == [True, False]
    assert [(c.source_row, c.reason) for c in report.unreadable] == [
        (2, "row 3 says 6886.3, row 2 6969.5")
    ]
