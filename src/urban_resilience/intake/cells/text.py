"""Text as people type it: full-width characters, stray spaces, footnote marks."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from urban_resilience.intake.cells.traditional import simplified

# How many spellings are remembered: more than the headers and places of a folder.
REMEMBERED = 2**14
# Full-width forms one by one, not NFKC: NFKC would turn the footnote in `12.3①` into a digit.
FULL_WIDTH = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000\u00a0\u2212"
HALF_WIDTH = "".join(chr(code) for code in range(0x21, 0x7F)) + "  -"
_TO_HALF_WIDTH = str.maketrans(FULL_WIDTH, HALF_WIDTH)
_BRACKETS = str.maketrans("【】〔〕〖〗[]{}「」", "()()()()()()")
_FOOTNOTES = re.compile(
    r"[\u00b9\u2070\u2074-\u2079\u2460-\u2473\u2776-\u277f*†‡]|\((?:注)?\d{1,2}\)|\(注\)"
)
_INVISIBLE = re.compile(r"[\u200b-\u200f\ufeff\u00ad]")
_LATIN = re.compile(r"[a-z]")
_NO_LETTER = re.compile(r"[\s_\-‐-―·.,:;/\\'\"“”‘’、，。：；|]+")


def half_width(text: str) -> str:
    """Full-width letters, digits and signs as ASCII; the length stays."""
    return text.translate(_TO_HALF_WIDTH)


def clean_header(text: object) -> str:
    """Return a header on one line, in half width and lower case, without footnote marks.

    ``m²`` keeps its meaning: the square is spelled as a digit before footnotes go.
    """
    return _clean(str(text))


# The same headers, units and words are asked for again and again: for every sheet and every shape.
@lru_cache(maxsize=REMEMBERED)
def _clean(text: str) -> str:
    plain = _INVISIBLE.sub("", text).replace("m²", "m2").replace("㎡", "m2")
    plain = plain.replace("k㎡", "km2").replace("㎢", "km2")
    plain = simplified(half_width(plain).translate(_BRACKETS))
    plain = _FOOTNOTES.sub("", plain)
    plain = unicodedata.normalize("NFKC", plain)
    return " ".join(plain.split()).casefold()


def key(text: object) -> str:
    """Return what is left of a header when spelling no longer matters."""
    return _key(str(text))


@lru_cache(maxsize=REMEMBERED)
def _key(text: str) -> str:
    return _NO_LETTER.sub("", _clean(text))


def word_pattern(word: str) -> str:
    """Match a word in a clean header: one of letters stands by itself, Chinese within others."""
    plain = clean_header(word)
    escaped = re.escape(plain)
    return rf"(?<![a-z]){escaped}(?![a-z])" if _LATIN.match(plain) else escaped


def display_width(text: str) -> int:
    """Columns that a terminal gives to the text: two for a wide character."""
    return sum(
        0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in text
    )


def pad(text: str, width: int, right: bool = False) -> str:
    """Fill up with spaces to a display width."""
    space = " " * max(0, width - display_width(text))
    return space + text if right else text + space
