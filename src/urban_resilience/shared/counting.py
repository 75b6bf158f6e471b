"""Numbers of things in messages."""

from __future__ import annotations


def count(number: int, thing: str, things: str = "") -> str:
    """Spell how many of a thing there are: ``1 row``, ``2,100 rows``, ``1 city``.

    Parameters
    ----------
    number
        How many.
    thing, things
        One of them, and several; several end in ``s`` where nothing is said.
    """
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"
