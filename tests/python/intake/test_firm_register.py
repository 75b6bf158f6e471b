"""Registers of firms: counted where somebody says that they are whole, and offered where not."""

import pandas as pd
import pytest

from urban_resilience.intake import inspect

HEADER = "企业名称,统一社会信用代码,注册日期,经营状态,所属省份,所属城市,所属区县,行业\n"
ROWS = """甲,1,2016-05-12,存续,浙江省,杭州市,西湖区,制造业
乙,2,2016年3月1日,注销,江苏省,苏州市,昆山市,制造业
乙,2,2016年3月1日,注销,江苏省,苏州市,昆山市,制造业
丙,3,42430,存续,,长沙县,,零售业
丁,4,,存续,,长沙县,,零售业
戊,5,2016-01-01,存续,,某地,,零售业
己,6,2015-11-02,存续,广东省,深圳市,南山区,批发业
庚,7,2016-02-02,存续,云南省,大理白族自治州,,零售业
"""
WHOLE = "file,sheet,header,column,unit\n{},,,{},\n"


def read(tmp_path, files):
    raw = tmp_path / "raw"
    raw.mkdir()
    for name, text in files.items():
        (raw / name).write_text(text, encoding="utf-8")
    report = inspect(raw, tmp_path / "out")
    path = tmp_path / "out" / "city_yearbook.parquet"
    rows = pd.read_parquet(path) if path.exists() else pd.DataFrame(columns=["city_code"])
    if rows.empty:
        return report, {}
    return report, rows.set_index(["city_code", "year"]).new_firms.to_dict()


def test_a_register_alone_is_offered_and_not_counted(tmp_path):
    report, found = read(tmp_path, {"工商注册2016.csv": HEADER + ROWS})
    assert not found
    (unused,) = report.unused
    assert "a register of 8 firms, registered 2015 to 2016" in unused.reason
    assert "by `所属城市` and the year of `注册日期` as new_firms" in unused.reason
    assert "`工商注册2016.csv,,,whole_register,`" in unused.reason


def test_a_whole_register_is_counted_and_every_other_row_is_named(tmp_path):
    name = "工商注册2016.csv"
    files = {name: HEADER + ROWS, "columns.csv": WHOLE.format(name, "whole_register")}
    report, found = read(tmp_path, files)
    # The county of 长沙 is in 长沙市; 大理 is outside the study and keeps its own code.
    assert found == {
        ("330100", 2016): 1,
        ("320500", 2016): 1,
        ("430100", 2016): 1,
        ("532900", 2016): 1,
    }
    notes = report.sources[0].notes
    assert [note for note in notes if "not counted" in note] == [
        "1 firm not counted: the same firm again",
        "1 firm not counted: no date that can be read",
        "1 firm not counted: no city that can be told (`某地`, ...)",
        "1 firm not counted: another year than 2016, which the name of the file says",
    ]
    assert [item.header for item in report.sources[0].ignored] == ["经营状态", "行业"]


def test_a_part_of_a_register_is_not_counted(tmp_path):
    files = {"a.csv": HEADER + ROWS, "columns.csv": WHOLE.format("a.csv", "part_of_register")}
    report, found = read(tmp_path, files)
    assert not found and "a part of a register" in report.unused[0].reason


def test_a_file_a_year_is_one_series(tmp_path):
    files = {f"{year}.csv": HEADER + f"甲,1,{year}-05-12,存续,,杭州市,,\n" for year in (2016, 2017)}
    files["columns.csv"] = WHOLE.format("20*", "whole_register")
    _, found = read(tmp_path, files)
    assert found == {("330100", 2016): 1, ("330100", 2017): 1}


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("浙江省杭州市西湖区某路1号", "330100"),
        ("广西壮族自治区南宁市青秀区1号", "450100"),
        ("安徽安庆市大观区1号", "340800"),
        ("江苏省昆山市玉山镇2号", "320500"),
        ("北京市朝阳区建国路1号", "110000"),
        ("湖南省长沙县星沙镇", "430100"),
    ],
)
def test_an_address_tells_the_city(address, code, tmp_path):
    files = {
        "firms.csv": f"公司名称,成立时间,注册地址\n甲,2016/5/12,{address}\n",
        "columns.csv": WHOLE.format("firms.csv", "whole_register"),
    }
    _, found = read(tmp_path, files)
    assert found == {(code, 2016): 1}
