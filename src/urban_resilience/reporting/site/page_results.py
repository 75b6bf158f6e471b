"""Every table and every estimate, with the specification behind each."""

from __future__ import annotations

import duckdb

from urban_resilience.reporting.charts import distributions, estimates
from urban_resilience.reporting.charts.style import Spec
from urban_resilience.reporting.regressions import Regression, result_in_words
from urban_resilience.reporting.rows import Row, rows
from urban_resilience.reporting.site.page import Page
from urban_resilience.reporting.site.study import Study
from urban_resilience.reporting.words import Both, number, order_of_table, table_in_words

CLASSES = 40
CURVE = ("place", "estimate", "conf_low", "conf_high", "is_significant")
TIME = Both("years since the policy", "政策实施后的年数")
ESTIMATE = Both("estimate, 95% interval", "估计值与95%置信区间")


def results_page(
    connection: duckdb.DuckDBPyConnection, study: Study, regressions: list[Regression]
) -> Page:
    """Lay out the page of results."""
    charts: dict[str, Spec] = {}
    context: dict[str, object] = {
        "tables": _tables(connection, regressions),
        "regressions": [(r, result_in_words(r)) for r in regressions],
        "forest": _forest(charts, study, regressions),
        "events": _events(connection, charts, study),
        "differences": rows(
            connection,
            "select spec_id, group_column, method, estimate_group_1, estimate_group_0, difference,"
            " p_two_sided, std_error, conf_low, conf_high, draws, status, reason"
            " from results.fct_group_differences order by spec_id, method",
        ),
        "placebos": _placebos(connection, charts),
        "curves": _curves(connection, charts, study),
        "effects": _effects(connection, charts, study),
        "balances": _balances(connection, charts),
    }
    return Page("results", Both("Results", "结果"), context, {"charts_results": charts})


def _tables(
    connection: duckdb.DuckDBPyConnection, regressions: list[Regression]
) -> list[dict[str, object]]:
    """Tables as printed, each column with the specifications behind it."""
    behind: dict[tuple[object, object], list[object]] = {}
    for regression in regressions:
        spec = regression.spec
        behind.setdefault((spec["table_id"], str(spec["column_id"])), []).append(spec["spec_id"])
    cells = rows(connection, "from results.rpt_tables order by table_id, row_number, position")
    tables = []
    for table_id in sorted({cell["table_id"] for cell in cells}, key=order_of_table):
        own = [cell for cell in cells if cell["table_id"] == table_id]
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
                "title": table_in_words(str(table_id)),
                "columns": list(dict.fromkeys(c["printed_column"] or c["column_id"] for c in own)),
                "panels": list(panels.values()),
            }
        )
    return tables


def _forest(
    charts: dict[str, Spec], study: Study, regressions: list[Regression]
) -> list[dict[str, object]]:
    """Estimates of the headline's treatment on its outcome, under every specification."""
    shown = [
        {
            "spec_id": r.spec["spec_id"],
            "label": _label(r),
            "kind": table_in_words(str(r.spec["table_id"] or "")).joined(),
            **{
                name: r.estimate[name]
                for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value")
            },
            "n_obs": r.spec["n_obs"],
            "remark": r.spec["remark"],
        }
        for r in sorted(regressions, key=lambda r: order_of_table(r.spec["table_id"]))
        if r.estimate is not None
        and (r.spec["outcome"], r.spec["treatment"]) == (study.outcome, study.treatment)
        and r.estimate["conf_low"] is not None
    ]
    if shown:
        charts["forest"] = estimates.forest(
            shown,
            Both("Estimates of every specification", "全部设定的估计值").joined(),
            _on(study.label(study.treatment), study.label(study.outcome)).joined(),
        )
    return shown


def _events(
    connection: duckdb.DuckDBPyConnection, charts: dict[str, Spec], study: Study
) -> list[dict[str, object]]:
    found = rows(
        connection,
        "select events.*, fits.policy_id from results.fct_event_study as events"
        " inner join results.fct_model_fits as fits using (spec_id)"
        " where events.status = 'estimated' order by spec_id, estimator desc, event_time",
    )
    shown = []
    for spec_id in dict.fromkeys(row["spec_id"] for row in found):
        own = [row for row in found if row["spec_id"] == spec_id]
        drawn = [
            {
                "event_time": row["event_time"],
                "estimator": str(row["estimator"]).replace("_", " "),
                "estimate": 0.0 if row["is_base"] else row["estimate"],
                "conf_low": row["conf_low"],
                "conf_high": row["conf_high"],
            }
            for row in own
            if row["is_base"] or row["estimate"] is not None
        ]
        charts[f"event_{spec_id}"] = estimates.event_study(
            drawn,
            Both(
                f"Leads and lags of {own[0]['policy_id']}", f"{own[0]['policy_id']}的前后各期系数"
            ).joined(),
            TIME.joined(),
            study.label(str(study.outcome)).joined(),
        )
        tests = list(
            {
                row["estimator"]: (
                    str(row["estimator"]).replace("_", " "),
                    row["pre_trend_p_value"],
                    row["mean_effect"],
                    row["mean_effect_std_error"],
                    row["mean_effect_p_value"],
                )
                for row in own
            }.values()
        )
        shown.append({"id": spec_id, "policy": own[0]["policy_id"], "rows": own, "tests": tests})
    return shown


def _placebos(
    connection: duckdb.DuckDBPyConnection, charts: dict[str, Spec]
) -> list[dict[str, object]]:
    """Draws in classes of one width, by specification."""
    shown = rows(
        connection,
        "select spec_id, any_value(estimate) as estimate, any_value(p_two_sided) as p_value,"
        " any_value(draws) as draws from results.fct_resampled_inference"
        " where method = 'placebo' and status = 'estimated' group by spec_id order by spec_id",
    )
    for item in shown:
        classes = rows(
            connection,
            "with draws as (select estimate from results.fct_placebo_draws"
            " where spec_id = $1 and not is_failed),"
            " bounds as (select min(estimate) as low, max(estimate) as high from draws)"
            " select low + class * (high - low) / $2 as low,"
            " low + (class + 1) * (high - low) / $2 as high, count(*) as draws"
            " from (select *, least(floor((estimate - low) / nullif(high - low, 0) * $2), $2 - 1)"
            " as class from draws, bounds) group by 1, 2 order by 1",
            [item["spec_id"], CLASSES],
        )
        item["classes"] = classes
        estimate = item["estimate"]
        if classes and isinstance(estimate, float):
            charts[f"placebo_{item['spec_id']}"] = distributions.histogram(
                classes,
                estimate,
                Both(
                    "Placebo draws, and the estimate as a line", "安慰剂抽样分布，竖线为实际估计值"
                ).joined(),
                Both("placebo estimate", "安慰剂估计值").joined(),
                Both("draws", "次数").joined(),
            )
    return shown


def _curves(
    connection: duckdb.DuckDBPyConnection, charts: dict[str, Spec], study: Study
) -> list[dict[str, object]]:
    found = rows(
        connection,
        "select *, row_number() over (partition by spec_id order by estimate) as place"
        " from results.fct_specification_curve where status = 'estimated'"
        " order by spec_id, estimate",
    )
    shown = []
    for spec_id in dict.fromkeys(row["spec_id"] for row in found):
        own = [row for row in found if row["spec_id"] == spec_id]
        for row in own:
            p_value = row["p_value"]
            is_significant = isinstance(p_value, float) and p_value < 0.05
            row["is_significant"] = "p < 0.05" if is_significant else "p ≥ 0.05"
        charts[f"curve_{spec_id}"] = estimates.curve(
            [
                {
                    k: row[k]
                    for k in ("place", "estimate", "conf_low", "conf_high", "is_significant")
                }
                | {"controls": row["controls"] or "none"}
                for row in own
            ],
            Both("Estimates of all subsets of controls", "所有控制变量组合的估计值").joined(),
            Both("specification, by size of the estimate", "按估计值排序的设定").joined(),
            study.label(str(own[0]["treatment"])).joined(),
        )
        shown.append(
            {"id": spec_id, "rows": own, "treatment": study.label(str(own[0]["treatment"]))}
        )
    return shown


def _effects(
    connection: duckdb.DuckDBPyConnection, charts: dict[str, Spec], study: Study
) -> list[dict[str, object]]:
    found = rows(
        connection,
        "select * from results.fct_marginal_effects where status = 'estimated'"
        " order by spec_id, moderator_value",
    )
    shown = []
    for spec_id in dict.fromkeys(row["spec_id"] for row in found):
        own = [row for row in found if row["spec_id"] == spec_id]
        moderator = study.label(str(own[0]["moderator"]))
        charts[f"effect_{spec_id}"] = estimates.marginal_effects(
            own,
            Both("Effect along the moderator", "沿调节变量的边际效应").joined(),
            moderator.joined(),
            Both("marginal effect", "边际效应").joined(),
        )
        shown.append({"id": spec_id, "rows": own, "moderator": moderator})
    return shown


def _balances(
    connection: duckdb.DuckDBPyConnection, charts: dict[str, Spec]
) -> list[dict[str, object]]:
    found = rows(
        connection,
        "select spec_id, matching, variable, stage, standardized_bias, variance_ratio,"
        " n_treated, n_control from results.fct_covariate_balance where status = 'matched'"
        " order by spec_id, stage desc, variable",
    )
    # Specifications that share a matched sample share its balance.
    shown: dict[str, dict[str, object]] = {}
    for spec_id in dict.fromkeys(str(row["spec_id"]) for row in found):
        own = [row for row in found if row["spec_id"] == spec_id]
        key = repr([(r["variable"], r["stage"], number(r["standardized_bias"], 8)) for r in own])
        if key in shown:
            also = shown[key]["also"]
            assert isinstance(also, list)
            also.append(spec_id)
            continue
        own.sort(key=lambda row: row["stage"] != "before")
        charts[f"balance_{spec_id}"] = distributions.balance(
            [
                {
                    "variable": row["variable"],
                    "stage": Both("before", "匹配前").joined()
                    if row["stage"] == "before"
                    else Both("after", "匹配后").joined(),
                    "bias": row["standardized_bias"],
                }
                for row in own
            ],
            Both("Standardized bias before and after matching", "匹配前后的标准化偏差").joined(),
            Both("standardized bias, %", "标准化偏差（%）").joined(),
        )
        shown[key] = {"id": spec_id, "matching": own[0]["matching"], "rows": own, "also": []}
    return list(shown.values())


def _label(regression: Regression) -> str:
    """Name a line of the forest: what the specification is, and its row."""
    note, spec_id = regression.spec["note"], regression.spec["spec_id"]
    return f"{note} ({spec_id})" if note else str(spec_id)


def _on(treatment: Both, outcome: Both) -> Both:
    return Both(f"{treatment.en} on {outcome.en.lower()}", f"{treatment.zh}对{outcome.zh}的影响")
