"""What stands before and behind the name of a series: times, prices, units, areas, qualifiers.

`GDP_当年价格_亿元_全市` is GDP, and `贷款余额元` is loans in yuan. A word of its own, between
strokes, spaces or brackets, may be any that is known; one that is written on must be an affix
(kind ``affix`` of seed ``header_words``), a unit, or a qualifier, which makes another series of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from urban_resilience.intake.cells.text import REMEMBERED, clean_header, key
from urban_resilience.intake.vocabulary.headers import LeftOver, scope_of_word
from urban_resilience.intake.vocabulary.qualifiers import HARMLESS, QUALIFIER, words
from urban_resilience.intake.vocabulary.units import unit_key, unit_keys

AFFIX = "affix"
# Letters of a header that part one word from the next.
_APART = re.compile(r"[\s_\-/\\:,;、·|()]+")
_STUCK_TO_LATIN = ("dln", "ln", "log", "real")
SHORTEST = 2
MOST_WORDS = 8


@dataclass(frozen=True)
class Peeled:
    """A core with what was taken off it.

    ``is_written_on`` tells that the unit is one sign without a stroke before it, which holds only
    where it measures what the core is.
    """

    core: str
    left_over: LeftOver
    unit: str = ""
    scope: str = ""
    is_written_on: bool = False


def peel(text: str) -> tuple[Peeled, ...]:
    """Take words off both ends of a header, one after the other; the longest core first."""
    return _peeled(clean_header(text))


@lru_cache(maxsize=REMEMBERED)
def _peeled(plain: str) -> tuple[Peeled, ...]:
    found: dict[str, Peeled] = {}
    waiting = [(plain.strip(), Peeled("", LeftOver()))]
    for _ in range(MOST_WORDS):
        shorter = dict(step for text, so_far in waiting for step in _steps(text, so_far))
        waiting = [*shorter.items()]
        for text, so_far in waiting:
            core = key(text)
            if len(core) >= SHORTEST:
                found.setdefault(core, Peeled(core, *_taken(so_far)))
        if not waiting:
            break
    return tuple(found.values())


def _taken(peeled: Peeled) -> tuple[LeftOver, str, str, bool]:
    return peeled.left_over, peeled.unit, peeled.scope, peeled.is_written_on


def _steps(text: str, so_far: Peeled) -> list[tuple[str, Peeled]]:
    """Texts that are one word shorter, at the end and at the front."""
    steps: dict[bool, tuple[str, Peeled]] = {}
    for word, rest, is_apart, is_front in _ends(text):
        if rest and is_front not in steps:
            # Latin letters end where others begin.
            is_apart = is_apart or (not is_front and word.isascii() and not rest[-1].isascii())
            after = _without(word, so_far, is_apart, is_front)
            if after is not None:
                steps[is_front] = rest, after
    return [*steps.values()]


def _ends(text: str) -> Iterator[tuple[str, str, bool, bool]]:
    """Words at the end and at the front with the rest of the text; the longest of each first."""
    marks = list(_APART.finditer(text))
    for mark in marks:
        yield text[mark.end() :].strip(), text[: mark.start()].strip(), True, False
    for mark in reversed(marks):
        yield text[: mark.start()].strip(), text[mark.end() :].strip(), True, True
    for length in range(min(_longest(), len(text) - 1), 0, -1):
        yield text[-length:], text[:-length].strip(), False, False
        yield text[:length], text[length:].strip(), False, True


@cache
def _longest() -> int:
    known = (*words(AFFIX), *words(QUALIFIER), *unit_keys())
    return max(map(len, known))


def _without(word: str, so_far: Peeled, is_apart: bool, is_front: bool) -> Peeled | None:
    """Return what was taken off with one word more; None where it cannot be taken off."""
    spelled = key(word)
    if not spelled:
        return so_far if is_apart else None
    left = so_far.left_over
    if scope := scope_of_word(word):
        return Peeled("", left, so_far.unit, so_far.scope or scope, so_far.is_written_on)
    if spelled in words(AFFIX) and (is_apart or not spelled.isascii()):
        return so_far
    if is_apart and spelled in words(HARMLESS):
        return so_far
    if unit_key(word) in unit_keys() and not so_far.unit:
        # In front of a name, or of Latin letters, what is written on is a part of the name.
        if is_apart or not (spelled.isascii() or is_front):
            is_written_on = not is_apart and len(spelled) == 1
            return Peeled("", left, unit_key(word), so_far.scope, is_written_on)
        return None
    is_qualifier = spelled in words(QUALIFIER)
    if is_qualifier and (is_apart or not spelled.isascii()):
        pieces = (*left.pieces, word)
        return Peeled(
            "", LeftOver(pieces, left.beside, left.years), so_far.unit, so_far.scope,
            so_far.is_written_on,
        )  # fmt: skip
    if is_front and spelled in _STUCK_TO_LATIN:
        pieces = (*left.pieces, word)
        return Peeled("", LeftOver(pieces), so_far.unit, so_far.scope, so_far.is_written_on)
    return None
