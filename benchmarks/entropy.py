"""Entropy weights: the project's wide SQL, NumPy, and the unpivoted way."""

from __future__ import annotations

import shutil
from typing import Any

from benchmarks import report
from benchmarks.bars import Bar, ratio
from benchmarks.compiled import compile_text, engine_settings
from benchmarks.isolated import Measurement, as_record, measure
from benchmarks.project import Workspace

WORKERS = "benchmarks.entropy_workers"
INDEX = "resi"
PANEL_ROWS = 3_177
LARGE_ROWS = 1_000_000
REPEATS = 5
AGREEMENT = 1e-9

OURS = "this project's SQL, wide"
NUMPY = "NumPy, array in memory"
UNPIVOT = "DuckDB, UNPIVOT"

# The model's own macro on one index of the seed; the model itself computes all of them.
ONE_INDEX = """
{% set index = indices() | selectattr('index_id', 'equalto', '__INDEX__') | first %}
-- depends_on: {{ ref('resilience_indicators') }}
-- depends_on: {{ ref('index_indicators') }}
-- depends_on: {{ ref('index_definitions') }}
with {{ index_weight_ctes([index], index_indicators(index.indicator_set)) }}
final as (select * from weights)

select * from final
""".replace("__INDEX__", INDEX)
# Names and directions of the same index, as text: this SQL is read, not run.
INDICATORS = """
-- depends_on: {{ ref('resilience_indicators') }}
-- depends_on: {{ ref('index_indicators') }}
-- depends_on: {{ ref('index_definitions') }}
{% set index = indices() | selectattr('index_id', 'equalto', '__INDEX__') | first %}
set {{ index.indicator_set }}
{% for indicator in index_indicators(index.indicator_set) %}
indicator {{ indicator.indicator_id }} {{ direction_of(index, indicator) }}
{% endfor %}
""".replace("__INDEX__", INDEX)


def run(workspace: Workspace, quick: bool, progress=print) -> report.Section:
    """Measure both sizes and write the section."""
    _ = workspace.upstream_warehouse  # the seeds decide what is generated
    sql = compile_text(workspace, ONE_INDEX)
    words = [line.split() for line in compile_text(workspace, INDICATORS).splitlines()]
    chosen = [word for word in words if word and word[0] == "indicator"]
    names, directions = [word[1] for word in chosen], [word[2] for word in chosen]
    indicator_set = next(word[1] for word in words if word and word[0] == "set")
    outcomes = {}
    for n_rows in (PANEL_ROWS, LARGE_ROWS):
        progress(f"  {n_rows:,} rows")
        outcomes[n_rows] = _measure(workspace, n_rows, names, directions, indicator_set, sql)
    return _section(outcomes, len(names))


def _measure(
    workspace: Workspace,
    n_rows: int,
    names: list[str],
    directions: list[str],
    indicator_set: str,
    sql: str,
) -> dict[str, Measurement]:
    folder = workspace.folder / f"entropy_{n_rows}"
    folder.mkdir()
    path = str(folder / "indicator_values.parquet")
    written = measure(f"{WORKERS}:write_indicators", 1, path=path, n_rows=n_rows, indicators=names)
    if written.failure:
        raise RuntimeError(written.failure)
    common: dict[str, Any] = {"indicators": names, "directions": directions, "path": path}
    settings = engine_settings()
    outcome = {
        OURS: measure(
            f"{WORKERS}:project_sql",
            REPEATS,
            **common,
            indicator_set=indicator_set,
            sql=sql,
            settings=settings,
        ),
        NUMPY: measure(f"{WORKERS}:numpy_arrays", REPEATS, **common),
        UNPIVOT: measure(f"{WORKERS}:duckdb_unpivot", REPEATS, **common, settings=settings),
    }
    shutil.rmtree(folder)
    return outcome


def _section(outcomes: dict[int, dict[str, Measurement]], n_indicators: int) -> report.Section:
    section = report.Section("entropy", "Entropy weights")
    section.paragraphs = [
        f"Timed: macro `index_weight_ctes` compiled for index `{INDEX}` ({n_indicators} "
        "indicators, pooled), stored as a table, on generated skewed indicators. DuckDB has the "
        f"table in memory as NumPy has its array. Median of {REPEATS} processes; weights must "
        f"agree to {AGREEMENT:g}.",
    ]
    section.tables = [(f"{n_rows:,} rows", _rows(outcome)) for n_rows, outcome in outcomes.items()]
    large = outcomes[LARGE_ROWS]
    section.bars = [
        Bar(
            f"{LARGE_ROWS:,} rows: faster than UNPIVOT",
            ratio(large[UNPIVOT].seconds, large[OURS].seconds),
            4,
            at_most=False,
        ),
        Bar(
            f"{LARGE_ROWS:,} rows: time to NumPy",
            ratio(large[OURS].seconds, large[NUMPY].seconds),
            2,
        ),
        Bar(
            "largest difference of a weight",
            max(
                _difference(outcome, name)
                for outcome in outcomes.values()
                for name in (NUMPY, UNPIVOT)
            ),
            AGREEMENT,
            unit="",
        ),
        Bar(
            f"{PANEL_ROWS:,} to {LARGE_ROWS:,} rows, time per row",
            ratio(
                large[OURS].seconds / LARGE_ROWS, outcomes[PANEL_ROWS][OURS].seconds / PANEL_ROWS
            ),
            1,
        ),
    ]
    section.data = {
        "cases": [
            {"rows": n_rows, "contestants": {name: as_record(m) for name, m in outcome.items()}}
            for n_rows, outcome in outcomes.items()
        ]
    }
    return section


def _rows(outcome: dict[str, Measurement]) -> list[dict[str, str]]:
    return [
        {
            "way": name,
            "time": measurement.failure or report.seconds(measurement.seconds),
            "to ours": report.times(ratio(measurement.seconds, outcome[OURS].seconds)),
            "peak memory": report.megabytes(measurement.peak_mb),
            "above start": report.megabytes(measurement.above_baseline_mb),
            "largest difference": "-" if name == OURS else f"{_difference(outcome, name):.0e}",
        }
        for name, measurement in outcome.items()
    ]


def _difference(outcome: dict[str, Measurement], name: str) -> float:
    """Largest absolute difference of a weight from ours; NaN where either failed."""
    ours, theirs = outcome[OURS].result, outcome[name].result
    if ours is None or theirs is None:
        return float("nan")
    return max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
