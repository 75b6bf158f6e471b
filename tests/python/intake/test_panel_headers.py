"""Headers that panels of cities carry: each is its column in its unit, or is left out with why."""

import re

import pytest

from urban_resilience.intake.recognition.match import match_columns
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.intake.vocabulary.headers import parse_header

# Header, column, a figure of it as supplied, and the same in the column's unit.
SERIES = [
    ("GDP_当年价格_亿元_全市", "gdp_100m_yuan", 1500, 1500),
    ("地区生产总值_当年价格_全市_万元", "gdp_100m_yuan", 15000000, 1500),
    ("全市_地区生产总值_亿元", "gdp_100m_yuan", 1500, 1500),
    ("全市地区生产总值（亿元）", "gdp_100m_yuan", 1500, 1500),
    ("【地区生产总值】亿元", "gdp_100m_yuan", 1500, 1500),
    ("（亿元）地区生产总值", "gdp_100m_yuan", 1500, 1500),
    ("亿元 地区生产总值", "gdp_100m_yuan", 1500, 1500),
    ("地区生产总值（当年价）/亿元", "gdp_100m_yuan", 1500, 1500),
    ("地区生产总值:亿元", "gdp_100m_yuan", 1500, 1500),
    ("地区生产总值亿", "gdp_100m_yuan", 1500, 1500),
    ("地区生产总值(GDP)(亿元)", "gdp_100m_yuan", 1500, 1500),
    ("名义GDP", "gdp_100m_yuan", 1500, 1500),
    ("现价GDP", "gdp_100m_yuan", 1500, 1500),
    ("当年价GDP", "gdp_100m_yuan", 1500, 1500),
    ("全年GDP", "gdp_100m_yuan", 1500, 1500),
    ("本年GDP(亿元)", "gdp_100m_yuan", 1500, 1500),
    ("GDP总量（亿元）", "gdp_100m_yuan", 1500, 1500),
    ("地区生产总值绝对值", "gdp_100m_yuan", 1500, 1500),
    ("gdp_nominal", "gdp_100m_yuan", 1500, 1500),
    ("GDP_total", "gdp_100m_yuan", 1500, 1500),
    ("gdp万", "gdp_100m_yuan", 15000000, 1500),
    ("gdp_wan", "gdp_100m_yuan", 15000000, 1500),
    ("gdp_yi", "gdp_100m_yuan", 1500, 1500),
    ("ngdp", "gdp_100m_yuan", 1500, 1500),
    ("专利获得授权数", "patents_granted", 1500, 1500),
    ("专利获得授权数_件", "patents_granted", 1500, 1500),
    ("专利授权数件", "patents_granted", 1500, 1500),
    ("授权专利数", "patents_granted", 1500, 1500),
    ("专利授权总数", "patents_granted", 1500, 1500),
    ("贷款余额元", "loans_100m_yuan", 150000000000, 1500),
    ("金融机构贷款余额_年末_万元", "loans_100m_yuan", 15000000, 1500),
    ("银行贷款余额", "loans_100m_yuan", 1500, 1500),
    ("居民储蓄存款（万元）", "household_savings_100m_yuan", 15000000, 1500),
    ("年末总人口人", "registered_population_10k", 6000000, 600),
    ("总人口_万人", "registered_population_10k", 600, 600),
    ("户籍人口数_万人", "registered_population_10k", 600, 600),
    ("普通高等学校在校学生数_人", "college_students_persons", 100000, 100000),
    ("高校在校生人", "college_students_persons", 100000, 100000),
    ("移动电话用户户", "mobile_subscribers_10k", 5000000, 500),
    ("移动电话用户(万户)", "mobile_subscribers_10k", 500, 500),
    ("宽带用户（户）", "broadband_subscribers_10k", 1200000, 120),
    ("国际互联网用户", "broadband_subscribers_10k", 120, 120),
    ("职工平均工资_元", "average_wage_yuan", 60000, 60000),
    ("平均工资元", "average_wage_yuan", 60000, 60000),
    ("公路货运量吨", "road_freight_10k_tonnes", 90000000, 9000),
    ("规模以上工业企业数个", "above_scale_industrial_firms", 800, 800),
    ("规模以上工业企业个数", "above_scale_industrial_firms", 800, 800),
    ("财政一般预算内收入", "fiscal_revenue_100m_yuan", 150, 150),
    ("地方财政一般预算收入_万元", "fiscal_revenue_100m_yuan", 1500000, 150),
    ("一般预算内支出", "fiscal_expenditure_100m_yuan", 250, 250),
    ("科技经费支出", "science_expenditure_100m_yuan", 5, 5),
    ("财政支出_教育", "education_expenditure_100m_yuan", 50, 50),
    ("FDI(USD 10,000)", "fdi_used_million_usd", 50000, 500),
    ("外商直接投资(FDI)", "fdi_used_million_usd", 500, 500),
    ("当年实际使用外资金额_万美元", "fdi_used_million_usd", 50000, 500),
    ("行政区域土地面积km2", "land_area_km2", 12000, 12000),
    ("行政区土地面积", "land_area_km2", 12000, 12000),
    ("人均城市道路面积m2", "road_area_per_capita_m2", 12, 12),
    ("登记失业人员_人", "registered_unemployed_persons", 30000, 30000),
    ("CPI_上年100", "cpi_prev_year_100", 102, 102),
    ("社会消费品零售总额_亿元", "retail_sales_100m_yuan", 700, 700),
    ("GDP增速(%)", "gdp_index_prev_year_100", 8, 108),
]
KEYS = {
    "city_code": ("prefcode", "pref_code", "prefecture_code", "地市代码", "城市行政区划代码"),
    "city_name_zh": (
        "prefname",
        "citynm",
        "city_cn",
        "City_zh",
        "city_name_cn",
        "城市名称（中文）",
        "所在地级市",
    ),
    "year": ("年度标识", "会计年度标识", "统计年份", "数据年度", "year_id", "nian", "时间"),
}
# Header and what the report must say of it.
LEFT_OUT = [
    ("GDP_当年价格_亿元_市辖区", "city proper"),
    ("市辖区地区生产总值（亿元）", "city proper"),
    ("户籍人口_市辖区", "city proper"),
    ("实际GDP", "constant prices"),
    ("不变价GDP", "constant prices"),
    ("gdp_real", "constant prices"),
    ("realgdp", "constant prices"),
    ("rgdp", "constant prices"),
    ("GDP_2000年不变价", "constant prices"),
    ("lngdp", "transformed"),
    ("ln_gdp", "transformed"),
    ("gdp_ln", "transformed"),
    ("GDP_urban", "part of the people"),
    ("地均GDP", "ratio to heads or area"),
    ("科学技术支出占比", "a share"),
    ("金融机构本外币贷款余额", "currenc"),
    ("发明专利授权数", "patents"),
    ("房地产固定资产投资", "part of the investment"),
    ("农村居民储蓄存款余额", "part of the people"),
    ("城镇单位就业人员平均工资", "staff on the job"),
    ("电信业务收入_亿元", "revenue"),
    ("存贷款余额", "unknown"),
    ("建成区面积", "unknown"),
    ("城区面积", "unknown"),
    ("邮政业务总量", "unknown"),
    ("高等学校数", "unknown"),
    ("公路客运量", "unknown"),
    ("固定电话用户", "unknown"),
    ("非农业人口", "unknown"),
]


def judged(header, figure):
    """Match one header over thirty figures; return column, the first figure converted, and why."""
    parsed = parse_header(header)
    cells = [figure * (1 + at / 1000) for at in range(30)]
    found = match_columns(contract()["city_yearbook"], [parsed], [cells])
    assert not found.faults, found.faults
    for match in found.matched:
        return match.target, figure * float(match.conversion.factor) + match.conversion.offset, ""
    return "", 0.0, found.ignored[0].reason


@pytest.mark.parametrize(("header", "column", "figure", "converted"), SERIES)
def test_a_series_by_any_of_its_names(header, column, figure, converted):
    target, value, reason = judged(header, figure)
    assert target == column, reason
    assert value == pytest.approx(converted, rel=1e-12)


@pytest.mark.parametrize(("column", "header"), [(c, h) for c, names in KEYS.items() for h in names])
def test_a_key_by_any_of_its_names(column, header):
    assert judged(header, 2010)[0] == column


@pytest.mark.parametrize(("header", "said"), LEFT_OUT)
def test_another_series_is_left_out_with_the_reason(header, said):
    target, _, reason = judged(header, 500)
    assert not target
    assert re.search(said, reason), reason
