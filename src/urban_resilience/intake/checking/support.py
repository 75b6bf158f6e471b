"""Which tables of the study a folder can support, and what the others lack."""

from __future__ import annotations

import re
from dataclasses import dataclass

from urban_resilience.intake.checking.coverage import Coverage, StudySettings
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.shared.project import seed_rows

# Seeds that stand in for a file, and files that stand in for another.
STAND_INS = {"national_series": (), "platform_members": ("platform_member_counts",)}
SEEDED = ("national_series", "policy_pilots")
INDICATORS = "resilience_indicators"
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
    judge = _Judge(tables, coverage, settings)
    specs: dict[str, list[set[str]]] = {}
    for row in seed_rows("regression_specs"):
        words = " ".join(row[column] for column in _MODEL_COLUMNS)
        used = set(settings.sample_variables) | variables_in(words)
        specs.setdefault(row["table_id"], []).append(used)
    return [judge.table(table_id, used) for table_id, used in specs.items()]


def variables_in(words: str) -> set[str]:
    """Panel variables that some words name, as such or within a derived name.

    ``agg_quartile`` is made from ``agg``, ``is_high_digital_infrastructure`` from
    ``digital_infrastructure``; ``is_urban_agglomeration`` has nothing to do with ``agg``.
    """
    tokens = re.findall(r"[a-z_0-9]+", words)
    return {
        variable
        for variable in panel_inputs()
        if any(re.search(rf"(^|_){re.escape(variable)}(_|$)", token) for token in tokens)
    }


def panel_inputs() -> dict[str, tuple[str, ...]]:
    """Read what every panel variable is made of: yearbook columns, files, an index."""
    return {row["variable"]: tuple(row["inputs"].split()) for row in seed_rows("panel_variables")}


class _Judge:
    def __init__(self, tables: dict[str, int], coverage: Coverage | None, settings: StudySettings):
        self.tables, self.coverage, self.settings = tables, coverage, settings
        self.inputs = panel_inputs()
        self.indicators = [
            row for row in seed_rows(INDICATORS) if row["indicator_set"] == "resilience"
        ]

    def table(self, table_id: str, specs: list[set[str]]) -> TableSupport:
        lacking: dict[str, None] = {}
        left_out: dict[str, None] = {}
        supported = 0
        for variables in specs:
            missing = [
                reason
                for variable in sorted(variables)
                for item in self.inputs[variable]
                if (reason := self.lack(item))
            ]
            supported += not missing
            lacking.update(dict.fromkeys(missing))
            if any(INDICATORS in self.inputs[variable] for variable in variables):
                left_out.update(dict.fromkeys(self.short_indicators()))
        return TableSupport(table_id, len(specs), supported, tuple(lacking), tuple(left_out))

    def lack(self, item: str) -> str:
        """Why an input is not there in full; empty where it is."""
        if item == INDICATORS:
            short = self.short_indicators()
            return "every resilience indicator" if len(short) == len(self.indicators) else ""
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

    def short_indicators(self) -> list[str]:
        """List the indicators that coverage leaves out of the resilience index."""
        return [
            row["indicator_id"]
            for row in self.indicators
            if any(
                self.share(series) < self.settings.min_coverage
                for series in (row["numerator"], row["denominator"])
                if series
            )
        ]
