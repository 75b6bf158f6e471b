"""Words that a header leaves over: harmless, or the mark of another series."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from urban_resilience.intake.cells.text import clean_header, key, word_pattern
from urban_resilience.intake.vocabulary.headers import LeftOver
from urban_resilience.shared.project import seed_rows

HARMLESS, QUALIFIER, OTHER_SERIES, CAUTION = "harmless", "qualifier", "other_series", "caution"
CONSTANT_PRICES = "constant prices"
# `2010年价格`, `2010 prices`: 2014年价格指数 is another thing.
_PRICES_OF_A_YEAR = re.compile(
    r"(?<!\d)(?:19|20)\d\d\s*年?价格?(?!格?指数)|(?<!\d)(?:19|20)\d\d (?:prices|yuan|rmb)(?![a-z])"
)


@cache
def words(kind: str) -> dict[str, str]:
    """Words of one kind by their key, with what they say."""
    rows = (row for row in seed_rows("header_words") if row["kind"] == kind)
    return {key(row["word"]): row["says"] for row in rows}


@cache
def _qualifiers() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns of qualifiers and what they say; a word of letters must stand alone."""
    found = []
    for row in seed_rows("header_words"):
        if row["kind"] == QUALIFIER:
            found.append((re.compile(word_pattern(row["word"])), row["says"]))
    return tuple(found)


def is_harmless(text: str) -> bool:
    """Whether a piece of a header adds nothing to the series that the rest names."""
    return not key(text) or key(text) in words(HARMLESS)


def meanings(text: object) -> set[str]:
    """Tell what the qualifiers in a text make of a series; nothing where it has none."""
    plain = clean_header(str(text).replace("_", " "))
    found = {says for pattern, says in _qualifiers() if pattern.search(plain)}
    return found | {CONSTANT_PRICES} if _PRICES_OF_A_YEAR.search(plain) else found


def why_not(left_over: LeftOver, names: Iterable[str]) -> str:
    """Say why what a header leaves over forbids to use its column; empty where nothing does.

    Parameters
    ----------
    left_over
        What stands in the header beside the core that was known.
    names
        Names of the series: a qualifier that they hold themselves says nothing new, as in
        `人均道路面积` beside `Per capita area of roads`.
    """
    own = set().union(*map(meanings, names))
    for piece in left_over.pieces:
        if is_harmless(piece) or (meanings(piece) and meanings(piece) <= own):
            continue
        said = meanings(piece)
        if said:
            return f"`{piece}` makes it another series: {', '.join(sorted(said))}"
        return (
            f"`{piece}` beside its name is not known to be harmless (seed header_words), nor is it "
            "a unit (seed unit_conversions)"
        )
    for piece in left_over.beside:
        said = meanings(piece) - own
        if said and not is_harmless(piece):
            return f"`{' '.join(piece.split())}` makes it another series: {', '.join(sorted(said))}"
    return ""


def other_series(text: str) -> str:
    """Say which other series a whole header names; empty where it names none."""
    return words(OTHER_SERIES).get(key(text), "")


def caution(text: str) -> str:
    """Say what a header that is used may mean as well; empty where nothing."""
    return words(CAUTION).get(key(text), "")
