"""The closing summary of a build: what is in the warehouse, what is not, and where to look next."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from pathlib import Path

import duckdb

from urban_resilience.reporting.freshness import supplied_tables
from urban_resilience.reporting.policies import policies_in_words
from urban_resilience.reporting.rows import unit_of

LINE = "-" * 78
# Columns of a table that fit beside its labels.
WIDEST_TABLE = 4


def print_summary(warehouse: Path, target: Path) -> None:
    """Print the summary of a freshly built warehouse.

    Parameters
    ----------
    warehouse
        The published DuckDB file.
    target
        dbt's target folder, whose ``run_results.json`` counts models and tests.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        sections = [
            _header(connection, warehouse),
            *map(
                unit_of(connection).said_en,
                (
                    _sample(connection),
                    policies_in_words(connection),
                    _freshness(warehouse),
                    _checks(target),
                    _expectations(connection),
                    _headline(connection),
                    _headline_table(connection),
                    _not_computed(connection),
                ),
            ),
            _next_steps(warehouse),
        ]
    print("\n" + "\n".join(section for section in sections if section))


def _header(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> str:
    origin = _scalar(connection, "select any_value(data_origin) from panel.fct_city_years")
    banner = (
        "\nSIMULATED DATA: every number below tests plumbing and proves nothing about the world."
        if origin == "simulated"
        else ""
    )
    return f"{LINE}\nWarehouse  {warehouse}   (data: {origin}){banner}\n{LINE}"


def _sample(connection: duckdb.DuckDBPyConnection) -> str:
    rows, cities, first, last = connection.execute(
        "select count(*), count(distinct city_code), min(year), max(year)"
        " from panel.fct_estimation_panel where is_estimation_sample"
    ).fetchall()[0]
    supplied = _scalar(connection, "select count(*) from panel.fct_sample_decisions")
    kept = _scalar(connection, "select count(*) from panel.fct_sample_decisions where is_kept")
    filled = _scalar(connection, "select count(value) from panel.fct_imputations")
    years = f"{first}-{last}" if rows else "none"
    rows_in, rejected, aside = connection.execute(
        "select sum(rows_in), sum(rows_rejected), sum(rows_set_aside) from quality.fct_raw_files"
    ).fetchall()[0]
    aside_too = f" and {aside:,} set aside" if aside else ""
    cells = dict(
        connection.execute(
            "select action, count(*) from quality.fct_suspicious_cells group by action"
        ).fetchall()
    )
    decided = sum(cells.values()) - cells.get("undecided", 0)
    return (
        f"Raw rows   {rejected:,} of {rows_in:,} rejected{aside_too}, in quality.fct_rejected_rows;"
        f" {sum(cells.values()):,} suspicious cells,\n"
        f"           {decided:,} of them decided, in quality.fct_suspicious_cells\n"
        f"Sample     {rows:,} city-years, {cities} cities, years {years}\n"
        f"           {kept} of {supplied} cities kept; {filled:,} raw cells filled,"
        " each listed in panel.fct_imputations"
    )


def _freshness(warehouse: Path) -> str:
    supplied = supplied_tables(warehouse)
    if not supplied:
        return ""
    stale = [str(table) for table in supplied if table.is_stale]
    if stale:
        return "Freshness  STALE: " + "\n           STALE: ".join(stale)
    newest = max(table.supplied_at for table in supplied)
    return (
        f"Freshness  newest raw file of {newest:%Y-%m-%d}, none older than its limit, in"
        " quality.rpt_freshness"
    )


def _checks(target: Path) -> str:
    path = target / "run_results.json"
    if not path.exists():
        return ""
    results = json.loads(path.read_text())["results"]
    counts = Counter((r["unique_id"].split(".")[0], r["status"]) for r in results)
    tests = counts["test", "pass"] + counts["unit_test", "pass"]
    warned = counts["test", "warn"]
    models = counts["model", "success"]
    return f"Checks     {models} models built, {tests} tests passed, {warned} warned, 0 failed"


def _expectations(connection: duckdb.DuckDBPyConnection) -> str:
    """Count those of the run in this file; errors would not have let it be published."""
    rows = connection.execute(
        "select expectation_id, success from quality.fct_expectation_results"
        " where run_id = (select max(run_id) from quality.fct_expectation_results) order by 1"
    ).fetchall()
    not_met = [name for name, success in rows if not success]
    head = f"Expected   {len(rows) - len(not_met)} of {len(rows)} expectations met"
    if not not_met:
        return head
    listed = textwrap.fill(
        f"to look at: {', '.join(not_met)} (quality.fct_offending_rows)",
        width=78,
        initial_indent=" " * 11,
        subsequent_indent=" " * 11,
    )
    return f"{head}\n{listed}"


def _headline(connection: duckdb.DuckDBPyConnection) -> str:
    spec_id = _scalar(
        connection,
        "select value from reference.study_settings where setting = 'headline_spec'",
    )
    if not spec_id:
        return ""
    row = connection.execute(
        "select fits.outcome, fits.treatment, fits.controls, fits.fixed_effects,"
        " estimate, std_error, p_value, fits.n_obs, fits.n_clusters,"
        " diagnostics.n_effective_clusters, diagnostics.remark"
        " from results.fct_coefficients"
        " inner join results.fct_model_fits as fits using (spec_id)"
        " inner join results.fct_fit_diagnostics as diagnostics using (spec_id)"
        " where spec_id = ? and term = fits.treatment",
        [spec_id],
    ).fetchone()
    if row is None:
        reasons = connection.execute(
            "select reason from results.fct_model_fits where spec_id = ?", [spec_id]
        ).fetchone()
        reason = reasons[0] if reasons else f"no row {spec_id} in regression_specs"
        return f"Headline   not estimable: {reason}"
    outcome, treatment, controls, effects, *found = row
    estimate, error, p_value, n_obs, clusters, effective, remark = found
    said = [f"{outcome} on {treatment}", "controls" if controls else "", _effects_in_words(effects)]
    what = ", ".join(part for part in said if part)
    lines = [
        f"Headline   {what}: {estimate:.4f}"
        f" (s.e. {error:.4f}, p {p_value:.3f}; N {n_obs:,}, {clusters} cities)"
    ]
    if effective is not None:
        lines.append(f"           {effective:.0f} effective clusters of {clusters}")
    beware = _scalar(
        connection,
        "select count(*) from results.fct_fit_diagnostics"
        " where remark is not null and status = 'estimated'",
    )
    if remark:
        lines.append(f"           but {remark}")
    lines.append(f"           {beware} estimates carry a remark: results.fct_fit_diagnostics")
    return "\n".join(lines)


def _effects_in_words(effects: str | None) -> str:
    """Name the effects: `year city_code` are year and city effects."""
    names = [name.removesuffix("_code").replace("^", " by ") for name in (effects or "").split()]
    return f"{' and '.join(names)} effects" if names else ""


def _headline_table(connection: duckdb.DuckDBPyConnection) -> str:
    """Lay out the table that the headline stands in, as wide as a terminal."""
    cells = connection.execute(
        "select cells.row_number, cells.row_label, cells.column_id, cells.position, cells.cell"
        " from results.rpt_tables as cells"
        " inner join results.fct_model_fits as fits using (table_id)"
        " inner join reference.study_settings as settings on settings.value = fits.spec_id"
        " where settings.setting = 'headline_spec'"
        # Sentences have no place in narrow columns: the headline says the one that matters most.
        " and cells.row_label not in ('Column is', 'Rows left out', 'Remark')"
        " order by cells.row_number, cells.position"
    ).fetchall()
    if not cells:
        return ""
    columns = list(dict.fromkeys(column for *_, column, _, _ in sorted(cells, key=_by_position)))
    shown = columns[:WIDEST_TABLE]
    unit = unit_of(connection)
    labels = {number: unit.said_en(label) for number, label, *_ in cells}
    found = {(number, column): cell for number, _, column, _, cell in cells}
    lines = ["Table", *labels.values()]
    rows = [[f"({column})" for column in shown]]
    rows += [[found.get((number, column)) or "" for column in shown] for number in labels]
    more = len(columns) - len(shown)
    widths = [max(12, 2 + max(len(row[place]) for row in rows)) for place in range(len(shown))]
    text = ""
    for label, row in zip(lines, rows, strict=True):
        laid = (f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
        text += f"\n{label:<40}{''.join(laid)}"
    return text + (f"\n{more} more columns: results.rpt_tables" if more else "")


def _by_position(cell: tuple) -> tuple[int, str]:
    _, _, column, position, _ = cell
    return (position if position is not None else 1_000, column)


def _not_computed(connection: duckdb.DuckDBPyConnection) -> str:
    # Regressions that fail for one reason share a line.
    rows = connection.execute(
        "select item_type, item, reason from quality.fct_availability"
        " where item_type in ('indicator', 'variable') and status in ('unavailable', 'left out')"
        " union all select 'regression', string_agg(spec_id, ', ' order by spec_id), reason"
        " from results.fct_model_fits where status = 'not_estimable' group by reason"
        " order by 1, 2"
    ).fetchall()
    if not rows:
        return (
            "\nNot computed: nothing; the raw data cover every indicator, variable and regression"
        )
    lines = [
        textwrap.fill(
            f"{kind:<11}{item}: {reason}",
            width=96,
            initial_indent="  ",
            subsequent_indent=" " * 13,
            break_on_hyphens=False,
        )
        for kind, item, reason in rows
    ]
    where = "quality.fct_availability, results.fct_model_fits"
    return f"\nNot computed ({where}):\n" + "\n".join(lines)


def _next_steps(warehouse: Path) -> str:
    pages = warehouse.with_suffix(".site") / "index.html"
    shown = f"  {pages} in a browser: all of it on pages\n" if pages.exists() else ""
    return (
        f"\nLook next\n{shown}"
        f"  duckdb.connect('{warehouse}', read_only=True) in Python, or the DuckDB shell\n"
        "  panel.fct_estimation_panel, indices.fct_index_scores, results.rpt_tables\n"
        "  `make docs` writes target/static_index.html: every model and column in words\n" + LINE
    )


def _scalar(connection: duckdb.DuckDBPyConnection, query: str) -> object:
    row = connection.execute(query).fetchone()
    return row[0] if row else None
