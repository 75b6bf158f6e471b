"""Firm records to virtual agglomeration: the project's SQL, the floor beneath it, its peers."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import report
from benchmarks.bars import Bar, ratio
from benchmarks.compiled import (
    Statement,
    as_records,
    compile_models,
    engine_settings,
    raw_columns,
)
from benchmarks.isolated import Measurement, as_record, measure
from benchmarks.machine import memory_mb
from benchmarks.member_workers import RECORDS
from benchmarks.project import WAREHOUSE_NAME, Workspace
from benchmarks.synthetic_members import N_INDUSTRIES

WORKERS = "benchmarks.member_workers"
STAGING = [
    "stg_codes__industries",
    "stg_platform__industries",
    "stg_platform__cities",
    "stg_platform__cells",
    "base_platform__members",
    "stg_platform__members",
    "int_industries_mapped",
]
RECORDS_TO_STOCKS = ["int_member_stocks"]
TAIL = [
    "int_city_members",
    "fct_location_quotients",
    "fct_virtual_agglomeration",
]
N_CITIES = 284
# Given to every DuckDB side alike: DuckDB otherwise keeps what it has read in memory.
MEMORY_LIMIT = "200MB"
MEMORY_BAR_MB = 400
# pandas holds every firm-year at once; measured at its peak, about 80 bytes of each.
PANDAS_BYTES_PER_FIRM_YEAR = 100
PANDAS_LARGEST = 10_000_000
DISK_BYTES_PER_RECORD = 60
# What takes less than a second is run five times, larger cases three times.
REPEATED_MORE = 10_000_000

OURS = "this project's SQL"
OURS_UNLIMITED = "this project's SQL, no memory limit"
FLOOR = "reading the used columns (floor)"
EXPLODE = "DuckDB, exploding to firm-years"
EXPLODE_TUNED = "DuckDB, exploding, tuned"
POLARS = "polars streaming, difference arrays"
PANDAS = "pandas, exploding to firm-years"


@dataclass(frozen=True)
class Case:
    """One size: so many records over so many cities."""

    n_records: int
    n_cities: int = N_CITIES

    @property
    def label(self) -> str:
        """Name of the case in tables and files."""
        cities = "" if self.n_cities == N_CITIES else f", {self.n_cities:,} cities"
        return f"{self.n_records // 1_000_000} M records{cities}"


@dataclass(frozen=True)
class Outcome:
    """Everything measured at one size."""

    case: Case
    records: dict[str, Any]
    staging: Measurement
    contestants: dict[str, Measurement]
    agreement: dict[str, dict[str, float]]

    def seconds(self, name: str) -> float:
        """Median time of a contestant; NaN where it was not run."""
        return self.contestants.get(name, Measurement()).seconds


class MemberStage:
    """Compile once, then measure case by case."""

    memory_limit = MEMORY_LIMIT

    def __init__(self, workspace: Workspace):
        self.workspace = workspace
        self.upstream = workspace.upstream_warehouse
        names = [*STAGING, *RECORDS_TO_STOCKS, *TAIL]
        self.statements = dict(zip(names, compile_models(workspace, names), strict=True))
        self.settings = engine_settings()
        self.limited = {**self.settings, "memory_limit": self.memory_limit}

    def run(self, case: Case, progress=print) -> Outcome:
        """Generate, stage and measure one case, and delete its files."""
        folder = self.workspace.folder / f"members_{case.n_records}_{case.n_cities}"
        folder.mkdir()
        try:
            return self._run(case, folder, progress)
        finally:
            shutil.rmtree(folder)

    def _run(self, case: Case, folder: Path, progress) -> Outcome:
        progress(f"  {case.label}: generating")
        records = self._generate(case, folder)
        progress(f"  {case.label}: staging")
        staging = self._stage(case, folder)
        if staging.failure:
            raise RuntimeError(f"staging {case.label}: {staging.failure}")
        _require(
            measure(
                f"{WORKERS}:number_records",
                1,
                warehouse=str(folder / WAREHOUSE_NAME),
                parquet=str(folder / "ids.parquet"),
                settings=self.settings,
            )
        )
        contestants = {}
        for name, (function, arguments) in self._contestants(case, folder, records).items():
            progress(f"  {case.label}: {name}")
            repeats = 3 if case.n_records > REPEATED_MORE else 5
            target = function if ":" in function else f"{WORKERS}:{function}"
            contestants[name] = measure(target, repeats, **arguments)
        return Outcome(case, records, staging, contestants, self._compare(folder, contestants))

    def _generate(self, case: Case, folder: Path) -> dict[str, Any]:
        cities, industries = self._codes()
        measurement = measure(
            "benchmarks.synthetic_members:write_members",
            1,
            path=str(folder / "platform_members.parquet"),
            n_records=case.n_records,
            cities=[city + suffix for city in cities for suffix in _suffixes(case)],
            industries=industries,
        )
        return _require(measurement).result

    def _codes(self) -> tuple[list[str], list[str]]:
        """Cities of the built warehouse and divisions of the industry seed."""
        with duckdb.connect(str(self.upstream), read_only=True) as connection:
            cities = connection.execute(
                "select city_code from intermediate.int_sample_decisions "
                "order by is_kept desc, city_code limit $1",
                [N_CITIES],
            ).fetchall()
            industries = connection.execute(
                "select industry_code from reference.industries "
                "where length(industry_code) = 2 order by industry_code limit $1",
                [N_INDUSTRIES],
            ).fetchall()
        return [row[0] for row in cities], [row[0] for row in industries]

    def _stage(self, case: Case, folder: Path) -> Measurement:
        made = [statement.relation for statement in self.statements.values()]
        read = {name for statement in self.statements.values() for name in statement.upstream}
        small = sorted(name for name in read if name not in made and '"raw"' not in name)
        raw = {name.split(".")[2].strip('"') for name in read if '"raw"' in name}
        raw.discard("unreadable_cells")
        return measure(
            f"{WORKERS}:stage_records",
            1,
            warehouse=str(folder / WAREHOUSE_NAME),
            upstream=str(self.upstream),
            copied=small,
            parquet=str(folder / "platform_members.parquet"),
            columns={table: raw_columns(self.workspace, table) for table in sorted(raw)},
            statements=self._records_of(STAGING),
            settings=self.limited,
            city_suffixes=_suffixes(case),
        )

    def _contestants(self, case: Case, folder: Path, records: dict[str, Any]):
        """Name, function and arguments of everything that is timed."""
        common = {"warehouse": str(folder / WAREHOUSE_NAME), "settings": self.limited}
        ours = {"statements": self._records_of([*RECORDS_TO_STOCKS, *TAIL])}
        tail = {"tail": self._records_of(TAIL)}
        parquet = {"parquet": str(folder / "ids.parquet")}
        contestants = {
            OURS: ("project_sql", ours),
            OURS_UNLIMITED: ("project_sql", {**ours, "settings": self.settings}),
            EXPLODE: ("duckdb_explode", tail),
        }
        if case.n_cities == N_CITIES:
            contestants[EXPLODE_TUNED] = ("duckdb_explode_tuned", tail)
            contestants[POLARS] = ("polars_difference_arrays", {**tail, **parquet})
            if case.n_records <= PANDAS_LARGEST and _fits_in_memory(records):
                contestants[PANDAS] = ("pandas_explode", {**tail, **parquet})
        floor = {**common, "source": RECORDS}
        return {FLOOR: ("read_floor", floor)} | {
            name: (function, {**common, **arguments, "output": str(folder / file_name(name))})
            for name, (function, arguments) in contestants.items()
        }

    def _compare(self, folder: Path, contestants: dict[str, Measurement]):
        peers = {
            name: str(folder / file_name(name))
            for name, measurement in contestants.items()
            if name not in (OURS, FLOOR) and not measurement.failure
        }
        return _require(
            measure(
                f"{WORKERS}:compare_results", 1, ours=str(folder / file_name(OURS)), peers=peers
            )
        ).result

    def _records_of(self, names: list[str]) -> list[dict[str, Any]]:
        chosen: list[Statement] = [self.statements[name] for name in names]
        return as_records(chosen)


def run(workspace: Workspace, quick: bool, progress=print) -> report.Section:
    """Measure every size and write the section."""
    cases = [Case(1_000_000), Case(10_000_000)]
    skipped = ""
    if not quick:
        needed = 100_000_000 * DISK_BYTES_PER_RECORD
        if shutil.disk_usage(workspace.folder).free > needed:
            cases.append(Case(100_000_000))
        else:
            skipped = f"100 M records skipped: they need {needed / 1024**3:.0f} GB of disk."
    cases.append(Case(10_000_000, 10 * N_CITIES))
    stage = MemberStage(workspace)
    outcomes = [stage.run(case, progress) for case in cases]
    return _section(outcomes, stage.settings, workspace.data_origin, skipped)


def _section(outcomes, settings, data_origin, skipped) -> report.Section:
    by_size = {(outcome.case.n_records, outcome.case.n_cities): outcome for outcome in outcomes}
    section = report.Section("member_stage", "Member stage: firm records to virtual agglomeration")
    section.paragraphs = [
        "Timed: the statements that `dbt compile` wrote for "
        + ", ".join(f"`{name}`" for name in [*RECORDS_TO_STOCKS, *TAIL])
        + ", in that order, as `create or replace table` between the models' own hooks, in a "
        "warehouse file that holds the staged records (`stg_platform__members`, integer ids) and "
        f"the small upstream tables of a build of the study ({data_origin} data). Generated "
        f"records, {outcomes[0].records['firm_years'] / outcomes[0].records['records']:.1f} "
        "firm-years each.",
        "Every peer turns the same records into member stocks and then runs the same remaining "
        "statements. The floor and DuckDB peers read a table of four small integers per record "
        "(city, industry, two years), polars and pandas the same as Parquet; ours reads the staged "
        "table (cell, two years). All results are stored and compared: stocks must be equal, "
        "weighted sums are compared relative to 1 or their size.",
        "`exploding` unnests `range(joined_year, expired_year + 1)`; `exploding, tuned` joins a "
        "table of years under our own settings (`perfect_ht_threshold`, "
        "`preserve_insertion_order`). pandas holds all firm-years in memory: up to 10 M records. "
        "Peers do not count joiners, we do.",
        f"Memory: highest resident memory of a process of its own; `above start` leaves out what "
        f"it held when the clock started (interpreter and libraries). DuckDB sides run with "
        f"`memory_limit` {MEMORY_LIMIT}, except where it says otherwise, and with the profile's "
        f"settings ({', '.join(f'{key} {value}' for key, value in settings.items())}).",
    ] + ([skipped] if skipped else [])
    section.tables = [(outcome.case.label, contestant_rows(outcome)) for outcome in outcomes]
    section.tables += [
        ("Staging: text codes to integer ids, once per build", _staging_rows(outcomes)),
        ("Where the project's time goes", _step_rows(outcomes)),
        ("Ten times the records", _scaling_rows(by_size)),
    ]
    section.bars = _bars(by_size)
    section.data = {"cases": [as_data(outcome) for outcome in outcomes]}
    return section


def contestant_rows(outcome: Outcome) -> list[dict[str, str]]:
    """Lay out what was measured at one size."""
    rows = []
    for name, measurement in outcome.contestants.items():
        rows.append(
            {
                "way": name,
                "time": measurement.failure or report.seconds(measurement.seconds),
                "to floor": report.times(ratio(measurement.seconds, outcome.seconds(FLOOR))),
                "to ours": report.times(ratio(measurement.seconds, outcome.seconds(OURS))),
                "peak memory": report.megabytes(measurement.peak_mb),
                "above start": report.megabytes(measurement.above_baseline_mb),
                "same result": _agreement_text(outcome.agreement.get(name)),
            }
        )
    return rows


def _agreement_text(agreement: dict[str, float] | None) -> str:
    if agreement is None:
        return "-"
    if agreement["unequal_stocks"] or agreement["unmatched_city_years"]:
        return f"NO: {agreement['unequal_stocks']} stocks differ"
    return f"yes ({agreement['largest_relative_difference']:.0e})"


def _staging_rows(outcomes: list[Outcome]) -> list[dict[str, str]]:
    return [
        {
            "records": outcome.case.label,
            "time": report.seconds(outcome.staging.seconds),
            "peak memory": report.megabytes(outcome.staging.peak_mb),
            "warehouse file": report.megabytes(outcome.staging.result["warehouse_mb"]),
        }
        for outcome in outcomes
    ]


def _step_rows(outcomes: list[Outcome]) -> list[dict[str, str]]:
    rows = []
    for name in [*RECORDS_TO_STOCKS, *TAIL]:
        row = {"model": f"`{name}`"}
        for outcome in outcomes:
            row[outcome.case.label] = report.seconds(outcome.contestants[OURS].result[name])
        rows.append(row)
    return rows


def _scaling_rows(by_size) -> list[dict[str, str]]:
    rows = []
    for small, large in _scalings(by_size):
        rows.append(
            {
                "from": small.case.label,
                "to": large.case.label,
                "time": report.times(ratio(large.seconds(OURS), small.seconds(OURS))),
                "peak memory": report.times(
                    ratio(large.contestants[OURS].peak_mb, small.contestants[OURS].peak_mb)
                ),
                "staging time": report.times(ratio(large.staging.seconds, small.staging.seconds)),
            }
        )
    return rows


def _scalings(by_size):
    pairs = [
        ((1_000_000, N_CITIES), (10_000_000, N_CITIES)),
        ((10_000_000, N_CITIES), (100_000_000, N_CITIES)),
        ((10_000_000, N_CITIES), (10_000_000, 10 * N_CITIES)),
    ]
    return [(by_size[a], by_size[b]) for a, b in pairs if a in by_size and b in by_size]


def _bars(by_size) -> list[Bar]:
    bars = []
    for n_records, floor_limit, explode_limit in ((10_000_000, 6, 4), (100_000_000, 4, 4)):
        outcome = by_size.get((n_records, N_CITIES))
        if outcome is None:
            continue
        label, ours = outcome.case.label, outcome.seconds(OURS)
        bars += [
            Bar(f"{label}: time to floor", ratio(ours, outcome.seconds(FLOOR)), floor_limit),
            Bar(
                f"{label}: faster than exploding",
                ratio(outcome.seconds(EXPLODE), ours),
                explode_limit,
                at_most=False,
            ),
        ]
        if n_records == 100_000_000:
            bars.append(
                Bar(
                    f"{label}: peak memory, interpreter included",
                    outcome.contestants[OURS].peak_mb,
                    MEMORY_BAR_MB,
                    unit="MB",
                )
            )
    for small, large in _scalings(by_size):
        bars.append(
            Bar(
                f"{small.case.label} to {large.case.label}: time",
                ratio(large.seconds(OURS), small.seconds(OURS)),
                10,
            )
        )
    return bars


def as_data(outcome: Outcome) -> dict[str, Any]:
    """Turn an outcome into plain JSON."""
    return {
        "case": outcome.case.label,
        "records": outcome.records,
        "staging": as_record(outcome.staging),
        "contestants": {name: as_record(m) for name, m in outcome.contestants.items()},
        "agreement": outcome.agreement,
    }


def _suffixes(case: Case) -> list[str]:
    """City codes of a larger country: every city so many times, told apart by a letter."""
    copies = case.n_cities // N_CITIES
    return [""] if copies == 1 else [chr(ord("a") + copy) for copy in range(copies)]


def _fits_in_memory(records: dict[str, Any]) -> bool:
    """Whether pandas can hold the exploded records on this machine."""
    needed = records["firm_years"] * PANDAS_BYTES_PER_FIRM_YEAR / 1024**2
    return needed < memory_mb("MemAvailable")


def file_name(contestant: str) -> str:
    """Name the files of a contestant."""
    return "".join(letter if letter.isalnum() else "_" for letter in contestant)


def _require(measurement: Measurement) -> Measurement:
    if measurement.failure:
        raise RuntimeError(measurement.failure)
    return measurement
