"""The policies of a warehouse in the closing summary: whose list, what is lost, what uses it."""

from __future__ import annotations

import textwrap

import duckdb

_COLUMNS = (
    "policy_id, source, n_cities, n_rows_without_city, n_rows_faulty, n_rows_of_assumed_scope,"
    " n_cities_in_several_lists, n_cities_without_data, n_cities_left_out, n_specs, remark"
)


def policies_in_words(connection: duckdb.DuckDBPyConnection) -> str:
    """Return one paragraph for each row of ``reference.rpt_policies``; empty without any."""
    rows = connection.execute(
        f"select {_COLUMNS} from reference.rpt_policies order by policy_id"
    ).fetchall()
    lines = [
        textwrap.fill(
            _in_words(*row),
            width=96,
            initial_indent=" " * 11,
            subsequent_indent=" " * 13,
            break_on_hyphens=False,
        )
        for row in rows
    ]
    return "Policies   " + "\n".join(lines).lstrip() if lines else ""


def _in_words(
    policy: str,
    source: str,
    cities: int,
    without_city: int,
    faulty: int,
    assumed: int,
    repeated: int,
    absent: int,
    left_out: int,
    specs: int,
    remark: str | None,
) -> str:
    parts = [
        "seed's list" if source == "seed" else "your list, in place of the seed's",
        _counted(cities, "city", "cities"),
        repeated and f"{repeated} of them in several lists (the first date counts)",
        without_city and f"{_counted(without_city, 'row', 'rows')} without a known city",
        faulty and f"{_counted(faulty, 'row', 'rows')} rejected",
        assumed and f"{_counted(assumed, 'row', 'rows')} without a scope taken for whole cities",
        absent and f"{absent} not in the yearbook",
        left_out and f"{left_out} not in the sample",
        specs and _counted(specs, "regression", "regressions"),
    ]
    text = f"{policy}: {', '.join(part for part in parts if part)}"
    return f"{text}; {remark}" if remark else text


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
