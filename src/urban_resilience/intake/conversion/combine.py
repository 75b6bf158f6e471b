"""Several sheets of one table to one list of rows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from urban_resilience.intake.conversion.rows import Row, SheetRows, UnreadableCell
from urban_resilience.intake.vocabulary.aliases import CITY_NAME
from urban_resilience.intake.vocabulary.contract import Table
from urban_resilience.intake.vocabulary.mapping import FIRST, MAPPING_FILE
from urban_resilience.shared.counting import count
from urban_resilience.shared.problems import Problem

# Figures of one source in two units, or with and without their last digits of a double.
SAME_FIGURE = 1e-9
BY_OWNER = f" by {MAPPING_FILE}"


@dataclass
class Combined:
    """Rows of a table, and what became of the rows of each sheet.

    Attributes
    ----------
    merged
        Source to the number of its rows that became part of a row of an earlier sheet.
    repeated
        Pair of sources to the number of rows of the second that say again, with the same figures,
        what the first says.
    overruled
        Pair of sources to the number of rows of the second that say something else than the first,
        which the owner of the folder believes.
    added
        Pair of sources to the number of rows of the second whose figures were added to those of the
        first: domestic and imported inputs of the same sectors.
    """

    rows: list[Row]
    unreadable: list[UnreadableCell]
    problems: list[Problem] = field(default_factory=list)
    merged: Counter[str] = field(default_factory=Counter)
    repeated: Counter[tuple[str, str]] = field(default_factory=Counter)
    overruled: Counter[tuple[str, str]] = field(default_factory=Counter)
    added: Counter[tuple[str, str]] = field(default_factory=Counter)

    def notes(self, source: str) -> list[str]:
        """Say which rows of a source repeat those of another, or yield to them."""
        parts = [
            f"{count(n, 'row')} added to {'that' if n == 1 else 'those'} of {first}: domestic and "
            "imported inputs"
            for (first, second), n in self.added.items()
            if second == source
        ]
        return parts + [
            f"{count(n, 'row')} {says if n == 1 else say} {first} says, which is used{why}"
            for pairs, says, say, why in (
                (self.repeated, "says what", "say what", ""),
                (self.overruled, "says something else than", "say something else than", BY_OWNER),
            )
            for (first, second), n in pairs.items()
            if second == source
        ]


def combine(
    table: Table, sheets: Sequence[SheetRows], ranks: Mapping[str, int] | None = None
) -> Combined:
    """Put the sheets of a table together.

    Sheets for different years or cities are stacked. Sheets with different series of the same
    city-years (one sheet per subject) become one row; its place is that of the first sheet. Where
    two sheets give the same series of the same city-year, the first is used if the figures agree;
    if they do not, each contradicts the other's claim to be the source, and that is a problem
    unless the owner of the folder says which is believed.

    Parameters
    ----------
    table, sheets
        The sheets of a table, in the order of the folder.
    ranks
        Place of a source among those that disagree, the lowest believed; 0 where nothing is said.

    Notes
    -----
    A key that stands twice in one sheet stays two rows: judging duplicates is not done here.
    """
    ranks = ranks or {}
    sheets = sorted(sheets, key=lambda sheet: ranks.get(sheet.grid.source, 0))
    if len(sheets) == 1:
        return Combined(sheets[0].rows, sheets[0].unreadable)
    rows: list[Row] = []
    merged_rows: Counter[str] = Counter()
    repeated: Counter[tuple[str, str]] = Counter()
    merged: dict[tuple, Row] = {}
    places: dict[tuple[str, int], Row] = {}
    # Where a figure of a row comes from, if not from the file of the row.
    givers: dict[tuple, dict[str, str]] = {}
    clashes: Counter[tuple[str, str]] = Counter()
    overruled: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], str] = {}
    added: Counter[tuple[str, str]] = Counter()
    # Domestic and imported inputs of one pair of sectors are parts of one figure.
    parts: dict[tuple, set[str]] = {}
    values = [name for name in table.names if name not in (*table.grain, CITY_NAME)]
    for sheet in sheets:
        keys = [tuple(row.values.get(name) for name in table.grain) for row in sheet.rows]
        twice = {key for key, n in Counter(keys).items() if n > 1}
        for key, row in zip(keys, sheet.rows, strict=True):
            first = merged.get(key)
            if None in key or key in twice or first is None:
                rows.append(row)
                places[row.source_file, row.source_row] = row
                if None not in key and key not in twice:
                    merged[key] = row
                    parts[key] = {sheet.grid.part}
                continue
            if sheet.grid.part and "" not in parts[key] and sheet.grid.part not in parts[key]:
                parts[key].add(sheet.grid.part)
                _add(first, row)
                added[first.source_file, row.source_file] += 1
                merged_rows[row.source_file] += 1
                places[row.source_file, row.source_row] = first
                continue
            both = [n for n in values if _both(first.values.get(n), row.values.get(n))]
            clashing = [n for n in both if not _same(first.values[n], row.values[n])]
            giver = givers.setdefault(key, {})
            merged_rows[row.source_file] += 1
            if (both or not values) and not clashing:
                whose = giver.get(both[0], first.source_file) if both else first.source_file
                repeated[whose, row.source_file] += 1
            of_pairs: dict[tuple[str, str], list[str]] = {}
            for name in clashing:
                pair = (giver.get(name, first.source_file), row.source_file)
                of_pairs.setdefault(pair, []).append(name)
            for pair, names in of_pairs.items():
                if ranks.get(pair[0], 0) != ranks.get(pair[1], 0):
                    overruled[pair] += 1
                else:
                    clashes[pair] += 1
                    examples.setdefault(pair, _example(table, key, names, first, row))
            for name, value in row.values.items():
                if first.values.get(name) is None:
                    first.values[name] = value
                    giver[name] = row.source_file
            places[row.source_file, row.source_row] = first
    problems = [
        Problem(
            second,
            f"{n:,} of its rows of {table.name} {'contradicts' if n == 1 else 'contradict'} "
            f"{first}, {examples[first, second]}.",
            f"Keep one of the two, or say in {MAPPING_FILE} which goes `{FIRST}`.",
        )
        for (first, second), n in clashes.items()
    ]
    unreadable = [_moved(cell, places) for sheet in sheets for cell in sheet.unreadable]
    return Combined(rows, unreadable, problems, merged_rows, repeated, overruled, added)


def _add(first: Row, second: Row) -> None:
    for name, value in second.values.items():
        held = first.values.get(name)
        if isinstance(held, float) and isinstance(value, float):
            first.values[name] = held + value
        elif held is None:
            first.values[name] = value


def _both(first: object, second: object) -> bool:
    return first is not None and second is not None


def _same(first: object, second: object) -> bool:
    if isinstance(first, float) and isinstance(second, float):
        return math.isclose(first, second, rel_tol=SAME_FIGURE)
    return first == second


def _example(table: Table, key: tuple, clashing: list[str], first: Row, second: Row) -> str:
    where = ", ".join(f"{name} {value}" for name, value in zip(table.grain, key, strict=True))
    name = clashing[0]
    return f"for example `{name}` of {where}: {first.values[name]} and {second.values[name]}"


def _moved(cell: UnreadableCell, places: dict[tuple[str, int], Row]) -> UnreadableCell:
    """Attach a cell to the row it was merged into."""
    row = places.get((cell.source_file, cell.source_row or 0))
    if row is None or (row.source_file, row.source_row) == (cell.source_file, cell.source_row):
        return cell
    return replace(
        cell,
        source_file=row.source_file,
        source_row=row.source_row,
        reason=f"{cell.source_file} row {cell.source_row}: {cell.reason}",
    )
