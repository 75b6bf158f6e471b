"""Lists of pilots as people keep them, brought into one shape: a policy, a city, a year a row.

A list of one policy names it in its title, sheet or file name; a panel marks treated city-years
with a dummy. Both become lists of pilots here, before they are recognized; the words in their cells
are read by seed ``pilot_aliases``, in the warehouse too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import PurePosixPath

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.reading.remarks import is_note
from urban_resilience.intake.recognition.recognize import claimed_table
from urban_resilience.intake.recognition.shapes.pilot_cells import batch_words
from urban_resilience.intake.recognition.shapes.pilot_dummies import read_dummies, years_into_rows
from urban_resilience.intake.recognition.shapes.pilot_lists import Words, tidy_list
from urban_resilience.intake.recognition.shapes.pilot_marks import (
    ZERO_OR_ONE,
    doubts_of_years,
    heed_marks,
    is_mark,
    is_of_panels,
    said_by_titles,
    without,
)
from urban_resilience.intake.recognition.shapes.pilot_provinces import with_provinces
from urban_resilience.intake.recognition.shapes.pilot_undated import undated
from urban_resilience.intake.recognition.shapes.pilot_years import read_start_years
from urban_resilience.intake.vocabulary.aliases import CITY_NAME, find_alias
from urban_resilience.intake.vocabulary.headers import parse_header
from urban_resilience.shared.project import seed_rows

PILOTS = "policy_pilots"
POLICY, BATCH, CODE, YEAR = "policy_id", "batch", "city_code", "year"
HEADER_ROWS = 10
_PILOT_WORDS = ("试点", "示范城市", "示范区", "pilot")
# A shorter name is too easily part of another word.
SHORTEST_NAME = 4
# What stands around the name of a policy in the header of its dummy.
_AROUND = re.compile(
    r"^(?:did|treat(?:ed|ment)?|policy|post|is)|(?:did|treat(?:ed|ment)?|post|dummy)$"
)
_NO_WORD = re.compile(r"[\W_]+")


def word_key(text: object) -> str:
    """Return what spellings are compared by; ``macros/pilot_words.sql`` says the same in SQL."""
    return _NO_WORD.sub("", unicodedata.normalize("NFKC", str(text)).lower())


@cache
def words(column: str) -> dict[str, str]:
    """Return what the words of a column mean, by their key."""
    return {
        word_key(row["alias"]): row["value"]
        for row in seed_rows("pilot_aliases")
        if row["column_name"] == column
    }


def policy_named(text: object) -> str:
    """Return the policy that a text is, or begins to speak of; empty where none is or several are.

    A short name counts only alone: `LCC` within a word says nothing.
    """
    plain, known = word_key(text), words(POLICY)
    for word in (plain, _AROUND.sub("", plain)):
        if word in known:
            return known[word]
    named = policies_in(text)
    return named[0] if len(named) == 1 else ""


def policies_in(text: object) -> list[str]:
    """Return every policy that a text speaks of by a name long enough to tell."""
    plain, known = word_key(text), words(POLICY)
    return sorted({known[word] for word in known if _is_telling(word) and word in plain})


def _is_telling(word: str) -> bool:
    return len(word) >= (SHORTEST_NAME if not word.isascii() else 2 * SHORTEST_NAME)


def as_pilot_lists(grid: Grid) -> list[Grid]:
    """Return lists of pilots with a column of policies made of a sheet; none where it is another.

    Notes of the grids say where the policy comes from, and what became of columns and cities.
    """
    lists = _lists_of(grid)
    if lists:
        return [_with_provinces(found) for found in lists]
    # A list that needs nothing else may name provinces.
    whole = _with_provinces(grid)
    return [] if whole is grid else [whole]


def _with_provinces(grid: Grid) -> Grid:
    position = _header_row(grid)
    columns = {} if position is None else _columns(grid.rows[position])
    if position is None or POLICY not in columns:
        return grid
    return with_provinces(grid, position, columns)


def _lists_of(grid: Grid) -> list[Grid]:
    as_given = grid
    tidied = _tidied(grid)
    grid = grid if tidied is None else tidied
    position = _header_row(grid)
    if position is None:
        return []
    columns = _columns(grid.rows[position])
    if POLICY in columns:
        flagged = _with_flags(grid, position, columns) if YEAR in columns else None
        heeded = without(grid, *_said_of_rows(as_given))
        as_list = flagged or (tidied if heeded is grid else heeded)
        return [] if as_list is None else [as_list]
    told = _told(grid, position)
    policy = _policy_told(told)
    if policy and YEAR not in columns and (long := years_into_rows(grid, position, columns)):
        grid, position, columns = long
    if YEAR in columns:
        lists = read_dummies(grid, position, columns, policy_named, policy)
    else:
        lists = read_start_years(
            grid, position, columns, policy_named, policy, _batch_in, _year_of_batch
        )
    if len(lists) > 1:
        # Named like sheets: a row of the file may be a pilot of several policies.
        return [replace(found, source=f"{found.source} [{name}]") for name, found in lists]
    if lists:
        return [lists[0][1]]
    if not policy or _is_panel(grid, position, columns):
        return []
    asks = _asks_one_year if _is_of_one_year(grid, position, columns) else _asks
    if YEAR in columns:
        flagged_lists = read_dummies(grid, position, columns, lambda _: "", policy, asks)
        if flagged_lists:
            return [flagged_lists[0][1]]
    others = set(range(len(grid.rows[position]))) - set(columns.values())
    # Marks are no figures, but for those that may date pilots.
    others = {
        at
        for at in others
        if not _holds_marks(grid, position, at)
        or is_of_panels(grid.rows[position][at])
        or (YEAR in columns and _asks(grid.rows[position][at]))
    }
    if any(_holds_figures(grid, position, at) for at in others):
        return []
    added: dict[str, str] = {POLICY: policy}
    batch = next((found for text in told if (found := _batch_in(text))), "")
    if batch and BATCH not in columns:
        added[BATCH] = batch
    notes = [f"{name} {value} from the title of the sheet or file" for name, value in added.items()]
    return [without(_with_columns(grid, position, added, notes), *_said_of_rows(as_given))]


def _asks(header: object) -> bool:
    """Whether a header asks if a place is a pilot."""
    return is_mark(header) or bool(is_text(header) and policy_named(header))


def _asks_one_year(header: object) -> bool:
    """Say so of a sheet of one year, where DID may be 1 for years already."""
    return _asks(header) and not is_of_panels(header)


def _is_of_one_year(grid: Grid, position: int, columns: Mapping[str, int]) -> bool:
    at = columns.get(YEAR, -1)
    rows = [cells for _, cells in grid.filled_rows(position + 1) if 0 <= at < len(cells)]
    return len({str(cells[at]) for cells in rows if not is_missing(cells[at])}) == 1


def _said_of_rows(grid: Grid) -> tuple[dict[int, str], tuple[str, ...]]:
    """Rows of a list that say they are no pilots, and what of its rows is doubtful."""
    position = _header_row(grid)
    if position is None:
        return {}, ()
    columns = _columns(grid.rows[position])
    out, doubts = heed_marks(grid, position, set(columns.values()), policy_named)
    of_years = doubts_of_years(grid, position, columns.get(BATCH), columns.get(YEAR))
    _, lower = said_by_titles(_told(grid, position))
    of_level = f"`{lower}` may be of pilots of a province: they count like national ones"
    return out, (*doubts, *of_years, *([of_level] if lower else []))


def _tidied(grid: Grid) -> Grid | None:
    """Bring a list that needs it into rows; None for a panel and where nothing is of pilots."""
    position = _header_row(grid)
    columns = {} if position is None else _columns(grid.rows[position])
    told = _told(grid, HEADER_ROWS if position is None else position)
    policy = _policy_told(told)
    if not policy and POLICY not in columns and claimed_table(grid.source)[0] != PILOTS:
        return None
    if position is not None:
        others = set(range(len(grid.rows[position]))) - set(columns.values())
        is_figures = any(_holds_figures(grid, position, at) for at in others)
        if _is_panel(grid, position, columns) or (is_figures and YEAR in columns):
            return None
        if years_into_rows(grid, position, columns) is not None:
            return None
    words_of_list = Words(_batch_in, policy_named, _without_policy, _year_of_batch)
    return tidy_list(grid, columns, position, policy, words_of_list)


def _without_policy(text: str) -> str:
    """Take the names of policies, the longest first, out of a text."""
    for row in sorted(seed_rows("pilot_aliases"), key=lambda row: -len(row["alias"])):
        if row["column_name"] == POLICY:
            text = text.replace(row["alias"].lower(), "")
    return text


@cache
def _years_of_batches() -> dict[tuple[str, str], set[int]]:
    found: dict[tuple[str, str], set[int]] = {}
    for row in seed_rows("policy_pilots"):
        found.setdefault((row["policy_id"], row["batch"]), set()).add(int(row["year"]))
    return found


def _year_of_batch(policy: str, batch: str) -> int | None:
    years = _years_of_batches().get((policy, batch), set())
    return next(iter(years)) if len(years) == 1 else None


def undated_columns(grid: Grid) -> dict[str, str]:
    """Columns under the name of a policy of which no list could be made, each with the reason."""
    position = _header_row(grid)
    if position is None or POLICY in (columns := _columns(grid.rows[position])):
        return {}
    return undated(grid, position, columns, policy_named, _policy_told(_told(grid, position)))


def undated_list(grid: Grid) -> str:
    """Say of a list of pilots that it has no years, by its own headers."""
    position = _header_row(grid)
    policy = "" if position is None else _policy_told(_told(grid, position))
    if position is None or not policy or YEAR in _columns(grid.rows[position]):
        return ""
    headers = ", ".join(str(cell) for cell in grid.rows[position] if is_text(cell))
    return (
        f"a list of pilots of {policy} without years (its headers: {headers}): add a column of "
        "years, or put the year into the name of the file"
    )


def repeated_list(grid: Grid) -> str:
    """Say of a list of pilots that most of its cities stand in it under several years."""
    position = _header_row(grid)
    policy = "" if position is None else _policy_told(_told(grid, position))
    if position is None or not policy:
        return ""
    columns = _columns(grid.rows[position])
    if POLICY in columns or not _is_panel(grid, position, columns):
        return ""
    return (
        f"a list of pilots of {policy} in which most cities stand under several years, so none "
        "says since when: keep a row for each city, with the year in which it became a pilot, or "
        "add a column of 0 and 1, such as DID"
    )


def unnamed_list(grid: Grid) -> str:
    """Say that a sheet is a list of pilots whose policy nothing names; empty where it is none."""
    stem = word_key(PurePosixPath(grid.source.split(" [")[0]).stem + grid.title)
    position = _header_row(grid)
    if position is None or POLICY in (columns := _columns(grid.rows[position])):
        return ""
    others = sum(map(is_text, grid.rows[position])) - len(columns)
    # Places and years, and nothing else: what else would it be.
    only_years = (
        YEAR in columns
        and not others
        and claimed_table(grid.source)[0] in ("", PILOTS)
        and not _is_panel(grid, position, columns)
    )
    if not only_years and not any(word in stem for word in _PILOT_WORDS):
        return ""
    told = _told(grid, position)
    several = next((found for text in told if len(found := policies_in(text)) > 1), [])
    if several:
        return (
            f"it may be a list of pilots, and its name is of {' and '.join(several)}: add a column "
            "`policy_id`, or make it a list for each policy"
        )
    return (
        "it may be a list of pilots, and nothing names its policy by a name that is known: add a "
        "column `policy_id`, or put a name of seed pilot_aliases into the name of the file, such "
        "as 宽带中国试点"
    )


def undecided_dummies(grid: Grid) -> str:
    """Say of dummies that date cities why they make no list: no policy is known, or which it is."""
    position = _header_row(grid)
    columns = {} if position is None else _columns(grid.rows[position])
    if position is None or YEAR not in columns or POLICY in columns:
        return ""
    dated = []
    for at, header in enumerate(grid.rows[position]):
        others = {**columns, **{f"{n}": n for n in range(len(grid.rows[position])) if n != at}}
        if at not in columns.values() and read_dummies(grid, position, others, lambda _: "", "?"):
            dated.append(f"`{header}`")
    policy = _policy_told(_told(grid, position))
    if policy and len(dated) > 1:
        named = " and ".join(dated)
        return f"{named} each date pilots of {policy}: call the right one DID, or keep it alone"
    if not dated:
        return ""
    return (
        f"{dated[0]} dates pilots, and nothing names their policy by a name that is known: put "
        "one, such as 宽带中国, into the header or the file name (seed pilot_aliases)"
    )


def _with_flags(grid: Grid, position: int, columns: dict[str, int]) -> Grid | None:
    """Keep the pilots of a list with a policy a row that says by 0 and 1 which cities are some."""
    at = columns[POLICY]
    filled = {row: cells for row, cells in grid.filled_rows(position + 1) if at < len(cells)}
    policies = dict.fromkeys(str(cells[at]) for cells in filled.values())
    rows: list[list[object]] | None = None
    notes: list[str] = []
    for policy in policies:
        only = [
            row if number <= position or (number in filled and str(filled[number][at]) == policy)
            else []
            for number, row in enumerate(grid.rows)
        ]  # fmt: skip
        part = replace(grid, rows=only)
        lists = read_dummies(part, position, columns, lambda _: "", policy, _asks)
        if not lists:
            return None
        found = lists[0][1]
        rows = rows or found.rows[: position + 1] + [[] for _ in grid.rows[position + 1 :]]
        for number in range(position + 1, len(rows)):
            rows[number] = found.rows[number] or rows[number]
        notes += found.notes[len(grid.notes) :]
    if rows is None:
        return None
    return replace(grid, rows=rows, notes=(*grid.notes, *dict.fromkeys(notes)))


def _header_row(grid: Grid) -> int | None:
    for position, cells in grid.filled_rows():
        if position >= HEADER_ROWS:
            return None
        if _columns(cells).keys() & {CODE, CITY_NAME}:
            return position
    return None


def _columns(cells: Sequence[object]) -> dict[str, int]:
    found: dict[str, int] = {}
    for position, cell in enumerate(cells):
        alias = find_alias(PILOTS, parse_header(cell)) if is_text(cell) else None
        if alias is not None:
            found.setdefault(alias.column, position)
    return found


def _told(grid: Grid, position: int) -> list[str]:
    """Texts that speak for the whole sheet, the nearest first."""
    titles = [str(cell) for row in grid.rows[:position] for cell in row if is_text(cell)]
    path = PurePosixPath(grid.source.split(" [")[0])
    return [*reversed(titles), grid.title, path.stem]


def _policy_told(told: Iterable[str]) -> str:
    return next((found for text in told if (found := policy_named(text))), "")


def _batch_in(text: str) -> str:
    found = {words(BATCH).get(word_key(word), "") for word in batch_words(text)}
    return found.pop() if len(found) == 1 else ""


def _holds_figures(grid: Grid, position: int, at: int) -> bool:
    """Whether a column that no list of pilots has holds figures, as in a yearbook."""
    cells = [row[at] for row in grid.rows[position + 1 :] if at < len(row)]
    figures = [cell for cell in cells if not is_missing(cell)]
    header = grid.rows[position][at] if at < len(grid.rows[position]) else None
    # A number of the row is none.
    counts = [str(n) for n in range(1, len(figures) + 1)]
    if [str(cell).removesuffix(".0") for cell in figures] == counts:
        return False
    return is_text(header) and bool(figures) and all(_is_figure(cell) for cell in figures)


def _holds_marks(grid: Grid, position: int, at: int) -> bool:
    rows = [row for _, row in grid.filled_rows(position + 1) if at < len(row)]
    cells = {str(row[at]).strip().removesuffix(".0") for row in rows if not is_missing(row[at])}
    return bool(cells) and cells <= ZERO_OR_ONE


def _is_panel(grid: Grid, position: int, columns: dict[str, int]) -> bool:
    """Whether most cities stand there under several years: then a row is no pilot."""
    if YEAR not in columns:
        return False
    city_at = columns.get(CODE, columns.get(CITY_NAME, 0))
    years: dict[str, set[str]] = {}
    for _, cells in grid.filled_rows(position + 1):
        if max(city_at, columns[YEAR]) < len(cells):
            years.setdefault(str(cells[city_at]), set()).add(str(cells[columns[YEAR]]))
    return 2 * sum(len(found) > 1 for found in years.values()) > len(years)


def _is_figure(cell: object) -> bool:
    try:
        float(str(cell))
    except ValueError:
        return False
    return True


def _with_columns(grid: Grid, position: int, added: dict[str, str], notes: Sequence[str]) -> Grid:
    width = max(len(row) for row in grid.rows)
    # A remark below the list is none of its rows.
    filled = {row for row, cells in grid.filled_rows(position) if not is_note(cells)}
    rows = []
    for number, row in enumerate(grid.rows):
        cells: list[object] = []
        if number in filled:
            cells = [*added] if number == position else [*added.values()]
            cells = [None] * (width - len(row)) + cells
        rows.append([*row, *cells])
    return replace(grid, rows=rows, notes=(*grid.notes, *notes))
