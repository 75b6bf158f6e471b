"""Names: those that were meant, and those that a column can have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache

from urban_resilience.shared.database import sealed

FEW = 15
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,62}")


def nearest(name: str, known: Iterable[str]) -> str:
    """End of a message: the known names that look like this one, or all of a few."""
    names = list(known)
    close = get_close_matches(name, names, n=3, cutoff=0.6)
    if close:
        return f" (nearest: {', '.join(close)})"
    return f" (known: {', '.join(names)})" if 0 < len(names) <= FEW else ""


def column_fault(name: str) -> str:
    """Say why a name cannot be that of a column; empty where it can."""
    if not IDENTIFIER.fullmatch(name):
        return "is no name: lower-case letters, digits, underscores"
    return "is a word of SQL: give it another name" if name in reserved_words() else ""


@cache
def reserved_words() -> frozenset[str]:
    """Words that SQL keeps for itself: they cannot name a column."""
    with sealed().cursor() as connection:
        words = connection.execute(
            "select keyword_name from duckdb_keywords() "
            "where keyword_category in ('reserved', 'type_function')"
        ).fetchall()
    return frozenset(word for (word,) in words)
