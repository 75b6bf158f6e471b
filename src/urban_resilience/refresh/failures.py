"""The rows that failed dbt's tests, read from a build that is not to be published."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from urban_resilience.refresh.append_rows import replace_text

# Where `dbt build --store-failures` keeps them (`+schema` of the tests in dbt_project.yml).
SCHEMA = "quality_failures"
SHOWN = 5
# What is kept beside the warehouse of the last failed run.
FAILING_ROWS, KEPT = "failing_rows.json", 200


@dataclass(frozen=True)
class FailedTest:
    """A test and the first of the rows it found.

    Attributes
    ----------
    test
        Name of its table: the test's, shortened by dbt where it is longer than 63 letters.
    n_rows
        How many rows it found.
    rows
        The first of them, by column.
    """

    test: str
    n_rows: int
    rows: tuple[dict[str, object], ...]


def failing_rows(warehouse: Path, limit: int = SHOWN) -> list[FailedTest]:
    """Read what tests found, warnings included; tests that found nothing are left out.

    Parameters
    ----------
    warehouse
        File of a build with ``--store-failures``; one without has none.
    limit
        Rows to read of each test.

    Raises
    ------
    duckdb.Error
        The file cannot be opened.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = [_read(connection, name, limit) for name in _tables(connection)]
    return [test for test in found if test.n_rows]


def keep_failing_rows(folder: Path, run_id: int, built: Path) -> None:
    """Write what the tests of a failed build found to the folder: its file is about to go.

    Nothing is written where the build did not come to a file that can be read.
    """
    try:
        found = failing_rows(built, KEPT) if built.exists() else []
    except duckdb.Error:
        return
    content = {"run_id": run_id, "tests": [asdict(test) for test in found]}
    text = json.dumps(content, ensure_ascii=False, default=str)
    replace_text(folder / FAILING_ROWS, text)


def failed_tests(run_results: Path) -> set[str]:
    """Names of the tables of tests that failed, not only warned, by dbt's ``run_results.json``."""
    results = json.loads(run_results.read_text(encoding="utf-8"))["results"]
    return {
        result["relation_name"].split(".")[-1].strip('"')
        for result in results
        if result["status"] == "fail" and result.get("relation_name")
    }


def describe(test: FailedTest) -> str:
    """Few lines for a log: the count, and the first rows without their empty cells."""
    shown = f", the first {len(test.rows)}" if len(test.rows) < test.n_rows else ""
    lines = [f"{test.test}: {test.n_rows:,} failing rows{shown}"]
    for row in test.rows:
        lines.append(
            "  " + ", ".join(f"{name}={value}" for name, value in row.items() if value is not None)
        )
    return "\n".join(lines)


def drop_empty_failures(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave in a file that is to be published only what tests did find: warnings, or nothing."""
    kept = 0
    for name in _tables(connection):
        if _read(connection, name, 0).n_rows:
            kept += 1
        else:
            connection.execute(f"drop table {_relation(name)}")
    if not kept:
        connection.execute(f"drop schema if exists {SCHEMA}")


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select table_name from information_schema.tables where table_schema = ? order by 1",
        [SCHEMA],
    ).fetchall()
    return [name for (name,) in rows]


def _read(connection: duckdb.DuckDBPyConnection, name: str, limit: int) -> FailedTest:
    ((n_rows,),) = connection.execute(f"select count(*) from {_relation(name)}").fetchall()
    # Sorted, so that the same failure is shown alike on any machine.
    read = connection.execute(f"select * from {_relation(name)} order by all limit {limit:d}")
    columns = [column[0] for column in read.description]
    rows = tuple(dict(zip(columns, row, strict=True)) for row in read.fetchall())
    return FailedTest(name, n_rows, rows)


def _relation(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'{SCHEMA}."{escaped}"'
