"""`check-data` on whatever a folder may hold: used, not used or refused, never a traceback."""

import gzip
import io
import os
import random
import time
import zipfile

import openpyxl
import pandas as pd
import pytest
from openpyxl.styles import PatternFill

from urban_resilience.intake.checking.check import check
from urban_resilience.intake.prepare import inspect
from urban_resilience.intake.reading.archives import judge_archive
from urban_resilience.intake.recognition.sources import open_folder
from urban_resilience.shared.problems import FileFault

CITIES = ("三明市", "福州市", "厦门市", "泉州市")
NAMES = ["城市", "年份", "地区生产总值(亿元)"]
SOUND = pd.DataFrame([(c, y, 1000.5 + y) for c in CITIES for y in (2010, 2011)], columns=NAMES)


def _bytes(write) -> bytes:
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


CSV = SOUND.to_csv(index=False).encode()
XLSX = _bytes(lambda buffer: SOUND.to_excel(buffer, index=False))
PARQUET = _bytes(SOUND.to_parquet)
STATA = _bytes(
    lambda buffer: SOUND.set_axis(["city", "year", "gdp"], axis=1).to_stata(buffer, version=118)
)


def test_a_file_with_keys_and_an_outcome_of_ones_own_is_named(tmp_path):
    (tmp_path / "outcome.csv").write_text("城市,年份,my_outcome\n三明市,2010,1.5\n")
    text, is_ready = check(tmp_path)
    assert not is_ready
    assert "no other column of it is known (my_outcome" in text
    (tmp_path / "city_yearbook.csv").write_text("city_code,year,my_outcome\n350400,2010,1.5\n")
    text, is_ready = check(tmp_path)
    assert not is_ready
    assert "city_yearbook.csv: it has the keys of city_yearbook" in text


@pytest.mark.thorough
def test_nothing_of_a_later_source_is_folded_away(tmp_path):
    for year in range(2005, 2015):
        header = "城市,地区生产总值(亿元)" + (",旁注" if year in (2012, 2013) else "")
        cells = "三明市,1000.5" + (",x" if year in (2012, 2013) else "")
        (tmp_path / f"gdp_{year}.csv").write_text(f"{header}\n{cells}\n")
    text, _ = check(tmp_path)
    assert all(f"gdp_{year}.csv" in text for year in range(2005, 2015))
    assert "ignored: 旁注" in text
    assert "as gdp_2005.csv" not in text.split("gdp_2005.csv")[0]


LONG = [
    [y, "福建省", c, 350400, "地区生产总值", "亿元", 1000.5 + y]
    for y in (2010, 2011)
    for c in CITIES
]


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ([["Year", "Province", "City", "Indicator", "Unit", "Value"]], 8),
        (
            [
                ["A1", "A2", "A3", "A4", "A5", "A6"],
                ["年份", "省份", "地区", "指标", "单位", "数值"],
            ],
            8,
        ),
        ([["A1", "A2", "A3", "A4", "A5", "A6"]], 0),
    ],
)
def test_a_record_of_a_database_is_no_header(tmp_path, header, rows):
    data = [[cell for place, cell in enumerate(row) if place != 3] for row in LONG]
    pd.DataFrame([*header, *data]).to_csv(tmp_path / "cnrds.csv", header=False, index=False)
    folder = open_folder(tmp_path)
    if rows:
        (source,) = folder.sources
        # Codes above labels are taken off before the sheet is read.
        assert len(source.grid.rows) - source.recognized.data_start == rows
    else:
        (unused,) = folder.unused
        assert "A1, A2, A3" in unused.reason


def test_a_styled_cell_in_the_last_row_costs_nothing(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (NAMES, *SOUND.itertuples(index=False)):
        sheet.append(list(row))
    sheet.merge_cells("A2:A3")
    for place in ((1_048_576, 1), (2, 16_384)):
        sheet.cell(*place).fill = PatternFill("solid", fgColor="FFFF00")
    book.save(raw / "yearbook.xlsx")
    start = time.process_time()
    report = inspect(raw, tmp_path / "out")
    # 236 seconds and 7 GB before.
    assert time.process_time() - start < 10
    rows = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet")
    assert len(rows) == report.tables["city_yearbook"] == len(SOUND)
    assert rows["city_code"].tolist()[:2] == ["350400", "350400"]


def _zip(path, **contents: bytes):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(f"inner/{name}.csv", content)
    return path


@pytest.mark.thorough
def test_an_archive_is_unused_where_its_contents_lie_beside_it(tmp_path):
    (tmp_path / "other name.csv").write_bytes(CSV)
    _zip(tmp_path / "a.zip", gdp=CSV)
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(CSV))
    text, is_ready = check(tmp_path)
    assert is_ready, text
    assert "a.zip: an archive whose contents lie beside it as files" in text
    assert "b.csv.gz: an archive whose contents lie beside it as files" in text


def test_an_archive_with_something_else_in_it_says_what(tmp_path):
    file = tmp_path / "gdp.csv"
    file.write_bytes(CSV)
    for contents, said in (
        ({"gdp": CSV, "population": b"x"}, "what no file here is: inner/population.csv"),
        ({"gdp": CSV + b"x"}, "not what lies in the folder under the same name: inner/gdp.csv"),
    ):
        path = _zip(tmp_path / "a.zip", **contents)
        with pytest.raises(FileFault, match=said):
            judge_archive(path, [file, path])
    for name, content in (("d.zip", b"PK"), ("e.gz", b"\x1f"), ("f.rar", b"Rar!")):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(FileFault):
            judge_archive(path, [file, path])


def _changed(content: bytes, draw: random.Random, within: int | None = None) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.randrange(1, 20)):
        changed[draw.randrange(min(len(changed), within or len(changed)))] = draw.randrange(256)
    return bytes(changed)


def odd_folders():
    """Every folder of odd files by name: what is in them as bytes; None is a folder."""
    draw = random.Random(20)
    noise = bytes(draw.randrange(256) for _ in range(3000))
    names = ("a.csv", "b.xlsx", "c.dta", "d.parquet", "e.txt", "f.zip", "city_yearbook.csv")
    yield "empty", dict.fromkeys((*names, "g.gz", "city_yearbook.parquet"), b"")
    yield "blank", dict.fromkeys(names, b"\n \n")
    yield "noise", dict.fromkeys(names, noise)
    yield "nul", dict.fromkeys(names, b"\0" * 300)
    yield "folders", {"x.csv": None, "city_yearbook.parquet": None, "city_yearbook.csv/in.csv": CSV}
    yield "headers", {"a.csv": b"city,year,gdp\n", "policy_pilots.csv": b"policy_id,city_code,year"}
    yield "cut", {"a.xlsx": XLSX[:900], "b.parquet": PARQUET[:900], "c.dta": STATA[:900]}
    yield "renamed", {"a.xlsx": CSV, "b.csv": XLSX, "c.parquet": STATA, "d.dta": PARQUET}
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + noise
    yield "protected", {"a.xls": ole, "b.xlsx": ole}
    yield "names", dict.fromkeys(("it's.csv", 'a"b.csv', "*.csv", "[x].csv", " .csv"), CSV)
    yield "figures", {"city_yearbook.csv": b"city_code,year,gdp_100m_yuan\n0,1e400,1e400\n,,\n"}
    yield (
        "codes",
        {
            "city_yearbook.csv": b"city_code,year,gdp_100m_yuan\n350400,2010,1\n",
            "input_output_flows.csv": b"year,supplying_sector,using_sector,value_million_usd\n"
            b'2010,"a\'b","%",1\n2010,,,\n',
            "platform_member_counts.csv": b"city_code,industry_code,year,member_count\n"
            b",'',2010,1\n",
        },
    )
    for number in range(8):
        yield (
            f"changed {number}",
            {
                "a.xlsx": _changed(XLSX, draw),
                "b.parquet": _changed(PARQUET, draw),
                "c.dta": _changed(STATA, draw, within=2000),
                "d.csv": _changed(CSV, draw),
            },
        )


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "files"), list(odd_folders()), ids=lambda value: str(value)[:12])
def test_no_folder_ends_in_a_traceback(tmp_path, name, files):
    for file, content in files.items():
        path = tmp_path / file
        path.parent.mkdir(exist_ok=True)
        path.mkdir() if content is None else path.write_bytes(content)
    if name == "folders":
        os.symlink(tmp_path / "gone", tmp_path / "link.csv")
    text, is_ready = check(tmp_path)
    assert is_ready == ("Ready" in text)
    # Every file is named, whatever became of it.
    assert all(file in text for file, content in files.items() if content is not None), text
