"""A register of firms: one row per firm with its date of registration and its place.

It is no list of members, which needs the year a firm joined. Counted, it is the series of new
firms; whether it holds every firm of its years it does not say, so it is counted only where the
folder's ``columns.csv`` says so (``whole_register``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from urban_resilience.intake.cells.numbers import (
    Unreadable,
    is_missing,
    to_membership_year,
    to_text,
)
from urban_resilience.intake.cells.text import key
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.recognition.recognize import HEADER_SEARCH_ROWS, YEARBOOK, parse
from urban_resilience.intake.recognition.shapes.misfit import Misfit
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, PROVINCE_NAME, find_alias
from urban_resilience.intake.vocabulary.cities import resolve
from urban_resilience.intake.vocabulary.contract import FIRST_YEAR, INDUSTRY
from urban_resilience.intake.vocabulary.firms import FIRM_NAMES
from urban_resilience.intake.vocabulary.headers import year_in
from urban_resilience.intake.vocabulary.mapping import (
    MAPPING_FILE,
    PART_OF_REGISTER,
    WHOLE_REGISTER,
    is_said,
    split_source,
)
from urban_resilience.shared.counting import count

MEMBERS = "platform_members"
HEADER = ("city_code", "year", "new_firms")
_DATES = tuple(
    map(key, ("注册日期", "成立日期", "注册时间", "成立时间", "登记日期", "登记时间", "核准日期",
              "设立日期", "设立时间", "registration date", "registered date",
              "date of registration", "reg date", "regdate", "est date", "date registered",
              "date of establishment", "establishment date", "founding date", "date established"))
)  # fmt: skip
_CITIES = frozenset(
    map(key, ("所属城市", "所在城市", "所属市", "城市", "地市", "所属地市", "注册城市"))
)
_REGIONS = frozenset(
    map(key, ("所属地区", "地区", "所在地区", "注册地", "注册地区", "所在地", "所属区县", "区县",
              "place", "location", "region"))
)  # fmt: skip
_ADDRESSES = frozenset(
    map(key, ("注册地址", "地址", "企业地址", "公司地址", "住所", "经营场所", "通讯地址", "address",
              "registered address"))
)  # fmt: skip
_NUMBERS = frozenset(
    map(key, ("统一社会信用代码", "社会信用代码", "信用代码", "注册号", "工商注册号",
              "组织机构代码", "企业编号", "纳税人识别号"))
)  # fmt: skip
SHOWN = 3


@dataclass(frozen=True)
class _Register:
    """Where the columns of a register stand, by position."""

    header: int
    firm: int
    date: int
    number: int | None
    province: int | None
    places: tuple[int, ...]
    texts: dict[int, str]


def firm_register(grid: Grid) -> list[Grid] | None:
    """Count the firms of a whole register by city and year; say of any other what it lacks.

    Raises
    ------
    Misfit
        Where nobody says that the register is whole, or it cannot be counted.
    """
    register = _find(grid)
    if register is None:
        return None
    if is_said(PART_OF_REGISTER, grid.source):
        raise Misfit(f"a part of a register of firms, as {MAPPING_FILE} says: not counted")
    if not is_said(WHOLE_REGISTER, grid.source):
        raise Misfit(_in_words(grid, register))
    return [_counted(grid, register)]


def _find(grid: Grid) -> _Register | None:
    for position, cells in grid.filled_rows():
        if position >= HEADER_SEARCH_ROWS:
            return None
        texts = {at: str(cell) for at, cell in enumerate(cells) if is_text(cell)}
        named = {at: key(text) for at, text in texts.items()}
        firm = next((at for at, name in named.items() if name in FIRM_NAMES), None)
        dates = sorted((_DATES.index(name), at) for at, name in named.items() if name in _DATES)
        if firm is None or not dates:
            continue
        of_members = any(_means(MEMBERS, t) == FIRST_YEAR or _is_coded(t) for t in texts.values())
        if of_members and not is_said(WHOLE_REGISTER, grid.source):
            return None
        provinces = (at for at, t in texts.items() if _means(YEARBOOK, t) == PROVINCE_NAME)
        return _Register(
            position, firm, dates[0][1],
            next((at for at, name in named.items() if name in _NUMBERS), None),
            next(provinces, None), tuple(at for at in _places(texts, named) if at != firm), texts,
        )  # fmt: skip
    return None


def _is_coded(text: str) -> bool:
    """Whether a column holds codes of industries: then the sheet may be a list of members."""
    return _means(MEMBERS, text) == INDUSTRY and any(word in key(text) for word in ("代码", "code"))


def _places(texts: dict[int, str], named: dict[int, str]) -> tuple[int, ...]:
    """Columns that tell the city, the most telling first."""
    by_words = [
        [at for at, name in named.items() if name in words]
        for words in (_CITIES, _REGIONS, _ADDRESSES)
    ]
    known = [at for at, text in texts.items() if _means(YEARBOOK, text) == CITY_NAME]
    cities, regions, addresses = by_words
    return tuple(dict.fromkeys([*cities, *known, *regions, *addresses]))


def _means(table: str, text: str) -> str:
    alias = find_alias(table, parse(text))
    return "" if alias is None else alias.column


def _in_words(grid: Grid, register: _Register) -> str:
    rows = [cells for _, cells in grid.filled_rows(register.header + 1)]
    years = sorted({year for cells in rows if (year := _year(cells, register.date)) is not None})
    span = f", registered {years[0]}" if years else ""
    span += f" to {years[-1]}" if len(years) > 1 else ""
    has_industry = any(_means(MEMBERS, text) == INDUSTRY for text in register.texts.values())
    lacks = "no year in which a firm joined" if has_industry else "no industry code"
    said = f"a register of {count(len(rows), 'firm')}{span}: it has {lacks}, which {MEMBERS} needs"
    if not register.places or not years:
        return f"{said}, and no date and city to count them by"
    file = split_source(grid.source)[0]
    place = register.texts[register.places[0]]
    return (
        f"{said}; if it holds every firm of its years, count its rows by `{place}` and the year of "
        f"`{register.texts[register.date]}` as new_firms: a row `{file},,,{WHOLE_REGISTER},` in "
        f"{MAPPING_FILE} of the folder (file,sheet,header,column,unit) does so"
    )


def _counted(grid: Grid, register: _Register) -> Grid:
    if not register.places:
        raise Misfit("a register of firms without a column of cities, regions or addresses")
    only = year_in(grid.title) or year_in(split_source(grid.source)[0].rsplit("/", 1)[-1])
    counts: Counter[tuple[str, int]] = Counter()
    first: dict[tuple[str, int], int] = {}
    seen: set[tuple[str, ...]] = set()
    lost: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for position, cells in grid.filled_rows(register.header + 1):
        year = _year(cells, register.date)
        if year is None:
            lost["no date that can be read"] += 1
            continue
        if only is not None and year != only:
            lost[f"another year than {only}, which the name of the file says"] += 1
            continue
        code, place = _city(cells, register)
        if code is None:
            lost["no city that can be told"] += 1
            examples.setdefault("no city that can be told", place)
            continue
        firm = _identity(cells, register)
        if firm in seen:
            lost["the same firm again"] += 1
            continue
        seen.add(firm)
        counts[code, year] += 1
        first.setdefault((code, year), grid.row_number(position))
    if not counts:
        raise Misfit("a register of firms, none of which has a date and a city that can be read")
    notes = [
        *grid.notes,
        f"a register of firms, whole as {MAPPING_FILE} says: {count(sum(counts.values()), 'firm')} "
        f"counted by city and year of `{register.texts[register.date]}`, whatever became of them",
        *(
            f"{count(n, 'firm')} not counted: {why}"
            + (f" (`{examples[why]}`, ...)" if examples.get(why) else "")
            for why, n in lost.items()
        ),
    ]
    used = {register.date, register.number, register.province, *register.places, register.firm}
    left_out = [
        (t, "not needed to count firms") for at, t in register.texts.items() if at not in used
    ]
    rows: list[list[object]] = [[code, year, count] for (code, year), count in counts.items()]
    return replace(
        grid, rows=[list(HEADER), *rows], repeated=frozenset(), has_header_first=True,
        origins=(grid.row_number(register.header), *(first[pair] for pair in counts)),
        notes=tuple(notes), left_out=(*grid.left_out, *left_out),
    )  # fmt: skip


def _identity(cells: Sequence[object], register: _Register) -> tuple[str, ...]:
    number = to_text(_cell(cells, register.number))
    if number:
        return (number,)
    places = (to_text(_cell(cells, at)) or "" for at in register.places)
    return (to_text(_cell(cells, register.firm)) or "", str(_cell(cells, register.date)), *places)


def _city(cells: Sequence[object], register: _Register) -> tuple[str | None, str]:
    """Code of the city that a firm is in, by the first of its places that tells; else its text."""
    province = to_text(_cell(cells, register.province))
    shown = ""
    for at in register.places:
        place = to_text(_cell(cells, at))
        if place is None:
            continue
        shown = shown or place
        # Of an address the beginning tells: what follows the county is a street.
        for text in (place, *(place[:n] for n in range(min(len(place), 24), 1, -1))):
            found = resolve(None, text, province)
            if not found.reason and found.note and found.code is not None:
                return found.code, shown
            if key(register.texts[at]) not in _ADDRESSES:
                break
    return None, shown


def _year(cells: Sequence[object], at: int) -> int | None:
    cell = _cell(cells, at)
    try:
        return None if is_missing(cell) else to_membership_year(cell, is_end=False)
    except Unreadable:
        return None


def _cell(cells: Sequence[object], at: int | None) -> object:
    return None if at is None or at >= len(cells) else cells[at]
