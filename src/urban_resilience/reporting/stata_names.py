"""Names that Stata takes: 32 letters, digits and underscores, none of its own words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

LONGEST = 32
# Of the manual's list of reserved names; types of text are `str1` to `str2045` and `strL`.
RESERVED = frozenset(
    ["_all", "_b", "_coef", "_cons", "_n", "_N", "_pi", "_pred", "_rc", "_skip", "byte", "double",
     "float", "if", "in", "int", "long", "using", "with", "strL"]
)  # fmt: skip


def stata_names(names: Sequence[str]) -> dict[str, str]:
    """Give each name one that Stata takes, the same in every build.

    Parameters
    ----------
    names
        Columns of one relation.

    Returns
    -------
    dict of str to str
        The name itself where that will do. A longer one keeps its first 27 letters and gets four
        digits of its own hash, so that it depends on no other column.
    """
    found: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
        if not plain or plain[0].isdigit():
            plain = f"_{plain}"
        if plain in RESERVED or re.fullmatch(r"str\d+", plain):
            plain = f"{plain}_"
        # Where letters are lost or cut off, the hash tells the names apart that had them.
        is_told_apart = plain.rstrip("_") == name.rstrip("_") and plain not in found.values()
        found[name] = plain if is_told_apart and len(plain) <= LONGEST else _hashed(plain, name)
    return found


def _hashed(plain: str, name: str) -> str:
    digits = hashlib.sha256(name.encode()).hexdigest()[:4]
    return f"{plain[: LONGEST - 5]}_{digits}"
