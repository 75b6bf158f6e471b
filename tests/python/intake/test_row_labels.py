"""Labels of rows, units of rows and titles that make figures another series."""

import pytest

from support.sheets import assert_exactly, read
from urban_resilience.intake.recognition.row_labels import kind_of_label, part_of_year_in

GDP = "gdp_100m_yuan"
BOTH = {("130100", 2013, GDP): 2000.5, ("140100", 2013, GDP): 2311.25}
OTHERS = [
    "1-6月", "1-9月累计", "上半年", "一季度", "前三季度", "季度", "不变价", "2010年不变价",
    "按可比价计算", "增速", "同比增长", "人均", "占比", "指数", "预测数", "计划", "市辖区数据",
    "城区", "不含县", "city proper only", "forecast", "其中",
]  # fmt: skip
NOTHING = [
    "1-12月", "全年", "年度", "当年价", "绝对值", "全市", "修订数", "城市统计年鉴", "资源型城市",
    "东部", "市辖区数据缺失", "工业", "第二产业", "累计", "增长极", "人均收入较高", "",
]  # fmt: skip


@pytest.mark.parametrize("label", OTHERS)
def test_a_label_makes_another_series(label):
    assert kind_of_label(label)


@pytest.mark.parametrize("label", NOTHING)
def test_a_label_that_says_nothing_of_figures(label):
    assert not kind_of_label(label)


def wide(header, *labels):
    rows = [["石家庄市", 2013, 2000.5], ["太原市", 2013, 2311.25]]
    rows = [[*row[:2], label, row[2]] for row in rows for label in labels]
    return {"a.csv": [["城市", "年份", header, "GDP(亿元)"], *rows]}


def long(header, *labels):
    rows = [[*row[:3], "地区生产总值", "亿元", row[3]] for row in wide("", *labels)["a.csv"][1:]]
    return {"a.csv": [["城市", "年份", header, "指标", "单位", "数值"], *rows]}


@pytest.mark.parametrize("sheet", [wide, long])
@pytest.mark.parametrize("label", ["1-6月", "不变价", "市辖区数据", "增速"])
def test_rows_of_another_series_are_not_used(tmp_path, sheet, label):
    found = read(tmp_path, sheet("备注", label))
    assert not found.figures
    assert f"its rows are another series, as column `备注` says (`{label}`" in found.left_over


@pytest.mark.parametrize("sheet", [wide, long])
@pytest.mark.parametrize("pair", [("1-12月", "1-6月"), ("当年价", "不变价"), ("绝对值", "增速")])
def test_they_are_left_out_beside_those_of_the_series(tmp_path, sheet, pair):
    files = sheet("类型", *pair)
    for row in files["a.csv"][1:]:
        row[-1] = row[-1] / 2 if pair[1] in row else row[-1]
    found = read(tmp_path, files)
    assert_exactly(found, BOTH)
    assert f"2 rows of another series left out by column `类型` (`{pair[1]}`" in found.notes


def test_a_column_of_labels_can_be_ignored_by_its_owner(tmp_path):
    said = "file,sheet,header,column,unit\n,,备注,ignore,\n"
    assert_exactly(read(tmp_path, {**wide("备注", "不变价"), "columns.csv": said}), BOTH)


@pytest.mark.parametrize("header", ["城乡", "所有制", "登记注册类型"])
def test_rows_of_a_part_of_a_city_are_not_used(tmp_path, header):
    found = read(tmp_path, wide(header, "城镇"))
    assert not found.figures
    assert "its rows are parts of cities" in found.left_over


def of_unit(indicator, unit):
    rows = [["石家庄市", 2013, indicator, unit, 2000.5], ["太原市", 2013, indicator, unit, 2311.25]]
    return {"a.csv": [["城市", "年份", "指标", "单位", "数值"], *rows]}


@pytest.mark.parametrize(
    ("indicator", "unit", "why"),
    [
        ("地区生产总值", "亿日元", "its unit `亿日元` is not known"),
        ("地区生产总值", "亿元/人", "its unit `亿元/人` is not known"),
        ("地区生产总值", "位次", "ranks (`位次`), no figures"),
        ("专利授权数", "位", "ranks (`位`), no figures"),
        ("地区生产总值(亿元)", "万元", "its name says `亿元` and its row `万元`"),
    ],
)
def test_a_unit_of_rows_that_does_not_fit_is_named(tmp_path, indicator, unit, why):
    found = read(tmp_path, of_unit(indicator, unit))
    assert not found.figures
    assert why in found.left_over


@pytest.mark.parametrize("unit", ["亿元", "亿 元", "亿元①", ""])
def test_a_unit_of_rows_in_any_spelling(tmp_path, unit):
    assert_exactly(read(tmp_path, of_unit("地区生产总值", unit)), BOTH)


def titled(title, *headers):
    return {"a.xlsx": {"S": [[title], ["城市", *headers], ["石家庄市", 4200.5, 2311.25]]}}


@pytest.mark.parametrize(
    "title", ["2013年1-9月主要指标", "2013年上半年主要指标", "2013年前三季度", "2013年第一季度"]
)
def test_a_title_of_a_part_of_a_year(tmp_path, title):
    found = read(tmp_path, titled(title, "GDP(亿元)", "社会消费品零售总额(亿元)"))
    assert not found.figures
    assert f"its figures are of a part of a year, as `{title}` says" in found.left_over


def test_a_sheet_of_a_month(tmp_path):
    remark = "说明：部分城市2013年上半年进行了行政区划调整，表中数据均按调整以后的区划口径作了修订"
    assert not part_of_year_in([remark])
    assert part_of_year_in(["6月"]) and not part_of_year_in(["12月", "2013年1-12月", "GDP"])
    sheet = [["城市", "GDP(亿元)"], ["石家庄市", 2000.5]]
    assert not read(tmp_path, {"2013.xlsx": {"6月": sheet}}).figures


def test_a_title_of_twelve_months_is_of_its_year(tmp_path):
    found = read(tmp_path, titled("2013年1-12月主要指标", "GDP(亿元)"))
    assert_exactly(found, {("130100", 2013, GDP): 4200.5})


TWO = ("地区生产总值", "社会消费品零售总额")


@pytest.mark.parametrize(
    ("title", "headers"),
    [
        ("2013年主要指标增长速度（%）", TWO),
        ("2013年主要指标比上年增长情况", TWO),
        ("2013年各市构成", TWO),
        ("2013年人均指标", [f"{name}(元)" for name in TWO]),
    ],
)
def test_a_title_that_makes_all_its_series_others(tmp_path, title, headers):
    found = read(tmp_path, titled(title, *headers))
    assert not found.figures
    assert f"the title: `{title}` makes it another series" in found.left_over


@pytest.mark.parametrize(
    "title", ["2013年主要指标及增长速度", "2013年经济增长数据", "2013年人均GDP测算", "2013年指数"]
)
def test_a_title_that_is_not_of_all_its_series(tmp_path, title):
    assert len(read(tmp_path, titled(title, *TWO)).figures) == 2


def test_national_figures_of_a_half_year(tmp_path):
    text = "时间,网民规模（万人）\n2013年6月,59056\n2013年12月,61758\n"
    found = read(tmp_path, {"网民.csv": text})
    (unread,) = found.report.unreadable
    assert "is a date within a year" in unread.reason
