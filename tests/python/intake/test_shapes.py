"""Sheets in shapes of their own, brought into one that the readers know."""

import pandas as pd
import pytest

from urban_resilience.intake import inspect
from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.recognition.shapes import reshape
from urban_resilience.intake.recognition.shapes.naming import city_named, series_named
from urban_resilience.intake.recognition.shapes.years import stub_and_year_of, year_of

CITIES = ("石家庄市", "唐山市", "秦皇岛市")


def grid_of(rows, source="GDP.csv", title=None):
    """Return a sheet as a reader would."""
    stem = source.split(" [")[0].rsplit(".", 1)[0]
    return Grid(source, [list(row) for row in rows], "csv", title=title or stem)


def shaped(rows, source="GDP.csv", title=None):
    grids, reason = reshape(grid_of(rows, source, title))
    assert len(grids) == 1, reason
    return grids[0]


def read(folder, files):
    """Write files of text, prepare them, and return the report and the yearbook."""
    raw = folder / "raw"
    raw.mkdir()
    for name, text in files.items():
        (raw / name).write_text(text, encoding="utf-8")
    report = inspect(raw, folder / "out")
    path = folder / "out" / "city_yearbook.parquet"
    return report, pd.read_parquet(path) if path.exists() else None


@pytest.mark.parametrize("cell", ["2010", 2010, 2010.0, "2010年", "2010 年", "Y2010", "2010.0"])
def test_years_are_spelled_in_many_ways(cell):
    assert year_of(cell) == 2010


@pytest.mark.parametrize("cell", ["GDP2010", "2010-2013", 1499.8, "3010", None, True, "2010=100"])
def test_what_is_no_year_alone(cell):
    assert year_of(cell) is None


@pytest.mark.parametrize(
    ("header", "stub"),
    [
        ("gdp2010", "gdp"),
        ("gdp_2010", "gdp"),
        ("GDP 2010年", "gdp"),
        ("2010年GDP", "gdp"),
        ("2010年末总人口", "总人口"),
        ("gdp_2010(亿元)", "gdp(亿元)"),
        ("GDP(2010年)(亿元)", "gdp(亿元)"),
    ],
)
def test_a_stub_and_its_year(header, stub):
    found = stub_and_year_of(header)
    assert (found.stubs[0], found.year) == (stub, 2010)


@pytest.mark.parametrize("header", ["GDP(2010年不变价)", "CPI(2010=100)", "gdp", "gdp10"])
def test_a_year_among_other_words_is_no_year_of_the_figures(header):
    assert stub_and_year_of(header) is None


@pytest.mark.parametrize(
    ("text", "series"),
    [
        ("指标：地区生产总值(当年价格)(亿元)", "指标:地区生产总值(当年价格)(亿元)"),
        ("2010-2013年全国地级市地区生产总值", "地区生产总值"),
        ("河北省各市GDP面板数据", "GDP"),
        ("全国地级市人均地区生产总值", "人均地区生产总值"),
        ("全国地级市人均预算收入", ""),
        ("地区生产总值增长贡献率", ""),
    ],
)
def test_a_title_names_a_series_only_where_all_its_words_are_known(text, series):
    assert series_named(text) == series


def test_a_file_is_named_after_a_city():
    assert city_named("石家庄市2010-2013年主要指标") == "石家庄市"
    assert city_named("地区：唐山市") == "唐山市"
    assert city_named("城市数据") == ""


def test_years_across_with_the_series_in_the_name_of_the_file(tmp_path):
    text = "单位：万元,,\n城市,2011年,2010年\n" + "".join(
        f"{city},{20000 + n},{10000 + n}\n" for n, city in enumerate(CITIES)
    )
    report, table = read(tmp_path, {"GDP.csv": text + "注：当年价格,,\n"})
    assert not report.problems
    assert len(table) == 6
    first = table[(table.city_code == "130100")].set_index("year")
    assert first.gdp_100m_yuan.to_dict() == {2010: 1.0, 2011: 2.0}
    assert set(first.source_row) == {3}
    notes = " ".join(report.sources[0].notes)
    assert "years across (2010 to 2011)" in notes
    assert "series `GDP` from the name of the file" in notes
    assert (
        "7 rows" not in notes and "1 row without figures left out (headings, remarks): 6" in notes
    )


def test_years_across_with_indicators_in_a_column(tmp_path):
    rows = "地区,指标,单位,2010,2012\n"
    for n, city in enumerate(CITIES):
        rows += f"{city},地区生产总值,亿元,{100 + n},{200 + n}\n"
        rows += f"{city},年末户籍人口,万人,{500 + n},{501 + n}\n"
        rows += f"{city},夜间灯光,个,1,2\n"
    report, table = read(tmp_path, {"EPS.csv": rows})
    assert not report.problems
    assert len(table) == 6
    row = table.set_index(["city_code", "year"]).loc[("130200", 2012)]
    assert (row.gdp_100m_yuan, row.registered_population_10k) == (201, 502)
    assert any("夜间灯光" in item.header for item in report.sources[0].ignored)
    assert "2010 to 2012" in " ".join(report.sources[0].notes)


def test_one_city_a_file_with_indicators_down_and_years_across(tmp_path):
    text = (
        "数据库：主要城市年度数据,,\n地区：{},,\n时间：最近2年,,\n指标,2011年,2010年\n"
        "地区生产总值(亿元),{},90\n年末户籍人口(万人),800,790\n数据来源：国家统计局,,\n"
    )
    files = {"年度数据1.csv": text.format("石家庄", 100), "年度数据2.csv": text.format("唐山", 200)}
    report, table = read(tmp_path, files)
    assert not report.problems
    found = table.set_index(["city_code", "year"]).gdp_100m_yuan.to_dict()
    assert found[("130100", 2011)] == 100 and found[("130200", 2011)] == 200
    assert len(table) == 4


def test_the_name_of_the_sheet_or_a_column_may_be_that_of_the_series():
    rows = [["地区生产总值(亿元)", 2010, 2011], *[[city, 10, 20] for city in CITIES]]
    assert shaped(rows, "x.csv").rows[0] == ["城市", "年份", "地区生产总值(亿元)"]
    rows[0][0] = "城市"
    assert shaped(rows, "book.xlsx [年末户籍人口]", "年末户籍人口").rows[0][2] == "年末户籍人口"


def test_two_header_rows_of_series_and_years():
    upper = ["城市", "GDP(亿元)", "", "年末户籍人口(万人)", ""]
    lower = ["", 2010, 2011, 2010, 2011]
    rows = [upper, lower, *[[city, 1, 2, 3, 4] for city in CITIES]]
    assert shaped(rows, "x.csv").rows[:3] == [
        ["城市", "年份", "GDP(亿元)", "年末户籍人口(万人)"],
        ["石家庄市", 2010, 1, 3],
        ["石家庄市", 2011, 2, 4],
    ]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("夜间灯光.csv", "no title, sheet or file name is a known series"),
        ("人均消费支出.csv", "is another series: a ratio to heads or area"),
    ],
)
def test_years_across_of_an_unknown_series_say_why(source, reason):
    rows = [["城市", 2010, 2011], *[[city, 10, 20] for city in CITIES]]
    grids, why = reshape(grid_of(rows, source))
    assert not grids and reason in why


def test_two_names_for_one_sheet_are_refused():
    rows = [["年末户籍人口"], ["城市", 2010, 2011], *[[city, 10, 20] for city in CITIES]]
    grids, why = reshape(grid_of(rows, "book.xlsx [GDP]", "GDP"))
    assert not grids and "two series" in why


def test_figures_that_look_like_years_are_no_header():
    rows = [["城市", "GDP", "人口"], ["石家庄市", 2010, 1998], ["唐山市", 2005, 2001]]
    assert reshape(grid_of(rows)) == ([], "")


def test_stubs_and_years(tmp_path):
    header = "城市,gdp2010(亿元),pop2010(万人),2011年gdp(亿元),pop_2011(万人),dummy2011,面积\n"
    rows = [f"{city},1{n}0,50{n},2{n}0,51{n},1,7\n" for n, city in enumerate(CITIES)]
    text = header + "".join(rows)
    report, table = read(tmp_path, {"panel.csv": text})
    assert not report.problems
    row = table.set_index(["city_code", "year"]).loc[("130300", 2011)]
    assert (row.gdp_100m_yuan, row.registered_population_10k, row.source_row) == (220, 512, 4)
    ignored = {item.header for item in report.sources[0].ignored}
    assert "dummy" in ignored


def test_a_stub_beside_years_or_beside_its_own_series_is_left_to_the_reader():
    rows = [["城市", "年份", "gdp_2005"], ["石家庄市", 2010, 5]]
    assert reshape(grid_of(rows)) == ([], "")
    rows = [["城市", "GDP", "gdp_2005"], ["石家庄市", 2010, 5]]
    assert reshape(grid_of(rows)) == ([], "")


def test_years_of_two_digits_are_refused_by_name():
    grids, why = reshape(grid_of([["城市", "gdp10", "gdp11"], ["石家庄市", 1, 2]], "x.csv"))
    assert not grids and "`gdp10`, `gdp11`" in why and "gdp2010" in why


def io_rows(prefix="TTL_"):
    return [
        ["", "D01T02", "D03", "D05T06", "HFCE"],
        [f"{prefix}01T02", 1, 2, 3, 90],
        [f"{prefix}03", 4, 5, 6, 91],
        [f"{prefix}05T06", 7, 8, 9, 92],
        ["VALU", 50, 51, 52, 93],
        ["OUTPUT", 100, 101, 102, 94],
    ]


def test_a_national_input_output_table_becomes_flows_and_output():
    (flows, output), reason = reshape(grid_of(io_rows(), "CHN2018ttl.csv"))
    assert not reason
    assert flows.rows[:3] == [
        ["year", "supplying_sector", "using_sector", "value_million_usd"],
        [2018, "TTL_01T02", "D01T02", 1],
        [2018, "TTL_01T02", "D03", 2],
    ]
    assert len(flows.rows) == 10 and flows.row_number(4) == 3
    assert output.rows[1:] == [
        [2018, "D01T02", 100],
        [2018, "D03", 101],
        [2018, "D05T06", 102],
    ]
    assert [name for name, _ in flows.left_out] == ["VALU", "HFCE"]


@pytest.mark.parametrize(
    ("rows", "source", "reason"),
    [
        (io_rows(), "table.csv", "no year"),
        (io_rows()[:-1], "CHN2018ttl.csv", "gross output"),
    ],
)
def test_an_input_output_table_that_cannot_be_used_says_why(rows, source, reason):
    grids, why = reshape(grid_of(rows, source))
    assert not grids and reason in why


def test_codes_labels_and_units_in_three_rows(tmp_path):
    text = "Sgnyea,Ctnm_id,Ctnm,Gdpct01,Gdpct03\n年度标识,城市代码,城市名称,GDP,第二产业占GDP比重\n"
    text += "没有单位,没有单位,没有单位,万元,%\n2010,130100,石家庄市,20000,34.7\n"
    report, table = read(tmp_path, {"CRE_Gdpct.csv": text + "2011,130100,石家庄市,30000,35\n"})
    assert not report.problems
    assert table.gdp_100m_yuan.tolist() == [2.0, 3.0]
    assert table.year.tolist() == [2010, 2011]
    assert table.source_row.tolist() == [4, 5]
    assert table.secondary_share_percent.tolist() == [34.7, 35]


def test_a_row_of_data_is_not_taken_for_labels():
    rows = [["year", "city", "gdp"], ["2010", "石家庄市", "5"], ["2011", "石家庄市", "6"]]
    assert reshape(grid_of(rows, "x.csv")) == ([], "")


def test_a_table_printed_over_pages(tmp_path):
    head = "城 市,地区生产总值(亿元),,年末户籍人口(万人),\n,全 市,市辖区,全 市,市辖区\n"
    text = (
        "2-1 综合(2016年),,,,\n" + head + "河北省,,,,\n 石家庄市,10,1,20,2\n吉林省,,,,\n"
        "吉林,11,1,21,2\n,,,,\n2-1 续表 1 continued,,,,\n" + head + "长春市,12,1,22,2\n注：略,,,,\n"
    )
    report, table = read(tmp_path, {"2-1.csv": text})
    assert not report.problems
    assert table.city_code.tolist() == ["130100", "220200", "220100"]
    assert table.gdp_100m_yuan.tolist() == [10, 11, 12]
    assert table.registered_population_10k.tolist() == [20, 21, 22]
    assert table.source_row.tolist() == [5, 7, 12]
    notes = " ".join(report.sources[0].notes)
    assert "names of provinces above their cities: 4, 6" in notes
    assert "headers and titles repeated: 9, 10, 11" in notes
    assert sum("市辖区" in item.header for item in report.sources[0].ignored) == 2


def test_several_cities_a_line():
    rows = [
        ["2012年"],
        ["城市", "GDP(亿元)", "城市", "GDP(亿元)"],
        ["石家庄市", 1, "唐山市", 2],
        ["秦皇岛市", 3, None, None],
    ]
    found = shaped(rows, "x.csv")
    assert [row[:2] for row in found.rows[1:]] == [
        ["城市", "GDP(亿元)"],
        ["石家庄市", 1],
        ["秦皇岛市", 3],
        ["唐山市", 2],
    ]
    assert found.origins == (1, 2, 3, 4, 3)
    assert "2 blocks of columns" in found.notes[0]


def test_a_plain_table_stays_as_it_is():
    rows = [["城市", "年份", "GDP"], ["北京市", 2010, 1], ["石家庄市", 2010, 2]]
    assert reshape(grid_of(rows)) == ([], "")


def test_a_register_of_firms_says_what_it_lacks_and_what_it_could_be(tmp_path):
    text = "企业名称,统一社会信用代码,注册日期,所在省份,地区\n甲公司,91A,2016-05-12,浙江省,杭州市\n"
    report, _ = read(tmp_path, {"2016.csv": text + "乙公司,91B,2015/11/02,广东省,深圳市\n"})
    reason = next(item.reason for item in report.unused if item.header == "2016.csv")
    assert "2 firms, registered 2015 to 2016" in reason
    assert "no industry code" in reason and "`地区`" in reason and "new_firms" in reason


def test_a_list_of_members_with_industries_is_no_register():
    rows = [["企业名称", "注册日期", "行业代码", "城市"], ["甲公司", "2016-05-12", "C17", "杭州市"]]
    assert reshape(grid_of(rows, "x.csv")) == ([], "")


def io_record_rows(unit="Millions"):
    header = ["VAR", "COU", "ROW", "COL", "Time", "PowerCode", "Value"]
    figures = [
        ("CHN", "TTL_01T02", "D01T02", 1),
        ("CHN", "TTL_03", "D01T02", 2),
        ("CHN", "TTL_03", "HFCE", 3),
        ("CHN", "OUTPUT", "D01T02", 9),
        ("USA", "TTL_03", "D01T02", 7),
    ]
    return [header, *[["TTL", cou, row, col, 2018, unit, v] for cou, row, col, v in figures]]


def test_records_of_sectors_become_flows_and_output():
    (flows, output), _ = reshape(grid_of(io_record_rows(), "IOTS.csv"))
    assert flows.rows[1:] == [[2018, "TTL_01T02", "D01T02", 1], [2018, "TTL_03", "D01T02", 2]]
    assert output.rows[1:] == [[2018, "D01T02", 9]] and output.row_number(1) == 5
    assert "final_demand HFCE (1)" in flows.notes[0] and "country usa (1)" in flows.notes[0]


def test_records_of_sectors_in_another_power_are_converted():
    (flows, output), _ = reshape(grid_of(io_record_rows("Thousands"), "IOTS.csv"))
    assert [row[-1] for row in flows.rows[1:]] == [0.001, 0.002]
    assert output.rows[1:] == [[2018, "D01T02", 0.009]]
    assert "million US dollars (`Thousands`)" in flows.notes


def test_records_of_sectors_in_an_unknown_power_are_refused():
    grids, why = reshape(grid_of(io_record_rows("Dozens"), "IOTS.csv"))
    assert not grids and "`Dozens`" in why


def test_one_city_a_file_with_years_down(tmp_path):
    text = "年份,GDP(亿元),年末户籍人口(万人)\n2010年,{},900\n2011年,{},901\n注：略,,\n"
    files = {"石家庄市.csv": text.format(10, 11), "唐山市2010-2011.csv": text.format(20, 21)}
    report, table = read(tmp_path, files)
    assert not report.problems
    found = table.set_index(["city_code", "year"]).gdp_100m_yuan.to_dict()
    assert found == {
        ("130100", 2010): 10,
        ("130100", 2011): 11,
        ("130200", 2010): 20,
        ("130200", 2011): 21,
    }
    assert sorted(set(table.source_row)) == [2, 3]
    assert any("city `石家庄市` from the name of the file" in n for n in report.sources[1].notes)


def test_years_that_stand_twice_are_not_of_one_city():
    rows = [["年份", "GDP(亿元)"], ["2010", 1], ["2010", 2]]
    assert reshape(grid_of(rows, "石家庄市.csv")) == ([], "")


def icio_rows(countries):
    codes = [f"{country}_{sector}" for country in countries for sector in ("01T02", "03")]
    header = ["V1", *codes, "CHN_HFCE"]
    body = [[code, *[10 * n + m for m in range(len(codes))], 5] for n, code in enumerate(codes)]
    return [header, *body, ["OUT", *[100 + m for m in range(len(codes))], 0]]


def test_an_inter_country_table_gives_all_inputs_to_china():
    (flows, output), why = reshape(grid_of(icio_rows(["CHN", "USA"]), "ICIO2021_2018.csv"))
    assert not why
    # 01T02 of China (row 0) and of the USA (row 2) to 01T02 of China: 0 + 20.
    assert flows.rows[1:] == [
        [2018, "01T02", "01T02", 20.0],
        [2018, "01T02", "03", 22.0],
        [2018, "03", "01T02", 40.0],
        [2018, "03", "03", 42.0],
    ]
    assert output.rows[1:] == [[2018, "01T02", 100.0], [2018, "03", 101.0]]
    assert flows.origins == (1, 2, 2, 3, 3)


def test_the_parts_of_china_are_added_up():
    (flows, output), _ = reshape(grid_of(icio_rows(["CN1", "CN2"]), "ICIO2021_2018.csv"))
    assert output.rows[1:] == [[2018, "01T02", 202.0], [2018, "03", 204.0]]
    # Rows 0 and 2, columns 0 and 2: 0 + 2 + 20 + 22.
    assert flows.rows[1] == [2018, "01T02", "01T02", 44.0]


@pytest.mark.parametrize(
    ("countries", "reason"), [(["CHN", "CN1"], "parts too"), (["USA", "JPN"], "without columns")]
)
def test_an_inter_country_table_that_cannot_be_used_says_why(countries, reason):
    grids, why = reshape(grid_of(icio_rows(countries), "ICIO2021_2018.csv"))
    assert not grids and reason in why
