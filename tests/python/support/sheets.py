"""Small files written from rows of cells, and what the intake makes of them."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from urban_resilience.intake import inspect
from urban_resilience.intake.conversion.report import IntakeReport

CODES = {
    "石家庄市": "130100",
    "唐山市": "130200",
    "秦皇岛市": "130300",
    "太原市": "140100",
    "长春市": "220100",
    "吉林市": "220200",
}
KEYS = ("city_code", "year")
Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Merged:
    """A sheet with merged ranges."""

    rows: Rows
    ranges: tuple[str, ...]


@dataclass(frozen=True)
class Read:
    """What the intake made of a folder.

    ``figures`` are the series of the yearbook by city, year and column; a figure that stands twice
    is a list.
    """

    report: IntakeReport
    figures: dict[tuple[str, int, str], Any]

    @property
    def left_over(self) -> str:
        """Everything that was left out, each with its reason, on one line."""
        ignored = [item for source in self.report.sources for item in source.ignored]
        listed = [f"{item.header}: {item.reason}" for item in (*self.report.unused, *ignored)]
        return "; ".join([*listed, *(problem.what for problem in self.report.problems)])

    @property
    def notes(self) -> str:
        """Everything that was said of the files, on one line."""
        return "; ".join(note for source in self.report.sources for note in source.notes)


def write(folder: Path, files: Mapping[str, Any]) -> None:
    """Write files: rows as CSV, a mapping of sheets as a workbook, text and bytes as they are."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        elif isinstance(content, pd.DataFrame):
            content.to_stata(path, write_index=False, variable_labels=content.attrs, version=118)
        elif isinstance(content, Mapping):
            _write_workbook(path, content)
        else:
            text = io.StringIO()
            csv.writer(text).writerows(content)
            path.write_text(text.getvalue(), encoding="utf-8")


def _write_workbook(path: Path, sheets: Mapping[str, Any]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, content in sheets.items():
        sheet = book.create_sheet(name)
        merged = content if isinstance(content, Merged) else Merged(content, ())
        for row in merged.rows:
            sheet.append(list(row))
        for cells in merged.ranges:
            sheet.merge_cells(cells)
    book.save(path)


def read(folder: Path, files: Mapping[str, Any]) -> Read:
    """Write files into a folder and read it."""
    raw = folder / "raw"
    raw.mkdir()
    write(raw, files)
    report = inspect(raw, folder / "out")
    path = folder / "out" / "city_yearbook.parquet"
    frame = pd.read_parquet(path) if path.exists() else pd.DataFrame()
    figures: dict[tuple[str, int, str], Any] = {}
    for row in frame.to_dict("records"):
        for column, value in row.items():
            is_figure = isinstance(value, int | float) and value == value
            if column in (*KEYS, "source_row") or not is_figure:
                continue
            key = (row["city_code"], row["year"], str(column))
            figures[key] = [figures[key], value] if key in figures else value
    return Read(report, figures)


def assert_exactly(found: Read, expected: Mapping[tuple[str, int, str], Any]) -> None:
    """Hold that a folder was read without a fault, and gave these figures and no other."""
    assert not found.report.problems, found.report.problems
    assert not found.report.n_unreadable, found.report.unreadable[:3]
    assert found.figures == dict(expected), found.left_over


def panel(
    names: Iterable[str], years: Iterable[int], **series: Any
) -> dict[tuple[str, int, str], float]:
    """Figures of cities and years, each series a function of the city's place and the year."""
    return {
        (CODES[name], year, column): figure(n, year)
        for n, name in enumerate(names)
        for year in years
        for column, figure in series.items()
    }
