"""Printed tables as LaTeX (booktabs), Word and Excel."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Pt
from maketables import MTable
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side

from urban_resilience.reporting.built import Built
from urban_resilience.reporting.exports.printed import (
    LANGUAGES,
    Form,
    PrintedTable,
    read_printed,
    with_true_minus,
)
from urban_resilience.reporting.exports.workbook import excel_value, sheet_names

# Columns that fit on a page.
WIDEST = 8
WIDEST_UPRIGHT = 5
ESCAPED = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
           "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
           "<": r"\textless{}", ">": r"\textgreater{}"}  # fmt: skip
TEX_STYLE = {"data_addlinespace": None, "first_row_addlinespace": None, "texlocation": "htbp",
             "tab_width": r"\linewidth", "first_col_width": "4.6cm"}  # fmt: skip
WORD_STYLE = {"font_size_pt": 9, "notes_font_size_pt": 8}
EAST_ASIAN_FONT = "SimSun"
PREAMBLE = r"""%% {title}
\documentclass[a4paper,10pt]{{article}}
{script}\usepackage{{amsmath,array,booktabs,caption,geometry,makecell,pdflscape,tabularx,threeparttable}}
\geometry{{margin=2cm}}
\captionsetup{{labelformat=empty}}
\begin{{document}}
{body}
\end{{document}}
"""


def write_tables(
    connection: duckdb.DuckDBPyConnection, built: Built, form: Form, folder: Path, suffix: str
) -> None:
    """Write every printed table in both languages, in three formats."""
    folder.mkdir()
    for language in LANGUAGES:
        tables = read_printed(connection, built, language, form)
        write_latex(tables, language, folder, suffix)
        write_word(tables, language, folder, suffix)
        if tables:
            write_table_workbook(tables, folder / f"tables.{language}{suffix}.xlsx")


def write_latex(tables: Sequence[PrintedTable], language: str, folder: Path, suffix: str) -> None:
    """Write a file for each table, and one that compiles with all of them (XeLaTeX for Chinese)."""
    inputs = []
    for table in tables:
        name = f"{table.table_id}.{language}{suffix}.tex"
        (folder / name).write_text(latex(table), encoding="utf-8")
        inputs.append(f"\\input{{{name}}}\n\\clearpage")
    script = "\\usepackage[UTF8]{ctex}\n" if language == "zh" else ""
    page = PREAMBLE.format(title=f"tables{suffix}", script=script, body="\n".join(inputs))
    (folder / f"tables.{language}{suffix}.tex").write_text(page, encoding="utf-8")


def latex(table: PrintedTable) -> str:
    """Lay a table out with booktabs; a wide one is cut into several that share the title."""
    parts: list[str] = []
    for block in table.blocks(WIDEST):
        size = "\\footnotesize" if len(block.columns) > WIDEST_UPRIGHT else "\\small"
        text = MTable(
            _frame(block, latex_text),
            notes=" ".join(latex_text(note) for note in block.notes),
            caption=latex_text(block.title),
            tab_label=f"tab:{table.table_id}_{len(parts) + 1}",
            rgroup_sep="t",
        ).make("tex", tex_style={**TEX_STYLE, "group_intro": size})
        is_wide = len(block.columns) > WIDEST_UPRIGHT
        parts.append(f"\\begin{{landscape}}\n{text}\n\\end{{landscape}}" if is_wide else str(text))
    return "\n\n".join(parts) + "\n"


def latex_text(text: str) -> str:
    """Escape what LaTeX would read as its own; a minus is one of mathematics."""
    plain = with_true_minus(text)
    escaped = "".join(ESCAPED.get(letter, letter) for letter in plain)
    stars = re.sub(r"(?<=\d)(\*+)$", r"$^{\1}$", escaped)
    return stars.replace("\N{MINUS SIGN}", "$-$")


def write_word(tables: Sequence[PrintedTable], language: str, folder: Path, suffix: str) -> None:
    """Write a document for each table, whose cells can be edited; wide ones lie across the page."""
    for table in tables:
        for number, block in enumerate(table.blocks(WIDEST), 1):
            part = f".{number}" if len(table.columns) > WIDEST else ""
            _word(block, folder / f"{table.table_id}{part}.{language}{suffix}.docx")


def _word(table: PrintedTable, file: Path) -> None:
    document: Any = MTable(_frame(table, with_true_minus), notes="", rgroup_sep="t").make(
        "docx", docx_style=WORD_STYLE
    )
    section = document.sections[0]
    if len(table.columns) > WIDEST_UPRIGHT:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = section.page_height, section.page_width
    document.core_properties.title = table.title
    grid = document.tables[0]
    title = document.add_paragraph()
    title.add_run(table.title).bold = True
    grid._element.addprevious(title._element)
    for note in table.notes:
        document.add_paragraph().add_run(note).font.size = Pt(8)
    in_cells = (p for row in grid.rows for cell in row.cells for p in cell.paragraphs)
    paragraphs = [*document.paragraphs, *in_cells]
    for run in (run for paragraph in paragraphs for run in paragraph.runs):
        run.font.name = "Times New Roman"
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), EAST_ASIAN_FONT)
    document.save(str(file))


def write_table_workbook(tables: Sequence[PrintedTable], file: Path) -> None:
    """Write a sheet for each table, with the three rules of a printed one."""
    book = Workbook()
    book.remove(book.worksheets[0])
    sheets = sheet_names([table.table_id for table in tables])
    line, thick = Side(style="thin"), Side(style="medium")
    for table in tables:
        sheet = book.create_sheet(sheets[table.table_id])
        sheet.append([excel_value(table.title)])
        sheet["A1"].font = Font(bold=True)
        sheet.append(["", *table.columns])
        panel = ""
        for row in table.rows:
            if row.panel != panel:
                panel = row.panel
                sheet.append([panel])
                sheet.cell(sheet.max_row, 1).font = Font(italic=True)
            cells = [excel_value(with_true_minus(text)) for text in row.cells]
            sheet.append([excel_value(row.label), *cells])
        last, width = sheet.max_row, len(table.columns) + 1
        for place in range(1, width + 1):
            sheet.cell(2, place).border = Border(top=thick, bottom=line)
            sheet.cell(last, place).border = Border(bottom=thick)
            for number in range(2, last + 1) if place > 1 else ():
                sheet.cell(number, place).alignment = Alignment(horizontal="center", wrap_text=True)
        for note in table.notes:
            sheet.append([excel_value(note)])
        sheet.column_dimensions["A"].width = 40
        for place in range(2, width + 1):
            sheet.column_dimensions[sheet.cell(2, place).column_letter].width = 16
        sheet.freeze_panes = "B3"
    book.save(file)


def _frame(table: PrintedTable, written: Callable[[str], str]) -> pd.DataFrame:
    """Give a table the form that the maker of tables takes: panels as groups of rows."""
    labels = [(written(row.panel), written(row.label)) for row in table.rows]
    has_panels = any(panel for panel, _ in labels)
    index = (
        pd.MultiIndex.from_tuples([(panel or " ", label) for panel, label in labels])
        if has_panels
        else pd.Index([label for _, label in labels])
    )
    cells = [[written(text) for text in row.cells] for row in table.rows]
    return pd.DataFrame(cells, index=index, columns=list(table.columns))
