"""Remarks on estimates and what they leave out in Chinese, phrase by phrase."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files

# Phrases of a remark are joined by it; some hold it themselves.
STOP = "; "


def remark_zh(text: str | None) -> str:
    """Say a remark in Chinese.

    Parameters
    ----------
    text
        ``remark`` or ``rows_left_out`` of `fct_fit_diagnostics`.

    Returns
    -------
    str
        Its phrases in Chinese; one that `labels/remarks_zh.csv` does not have stays English.
    """
    said, rest = [], text or ""
    while rest:
        phrase, rest = _first(rest)
        said.append(phrase)
    return "；".join(said)


def _first(text: str) -> tuple[str, str]:
    """Say the first phrase of a text, and return what follows it."""
    for pattern, in_zh in phrases():
        found = pattern.match(text)
        if found:
            # What fills a place may be a phrase itself: why there is no test, how a set looks.
            filled = (_whole(part) for part in found.groups())
            return in_zh.format(*filled), text[found.end() :].removeprefix(STOP)
    own, _, rest = text.partition(STOP)
    return own, rest


def _whole(text: str) -> str:
    said, rest = _first(text)
    return text if rest else said


@cache
def phrases() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each phrase as a pattern, its numbered places as groups, with its Chinese."""
    file = files("urban_resilience.reporting").joinpath("labels/remarks_zh.csv")
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return tuple((_pattern(row["en"]), row["zh"]) for row in rows)


def _pattern(phrase: str) -> re.Pattern[str]:
    parts = re.split(r"\{\d\}", phrase)
    return re.compile("([^;]+?)".join(map(re.escape, parts)) + f"(?={STOP}|$)")
