"""One page that says how last night went: a file that needs no network and no server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from urban_resilience.shared.database import parquet

SHOWN_RUNS = 14
SHOWN_ROWS = 20
SUITES = ("raw", "indices", "panel", "results")
OUTCOMES = {
    "published": "published: readers see this build",
    "failed": "failed: readers see what they had",
}


@dataclass(frozen=True)
class QualityFiles:
    """Where a run left what it found; each file may be missing.

    Attributes
    ----------
    results
        Parquet, one row per run and expectation.
    offending_rows
        Parquet, one row per row that breaks an expectation, with its run.
    failing_rows
        JSON of dbt's own tests, of the last failed run.
    """

    results: Path
    offending_rows: Path
    failing_rows: Path


def quality_page(
    files: QualityFiles, runs: Sequence[dict], data_origin: str, limit: int = SHOWN_RUNS
) -> str:
    """Lay out the last run.

    Parameters
    ----------
    files
        What was found.
    runs
        Runs of the refresh by number, the last one being the page's: dicts with ``run_id``,
        ``outcome``, ``started_at``, ``finished_at``, ``reason``, ``version``.
    data_origin
        Of the raw files of that run: ``simulated`` or ``supplied``.
    limit
        Runs to look back on.

    Returns
    -------
    str
        HTML that needs no other file.
    """
    last = runs[-1]
    results = _read(files.results)
    rows = _read(files.offending_rows)
    if not results.empty:
        shown = sorted(results["run_id"].unique())[-limit:]
        results = results[results["run_id"].isin(shown)]
        rows = rows[rows["run_id"] == last["run_id"]]
    now = results[results["run_id"] == last["run_id"]] if not results.empty else results
    environment = Environment(
        loader=PackageLoader("urban_resilience.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    failed = _failed(now, rows)
    return environment.get_template("quality_page.html").render(
        run=last,
        outcome=OUTCOMES.get(last["outcome"], last["outcome"]),
        data_origin=data_origin,
        has_results=not now.empty,
        failed=failed,
        n_errors=sum(result["severity"] == "error" for result in failed),
        failed_tests=_failed_tests(files.failing_rows, last["run_id"]),
        suites=_suites(now, results),
        n_past=0 if results.empty else results["run_id"].nunique(),
        runs=runs[::-1][:limit],
        shown_rows=SHOWN_ROWS,
    )


def _read(file: Path) -> pd.DataFrame:
    if not file.exists():
        return pd.DataFrame()
    with duckdb.connect() as connection:
        return connection.execute(f"select * from {parquet(file)}").df()


def _failed(now: pd.DataFrame, rows: pd.DataFrame) -> list[dict]:
    """Return expectations that are not met, each with the rows that break it."""
    if now.empty:
        return []
    failed = now[~now["success"]].sort_values(["severity", "suite"]).to_dict("records")
    for result in failed:
        breaking = rows[rows["expectation_id"] == result["expectation_id"]]
        result["rows"] = [json.loads(text) for text in breaking.get("row_values", ())]
    return failed


def _failed_tests(file: Path, run_id: int) -> list[dict]:
    """Return what dbt's own tests found, where this run failed."""
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"run_id": None}
    return kept["tests"] if kept["run_id"] == run_id else []


def _suites(now: pd.DataFrame, history: pd.DataFrame) -> list[dict]:
    """Return every suite with its results, and the past of each; none reached is an empty one."""
    if now.empty:
        return []
    run_ids = sorted(history["run_id"].unique())
    suites = []
    for suite in SUITES:
        results = now[now["suite"] == suite].to_dict("records")
        for result in results:
            result["past"] = _past(result["expectation_id"], run_ids, history)
        n_met = sum(bool(result["success"]) for result in results)
        suites.append({"name": suite, "results": results, "n_met": n_met})
    return suites


def _past(
    expectation_id: str, run_ids: Sequence[int], history: pd.DataFrame
) -> list[tuple[int, str]]:
    """Return how each run ended for an expectation, the oldest first."""
    found = history[history["expectation_id"] == expectation_id].set_index("run_id")
    states = {
        run_id: "met" if success else severity
        for run_id, success, severity in zip(
            found.index, found["success"], found["severity"], strict=True
        )
    }
    return [(run_id, states.get(run_id, "none")) for run_id in run_ids]
