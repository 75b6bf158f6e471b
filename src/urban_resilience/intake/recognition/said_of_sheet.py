"""Lines above or below a table that say its figures are of another kind than their headers say."""

from __future__ import annotations

import re

from urban_resilience.intake.cells.text import clean_header
from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.reading.remarks import only_text
from urban_resilience.intake.vocabulary.headers import CITY_PROPER, scope_in
from urban_resilience.intake.vocabulary.mapping import MAPPING_FILE
from urban_resilience.intake.vocabulary.qualifiers import CONSTANT_PRICES, meanings

SHORTEST_LINE = 7
# `绝对数按当年价格计算，指数按可比价格计算` stands under every table of output.
_BOTH_PRICES = re.compile(r"当年价|现价|现行价|指数|增长|增速|current price|index|growth")


def doubts_of_lines(grid: Grid) -> list[str]:
    """Say of each line that no header repeats what it makes of the figures."""
    doubts = []
    for position, cells in grid.filled_rows():
        line = only_text(cells).strip()
        if len(line) >= SHORTEST_LINE and (what := _kind_of(line)):
            doubts.append(
                f"row {grid.row_number(position)} says `{line[:80]}` ({what}): leave the columns "
                f"that it is about out in {MAPPING_FILE}"
            )
    return doubts


def _kind_of(line: str) -> str:
    if scope_in(line) == CITY_PROPER:
        return "figures of the city proper, not of the whole city"
    is_constant = CONSTANT_PRICES in meanings(line)
    return CONSTANT_PRICES if is_constant and not _BOTH_PRICES.search(clean_header(line)) else ""
