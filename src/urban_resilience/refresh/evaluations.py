"""Keep what the expectations of every run found, published or not, beside the warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from urban_resilience.refresh.append_rows import append_run

RESULTS, OFFENDING_ROWS = "expectation_results.parquet", "offending_rows.parquet"
GATES = ("dq_raw", "dq_indices", "dq_panel", "dq_results")
# Results are small and kept for good; the rows behind them are for whoever looks into a failure.
KEPT_RUNS_OF_ROWS = 30


@dataclass(frozen=True)
class Evaluations:
    """How the expectations of one run fared.

    Attributes
    ----------
    errors
        Those of severity ``error`` that were not met.
    """

    errors: tuple[str, ...] = ()

    @property
    def reason(self) -> str | None:
        """Why nothing may be published, in words; None where nothing stands against it."""
        if not self.errors:
            return None
        return f"expectations not met: {', '.join(self.errors)}"


def keep_evaluations(folder: Path, run_id: int, built: Path, data_origin: str) -> Evaluations:
    """Append the evaluations of a run to the history.

    Parameters
    ----------
    folder
        Of the history; made where it is missing.
    run_id
        The run that built the file.
    built
        The file, whole or as far as a failed build came.
    data_origin
        ``simulated`` or ``supplied``.

    Returns
    -------
    Evaluations
        Empty where the build did not come to a gate.
    """
    if not built.exists():
        return Evaluations()
    with duckdb.connect(str(built), read_only=True) as connection:
        gates = connection.execute(
            "select table_name from information_schema.tables"
            " where table_schema = 'intermediate' and table_name in ?",
            [list(GATES)],
        ).fetchall()
        if not gates:
            return Evaluations()
        connection.execute(
            "create temp view evaluated as "
            + " union all by name ".join(f"select * from intermediate.{gate}" for (gate,) in gates)
        )
        columns = f"{run_id}::bigint as run_id, *, '{data_origin}' as data_origin"
        append_run(
            connection,
            folder / RESULTS,
            f"select * exclude (offending_rows) from (select {columns} from evaluated)",
            run_id,
            keep=None,
        )
        append_run(
            connection,
            folder / OFFENDING_ROWS,
            "select run_id, expectation_id, suite, relation, severity, data_origin,"
            " unnest(json_extract(offending_rows, '$[*]'))::varchar as row_values"
            f" from (select {columns} from evaluated)",
            run_id,
            keep=KEPT_RUNS_OF_ROWS,
        )
        errors = connection.execute(
            "select expectation_id from evaluated where not success and severity = 'error'"
            " order by expectation_id"
        ).fetchall()
    return Evaluations(tuple(name for (name,) in errors))
