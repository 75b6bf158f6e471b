"""Text that a spreadsheet would take for a formula, made text again."""

from __future__ import annotations

# What makes Excel, LibreOffice or Numbers evaluate a cell of a text file.
BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n")


def neutral(text: str) -> str:
    """Put an apostrophe before text that begins as a formula does."""
    return f"'{text}" if text.startswith(BEGINNINGS) else text


def neutral_sql(column: str) -> str:
    """Write the same in SQL, for a column of text."""
    escaped = ", ".join(f"chr({ord(letter)})" for letter in BEGINNINGS)
    return f"case when left({column}, 1) in ({escaped}) then '''' || {column} else {column} end"
