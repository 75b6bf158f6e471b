"""Headers that leave out what a reader adds: marks of parts, areas above, years of two digits."""

import openpyxl
import pandas as pd
import pytest

from urban_resilience.intake import inspect

BOTH = ("石家庄市", "唐山市")


def read(folder, name, content):
    raw = folder / "raw"
    raw.mkdir()
    if isinstance(content, str):
        (raw / name).write_text(content, encoding="utf-8")
    else:
        book = openpyxl.Workbook()
        rows, merged = content
        for row in rows:
            book.active.append(row)
        for cells in merged:
            book.active.merge_cells(cells)
        book.save(raw / name)
    report = inspect(raw, folder / "out")
    path = report.out_dir / "city_yearbook.parquet"
    return report, pd.read_parquet(path) if path.exists() else pd.DataFrame()


def reasons(report):
    left_out = [item.reason for source in report.sources for item in source.ignored]
    return "\n".join([*left_out, *(item.reason for item in report.unused)])


@pytest.mark.parametrize("mark", ["#", "＃", "其中：", "其中:", "# ", "of which: "])
def test_a_part_takes_unit_and_name_from_the_whole_before_it(tmp_path, mark):
    text = (
        f"城市,年份,地区生产总值(万元),{mark}第二产业,{mark}第三产业,户籍人口(万人),{mark}女性\n"
        "石家庄市,2010,60000000,25000000,30000000,1000,500\n"
    )
    report, cells = read(tmp_path, "a.csv", text)
    [row] = cells.to_dict("records")
    assert row["gdp_100m_yuan"] == 6000
    assert row["secondary_output_100m_yuan"] == 2500
    assert row["tertiary_output_100m_yuan"] == 3000
    assert row["registered_population_10k"] == 1000
    assert reasons(report).startswith("unknown")


def test_a_part_of_something_else_is_no_value_added(tmp_path):
    text = "城市,年份,地方财政一般预算内收入(亿元),#第二产业\n石家庄市,2010,300,70\n"
    _, cells = read(tmp_path, "a.csv", text)
    assert cells["secondary_output_100m_yuan"].isna().all()


def test_a_part_in_another_unit_may_be_its_share_or_growth(tmp_path):
    text = "城市,年份,地区生产总值(亿元),#第二产业(%)\n石家庄市,2010,6000,45\n"
    report, cells = read(tmp_path, "a.csv", text)
    assert cells["secondary_output_100m_yuan"].isna().all()
    assert "its words say: one sector" in reasons(report)


def test_a_part_of_output_in_english(tmp_path):
    text = "City,Year,GRP (100 million yuan),of which: Secondary industry\nTangshan,2010,6000,45\n"
    _, cells = read(tmp_path, "a.csv", text)
    assert cells["secondary_output_100m_yuan"].tolist() == [45]


def test_a_part_of_some_people_is_not_all_of_another_kind(tmp_path):
    text = "城市,年份,常住人口(万人),#户籍人口\n石家庄市,2010,1000,700\n"
    _, cells = read(tmp_path, "a.csv", text)
    assert cells["registered_population_10k"].isna().all()


def test_a_part_of_the_city_proper_is_of_the_city_proper(tmp_path):
    text = (
        "城市,年份,地区生产总值(亿元),地区生产总值(亿元)(市辖区),#第二产业\n"
        "石家庄市,2010,6000,3000,1200\n"
    )
    report, cells = read(tmp_path, "a.csv", text)
    assert cells["secondary_output_100m_yuan"].isna().all()
    assert "city proper (市辖区): not the series of the whole city that `secondary" in reasons(
        report
    )


def test_parts_below_their_whole_in_a_column_of_indicators(tmp_path):
    text = (
        "指标,2010,2011\n地区生产总值(亿元),6000,6500\n#第二产业,2500,2600\n#第三产业,3000,3300\n"
    )
    _, cells = read(tmp_path, "石家庄市.csv", text)
    assert cells["secondary_output_100m_yuan"].tolist() == [2500, 2600]


def test_a_part_without_its_whole_says_what_it_may_be(tmp_path):
    text = "城市,年份,户籍人口(万人),#第二产业\n石家庄市,2010,1000,2500\n"
    report, cells = read(tmp_path, "a.csv", text)
    assert cells["secondary_output_100m_yuan"].isna().all()
    assert "not whether value added, a share or people employed" in reasons(report)


def test_what_the_owner_says_of_a_part_holds(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "columns.csv").write_text("header,column\n#第二产业,ignore\n", "utf-8")
    (tmp_path / "raw" / "a.csv").write_text(
        "城市,年份,地区生产总值(亿元),#第二产业\n石家庄市,2010,6000,2500\n", "utf-8"
    )
    report = inspect(tmp_path / "raw", tmp_path / "out")
    assert not report.problems
    cells = pd.read_parquet(report.out_dir / "city_yearbook.parquet")
    assert cells["secondary_output_100m_yuan"].isna().all()


NAMES = ["地区生产总值(亿元)", "户籍人口(万人)"]
FIGURES = [["石家庄市", 6000, 1000, 3000, 400], ["唐山市", 7000, 750, 3500, 330]]
AREAS_ABOVE = {
    "merged": (
        [["城市", "全市", None, "市辖区", None], [None, *NAMES, *NAMES], *FIGURES],
        ["A1:A2", "B1:C1", "D1:E1"],
    ),
    "not merged": (
        [["城市", "全市", None, "市辖区", None], [None, *NAMES, *NAMES], *FIGURES],
        [],
    ),
    "spelled out": (
        [["城市", "全市", "全市", "市辖区", "市辖区"], [None, *NAMES, *NAMES], *FIGURES],
        [],
    ),
    "the cities named below": (
        [[None, "全市", None, "市辖区", None], ["城市", *NAMES, *NAMES], *FIGURES],
        [],
    ),
    "two languages, units below": (
        [
            ["表2-1"],
            ["城市\nCity", "全市\nTotal City", None, "市辖区\nDistricts under City", None],
            [None, *["地区生产总值\nGRP", "户籍人口\nRegistered Population"] * 2],
            [None, *["(亿元)", "(万人)"] * 2],
            *FIGURES,
        ],
        ["A2:A4", "B2:C2", "D2:E2"],
    ),
}


@pytest.mark.parametrize("case", AREAS_ABOVE)
def test_areas_above_the_names_tell_them_apart(tmp_path, case):
    report, cells = read(tmp_path, "2-1 2017.xlsx", AREAS_ABOVE[case])
    assert not report.problems
    assert cells["gdp_100m_yuan"].tolist() == [6000, 7000]
    assert cells["registered_population_10k"].tolist() == [1000, 750]
    assert reasons(report).count("city proper (市辖区)") == 2


def test_english_names_may_stand_above_the_chinese(tmp_path):
    rows = [
        ["City", "Gross Regional Product", "Population"],
        ["城市", "地区生产总值", "年末总人口"],
        [None, "(万元)", "(万人)"],
        ["石家庄市", 60000000, 1000],
    ]
    report, cells = read(tmp_path, "2017.xlsx", (rows, []))
    assert cells["gdp_100m_yuan"].tolist() == [6000]
    assert cells["registered_population_10k"].tolist() == [1000]
    assert report.unreadable == ()


def test_a_column_beside_merged_areas_is_of_neither(tmp_path):
    rows = [
        ["城市", "市辖区", None, None],
        [None, *NAMES, "年末常住人口(万人)"],
        ["石家庄市", 3000, 400, 1020],
    ]
    report, cells = read(tmp_path, "2017.xlsx", (rows, ["B1:C1"]))
    assert cells["residents_10k"].tolist() == [1020]
    assert cells["gdp_100m_yuan"].isna().all()
    assert reasons(report).count("city proper (市辖区)") == 2


def test_a_province_above_the_header_settles_a_name_of_the_first_page(tmp_path):
    header = ["城市", "地区生产总值(亿元)"]
    rows = [["安徽省"], header, ["Suzhou", 1400], ["江苏省"], header, ["Suzhou", 17000]]
    _, cells = read(tmp_path, "2017.xlsx", (rows, []))
    assert dict(zip(cells["city_code"], cells["gdp_100m_yuan"], strict=True)) == {
        "341300": 1400,
        "320500": 17000,
    }


@pytest.mark.parametrize(
    ("headers", "years"),
    [
        (["gdp09", "gdp10", "gdp11"], [2009, 2010, 2011]),
        (["GDP_98", "GDP_99", "GDP_00", "GDP_01"], [1998, 1999, 2000, 2001]),
    ],
)
def test_a_run_of_two_digits_is_years(tmp_path, headers, years):
    figures = [2000 + n for n in range(len(years))]
    text = ",".join(["城市", *headers]) + "\n石家庄市," + ",".join(map(str, figures)) + "\n"
    _, cells = read(tmp_path, "a.csv", text)
    assert cells[["year", "gdp_100m_yuan"]].to_numpy().tolist() == [
        list(pair) for pair in zip(years, figures, strict=True)
    ]


@pytest.mark.parametrize(
    "headers",
    [["gdp10"], ["gdp10", "gdp11"], ["gdp01", "gdp02", "gdp03"], ["gdp05", "gdp10", "gdp15"]],
)
def test_two_digits_that_may_be_anything_are_asked_for(tmp_path, headers):
    text = ",".join(["城市", *headers]) + "\n石家庄市" + ",2000" * len(headers) + "\n"
    report, cells = read(tmp_path, "a.csv", text)
    assert cells.empty
    assert f"may name years by two digits (`{headers[0]}`" in reasons(report)
    assert f"write years with four, such as `gdp20{headers[0][-2:]}`" in reasons(report)


def test_two_digits_beside_a_column_of_years_are_asked_for(tmp_path):
    text = "城市,年份,户籍人口(万人),gdp05\n石家庄市,2010,1000,1800\n"
    report, cells = read(tmp_path, "a.csv", text)
    assert cells["gdp_100m_yuan"].isna().all()
    assert "the 05 behind `gdp` may be a year, a base year or a count" in reasons(report)


@pytest.mark.parametrize(
    ("header", "column", "figure"),
    [
        ("GDP_in_100_million_yuan", "gdp_100m_yuan", 2000),
        ("loans_in_10000_yuan", "loans_100m_yuan", 0.2),
        ("总人口(户籍)", "registered_population_10k", 2000),
    ],
)
def test_units_and_kinds_of_people_behind_a_name(tmp_path, header, column, figure):
    text = f"城市,年份,{header}\n石家庄市,2010,2000\n"
    _, cells = read(tmp_path, "a.csv", text)
    assert cells[column].tolist() == [figure]


@pytest.mark.parametrize("header", ["人口", "人口(万人)", "人口总数", "pop"])
def test_people_of_no_kind_are_taken_for_registered_and_said(tmp_path, header):
    text = f"城市,年份,{header}\n石家庄市,2010,900\n唐山市,2010,700\n"
    report, cells = read(tmp_path, "a.csv", text)
    assert cells["registered_population_10k"].tolist() == [900, 700]
    [source] = report.sources
    assert any("taken for registered people (户籍人口); if the figures" in n for n in source.notes)


@pytest.mark.parametrize("header", ["农业人口", "城镇人口", "平均人口", "暂住人口", "人口密度"])
def test_a_part_of_the_people_is_not_all(tmp_path, header):
    text = f"城市,年份,GDP(亿元),{header}\n石家庄市,2010,6000,900\n唐山市,2010,5000,700\n"
    _, cells = read(tmp_path, "a.csv", text)
    assert cells["registered_population_10k"].isna().all()


@pytest.mark.parametrize("header", ["会员年限", "诚信通年限", "years_of_membership"])
def test_how_long_a_firm_is_a_member_does_not_date_it(tmp_path, header):
    text = f"企业名称,城市,行业,{header}\n甲,石家庄市,纺织业,3\n"
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "yearbook.csv").write_text(
        "城市,年份,GDP(亿元)\n石家庄市,2010,9\n", "utf-8"
    )
    (tmp_path / "raw" / "会员.csv").write_text(text, "utf-8")
    report = inspect(tmp_path / "raw", tmp_path / "out")
    [reason] = [item.reason for item in report.unused]
    assert f"lacks `joined_year` (its headers: 企业名称, 城市, 行业, {header}" in reason
    assert f"`{header}` says how long and not since when" in reason
    assert f"add `加入年份`: the year in which `{header}` was counted, less its years" in reason


def test_a_sheet_named_after_its_province_settles_a_name(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "安徽.csv").write_text("城市,年份,GDP(亿元)\nSuzhou,2010,650\n", "utf-8")
    report = inspect(tmp_path / "raw", tmp_path / "out")
    cells = pd.read_parquet(report.out_dir / "city_yearbook.parquet")
    assert cells["city_code"].tolist() == ["341300"]


def test_two_columns_of_one_series_with_the_same_figures_are_one(tmp_path):
    text = "城市,年份,GDP(亿元),地区生产总值(亿元)\n石家庄市,2010,9,9\n唐山市,2010,5,5\n"
    report, cells = read(tmp_path, "a.csv", text)
    assert not report.problems
    assert cells["gdp_100m_yuan"].tolist() == [9, 5]
    assert reasons(report) == "the same figures as `GDP(亿元)`"


@pytest.mark.parametrize("other", ["6", ""])
def test_two_columns_of_one_series_that_differ_are_asked_for(tmp_path, other):
    text = f"城市,年份,GDP(亿元),地区生产总值(亿元)\n石家庄市,2010,9,9\n唐山市,2010,5,{other}\n"
    report, _ = read(tmp_path, "a.csv", text)
    assert any("both read as `gdp_100m_yuan`" in str(problem) for problem in report.problems)


@pytest.mark.parametrize("cell", ["130100石家庄市", "130100 石家庄", "石家庄市(130100)"])
def test_a_code_and_a_name_in_one_cell_are_taken_apart(tmp_path, cell):
    _, cells = read(tmp_path, "a.csv", f"城市,年份,GDP(亿元)\n{cell},2010,9\n")
    assert cells["city_code"].tolist() == ["130100"]


def test_a_code_and_the_name_of_another_city_in_one_cell_contradict(tmp_path):
    report, _ = read(tmp_path, "a.csv", "城市,年份,GDP(亿元)\n130100唐山市,2010,9\n唐山市,2010,5\n")
    [cell] = report.unreadable
    assert "130100 is 石家庄市 but the name is 唐山市" in cell.reason
