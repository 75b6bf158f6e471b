"""Records of a text file that do not go with its header: other cell counts, quotes, dialects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from urban_resilience.intake.reading.grid import is_blank, is_text
from urban_resilience.intake.reading.remarks import listed
from urban_resilience.shared.counting import count
from urban_resilience.shared.problems import FileFault

# So many cells make a record of data: headings and remarks have fewer.
LEAST_CELLS = 2
# More short records than this share are the habit of a program that drops empty cells at the end.
MOST_SHORT = 0.05
# Signs that also stand in words: only many figures between them tell that they separate cells.
_LOOSE = {
    "，": "，",
    "、": "、",
    "；": "；",
    "^": "^",
    "~": "~",
    ":": ":",
    "  ": "spaces",
    " ": "a space",
}
_FIGURE = re.compile(r"[-+]?[\d.,\s]*\d[\d.,\s]*(?:年|[eE][-+]?\d+)?%?")


def odd_records(
    records: Iterable[Sequence[str]], delimiter: str, others: Sequence[str]
) -> tuple[dict[int, str], list[str]]:
    """Find records that cannot be used as they stand.

    Parameters
    ----------
    records
        All of the file.
    delimiter, others
        The sign that separates cells, and those that do in other files.

    Returns
    -------
    tuple of (dict of int to str, list of str)
        Rows (from 1) that must not be used, each with the reason; what else is to be said.

    Raises
    ------
    FileFault
        A quotation mark swallows records.
    """
    refused: dict[int, str] = {}
    short: list[tuple[int, int, int]] = []
    n_full, ends_blank, width = 0, False, 0
    for number, record in enumerate(records, 1):
        if width and len(record) >= width and _is_sound(record):
            n_full += 1
            ends_blank = ends_blank or is_blank(record[width - 1])
            continue
        filled = [cell for cell in record if not is_blank(cell)]
        if width:
            _refuse_swallowed(number, filled, delimiter, width)
            other = _other_delimiter(record, filled, others, width)
            if other:
                refused[number] = (
                    f"is separated by `{other}`, the header by `{delimiter}`: two files in one. "
                    "Separate them, or save the whole anew"
                )
                continue
            if len(filled) == 1 and _holds_cells(filled[0], delimiter, width):
                refused[number] = (
                    "is one text in quotation marks with all cells in it. Take the marks away"
                )
                continue
        if len(filled) > 1 and not any(map(_is_figure, filled)):
            # A header, or one more: what follows has its width.
            width = len(record) if not width or sum(map(is_text, filled)) > 1 else width
        elif width and len(record) >= width:
            n_full += 1
            ends_blank = ends_blank or is_blank(record[width - 1])
        elif width and len(filled) >= LEAST_CELLS:
            short.append((number, len(record), width))
    if not short:
        return refused, []
    if ends_blank or len(short) <= max(3, MOST_SHORT * (n_full + len(short))):
        for number, cells, of in short:
            refused[number] = (
                f"has {count(cells, 'cell')}, the header {of}: its figures may stand in wrong "
                "columns. Write its empty cells too"
            )
        return refused, []
    numbers = listed(number for number, _, _ in short)
    return refused, [
        f"{count(len(short), 'row')} end before the last column, and are read as empty there: "
        f"{numbers}. "
        "Write their empty cells too, if they have others in between"
    ]


def _is_sound(record: Sequence[str]) -> bool:
    """Whether a record of full width has a figure, as a header has not, and no broken line."""
    return any(map(_is_figure, record)) and "\n" not in "".join(record)


def _refuse_swallowed(number: int, filled: Sequence[str], delimiter: str, width: int) -> None:
    for cell in filled:
        if "\n" not in cell:
            continue
        lines = [line for line in cell.splitlines() if line.count(delimiter) * 2 >= width - 1 > 0]
        if lines:
            raise FileFault(
                f"row {number}: a quotation mark swallows {count(len(lines), 'line')} below it, "
                f"from `{lines[0][:40]}` on.",
                "Close the quotation mark, or take it away.",
            )


def _other_delimiter(
    record: Sequence[str], filled: Sequence[str], others: Sequence[str], width: int
) -> str:
    """Return the sign that separates the cells of a record, where it is not that of the file."""
    if len(record) >= width or len(filled) > width // 2 + 1:
        return ""
    text = " ".join(filled)
    found = (sign for sign in others if text.count(sign) >= max(LEAST_CELLS, width - 1))
    if first := next(found, ""):
        return first
    loose = (name for sign, name in _LOOSE.items() if _holds_cells(text, sign, width))
    return next(loose, "") if len(filled) == 1 else ""


def _holds_cells(text: str, sign: str, width: int) -> bool:
    """Whether a text is a record of as many cells as the header, figures among them."""
    parts = [part for part in text.split(sign) if part.strip()] if sign in text else []
    return len(parts) >= max(LEAST_CELLS + 1, width - 1) and (
        2 * sum(map(_is_figure, parts)) >= len(parts)
    )


def _is_figure(cell: str) -> bool:
    return bool(_FIGURE.fullmatch(cell.strip()))
