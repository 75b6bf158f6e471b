"""A sheet with a column of start years, or of batches, for each policy as lists of pilots."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.cells.text import key
from urban_resilience.intake.reading.grid import Grid, is_text
from urban_resilience.intake.recognition.shapes.pilot_cells import year_of_cell
from urban_resilience.intake.vocabulary.headers import year_in
from urban_resilience.shared.counting import count

POLICY, YEAR, BATCH = "policy_id", "year", "batch"
FIRST_YEAR, LAST_YEAR = 1900, 2100
# Headers of the year from which a city is treated, in files named after their policy.
START_HEADERS = frozenset(
    map(key, (
        "first treat", "first treated", "first treat year", "first treatment", "first year",
        "first pilot year", "treat year", "treated year", "treatment year", "year treated",
        "year first treated", "start year", "pilot start", "cohort", "gvar", "g", "event year",
        "首次处理年份", "处理年份", "处理时间", "首次试点年份", "试点起始年份", "首次入选年份",
        "政策年份", "政策时间", "冲击年份",
    ))
)  # fmt: skip
_ASKS_BATCH = re.compile(r"批次|batch|round|wave")
_NUMBERS = frozenset("123456789")
# What stands where a city is no pilot.
_NEVER = ("0", "0.0", "否", "无", "no", "never", "9999")


def read_start_years(
    grid: Grid,
    position: int,
    columns: Mapping[str, int],
    policy_named: Callable[[object], str],
    policy_told: str,
    batch_of: Callable[[str], str],
    year_of_batch: Callable[[str, str], int | None],
) -> list[tuple[str, Grid]]:
    """Turn columns of start years, each under the name of a policy, into lists of pilots.

    Parameters
    ----------
    grid, position, columns
        The sheet, its header row, and where its known columns stand.
    policy_named
        Policy that a header names, empty where it names none.
    policy_told
        Policy that the title, sheet or file names: that of a header such as ``first_treat``.
    batch_of
        Number of the batch that a text names, empty where it names none.
    year_of_batch
        Year of a policy's batch, None where it is not known.

    Returns
    -------
    list of tuple
        Each policy with its list; none where no column is one of start years.
    """
    header = grid.rows[position]
    found: list[tuple[str, Grid]] = []
    others: list[str] = []
    for at, cell in enumerate(header):
        is_open = is_text(cell) and at not in columns.values()
        policy = policy_named(cell) if is_open else ""
        if is_open and key(cell) in START_HEADERS:
            policy = policy or policy_told
        year_of = partial(year_of_batch, policy)
        starts = _starts(grid, position, at, batch_of, year_of) if policy else {}
        if policy and not starts:
            others.append(
                f"`{cell}` left out: not every cell of it is a year, or a batch whose year is known"
            )
        if not starts:
            continue
        has_batches = any(batch for _, batch in starts.values())
        given = (YEAR, POLICY, *((BATCH,) if has_batches else ()))
        keep = [place for name, place in columns.items() if name not in given]
        rows: list[list[object]] = [[] for _ in grid.rows]
        rows[:position] = [list(row) for row in grid.rows[:position]]
        rows[position] = [*(header[place] for place in keep), *given]
        for row, (year, batch) in starts.items():
            cells = grid.rows[row]
            kept = [cells[place] if place < len(cells) else None for place in keep]
            rows[row] = [*kept, year, policy, *([batch] if has_batches else [])]
        cities = count(len(starts), "city", "cities")
        held = "batches" if has_batches else "years"
        note = f"`{cell}` holds the {held} in which {cities} became pilots of {policy}"
        if any(year == year_of(batch) for year, batch in starts.values() if batch):
            note += "; years of its batches are those of seed policy_pilots"
        found.append((policy, replace(grid, rows=rows, notes=(*grid.notes, note))))
    found = [(p, replace(made, notes=(*made.notes, *others))) for p, made in found]
    policies = [policy for policy, _ in found]
    return found if len(set(policies)) == len(policies) else []


def _starts(
    grid: Grid,
    position: int,
    at: int,
    batch_of: Callable[[str], str],
    year_of_batch: Callable[[str], int | None],
) -> dict[int, tuple[int, str]]:
    """Row to year and batch, empty without one; nothing where a cell holds anything else."""
    asks_batch = bool(_ASKS_BATCH.search(str(grid.rows[position][at]).lower()))
    starts = {}
    for row, cells in grid.filled_rows(position + 1):
        cell = cells[at] if at < len(cells) else None
        text = "" if is_missing(cell) else str(cell).strip().lower()
        if not text or text in _NEVER:
            continue
        is_number = asks_batch and text.removesuffix(".0") in _NUMBERS
        batch = batch_of(f"第{text.removesuffix('.0')}批" if is_number else text)
        year = (year_in(text) or year_of_batch(batch)) if batch else year_of_cell(cell)
        if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
            return {}
        starts[row] = (year, batch)
    return starts
