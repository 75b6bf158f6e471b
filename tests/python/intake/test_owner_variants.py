"""Files of owners that were misread in silence or refused without a remedy once."""

import unicodedata

import openpyxl
import pandas as pd
import pytest

from urban_resilience.intake import inspect
from urban_resilience.intake.vocabulary.aliases import LONG_LAYOUT, aliases
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.intake.vocabulary.pinyin import readings

TWO_CITIES = {
    ("130100", 2010): 3401,
    ("130100", 2011): 4082,
    ("130200", 2010): 4469,
    ("130200", 2011): 5442,
}


def read(tmp_path, files):
    raw = tmp_path / "raw"
    raw.mkdir()
    for name, content in files.items():
        if isinstance(content, str):
            (raw / name).write_text(content, encoding="utf-8")
            continue
        book = openpyxl.Workbook()
        book.remove(book.active)
        for sheet, rows in content.items():
            page = book.create_sheet(sheet)
            for row in rows:
                page.append(row)
        book.save(raw / name)
    report = inspect(raw, tmp_path / "out")
    path = tmp_path / "out" / "city_yearbook.parquet"
    return report, pd.read_parquet(path) if path.exists() else pd.DataFrame()


def gdp(rows):
    keys = zip(rows.city_code, map(int, rows.year), strict=True)
    return dict(zip(keys, rows.gdp_100m_yuan, strict=True))


PINYIN = "石家庄市,2010,3401\n石家庄市,2011,4082\n唐山市,2010,4469\n唐山市,2011,5442\n"
READ = {
    "headers in pinyin": {"a.csv": f"chengshi,nianfen,diqu shengchan zongzhi\n{PINYIN}"},
    "joined": {"a.csv": f"Chengshi,Nianfen,diqushengchanzongzhi(亿元)\n{PINYIN}"},
    "with tones": {"a.csv": f"chéngshì,niánfèn,dìqū shēngchǎn zǒngzhí\n{PINYIN}"},
    "with a letter of two readings": {
        "a.csv": "chengshi,nianfen,diqu shengchan zongzhi,hujirenkou,shijigdp\n"
        + "".join(f"{line},900,1\n" for line in PINYIN.splitlines())
    },
    "no header above the cities": {
        "GDP.xlsx": {"亿元": [["", 2010, 2011], ["石家庄市", 3401, 4082], ["唐山市", 4469, 5442]]}
    },
    "years as days of reporting": {
        "panel.csv": "城市,统计日期,GDP(亿元)\n石家庄市,2010-12-31,3401\n石家庄市,2011-12-31,4082\n"
        "唐山市,2010-12-31,4469\n唐山市,2011-12-31,5442\n"
    },
}


@pytest.mark.parametrize("way", READ)
def test_variants_that_are_read(tmp_path, way):
    report, rows = read(tmp_path, READ[way])
    assert not report.problems
    assert gdp(rows) == TWO_CITIES


def test_what_stata_calls_missing_is_missing(tmp_path):
    text = "city,year,gdp,pop\n石家庄市,2010,3401,.a\n唐山市,2010,.,735\n秦皇岛市,2010,930,.z\n"
    report, rows = read(tmp_path, {"panel.csv": text})
    assert not report.n_unreadable
    assert (
        rows.gdp_100m_yuan.notna().sum() == 2 and rows.registered_population_10k.notna().sum() == 1
    )


def test_prices_of_the_same_time_a_year_ago(tmp_path):
    sheet = [
        ["居民消费价格指数（上年同期=100）"],
        ["地区", "2010", "2011"],
        ["石家庄", 103.1, 105.2],
    ]
    _, rows = read(tmp_path, {"CPI.xlsx": {"CPI": sheet}})
    assert list(rows.cpi_prev_year_100) == [103.1, 105.2]


def test_hundreds_of_persons(tmp_path):
    text = "城市,年份,普通高等学校在校学生数(百人)\n石家庄市,2010,3800\n"
    _, rows = read(tmp_path, {"panel.csv": text})
    assert list(rows.college_students_persons) == [380_000]


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("GDP(亿元)", "#DIV/0!", "is the error of a formula: correct it, or empty the cell"),
        ("GDP(亿元)", "930.5[1]", "take the mark of a footnote off"),
        ("GDP(亿元)", "930.5(r)", "take the mark of a footnote off"),
        ("GDP(亿元)", "930.5 e", "take the mark of a footnote off"),
        ("年份", "2010Q1", "is a part of a year: figures of whole years are read"),
        ("年份", "2010年上半年", "is a part of a year: figures of whole years are read"),
        ("年份", "2010-2011", "are several years: give each a row of its own"),
    ],
)
def test_cells_that_cannot_be_read_say_what_helps(tmp_path, column, cell, words):
    own = {"城市": "石家庄市", "年份": "2011", "GDP(亿元)": "930"} | {column: cell}
    text = f"{','.join(own)}\n{','.join(own.values())}\n唐山市,2011,4469\n"
    report, _ = read(tmp_path, {"panel.csv": text})
    [found] = report.unreadable
    assert found.reason == f"'{cell}' {'is not a number: ' if 'take' in words else ''}{words}"


def test_every_letter_of_a_known_header_has_a_reading():
    letters = {
        letter
        for table in (*contract(), LONG_LAYOUT)
        for spelling in aliases(table)
        for letter in spelling
        if unicodedata.name(letter).startswith("CJK UNIFIED")
    }
    assert letters and not letters - readings().keys()


def test_pinyin_of_another_series_is_not_taken_for_one(tmp_path):
    text = "chengshi,nianfen,shiji diqu shengchan zongzhi,hujirenkou\n石家庄市,2010,3000,900\n"
    report, rows = read(tmp_path, {"panel.csv": text})
    [ignored] = report.sources[0].ignored
    assert ignored.header == "shiji diqu shengchan zongzhi"
    assert "gdp_100m_yuan" not in rows or not rows.gdp_100m_yuan.notna().any()


def test_initials_are_refused_with_what_they_may_mean(tmp_path):
    report, _ = read(tmp_path, {"panel.csv": "cs,nf,dqsczz,nmzrk\n石家庄市,2010,3401,989\n"})
    [unused] = report.unused
    assert "dqsczz may be 地区生产总值, nmzrk may be 年末总人口" in unused.reason
    beside = "城市,年份,dqsczz,年末总人口\n石家庄市,2010,3401,989\n"
    (tmp_path / "b").mkdir()
    report, _ = read(tmp_path / "b", {"panel.csv": beside})
    [ignored] = report.sources[0].ignored
    assert ignored.reason.startswith("unknown; nearest: 地区生产总值 (gdp_100m_yuan)")


def test_a_file_without_headers_is_told_to_have_some(tmp_path):
    report, _ = read(tmp_path, {"GDP亿元.csv": PINYIN})
    [unused] = report.unused
    assert "it has no row of headers (its first row: 石家庄市, 2010, 3401)" in unused.reason
    assert "write a row of headers above it" in unused.reason
