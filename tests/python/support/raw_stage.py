"""A nightly build up to its raw gate, without a dbt process for every folder.

dbt builds the clean folder once. For every other folder the same process registers its files with
the project's own macro and runs the SQL that dbt compiled, models and data tests, as far as it
reads a file that is another than before. The SQL depends on the data only through the views of the
raw files, which the macro makes anew, and through the data origin, which is the same for all
folders of a test. `test_fuzz.py` holds some folders against the real thing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import duckdb
import pandas as pd
from dbt.adapters.factory import FACTORY
from dbt.cli.main import dbtRunner
from dbt_common.context import get_invocation_context
from dbt_common.exceptions import DbtBaseException

from support.dbt import ROOT
from urban_resilience.intake import IntakeError, prepare
from urban_resilience.intake.conversion.link import needs_nothing
from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.reading.read_frames import read_small_parquet
from urban_resilience.intake.recognition import sources as sources_module
from urban_resilience.intake.vocabulary.contract import Table
from urban_resilience.quality.evaluate import evaluate_layer
from urban_resilience.quality.expectations import Expectation, read_expectations
from urban_resilience.shared.digest import digest_file

# With the seed of plausible medians, which a test reads but not the gate.
SELECTION = ("--select", "+dq_raw", "raw_columns", "--indirect-selection", "cautious")
SELECTION = (*SELECTION, "--exclude-resource-type", "unit_test")
OPTIONS = ("--project-dir", str(ROOT), "--profiles-dir", str(ROOT), "--quiet")
GATE = "dq_raw"
STAGED = {
    "city_yearbook": "select * from staging.stg_yearbook__city_years",
    "platform_members": """
        select members.* exclude (city_id, industry_id), city_code, industry_code
        from staging.stg_platform__members as members
        join staging.stg_platform__cities using (city_id)
        join staging.stg_platform__industries using (industry_id)
    """,
    "platform_member_counts": "select * from staging.stg_platform__member_counts",
    "input_output_flows": "select * from staging.stg_input_output__flows",
    "industry_output": "select * from staging.stg_input_output__industry_output",
    "economic_census_employment": "select * from staging.stg_census__employment",
    "national_series": "select * from staging.stg_national__series",
    "policy_pilots": "select * from staging.stg_policy__pilots",
}
# Marts that the raw gate compares with, as a build that was let through would publish them.
PUBLISHED = {
    "quality.fct_raw_profiles": "select * from quality.fct_raw_profiles",
    "reference.fct_policy_batches": """
        select
            policy_id, city_code, batch,
            min(year) filter (where scope = 'full') as first_full_year,
            min(year) filter (where scope = 'partial') as first_partial_year,
            (select any_value(data_origin) from quality.fct_raw_profiles) as data_origin
        from intermediate.int_policy_pilots_listed
        group by policy_id, city_code, batch
    """,
}
REJECTED = """
    select table_name, source_file, source_row, rule, reason from quality.fct_rejected_rows
"""


# What some unmet expectations found, and whether it will do.
Enough = Callable[[tuple[dict, ...]], bool]


@dataclass(frozen=True)
class Night:
    """What the raw part of a build made of a folder.

    Attributes
    ----------
    refused
        Message of the intake or of the raw contract; empty where the folder could be read.
    failed_tests
        Messages of the data tests that stop the build, by test.
    changed
        Raw tables whose staged rows are not those of the clean folder.
    rejected
        Rows rejected here and not in the clean folder: table, file, row, rule, reason.
    unmet
        Expectations that find here what they do not find in the clean folder, as `dq_raw` has
        them, with these rows alone; evaluated only where rows changed and no test failed.
    """

    refused: str = ""
    failed_tests: dict[str, str] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    rejected: tuple[tuple, ...] = ()
    unmet: tuple[dict, ...] = ()

    @property
    def is_stopped(self) -> bool:
        """Whether readers keep what they had."""
        errors = any(result["severity"] == "error" for result in self.unmet)
        return bool(self.refused or self.failed_tests or errors)


@dataclass(frozen=True)
class Node:
    """A compiled model or data test, and the raw tables that it reads directly or not."""

    name: str
    relation: str
    code: str
    reads: frozenset[str]


class RawStage:
    """The compiled raw part of the project, with a clean folder published.

    Parameters
    ----------
    workspace
        Folder for everything that is written; must not be there.
    clean
        Raw folder of the first night.
    """

    def __init__(self, workspace: Path, clean: Path):
        self.workspace, self.contract = workspace, workspace / "contract"
        self.warehouse = workspace / "warehouse" / "urban_resilience.duckdb"
        self.marts = workspace / "marts"
        self.warehouse.parent.mkdir(parents=True)
        self.marts.mkdir()
        # Digests of the prepared files: those that readers have, those that the tables are of.
        self.published: dict[str, str] = {}
        self.built: dict[str, str] = {}
        self.views: dict[tuple, list[str]] = {}
        _prepare(clean, self.contract)
        self._compile()
        self.publish(clean)

    def publish(self, clean: Path, is_first_night: bool = False) -> None:
        """Make a clean folder the published one, or what a first night would have found.

        Parameters
        ----------
        clean
            Raw folder without a fault.
        is_first_night
            Whether nothing is published: other folders are then judged by themselves alone.
        """
        _prepare(clean, self.contract)
        for file in self.marts.glob("*.parquet"):
            file.unlink()
        with self._connection() as connection:
            for _ in ("first night", "second night")[: 1 if is_first_night else 2]:
                self._macro("register_raw_inputs")
                self._macro("register_earlier_runs")
                self._run_models(connection, self.models)
                if not is_first_night:
                    for mart, query in PUBLISHED.items():
                        file = self.marts / f"{mart}.parquet"
                        connection.execute(f"copy ({query}) to '{file}' (format parquet)")
            self.published = self.built = self._digests()
            connection.execute("create schema if not exists clean")
            for table, query in STAGED.items():
                connection.execute(f"create or replace table clean.{table} as {query}")
            connection.execute(f"create or replace table clean.rejected as {REJECTED}")
            self.frames = self._frames(connection)
        results = evaluate_layer("raw", self.seed, self.frames)
        self.results = {r["expectation_id"]: r for r in results.to_dict("records")}
        stopping = [r["message"] for r in self.results.values() if _stops(r)]
        assert not stopping, stopping

    def judge(self, raw: Path, is_enough: Enough) -> Night:
        """Say what tonight's build makes of a folder.

        Parameters
        ----------
        raw
            Folder as it lies there tonight.
        is_enough
            Whether what some expectations found will do; else more are evaluated.
        """
        try:
            _prepare(raw, self.contract)
        except IntakeError as error:
            return Night(refused=str(error))
        with self._connection() as connection:
            try:
                self._register(connection)
            except DbtBaseException as error:
                return Night(refused=str(error))
            other = self._others(self.built)
            # What is built is not known until all of it is.
            self.built = {name: digest for name, digest in self.built.items() if name not in other}
            self._run_models(connection, [m for m in self.models if m.reads & other])
            self.built = self._digests()
            other = self._others(self.published)
            staged = {m.name for m in self.models if m.reads & other}
            changed = tuple(
                table
                for table, query in STAGED.items()
                if any(f".{name} " in f"{query} " for name in staged)
                and _differs(connection, table, query)
            )
            rejected = connection.execute(
                f"{REJECTED} except all select * from clean.rejected"
            ).fetchall()
            failed = dict(self._failed_tests(connection, other))
            if failed or not changed:
                return Night("", failed, changed, tuple(rejected))
            unmet = self._unmet(self._frames(connection), is_enough)
            return Night("", {}, changed, tuple(rejected), unmet)

    def _compile(self) -> None:
        environment = {
            "RAW_DATA_DIR": str(self.contract),
            "WAREHOUSE_PATH": str(self.warehouse),
            "DBT_TARGET_PATH": str(self.workspace / "target"),
            "DBT_LOG_PATH": str(self.workspace / "logs"),
            "DO_NOT_TRACK": "1",
        }
        with patch.dict("os.environ", environment):
            build = dbtRunner().invoke(["build", *SELECTION, *OPTIONS])
        assert build.success, build.exception or [r.message for r in build.result if r.message]
        nodes = {r.node.unique_id: r.node for r in build.result}
        gate = next(node for node in nodes.values() if node.name == GATE)
        self.audited = {
            nodes[parent].name: nodes[parent].relation_name
            for parent in gate.depends_on.nodes
            if parent.startswith("model.")
        }
        compiled = [node for node in nodes.values() if getattr(node, "compiled_code", None)]
        self.models = [
            _node(node, nodes)
            for node in compiled
            if node.resource_type == "model" and node.language == "sql"
        ]
        # The gate's own tests are left to `_unmet`.
        self.tests = [
            _node(node, nodes)
            for node in compiled
            if node.resource_type == "test"
            and node.config.severity.lower() == "error"
            and gate.unique_id not in node.depends_on.nodes
        ]
        with self._connection() as connection:
            seed = connection.sql("select * from reference.data_expectations").df()
        self.seed = seed[seed["layer"] == "raw"].reset_index(drop=True)

    @contextmanager
    def _connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open dbt's own connection, with what its macros read outside of a command."""
        self.adapter = FACTORY.adapters["duckdb"]
        with self.adapter.connection_named("raw_stage"):
            get_invocation_context().env.update(
                RAW_DATA_DIR=str(self.contract), PUBLISHED_MARTS_DIR=str(self.marts)
            )
            connection = self.adapter.connections.get_thread_connection().handle.cursor()._cursor
            # Every folder is prepared at the same place: what was read there before is stale.
            connection.execute("set enable_external_file_cache = false")
            connection.execute("set threads = 1")
            yield connection

    def _macro(self, name: str) -> None:
        self.adapter.execute_macro(name, macro_resolver=self.adapter._macro_resolver)

    def _register(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the views of the raw files, which depend on the files' columns and types alone."""
        columns = self._columns(connection)
        if columns in self.views:
            for view in self.views[columns]:
                connection.execute(view)
            return
        self._macro("register_raw_inputs")
        views = connection.execute(
            "select sql from duckdb_views() where schema_name = 'raw'"
        ).fetchall()
        self.views[columns] = [sql.replace("CREATE", "CREATE OR REPLACE", 1) for (sql,) in views]

    def _columns(self, connection: duckdb.DuckDBPyConnection) -> tuple:
        return tuple(
            (file.name, *connection.execute(f"describe from read_parquet('{file}')").fetchall())
            for file in sorted(self.contract.glob("*.parquet"))
        )

    def _digests(self) -> dict[str, str]:
        return {file.stem: digest_file(file) for file in self.contract.glob("*.parquet")}

    def _others(self, known: dict[str, str]) -> set[str]:
        """Prepared files that are not as known."""
        now = self._digests()
        return {name for name in now.keys() | known.keys() if now.get(name) != known.get(name)}

    def _run_models(self, connection: duckdb.DuckDBPyConnection, models: list[Node]) -> None:
        for model in models:
            connection.execute(f"create or replace table {model.relation} as {model.code}")

    def _failed_tests(self, connection, other: set[str]) -> Iterator[tuple[str, str]]:
        for test in self.tests:
            if not test.reads & other:
                continue
            try:
                # As dbt does: a test fails where it finds rows.
                faults = connection.execute(f"select count(*) from ({test.code})").fetchall()[0][0]
            except duckdb.Error as error:
                yield test.name, str(error)
                continue
            if faults:
                yield test.name, f"{faults} rows"

    def _frames(self, connection: duckdb.DuckDBPyConnection) -> dict[str, pd.DataFrame]:
        return {
            name: connection.sql(f"select * from {relation}").df()
            for name, relation in self.audited.items()
        }

    def _unmet(self, frames: dict[str, pd.DataFrame], is_enough: Enough) -> tuple[dict, ...]:
        """Evaluate what reads other cells than in the clean folder.

        Errors and the comparison with last night go first, the other warnings only where those do
        not say enough.
        """
        columns = {name: frame.columns for name, frame in frames.items()}
        expectations = read_expectations(self.seed, "raw", columns)
        stale = [e for e in expectations if not self._is_as_clean(e, frames)]
        unmet: tuple[dict, ...] = ()
        for is_first in (True, False):
            ids = [e.expectation_id for e in stale if _is_first(e) == is_first]
            seed = self.seed[self.seed["expectation_id"].isin(ids)]
            results = evaluate_layer("raw", seed, frames).to_dict("records") if ids else []
            unmet += tuple(self._new(results))
            if is_enough(unmet):
                break
        return unmet

    def _is_as_clean(self, expectation: Expectation, frames: dict[str, pd.DataFrame]) -> bool:
        name = expectation.relation
        read = {*expectation.columns, *expectation.key_columns}
        read |= {column for column in frames[name] if column in expectation.row_filter}
        columns = [column for column in frames[name] if column in read]
        now, clean = frames[name], self.frames[name]
        return len(now) == len(clean) and now[columns].equals(clean[columns])

    def _new(self, results: list[dict]) -> Iterator[dict]:
        """Yield results that are not met, with the rows that the clean folder does not have."""
        for result in results:
            clean = self.results[result["expectation_id"]]
            known = json.loads(clean["offending_rows"])
            rows = [row for row in json.loads(result["offending_rows"]) if row not in known]
            if not result["success"] and (rows or clean["success"]):
                yield result | {"offending_rows": json.dumps(rows, ensure_ascii=False)}


def _prepare(raw: Path, contract: Path) -> None:
    """Run the intake; what it asks of a file that it has seen, it remembers."""
    with (
        patch.object(sys.modules[prepare.__module__], "needs_nothing", _needs_nothing),
        patch.object(sources_module, "read_small_parquet", _read_small_parquet),
    ):
        prepare(raw, contract)


def _needs_nothing(path: Path, table: Table) -> bool:
    return _remembered(needs_nothing, path, table)


def _read_small_parquet(path: Path, name: str) -> Grid:
    return _remembered(read_small_parquet, path, name)


_ANSWERS: dict[tuple, object] = {}


def _remembered(question: Callable, path: Path, *arguments):
    """Answer of a pure function of a file: clean files are links to the same in every folder."""
    state = path.stat()
    key = (question, state.st_ino, state.st_mtime_ns, state.st_size, *map(str, arguments))
    if key not in _ANSWERS:
        _ANSWERS[key] = question(path, *arguments)
    return _ANSWERS[key]


def _is_first(expectation: Expectation) -> bool:
    return expectation.severity == "error" or expectation.relation == "fct_raw_profiles"


def _stops(result: dict) -> bool:
    return result["severity"] == "error" and not result["success"]


def _differs(connection: duckdb.DuckDBPyConnection, table: str, query: str) -> bool:
    """Whether rows of a staged table were added or lost, its order aside."""
    rows = connection.execute(
        f"""
        select count(*) from (
            (select * from ({query}) except all select * from clean.{table})
            union all
            (select * from clean.{table} except all select * from ({query}))
        )
        """
    ).fetchall()
    return rows[0][0] > 0


def _node(node, nodes: dict) -> Node:
    return Node(
        node.name, node.relation_name, node.compiled_code, frozenset(_reads(node.unique_id, nodes))
    )


def _reads(unique_id: str, nodes: dict) -> Iterator[str]:
    for parent in nodes[unique_id].depends_on.nodes:
        if parent.startswith("source."):
            yield parent.split(".")[-1]
        elif parent.startswith("model."):
            yield from _reads(parent, nodes)
