"""Printed tables of regressions as matrices, in one language, with stars and brackets as asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb

from urban_resilience.reporting.built import BANNER_EN, BANNER_ZH, Built
from urban_resilience.reporting.result_tables import ResultTables, read_result_tables
from urban_resilience.reporting.rows import unit_of
from urban_resilience.reporting.study_words import StudyWords, read_study_words
from urban_resilience.reporting.words import Both, Unit

LANGUAGES = ("en", "zh")
BRACKETS = ("se", "t", "p")
# Rows of sentences: below the table, where there is room.
NOTED = ("Column is", "Rows left out", "Remark")
# Of these the words are ours, not the study's.
OURS = ("Rows left out", "Remark")
WORDS = {
    "en": {
        "se": "Standard errors in brackets",
        "t": "t statistics in brackets",
        "p": "p-values in brackets",
        "stars": "* p < 0.10, ** p < 0.05, *** p < 0.01",
        "panel": "Panel {}",
        "Yes": "Yes",
        "stop": "; ",
        "colon": ": ",
    },
    "zh": {
        "se": "括号内为标准误",
        "t": "括号内为t值",
        "p": "括号内为p值",
        "stars": "*、**、***分别表示在10%、5%、1%的水平上显著",
        "panel": "面板{}",
        "Yes": "是",
        "stop": "；",
        "colon": "：",
    },
}
NOT_ESTIMABLE = "not estimable: "


@dataclass(frozen=True)
class Form:
    """How tables are printed: with stars or without, and what stands in brackets."""

    stars: bool = True
    brackets: str = "se"

    def __post_init__(self) -> None:
        if self.brackets not in BRACKETS:
            raise ValueError(f"BRACKETS {self.brackets}: there are {', '.join(BRACKETS)}")


# As the paper prints them.
PRINTED = Form()


@dataclass(frozen=True)
class PrintedRow:
    """A row of a table: its panel (empty for none), label, and a cell for each column."""

    panel: str
    label: str
    part: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class PrintedTable:
    """A table as a page has it.

    Attributes
    ----------
    columns
        Heads of the columns, as ``(1)``.
    notes
        What stands below it, a sentence each.
    """

    table_id: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[PrintedRow, ...]
    notes: tuple[str, ...]

    def blocks(self, widest: int) -> list[PrintedTable]:
        """Cut it into tables of so many columns, the notes below the last."""
        starts = range(0, len(self.columns), widest)
        cut = []
        for start in starts:
            rows = tuple(replace(r, cells=r.cells[start : start + widest]) for r in self.rows)
            kept = tuple(row for row in rows if row.part != "estimate" or any(row.cells))
            columns = self.columns[start : start + widest]
            is_last = start == starts[-1]
            notes = self.notes if is_last else ()
            cut.append(replace(self, columns=columns, rows=_without_empty(kept), notes=notes))
        return cut


def read_printed(
    connection: duckdb.DuckDBPyConnection, built: Built, language: str, form: Form = PRINTED
) -> list[PrintedTable]:
    """Lay out every table of ``results.rpt_tables``.

    Parameters
    ----------
    connection
        To the warehouse.
    built
        Named below every table.
    language
        ``en`` or ``zh``.
    form
        Stars and brackets.
    """
    names = dict(
        connection.execute(
            f"select variable, coalesce(name_{language}, name_en) from reference.panel_variables"
        ).fetchall()
    )
    found: dict[str, list[dict[str, object]]] = {}
    result = connection.execute(
        "select cells.table_id, cells.row_number, cells.panel, cells.row_label,"
        f" coalesce(nullif(cells.label_{language}, ''), cells.label_en) as label, cells.part,"
        " cells.printed_column, cells.position, cells.cell, coefficients.statistic,"
        " coefficients.p_value"
        " from results.rpt_tables as cells"
        " left join results.fct_coefficients as coefficients"
        " on cells.spec_id = coefficients.spec_id and cells.term = coefficients.term"
        " order by cells.table_id, cells.row_number, cells.position"
    )
    columns = [column[0] for column in result.description or []]
    for values in result.fetchall():
        cell = dict(zip(columns, values, strict=True))
        found.setdefault(str(cell["table_id"]), []).append(cell)
    titles, unit = read_result_tables(connection), unit_of(connection)
    own = read_study_words(connection)
    return [
        _table(name, found[name], names, titles, built, unit, own, language, form)
        for name in sorted(found, key=titles.order)
    ]


def _said(text: Both, language: str) -> str:
    return text.zh if language == "zh" else text.en


def _table(
    table_id: str, cells: Sequence[dict[str, object]], names: dict[str, str],
    titles: ResultTables, built: Built, unit: Unit, own: StudyWords, language: str, form: Form,
) -> PrintedTable:  # fmt: skip
    words = WORDS[language]
    said = unit.said_zh if language == "zh" else unit.said_en
    order = {str(cell["printed_column"]): cell["position"] for cell in cells}
    columns = sorted(order, key=lambda column: (order[column] is None, order[column], column))
    rows: dict[int, PrintedRow] = {}
    noted: list[str] = []
    for cell in cells:
        number, column = int(str(cell["row_number"])), str(cell["printed_column"])
        text = _text(cell, names, words, form)
        panel = str(cell["panel"] or "")
        place = f"({panel}{column})"
        label = str(cell["label"] or "")
        # Names of variables are the study's own.
        label = label if cell["part"] == "estimate" else said(label)
        if cell["row_label"] in NOTED:
            if text:
                ours = cell["row_label"] in OURS
                text = own.said_zh(text) if language == "zh" else text
                text = said(text) if ours else text
                head = label + words["colon"] if ours else ""
                noted.append(_sentence(f"{place} {head}{text}", language))
            continue
        if text.startswith(NOT_ESTIMABLE):
            text = own.said_zh(text) if language == "zh" else text
            noted.append(_sentence(f"{place} {text}", language))
            text = "-"
        row = rows.get(number) or PrintedRow(panel, label, str(cell["part"]), ("",) * len(columns))
        at = columns.index(column)
        rows[number] = replace(row, cells=(*row.cells[:at], text, *row.cells[at + 1 :]))
    keys = [words[form.brackets], *([words["stars"]] if form.stars else [])]
    banner = [(BANNER_ZH if language == "zh" else BANNER_EN)] if built.is_simulated else []
    told = _sentence(words["stop"].join(keys), language)
    below = said(_said(titles.note(table_id), language))
    notes = [*banner, told, *([_sentence(below, language)] if below else []), *noted,
             f"Build {built.short_hash}."]  # fmt: skip
    heads = tuple(f"({column})" for column in columns)
    ordered = tuple(rows[number] for number in sorted(rows))
    named = tuple(
        replace(row, panel=words["panel"].format(row.panel) if row.panel else "") for row in ordered
    )
    title = said(_said(titles.title(table_id), language))
    return PrintedTable(table_id, title, heads, named, tuple(notes))


def _text(cell: dict[str, object], names: dict[str, str], words: dict[str, str], form: Form) -> str:
    text = str(cell["cell"] or "")
    if cell["part"] == "head":
        return names.get(text, text) if cell["row_label"] == "Outcome" else text
    if cell["part"] in ("estimate", "difference") and not form.stars:
        return text.rstrip("*")
    if cell["part"] == "std_error" and form.brackets != "se" and text:
        number, digits = (cell["statistic"], 2) if form.brackets == "t" else (cell["p_value"], 3)
        return f"({number:.{digits}f})" if isinstance(number, float) else ""
    return words["Yes"] if text == "Yes" else text


def _sentence(text: str, language: str) -> str:
    return text if text.endswith((".", "。")) else text + ("。" if language == "zh" else ".")


def _without_empty(rows: tuple[PrintedRow, ...]) -> tuple[PrintedRow, ...]:
    """Drop the brackets whose estimates went, and what says nothing of these columns."""
    kept: list[PrintedRow] = []
    for place, row in enumerate(rows):
        is_orphan = row.part == "std_error" and (
            not kept or kept[-1].part != "estimate" or (place and rows[place - 1] is not kept[-1])
        )
        if not is_orphan and (any(row.cells) or row.part != "difference"):
            kept.append(row)
    return tuple(kept)


def with_true_minus(text: str) -> str:
    """Print a minus as a minus: a hyphen is shorter, and begins a formula in a spreadsheet."""
    return re.sub(r"^(\(?)-(?=\d)", "\\1\N{MINUS SIGN}", text)
