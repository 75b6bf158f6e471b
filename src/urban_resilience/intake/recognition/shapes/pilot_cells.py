"""Cells of a list of pilots: batches and years in headings, several cities in a cell, dates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from urban_resilience.intake.cells.dates import year_of_date
from urban_resilience.intake.cells.numbers import Unreadable, is_missing, to_membership_year
from urban_resilience.intake.cells.text import clean_header, half_width
from urban_resilience.intake.reading.grid import is_text
from urban_resilience.intake.vocabulary.headers import year_in
from urban_resilience.intake.vocabulary.places import (
    MUNICIPALITIES,
    is_total,
    places_named,
    province_of,
)
from urban_resilience.shared.project import seed_rows

LONGEST_HEADING = 60
_BATCH = re.compile(
    r"(首批|第[一二三四五六七八九\d]批(?:次)?|批次[一二三四五六七八九\d]"
    r"|(?:batch|round|wave) ?(?:\d|one|two|three|four)\b|\d(?:st|nd|rd|th) (?:batch|round|wave)"
    r"|(?:first|second|third|fourth|fifth) (?:batch|round|wave))"
)
# What may stand beside the batch and the year in a heading.
_BESIDE = re.compile(
    r"(?:19|20)\d\d|年度|年底|年初|年末|[年月日度]|\d{1,2}|国家|全国|试点|示范|城市|地区|区域|省区|省市|名单|列表"
    r"|公布|发布|批复|批准|获批|入选|设立|确定|启动|实施|开始|起|共|个|建设|城市群|家|为|于|的|及|和|与|省|市|县|区"
    r"|pilots?|cities|city|list|announced|approved|areas?|zones?|demonstration|national|of|in|the"
    r"|from|since|jan[a-z]*|feb[a-z]*|mar[a-z]*|apr[a-z]*|may|june?|july?|aug[a-z]*|sep[a-z]*"
    r"|oct[a-z]*|nov[a-z]*|dec[a-z]*|[\W_]+"
)
_SEPARATORS = re.compile(r"[、,;\n/|·]|\s{2,}")
_AND = re.compile(r"^(?:和|及|以及|与|and )|等$")
_LISTED = re.compile(r"^(.*?)\((.+)\)$")
_BEHIND = re.compile(r"^(.+?) ?\(([^()]+)\)$")
_LABEL = re.compile(r"^([^:]{1,20}):(.+)$", re.DOTALL)


def batch_words(text: str) -> list[str]:
    """Return the words of a text that name a batch."""
    return _BATCH.findall(unicodedata.normalize("NFKC", text).lower())


def heading_of(
    cell: object, batch_of: Callable[[str], str], policy_words: Callable[[str], str]
) -> tuple[str, int | None] | None:
    """Return batch and year of a heading; None where the cell is none.

    Parameters
    ----------
    cell
        Of a header, or alone in its row.
    batch_of
        Number of the batch that a text names, empty where it names none.
    policy_words
        The text without the names of policies.
    """
    if isinstance(cell, bool) or is_missing(cell):
        return None
    text = unicodedata.normalize("NFKC", str(cell)).strip().removesuffix(".0").lower()
    if len(text) > LONGEST_HEADING:
        return None
    batch, year = batch_of(text), year_in(text) or year_of_date(text)
    if not batch and year is None:
        return None
    rest = _BESIDE.sub("", _BATCH.sub("", policy_words(text)))
    return None if rest.strip() else (batch, year)


def year_of_cell(cell: object) -> int | None:
    """Return the year that a cell of dates names: 2012, 2012年12月, 2012.12, 2013-08-05."""
    if isinstance(cell, bool) or is_missing(cell):
        return None
    try:
        return to_membership_year(cell, is_end=False)
    except Unreadable:
        pass
    text = clean_header(cell)
    if re.fullmatch(r"(?:19|20)\d\d\.(?:0?[1-9]|1[0-2])0?", text):
        return int(text[:4])
    year = year_in(text)
    return year if year is not None and not _BESIDE.sub("", text).strip() else None


def places_in(cell: object) -> tuple[list[tuple[str, str]], str]:
    """Return the places that a cell lists, each with its province where that is said, and a note.

    A group that lists its cities in brackets stands for them; one that does not stays as it is.
    """
    if not is_text(cell):
        return [], ""
    text = half_width(str(cell)).strip()
    if _is_known(text) and not _is_listing(text):
        return [(str(cell).strip(), "")], ""
    province = ""
    if (label := _LABEL.match(text)) and _is_listing(label.group(2), least=1):
        province = label.group(1).strip() if province_of(label.group(1)) else ""
        text = label.group(2).strip()
    if (listed := _LISTED.match(text)) and _is_listing(listed.group(2)):
        inside = [(part, province) for part in _split(listed.group(2))]
        return inside, f"`{listed.group(1)}` stands for the {len(inside)} cities that it lists"
    parts = _split_outside_brackets(text)
    if len(parts) < 2 and (_is_known(text) or not province):
        return [(text if province else str(cell).strip(), province)], ""
    found: list[tuple[str, str]] = []
    notes = []
    for part in parts:
        inner, note = places_in(part) if _LISTED.match(part) else ([(part, "")], "")
        found += [(name, province) for name, _ in inner]
        notes += [note] if note else []
    if sum(_is_known(name) for name, _ in found) * 2 <= len(found):
        return [(str(cell).strip(), "")], ""
    return found, "; ".join(notes)


@dataclass(frozen=True)
class DatedPlace:
    """A place of a list; ``batch`` are the words in brackets behind it that name one."""

    name: str
    batch: str = ""
    year: int | None = None


def dated_place(name: str) -> DatedPlace:
    """Take the year and the batch in brackets behind the name of a place off: 北京市(第二批)."""
    found = _BEHIND.match(half_width(name).strip())
    words = found.group(2).lower() if found else ""
    batch, year = "".join(batch_words(words)[:1]), year_in(words) if words else None
    if found is None or not (batch or year) or _BESIDE.sub("", _BATCH.sub("", words)).strip():
        return DatedPlace(name)
    return DatedPlace(found.group(1), batch, year)


def is_place_list(cell: object) -> bool:
    """Whether a cell names a place, or several."""
    found, _ = places_in(cell)
    return bool(found) and all(_is_known(name) for name, _ in found)


def is_part_of_city(scope: object) -> bool:
    """Whether what a list says of the scope is the name of a district or county."""
    if not is_text(scope) or scope_words().get(clean_header(scope)):
        return False
    places, _ = places_in(scope)
    return bool(places) and all(
        any(place.kind == "county" for place in _places(name)) for name, _ in places
    )


@cache
def scope_words() -> dict[str, str]:
    """Words of seed ``pilot_aliases`` that name a scope."""
    return {
        clean_header(row["alias"]): row["value"]
        for row in seed_rows("pilot_aliases")
        if row["column_name"] == "scope"
    }


def _places(name: str) -> tuple:
    return places_named(name)


def _is_known(text: str) -> bool:
    text = dated_place(text).name
    return bool(text) and (is_total(text) or bool(places_named(text) or province_of(text)))


def _is_listing(text: str, least: int = 2) -> bool:
    parts = _split(text)
    is_list = len(parts) >= least and all(map(_is_known, parts))
    return is_list and not (len(parts) == 2 and _is_city_and_province(text, parts))


def _is_city_and_province(text: str, parts: list[str]) -> bool:
    """Whether two names are a city and its province: `Suzhou, Jiangsu`."""
    stated = {code for part in parts if (code := province_of(part))} - {*MUNICIPALITIES}
    return any(place.province in stated for place in places_named(text))


def _split(text: str) -> list[str]:
    parts = (_AND.sub("", part.strip(" 。.")) for part in _SEPARATORS.split(text))
    return [half for part in parts if part for half in _halves(part)]


def _halves(part: str) -> list[str]:
    """Take `天津市和太原市` apart, and 和平区 not; `阳泉 晋中 乌海` too, and `河北 石家庄` not."""
    words = part.split()
    if len(words) > 1 and not part.isascii():
        of_provinces = any(province_of(word) not in (None, *MUNICIPALITIES) for word in words)
        if all(map(_is_known, words)) and not of_provinces:
            return words
    for sign in ("和", "及", "与", " and "):
        halves = part.split(sign)
        if len(halves) > 1 and all(map(_is_known, halves)):
            return halves
    return [part]


def _split_outside_brackets(text: str) -> list[str]:
    pieces, depth, current = [], 0, ""
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth <= 0 and _SEPARATORS.fullmatch(letter):
            pieces.append(current)
            current = ""
        else:
            current += letter
    return [part for piece in (*pieces, current) for part in _split_one(piece)]


def _split_one(piece: str) -> list[str]:
    if "(" in piece:
        return [piece.strip()]
    return [part for part in _split(piece) if part]
