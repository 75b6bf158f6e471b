"""Skewed cities: what a cluster would shuffle, and how unevenly, counted on generated records."""

from __future__ import annotations

from typing import Any

from benchmarks import report
from benchmarks.bars import Bar
from benchmarks.isolated import Measurement, as_record, measure
from benchmarks.project import Workspace

SIZES = [1_000_000, 10_000_000, 100_000_000]
# Exponents of a power law over 300 cities: none, as members of a platform are, one city with half.
EXPONENTS = [0.0, 1.0, 2.0]
N_CITIES, N_INDUSTRIES, N_YEARS = 300, 90, 18
TASK_RECORDS = 1_000_000
PARTITIONS = 200


def run(workspace: Workspace, quick: bool, progress=print) -> report.Section:
    """Count every size and skew and write the section."""
    outcomes: dict[tuple[int, float], Measurement] = {}
    for n_records in SIZES[: 2 if quick else None]:
        for exponent in EXPONENTS:
            progress(f"  {n_records:,} records, exponent {exponent:g}")
            outcomes[n_records, exponent] = measure(
                "benchmarks.skew_workers:count_shuffle",
                1,
                n_records=n_records,
                exponent=exponent,
                sizes=[N_CITIES, N_INDUSTRIES, N_YEARS],
                task_records=TASK_RECORDS,
                partitions=PARTITIONS,
            )
            if outcomes[n_records, exponent].failure:
                raise RuntimeError(outcomes[n_records, exponent].failure)
    return _section(outcomes)


def _section(outcomes: dict[tuple[int, float], Measurement]) -> report.Section:
    section = report.Section("skew", "Skewed cities: rows shuffled and the fullest partition")
    section.paragraphs = [
        f"Records of {N_CITIES} cities (a power law), {N_INDUSTRIES} industries (squared uniform) "
        f"and {N_YEARS} joining years, in tasks of {TASK_RECORDS:,}. By city: every record is sent "
        f"to one of {PARTITIONS} partitions by its city. By cell: each task first counts its own "
        "records by city x industry x year and sends counts, by the whole key. `fullest` is the "
        "largest partition to the mean one: the last task to end.",
    ]
    section.tables = [("Joins alone; exits are as many again", _rows(outcomes))]
    largest = max(size for size, _ in outcomes)
    section.bars = [
        Bar(
            f"exponent {exponent:g}: fullest partition of counts",
            outcomes[largest, exponent].result["cell_fullest"],
            1.5,
        )
        for exponent in EXPONENTS
    ]
    section.data = {
        "cases": [
            {"records": size, "exponent": exponent, **as_record(outcome)}
            for (size, exponent), outcome in outcomes.items()
        ]
    }
    return section


def _rows(outcomes: dict[tuple[int, float], Measurement]) -> list[dict[str, str]]:
    return [
        {
            "records": f"{size:,}",
            "exponent": f"{exponent:g}",
            "largest city": f"{100 * found['largest_city']:.1f} %",
            "fullest by city": report.times(found["city_fullest"]),
            "counts sent": f"{found['counts_sent']:,}",
            "to records": f"{100 * found['counts_sent'] / size:.1f} %",
            "fullest by cell": report.times(found["cell_fullest"]),
            "time": report.seconds(outcome.seconds),
            "peak memory": report.megabytes(outcome.peak_mb),
        }
        for (size, exponent), outcome in outcomes.items()
        for found in [_found(outcome)]
    ]


def _found(outcome: Measurement) -> dict[str, Any]:
    return outcome.result
