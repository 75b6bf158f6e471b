"""Every table and every estimate, with the specification behind each."""

from __future__ import annotations

import duckdb

from urban_resilience.reporting.charts import estimates
from urban_resilience.reporting.charts.style import Spec
from urban_resilience.reporting.regressions import Regression, result_in_words
from urban_resilience.reporting.result_tables import ResultTables, read_result_tables
from urban_resilience.reporting.rows import Row, grouped, rows
from urban_resilience.reporting.site import results_parts
from urban_resilience.reporting.site.page import Page
from urban_resilience.reporting.site.study import Study
from urban_resilience.reporting.study_words import StudyWords
from urban_resilience.reporting.words import Both


def results_page(
    connection: duckdb.DuckDBPyConnection, study: Study, regressions: list[Regression]
) -> Page:
    """Lay out the page of results."""
    charts: dict[str, Spec] = {}
    titles = read_result_tables(connection)
    context: dict[str, object] = {
        "tables": _tables(connection, titles, regressions),
        "regressions": [(r, result_in_words(r)) for r in regressions],
        "forest": _forest(charts, study, titles, regressions),
        "events": results_parts.events(connection, charts, study),
        "differences": results_parts.differences(connection, charts, study),
        "placebos": results_parts.placebos(connection, charts),
        "curves": results_parts.curves(connection, charts, study),
        "effects": results_parts.effects(connection, charts, study),
        "balances": results_parts.balances(connection, charts),
    }
    return Page("results", Both("Results", "结果"), context, {"charts_results": charts})


def _tables(
    connection: duckdb.DuckDBPyConnection, titles: ResultTables, regressions: list[Regression]
) -> list[dict[str, object]]:
    """Tables as printed, each column with the specifications behind it."""
    behind: dict[tuple[object, object], list[object]] = {}
    for regression in regressions:
        spec = regression.spec
        behind.setdefault((spec["table_id"], str(spec["column_id"])), []).append(spec["spec_id"])
    cells = rows(connection, "from results.rpt_tables order by table_id, row_number, position")
    tables = []
    by_table = grouped(cells, "table_id")
    for table_id in sorted(by_table, key=titles.order):
        own = by_table[table_id]
        panels: dict[object, dict[str, object]] = {}
        lines: dict[object, Row] = {}
        for cell in own:
            # Columns of the panels below each other share their place.
            place = cell["printed_column"] or cell["column_id"]
            panel = panels.setdefault(
                cell["panel"], {"name": cell["panel"], "specs": {}, "lines": []}
            )
            specs, listed = panel["specs"], panel["lines"]
            assert isinstance(specs, dict) and isinstance(listed, list)
            specs[place] = behind.get((table_id, str(cell["column_id"])), [])
            if cell["row_number"] not in lines:
                english = str(cell["label_en"] or "")
                label = Both(english, str(cell["label_zh"] or english))
                lines[cell["row_number"]] = {"label": label, "cells": {}}
                listed.append(lines[cell["row_number"]])
            found = lines[cell["row_number"]]["cells"]
            assert isinstance(found, dict)
            found[place] = cell["cell"]
        tables.append(
            {
                "id": table_id,
                "title": titles.title(table_id),
                "note": titles.note(table_id),
                "columns": list(dict.fromkeys(c["printed_column"] or c["column_id"] for c in own)),
                "panels": list(panels.values()),
            }
        )
    return tables


def _forest(
    charts: dict[str, Spec], study: Study, titles: ResultTables, regressions: list[Regression]
) -> list[dict[str, object]]:
    """Estimates of the headline's treatment on its outcome, under every specification."""
    shown = [
        {
            "spec_id": r.spec["spec_id"],
            "label": _label(r, study.words),
            "kind": titles.title(str(r.spec["table_id"] or "")).joined(),
            **{
                name: r.estimate[name]
                for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value")
            },
            "n_obs": r.spec["n_obs"],
            "remark": r.spec["remark"],
        }
        for r in sorted(regressions, key=lambda r: titles.order(r.spec["table_id"]))
        if r.estimate is not None
        and (r.spec["outcome"], r.spec["treatment"]) == (study.outcome, study.treatment)
        and r.estimate["conf_low"] is not None
    ]
    if shown:
        charts["forest"] = estimates.forest(
            # Remarks stand in the table beside it.
            [{key: value for key, value in row.items() if key != "remark"} for row in shown],
            Both("Estimates of every specification", "全部设定的估计值").joined(),
            _on(study.label(study.treatment), study.label(study.outcome)).joined(),
        )
    return shown


def _label(regression: Regression, words: StudyWords) -> str:
    """Name a line of the forest: what the specification is, and its row."""
    note, spec_id = regression.spec["note"], regression.spec["spec_id"]
    if not note:
        return str(spec_id)
    return Both(f"{note} ({spec_id})", f"{words.said_zh(note)}（{spec_id}）").joined()


def _on(treatment: Both, outcome: Both) -> Both:
    return Both(f"{treatment.en} on {outcome.en.lower()}", f"{treatment.zh}对{outcome.zh}的影响")
