"""Member records and counts of members as people keep them."""

import pandas as pd
import pytest

from urban_resilience.intake import inspect
from urban_resilience.intake.cells.dates import period_in
from urban_resilience.intake.cells.numbers import Unreadable, to_membership_year
from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.recognition import sources
from urban_resilience.intake.recognition.shapes import outline
from urban_resilience.intake.vocabulary.industries import code_of_industry


def read(tmp_path, files):
    raw = tmp_path / "raw"
    raw.mkdir()
    for name, text in files.items():
        (raw / name).write_text(text, encoding="utf-8")
    report = inspect(raw, tmp_path / "out")
    tables = {name: pd.read_parquet(tmp_path / "out" / f"{name}.parquet") for name in report.tables}
    return report, tables


@pytest.mark.parametrize(
    "cell",
    [
        "2009", "2009年", "2009-03-15", "2009/3/15", "2009.3.15", "20090315", 20090315, "200903",
        "2009年3月15日", "2009年3月", "2009-03", "15/03/2009", "15-Mar-2009", "Mar 15, 2009",
        "March 2009", "2009-03-15 00:00:00", "2009-03-15T08:00:00Z", "２００９－０３－１５", 39887,
        "39887", 39887.0,
    ],
)  # fmt: skip
def test_a_date_is_its_year(cell):
    assert to_membership_year(cell, is_end=False) == 2009


@pytest.mark.parametrize("cell", ["长期", "永久", "至今", "无固定期限", "Present", "", None, "—"])
def test_an_open_end_is_no_year(cell):
    assert to_membership_year(cell, is_end=True) is None


@pytest.mark.parametrize("cell", ["长期", "2009-13-15", "2009.3", "soon", "2009-2010", "春节"])
def test_what_is_no_date_is_unreadable(cell):
    with pytest.raises(Unreadable):
        to_membership_year(cell, is_end=False)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("13-制造业", "13"),
        ("C13：农副食品加工业", "C13"),
        ("农副食品加工业(C13)", "C13"),
        ("农副食品加工业", "13"),
        ("软件和信息技术服务业", "65"),
        ("计算机、通信及其他电子设备制造业", "39"),
        ("Real estate", "70"),
        ("制造业", None),
        ("C17", None),
        ("131", None),
    ],
)
def test_an_industry_is_known_by_its_name(text, code):
    assert code_of_industry(text) == code


RECORDS = """企业编号,行业代码,城市,加入日期,到期日期
1,C17,杭州市,2009-03-15,长期
2,131,杭州市,2009/3/15,2012/3/15
3,0131,深圳市,20090315,20110315
4,13-制造业,深圳市,2009年3月15日,永久
5,I65,北京市,39887,至今
6,软件和信息技术服务业,北京市,2010,9999-12-31
"""
YEARS = [(2009, None), (2009, 2012), (2009, 2011), (2009, None), (2009, None), (2010, 9999)]


@pytest.mark.parametrize("is_large", [False, True])
def test_records_with_dates(is_large, tmp_path, monkeypatch):
    if is_large:
        monkeypatch.setattr(sources, "STREAMED_BYTES", 0)
    report, tables = read(tmp_path, {"会员名单.csv": RECORDS})
    rows = tables["platform_members"].sort_values("firm_id")
    ends = [None if pd.isna(year) else int(year) for year in rows.expired_year]
    assert list(zip(rows.joined_year, ends, strict=True)) == YEARS
    assert not report.n_unreadable
    if not is_large:
        assert list(rows.industry_code) == ["C17", "131", "0131", "13", "I65", "65"]
        notes = report.sources[0].notes
        assert "4 rows: a date of `joined_year` read as its year" in notes
        assert "1 row: a day number of a spreadsheet in `joined_year` read as its year" in notes
        assert "3 rows: an end that is open (长期, 至今, ...): still a member" in notes
        assert "2 rows: industry code from the name of the industry" in notes


PERIODS = {
    "2015-03-01至2019-06-30": (2015, 2019),
    "2015年3月1日-2018年6月30日": (2015, 2018),
    "2015.03.01 - 2018.12.31": (2015, 2018),
    "2015/3/1~2019/6/30": (2015, 2019),
    "2015.3—长期": (2015, None),
    "2015-03-01至今": (2015, None),
    "自2015年3月起": (2015, None),
    "2015-2018": (2015, 2018),
    "2015-03-2018-12": (2015, 2018),
    "March 2015 to June 2019": (2015, 2019),
}


@pytest.mark.parametrize("text", PERIODS)
def test_a_period_is_two_years(text):
    assert period_in(text) == PERIODS[text]


@pytest.mark.parametrize(
    "text", ["2015", "2015-03", "2015-03-01", "2015.3", "长期", "3-5", "", "至今"]
)
def test_what_is_one_date_is_no_period(text):
    assert period_in(text) is None


@pytest.mark.parametrize("header", ["会员期限", "有效期", "加入时间"])
def test_periods_are_parted(header, tmp_path):
    rows = "".join(f"{n},C17,杭州市,{text}\n" for n, text in enumerate(PERIODS))
    text = f"企业编号,行业代码,城市,{header}\n{rows}99,C17,杭州市,2016-05-01\n"
    report, tables = read(tmp_path, {"会员.csv": text})
    members = tables["platform_members"]
    ends = [None if pd.isna(year) else int(year) for year in members.expired_year]
    found = list(zip(members.joined_year, ends, strict=True))
    assert found == [*PERIODS.values(), (2016, None)]
    assert any("10 periods parted" in note for note in report.sources[0].notes)
    assert any("1 cell of one date or none" in note for note in report.sources[0].notes)


def test_periods_of_a_file_too_large_to_hold_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "STREAMED_BYTES", 0)
    text = "企业编号,行业代码,城市,加入时间\n1,C17,杭州市,2015-2018\n"
    report, _ = read(tmp_path, {"会员.csv": text})
    [unused] = report.unused
    assert sources.TOO_LARGE in unused.reason


def test_a_column_of_ends_goes_before_those_of_periods(tmp_path):
    text = "企业编号,行业代码,城市,会员期限,到期日期\n1,C17,杭州市,2015-2018,2017-05-01\n"
    _, tables = read(tmp_path, {"会员.csv": text})
    [row] = tables["platform_members"].itertuples()
    assert (row.joined_year, row.expired_year) == (2015, 2017)


def test_years_of_the_beginning_and_the_end(tmp_path):
    text = "企业编号,城市,行业代码,起始年,终止年\n1,杭州市,C17,2015,2018\n2,杭州市,C17,2016,至今\n"
    _, tables = read(tmp_path, {"会员.csv": text})
    members = tables["platform_members"]
    assert list(members.joined_year) == [2015, 2016]
    assert members.expired_year[0] == 2018 and pd.isna(members.expired_year[1])


def test_a_record_with_two_years_is_no_header_of_years(monkeypatch):
    # Taken for one, every name below it would be looked up among the places: most of a check.
    names = [[f"F{n}", "110000", "21", 2002, 2007.0] for n in range(3)]
    head = ["firm_id", "city_code", "industry_code", "joined_year", "expired_year"]
    monkeypatch.setattr(outline, "is_place", lambda cell: pytest.fail(f"{cell} looked up"))
    grid = Grid("platform_members.csv", [head, *names], "csv")
    assert outline.outlined(grid) is grid


def test_a_firm_may_have_a_name_alone(tmp_path):
    text = "公司名称,行业,所在城市,入会时间,到期日\n甲,C17,杭州,2009-1-1,\n乙,C17,杭州,2010,\n"
    report, tables = read(tmp_path, {"平台会员.csv": text})
    assert list(tables["platform_members"].firm_id) == ["甲", "乙"]
    assert any("`公司名称` stands for a number" in note for note in report.sources[0].notes)


def test_codes_of_an_older_classification_are_refused(tmp_path):
    text = "企业编号,行业代码(GB/T4754-2002),城市,加入年份\n1,62,杭州市,2009\n"
    report, _ = read(tmp_path, {"会员名单.csv": text})
    assert any("GB/T 4754-2002, which mean other industries" in p.what for p in report.problems)


def test_of_two_classifications_that_of_2011_is_read(tmp_path):
    text = "企业编号,行业代码2002,行业代码2011,城市,加入年份\n1,62,65,杭州市,2009\n"
    report, tables = read(tmp_path, {"会员名单.csv": text})
    assert list(tables["platform_members"].industry_code) == ["65"]
    ignored = [(item.header, item.reason) for item in report.sources[0].ignored]
    assert ignored == [("行业代码2002", "codes of an older GB/T 4754")]


@pytest.mark.parametrize(
    ("columns", "cells", "kept"),
    [
        ("行业名称,行业代码", "农副食品加工业,C13", "行业代码"),
        ("行业门类,行业大类", "C,13", "行业大类"),
        ("行业大类代码,行业小类代码", "13,1310", "行业小类代码"),
    ],
)
def test_the_most_detailed_code_of_an_industry_is_read(columns, cells, kept, tmp_path):
    text = f"企业编号,{columns},城市,加入年份\n1,{cells},杭州市,2009\n"
    report, tables = read(tmp_path, {"会员名单.csv": text})
    (source,) = report.sources
    assert (kept, "industry_code") in source.columns
    assert [item.reason for item in source.ignored] == [
        f"`{kept}` says the industry in more detail"
    ]
    assert len(tables["platform_members"]) == 1 and not any(
        "both" in p.what for p in report.problems
    )


def test_counts_with_the_years_across(tmp_path):
    text = "城市,行业代码,2009,2010年\n杭州市,C17,10,11\n深圳市,65,5,\n"
    report, tables = read(tmp_path, {"会员数.csv": text})
    rows = tables["platform_member_counts"]
    found = rows.set_index(["city_code", "industry_code", "year"]).member_count.dropna().to_dict()
    assert found == {
        ("330100", "C17", 2009): 10,
        ("330100", "C17", 2010): 11,
        ("440300", "65", 2009): 5,
    }
    assert any("years across (2009 to 2010)" in note for note in report.sources[0].notes)


def test_an_end_under_an_unknown_header_is_doubtful(tmp_path):
    text = "firm_id,城市,行业代码,加入年份,退出时点估计\n1,深圳市,I65,2014,2016\n"
    report, _ = read(tmp_path, {"platform_members.csv": text})
    said = " ".join(doubt for source in report.sources for doubt in source.doubts)
    assert "`退出时点估计` may say when members left, and is not read" in said


@pytest.mark.parametrize(
    ("header", "cell", "words"),
    [
        ("会员年限", "3", "`会员年限` says how long members stay, and is not read"),
        ("会员状态", "待审核", "`会员状态` says `待审核` of members: they count as members"),
        ("status", "rejected", "`status` says `rejected` of members"),
    ],
)
def test_what_makes_a_member_none_or_not_for_good_is_doubtful(tmp_path, header, cell, words):
    text = f"firm_id,城市,行业代码,加入年份,{header}\n1,深圳市,I65,2014,{cell}\n"
    report, _ = read(tmp_path, {"platform_members.csv": text})
    assert words in " ".join(doubt for source in report.sources for doubt in source.doubts)


@pytest.mark.parametrize("header", ["退会年份", "会员截止日期", "失效年份"])
def test_an_end_by_any_of_its_names(tmp_path, header):
    text = f"firm_id,城市,行业代码,会员开始,{header}\n1,深圳市,I65,2014,2016\n"
    _, tables = read(tmp_path, {"platform_members.csv": text})
    assert list(tables["platform_members"].expired_year) == [2016]
