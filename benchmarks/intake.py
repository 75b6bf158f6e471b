"""The intake: a CSV of member records streamed to Parquet, and a yearbook read from Excel."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.bars import Bar, ratio
from benchmarks.isolated import Measurement, as_record, measure
from benchmarks.project import Workspace

WORKERS = "benchmarks.intake_workers"
# Gigabytes of CSV; 5 is the size of the issue.
SIZE_VARIABLE = "BENCHMARK_CSV_GB"
DEFAULT_GB, QUICK_GB = 1.0, 0.1
BYTES_PER_RECORD = 28
DISK_PER_CSV = 3.5
REPEATS = 3
N_CITIES, N_YEARS = 300, 20

FLOOR = "DuckDB, `copy (from read_csv) to parquet` (floor)"
PLAIN = "intake, contract CSV"
MESSY = "intake, GB18030, Chinese headers, 12-digit codes, years as `2013年`"
EXCEL = f"intake, {N_CITIES} cities x {N_YEARS} years in one sheet"
EXCEL_YEARS = f"intake, {N_CITIES} cities x {N_YEARS} years, a sheet per year"
CALAMINE = "python-calamine, reading the same cells (floor)"
OUR_READER = "the intake's reader alone"
OPENPYXL = "openpyxl, reading the same cells"


def run(workspace: Workspace, quick: bool, progress=print) -> report.Section:
    """Measure both and write the section."""
    gigabytes = QUICK_GB if quick else float(os.environ.get(SIZE_VARIABLE) or DEFAULT_GB)
    folder = workspace.folder / "intake"
    folder.mkdir()
    try:
        needed = gigabytes * DISK_PER_CSV * 1024**3
        if shutil.disk_usage(folder).free < needed:
            raise RuntimeError(f"{gigabytes} GB of CSV need {needed / 1024**3:.0f} GB of disk")
        streamed, made = _stream(folder, gigabytes, progress)
        workbooks, excel = _excel(folder, progress)
    finally:
        shutil.rmtree(folder)
    return _section(streamed, made, workbooks, excel)


def _stream(folder: Path, gigabytes: float, progress) -> tuple[dict[str, Measurement], Any]:
    progress(f"  {gigabytes} GB of CSV: generating")
    n_records = max(1, round(gigabytes * 1024**3 / BYTES_PER_RECORD / 1_000_000)) * 1_000_000
    made = _require(
        measure(f"{WORKERS}:write_csv", 1, folder=str(folder), n_records=n_records)
    ).result
    contestants = {
        FLOOR: ("copy_floor", {"path": made["plain"]}),
        PLAIN: ("prepare_folder", {"raw": str(Path(made["plain"]).parent)}),
        MESSY: ("prepare_folder", {"raw": str(Path(made["messy"]).parent)}),
    }
    outcome = {}
    for name, (function, arguments) in contestants.items():
        progress(f"  {gigabytes} GB of CSV: {name}")
        out = folder / "out"
        outcome[name] = measure(f"{WORKERS}:{function}", REPEATS, out=str(out), **arguments)
        shutil.rmtree(out, ignore_errors=True)
    return outcome, made


def _excel(folder: Path, progress) -> tuple[dict[str, Measurement], Any]:
    progress("  Excel: generating")
    made = _require(
        measure(
            f"{WORKERS}:write_workbooks", 1, folder=str(folder), n_cities=N_CITIES, n_years=N_YEARS
        )
    ).result
    outcome = {}
    for name, function, which in (
        (CALAMINE, "calamine_floor", "one"),
        (OUR_READER, "read_sheets", "one"),
        (OPENPYXL, "openpyxl_reading", "one"),
        (EXCEL, "prepare_folder", "one"),
        (EXCEL_YEARS, "prepare_folder", "years"),
    ):
        progress(f"  Excel: {name}")
        outcome[name] = measure(
            f"{WORKERS}:{function}", REPEATS, raw=made[which], out=str(folder / "out")
        )
    return outcome, made


def _section(streamed, made, workbooks, excel) -> report.Section:
    section = report.Section("intake", "Intake: files as people have them")
    gigabytes = made["bytes"] / 1024**3
    section.paragraphs = [
        f"Member records: {made['records']:,} generated records, {gigabytes:.2f} GB of CSV "
        f"({made['messy_bytes'] / 1024**3:.2f} GB in the messy form), written as Parquet (zstd) "
        "under `memory_limit` 1 GB. The floor reads with DuckDB's own type detection and writes "
        "the same Parquet, under the same settings, and checks nothing. The prepared tables must "
        "hold as many records as were generated.",
        f"Yearbook: {excel['cells']:,} cells. The floor is python-calamine reading every cell of "
        "the same workbook; the intake's reader also looks for formulas without results, error "
        "values and merged cells.",
        f"Each in its own process, median of {REPEATS} (one where it takes half a minute). Peak "
        "memory includes the interpreter.",
    ]
    section.tables = [
        ("CSV of member records", _rows(streamed, FLOOR)),
        ("Excel", _rows(workbooks, CALAMINE)),
    ]
    section.bars = [
        Bar("contract CSV: time to floor", _to(streamed, PLAIN, FLOOR), 3),
        Bar("messy CSV: peak memory", streamed[MESSY].peak_mb, 1500, unit="MB"),
        Bar("contract CSV: peak memory", streamed[PLAIN].peak_mb, 1500, unit="MB"),
        Bar("records lost", _lost(streamed, made), 0, unit=""),
        Bar("Excel, one sheet: time", workbooks[EXCEL].seconds, 10, unit="s"),
        Bar("Excel, reading: time to openpyxl", _to(workbooks, OUR_READER, OPENPYXL), 0.25),
    ]
    section.data = {
        "csv": {"made": made, "contestants": {n: as_record(m) for n, m in streamed.items()}},
        "excel": {"made": excel, "contestants": {n: as_record(m) for n, m in workbooks.items()}},
    }
    return section


def _rows(outcome: dict[str, Measurement], floor: str) -> list[dict[str, str]]:
    return [
        {
            "way": name,
            "time": measurement.failure or report.seconds(measurement.seconds),
            "to floor": report.times(_to(outcome, name, floor)),
            "peak memory": report.megabytes(measurement.peak_mb),
            "above start": report.megabytes(measurement.above_baseline_mb),
        }
        for name, measurement in outcome.items()
    ]


def _to(outcome: dict[str, Measurement], name: str, floor: str) -> float:
    return ratio(outcome[name].seconds, outcome[floor].seconds)


def _lost(streamed: dict[str, Measurement], made: Any) -> float:
    """Count records that were generated but are not in a prepared table."""
    counts = [m.result["records"] if m.result else 0 for m in streamed.values()]
    return float(max(abs(made["records"] - count) for count in counts))


def _require(measurement: Measurement) -> Measurement:
    if measurement.failure:
        raise RuntimeError(measurement.failure)
    return measurement
