"""Web pages and text under the name of a workbook, as many sites hand their tables out."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.reading.read_delimited import detect_encoding
from urban_resilience.shared.problems import FileFault

TEXT, HTML = "text", "html"
# What a workbook begins with: a compound file, an archive, a sheet of Excel 2 to 4.
_WORKBOOKS = (b"\xd0\xcf\x11\xe0", b"PK", b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08")
_PAGES = ("<html", "<!doctype html", "<table", "<meta", "<head", "<body", "<div")
_HEAD = 4096
# Cells that a page lets span more rows or columns are a slip.
MOST_SPANNED = 5000


def written_as_text(path: Path) -> str:
    """Tell what a file named as a workbook is: ``html``, ``text``, or empty for a workbook."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head or head.startswith(_WORKBOOKS):
        return ""
    try:
        detect_encoding(path)
    except FileFault:
        return HTML if b"<table" in head.lower() else ""
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ""
    plain = head.replace(b"\x00", b"").decode("latin-1").lstrip("\ufeffþÿï»¿ \r\n\t").lower()
    if plain.startswith("<?xml"):
        return ""
    return HTML if plain.startswith(_PAGES) else TEXT


def read_html(path: Path, source: str) -> list[Grid]:
    """Read the tables of a page, one below another where there are several.

    Raises
    ------
    FileFault
        Where it holds no table.
    """
    text = path.read_bytes().decode(detect_encoding(path), "replace")
    tables = _Tables()
    tables.feed(text)
    tables.close()
    found = [rows for rows in tables.found if any(map(any, rows))]
    if not found:
        raise FileFault("it is a web page without a table.", "Save the table as .xlsx or .csv.")
    note = "a web page under the name of a workbook"
    several = len(found) > 1
    return [
        Grid(
            source=f"{source} [table {number}]" if several else source,
            rows=rows,
            format="html",
            title="" if several else path.stem,
            notes=(note,),
        )
        for number, rows in enumerate(found, 1)
    ]


class _Tables(HTMLParser):
    """Cells of all tables; what spans several rows or columns stands in its first cell."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[list[list[object]]] = []
        self._open: list[list[list[object]]] = []
        self._texts: list[str] | None = None
        self._spans: list[dict[tuple[int, int], None]] = []
        self._size = (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, a row or a cell."""
        if tag == "table":
            self._cell_ends()
            self._open.append([])
            self._spans.append({})
        elif tag == "tr" and self._open:
            self._cell_ends()
            self._open[-1].append([])
        elif tag in ("td", "th") and self._open:
            self._cell_ends()
            if not self._open[-1]:
                self._open[-1].append([])
            given = dict(attrs)
            self._size = _span(given.get("rowspan")), _span(given.get("colspan"))
            self._texts = []
        elif tag == "br" and self._texts is not None:
            self._texts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """Close a cell, a row or a table."""
        if tag in ("td", "th", "tr", "table"):
            self._cell_ends()
        if tag == "table" and self._open:
            self.found.append(self._open.pop())
            self._spans.pop()

    def handle_data(self, data: str) -> None:
        """Take the text of a cell."""
        if self._texts is not None:
            self._texts.append(data)

    def close(self) -> None:
        """Close what a cut page leaves open."""
        super().close()
        self._cell_ends()
        while self._open:
            self.found.append(self._open.pop())

    def _cell_ends(self) -> None:
        if self._texts is None or not self._open:
            return
        text = " ".join("".join(self._texts).split())
        self._texts = None
        rows, taken = self._open[-1], self._spans[-1]
        row, cells = len(rows) - 1, rows[-1]
        while (row, len(cells)) in taken:
            cells.append(None)
        high, wide = self._size
        for down in range(high):
            for right in range(wide):
                if down:
                    taken[row + down, len(cells) + right] = None
        cells += [text or None, *[None] * (wide - 1)]


def _span(text: str | None) -> int:
    return min(int(text), MOST_SPANNED) if text and text.isdigit() and int(text) else 1
