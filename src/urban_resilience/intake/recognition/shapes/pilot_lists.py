"""Lists of pilots as ministries print them, brought into a city, a batch and a year a row.

Batches or years stand above their cities or head columns of them; a cell lists several cities; a
year stands in the first row of a batch only, or is a date. What such a list does not say is taken
from nowhere but the seed of pilots: the year of a batch, which is said.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.cells.text import half_width, key
from urban_resilience.intake.reading.grid import Grid, is_blank, is_text
from urban_resilience.intake.reading.remarks import is_note
from urban_resilience.intake.recognition.shapes.pilot_cells import (
    dated_place,
    heading_of,
    is_part_of_city,
    is_place_list,
    places_in,
    year_of_cell,
)
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, PROVINCE_NAME
from urban_resilience.intake.vocabulary.places import province_of
from urban_resilience.shared.counting import count

POLICY, BATCH, CODE, YEAR, SCOPE = "policy_id", "batch", "city_code", "year", "scope"
PARTIAL = "partial"
_HEADERS = {
    CITY_NAME: "城市", PROVINCE_NAME: "省份", CODE: "city_code", YEAR: "year", BATCH: "batch",
    SCOPE: "scope", POLICY: "policy_id", "evidence": "evidence",
}  # fmt: skip
_CITY_WORDS = (
    "城市",
    "试点",
    "示范",
    "地区",
    "名单",
    "地市",
    "名称",
    "city",
    "cities",
    "pilot",
    "area",
)
_CITY_LABELS = ("市", "城市", "地市", "地区", "试点城市", "示范城市", "试点", "city", "cities")
_PROVINCE_WORDS = ("省", "所在省", "所属省", "province")
_YEAR_WORDS = ("年", "时间", "日期", "year", "date", "time", "start")
_START_WORDS = (
    "开始", "起", "设立", "实施", "批复", "获批", "公布", "入选",
    "start", "begin", "pilot", "approv",
)  # fmt: skip
_BATCH_WORDS = ("批", "batch", "round", "wave")
_COUNTING = ("序号", "编号", "no", "number", "id", "")
_FILLED_DOWN = (POLICY, BATCH, YEAR, PROVINCE_NAME)


@dataclass(frozen=True)
class Words:
    """How words of a list are read.

    Attributes
    ----------
    batch_of, policy_of
        Number of a batch and identifier of a policy that a text names, empty where none.
    without_policy
        A text without the names of policies.
    year_of_batch
        Year of a policy's batch in the seed of pilots, None where it is not one.
    """

    batch_of: Callable[[str], str]
    policy_of: Callable[[object], str]
    without_policy: Callable[[str], str]
    year_of_batch: Callable[[str, str], int | None]


@dataclass
class _Found:
    """Rows of a list, each by column, with the row of the file; and what is said of it."""

    above: list[int] = field(default_factory=list)
    rows: list[tuple[dict[str, object], int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    n_behind: int = 0

    def add(self, values: dict[str, object], cell: object, position: int) -> None:
        """Add a row for every place that a cell lists."""
        places, note = places_in(cell)
        self.notes += [note] if note and note not in self.notes else []
        for name, province in places:
            place = dated_place(name)
            own: dict[str, object] = {CITY_NAME: place.name}
            if place.year is not None and not values.get(YEAR):
                own[YEAR] = place.year
            if place.batch and not values.get(BATCH):
                own[BATCH] = place.batch
            self.n_behind += place.name != name
            if province:
                own[PROVINCE_NAME] = province
            self.rows.append(({**values, **own}, position))


def tidy_list(grid: Grid, columns: dict[str, int], header: int | None, policy: str, words: Words
              ) -> Grid | None:  # fmt: skip
    """Bring a list of pilots into rows; None where it is none, or needs nothing.

    Parameters
    ----------
    grid, columns, header
        The sheet, where its known columns stand, and its header row, None where none is known.
    policy
        That the title, sheet or file names.
    words
        How its words are read.
    """
    found = _across(grid, words) or _above(grid, words)
    if found is None:
        found = _table(grid, columns, header, words)
    if found is None or not found.rows:
        return None
    _date_batches(found, policy, words)
    if found.n_behind:
        found.notes.append(
            f"{count(found.n_behind, 'year or batch', 'years or batches')} in brackets behind "
            "their places"
        )
    names = [name for name in _HEADERS if any(values.get(name) for values, _ in found.rows)]
    top = max((position for position in found.above), default=-1)
    above = [grid.rows[position] for position in found.above]
    at_header = grid.row_number(max(top, 0))
    return replace(
        grid,
        rows=[*above, [_HEADERS[n] for n in names],
              *([values.get(n) for n in names] for values, _ in found.rows)],
        origins=(*(grid.row_number(n) for n in found.above), at_header,
                 *(grid.row_number(position) for _, position in found.rows)),
        repeated=frozenset(), notes=(*grid.notes, *found.notes),
        left_out=(*grid.left_out, *found.left_out),
    )  # fmt: skip


def _date_batches(found: _Found, policy: str, words: Words) -> None:
    """Take the year of a batch from its name, `第一批(2014年)`, from its others or the seed."""
    for values, _ in found.rows:
        head = _heading(values.get(BATCH), words)
        if head is not None and head[1] is not None and not values.get(YEAR):
            values |= _dated(*head)
    if any(values.get(YEAR) for values, _ in found.rows):
        _date_by_others(found)
        return
    dated: dict[str, int] = {}
    for values, _ in found.rows:
        given = str(values.get(BATCH) or "").strip().removesuffix(".0")
        batch = given if given.isdigit() else words.batch_of(given)
        of_policy = words.policy_of(values.get(POLICY)) if values.get(POLICY) else policy
        year = words.year_of_batch(of_policy, batch) if batch else None
        if year is not None:
            values[YEAR] = year
            dated[f"{of_policy} {batch}: {year}"] = year
    if dated:
        found.notes.append(
            f"no year given: that of each batch in seed policy_pilots ({', '.join(dated)})"
        )


def _date_by_others(found: _Found) -> None:
    """Let a place without a year have that of its batch, where the list itself gives it once."""
    years: dict[tuple[str, str], set[object]] = {}
    for values, _ in found.rows:
        if values.get(YEAR):
            of_batch = str(values.get(POLICY) or ""), str(values.get(BATCH) or "")
            years.setdefault(of_batch, set()).add(values[YEAR])
    n_dated = 0
    for values, _ in found.rows:
        of_batch = str(values.get(POLICY) or ""), str(values.get(BATCH) or "")
        if not values.get(YEAR) and of_batch[1] and len(years.get(of_batch, ())) == 1:
            values[YEAR] = next(iter(years[of_batch]))
            n_dated += 1
    if n_dated:
        dated = count(n_dated, "place")
        found.notes.append(f"{dated} without a year given the year of the batch")


def _across(grid: Grid, words: Words) -> _Found | None:
    """Read columns of cities, each headed by a batch or a year."""
    for position, cells in grid.filled_rows():
        if position >= 10:
            return None
        heads = {at: head for at, cell in enumerate(cells) if (head := _heading(cell, words))}
        others = [c for at, c in enumerate(cells) if at not in heads and not is_blank(c)]
        if len(heads) < 2 or any(not is_text(c) or is_place_list(c) for c in others):
            continue
        start = position + 1
        below = grid.rows[start] if start < len(grid.rows) else []
        second = {at: head for at, cell in enumerate(below) if (head := _heading(cell, words))}
        if set(second) == set(heads):
            start += 1
            heads = {
                at: (head[0] or second[at][0], head[1] or second[at][1])
                for at, head in heads.items()
            }
        found = _Found(above=list(range(position)))
        named = ", ".join(dict.fromkeys(str(cells[at]) for at in sorted(heads)))
        heads, beside, start = _under_heads(grid, heads, start)
        rows = [(n, row) for n, row in grid.filled_rows(start) if not is_note(row)]
        listed = [row[at] for _, row in rows for at in heads if at < len(row) and is_text(row[at])]
        if not listed or sum(map(is_place_list, listed)) * 2 <= len(listed):
            continue
        provinces = _provinces_beside(rows, heads)
        for at, (batch, year) in sorted(heads.items()):
            for n, row in rows:
                if at < len(row):
                    own = row[beside[at]] if at in beside and beside[at] < len(row) else None
                    province = provinces.get(n, {}) if own is None else {PROVINCE_NAME: own}
                    found.add({**_dated(batch, year), **province}, row[at], n)
        found.notes.append(f"cities under {named} put into rows")
        found.left_out += [
            (str(c), "no part of a list of pilots")
            for c in others
            if key(c) not in _COUNTING and not (provinces and key(c).startswith(_PROVINCE_WORDS))
        ]
        return found
    return None


def _under_heads(
    grid: Grid, heads: dict[int, tuple[str, int | None]], start: int
) -> tuple[dict[int, tuple[str, int | None]], dict[int, int], int]:
    """Columns of cities below each head, those of their provinces, and where the cities begin.

    A row of labels (省, 市) may stand between a head that spans columns and its cities.
    """
    labels = grid.rows[start] if start < len(grid.rows) else []
    texts = {at: key(cell) for at, cell in enumerate(labels) if is_text(cell)}
    cities = [at for at, text in texts.items() if text in _CITY_LABELS]
    if not cities or any(is_place_list(labels[at]) for at in texts):
        return heads, {}, start
    under = {at: heads[max(h for h in heads if h <= at)] for at in cities if at >= min(heads)}
    provinces = {
        at: before
        for at in under
        if (before := max((p for p in texts if p < at), default=-1)) >= 0
        and texts[before].startswith(_PROVINCE_WORDS)
    }
    return under, provinces, start + 1


def _provinces_beside(
    rows: Sequence[tuple[int, list[object]]], heads: Collection[int]
) -> dict[int, dict[str, object]]:
    """Province of each row, where a column beside those of the cities names it."""
    width = max((len(row) for _, row in rows), default=0)
    for at in range(width):
        cells = [row[at] for _, row in rows if at < len(row) and is_text(row[at])]
        if at not in heads and cells and all(map(province_of, cells)):
            found: dict[int, dict[str, object]] = {}
            last: object = None
            for n, row in rows:
                last = row[at] if at < len(row) and is_text(row[at]) else last
                found[n] = {PROVINCE_NAME: last} if last is not None else {}
            return found
    return {}


def _above(grid: Grid, words: Words) -> _Found | None:
    """Read cities below a line with their batch or year."""
    found = _Found()
    current: dict[str, object] | None = None
    policies: set[str] = set()
    n_headings = 0
    city_at: int | None = None
    for position, cells in grid.filled_rows():
        texts = [cell for cell in cells if not is_blank(cell)]
        alone = texts[0] if len({str(text) for text in texts}) == 1 else None
        label, listed = _label_of(alone)
        head = None if alone is None else _heading(label or alone, words)
        if head is not None:
            current = _dated(*head)
            policy = words.policy_of(alone)
            if policy:
                current[POLICY] = policy
                policies.add(policy)
            n_headings += 1
            if listed:
                found.add(dict(current), listed, position)
            elif not found.rows:
                found.above.append(position)
        elif is_note(cells):
            continue
        elif (at := _city_header(cells)) is not None:
            city_at = at
            if not found.rows:
                found.above.append(position)
        elif current is None:
            if any(is_place_list(text) for text in texts):
                return None
            found.above.append(position)
        else:
            if not _add_line(found, current, cells, city_at, position):
                return None
    if not n_headings or not found.rows:
        return None
    if len(policies) < 2:
        for values, _ in found.rows:
            values.pop(POLICY, None)
    # The header of the cities says nothing more.
    found.above = [n for n in found.above if _city_header(grid.rows[n]) is None]
    found.notes.append(f"batch or year from {count(n_headings, 'line')} above their cities")
    return found


def _label_of(cell: object) -> tuple[str, str]:
    """Take `第一批(2012年)：北京、天津` apart; empty where a cell is nothing of the kind."""
    label, sign, listed = half_width(str(cell)).partition(":")
    return (label, listed) if sign and is_text(cell) and is_place_list(listed) else ("", "")


def _add_line(
    found: _Found, current: dict[str, object], cells: Sequence[object], at: int | None, row: int
) -> bool:
    """Add the cities of a line; False where it holds figures, as no such list does."""
    own = [cell for cell in cells if not is_blank(cell)]
    if at is not None and at < len(cells) and is_text(cells[at]):
        province = next((c for n, c in enumerate(cells) if n != at and province_of(c)), None)
        values = dict(current) if province is None else {**current, PROVINCE_NAME: province}
        found.add(values, cells[at], row)
        return True
    places = [cell for cell in own if is_text(cell)]
    if not places or len([c for c in own if not is_text(c)]) > 1:
        return False
    for cell in places:
        found.add(dict(current), cell, row)
    return True


def _city_header(cells: Sequence[object]) -> int | None:
    """Position of the header of cities, where a row is one of headers."""
    texts = {at: key(cell) for at, cell in enumerate(cells) if is_text(cell)}
    if any(is_place_list(cells[at]) for at in texts):
        return None
    return next(
        (at for at, t in texts.items() if any(w in t for w in _CITY_WORDS) and len(t) < 12), None
    )


def _table(grid: Grid, known: dict[str, int], header: int | None, words: Words) -> _Found | None:
    """Read a table whose columns have other names, cells of several cities, gaps or dates."""
    position = _header_row(grid) if header is None else header
    if position is None:
        return _bare(grid)
    rows = [(n, row) for n, row in grid.filled_rows(position + 1) if not is_note(row)]
    columns = _columns(grid, position, rows, known, words)
    if CITY_NAME not in columns and CODE not in columns:
        return None
    has_new = set(columns) != set(known) or position != header
    found = _Found(above=list(range(position)))
    last: dict[str, object] = {}
    n_filled = n_dates = n_parts = n_undated = 0
    for n, row in rows:
        values: dict[str, object] = {}
        for name, at in columns.items():
            cell = row[at] if at < len(row) else None
            # Left of the cities a gap is a group that goes on; right of them it is no pilot.
            is_group = name in _FILLED_DOWN and at < columns.get(CITY_NAME, columns.get(CODE, 0))
            if is_group and is_blank(cell) and last.get(name) is not None:
                values[name] = last[name]
                n_filled += name != PROVINCE_NAME
                continue
            values[name] = None if is_blank(cell) else cell
            last[name] = values[name]
            if name == YEAR and (year := year_of_cell(cell)) is not None and str(year) != str(cell):
                values[name] = last[name] = year
                n_dates += not isinstance(cell, float)
            if name == SCOPE and is_part_of_city(cell):
                values[name] = PARTIAL
                n_parts += 1
        if YEAR in columns and is_missing(values.get(YEAR)) and not values.get(BATCH):
            n_undated += 1
            continue
        cell = values.get(CITY_NAME)
        if cell is None:
            found.rows.append((values, n))
        else:
            found.add(values, cell, n)
    to_date = BATCH in columns and any(not values.get(YEAR) for values, _ in found.rows)
    changed = has_new or to_date or n_filled or n_dates or n_parts or n_undated
    changed = changed or found.n_behind
    if not changed and len(found.rows) == len(rows):
        return None
    says = (
        (n_filled, "cells of year, batch or policy left empty say what stands above them"),
        (n_dates, "dates read as their year"),
        (n_parts, "scopes name a district or county: partial"),
        (n_undated, "places without a year left out: no pilots"),
        (len(found.rows) + n_undated - len(rows), "more cities than rows: cells that list several"),
    )
    found.notes += [f"{count:,} {what}" for count, what in says if count > 0]
    used = set(columns.values())
    found.left_out += [
        (str(cell), "no part of a list of pilots")
        for at, cell in enumerate(grid.rows[position])
        if is_text(cell) and at not in used and key(cell) not in _COUNTING
    ]
    return found


def _bare(grid: Grid) -> _Found | None:
    """Read a sheet of nothing but places, whose name tells their year."""
    rows = [(n, row) for n, row in grid.filled_rows() if not is_note(row)]
    cells = [(n, cell) for n, row in rows for cell in row if not is_blank(cell)]
    above = [n for n, cell in cells if not is_place_list(cell)]
    first = next((n for n, cell in cells if is_place_list(cell)), None)
    if first is None or any(n >= first for n in above):
        return None
    found = _Found(above=list(dict.fromkeys(above)))
    for n, cell in cells:
        if n >= first:
            found.add({}, cell, n)
    found.notes.append("a sheet of places alone: a list of pilots by its name")
    return found


def _header_row(grid: Grid) -> int | None:
    """First row of headers of which one is of cities that stand below."""
    for position, cells in grid.filled_rows():
        if position >= 10:
            return None
        at = _city_header(cells)
        if at is not None and len([c for c in cells if is_text(c)]) > 1:
            below = [row[at] for _, row in grid.filled_rows(position + 1) if at < len(row)]
            if _are_lists(below):
                return position
    return None


def _columns(
    grid: Grid,
    position: int,
    rows: Sequence[tuple[int, list[object]]],
    known: dict[str, int],
    words: Words,
) -> dict[str, int]:
    """Find the columns of a list by their headers, else by what stands below them."""
    columns = dict(known)
    cells = grid.rows[position]

    def below(at: int) -> list[object]:
        return [row[at] for _, row in rows if at < len(row) and not is_missing(row[at])]

    def free(texts: Sequence[str]) -> Iterator[int]:
        for at, cell in enumerate(cells):
            is_free = is_text(cell) and at not in columns.values()
            if is_free and any(word in key(cell) for word in texts):
                yield at

    for at in free(_CITY_WORDS):
        if CITY_NAME not in columns and CODE not in columns and _are_lists(below(at)):
            columns[CITY_NAME] = at
    for at in free(_BATCH_WORDS):
        if BATCH not in columns and all(_is_batch(cell, words) for cell in below(at)):
            columns[BATCH] = at
    dated = [at for at in free(_YEAR_WORDS) if below(at) and all(map(year_of_cell, below(at)))]
    begins = [at for at in dated if any(word in key(cells[at]) for word in _START_WORDS)]
    if YEAR not in columns and (len(dated) == 1 or len(begins) == 1):
        columns[YEAR] = (begins if len(dated) > 1 else dated)[0]
    for at, cell in enumerate(cells):
        is_free = is_text(cell) and at not in columns.values() and PROVINCE_NAME not in columns
        if is_free and below(at) and all(map(province_of, below(at))):
            columns[PROVINCE_NAME] = at
    return columns


def _is_batch(cell: object, words: Words) -> bool:
    text = str(cell).strip().removesuffix(".0")
    return (text.isdigit() and len(text) == 1) or bool(words.batch_of(text))


def _are_lists(cells: Sequence[object]) -> bool:
    texts = [cell for cell in cells if is_text(cell)]
    return bool(texts) and sum(map(is_place_list, texts)) * 2 > len(texts)


def _heading(cell: object, words: Words) -> tuple[str, int | None] | None:
    return heading_of(cell, words.batch_of, words.without_policy)


def _dated(batch: str, year: int | None) -> dict[str, object]:
    values: dict[str, object] = {BATCH: batch} if batch else {}
    return values if year is None else {**values, YEAR: year}
