"""What `scale` times besides the member stage; each function runs in a process of its own."""

from __future__ import annotations

from typing import Any

import duckdb

from benchmarks.isolated import Watch
from benchmarks.member_workers import copy_small_table, run_statements
from benchmarks.spill import Spill


def region_years(
    watch: Watch,
    warehouse: str,
    upstream: str,
    copied: list[str],
    statements: list[dict[str, Any]],
    settings: dict[str, str],
    n_region_years: int,
) -> dict[str, Any]:
    """Run the index models on as many copies of the study's cities as make that many city-years."""
    connection = duckdb.connect(warehouse, config=settings)
    connection.execute(f"attach '{upstream}' as upstream (read_only)")
    found = connection.execute(
        "select count(*) from (select distinct city_code, year"
        " from upstream.intermediate.int_index_population)"
    ).fetchone()
    n_copies = -(-n_region_years // found[0])
    for relation in copied:
        copy_small_table(connection, relation, [f"-{number}" for number in range(n_copies)])
    connection.execute("detach upstream")
    with Spill(warehouse) as spill, watch:
        seconds = run_statements(connection, statements)
    steps: dict[str, dict[str, Any]] = {name: {"seconds": s} for name, s in seconds.items()}
    for statement in statements:
        counted = connection.execute(f"select count(*) from {statement['relation']}").fetchone()
        steps[statement["name"]]["rows"] = counted[0]
    return {"steps": steps, "region_years": found[0] * n_copies, "spilled_mb": spill.peak_mb}
