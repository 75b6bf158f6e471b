"""Remarks, reasons and findings of the warehouse in Chinese, phrase by phrase."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

# Phrases of a remark are joined by it; some hold it themselves.
STOP = "; "
REMARKS = "remarks_zh.csv"
NONE: Mapping[str, str] = MappingProxyType({})


def remark_zh(text: str | None, own: Mapping[str, str] = NONE) -> str:
    """Say a remark in Chinese.

    Parameters
    ----------
    text
        ``remark`` or ``rows_left_out`` of `fct_fit_diagnostics`, or a reason of another mart.
    own
        Chinese of the study's own texts, which may stand in it.

    Returns
    -------
    str
        Its phrases in Chinese; one that neither `labels/remarks_zh.csv` nor the study has stays
        English. Where there is none, the text as it is.
    """
    said, rest, is_said = [], text or "", False
    while rest:
        in_zh, phrase, rest = _first(rest, own)
        is_said = is_said or in_zh is not None
        said.append(phrase if in_zh is None else in_zh)
    return "；".join(said) if is_said else text or ""


def _first(text: str, own: Mapping[str, str]) -> tuple[str | None, str, str]:
    """Say the first phrase of a text: its Chinese if it has any, itself, and what follows it."""
    for phrase in _beginnings(text):
        if phrase in own:
            return own[phrase], phrase, text[len(phrase) :].removeprefix(STOP)
    for pattern, in_zh in phrases(REMARKS):
        found = pattern.match(text)
        if found:
            # What fills a place may be a phrase itself: why there is no test, how a set looks.
            filled = (_whole(part, own) for part in found.groups())
            return in_zh.format(*filled), found[0], text[found.end() :].removeprefix(STOP)
    phrase, _, rest = text.partition(STOP)
    return None, phrase, rest


def _beginnings(text: str) -> list[str]:
    """Return the text and what stands before each of its stops, the longest first."""
    parts = text.split(STOP)
    return [STOP.join(parts[:count]) for count in range(len(parts), 0, -1)]


def _whole(text: str, own: Mapping[str, str]) -> str:
    in_zh, _, rest = _first(text, own)
    return text if rest or in_zh is None else in_zh


@cache
def phrases(name: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each phrase of a file of `labels` as a pattern, its places as groups, with its Chinese.

    The longest come first: a short one with many places may fit what a long one says.
    """
    longest_first = sorted(said_in(name), key=lambda said: -len(re.sub(r"\{\d\}", "", said[0])))
    return tuple((_pattern(english), in_zh) for english, in_zh in longest_first)


@cache
def said_in(name: str) -> tuple[tuple[str, str], ...]:
    """Return the phrases of a file of `labels`: English, Chinese, with `{0}` for what changes."""
    file = files("urban_resilience.reporting").joinpath("labels", name)
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return tuple((row["en"], row["zh"]) for row in rows)


def _pattern(phrase: str) -> re.Pattern[str]:
    parts = re.split(r"\{\d\}", phrase)
    return re.compile("([^;]+?)".join(map(re.escape, parts)) + f"(?={STOP}|$)")
