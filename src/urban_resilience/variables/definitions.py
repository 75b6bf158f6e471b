"""Rows of the study that define something by an expression, and what is wrong with single ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from urban_resilience.shared.names import column_fault

VARIABLES, INDICATORS = "panel_variables", "resilience_indicators"
TRUTHS = {"": False, "false": False, "true": True}
# Columns of the panel that are no row of any seed, and those that estimators add to their rows.
PANEL_COLUMNS = (
    "city_code", "year", "city_name_zh", "city_name_en", "is_sampled_city", "is_estimation_sample",
    "data_origin", "treated", "treatment_year", "event_time", "weight",
    "matching_weight", "ever_treated", "cohort", "n_profile_years", "left_out_reason",
)  # fmt: skip
# Leads and lags of an event study.
EVENT_TERM = re.compile(r"event_(minus|plus)_[0-9]+")
MOST_GROUPS = 20
# What the groups of a split are called: `agg` split into four becomes `agg_quartile`.
SPLIT_NAMES = {2: "half", 3: "tercile", 4: "quartile", 5: "quintile", 10: "decile"}


@dataclass(frozen=True)
class Definition:
    """One row.

    Attributes
    ----------
    seed, name, expression
        Where it stands, what it is called, what it is.
    decides_sample
        Cities and city-years without it leave the estimation sample.
    winsorize_percent
        Cut at each tail in the estimation panel; 0 is as computed.
    split_into
        Equal groups of the estimation sample that a column of the panel tells; 0 for none.
    may_be_negative
        False where a negative value is a fault.
    """

    seed: str
    name: str
    expression: str
    position: int = 0
    decides_sample: bool = False
    winsorize_percent: float = 0.0
    split_into: int = 0
    is_described: bool = False
    may_be_negative: bool = True

    @property
    def split_name(self) -> str:
        """Column that tells the group; empty where it is not split."""
        if not self.split_into:
            return ""
        return f"{self.name}_{SPLIT_NAMES.get(self.split_into, f'group_of_{self.split_into}')}"


def read_variables(
    rows: Iterable[Mapping[str, str]],
) -> tuple[list[Definition], list[tuple[str, str]]]:
    """Read rows of ``panel_variables``; cells that cannot be read as (variable, fault)."""
    found: list[Definition] = []
    faults: list[tuple[str, str]] = []
    for number, row in enumerate(rows, 1):
        name = row["variable"].strip()
        cell = _Cells(name, row, faults)
        found.append(
            Definition(
                VARIABLES,
                name,
                row["expression"].strip(),
                int(cell.number("position", 0, 1e6, whole=True, empty=number)),
                cell.truth("decides_sample"),
                cell.number("winsorize_percent", 0, 49),
                int(cell.number("split_into", 2, MOST_GROUPS, whole=True)),
                cell.truth("is_described"),
                cell.truth("may_be_negative"),
            )
        )
    return found, faults


def read_indicators(rows: Iterable[Mapping[str, str]]) -> list[Definition]:
    """Read rows of ``resilience_indicators``."""
    return [
        Definition(INDICATORS, row["indicator_id"].strip(), row["expression"].strip())
        for row in rows
    ]


def name_faults(
    definitions: Iterable[Definition], taken: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Names that cannot be those of columns.

    Parameters
    ----------
    taken
        Further columns of the panel, and what they are.
    """
    seen: dict[str, str] = {}
    for item in definitions:
        split = (item.split_name,) if item.split_into else ()
        for name in (item.name, *split):
            if not name:
                yield name, f"a row has no name; its expression is '{item.expression[:60]}'"
            elif fault := column_fault(name):
                yield item.name, f"'{name}' {fault}"
            elif name in PANEL_COLUMNS or EVENT_TERM.fullmatch(name):
                yield item.name, f"'{name}' is a column that the panel has already"
            elif name in taken:
                yield item.name, f"'{name}' is also {taken[name]} of the panel: rename it"
            elif name in seen:
                yield item.name, f"'{name}' stands there twice"
            seen[name] = item.name


class _Cells:
    """Cells of a row, read; what cannot be is noted."""

    def __init__(self, name: str, row: Mapping[str, str], faults: list[tuple[str, str]]):
        self.name, self.row, self.faults = name, row, faults

    def truth(self, column: str) -> bool:
        text = (self.row.get(column) or "").strip().lower()
        if text not in TRUTHS:
            self.faults.append((self.name, f"{column} is '{text}': true, false or empty"))
        return TRUTHS.get(text, False)

    def number(
        self, column: str, lowest: float, highest: float, *, whole: bool = False, empty: float = 0
    ) -> float:
        text = (self.row.get(column) or "").strip()
        if not text:
            return empty
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not lowest <= value <= highest or (whole and value != int(value)):
            kind = "a whole number" if whole else "a number"
            said = f"{column} is '{text}': {kind} from {lowest:g} to {highest:g}, or empty"
            self.faults.append((self.name, said))
            return empty
        return value
