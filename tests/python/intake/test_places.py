"""Which row is which city: counties, prefectures, provinces, totals, names that are shared."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from support.study import seed
from urban_resilience.intake import inspect, prepare
from urban_resilience.intake.recognition.provinces import reason_provincial
from urban_resilience.intake.vocabulary.cities import resolve, resolve_name
from urban_resilience.intake.vocabulary.places import places_named, province_of


@pytest.mark.parametrize(
    ("code", "name", "as_row", "as_record"),
    [
        ("320583", "昆山市", "320583", "320500"),
        ("320583.0", None, "320583", "320500"),
        ("320583000000", "昆山市", "320583", "320500"),
        ("320583001", "玉山镇", "320583", "320500"),
        ("130181", "辛集市", "130181", "130100"),
        ("110105", "朝阳", "110105", "110000"),
        ("310115", "浦东新区", "310115", "310000"),
        # A county renamed or recoded since.
        ("320584", "吴江区", "320584", "320500"),
        # A county under the code of its city, and the districts alone.
        ("320500", "昆山市", "320583", "320500"),
        ("320500", "市辖区", "320501", "320500"),
        ("500200", None, "500200", "500000"),
        (None, "昆山市", "320583", "320500"),
        (None, "义乌", "330782", "330700"),
        (None, "滨海新区", "120116", "120000"),
        (None, "苏州市昆山市", "320583", "320500"),
        (None, "苏州市区", "320501", "320500"),
        # No districts of its own: the code of the city, which is a city.
        ("441900", "东莞市", "441900", "441900"),
        ("3205", "苏州市", "320500", "320500"),
        ("110100", "北京市", "110000", "110000"),
        (None, "苏州全市", "320500", "320500"),
        # Directly under a province, or in a prefecture: no part of a city of the study.
        ("429004", "仙桃市", "429004", "429004"),
        (None, "济源市", "419001", "419001"),
        ("222401", "延吉市", "222401", "222401"),
        ("222400", "延边朝鲜族自治州", "222400", "222400"),
        (None, "恩施州", "422800", "422800"),
        (None, "喀什地区", "653100", "653100"),
        (None, "Xilingol League", "152500", "152500"),
        (None, "Yanbian Korean Autonomous Prefecture", "222400", "222400"),
        ("13", None, "130000", "130000"),
        (None, "内蒙古", "150000", "150000"),
        (None, "江苏省合计", "000000", "000000"),
        (None, "National total", "000000", "000000"),
        (None, "长株潭城市群", "000000", "000000"),
        # What follows the name of a city lies in it.
        (None, "江苏省苏州市昆山市玉山镇", "320501", "320500"),
        (None, "北京市海淀区中关村", "110001", "110000"),
    ],
)
def test_a_county_is_no_city_where_a_row_is_one(code, name, as_row, as_record):
    city = resolve(code, name, row_is_city=True)
    assert (city.code, city.reason) == (as_row, "")
    city = resolve(code, name)
    assert (city.code, city.reason) == (as_record, "")


def test_a_record_in_a_county_names_the_part_of_its_city():
    assert resolve("320583", "苏州市").part == "昆山市"
    assert resolve("320500", "苏州市").part == ""


@pytest.mark.parametrize(
    ("code", "name", "province", "expected"),
    [
        (None, "Suzhou", "江苏", "320500"),
        (None, "Suzhou", "Anhui Province", "341300"),
        (None, "Fuzhou", "36", "361000"),
        (None, "Suzhou, Jiangsu", None, "320500"),
        (None, "Suzhou (Anhui)", None, "341300"),
        (None, "Guangxi Yulin", None, "450900"),
        (None, "苏州(江苏)", None, "320500"),
        (None, "安徽安庆", None, "340800"),
        (None, "江苏省苏州市", None, "320500"),
        (None, "内蒙古自治区呼和浩特市", None, "150100"),
        (None, "吉林吉林", None, "220200"),
        (None, "吉林", "吉林省", "220200"),
        (None, "海南海口", None, "460100"),
        (None, "海南藏族自治州", None, "632500"),
        (None, "朝阳", "北京市", "110105"),
        (None, "朝阳", "辽宁", "211300"),
        (None, "鼓楼区", "福建", "350102"),
        (None, "北京市 Beijing", None, "110000"),
        (None, "苏州(市)", None, "320500"),
        (None, "襄阳（襄樊）", None, "420600"),
        (None, "苏州（全市）", None, "320500"),
        (None, "Huhehaote", None, "150100"),
        (None, "Wulumuqi", None, "650100"),
        (None, "Lu’an", None, "341500"),
        (None, "Puer", None, "530800"),
        (None, "Lvliang City", None, "141100"),
        (None, "Xi'an Shi", None, "610100"),
        (None, "Chongqing Municipality", None, "500000"),
        # A cell that names no province says nothing.
        (None, "北京市", "某省", "110000"),
        ("320500", "苏州市", "华东", "320500"),
        # As a city of Sichuan.
        ("510200", "重庆市", "四川省", "500000"),
    ],
)
def test_a_province_settles_a_name(code, name, province, expected):
    city = resolve(code, name, province, row_is_city=True)
    assert (city.code, city.reason) == (expected, "")


@pytest.mark.parametrize("name", ["Suzhou", "Taizhou", "Fuzhou", "Yichun", "YULIN", "Suzhou City"])
def test_a_name_of_two_cities_names_both(name):
    city = resolve(None, name, row_is_city=True)
    meant = places_named(name)
    assert len(meant) == 2
    assert all(f"{place.name} ({place.code})" in city.reason for place in meant)
    assert "code" in city.reason
    assert "province" in city.reason


@pytest.mark.parametrize(
    ("code", "name", "province", "words"),
    [
        ("320500", "上海市", None, ("苏州市", "上海市")),
        ("130000", "石家庄市", None, ("河北省", "石家庄市")),
        ("320502", "苏州市", None, ("320502", "苏州市")),
        ("320500", "苏州市", "安徽", ("320500", "安徽省")),
        (None, "苏州", "安徽", ("苏州市", "安徽省")),
    ],
)
def test_what_contradicts_itself_is_said(code, name, province, words):
    city = resolve(code, name, province, row_is_city=True)
    assert all(word in city.reason for word in words)


def test_every_other_place_is_known_by_code_and_none_is_taken_for_a_city():
    cities = set(seed("cities")["city_code"])
    for row in seed("other_places").itertuples():
        if row.kind == "prefecture":
            assert resolve(None, row.place_name_zh, row_is_city=True).code == row.place_code
            assert resolve_name(row.place_name_en.split(" (")[0]) is None
        code = resolve(row.place_code, None, row_is_city=True).code
        # A county that became a prefecture-level city is that city.
        assert code == row.place_code or row.place_code in ("469003", "469031")
        assert row.place_code not in cities


def test_every_alias_leads_to_its_place():
    for row in seed("place_aliases").itertuples():
        found = places_named(row.alias)
        assert row.place_code in {place.code for place in found} or province_of(row.alias)


def test_a_table_of_provinces_is_told_from_one_of_cities():
    provinces = ["北京", "河北", "山西", "吉林", "上海"]
    assert "河北省, 山西省" in reason_provincial([], provinces)
    assert reason_provincial(["110000", "220000", "130000", "140000"], [None] * 4)
    assert reason_provincial(["11", "22", "13"], [None] * 3)
    # Cities beneath headings of their provinces, and the municipalities alone.
    assert not reason_provincial([], ["河北省", "石家庄市", "唐山市", "山西省", "太原市"])
    assert not reason_provincial([], ["北京", "上海", "吉林"])


def _yearbook(rows: list[tuple], names: tuple[str, ...], path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    pd.DataFrame(rows, columns=list(names)).to_csv(path, index=False)


KEYS = ("行政区划代码", "城市", "年份", "地区生产总值(亿元)")


def test_counties_keep_their_codes_beside_their_city(tmp_path):
    rows = [("130100", "石家庄市", 2010, 3400.0), ("130181", "辛集市", 2010, 300.0)]
    rows += [("320500", "苏州市", 2010, 9228.0), ("320583", "昆山市", 2010, 2100.0)]
    _yearbook(rows, KEYS, tmp_path / "raw" / "yearbook.csv")
    report = prepare(tmp_path / "raw", tmp_path / "out")
    read = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet")
    assert read["city_code"].tolist() == [row[0] for row in rows]
    assert report.sources[0].notes == ()


def test_records_are_lifted_to_their_city(tmp_path):
    names = ("firm_id", "city_code", "industry_code", "joined_year", "expired_year")
    rows = [("a", "320583", "51", 2010, 2012), ("b", "130181", "51", 2010, 2012)]
    _yearbook(rows, names, tmp_path / "raw" / "platform_members.csv")
    inspect(tmp_path / "raw", tmp_path / "out")
    read = pd.read_parquet(tmp_path / "out" / "platform_members.parquet")
    assert read["city_code"].tolist() == ["320500", "130100"]


def test_a_county_makes_no_whole_city_a_pilot(tmp_path):
    names = ("policy_id", "city_code", "city_name_zh", "batch", "year", "scope")
    rows = [("smart_city", "320500", "苏州市", "1", 2012, "full")]
    rows += [("smart_city", "320583", "昆山市", "1", 2012, scope) for scope in ("", "full")]
    rows.append(("smart_city", None, "北京市东城区", "1", 2012, "partial"))
    _yearbook(rows, names, tmp_path / "raw" / "policy_pilots.csv")
    report = inspect(tmp_path / "raw", tmp_path / "out")
    read = pd.read_parquet(tmp_path / "out" / "policy_pilots.parquet")
    assert read["city_code"].tolist() == ["320500", "320500", "320500", "110000"]
    assert read["scope"].tolist() == ["full", "partial", "partial", "partial"]
    assert "2 rows: a county or district, so `scope` is partial" in report.sources[0].notes


def test_a_table_of_provinces_is_left_out_with_the_reason(tmp_path):
    names = ("北京", "河北", "山西", "吉林")
    rows = [(name, 2010, 9000.0) for name in names]
    _yearbook(rows, ("地区", "年份", "地区生产总值(亿元)"), tmp_path / "raw" / "各地区.csv")
    report = inspect(tmp_path / "raw", tmp_path / "out")
    assert not report.tables
    assert any("table of provinces" in item.reason for item in report.unused)
    assert "table of provinces" in str(report.problems[0])


def test_beside_provinces_jilin_may_be_either(tmp_path):
    rows = [(name, 2010, 9000.0) for name in ("河北", "石家庄", "唐山", "吉林", "吉林市")]
    _yearbook(rows, ("城市", "年份", "地区生产总值(亿元)"), tmp_path / "raw" / "gdp.csv")
    report = prepare(tmp_path / "raw", tmp_path / "out")
    assert [cell.source_row for cell in report.unreadable] == [5]
    assert "吉林省 (220000) or 吉林市 (220200)" in report.unreadable[0].reason
    read = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet")
    assert read["city_code"].tolist() == ["130000", "130100", "130200", "吉林", "220200"]


@pytest.mark.parametrize("headings", [("Jiangsu", "Anhui"), ("江苏", "安徽省")])
def test_a_heading_settles_the_names_under_it(tmp_path, headings):
    above, below = headings
    rows = [("Beijing", 1.0), (above, None), ("Nanjing", 2.0), ("Suzhou", 3.0)]
    rows += [(below, None), ("Suzhou", 4.0), ("Fuzhou", 5.0), ("吉林", None), ("吉林", 6.0)]
    names = ("城市", "GDP(亿元)")
    _yearbook(rows, names, tmp_path / "raw" / "gdp 2010.csv")
    report = prepare(tmp_path / "raw", tmp_path / "out")
    read = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet")["city_code"].tolist()
    # Headings are no rows: they are said in a note.
    assert len(read) == 6
    assert [read[place] for place in (0, 1, 2, 3, 5)] == [
        "110000", "320100", "320500", "341300", "220200",
    ]  # fmt: skip
    assert any("provinces above their cities: 3, 6, 9" in n for n in report.sources[0].notes)
    # Anhui has no Fuzhou.
    assert [cell.source_row for cell in report.unreadable] == [8]


def test_a_column_of_provinces_is_found_under_any_name(tmp_path):
    for number, header in enumerate(("province", "省份", "地区", "prov_name")):
        rows = [("江苏", "Suzhou", 2010, 1.0), ("安徽省", "Suzhou", 2010, 2.0)]
        rows += [("浙江省", "台州", 2010, 3.0), ("江苏", "泰州", 2010, 4.0)]
        folder = tmp_path / str(number)
        _yearbook(rows, (header, "城市", "年份", "gdp(亿元)"), folder / "raw.csv")
        report = prepare(folder, folder / "out")
        read = pd.read_parquet(folder / "out" / "city_yearbook.parquet")
        assert read["city_code"].tolist() == ["320500", "341300", "331000", "321200"], header
        assert (header, "province_name") in report.sources[0].columns


def test_provinces_may_stand_in_a_column_of_regions_beside_codes(tmp_path):
    rows = [("320500", "江苏", 2010, 1.0), ("341300", "安徽省", 2010, 2.0)]
    rows += [("220200", "吉林", 2010, 3.0), ("130200", "浙江", 2010, 4.0)]
    _yearbook(rows, ("行政区划代码", "地区", "年份", "gdp(亿元)"), tmp_path / "raw" / "gdp.csv")
    report = prepare(tmp_path / "raw", tmp_path / "out")
    assert ("地区", "province_name") in report.sources[0].columns
    assert [cell.source_row for cell in report.unreadable] == [5]
    assert "唐山市 but the province is 浙江省" in report.unreadable[0].reason


def _book(sheets: dict[str, list[tuple]], path: Path) -> None:
    path.parent.mkdir()
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in (("城市", "年份", "名义GDP(亿元)", "GDP指数"), *rows):
            sheet.append(row)
    book.save(path)


def test_rows_given_twice_are_used_once(tmp_path):
    rows = [("北京市", 2010, 14113.6, 110.3), ("天津市", 2010, 9224.5, 117.4)]
    _book({"数据": rows, "示例": rows[:1]}, tmp_path / "raw" / "gdp.xlsx")
    report = prepare(tmp_path / "raw", tmp_path / "out")
    read = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet")
    assert read["gdp_100m_yuan"].tolist() == [14113.6, 9224.5]
    assert [source.rows_in for source in report.sources] == [2, 1]
    assert [source.rows_merged for source in report.sources] == [0, 1]
    assert "1 row says what gdp.xlsx [数据] says, which is used" in report.sources[1].notes


def test_rows_that_contradict_each_other_stop(tmp_path):
    rows = [("北京市", 2010, 14113.6, 110.3), ("天津市", 2010, 9224.5, 117.4)]
    again = [rows[0], ("天津市", 2010, 9224.6, 117.4)]
    _book({"数据": rows, "修订": again}, tmp_path / "raw" / "gdp.xlsx")
    report = inspect(tmp_path / "raw", tmp_path / "out")
    assert "1 of its rows of city_yearbook contradicts gdp.xlsx [数据]" in str(report.problems[0])


def test_rows_of_two_files_are_counted_against_their_file(tmp_path):
    gdp = [("110000", "北京市", 2008, 11115.0), ("120000", "天津市", 2008, 6719.0)]
    heads = [("110000", "北京市", 2008, 1299.9), ("120000", "天津市", 2008, 968.9)]
    heads.append(("341400", "巢湖市", 2008, 450.1))
    _yearbook(gdp, KEYS, tmp_path / "raw" / "a_gdp.csv")
    _yearbook(heads, (*KEYS[:3], "年末户籍人口(万人)"), tmp_path / "raw" / "b_population.csv")
    prepare(tmp_path / "raw", tmp_path / "out")
    listed = pd.read_parquet(tmp_path / "out" / "raw_files.parquet").set_index("source_file")
    assert listed.loc["b_population.csv", ["rows_in", "rows_merged"]].tolist() == [3, 2]
    assert listed.loc["a_gdp.csv", ["rows_in", "rows_merged"]].tolist() == [2, 0]
