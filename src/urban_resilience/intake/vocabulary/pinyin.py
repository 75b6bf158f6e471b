"""Chinese names written in Latin letters: in full (``diqu shengchan zongzhi``) and by initials.

In full they are read, by one rule over the readings of seed ``pinyin``. Initials are not: ``czsr``
is 财政收入 and 城镇收入; they are only told what they may mean.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import islice, product

from urban_resilience.shared.project import seed_rows

# One letter of Chinese, or four of Latin, are too easily a word of another language.
FEWEST_LETTERS, SHORTEST = 2, 4
# Names with more readings than this have none that anybody would write.
MOST_SPELLINGS = 16


@cache
def readings() -> dict[str, tuple[str, ...]]:
    """Return the readings of each letter of seed ``pinyin``, the usual one first."""
    return {row["letter"]: tuple(row["readings"].split()) for row in seed_rows("pinyin")}


def spellings(name: str) -> list[str]:
    """Return a Chinese name in Latin letters, without tones and spaces; empty where it is short.

    Letters of no reading stand for themselves, as in GDP指数.
    """
    known = readings()
    if sum(letter in known for letter in name) < FEWEST_LETTERS:
        return []
    parts = [known.get(letter, (letter,)) for letter in name]
    found = ("".join(spelled) for spelled in islice(product(*parts), MOST_SPELLINGS))
    return [text for text in found if text.isascii() and len(text) >= SHORTEST]


def initials(name: str) -> str:
    """Return the first letters of a Chinese name, empty where it is short or has other letters."""
    known = readings()
    is_read = len(name) >= FEWEST_LETTERS and all(letter in known for letter in name)
    return "".join(known[letter][0][0] for letter in name) if is_read else ""


def without_tones(text: str) -> str:
    """Take the marks of tones off: dìqū is diqu, lǜ is lu."""
    if text.isascii():
        return text
    return "".join(_plain(text))


def _plain(text: str) -> Iterator[str]:
    for letter in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(letter):
            yield letter
