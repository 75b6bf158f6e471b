"""Names that were meant: the end of a message about one that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

FEW = 15


def nearest(name: str, known: Iterable[str]) -> str:
    """End of a message: the known names that look like this one, or all of a few."""
    names = list(known)
    close = get_close_matches(name, names, n=3, cutoff=0.6)
    if close:
        return f" (nearest: {', '.join(close)})"
    return f" (known: {', '.join(names)})" if 0 < len(names) <= FEW else ""
