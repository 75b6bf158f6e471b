"""The raw part of real builds, as a process of its own: the environment of others stays as it is.

Argument: a file of jobs, JSON: by name the raw folder and the workspace of every night. Prints what
`run_nights` returns as its last line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from support.dbt import ROOT
from support.raw_stage import GATE, OPTIONS, SELECTION


def run_nights(marts: Path, raws: dict[str, Path], workspace: Path) -> dict[str, dict]:
    """Build every folder with dbt after the same published night.

    Returns
    -------
    dict
        By name: `refused`, the intake's message; `failed`, the tests that failed; `unmet`, the
        expectations not met; `changed`, the raw tables whose profiles are not those published.
    """
    jobs = workspace / "jobs.json"
    workspace.mkdir()
    jobs.write_text(
        json.dumps(
            {
                name: (str(raw), str(workspace / f"night_{i}"))
                for i, (name, raw) in enumerate(raws.items())
            }
        )
    )
    finished = subprocess.run(
        [sys.executable, "-m", "support.real_nights", str(jobs)],
        cwd=ROOT / "tests" / "python",
        env=os.environ | {"PUBLISHED_MARTS_DIR": str(marts), "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-4000:] + finished.stdout[-4000:]
    return json.loads(finished.stdout.splitlines()[-1])


def _nights(jobs: dict[str, list[str]]) -> dict[str, dict]:
    manifest, found = None, {}
    for name, (raw, workspace) in jobs.items():
        found[name], manifest = _night(Path(raw), Path(workspace), manifest)
    return found


def _night(raw: Path, workspace: Path, manifest):
    import duckdb
    from dbt.cli.main import dbtRunner

    from urban_resilience.intake import IntakeError, prepare

    found = {"refused": "", "failed": [], "unmet": [], "changed": []}
    try:
        prepare(raw, workspace / "contract")
    except IntakeError as error:
        return found | {"refused": str(error)}, manifest
    warehouse = workspace / "urban_resilience.duckdb"
    os.environ |= {
        "RAW_DATA_DIR": str(workspace / "contract"),
        "WAREHOUSE_PATH": str(warehouse),
        "DBT_TARGET_PATH": str(workspace / "target"),
        "DBT_LOG_PATH": str(workspace / "logs"),
    }
    if manifest is None:
        manifest = dbtRunner().invoke(["parse", *OPTIONS]).result
    build = dbtRunner(manifest=manifest).invoke(["build", *SELECTION, *OPTIONS])
    found["failed"] = [r.node.name for r in build.result if str(r.status) in ("fail", "error")]
    with duckdb.connect(str(warehouse)) as connection:
        if GATE in _column(connection, "select table_name from duckdb_tables()"):
            found["unmet"] = _column(
                connection, f"select expectation_id from intermediate.{GATE} where not success"
            )
            found["changed"] = _column(
                connection,
                "select distinct table_name from quality.fct_raw_profiles "
                "where status in ('changed', 'withdrawn', 'added') order by all",
            )
    return found, manifest


def _column(connection, query: str) -> list[str]:
    return [row[0] for row in connection.execute(query).fetchall()]


if __name__ == "__main__":
    print(json.dumps(_nights(json.loads(Path(sys.argv[1]).read_text()))))
