"""Workbooks in every format that is read: the same cells, and what a reader may pass over."""

import datetime as dt
import io
import random
import resource
import zipfile

import openpyxl
import pandas as pd
import pytest

from support.workbooks import OLD_EXCEL, PROTECTED, write_ods, write_xlsb
from urban_resilience.intake.checking.check import check
from urban_resilience.intake.prepare import prepare
from urban_resilience.intake.reading import far_cells
from urban_resilience.intake.reading.comments import comments_of
from urban_resilience.intake.reading.hidden_cells import hidden_cells
from urban_resilience.intake.reading.read_workbook import read_workbook
from urban_resilience.shared.problems import FileFault

TITLE = ["主要指标"]
NAMES = ["城市", "年份", "地区生产总值(亿元)"]
RECORDS = [
    ["三明市", 2010, 1000.5],
    ["三明市", 2011, "1,100.5"],
    ["福州市", 2010, 3000.25],
]
GDP = {("350400", 2010): 1000.5, ("350400", 2011): 1100.5, ("350100", 2010): 3000.25}
NOT_KNOWN = "#DIV/0!"
ODS_ERROR = (
    '<table:table-cell table:formula="of:=1/0" office:value-type="{}" calcext:value-type="error">'
    "<text:p>#DIV/0!</text:p></table:table-cell>"
)


def write_xlsx(path, rows=(TITLE, NAMES, *RECORDS)):
    book = openpyxl.Workbook()
    for cells in rows:
        book.active.append(cells)
    book.active.merge_cells("A1:C1")
    book.save(path)


WRITERS = {
    "a.xlsx": write_xlsx,
    "a.xlsm": write_xlsx,
    "a.xls": lambda path: path.write_bytes(OLD_EXCEL.read_bytes()),
    "a.xlsb": lambda path: write_xlsb(path, [TITLE, NAMES, *RECORDS]),
    "a.ods": lambda path: write_ods(path, [TITLE, NAMES, *RECORDS]),
    # Under the name of another format, as files from the web are.
    "an old one.xlsx": lambda path: path.write_bytes(OLD_EXCEL.read_bytes()),
    "a new one.xls": write_xlsx,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_is_read_as_the_same_figures(name, tmp_path):
    (tmp_path / "raw").mkdir()
    WRITERS[name](tmp_path / "raw" / name)
    report = prepare(tmp_path / "raw", tmp_path / "out")
    rows = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet").dropna(
        subset="gdp_100m_yuan"
    )
    keys = zip(rows["city_code"], rows["year"], strict=True)
    assert dict(zip(keys, rows["gdp_100m_yuan"], strict=True)) == GDP
    suffix = name.rpartition(".")[2].replace("xlsm", "xlsx")
    assert {source.format for source in report.sources} == {suffix}


def test_an_old_workbook_keeps_merged_cells_dates_and_hidden_sheets():
    data, hidden = read_workbook(OLD_EXCEL, "old.xls")
    assert data.rows[0] == ["主要指标"] * 3 + [None]
    assert data.repeated == {(0, 1), (0, 2)}
    assert data.rows[2] == ["三明市", 2010, 1000.5, dt.date(2020, 1, 2)]
    assert type(data.rows[2][1]) is int
    # The library has no error values: the report says so beside the file.
    assert data.rows[5][2] is None
    assert "#DIV/0!" in " ".join(data.notes)
    assert hidden.source == "old.xls [备用]"


def test_a_sheet_that_begins_further_down_keeps_its_row_numbers(tmp_path):
    book = openpyxl.Workbook()
    book.active["C4"], book.active["C6"], book.active["D9"] = "a", 1, " "
    book.active.merge_cells("C4:D5")
    book.save(tmp_path / "a.xlsx")
    (grid,) = read_workbook(tmp_path / "a.xlsx", "a.xlsx")
    assert grid.rows == [
        [], [], [],
        [None, None, "a", "a"],
        [None, None, "a", "a"],
        [None, None, 1, None],
    ]  # fmt: skip
    assert grid.repeated == {(3, 3), (4, 2), (4, 3)}


@pytest.mark.parametrize(
    ("name", "write", "row"),
    [
        ("a.xlsx", write_xlsx, 6),
        ("a.ods", write_ods, 6),
    ],
)
def test_an_error_value_is_listed_and_not_read_as_missing(name, write, row, tmp_path):
    broken = NOT_KNOWN if name == "a.xlsx" else ODS_ERROR.format("string")
    raw = tmp_path / "raw"
    raw.mkdir()
    write(raw / name, [TITLE, NAMES, *RECORDS, ["福州市", 2011, broken]])
    prepare(raw, tmp_path / "out")
    listed = pd.read_parquet(tmp_path / "out" / "unreadable_cells.parquet")
    assert listed[["source_row", "value"]].values.tolist() == [[row, NOT_KNOWN]]


def test_an_error_that_an_older_program_wrote_as_zero_is_no_zero(tmp_path):
    older = ODS_ERROR.format('float" office:value="0')
    write_ods(tmp_path / "a.ods", [NAMES, ["福州市", 2011, older]])
    (grid,) = read_workbook(tmp_path / "a.ods", "a.ods")
    assert grid.rows[1] == ["福州市", 2011, NOT_KNOWN]


def test_a_formula_of_opendocument_without_its_result_is_refused(tmp_path):
    formula = '<table:table-cell table:formula="of:=[.B2]*2"/>'
    write_ods(tmp_path / "a.ods", [NAMES, ["福州市", 2011, formula]])
    with pytest.raises(FileFault, match=r"of:=\[\.B2\]\*2` has no result"):
        read_workbook(tmp_path / "a.ods", "a.ods")


def test_styled_rows_to_the_end_of_an_opendocument_sheet_cost_nothing(tmp_path):
    rest = (
        '<table:table-row table:number-rows-repeated="1048572"><table:table-cell '
        'table:style-name="ce1" table:number-columns-repeated="16384"/></table:table-row>'
    )
    write_ods(tmp_path / "a.ods", [TITLE, NAMES, *RECORDS], rest)
    (grid,) = read_workbook(tmp_path / "a.ods", "a.ods")
    assert len(grid.rows) == 5


def test_what_stands_in_the_last_row_costs_little(tmp_path):
    book = openpyxl.Workbook()
    for cells in (NAMES, *RECORDS):
        book.active.append(cells)
    book.active["A1048576"] = " "
    book.save(tmp_path / "a.xlsx")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (grid,) = read_workbook(tmp_path / "a.xlsx", "a.xlsx")
    assert len(grid.rows) == 4
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400 << 10


def ods_to_the_end(last):
    """Rows to the last one of a sheet, in whose last column a cell stands."""
    blank = '<table:table-cell table:number-columns-repeated="16384"/>'
    return (
        f'<table:table-row table:number-rows-repeated="1048571">{blank}</table:table-row>'
        '<table:table-row><table:table-cell table:number-columns-repeated="16383"/>'
        f"{last}</table:table-row>"
    )


def xlsx_to_the_end(path, value):
    book = openpyxl.Workbook()
    for cells in (NAMES, *RECORDS):
        book.active.append(cells)
    book.active["XFD1048576"].font = openpyxl.styles.Font(bold=True)
    book.active["XFD1048576"] = value
    book.save(path)


STYLED = '<table:table-cell table:style-name="ce1"/>'
FILLED = '<table:table-cell office:value-type="float" office:value="1"/>'
FAR = {
    "a.ods": lambda path, value: write_ods(
        path, [NAMES, *RECORDS], ods_to_the_end(STYLED if value is None else FILLED)
    ),
    "a.xlsb": lambda path, value: write_xlsb(path, [NAMES, *RECORDS], (1048575, 16383, value)),
    "a.xlsx": xlsx_to_the_end,
}


@pytest.mark.parametrize("name", FAR)
def test_a_styled_cell_in_the_last_corner_costs_nothing(name, tmp_path):
    FAR[name](tmp_path / name, None)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (grid,) = read_workbook(tmp_path / name, name)
    assert len(grid.rows) == 4
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10


@pytest.mark.parametrize("name", FAR)
def test_a_figure_in_the_last_corner_is_refused(name, tmp_path):
    FAR[name](tmp_path / name, 1.0)
    with pytest.raises(FileFault, match="as far as column XFD in row 1,048,576"):
        read_workbook(tmp_path / name, name)


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "content.xml", "xl/sharedStrings.bin"]
)
def test_a_workbook_of_gigabytes_is_refused_before_it_is_unpacked(part, tmp_path):
    path = tmp_path / ("a.ods" if part == "content.xml" else "a.xlsx")
    block = b"0" * (1 << 20)
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file,
        file.open(part, "w", force_zip64=True) as stream,
    ):
        for _ in range(300):
            stream.write(block)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(FileFault, match=r"would unpack to 0\.3 GB"):
        read_workbook(path, path.name)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 << 10


def test_a_large_full_sheet_is_not_taken_for_a_sparse_one(monkeypatch, tmp_path):
    write_xlsx(tmp_path / "a.xlsx")
    monkeypatch.setattr(far_cells, "MOST_CELLS", 4)
    assert read_workbook(tmp_path / "a.xlsx", "a.xlsx")
    monkeypatch.setattr(far_cells, "MOST_BLANK", 0.5)
    with pytest.raises(FileFault, match="as far as column C in row 2"):
        read_workbook(tmp_path / "a.xlsx", "a.xlsx")


@pytest.mark.parametrize("suffix", ["xlsx", "xlsb"])
def test_a_workbook_with_a_password_says_so(suffix, tmp_path):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(PROTECTED.read_bytes())
    with pytest.raises(FileFault) as raised:
        read_workbook(path, path.name)
    assert raised.value.what == "the workbook is protected by a password."
    assert raised.value.remedy == "Remove the password."


@pytest.mark.parametrize("name", WRITERS)
def test_changed_bytes_are_read_or_refused(name, tmp_path, capfd):
    WRITERS[name](tmp_path / name)
    content = (tmp_path / name).read_bytes()
    draw = random.Random(name)
    for _ in range(40):
        changed = bytearray(content[: draw.choice([len(content), draw.randrange(len(content))])])
        for _ in range(draw.randrange(1, 12)):
            if changed:
                changed[draw.randrange(len(changed))] = draw.randrange(256)
        (tmp_path / name).write_bytes(changed)
        try:
            read_workbook(tmp_path / name, name)
        except FileFault as fault:
            assert fault.remedy


def test_parts_changed_inside_the_zip_are_read_or_refused(tmp_path):
    write_xlsx(tmp_path / "sound.xlsx")
    with zipfile.ZipFile(tmp_path / "sound.xlsx") as file:
        parts = {name: file.read(name) for name in file.namelist()}
    draw = random.Random(5)
    for name in parts:
        for _ in range(6):
            part = bytearray(parts[name])
            for _ in range(draw.randrange(1, 6)):
                part[draw.randrange(len(part))] = draw.choice(b'<>/"x9 ')
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w") as other:
                for key, value in parts.items():
                    other.writestr(key, bytes(part) if key == name else value)
            (tmp_path / "a.xlsx").write_bytes(buffer.getvalue())
            try:
                read_workbook(tmp_path / "a.xlsx", "a.xlsx")
            except FileFault as fault:
                assert fault.remedy


@pytest.mark.parametrize("look", [hidden_cells, comments_of])
def test_a_part_that_cannot_be_unpacked_is_left_to_the_reader_of_the_workbook(look, tmp_path):
    path = tmp_path / "a.xlsx"
    write_xlsx(path)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as file:
        for part in file.infolist():
            # A kind of block that there is none of, where the packed part begins.
            content[part.header_offset + 30 + len(part.filename) + len(part.extra)] = 0x07
    path.write_bytes(bytes(content))
    assert look(path) == {}
    with pytest.raises(FileFault, match="damaged"):
        read_workbook(path, "a.xlsx")


def test_what_a_format_cannot_tell_is_said_beside_the_file(tmp_path):
    WRITERS["a.xls"](tmp_path / "a.xls")
    assert "read as missing in a .xls" in " ".join(check(tmp_path)[0].split())
