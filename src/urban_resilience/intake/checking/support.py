"""Which tables of the study a folder can support, and what the others lack."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from urban_resilience.intake.checking.coverage import Coverage, StudySettings
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.shared.project import seed_rows
from urban_resilience.variables.catalog import INDICATORS_OF
from urban_resilience.variables.definitions import Definition
from urban_resilience.variables.study_variables import (
    INDICATOR_PREFIX,
    StudyVariables,
    compile_study,
)

# Seeds that stand in for a file, and files that stand in for another.
STAND_INS = {"national_series": (), "platform_members": ("platform_member_counts",)}
SEEDED = ("national_series", "policy_pilots")
INDICATOR_SETS = "index_indicators"
_MODEL_COLUMNS = ("outcome", "treatment", "controls", "instrument", "moderator", "sample_filter")


@dataclass(frozen=True)
class TableSupport:
    """One table of the study.

    Attributes
    ----------
    n_specs, n_supported
        Its regressions, and those whose inputs are all there.
    lacking
        Inputs that the others lack, with their coverage.
    left_out
        Indicators that the indices must do without.
    """

    table_id: str
    n_specs: int
    n_supported: int
    lacking: tuple[str, ...]
    left_out: tuple[str, ...]


def table_support(
    tables: dict[str, int], coverage: Coverage | None, settings: StudySettings
) -> list[TableSupport]:
    """Derive from the seeds of the study what every table needs, and hold it against the folder.

    Parameters
    ----------
    tables
        Prepared tables and their number of rows.
    coverage
        Of the yearbook.
    settings
        Study years and the coverage that an input must reach.
    """
    study = compile_study()
    judge = _Judge(tables, coverage, settings, study)
    specs: dict[str, list[set[str]]] = {}
    for row in seed_rows("regression_specs"):
        words = " ".join(row[column] for column in _MODEL_COLUMNS)
        used = set(settings.sample_variables) | variables_in(words, study.variables)
        specs.setdefault(row["table_id"], []).append(used)
    return [judge.table(table_id, used) for table_id, used in specs.items()]


def variables_in(words: str, variables: Collection[Definition]) -> set[str]:
    """Variables that some words name, as such or by the column of their groups."""
    tokens = set(re.findall(r"[a-z_0-9]+", words))
    return {item.name for item in variables if tokens & {item.name, item.split_name}}


class _Judge:
    def __init__(
        self,
        tables: dict[str, int],
        coverage: Coverage | None,
        settings: StudySettings,
        study: StudyVariables,
    ):
        self.tables, self.coverage, self.settings = tables, coverage, settings
        self.needs = study.needs
        self.sets: dict[str, list[str]] = {}
        for row in seed_rows(INDICATOR_SETS):
            self.sets.setdefault(row["indicator_set"], []).append(row["indicator_id"])

    def table(self, table_id: str, specs: list[set[str]]) -> TableSupport:
        lacking: dict[str, None] = {}
        left_out: dict[str, None] = {}
        supported = 0
        for variables in specs:
            missing = [
                reason
                for variable in sorted(variables)
                for item in self.needs.get(variable, ())
                if (reason := self.lack(item))
            ]
            supported += not missing
            lacking.update(dict.fromkeys(missing))
            for item in {need for variable in variables for need in self.needs.get(variable, ())}:
                if item.startswith(INDICATORS_OF):
                    left_out.update(dict.fromkeys(self.short_indicators(item)))
        return TableSupport(table_id, len(specs), supported, tuple(lacking), tuple(left_out))

    def lack(self, item: str) -> str:
        """Why an input is not there in full; empty where it is."""
        if item.startswith(INDICATORS_OF):
            name = item.removeprefix(INDICATORS_OF)
            is_short = len(self.short_indicators(item)) == len(self.sets.get(name, ()))
            return f"every indicator of {name}" if is_short else ""
        if item in contract():
            stand_ins = STAND_INS.get(item, ())
            there = item in SEEDED or any(self.tables.get(name) for name in (item, *stand_ins))
            return "" if there else item
        share = self.share(item)
        return "" if share >= self.settings.min_coverage else f"{item} ({share:.0%})"

    def share(self, series: str) -> float:
        if self.coverage is None:
            return 0.0
        return self.coverage.in_study_years(series, self.settings)

    def short_indicators(self, item: str) -> list[str]:
        """List the indicators that coverage leaves out of the indices of a set."""
        return [
            indicator
            for indicator in self.sets.get(item.removeprefix(INDICATORS_OF), ())
            if any(
                self.share(series) < self.settings.min_coverage
                for series in self.needs.get(INDICATOR_PREFIX + indicator, ())
                if series not in contract()
            )
        ]
