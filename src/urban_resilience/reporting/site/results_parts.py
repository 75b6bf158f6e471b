"""Charts of the page of results, each with its numbers: one entry a specification."""

from __future__ import annotations

import duckdb

from urban_resilience.reporting.charts import distributions, estimates
from urban_resilience.reporting.charts.style import Spec
from urban_resilience.reporting.rows import grouped, rows
from urban_resilience.reporting.site.study import Study
from urban_resilience.reporting.words import Both, matching_in_words, number

CLASSES = 40
METHODS = {
    "row_bootstrap": Both("rows drawn (as printed)", "按行抽样（同原文）"),
    "row_permutation": Both("rows shuffled", "打乱各行分组"),
    "city_bootstrap": Both("clusters drawn", "按个体整群抽样"),
    "city_permutation": Both("clusters shuffled", "打乱个体分组"),
}
ESTIMATORS = {
    "two_way_fixed_effects": Both("two-way fixed effects", "双向固定效应"),
    "sun_abraham": Both("Sun and Abraham (2021)", "Sun-Abraham（2021）"),
}
TIME = Both("years since the policy", "政策实施后的年数")


def events(
    connection: duckdb.DuckDBPyConnection, charts: dict[str, Spec], study: Study
) -> list[dict[str, object]]:
    """Leads and lags by policy, with the test of the trends before."""
    found = rows(
        connection,
        "select events.*, fits.policy_id from results.fct_event_study as events"
        " inner join results.fct_model_fits as fits using (spec_id)"
        " where events.status = 'estimated' order by spec_id, estimator desc, event_time",
    )
    shown: list[dict[str, object]] = []
    for spec_id, own in grouped(found).items():
        drawn = [
            {
                "event_time": row["event_time"],
                "estimator": ESTIMATORS[str(row["estimator"])].joined(),
                "estimate": 0.0 if row["is_base"] else row["estimate"],
                "conf_low": row["conf_low"],
                "conf_high": row["conf_high"],
            }
            for row in own
            if row["is_base"] or row["estimate"] is not None
        ]
        policy = study.words.policy(str(own[0]["policy_id"]))
        charts[f"event_{spec_id}"] = estimates.event_study(
            drawn,
            Both(f"Leads and lags: {policy.en}", f"{policy.zh}的前后各期系数").joined(),
            TIME.joined(),
            study.label(str(study.outcome)).joined(),
        )
        tests = list(
            {
                row["estimator"]: (
                    ESTIMATORS[str(row["estimator"])],
                    row["pre_trend_p_value"],
                    row["mean_effect"],
                    row["mean_effect_std_error"],
                    row["mean_effect_p_value"],
                )
                for row in own
            }.values()
        )
        shown.append({"id": spec_id, "policy": policy, "rows": own, "tests": tests})
    return shown


def differences(
    connection: duckdb.DuckDBPyConnection, charts: dict[str, Spec], study: Study
) -> list[dict[str, object]]:
    """Compare two groups by every method, each with the distribution its p-value is read from."""
    found = rows(
        connection,
        "select spec_id, group_column, method, estimate_group_1, estimate_group_0, difference,"
        " p_greater, p_less, p_two_sided, std_error, conf_low, conf_high, draws, status, reason"
        " from results.fct_group_differences order by spec_id, method",
    )
    shown = []
    for spec_id, own in grouped(found).items():
        classes = _classes(
            connection,
            "select method, difference as value from results.fct_group_difference_draws",
            spec_id,
        )
        difference = own[0]["difference"]
        if classes and isinstance(difference, float):
            charts[f"difference_{spec_id}"] = distributions.null_distributions(
                [{**row, "method": _method(row["method"]).joined()} for row in classes],
                difference,
                Both(
                    "Differences drawn under equality of the groups, and the estimate as a line",
                    "两组相等假设下的系数差异分布，竖线为实际差异",
                ).joined(),
                Both("difference under equality", "相等假设下的差异").joined(),
                Both("draws", "次数").joined(),
            )
        shown.append(
            {
                "id": spec_id,
                "group": study.label(str(own[0]["group_column"])),
                "reason": own[0]["reason"],
                "rows": own if own[0]["status"] == "estimated" else [],
                "classes": classes,
            }
        )
    return shown


def _method(method: object) -> Both:
    return METHODS.get(str(method), Both(str(method), str(method)))


def placebos(
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
        classes = _classes(
            connection,
            "select 'placebo' as method, estimate as value from results.fct_placebo_draws",
            str(item["spec_id"]),
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


def _classes(
    connection: duckdb.DuckDBPyConnection, drawn: str, spec_id: str
) -> list[dict[str, object]]:
    """Draws of a specification in classes of one width, which all its methods share.

    ``drawn`` selects ``method`` and ``value`` of all specifications.
    """
    return rows(
        connection,
        f"with draws as ({drawn} where spec_id = $1 and not is_failed),"
        " bounds as (select min(value) as low, max(value) as high from draws)"
        " select method, low + class * (high - low) / $2 as low,"
        " low + (class + 1) * (high - low) / $2 as high, count(*) as draws"
        " from (select *, least(floor((value - low) / nullif(high - low, 0) * $2), $2 - 1)"
        " as class from draws, bounds) group by 1, 2, 3 order by 1, 2",
        [spec_id, CLASSES],
    )


def curves(
    connection: duckdb.DuckDBPyConnection, charts: dict[str, Spec], study: Study
) -> list[dict[str, object]]:
    """Estimates under every subset of the controls."""
    found = rows(
        connection,
        "select *, row_number() over (partition by spec_id order by estimate) as place"
        " from results.fct_specification_curve where status = 'estimated'"
        " order by spec_id, estimate",
    )
    shown = []
    for spec_id, own in grouped(found).items():
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


def effects(
    connection: duckdb.DuckDBPyConnection, charts: dict[str, Spec], study: Study
) -> list[dict[str, object]]:
    """Effects of the treatment along the moderator."""
    found = rows(
        connection,
        "select * from results.fct_marginal_effects where status = 'estimated'"
        " order by spec_id, moderator_value",
    )
    shown = []
    for spec_id, own in grouped(found).items():
        moderator = study.label(str(own[0]["moderator"]))
        charts[f"effect_{spec_id}"] = estimates.marginal_effects(
            own,
            Both("Effect along the moderator", "沿调节变量的边际效应").joined(),
            moderator.joined(),
            Both("marginal effect", "边际效应").joined(),
        )
        shown.append({"id": spec_id, "rows": own, "moderator": moderator})
    return shown


def balances(
    connection: duckdb.DuckDBPyConnection, charts: dict[str, Spec]
) -> list[dict[str, object]]:
    """Bias of the covariates before and after matching."""
    found = rows(
        connection,
        "select spec_id, matching, variable, stage, standardized_bias, variance_ratio,"
        " n_treated, n_control from results.fct_covariate_balance where status = 'matched'"
        " order by spec_id, stage desc, variable",
    )
    # Specifications that share a matched sample share its balance.
    shown: dict[str, dict[str, object]] = {}
    for spec_id, own in grouped(found).items():
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
        shown[key] = {
            "id": spec_id,
            "matching": matching_in_words(own[0]["matching"]),
            "rows": own,
            "also": [],
        }
    return list(shown.values())
