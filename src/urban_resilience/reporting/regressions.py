"""A row of `regression_specs` in words, and the SQL that gives its result."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from urban_resilience.reporting.remarks import remark_zh
from urban_resilience.reporting.rows import Row, rows
from urban_resilience.reporting.words import Both, design_in_words, number

# Where the numbers of a design stand, when not among the coefficients.
RELATIONS = {
    "event_study": "fct_event_study",
    "group_difference": "fct_group_differences",
    "mediation": "fct_indirect_effects",
    "bootstrap": "fct_resampled_inference",
    "wild_bootstrap": "fct_resampled_inference",
    "jackknife": "fct_resampled_inference",
    "placebo": "fct_resampled_inference",
    "shift_share": "fct_rotemberg_weights",
    "specification_curve": "fct_specification_curve",
}
EFFECTS_ZH = {"year": "年份", "city_code": "城市", "province": "省份"}


@dataclass(frozen=True)
class Regression:
    """One specification and what came of it.

    Attributes
    ----------
    spec
        Its row of `fct_model_fits`, with ``note`` of `regression_specs` and ``remark``.
    estimate
        Its row of `fct_coefficients` for the treatment; None where the design has none.
    words
        The specification in words.
    sql
        The query that gives its numbers.
    """

    spec: Row
    estimate: Row | None
    words: Both
    sql: str


def read_regressions(connection: duckdb.DuckDBPyConnection) -> list[Regression]:
    """Read every specification, in the order of the tables they stand in."""
    found = rows(
        connection,
        "select fits.*, specs.note, specs.timing, specs.partial_pilots, specs.matching,"
        " diagnostics.remark, diagnostics.rows_left_out as left_out"
        " from results.fct_model_fits as fits"
        " inner join reference.regression_specs as specs using (spec_id)"
        " left join results.fct_fit_diagnostics as diagnostics using (spec_id)"
        " order by fits.table_id nulls last, try_cast(fits.column_id as integer), fits.spec_id",
    )
    estimates = {
        row["spec_id"]: row
        for row in rows(
            connection,
            "select coefficients.* from results.fct_coefficients as coefficients"
            " inner join results.fct_model_fits as fits using (spec_id)"
            " where coefficients.term = fits.treatment",
        )
    }
    return [
        Regression(spec, estimates.get(spec["spec_id"]), in_words(spec), sql_of(spec))
        for spec in found
    ]


def in_words(spec: Row) -> Both:
    """Say what a specification does.

    Parameters
    ----------
    spec
        ``design``, ``outcome``, ``treatment``, ``controls``, ``fixed_effects``, ``cluster``,
        ``sample_filter`` and, where they apply, ``instrument``, ``policy_id``, ``moderator``,
        ``weights``, ``formula``.
    """
    design = design_in_words(str(spec["design"]))
    controls = str(spec["controls"] or "").replace(" ", ", ")
    effects = str(spec["fixed_effects"] or "").replace("_code", "").replace(" ", ", ")
    effects_zh = "、".join(map(_effect_zh, str(spec["fixed_effects"] or "").split()))
    parts = [
        Both(
            f"{design.en} of {spec['outcome']} on {spec['treatment']}",
            f"{design.zh}：被解释变量 {spec['outcome']}，核心解释变量 {spec['treatment']}",
        )
    ]
    for value, en, zh in (
        (spec.get("formula"), "formula {}", "公式 {}"),
        (spec.get("instrument"), "instrument {}", "工具变量 {}"),
        (spec.get("policy_id"), "policy {}", "政策 {}"),
        (spec.get("moderator"), "moderator {}", "调节变量 {}"),
        (controls or "none", "controls: {}", "控制变量：{}"),
        (effects or "none", "fixed effects: {}", "固定效应：{}"),
        (spec.get("weights"), "weights {}", "权重 {}"),
        (spec.get("cluster"), "errors clustered by {}", "标准误聚类到 {}"),
        (spec.get("sample_filter"), "sample: {}", "样本：{}"),
    ):
        if value:
            said = "无" if value == "none" else effects_zh if en.startswith("fixed") else value
            parts.append(Both(en.format(value), zh.format(said)))
    text = Both("; ".join(part.en for part in parts), "；".join(part.zh for part in parts))
    return Both(text.en[:1].upper() + text.en[1:], text.zh)


def _effect_zh(effect: str) -> str:
    """Say an absorbed effect; columns of the study's own keep their names."""
    return "×".join(EFFECTS_ZH.get(part, part) for part in effect.split("^"))


def sql_of(spec: Row) -> str:
    """Return the query that gives the numbers of a specification."""
    relation = RELATIONS.get(str(spec["design"]), "fct_coefficients")
    return f"select * from results.{relation} where spec_id = '{spec['spec_id']}'"


def result_in_words(regression: Regression) -> Both:
    """Say what was estimated, or why nothing was."""
    spec, found = regression.spec, regression.estimate
    if spec["status"] != "estimated":
        reason = str(spec["reason"])
        return Both(f"Not estimated: {reason}", f"未能估计：{remark_zh(reason)}")
    size = f"N = {spec['n_obs']:,}" if isinstance(spec["n_obs"], int) else ""
    if found is None:
        return Both(size, size)
    estimate, error, low, high = (
        number(found[name]) for name in ("estimate", "std_error", "conf_low", "conf_high")
    )
    p_value = _p_value(found["p_value"])
    return Both(
        f"{estimate} (s.e. {error}, 95% [{low}, {high}], p {p_value.en}); {size}",
        f"{estimate}（标准误 {error}，95%置信区间 [{low}, {high}]，p 值{p_value.zh}）；{size}",
    )


def _p_value(value: object) -> Both:
    if not isinstance(value, float):
        return Both("unknown", "未知")
    if value < 0.001:
        return Both("below 0.001", "小于 0.001")
    return Both(f"{value:.3f}", f" {value:.3f}")
