"""CSV and text files: the encoding, the delimiter, the cells."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.reading.odd_records import odd_records
from urban_resilience.shared.problems import FileFault

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
BLOCK = 1 << 20
SAMPLE_RECORDS = 40
# Of fewer lines it cannot be told that they are columns.
LEAST_LINES = 3
_OTHER_SIGNS = {
    "spaces": re.compile(r"[ \u3000]{2,}"),
    "caret": re.compile(r"\^"),
    "tilde": re.compile("~"),
    "single spaces": re.compile(r"[ \u3000]"),
}
# So many characters beyond ASCII decoded before the first bad byte: the file is UTF-8, broken.
SURE_OF_UTF8 = 3
_KEPT_AS_TEXT = re.compile(r"""="([^"]*)"|'([0-9]{4,})""")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def detect_encoding(path: Path) -> str:
    """Name the encoding of a text file, reading it once in blocks.

    Raises
    ------
    FileFault
        Where the file is empty or no known encoding reads it.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip():
        raise FileFault("the file is empty.", "Save it again with a header row and data.")
    for mark, name in _MARKS:
        if head.startswith(mark):
            _require(path, name)
            return name
    for name, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        # Separators and digits are ASCII, so every other byte of UTF-16 is often zero.
        if zeros.count(0) > len(zeros) // 4:
            _require(path, name)
            return name
    broken = _first_fault(path, "utf-8")
    if broken is None:
        return "utf-8"
    row, position, n_beyond_ascii = broken
    if n_beyond_ascii < SURE_OF_UTF8:
        if _is_big5(head) and _first_fault(path, "big5hkscs") is None:
            return "big5hkscs"
        if _first_fault(path, "gb18030") is None:
            return "gb18030"
    raise FileFault(
        f"row {row}, byte {position:,}: the text is neither UTF-8 nor GB18030 (GBK).",
        "Save the file again as `CSV UTF-8`.",
    )


def _is_big5(head: bytes) -> bool:
    """Whether the characters of a text are frequent ones in Big5, and would be rare ones in GBK."""
    pairs, at = [], 0
    while at < len(head) - 1:
        if head[at] < 0x80:
            at += 1
            continue
        pairs.append((head[at], head[at + 1]))
        at += 2
    frequent_in_big5 = sum(0xA4 <= lead <= 0xC6 for lead, _ in pairs)
    frequent_in_gbk = sum(0xB0 <= lead <= 0xD7 and trail >= 0xA1 for lead, trail in pairs)
    return (
        bool(pairs)
        and frequent_in_big5 > 0.85 * len(pairs)
        and frequent_in_gbk < (0.6 * len(pairs))
    )


def _require(path: Path, encoding: str) -> None:
    broken = _first_fault(path, encoding)
    if broken is not None:
        raise FileFault(
            f"row {broken[0]}, byte {broken[1]:,}: the text is not {encoding}, as which it begins.",
            "Save the file again as `CSV UTF-8`.",
        )


def _first_fault(path: Path, encoding: str) -> tuple[int, int, int] | None:
    """Row, byte and number of characters beyond ASCII before the first undecodable byte."""
    decoder = codecs.getincrementaldecoder(encoding)()
    row, read, beyond = 1, 0, 0
    # Most blocks of most tables are digits: they need no decoding to be known as good.
    is_ascii_based = not encoding.startswith("utf-16")
    with path.open("rb") as file:
        while True:
            block = file.read(BLOCK)
            held = len(decoder.getstate()[0])
            if block and not held and is_ascii_based and block.isascii():
                row += block.count(b"\n")
                read += len(block)
                continue
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(encoding, errors="ignore")
                beyond += _beyond_ascii(good)
                return row + good.count("\n"), read - held + error.start + 1, beyond
            if not block:
                return None
            beyond += _beyond_ascii(text)
            row += text.count("\n")
            read += len(block)


def _beyond_ascii(text: str) -> int:
    return 0 if text.isascii() else len(text) - len(text.encode("ascii", errors="ignore"))


def first_records(text: str, delimiter: str, limit: int | None = None) -> list[list[str]]:
    """Split text into records; quotes may hold delimiters and line ends."""
    records = []
    csv.field_size_limit(BLOCK)
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            records.append(record)
            if limit is not None and len(records) >= limit:
                break
    except csv.Error as error:
        raise FileFault(
            f"row {len(records) + 1}: {error}.", "Look for an unclosed quotation mark."
        ) from None
    return records


def detect_delimiter(text: str, score: Callable[[list[list[str]]], int]) -> str:
    """Return the delimiter under which most headers are known; ties go to most fields.

    Parameters
    ----------
    text
        Beginning of the file, whole lines.
    score
        Number of known headers in the best row of some records.
    """

    def rank(delimiter: str) -> tuple[int, int]:
        try:
            records = first_records(text, delimiter, SAMPLE_RECORDS)
        except FileFault:
            return (-1, 0)
        return (score(records), sum(len(record) for record in records))

    return max(DELIMITERS, key=rank)


def read_delimited(path: Path, source: str, score: Callable[[list[list[str]]], int]) -> Grid:
    """Read a delimited text file whole."""
    encoding = detect_encoding(path)
    text = path.read_bytes().decode(encoding).removeprefix("\ufeff")
    if "\x00" in text:
        raise FileFault("the file holds binary data.", "Save it as `CSV UTF-8`.")
    text, spaced = _without_columns_of_spaces(text)
    delimiter = "\t" if spaced else detect_delimiter(beginning(text), score)
    records = _all_records(text, delimiter)
    others = [sign for sign in DELIMITERS if sign != delimiter]
    refused, doubts = odd_records(records, delimiter, others)
    if '="' in text or "'" in text:
        records = [[_as_meant(cell) for cell in record] for record in records]
    return Grid(
        source=source,
        rows=[list(record) for record in records],
        format="csv",
        encoding=encoding,
        delimiter=spaced or DELIMITERS[delimiter],
        title=path.stem,
        refused=refused,
        doubts=tuple(doubts),
    )


def _without_columns_of_spaces(text: str) -> tuple[str, str]:
    """Write tabs where columns are kept apart by two spaces or more, or by a sign such as ``^``.

    Returns
    -------
    tuple of (str, str)
        The text, and what its columns were kept apart by; empty where it is another sign.
    """
    lines = [line for line in beginning(text).splitlines() if line.strip()][:SAMPLE_RECORDS]
    if len(lines) < LEAST_LINES or any(sign in line for line in lines for sign in DELIMITERS):
        return text, ""
    for word, sign in _OTHER_SIGNS.items():
        counts = {len(sign.findall(line.strip())) for line in lines}
        if len(counts) == 1 and min(counts):
            return "\n".join(sign.sub("\t", line.strip()) for line in text.splitlines()), word
    return text, ""


def _as_meant(cell: str) -> str:
    """Take off what keeps a spreadsheet from making a number of a code: ``="0131"``, ``'0131``."""
    found = _KEPT_AS_TEXT.fullmatch(cell)
    return cell if found is None else found.group(1) or found.group(2)


def _all_records(text: str, delimiter: str) -> list[list[str]]:
    """Split a whole text; a quotation mark that nothing closes would swallow the rest of it."""
    last = "the end"
    # Tabs at the end are empty cells of the last record.
    whole = text.rstrip("\r\n ")
    records = first_records(f"{whole}\n{last}", delimiter)
    if records.pop() != [last]:
        raise FileFault(
            f"row {len(records) + 1}: a quotation mark opens a field that nothing closes.",
            "Close it, or take it away.",
        )
    return records


def beginning(text: str, size: int = 1 << 16) -> str:
    """Return the first lines of a text, none of them cut."""
    return text if len(text) <= size else text[: text.rfind("\n", 0, size) + 1] or text[:size]
