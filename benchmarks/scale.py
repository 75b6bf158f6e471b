"""From one million records to a hundred: DuckDB within 2 GB beside other engines, and spilling."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks import member_stage as stage
from benchmarks import report
from benchmarks.bars import Bar, ratio
from benchmarks.compiled import as_records, compile_models
from benchmarks.isolated import Measurement, as_record, measure
from benchmarks.machine import memory_mb
from benchmarks.member_stage import Case, MemberStage, Outcome
from benchmarks.project import WAREHOUSE_NAME, Workspace
from urban_resilience.spark.cluster import has_java

# As the profile has it: with the interpreter and what DuckDB does not count, 2 GB.
MEMORY_LIMIT = "1500MB"
MEMORY_BAR_MB = 2048
REGION_YEARS = 1_000_000
REGION_MODELS = [
    "int_index_weights",
    "int_index_dimension_scores",
    "int_index_scores",
    "fct_location_quotients",
]
# A cost per record that is flat, as far as two runs on a shared machine can tell.
FLAT = 1.5


@dataclass(frozen=True)
class Engine:
    """One way from records to stocks; the rest is the project's SQL for all.

    Attributes
    ----------
    name : str
    function : str
        ``module:function(watch, warehouse, parquet, tail, settings, output)``: counts the records
        of the Parquet file (city_id, industry_id, joined_year, expired_year) and runs the tail, as
        `benchmarks.member_workers.polars_difference_arrays` does.
    largest : int
        Most records it is tried with.
    is_spark : bool
        Whether it needs pyspark and a Java, which not every developer has.
    """

    name: str
    function: str
    largest: int = 100_000_000
    is_spark: bool = False

    @property
    def is_here(self) -> bool:
        """Whether it can run on this machine."""
        return not self.is_spark or (find_spec("pyspark") is not None and has_java())


# Where another engine goes: one row, and its function in a module of workers.
ENGINES = [
    Engine(stage.POLARS, f"{stage.WORKERS}:polars_difference_arrays"),
    Engine(stage.PANDAS, f"{stage.WORKERS}:pandas_explode", stage.PANDAS_LARGEST),
    Engine("Spark, in one process", "benchmarks.spark_workers:local", is_spark=True),
    Engine("Spark, two workers", "benchmarks.spark_workers:standalone", is_spark=True),
]


class ScaleStage(MemberStage):
    """The member stage with the profile's memory limit and every engine."""

    memory_limit = MEMORY_LIMIT

    def _contestants(self, case: Case, folder: Path, records: dict[str, Any]):
        named = super()._contestants(case, folder, records)
        common = named[stage.FLOOR][1]
        peers = {
            "warehouse": common["warehouse"],
            "settings": common["settings"],
            "tail": self._records_of(stage.TAIL),
            "parquet": str(folder / "ids.parquet"),
        }
        chosen = {name: named[name] for name in (stage.FLOOR, stage.OURS, stage.EXPLODE)}
        for engine in ENGINES:
            if case.n_records <= engine.largest and engine.is_here:
                output = str(folder / stage.file_name(engine.name))
                chosen[engine.name] = (engine.function, {**peers, "output": output})
        return chosen


def run(workspace: Workspace, quick: bool, progress=print) -> report.Section:
    """Measure every size, then a million region-years."""
    sizes = [1_000_000, 10_000_000]
    skipped = ""
    needed = 100_000_000 * stage.DISK_BYTES_PER_RECORD
    if not quick and shutil.disk_usage(workspace.folder).free > needed:
        sizes.append(100_000_000)
    elif not quick:
        skipped = f"100 M records skipped: they need {needed / 1024**3:.0f} GB of disk."
    staged = ScaleStage(workspace)
    outcomes = [staged.run(Case(size), progress) for size in sizes]
    progress(f"  {REGION_YEARS:,} region-years")
    regions = _region_years(workspace, staged)
    return _section(outcomes, regions, skipped)


def _region_years(workspace: Workspace, staged: MemberStage) -> Measurement:
    """Run the project's indices on copies of the study's cities, told apart by their codes."""
    statements = compile_models(workspace, REGION_MODELS)
    made = {statement.relation for statement in statements}
    read = {name for statement in statements for name in statement.upstream}
    folder = workspace.folder / "region_years"
    folder.mkdir()
    try:
        return measure(
            "benchmarks.scale_workers:region_years",
            1,
            warehouse=str(folder / WAREHOUSE_NAME),
            upstream=str(workspace.upstream_warehouse),
            copied=sorted(read - made),
            statements=as_records(statements),
            settings=staged.limited,
            n_region_years=REGION_YEARS,
        )
    finally:
        shutil.rmtree(folder)


def _section(outcomes: list[Outcome], regions: Measurement, skipped: str) -> report.Section:
    section = report.Section("scale", "Past a million records, within 2 GB")
    section.paragraphs = [
        "Timed as in `member`: staged records to virtual agglomeration, every engine in a process "
        f"of its own on the same records, DuckDB with `memory_limit` {MEMORY_LIMIT} on this "
        f"machine's {memory_mb('MemTotal') / 1024:.0f} GB. Staging is the project's: text records "
        "in Parquet judged, every repeated firm named, numbered and stored; `spilled` is the most "
        "that lay in DuckDB's temporary files.",
        "Region-years: the models "
        + ", ".join(f"`{name}`" for name in REGION_MODELS)
        + " on copies of the study's cities.",
    ] + ([skipped] if skipped else [])
    absent = [engine.name for engine in ENGINES if not engine.is_here]
    if absent:
        section.paragraphs.append(
            f"Not here: {', '.join(absent)} (Java 17 and `make .venv/installed-spark`)."
        )
    section.tables = [(outcome.case.label, stage.contestant_rows(outcome)) for outcome in outcomes]
    section.tables += [
        ("Cost per record", [_cost_row(outcome) for outcome in outcomes]),
        ("What Spark's tasks sent each other, by its own log", _shuffle_rows(outcomes)),
        (f"{REGION_YEARS:,} region-years", _region_rows(regions)),
    ]
    section.bars = [*_bars(outcomes), *_region_bars(regions)]
    section.data = {
        "cases": [stage.as_data(outcome) for outcome in outcomes],
        "region_years": as_record(regions),
    }
    return section


def _cost_row(outcome: Outcome) -> dict[str, str]:
    staging = outcome.staging
    return {
        "records": outcome.case.label,
        "staging": report.seconds(staging.seconds),
        "staging per million": report.seconds(_per_million(staging.seconds, outcome)),
        "stage per million": report.seconds(_per_million(outcome.seconds(stage.OURS), outcome)),
        "floor per million": report.seconds(_per_million(outcome.seconds(stage.FLOOR), outcome)),
        "peak memory of staging": report.megabytes(staging.peak_mb),
        "spilled": report.megabytes(staging.result["spilled_mb"]),
        "warehouse file": report.megabytes(staging.result["warehouse_mb"]),
    }


def _shuffle_rows(outcomes: list[Outcome]) -> list[dict[str, str]]:
    rows = []
    for outcome in outcomes:
        for engine in ENGINES:
            found = outcome.contestants.get(engine.name)
            if not engine.is_spark or found is None or found.failure:
                continue
            result = found.result
            share = result["records sent"] / outcome.case.n_records
            rows.append(
                {
                    "records": outcome.case.label,
                    "engine": engine.name,
                    "records sent, to records": f"{share:.1%}",
                    "sent": report.megabytes(result["MB sent"]),
                    "processor time": report.seconds(result["processor seconds"]),
                    "tasks": f"{result['tasks']:.0f}",
                }
            )
    return rows


def _per_million(seconds: float, outcome: Outcome) -> float:
    return seconds / outcome.case.n_records * 1_000_000


def _region_rows(regions: Measurement) -> list[dict[str, str]]:
    if regions.failure:
        return [{"model": regions.failure, "rows": "-", "time": "-"}]
    return [
        {
            "model": f"`{name}`",
            "rows": f"{step['rows']:,}",
            "time": report.seconds(step["seconds"]),
        }
        for name, step in regions.result["steps"].items()
    ]


def _bars(outcomes: list[Outcome]) -> list[Bar]:
    bars = []
    for outcome in outcomes:
        ours = outcome.seconds(stage.OURS)
        limits = {10_000_000: 6, 100_000_000: 4}
        if outcome.case.n_records in limits:
            label = outcome.case.label
            limit = limits[outcome.case.n_records]
            bars += [
                Bar(f"{label}: time to floor", ratio(ours, outcome.seconds(stage.FLOOR)), limit),
                Bar(
                    f"{label}: faster than exploding",
                    ratio(outcome.seconds(stage.EXPLODE), ours),
                    4,
                    at_most=False,
                ),
                Bar(
                    f"{label}: peak memory of staging, interpreter included",
                    outcome.staging.peak_mb,
                    MEMORY_BAR_MB,
                    unit="MB",
                ),
            ]
    first, last = outcomes[0], outcomes[-1]
    bars.append(
        Bar(
            f"{first.case.label} to {last.case.label}: staging and stage, per record",
            ratio(_whole(last), _whole(first)),
            FLAT,
        )
    )
    return bars


def _whole(outcome: Outcome) -> float:
    return _per_million(outcome.staging.seconds + outcome.seconds(stage.OURS), outcome)


def _region_bars(regions: Measurement) -> list[Bar]:
    return [
        Bar(
            f"{REGION_YEARS:,} region-years: peak memory, interpreter included",
            regions.peak_mb,
            MEMORY_BAR_MB,
            unit="MB",
        )
    ]
