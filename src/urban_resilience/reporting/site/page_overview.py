"""The first page: the question, the answer, the state of the data, what could not be computed."""

from __future__ import annotations

import duckdb

from urban_resilience.reporting.charts.cities import spread
from urban_resilience.reporting.regressions import Regression, result_in_words
from urban_resilience.reporting.rows import rows, scalar
from urban_resilience.reporting.site.page import Page
from urban_resilience.reporting.site.study import Study
from urban_resilience.reporting.words import Both


def overview_page(
    connection: duckdb.DuckDBPyConnection, study: Study, regressions: list[Regression]
) -> Page:
    """Lay out the first page."""
    headline = next((r for r in regressions if r.spec["spec_id"] == study.headline_spec), None)
    context = {
        "headline": headline,
        "result": result_in_words(headline) if headline else None,
        "answer": _answer(headline, study) if headline else None,
        "facts": rows(
            connection,
            "select count(*) as city_years, count(distinct city_code) as cities,"
            " min(year) as first_year, max(year) as last_year"
            " from panel.fct_estimation_panel where is_estimation_sample",
        )[0],
        "fresh": rows(
            connection,
            "select table_name, supplied_at::date::varchar as supplied, newest_year,"
            " age_days, is_stale from quality.rpt_freshness where supplied_at is not null"
            " order by table_name",
        ),
        "verdict": rows(
            connection,
            "select count(*) as n, count(*) filter (not success) as not_met"
            " from quality.fct_expectation_results where run_id ="
            " (select max(run_id) from quality.fct_expectation_results)",
        )[0],
        "filled": scalar(connection, "select count(value) from panel.fct_imputations"),
        "rejected": scalar(connection, "select count(*) from quality.fct_rejected_rows"),
        "missing": rows(
            connection,
            "select item_type, item, reason from quality.fct_availability"
            " where item_type in ('indicator', 'variable')"
            " and status in ('unavailable', 'left out')"
            " union all"
            " select 'regression', string_agg(spec_id, ', ' order by spec_id), reason"
            " from results.fct_model_fits where status = 'not_estimable' group by reason"
            " order by 1, 2",
        ),
        "n_remarks": sum(bool(r.spec["remark"]) for r in regressions),
        "n_regressions": len(regressions),
        "top": _ranking(connection, study),
    }
    charts = {}
    by_year = rows(
        connection,
        "select year, " + ", ".join(
            f"quantile_cont(score, {share}) as p{name}"
            for name, share in ((5, 0.05), (25, 0.25), (50, 0.5), (75, 0.75), (95, 0.95))
        ) + " from indices.fct_index_scores where index_id = ? group by year order by year",
        [study.index_id],
    )  # fmt: skip
    if by_year:
        charts["spread"] = spread(
            by_year,
            Both(
                "Median of the index by year, with the middle half and nine tenths of the cities",
                "各年指数的中位数，以及中间一半与九成城市的范围",
            ).joined(),
            study.index_name.joined(),
        )
    context["by_year"] = by_year
    return Page("index", Both("Overview", "概览"), context, {"charts_index": charts})


def _answer(headline: Regression, study: Study) -> Both:
    """Answer the question in a sentence, by sign and significance alone."""
    found = headline.estimate
    outcome, treatment = study.label(study.outcome), study.label(study.treatment)
    if found is None:
        return Both("The data give no answer.", "数据未能给出答案。")
    estimate, p_value = found["estimate"], found["p_value"]
    assert isinstance(estimate, float)
    if not isinstance(p_value, float) or p_value >= 0.05:
        return Both(
            f"The data do not tell whether {outcome.en.lower()} moves with"
            f" {treatment.en.lower()}: the interval holds zero.",
            f"数据不能判断{treatment.zh}是否与{outcome.zh}同向变动：置信区间包含零。",
        )
    way = Both("higher", "高") if estimate > 0 else Both("lower", "低")
    return Both(
        f"Where {treatment.en.lower()} is higher than the city and the year lead one to expect,"
        f" {outcome.en.lower()} is {way.en} than expected too.",
        f"剔除城市与年份因素后，{treatment.zh}越高的城市，{outcome.zh}越{way.zh}。",
    )


def _ranking(connection: duckdb.DuckDBPyConnection, study: Study) -> list[dict[str, object]]:
    return rows(
        connection,
        "select scores.city_code, city_name_en as en, coalesce(city_name_zh, city_name_en) as zh,"
        " score, rank_in_year, scores.year from indices.fct_index_scores as scores"
        " where index_id = $1 and year = (select max(year) from indices.fct_index_scores"
        " where index_id = $1) order by rank_in_year, scores.city_code limit 10",
        [study.index_id],
    )
