"""Flows in one currency and gross output in another: their ratio would be no coefficient."""

from __future__ import annotations

from collections.abc import Iterable

from urban_resilience.intake.cells.numbers import Unreadable, to_integer
from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.recognition.match import find_position
from urban_resilience.intake.recognition.recognize import Recognized
from urban_resilience.shared.problems import Problem

FLOWS, OUTPUT = "input_output_flows", "industry_output"
USD, YUAN = "usd", "yuan"
_IN_WORDS = {USD: "US dollars", YUAN: "yuan"}


def mixed_currencies(sheets: Iterable[tuple[Grid, Recognized]]) -> list[Problem]:
    """Name the years of which flows and gross output, or parts of either, differ in currency."""
    sheets = [(grid, known) for grid, known in sheets if known.table in (FLOWS, OUTPUT)]
    if not any(grid.currency == YUAN for grid, _ in sheets):
        return []
    found: dict[int, dict[str, str]] = {}
    for grid, known in sheets:
        for year in years_of(grid, known):
            found.setdefault(year, {}).setdefault(grid.currency or USD, grid.source)
    mixed: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for year, by_currency in sorted(found.items()):
        if len(by_currency) > 1:
            mixed.setdefault(tuple(sorted(by_currency.items())), []).append(year)
    return [
        Problem(
            "",
            f"flows and gross output of {', '.join(map(str, years))} are in "
            + " and in ".join(f"{_IN_WORDS[c]} ({source})" for c, source in files)
            + ": their ratio is no coefficient.",
            "Give both in one currency, or take one of the files out.",
        )
        for files, years in mixed.items()
    ]


def years_of(grid: Grid, known: Recognized) -> set[int]:
    """Years that a table of sectors holds figures of."""
    at = find_position(known.table, known.headers, "year")
    if at is None:
        return set() if known.year is None else {known.year}
    years = set()
    for _, cells in grid.filled_rows(known.data_start):
        try:
            year = to_integer(cells[at] if at < len(cells) else None)
        except Unreadable:
            continue
        years |= {year} if year is not None else set()
    return years
