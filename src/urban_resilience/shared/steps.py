"""How something that takes long says where it is."""

from __future__ import annotations

from collections.abc import Callable

# Called when a step begins, with its name, its number from 1, and how many there are.
Tell = Callable[[str, int, int], None]


def tell_nobody(step: str, number: int, total: int) -> None:
    """Say nothing."""
