"""Markdown tables and JSON of a run."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.bars import Bar

NUMBER = re.compile(r"-|-?\d[\d.,e-]*( ?(x|s|ms|MB|%))?")
OUTPUT = Path(__file__).resolve().parent / "output"


@dataclass
class Section:
    """One benchmark's part of the report.

    Attributes
    ----------
    name : str
        File name of the JSON.
    title : str
    paragraphs : list of str
        What was run, on what.
    tables : list of (str, list of dict)
        Caption and rows; the keys of the first row are the columns.
    bars : list of Bar
    data : dict
        Every measurement behind the tables, for the JSON.
    """

    name: str
    title: str
    paragraphs: list[str] = field(default_factory=list)
    tables: list[tuple[str, list[dict[str, str]]]] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)

    def markdown(self) -> str:
        """Render the section."""
        parts = [f"## {self.title}", *self.paragraphs]
        for caption, rows in self.tables:
            parts += [f"**{caption}**", markdown_table(rows)]
        if self.bars:
            parts += ["**Targets**", markdown_table([bar.as_row() for bar in self.bars])]
        return "\n\n".join(parts) + "\n"


def markdown_table(rows: Sequence[dict[str, str]]) -> str:
    """Lay rows out as a Markdown table, numbers right-aligned."""
    if not rows:
        return "(nothing measured)"
    columns = list(rows[0])
    lines = ["| " + " | ".join(columns) + " |"]
    numeric = [_is_numeric([row[column] for row in rows]) for column in columns]
    lines.append("|" + "|".join(" ---: " if right else " --- " for right in numeric) + "|")
    lines += ["| " + " | ".join(row[column] for column in columns) + " |" for row in rows]
    return "\n".join(lines)


def write_report(machine: dict[str, str], sections: Sequence[Section]) -> str:
    """Write one Markdown and one JSON file per section; return the whole report, targets first."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    header = "# Benchmarks\n\n" + "; ".join(
        f"{name.replace('_', ' ')} {value}" for name, value in machine.items()
    )
    for section in sections:
        (OUTPUT / f"{section.name}.md").write_text(
            header + "\n\n" + section.markdown(), encoding="utf-8"
        )
        record = {
            "machine": machine,
            "title": section.title,
            "bars": [bar.as_row() for bar in section.bars],
            **section.data,
        }
        (OUTPUT / f"{section.name}.json").write_text(
            json.dumps(_finite(record), indent=2) + "\n", encoding="utf-8"
        )
    summary = [
        {"benchmark": section.name.replace("_", " "), **bar.as_row()}
        for section in sections
        for bar in section.bars
    ]
    return "\n".join(
        [f"{header}\n\n{markdown_table(summary)}\n", *(part.markdown() for part in sections)]
    )


def seconds(value: float) -> str:
    """Format a time: three digits, never more precise than a millisecond."""
    if math.isnan(value):
        return "-"
    return f"{value:.3f} s" if value < 1 else f"{value:.3g} s" if value < 100 else f"{value:.0f} s"


def times(value: float) -> str:
    """Format a ratio."""
    return "-" if math.isnan(value) else f"{value:.2f}x" if value < 10 else f"{value:.0f}x"


def megabytes(value: float) -> str:
    """Format memory."""
    return "-" if math.isnan(value) else f"{value:,.0f} MB"


def _is_numeric(cells: Sequence[str]) -> bool:
    return all(NUMBER.fullmatch(cell) for cell in cells)


def _finite(value: Any) -> Any:
    """Replace NaN by null: JSON has no NaN."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
