"""A regression in words, from raw city-years to its N, with its result and where it is shown."""

from __future__ import annotations

from difflib import get_close_matches

import duckdb

from urban_resilience.reporting.explain.city_year import NothingToExplainError
from urban_resilience.reporting.regressions import read_regressions, result_in_words
from urban_resilience.reporting.result_tables import read_result_tables
from urban_resilience.reporting.rows import Row, rows, unit_of


def explain_specification(connection: duckdb.DuckDBPyConnection, spec_id: str) -> str:
    """Say what a row of `regression_specs` does and what came of it.

    Raises
    ------
    NothingToExplainError
        There is no such row; the message names near ones.
    """
    all_of_them = read_regressions(connection)
    found = next((r for r in all_of_them if r.spec["spec_id"] == spec_id), None)
    if found is None:
        names = [str(r.spec["spec_id"]) for r in all_of_them]
        near = get_close_matches(spec_id, names, 3, 0.4) or names[:3]
        raise NothingToExplainError(
            f"there is no row {spec_id!r} in regression_specs; near it: {', '.join(near)}"
        )
    # Notes and titles are the study's own words, these are ours.
    spec, said = found.spec, unit_of(connection).said_en
    lines = [f"{spec_id}: {spec['note']}" if spec["note"] else spec_id, said(found.words.en), ""]
    lines += map(said, _sample(connection, spec))
    lines += ["", f"Result: {result_in_words(found).en}"]
    if spec["remark"]:
        lines.append(said(f"But: {spec['remark']}"))
    if spec["table_id"]:
        title = read_result_tables(connection).title(str(spec["table_id"])).en
        lines.append(f"Shown in: {title}, column {spec['column_id']} (results.rpt_tables)")
    lines.append(f"SQL: {found.sql}")
    return "\n".join(lines)


def _sample(connection: duckdb.DuckDBPyConnection, spec: Row) -> list[str]:
    """From the rows of the yearbook to the rows of the regression, each step with what it loses."""
    raw = rows(
        connection,
        "select coalesce(sum(rows_in), 0)::bigint as n, coalesce(sum(rows_accepted), 0)::bigint"
        " as accepted from quality.fct_raw_files where table_name = 'city_yearbook'",
    )[0]
    panel = rows(
        connection,
        "select count(*) as n, count(distinct city_code) as cities,"
        " count(*) filter (is_estimation_sample) as sample from panel.fct_estimation_panel",
    )[0]
    steps = [
        (raw["n"], "rows of the yearbook"),
        (raw["accepted"], "of them accepted"),
        (panel["n"], f"city-years of the {panel['cities']} cities kept, in the study years"),
        (panel["sample"], "of them with every variable that decides on the sample"),
        (spec["n_selected"], f"selected by {spec['sample_filter'] or 'no filter'}"),
        (spec["n_obs"], "used" + (f"; left out: {spec['left_out']}" if spec["left_out"] else "")),
    ]
    return [f"{count:>9,} {what}" for count, what in steps if isinstance(count, int)]
