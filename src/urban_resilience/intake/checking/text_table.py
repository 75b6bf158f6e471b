"""Plain text for terminals; Chinese characters are two columns wide."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from urban_resilience.intake.cells.text import display_width, pad

WIDTH = 100


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right_from: int = 99) -> list[str]:
    """Lay out rows under a header; columns from ``right_from`` on are set flush right."""
    cells = [list(header), *[list(row) for row in rows]]
    widths = [max(display_width(row[c]) for row in cells) for c in range(len(header))]
    return [
        "  ".join(pad(cell, widths[c], c >= right_from) for c, cell in enumerate(row)).rstrip()
        for row in cells
    ]


def paragraph(text: str, indent: str = "  ") -> list[str]:
    """Break a text into lines, later lines indented further."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    ) or [indent.rstrip()]
