"""What a file hides, cuts short or never calculated: named with its row, and used only if said."""

import zipfile

import openpyxl
import pandas as pd
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Color, Font, PatternFill

from urban_resilience.intake.cells.commas import commas_are_open
from urban_resilience.intake.checking.check import check
from urban_resilience.intake.conversion.report import IntakeReport
from urban_resilience.intake.prepare import inspect

HEADER = ["城市", "年份", "地区生产总值(亿元)", "年末户籍人口(万人)"]
CITIES = ["石家庄市", "唐山市", "秦皇岛市", "邯郸市", "邢台市", "保定市"]
ROWS = [
    [city, year, 1000 + 10 * number + year - 2010, 500 + number]
    for number, city in enumerate(CITIES)
    for year in (2010, 2011, 2012)
]


def read(folder) -> tuple[IntakeReport, pd.DataFrame]:
    report = inspect(folder / "raw", folder / "out")
    path = folder / "out" / "city_yearbook.parquet"
    return report, pd.read_parquet(path) if path.exists() else pd.DataFrame()


def workbook(folder, change, rows=None) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "数据"
    for row in [HEADER, *(ROWS if rows is None else rows)]:
        sheet.append(row)
    change(book, sheet)
    (folder / "raw").mkdir(exist_ok=True)
    book.save(folder / "raw" / "book.xlsx")


def text(folder, lines) -> None:
    (folder / "raw").mkdir(exist_ok=True)
    (folder / "raw" / "yearbook.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def lines(rows=ROWS, header=HEADER, sign=",") -> list[str]:
    return [sign.join("" if cell is None else str(cell) for cell in row) for row in [header, *rows]]


def doubts(report) -> str:
    return " | ".join(doubt for source in report.sources for doubt in source.doubts)


def hide_draft(book, sheet):
    draft = book.create_sheet("草稿")
    for row in [HEADER, ["张家口市", 2010, 777, 400]]:
        draft.append(row)
    draft.sheet_state = "hidden"


def hide_deeply(book, sheet):
    hide_draft(book, sheet)
    book["草稿"].sheet_state = "veryHidden"


def hide_rows(book, sheet):
    for row in (3, 4):
        sheet.row_dimensions[row].hidden = True


def hide_column(book, sheet):
    sheet.column_dimensions["D"].hidden = True


def hide_columns_of_a_group(book, sheet):
    sheet.column_dimensions.group("D", "F", hidden=True)


def strike(book, sheet):
    sheet["C3"].font = Font(strike=True)
    sheet["D5"].font = Font(strike=True, bold=True)


def strike_a_part(book, sheet):
    struck, plain = InlineFont(strike=True), InlineFont()
    sheet["C3"].value = CellRichText(TextBlock(struck, "999"), TextBlock(plain, "1001"))


def whiten(book, sheet):
    sheet["C3"].font = Font(color="FFFFFFFF")
    sheet["D5"].font = Font(color=Color(theme=0))


def whiten_a_row(book, sheet):
    for cell in sheet[4]:
        cell.font = Font(color=Color(indexed=9))


def colour_as_the_ground(book, sheet):
    sheet["C3"].font, sheet["C3"].fill = Font(color="FFFFFF00"), PatternFill("solid", "FFFFFF00")


def show_nothing(book, sheet):
    sheet["C3"].number_format = ";;;"


HIDDEN = {
    strike_a_part: ("1 cell struck through not used, in rows 3", 18, 1, 0),
    whiten: ("2 figures not used that nobody sees", 18, 1, 1),
    whiten_a_row: ("3 figures not used that nobody sees", 17, 0, 0),
    colour_as_the_ground: ("1 figure not used that nobody sees", 18, 1, 0),
    show_nothing: ("in a format that shows nothing), in rows 3", 18, 1, 0),
    hide_draft: ("hidden sheets not used: 草稿", 18, 0, 0),
    hide_deeply: ("hidden sheets not used: 草稿", 18, 0, 0),
    hide_rows: ("hidden rows not used: 3, 4", 16, 0, 0),
    hide_column: ("hidden columns not used: D (`年末户籍人口(万人)`)", 18, 0, 18),
    hide_columns_of_a_group: ("hidden columns not used: D (`年末户籍人口(万人)`)", 18, 0, 18),
    strike: ("2 cells struck through not used, in rows 3, 5", 18, 1, 1),
}


@pytest.mark.parametrize("change", HIDDEN, ids=lambda change: change.__name__)
def test_what_is_hidden_or_struck_is_not_used_and_named(tmp_path, change):
    said, n_rows, no_gdp, no_population = HIDDEN[change]
    workbook(tmp_path, change)
    report, table = read(tmp_path)
    assert not report.problems and said in doubts(report) and "use_hidden" in doubts(report)
    assert len(table) == n_rows and 777 not in table["gdp_100m_yuan"].tolist()
    assert table["gdp_100m_yuan"].isna().sum() == no_gdp
    assert table["registered_population_10k"].isna().sum() == no_population
    assert pd.read_parquet(tmp_path / "out" / "raw_files.parquet")["doubts"].notna().all()


@pytest.mark.parametrize("change", HIDDEN, ids=lambda change: change.__name__)
def test_what_is_hidden_is_used_where_its_owner_says_so(tmp_path, change):
    workbook(tmp_path, change)
    mapping = "file,sheet,header,column,unit\nbook.xlsx,,,use_hidden,\n"
    (tmp_path / "raw" / "columns.csv").write_text(mapping, encoding="utf-8")
    report, table = read(tmp_path)
    assert not report.problems and not doubts(report)
    assert len(table) == (19 if "草稿" in HIDDEN[change][0] else 18)
    assert table[["gdp_100m_yuan", "registered_population_10k"]].notna().all(axis=None)


def test_white_on_a_dark_ground_is_seen(tmp_path):
    def head(book, sheet):
        for cell in sheet[1]:
            cell.font, cell.fill = Font(color="FFFFFFFF"), PatternFill("solid", "FF1F4E78")
        sheet["F1"], sheet["F1"].font = 2010, Font(color="FFFFFFFF")

    workbook(tmp_path, head)
    report, table = read(tmp_path)
    assert not doubts(report) and len(table) == 18


@pytest.mark.parametrize(
    ("said", "is_doubt"),
    [
        ("单位：万元", True),
        ("unit: 10,000 yuan", True),
        ("此数有误，应为1234", True),
        ("张三：待核实", False),
    ],
)
def test_a_comment_at_a_cell_is_named(tmp_path, said, is_doubt):
    workbook(tmp_path, lambda book, sheet: setattr(sheet["C1"], "comment", Comment(said, "a")))
    report, _ = read(tmp_path)
    notes = " ".join(note for source in report.sources for note in source.notes)
    assert f"C1 `{said}`" in (doubts(report) if is_doubt else notes)


def test_a_hidden_sheet_alone_is_named(tmp_path):
    def only_hidden(book, sheet):
        sheet.sheet_state = "hidden"
        book.create_sheet("说明").append(["数据见各年鉴"])
        book.active = 1

    workbook(tmp_path, only_hidden)
    report, table = read(tmp_path)
    assert table.empty and any("hidden" in str(problem) for problem in report.problems)


def with_results(folder, formulas: dict[str, tuple[str, str]]) -> None:
    """Write formulas with stored results, which openpyxl cannot."""
    workbook(folder, lambda book, sheet: [sheet.__setitem__(c, 1) for c in formulas])
    path = folder / "raw" / "book.xlsx"
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    part = parts["xl/worksheets/sheet1.xml"].decode()
    for cell, (formula, result) in formulas.items():
        before, after = part.split(f'<c r="{cell}"', 1)
        rest = after.split("</c>", 1)[1]
        part = f'{before}<c r="{cell}"><f>{formula}</f><v>{result}</v></c>{rest}'
    parts["xl/worksheets/sheet1.xml"] = part.encode()
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content)


@pytest.mark.parametrize(
    ("formulas", "fault"),
    [
        ({"C3": ("D3*2", "0")}, "cell C3 holds the formula `D3*2`, which gives 1,000, and 0"),
        ({"C3": ("$D$3+C4", "0.0")}, "cell C3 holds the formula"),
        ({"C3": ("SUM(D3:D4)/2", "0")}, "which gives 500"),
        ({"C3": ("-(D3-1)*1.5", "0")}, "which gives -748.5"),
        ({f"C{n}": ("VLOOKUP(A2,Sheet2!A:B,2,0)", "0") for n in range(2, 8)}, "all 6 formulas"),
        # A result of 0 that is one, a calculated formula, and one that nobody can judge here.
        ({"C3": ("D3-D3", "0")}, ""),
        ({"C3": ("D3*2", "1000")}, ""),
        ({"C3": ("IF(D3&gt;1,0,1)", "0")}, ""),
    ],
)
def test_formulas_with_a_stored_0_that_they_cannot_give_are_refused(tmp_path, formulas, fault):
    with_results(tmp_path, formulas)
    report, _ = read(tmp_path)
    assert bool(report.problems) == bool(fault)
    assert fault in " ".join(map(str, report.problems))


def test_a_formula_without_its_result_in_a_sheet_that_is_not_used_is_named(tmp_path):
    def aside(book, sheet):
        book.create_sheet("算").append(["平均", "=AVERAGE(B2:B9)"])

    workbook(tmp_path, aside)
    report, _ = read(tmp_path)
    assert "city_yearbook" in report.tables
    assert not any("formula" in problem.what for problem in report.problems)
    assert "cell B1 holds a formula without its result" in str(report.unused)


SPELLINGS = {
    "order of attributes": lambda part: part.replace('<c r="C3"', '<c s="0" r="C3"'),
    "single quotes": lambda part: part.replace('"', "'"),
    "indented": lambda part: part.replace("><", ">\n  <"),
}


@pytest.mark.parametrize("case", SPELLINGS)
def test_other_programs_spell_their_parts_otherwise(tmp_path, case):
    workbook(tmp_path, lambda book, sheet: sheet.__setitem__("C3", "=D3*2"))
    path = tmp_path / "raw" / "book.xlsx"
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = SPELLINGS[case](parts[sheet].decode()).encode()
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content)
    report, _ = read(tmp_path)
    assert "cell C3 holds a formula without its result" in " ".join(map(str, report.problems))


def shifted(rows, which, cut=-1):
    return [row[:cut] if place in which else row for place, row in enumerate(rows)]


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_record_with_too_few_cells_is_refused_by_its_row(tmp_path, sign):
    short = shifted(ROWS, {4})
    short[4] = [short[4][0], *short[4][2:]]
    text(tmp_path, lines(short, sign=sign))
    report, _ = read(tmp_path)
    [cell] = [cell for cell in report.unreadable if cell.column_name == "(row)"]
    assert cell.source_row == 6 and "has 2 cells, the header 4" in cell.reason


def test_a_program_that_drops_empty_cells_at_the_end_is_believed_and_named(tmp_path):
    rows = [row[:3] if place % 3 == 0 else row for place, row in enumerate(ROWS)]
    text(tmp_path, lines(rows))
    report, table = read(tmp_path)
    assert not report.unreadable and table["registered_population_10k"].isna().sum() == 6
    assert "6 rows end before the last column" in doubts(report)


def test_titles_headings_and_notes_are_no_short_records(tmp_path):
    text(
        tmp_path,
        ["城市经济,,,", ",".join(HEADER), "河北省", *lines()[1:], "注：略", "资料来源：年鉴"],
    )
    report, table = read(tmp_path)
    assert not report.unreadable and not doubts(report) and len(table) == 18


def test_a_quotation_mark_that_swallows_rows_stops_the_file(tmp_path):
    rows = lines()
    rows[5] = '"' + rows[5]
    rows[9] = rows[9] + '"'
    text(tmp_path, rows)
    report, _ = read(tmp_path)
    assert "a quotation mark swallows 5 lines" in str(report.problems[0])


@pytest.mark.parametrize("sign", [";", "|", "，", "、", "^", ":", "  ", " "])
def test_two_files_in_one_with_another_sign(tmp_path, sign):
    text(tmp_path, [*lines(ROWS[:9]), *lines(ROWS[9:], sign=sign)[1:]])
    report, _ = read(tmp_path)
    reasons = [cell.reason for cell in report.unreadable if cell.column_name == "(row)"]
    named = {"  ": "spaces", " ": "a space"}.get(sign, sign)
    assert len(reasons) == 9 and f"is separated by `{named}`, the header by `,`" in reasons[0]


def test_a_record_in_quotation_marks_as_a_whole(tmp_path):
    text(tmp_path, [*lines(ROWS[:9]), *(f'"{line}"' for line in lines(ROWS[9:])[1:])])
    report, _ = read(tmp_path)
    reasons = [cell.reason for cell in report.unreadable if cell.column_name == "(row)"]
    assert len(reasons) == 9 and "one text in quotation marks" in reasons[0]


@pytest.mark.parametrize(
    "order", [[1, 0, 2, 3], [0, 1, 3, 2], [3, 2, 1, 0]], ids=["year first", "figures", "backwards"]
)
def test_two_files_in_one_with_another_order_of_columns_are_two_tables(tmp_path, order):
    later = [[row[place] for place in order] for row in [HEADER, *ROWS[9:]]]
    text(tmp_path, [*lines(ROWS[:9]), *lines(later[1:], later[0])])
    report, table = read(tmp_path)
    assert not report.problems and not report.unreadable, report.unreadable[:2]
    found = table.sort_values(["city_code", "year"])["gdp_100m_yuan"].tolist()
    assert sorted(found) == sorted(row[2] for row in ROWS)
    assert table["registered_population_10k"].between(500, 505).all()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_block_in_another_unit_is_converted_by_its_own_header(tmp_path, kind):
    header = [*HEADER[:2], "地区生产总值(万元)", HEADER[3]]
    later = [[city, year, gdp * 10_000, people] for city, year, gdp, people in ROWS[9:]]
    if kind == "csv":
        text(tmp_path, [*lines(ROWS[:9]), *lines(later, header)])
    else:
        workbook(tmp_path, lambda book, sheet: None, [*ROWS[:9], header, *later])
    report, table = read(tmp_path)
    assert not report.problems and not report.unreadable
    assert sorted(table["gdp_100m_yuan"]) == sorted(row[2] for row in ROWS)


@pytest.mark.parametrize(
    ("cells", "is_open"),
    [
        (["1,234", "0.856", "2.117"], True),
        (["0,856", "1,234"], True),
        (["12,34", "1,234"], True),
        (["1,234", "987", "12,345"], False),
        (["1,234", "1,234,567"], False),
        (["1,234", "987.65", "1,002.10"], False),
        (["1.234", "987"], False),
        ([1234, 0.5, None], False),
    ],
)
def test_when_a_comma_may_be_a_decimal_sign(cells, is_open):
    assert commas_are_open(cells) == is_open


def test_a_figure_with_an_open_comma_is_not_used_and_named(tmp_path):
    rows = [[city, year, f"{gdp / 1000:.3f}", people] for city, year, gdp, people in ROWS]
    rows[7][2] = '"1,234"'
    text(tmp_path, lines(rows, [*HEADER[:2], "科学技术支出(亿元)", HEADER[3]]))
    report, table = read(tmp_path)
    [cell] = report.unreadable
    assert (cell.source_row, cell.value) == (9, "1,234") and "decimal sign" in cell.reason
    assert table["science_expenditure_100m_yuan"].isna().sum() == 1


def test_a_check_says_it(tmp_path):
    workbook(tmp_path, hide_rows)
    said, _ = check(tmp_path / "raw")
    assert "to look at: hidden rows not used: 3, 4" in " ".join(said.split())
