"""Industries as records name them: a name of GB/T 4754-2011 to its code, a code to itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.cells.text import clean_header
from urban_resilience.shared.project import seed_rows

# `13-制造业`, `13_农副食品加工业`, `农副食品加工业(C13)`; the warehouse reads `13 农副食品加工业`.
_CODE_FIRST = re.compile(r"([A-Za-z]?\d{1,4})\s*[-–—_:,.、]\s*[^\d\s].*")
_CODE_LAST = re.compile(r"[^\d]*\(([A-Za-z]?\d{1,4})\)|[\u4e00-\u9fff]+\s*([A-Za-z]\d{2,4})")
_CODE = re.compile(r"[A-Za-z]?[ _-]?(\d{1,4})(?!\d)")
_JOINING = re.compile(r"[\s、,;·./&-]|和|及|与")
# Editions whose divisions are other industries than those of 2011; 2017 keeps the divisions.
_OTHER_EDITION = re.compile(r"(?<!\d)(?:1984|1994|2002)(?!\d)")


def code_of_industry(text: str) -> str | None:
    """Return the code that a cell holds or names; None where it does neither."""
    plain = clean_header(text)
    for form in (_CODE_FIRST, _CODE_LAST):
        if found := form.fullmatch(plain):
            return next(filter(None, found.groups())).upper()
    return _by_name().get(_JOINING.sub("", plain))


def other_edition(header: str) -> str:
    """Return the year of GB/T 4754 that a header names, where its codes mean other industries."""
    found = _OTHER_EDITION.search(clean_header(header))
    return found.group() if found else ""


def mean_digits(cells: Iterable[object]) -> float:
    """Return how many digits the codes of a column have on average; names have none."""
    texts = [str(cell).strip().removesuffix(".0") for cell in cells if not is_missing(cell)]
    found = [_CODE.match(text) for text in texts]
    return sum(len(code.group(1)) for code in found if code) / max(len(texts), 1)


@cache
def _by_name() -> dict[str, str]:
    """Names of divisions and groups that mean one code."""
    found: dict[str, set[str]] = {}
    for row in seed_rows("industries"):
        for name in (row["industry_name_zh"], row["industry_name_en"]):
            plain = _JOINING.sub("", clean_header(name))
            found.setdefault(plain, set()).add(row["industry_code"])
    return {name: codes.pop() for name, codes in found.items() if name and len(codes) == 1}
