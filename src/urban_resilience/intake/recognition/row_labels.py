"""Columns whose cells say of which kind the figures of their row are: 不变价, 增速, 1-6月.

Left aside as unknown, the figure of six months or at constant prices would be that of its city and
year.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache, lru_cache

from urban_resilience.intake.cells.text import REMEMBERED, clean_header
from urban_resilience.intake.reading.grid import is_text
from urban_resilience.intake.vocabulary.aliases import LONG_LAYOUT, find_alias, said_of
from urban_resilience.intake.vocabulary.contract import YEARBOOK
from urban_resilience.intake.vocabulary.headers import CITY_PROPER, Header, area_of
from urban_resilience.intake.vocabulary.qualifiers import CONSTANT_PRICES, QUALIFIER, meanings
from urban_resilience.shared.project import seed_rows

LONGEST_LABEL, LONGEST_TITLE = 16, 40
# Labels are few: what differs from row to row is a name or a source.
MOST_LABELS = 40
# What a label may make of figures; a part of them, such as 工业, may be the kind of a city too.
_TELLING = frozenset(
    {
        CONSTANT_PRICES, "a growth rate", "an index", "a share", "a ratio to heads or area",
        "a part", "no observed figure", "a transformed figure",
    }
)  # fmt: skip
_AROUND = re.compile(
    r"^(?:按|为|仅为?|只有?|系|(?:19|20)\d\d年?)|(?:的?数据|口径|计算|核算|数|值|率|速度|only|figures|data)$"
)
_TO = r" *[-—–~～至到] *"
_PART = re.compile(
    rf"(?:1月?{_TO}(?:[2-9]|1[01])月份?|(?:[1-9]|1[01])月份?|[上下]半年"
    rf"|(?:第?[一二三四1-4]|前[一二三]个?|1{_TO}[23])季度?|q[1-4]|h[12]"
    r"|月度?|季度?|半年度?|monthly|quarterly|half-yearly)(?:累计)?"
)
_PART_IN_TITLE = re.compile(
    rf"(?<!\d)1月?{_TO}(?:[2-9]|1[01])月|[上下]半年|(?:第?[一二三四]|前[一二三]个?|[1-4])季度"
    r"|(?:19|20)\d\d[ _-]?q[1-4](?!\d)|first half of|(?:first|second|third) quarter"
)
_MONTH = re.compile(r"(?:[1-9]|1[01])月份?")
_WITHOUT_COUNTIES = re.compile(r"不[含包]括?(?:市?辖?县|各县)(?:市?)")


@cache
def _words() -> re.Pattern[str]:
    """Match a text of nothing but the qualifiers that tell of figures."""
    said = {
        clean_header(row["word"])
        for row in seed_rows("header_words")
        if row["kind"] == QUALIFIER and row["says"] in _TELLING
    }
    longest_first = sorted(said, key=len, reverse=True)
    return re.compile(f"(?:(?:{'|'.join(map(re.escape, longest_first))}) ?)+")


@lru_cache(maxsize=REMEMBERED)
def kind_of_label(text: str) -> str:
    """Say what a label makes of the figures of its row; empty where it says nothing, or more."""
    plain = clean_header(text).strip("() ")
    while plain and len(plain) <= LONGEST_LABEL:
        if _WITHOUT_COUNTIES.fullmatch(plain) or area_of(plain) == CITY_PROPER:
            return "figures of the city proper"
        if _PART.fullmatch(plain):
            return "a part of a year"
        if _words().fullmatch(plain):
            return ", ".join(sorted(meanings(plain) & _TELLING))
        shorter = _AROUND.sub("", plain, count=1).strip()
        if shorter == plain:
            return ""
        plain = shorter
    return ""


def labelled_rows(
    headers: Sequence[Header | None], rows: Mapping[int, Sequence[object]], is_long: bool
) -> tuple[str, dict[int, str]]:
    """Header of a column of labels, and the rows that it makes another series, with the label."""
    tables = (YEARBOOK, LONG_LAYOUT) if is_long else (YEARBOOK,)
    for position, header in enumerate(headers):
        if header is None or said_of(header) is not None:
            continue
        if any(find_alias(table, header) is not None for table in tables):
            continue
        cells = {row: values[position] for row, values in rows.items() if position < len(values)}
        labels = {cell for cell in cells.values() if is_text(cell)}
        # Areas alone are another column's work: `find_areas`.
        if len(labels) > MOST_LABELS or all(map(area_of, labels)):
            continue
        of_others = {label for label in labels if kind_of_label(str(label))}
        if of_others:
            return header.text, {
                row: str(cell) for row, cell in cells.items() if is_text(cell) and cell in of_others
            }
    return "", {}


def what_labels_say(labels: Collection[str]) -> str:
    """Name labels, each with what it makes of figures: `不变价`, constant prices."""
    named = dict.fromkeys(labels)
    return "; ".join(f"`{label}`, {kind_of_label(label)}" for label in named)


def part_of_year_in(titles: Sequence[str]) -> str:
    """Return the title that says its figures are of a part of a year; empty where none does."""
    for title in titles:
        plain = clean_header(title)
        # What is longer is a remark above the table.
        if len(plain) > LONGEST_TITLE:
            continue
        if _PART_IN_TITLE.search(plain) or _MONTH.fullmatch(plain):
            return title
    return ""
