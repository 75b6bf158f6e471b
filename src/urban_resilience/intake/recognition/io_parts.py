"""Tables of domestic or of imported inputs alone: both parts of a year are needed, or the whole."""

from __future__ import annotations

from collections.abc import Iterable

from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.recognition.io_currencies import FLOWS, years_of
from urban_resilience.intake.recognition.recognize import Recognized
from urban_resilience.intake.vocabulary.sectors import DOMESTIC, IMPORTED
from urban_resilience.shared.problems import Problem

IN_WORDS = {DOMESTIC: "domestic", IMPORTED: "imported"}
OTHER = {DOMESTIC: IMPORTED, IMPORTED: DOMESTIC}


def parts_of_flows(
    sheets: Iterable[tuple[Grid, Recognized]],
) -> tuple[dict[str, str], list[Problem]]:
    """Judge tables of one part of the inputs by what else the folder holds of their years.

    Domestic and imported inputs of a year are added up when the tables are combined. Beside the
    inputs of both, a table of one part is not needed.

    Returns
    -------
    tuple of (dict of str to str, list of Problem)
        Sources of flows that are left out, each with the reason; parts without the other one.
    """
    tables = [(grid, known) for grid, known in sheets if known.table == FLOWS]
    if not any(grid.part for grid, _ in tables):
        return {}, []
    flows = [(grid, years_of(grid, known)) for grid, known in tables]
    held: dict[tuple[int, str], str] = {}
    for grid, years in flows:
        held |= {(year, grid.part): grid.source for year in years}
    left_out: dict[str, str] = {}
    problems = []
    for grid, years in flows:
        if not grid.part:
            continue
        word, other = IN_WORDS[grid.part], IN_WORDS[OTHER[grid.part]]
        if years and all((year, "") in held for year in years):
            wholes = ", ".join(dict.fromkeys(held[year, ""] for year in sorted(years)))
            left_out[grid.source] = (
                f"{word} inputs only, beside all inputs of its years in {wholes}"
            )
            continue
        alone = [year for year in sorted(years) if (year, OTHER[grid.part]) not in held]
        if alone:
            what = f"it holds {word} inputs only, and no file holds the {other} ones"
            problems.append(
                Problem(
                    grid.source,
                    f"{what} of {', '.join(map(str, alone))}.",
                    f"Download the table of all inputs (TTL_), or add that of {other} inputs.",
                )
            )
    return left_out, problems
