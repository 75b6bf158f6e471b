"""Printed tables are read back from LaTeX, Word and Excel: each cell, in both languages."""

import re
import shutil
import subprocess

import docx
import duckdb
import openpyxl
import pytest

from urban_resilience.reporting.built import Built
from urban_resilience.reporting.exports.printed import Form, read_printed, with_true_minus
from urban_resilience.reporting.exports.table_files import latex, latex_text, write_tables

BUILT = Built("ab" * 32, True, 7, "")
# spec, table, panel, column, term, estimate, std_error, statistic, p_value
ESTIMATES = [
    ("s1", "table_9", "A", "1", "vagg", 0.1116, 0.0216, 5.17, 0.0000),
    ("s2", "table_9", "A", "2", "vagg", -0.0103, 0.0062, -1.66, 0.0980),
    ("s3", "table_9", "B", "1", "x_1", 2.5, 1.0, 2.5, 0.0130),
    ("s4", "table_9", "B", "2", "x_1", 1.0, 1.0, 1.0, 0.3200),
    *[(f"w{i}", "wide", "", str(i), f"v{i}", 1.0 * i, 1.0, 1.0 * i, 0.5) for i in range(1, 11)],
]


def stars(p):
    return "***" if p < 0.01 else "**" if p < 0.05 else "*" if p < 0.1 else ""


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as connection:
        connection.execute("create schema results")
        connection.execute("create schema reference")
        connection.execute(
            "create table reference.panel_variables (variable varchar, name_en varchar,"
            " name_zh varchar)"
        )
        connection.execute("create table reference.study_settings (setting varchar, value varchar)")
        connection.execute(
            "insert into reference.panel_variables values ('resi', 'Resilience', '经济韧性')"
        )
        connection.execute(
            "create table results.fct_coefficients (spec_id varchar, term varchar,"
            " statistic double, p_value double)"
        )
        connection.execute(
            "create table results.rpt_tables (table_id varchar, row_number integer, panel varchar,"
            " row_label varchar, label_en varchar, label_zh varchar, column_id varchar,"
            " printed_column varchar, position integer, cell varchar, part varchar,"
            " spec_id varchar, term varchar)"
        )
        for spec, table, panel, column, term, estimate, error, t, p in ESTIMATES:
            connection.execute(
                "insert into results.fct_coefficients values (?, ?, ?, ?)", [spec, term, t, p]
            )
            first = 10 * (panel == "B") + 5 * (table == "wide") * int(column)
            rows = [
                (0, "Outcome", "Outcome", "被解释变量", "resi", "head", None),
                (1, "Column is", "Column is", "本列说明", f"what {column} is", "head", None),
                (2, term, "Virtual & 100%", "虚拟集聚", f"{estimate:.4f}{stars(p)}", "estimate",
                 term),
                (3, "", "", "", f"({error:.4f})", "std_error", term),
                (4, "Controls", "Controls", "控制变量", "Yes" if column == "1" else "", "foot",
                 None),
                (99, "N", "N", "样本量",
                 "not estimable: no variation" if spec == "s4" else "3,177", "foot", None),
            ]  # fmt: skip
            for number, name, en, zh, cell, part, of in rows:
                place = number if number in (0, 1) and table == "wide" else first + number
                place = 99 if number == 99 and table == "wide" else place
                connection.execute(
                    "insert into results.rpt_tables values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [table, place, panel, name, en, zh, panel + column, column, int(column), cell,
                     part, spec, of],
                )  # fmt: skip
        yield connection


def table(connection, table_id="table_9", language="en", **form):
    found = read_printed(connection, BUILT, language, Form(**form))
    return next(t for t in found if t.table_id == table_id)


def cells_of(printed, part):
    return [row.cells for row in printed.rows if row.part == part]


@pytest.mark.parametrize(
    ("form", "estimates", "below"),
    [
        ({}, "0.1116***", "(0.0216)"),
        ({"stars": False}, "0.1116", "(0.0216)"),
        ({"brackets": "t"}, "0.1116***", "(5.17)"),
        ({"brackets": "p", "stars": False}, "0.1116", "(0.000)"),
    ],
)
def test_stars_and_brackets_are_those_asked_for(connection, form, estimates, below):
    printed = table(connection, **form)
    assert cells_of(printed, "estimate")[0][0] == estimates
    assert cells_of(printed, "std_error")[0][0] == below
    assert any("***" in note for note in printed.notes) == form.get("stars", True)


def test_brackets_that_there_are_not_are_refused():
    with pytest.raises(ValueError, match="BRACKETS sd: there are se, t, p"):
        Form(brackets="sd")


def test_a_table_has_panels_names_and_notes_in_both_languages(connection):
    english, chinese = table(connection), table(connection, language="zh")
    assert english.columns == chinese.columns == ("(1)", "(2)")
    assert {row.panel for row in english.rows} == {"Panel A", "Panel B"}
    assert {row.panel for row in chinese.rows} == {"面板A", "面板B"}
    assert cells_of(english, "head")[0] == ("Resilience", "Resilience")
    assert cells_of(chinese, "head")[0] == ("经济韧性", "经济韧性")
    assert next(r.cells for r in chinese.rows if r.label == "控制变量") == ("是", "")
    assert english.notes[0].startswith("SIMULATED") and "模拟" in chinese.notes[0]
    assert "(A1) what 1 is." in english.notes
    assert "(B2) not estimable: no variation." in english.notes
    assert [row.cells for row in english.rows if row.label == "N"][1] == ("3,177", "-")


def test_what_is_ours_below_a_table_is_chinese_and_of_the_studys_places(connection):
    with duckdb.connect() as own:
        for name in ("results.rpt_tables", "results.fct_coefficients", "reference.panel_variables"):
            own.execute(f"create schema if not exists {name.split('.')[0]}")
            own.register("given", connection.sql(f"from {name}").arrow())
            own.execute(f"create table {name} as from given")
        own.execute(
            "insert into results.rpt_tables values ('table_9', 100, 'A', 'Remark', 'Remark',"
            " '备注', 'A1', '1', 1, 'cities without a propensity score: 7', 'foot', 's1', null)"
        )
        own.execute(
            "insert into results.rpt_tables values ('table_9', 5, 'A', 'Year and city effects',"
            " 'Year and city effects', '年份与城市固定效应', 'A1', '1', 1, 'Yes', 'foot', 's1',"
            " null)"
        )
        own.execute(
            "create table reference.study_settings as select * from (values"
            " ('place_name_en', 'state'), ('place_names_en', 'states'), ('place_name_zh', '州'))"
            " as settings (setting, value)"
        )
        english, chinese = table(own), table(own, language="zh")
    assert "(A1) Remark: states without a propensity score: 7." in english.notes
    assert "(A1) 备注：没有倾向得分的州：7 个。" in chinese.notes
    assert "Year and state effects" in {row.label for row in english.rows}
    assert "年份与州固定效应" in {row.label for row in chinese.rows}


def test_a_wide_table_is_cut_and_loses_nothing(connection):
    printed = table(connection, "wide")
    blocks = printed.blocks(4)
    assert [len(block.columns) for block in blocks] == [4, 4, 2]
    seen = [text for block in blocks for row in block.rows for text in row.cells if text]
    assert sorted(seen) == sorted(t for row in printed.rows for t in row.cells if t)
    # Of terms that other columns have, neither estimate nor brackets stay.
    assert all(any(r.cells) for block in blocks for r in block.rows if r.part != "foot")
    assert [bool(block.notes) for block in blocks] == [False, False, True]


def test_latex_has_every_cell_and_escapes_what_is_not_its_own(connection):
    text = latex(table(connection))
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == 1
    assert r"Virtual \& 100\% & 0.1116$^{***}$ & $-$0.0103$^{*}$ \\" in text
    assert r" & (0.0216) & (0.0062) \\" in text
    assert r"\emph{Panel B}" in text
    body = text.split(r"\midrule", 1)[1].split(r"\bottomrule")[0]
    rows = [line for line in body.splitlines() if line.endswith(r"\\") and " & " in line]
    assert {len(re.findall(r"(?<!\\)&", line)) for line in rows} == {2}
    assert text.count("{") == text.count("}")
    wide = latex(table(connection, "wide"))
    assert wide.count(r"\begin{landscape}") == wide.count(r"\end{landscape}") >= 1


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a_b", r"a\_b"), ("50% & more", r"50\% \& more"), ("R^2", r"R\textasciicircum{}2"),
        ("{x}", r"\{x\}"), ("\\input", r"\textbackslash{}input"), ("-1.5**", "$-$1.5$^{**}$"),
        ("(-0.1)", "($-$0.1)"), ("well-known", "well-known"), ("虚拟", "虚拟"),
    ],
)  # fmt: skip
def test_text_is_escaped_for_latex(text, written):
    assert latex_text(text) == written


def test_word_has_a_table_that_can_be_edited(connection, tmp_path):
    write_tables(connection, BUILT, Form(), tmp_path / "tables", "")
    document = docx.Document(tmp_path / "tables" / "table_9.zh.docx")
    grid = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert ["虚拟集聚", "0.1116***", "\N{MINUS SIGN}0.0103*"] in grid
    assert ["", "(0.0216)", "(0.0062)"] in grid
    words = " ".join(paragraph.text for paragraph in document.paragraphs)
    assert "Table 9" in words and "模拟数据" in words and BUILT.short_hash in words
    wide = docx.Document(tmp_path / "tables" / "wide.1.en.docx")
    assert wide.sections[0].page_width > wide.sections[0].page_height


def test_excel_has_every_cell_as_text_that_nothing_evaluates(connection, tmp_path):
    write_tables(connection, BUILT, Form(), tmp_path / "tables", ".SIMULATED")
    book = openpyxl.load_workbook(tmp_path / "tables" / "tables.en.SIMULATED.xlsx")
    assert book.sheetnames == ["table_9", "wide"]
    rows = [[cell.value or "" for cell in row] for row in book["table_9"].iter_rows()]
    assert rows[1][1:] == ["(1)", "(2)"]
    assert ["Virtual & 100%", "0.1116***", "\N{MINUS SIGN}0.0103*"] in rows
    assert all(c.data_type != "f" for row in book["table_9"].iter_rows() for c in row)
    assert with_true_minus("-0.1") != "-0.1"


def has_chinese_latex() -> bool:
    """Whether XeLaTeX is here with ctex (Debian: texlive-xetex, texlive-lang-chinese)."""
    if not (shutil.which("xelatex") and shutil.which("kpsewhich")):
        return False
    found = subprocess.run(["kpsewhich", "ctex.sty"], capture_output=True, check=False)
    return found.returncode == 0


@pytest.mark.parametrize(
    ("program", "language"),
    [
        pytest.param("pdflatex", "en", marks=pytest.mark.skipif(
            not shutil.which("pdflatex"), reason="no LaTeX here to compile the tables")),
        pytest.param("xelatex", "zh", marks=pytest.mark.skipif(
            not has_chinese_latex(), reason="no XeLaTeX with ctex here to compile the tables")),
    ],
)  # fmt: skip
@pytest.mark.thorough
def test_the_page_of_all_tables_compiles(connection, tmp_path, program, language):
    write_tables(connection, BUILT, Form(), tmp_path / "tables", "")
    command = [program, "-interaction=nonstopmode", "-halt-on-error", f"tables.{language}.tex"]
    run = subprocess.run(command, cwd=tmp_path / "tables", capture_output=True, check=False)
    assert run.returncode == 0, run.stdout.decode(errors="replace")[-2000:]
    log = (tmp_path / "tables" / f"tables.{language}.log").read_text(errors="replace")
    assert "Missing character" not in log


def test_the_effect_of_a_policy_has_a_name_in_both_languages(published):
    labels = published.frame(
        "select distinct label_en, label_zh from results.rpt_tables"
        " where term = 'treated' and part = 'estimate'"
    )
    assert labels.to_numpy().tolist() == [["Policy in force", "政策实施"]]
