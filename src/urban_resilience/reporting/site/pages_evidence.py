"""Replication, data quality and the dictionary."""

from __future__ import annotations

import duckdb

from urban_resilience.reporting.charts.distributions import shares
from urban_resilience.reporting.charts.style import Spec
from urban_resilience.reporting.dictionary import Column, read_marts
from urban_resilience.reporting.result_tables import read_result_tables
from urban_resilience.reporting.rows import Row, rows
from urban_resilience.reporting.site.page import Page
from urban_resilience.reporting.study_words import StudyWords, read_study_words
from urban_resilience.reporting.words import Both

# Of a series or a variable, beside its meaning.
MORE = ("unit", "formula", "source")


def replication_page(connection: duckdb.DuckDBPyConnection) -> Page:
    """Lay published figures beside ours, and hold the print against itself."""
    tables = read_result_tables(connection)
    found = rows(
        connection,
        "select table_id, column_id, spec_id, outcome, term, published_estimate,"
        " published_std_error, published_stars, estimate, std_error, stars, is_same_sign,"
        " is_same_significance, is_same_unit, published_n_obs, n_obs, status, reason, slips, note,"
        " form from results.rpt_replication order by table_id, position",
    )
    checks = rows(
        connection,
        "select table_id, column_id, check_id, is_consistent, finding"
        " from results.rpt_published_checks order by is_consistent, table_id, column_id",
    )
    counted = [row for row in found if row["is_same_sign"] is not None]
    context = {
        "rows": [
            {**row, "title": tables.title(str(row["table_id"]))}
            for row in sorted(found, key=lambda row: tables.order(row["table_id"]))
        ],
        "checks": checks,
        "n": len(counted),
        "n_sign": sum(bool(row["is_same_sign"]) for row in counted),
        "n_significance": sum(bool(row["is_same_significance"]) for row in counted),
        "n_slips": sum(row["is_consistent"] is False for row in checks),
    }
    return Page("replication", Both("Replication", "复现"), context)


def quality_page(connection: duckdb.DuckDBPyConnection) -> Page:
    """Lay out what was expected, filled, rejected, left out and revised."""
    imputed = rows(
        connection,
        "select series, year, filled / cells as share, filled, cells from ("
        "select series, year, count(*) filter (imputation_code <> 'observed') as filled,"
        " count(*) as cells from panel.fct_series where value is not null group by series, year)"
        " qualify sum(filled) over (partition by series) > 0 order by series, year",
    )
    charts: dict[str, Spec] = {}
    if imputed:
        charts["imputed"] = shares(
            [{k: row[k] for k in ("series", "year", "share")} for row in imputed],
            Both("Share of cells filled, by series and year", "各序列各年插补比例").joined(),
            Both("year", "年份").joined(),
            Both("share of cells filled", "插补比例").joined(),
        )
    context = {
        "expectations": rows(
            connection,
            "select expectation_id, suite, kind, severity, success, observed, n_unexpected, why"
            " from quality.fct_expectation_results where run_id ="
            " (select max(run_id) from quality.fct_expectation_results)"
            " order by success, severity, suite, expectation_id",
        ),
        "imputed": imputed,
        "files": rows(
            connection,
            "select table_name, source_file, rows_in, rows_accepted, rows_rejected, rows_set_aside,"
            " rows_merged, most_frequent_reason from quality.fct_raw_files order by 1, 2",
        ),
        "rejected": rows(
            connection,
            "select table_name, source_file, rule, any_value(reason) as reason, count(*) as n,"
            " min(source_row) as first_row from quality.fct_rejected_rows group by all"
            " order by n desc, 1, 2, 3 limit 100",
        ),
        "left_out": rows(
            connection,
            "select city_code, city_name_en, city_name_zh, reason from panel.fct_sample_decisions"
            " where not is_kept order by city_code",
        ),
        "revisions": rows(
            connection,
            "select revised_at::varchar as revised_at, city_code, year, series, value_before,"
            " value_after, change_kind from quality.fct_revisions"
            " order by revised_at desc, city_code, year, series limit 200",
        ),
        "suspicious": rows(
            connection,
            "select city_code, year, series, supplied_value, expected_value, times_expected, action"
            " from quality.fct_suspicious_cells order by 1, 2, 3 limit 200",
        ),
    }
    return Page("quality", Both("Data quality", "数据质量"), context, {"charts_quality": charts})


def dictionary_page(connection: duckdb.DuckDBPyConnection) -> Page:
    """Every relation with what it is made from, and its columns: unit, formula and source."""
    made_from = {
        relation: found
        for relation, found in connection.execute(
            "select relation, list(made_from order by made_from) from quality.fct_lineage"
            " group by relation"
        ).fetchall()
    }
    words = read_study_words(connection)
    more = {
        str(row["name"]): row
        for row in rows(
            connection,
            "select column_name as name, unit, unit_zh, null as formula, evidence as source"
            " from reference.raw_columns"
            " union all select variable, unit, null, formula, source"
            " from reference.panel_variables",
        )
    }
    data = [
        {
            "name": mart.relation,
            "meaning": mart.text,
            "zh": mart.text_zh,
            "made_from": made_from.get(mart.relation, []),
            "columns": [_told(column, more.get(column.name, {}), words) for column in mart.columns],
        }
        for mart in read_marts(connection)
    ]
    return Page("dictionary", Both("Dictionary", "数据字典"), {}, {"dictionary": data})


def _told(column: Column, more: Row, words: StudyWords) -> list[str]:
    """Return a line of the dictionary: what is English, then the Chinese of it that there is."""
    beside = [str(more.get(key) or "") for key in MORE]
    in_zh = [str(more.get(f"{key}_zh") or words.said_zh(more.get(key))) for key in MORE]
    line = [
        column.name,
        column.data_type.lower(),
        column.text,
        column.label_zh if column.label_zh != column.name else "",
        *beside,
        column.text_zh,
        *("" if said == text else said for said, text in zip(in_zh, beside, strict=True)),
    ]
    while not line[-1]:
        line.pop()
    return line
