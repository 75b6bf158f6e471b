"""One page that says how last night went: a file that needs no network and no server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import duckdb
import pandas as pd

from urban_resilience.shared.database import parquet

SHOWN_RUNS = 14
SHOWN_ROWS = 20
SUITES = ("raw", "indices", "panel", "results")
STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#1d2433;background:#f6f7f9;margin:0}
main{max-width:1080px;margin:0 auto;padding:24px}
h1{font-size:24px;margin:0 0 4px}h2{font-size:18px;margin:32px 0 8px}h3{font-size:15px;margin:0}
.muted{color:#5b6475}
.banner{background:#fff4d6;border:1px solid #e0b94a;padding:8px 12px;margin:12px 0}
.card{background:#fff;border:1px solid #dfe3ea;border-radius:6px;padding:12px 16px;margin:8px 0}
.error{border-left:5px solid #b3261e}.warn{border-left:5px solid #c98a00}
.met{border-left:5px solid #2e7d4f}
table{border-collapse:collapse;width:100%;background:#fff}
th,td{text-align:left;padding:4px 10px;border-bottom:1px solid #e6e9ef;vertical-align:top}
th{background:#eef1f5;font-weight:600}td{font-variant-numeric:tabular-nums}
code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}
.run{display:inline-block;width:11px;height:14px;margin-right:2px;border-radius:2px}
.run.met{background:#7fb894;border:0}
.run.warn{background:#e3ae3d;border:0}.run.error{background:#c94a43;border:0}
.run.none{background:#e1e4ea}
.scroll{overflow-x:auto}summary{cursor:pointer}
"""


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
    body = "".join(
        [
            _header(last, now, data_origin),
            _failures(now, rows),
            _failed_tests(files.failing_rows, last["run_id"]),
            _suites(now, results),
            _runs(runs[::-1][:limit]),
        ]
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Data quality, run {last['run_id']}</title><style>{STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def _read(file: Path) -> pd.DataFrame:
    if not file.exists():
        return pd.DataFrame()
    with duckdb.connect() as connection:
        return connection.execute(f"select * from {parquet(file)}").df()


def _header(run: dict, now: pd.DataFrame, data_origin: str) -> str:
    words = {
        "published": "published: readers see this build",
        "failed": "failed: readers see what they had",
    }
    kind = "met" if run["outcome"] == "published" else "error"
    reason = f"<br>{escape(run['reason'])}" if run.get("reason") else ""
    seen = "none yet" if run.get("version") is None else f"version {run['version']}"
    simulated = (
        '<div class="banner">Simulated data: every number here tests plumbing and proves nothing'
        " about the world.</div>"
        if data_origin == "simulated"
        else ""
    )
    missing = (
        '<div class="card warn">The build ended before any expectation was evaluated. Its log says'
        " why.</div>"
        if now.empty
        else ""
    )
    return (
        f"<h1>Data quality, run {run['run_id']}</h1>"
        f'<p class="muted">{escape(run["started_at"])} to {escape(run.get("finished_at") or "")}.'
        f" Readers see {seen}.</p>"
        f"{simulated}"
        f'<div class="card {kind}"><h3>{words.get(run["outcome"], escape(run["outcome"]))}</h3>'
        f"{reason}</div>{missing}"
    )


def _failures(now: pd.DataFrame, rows: pd.DataFrame) -> str:
    if now.empty:
        return ""
    failed = now[~now["success"]].sort_values(["severity", "suite"])
    if failed.empty:
        return "<h2>Not met</h2><p>Nothing: every expectation is met.</p>"
    cards = [
        _failure(result, rows[rows["expectation_id"] == result["expectation_id"]])
        for result in failed.to_dict("records")
    ]
    errors = int((failed["severity"] == "error").sum())
    return (
        f"<h2>Not met</h2><p>{errors} of severity error, which stop what is downstream;"
        f" {len(failed) - errors} of severity warn.</p>{''.join(cards)}"
    )


def _failure(result: dict, rows: pd.DataFrame) -> str:
    columns = (
        f", column <code>{escape(result['column_name'])}</code>" if result["column_name"] else ""
    )
    return (
        f'<div class="card {result["severity"]}">'
        f"<h3>{escape(result['expectation_id'])} <span class='muted'>({result['severity']},"
        f" {result['suite']}, {result['kind']})</span></h3>"
        f"<p>{escape(result['why'])}<br>"
        f"<code>{escape(result['relation'])}</code>{columns}: {escape(result['observed'])}.</p>"
        f"{_rows_table(rows, result['n_unexpected'])}</div>"
    )


def _failed_tests(file: Path, run_id: int) -> str:
    """Show what dbt's own tests found, where this run failed."""
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"run_id": None}
    if kept["run_id"] != run_id or not kept["tests"]:
        return ""
    cards = [
        f'<div class="card error"><h3>{escape(test["test"])}</h3>'
        f"{_table(test['rows'], test['n_rows'])}</div>"
        for test in kept["tests"]
    ]
    return f"<h2>Tests of dbt that found rows</h2>{''.join(cards)}"


def _rows_table(rows: pd.DataFrame, n_rows: int) -> str:
    if rows.empty:
        return ""
    return _table([json.loads(text) for text in rows["row_values"]], n_rows)


def _table(rows: Sequence[dict], n_rows: int) -> str:
    values = rows[:SHOWN_ROWS]
    names = list(values[0])
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    lines = "".join(
        "<tr>" + "".join(_cell(value.get(name)) for name in names) + "</tr>" for value in values
    )
    shown = f"{len(values)} of " if n_rows > len(values) else ""
    title = f"{shown}{n_rows:,} row{'s' if n_rows > 1 else ''}"
    is_open = " open" if len(values) <= 5 else ""
    return (
        f'<details{is_open}><summary>{title}</summary><div class="scroll"><table>'
        f"<tr>{head}</tr>{lines}</table></div></details>"
    )


def _cell(value: object) -> str:
    if value is None:
        return '<td class="muted">missing</td>'
    if isinstance(value, float):
        return f"<td>{value:,.6g}</td>"
    return f"<td>{escape(str(value))}</td>"


def _suites(now: pd.DataFrame, history: pd.DataFrame) -> str:
    parts = [
        _suite(suite, now[now["suite"] == suite], history) for suite in SUITES if not now.empty
    ]
    return "<h2>All expectations</h2>" + "".join(parts) if parts else ""


def _suite(suite: str, results: pd.DataFrame, history: pd.DataFrame) -> str:
    if results.empty:
        return (
            f'<div class="card error"><h3>{suite}</h3>Not reached: a gate before it failed.</div>'
        )
    runs = sorted(history["run_id"].unique())
    lines = "".join(
        "<tr>"
        f"<td><code>{escape(result['expectation_id'])}</code><br>"
        f"<span class='muted'>{escape(result['why'])}</span></td>"
        f"<td>{result['severity']}</td><td>{escape(result['observed'])}</td>"
        f"<td style='white-space:nowrap'>{_past(result['expectation_id'], runs, history)}</td></tr>"
        for result in results.to_dict("records")
    )
    met = int(results["success"].sum())
    is_open = "" if met == len(results) else " open"
    return (
        f'<details class="card"{is_open}><summary><b>{suite}</b>: {met} of {len(results)} met'
        '</summary><div class="scroll"><table><tr><th>expectation</th><th>severity</th>'
        f"<th>found</th><th>last {len(runs)} runs</th></tr>{lines}</table></div></details>"
    )


def _past(expectation_id: str, runs: Sequence[int], history: pd.DataFrame) -> str:
    """Draw one small box a run, the oldest first."""
    found = history[history["expectation_id"] == expectation_id].set_index("run_id")
    boxes = []
    for run in runs:
        state = "none"
        if run in found.index:
            result = found.loc[run]
            state = "met" if result["success"] else result["severity"]
        boxes.append(f'<span class="run {state}" title="run {run}: {state}"></span>')
    return "".join(boxes)


def _runs(runs: Sequence[dict]) -> str:
    lines = "".join(
        f"<tr><td>{run['run_id']}</td><td>{escape(run['started_at'])}</td>"
        f"<td>{escape(run['outcome'])}</td><td>{escape(run.get('reason') or '')}</td></tr>"
        for run in runs
    )
    return (
        '<h2>Runs</h2><div class="scroll"><table><tr><th>run</th><th>started (UTC)</th>'
        f"<th>outcome</th><th>reason</th></tr>{lines}</table></div>"
    )
