"""Absorbed effects as a specification writes them: columns, joined columns, trends of groups."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_FORM = re.compile(r"(?P<levels>[^\[\]]+)(?P<slope>\[\[[^\[\]]+\]\]|\[[^\[\]]+\])?")


@dataclass(frozen=True)
class Effect:
    """One absorbed effect.

    Attributes
    ----------
    columns
        Whose values together are a level: ``province^year`` has two.
    slope
        Column whose slope differs between the levels; empty where there is none.
    has_levels
        Whether each level has a constant of its own: not in ``city_code[[year]]``.
    """

    columns: tuple[str, ...]
    slope: str = ""
    has_levels: bool = True

    @property
    def levels(self) -> str:
        """The effect without its slope, as written."""
        return "^".join(self.columns)

    @property
    def trend(self) -> str:
        """The slope without the effect, as written."""
        return f"{self.levels}[[{self.slope}]]"


def parse_effect(text: str) -> Effect:
    """Read one effect in the syntax of fixest.

    Parameters
    ----------
    text
        A column; several joined by ``^``; and a slope: ``city_code[year]`` gives every city a
        constant and a trend, ``city_code[[year]]`` the trend alone.

    Raises
    ------
    ValueError
        It is none of these.
    """
    found = _FORM.fullmatch(text)
    if not found or not all(found["levels"].split("^")):
        raise ValueError(
            f"'{text}' is no effect (write a column, province^year, city_code[year] or "
            "city_code[[year]])"
        )
    slope = found["slope"] or ""
    return Effect(
        columns=tuple(found["levels"].split("^")),
        slope=slope.strip("[]"),
        has_levels=not slope.startswith("[["),
    )


def levels_of(effects: Iterable[str]) -> tuple[str, ...]:
    """Effects with a constant per level, slopes taken off, each once."""
    parsed = (parse_effect(text) for text in effects)
    return tuple(dict.fromkeys(effect.levels for effect in parsed if effect.has_levels))


def trends_of(effects: Iterable[str]) -> tuple[Effect, ...]:
    """Effects with a slope, each once."""
    parsed = (parse_effect(text) for text in effects)
    return tuple({effect.trend: effect for effect in parsed if effect.slope}.values())


def columns_of(effects: Iterable[str]) -> tuple[str, ...]:
    """Columns behind the effects, joined ones taken apart, slopes among them."""
    parsed = [parse_effect(text) for text in effects]
    slopes = [effect.slope for effect in parsed if effect.slope]
    return tuple(dict.fromkeys([*(name for e in parsed for name in e.columns), *slopes]))
