"""``make template``: empty forms of every file and a guide to their columns.

Everything is generated from the contract and the seeds of aliases and units.
"""

from __future__ import annotations

import csv
from pathlib import Path

from urban_resilience.intake.recognition.sources import GUIDE, TEMPLATE
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, aliases
from urban_resilience.intake.vocabulary.contract import Column, Table, contract
from urban_resilience.intake.vocabulary.units import units

YEARBOOK = "city_yearbook"


def write_templates(folder: Path) -> list[Path]:
    """Write the forms and the guide; files of the same names are replaced.

    Returns
    -------
    list of Path
        An empty CSV of every table, a yearbook workbook with Chinese headers, the guide as
        Markdown and as CSV.
    """
    folder.mkdir(parents=True, exist_ok=True)
    forms = [_write_form(table, folder) for table in contract().values()]
    workbook = _write_workbook(contract()[YEARBOOK], folder / f"{YEARBOOK}{TEMPLATE}.xlsx")
    return [*forms, workbook, _write_guide(folder), _write_guide_csv(folder)]


def chinese_header(column: Column) -> str:
    """Return the header a Chinese form shows: the name with its unit in brackets."""
    name = column.name_zh or column.name_en or column.name
    return f"{name}（{column.unit_zh}）" if column.unit_zh else name


def accepted_headers(table: Table, column: Column) -> list[str]:
    """Headers that are read as the column, its own name aside."""
    found = [alias for alias in aliases(table.name).values() if alias.column == column.name]
    return [alias.text for alias in found if alias.text != column.name]


def accepted_units(column: Column) -> list[str]:
    """Units that a header of the column may state."""
    return [unit.text for unit in units().get(column.dimension, {}).values()]


def _asked_for(table: Table) -> list[Column]:
    """Columns of a form: all but those that others can be derived from, which the guide has."""
    return [column for column in table.columns if not column.is_auxiliary]


def _write_form(table: Table, folder: Path) -> Path:
    path = folder / f"{table.name}{TEMPLATE}.csv"
    # Excel takes a CSV for UTF-8 only with a byte order mark.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerow(column.name for column in _asked_for(table))
    return path


def _write_workbook(table: Table, path: Path) -> Path:
    import openpyxl
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "城市年鉴"
    columns = _asked_for(table)
    sheet.append([chinese_header(column) for column in columns])
    for place, column in enumerate(columns, start=1):
        cell = sheet.cell(1, place)
        cell.font = Font(bold=column.is_key)
        cell.comment = Comment(f"{column.name}\n{column.description}", "urban_resilience")
        sheet.column_dimensions[get_column_letter(place)].width = 2 * len(str(cell.value)) + 2
        if column.data_type == "varchar":
            # A code typed into a text cell keeps its digits.
            for row in range(2, 402):
                sheet.cell(row, place).number_format = "@"
    sheet.freeze_panes = "D2"
    workbook.save(path)
    return path


def _write_guide(folder: Path) -> Path:
    lines = [
        "# Column guide / 列说明",
        "",
        "Any accepted header may stand over a column, with or without its unit in brackets; a unit "
        "other than the contract's is converted. Missing figures: leave blank, or `-`, `—`, `…`, "
        "`NA`. Zero is a figure.",
        "",
        "任一可识别的列名均可使用，单位写在括号内；单位不同时自动换算。"
        "缺失值请留空或填“-”“—”“…”“NA”；0 是数值。",
        "",
    ]
    for table in contract().values():
        needed = "required / 必需" if table.is_required else "optional / 可选"
        lines += [
            f"## {table.name} ({needed})",
            "",
            table.description,
            "",
            "| column | 列名 | unit / 单位 | required / 必填 | description | "
            "accepted headers / 可识别列名 | accepted units / 可用单位 |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += [
            "| " + " | ".join(cell.replace("|", "\\|") for cell in _guide_row(table, c)) + " |"
            for c in table.columns
        ]
        lines.append("")
    path = folder / f"{GUIDE}.md"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _write_guide_csv(folder: Path) -> Path:
    path = folder / f"{GUIDE}.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["file", "column", "name_zh", "unit", "required", "description",
             "accepted_headers", "accepted_units"]
        )  # fmt: skip
        for table in contract().values():
            writer.writerows([table.name, *_guide_row(table, c)] for c in table.columns)
    return path


def _guide_row(table: Table, column: Column) -> list[str]:
    unit = f"{column.unit_zh} ({column.unit})" if column.unit else column.unit_zh
    required = "yes" if column.is_key else "no"
    if column.name == "city_code":
        required = f"yes, or {CITY_NAME}"
    return [
        column.name,
        column.name_zh,
        unit,
        required,
        column.description,
        ", ".join(accepted_headers(table, column)),
        ", ".join(accepted_units(column)),
    ]
