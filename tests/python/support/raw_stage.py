"""A nightly build up to its raw gate, without a dbt process for every folder.

dbt builds the clean folder once. For every other folder the same process registers its files with
the project's own macro and runs the SQL that dbt compiled, models and data tests, as far as it
reads a file that is another than before, and as far as what it finds is asked for. The SQL depends
on the data only through the views of the raw files, which the macro makes anew, and through the
data origin, which is the same for all folders of a test. `test_fuzz.py` holds some folders
against the real thing.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

import duckdb
import pandas as pd
import pyarrow.parquet as pq
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.factory import FACTORY
from dbt.cli.main import dbtRunner
from dbt_common.context import get_invocation_context
from dbt_common.exceptions import DbtBaseException

from support.dbt import ROOT
from support.intake_memory import prepare_remembering
from support.raw_nodes import Node, RawNodes
from support.surely_met import is_surely_met
from urban_resilience.intake import IntakeError
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
        select members.* exclude (cell_id), city_code, industry_code
        from staging.stg_platform__members as members
        join staging.stg_platform__cells using (cell_id)
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
# Relations that are asked last.
SLOW = {"int_raw_company", "int_raw_copies", "fct_suspicious_cells"}
REJECTED = """
    select table_name, source_file, source_row, rule, reason from quality.fct_rejected_rows
"""
VIEWS = """
    select sql from duckdb_views() where schema_name in ('raw', 'published', 'history')
"""


# A folder beside nothing that is published, and beside a clean build.
FIRST, SECOND = "first", "second"
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
class _Readers:
    """What readers have before a night: views, digests of marts, and what is found beside them."""

    views: list[str]
    digests: dict[str, str]
    frames: dict[str, pd.DataFrame]
    results: dict[str, dict]


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
        # As dbt left it: dbt's own stays open.
        self.built = workspace / "built.duckdb"
        self.warehouse.parent.mkdir(parents=True)
        self.marts.mkdir()
        # Digests of the prepared files of the clean folder.
        self.published: dict[str, str] = {}
        self.readers: dict[str, _Readers] = {}
        # What tells staged tables of the clean folder from others.
        self.clean: dict[str, tuple] = {}
        self.views: dict[tuple, list[str]] = {}
        # What was found in these files: the second night of a folder need not ask again.
        self._compared: dict[str, tuple[dict, object]] = {}
        prepare_remembering(clean, self.contract)
        self._compile()
        self.publish(clean)

    def publish(self, clean: Path, nights: tuple[str, ...] = (SECOND,)) -> None:
        """Make a clean folder what other folders are held against.

        Parameters
        ----------
        clean
            Raw folder without a fault.
        nights
            Of `FIRST`, before which nothing is published, and `SECOND`, before which a build of the
            clean folder is.
        """
        prepare_remembering(clean, self.contract)
        for file in self.marts.glob("*.parquet"):
            file.unlink()
        self.published = self._digests()
        self._compared.clear()
        for night in (FIRST, SECOND)[: 1 + (SECOND in nights)]:
            self._remake_views()
            self.nodes.forget()
            for node in self.nodes.models:
                self.nodes.build(self.connection, node, self.published)
            views = self.views[self._columns()]
            if night == SECOND or SECOND in nights:
                self._export()
            if night in nights:
                marts = self._marts() if night == SECOND else {}
                self.readers[night] = self._found(views, marts)
        connection = self.connection
        connection.execute("create schema if not exists clean")
        self.clean = {table: _fingerprint(connection, query) for table, query in STAGED.items()}
        connection.execute(f"create or replace table clean.rejected as {REJECTED}")

    def judged_by(self) -> str:
        """Digest of what a night here depends on: SQL, seeds, clean files, what spoils them."""
        nodes = [f"{node.name} {node.code}" for node in (*self.nodes.models, *self.nodes.tests)]
        support = ROOT / "tests" / "python" / "support"
        files = sorted([*(ROOT / "seeds").rglob("*.csv"), *support.glob("*.py")])
        clean = [f"{name} {digest}" for name, digest in sorted(self.published.items())]
        parts = [*sorted(nodes), *map(digest_file, files), *clean]
        return sha256("\n".join(parts).encode()).hexdigest()

    def unmet_when_clean(self, night: str) -> list[str]:
        """Name the expectations that the clean folder itself does not meet."""
        return [name for name, r in self.readers[night].results.items() if not r["success"]]

    def _export(self) -> None:
        for mart, query in PUBLISHED.items():
            file = self.marts / f"{mart}.parquet"
            self.connection.execute(f"copy ({query}) to '{file}' (format parquet)")

    def _marts(self) -> dict[str, str]:
        return {f.stem.split(".")[-1]: digest_file(f) for f in self.marts.glob("*.parquet")}

    def _found(self, views: list[str], marts: dict[str, str]) -> _Readers:
        frames = {name: self._frame(name, self.published) for name in self.nodes.audited}
        results = evaluate_layer("raw", self.seed, frames)
        found = {r["expectation_id"]: r for r in results.to_dict("records")}
        stopping = [r["message"] for r in found.values() if _stops(r)]
        assert not stopping, stopping
        published = [sql for sql in views if " raw." not in sql[:40]]
        return _Readers(published, marts, frames, found)

    def judge(
        self, raw: Path, is_enough: Enough, nights: tuple[str, ...] = (SECOND,)
    ) -> tuple[Night, ...]:
        """Say what a build of tonight makes of a folder.

        Parameters
        ----------
        raw
            Folder as it lies there tonight.
        is_enough
            Whether what some expectations found will do; else more are evaluated.
        nights
            What it is held against, of those that were published; one answer each.
        """
        try:
            prepare_remembering(raw, self.contract)
            self._register()
        except (IntakeError, DbtBaseException) as error:
            return tuple(Night(refused=str(error)) for _ in nights)
        digests = self._digests()
        other = {
            name
            for name in digests.keys() | self.published.keys()
            if digests.get(name) != self.published.get(name)
        }
        return tuple(
            self._judge(self.readers[night], digests, other, is_enough) for night in nights
        )

    def _judge(
        self, readers: _Readers, files: dict[str, str], other: set[str], is_enough: Enough
    ) -> Night:
        for sql in readers.views:
            self.connection.execute(sql.replace("CREATE", "CREATE OR REPLACE", 1))
        digests = files | readers.digests
        for node in self.nodes.models:
            if node.name in self.nodes.tested:
                self.nodes.build(self.connection, node, digests)
        changed, rejected = self._staged(files, other)
        failed = dict(self._failed_tests(digests, other))
        if failed or not changed:
            return Night("", failed, changed, rejected)
        unmet = self._unmet(readers, digests, other, is_enough)
        return Night("", {}, changed, rejected, unmet)

    def _staged(self, files: dict[str, str], other: set[str]) -> tuple[tuple, tuple]:
        """Say which staged tables are not those of the clean folder, and what is rejected."""
        if self._compared.get("staged", (None,))[0] != files:
            staged = {node.name for node in self.nodes.models if node.reads & other}
            changed = tuple(
                table
                for table, query in STAGED.items()
                if any(f".{name} " in f"{query} " for name in staged)
                and _fingerprint(self.connection, query) != self.clean[table]
            )
            rejected = self.connection.execute(
                f"{REJECTED} except all select * from clean.rejected"
            ).fetchall()
            self._compared["staged"] = files, (changed, tuple(rejected))
        return self._compared["staged"][1]

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
        self.adapter = FACTORY.adapters["duckdb"]
        self.nodes = RawNodes.of({r.node.unique_id: r.node for r in build.result}, GATE)
        self.connection = self._in_memory()
        seed = self.connection.sql("select * from reference.data_expectations").df()
        self.seed = seed[seed["layer"] == "raw"].reset_index(drop=True)

    def _in_memory(self) -> duckdb.DuckDBPyConnection:
        """Copy what dbt built, seeds and all, into memory under the same name."""
        if DuckDBConnectionManager._ENV is not None:
            DuckDBConnectionManager._ENV.close()
            DuckDBConnectionManager._ENV = None
        shutil.copy(self.warehouse, self.built)
        name = self.warehouse.stem
        connection = duckdb.connect()
        # Every folder is prepared at the same place: what was read there before is stale.
        connection.execute("set enable_external_file_cache = false")
        connection.execute("set threads = 1")
        connection.execute(f"attach ':memory:' as {name}")
        connection.execute(f"attach '{self.built}' as built (read_only)")
        connection.execute(f"copy from database built to {name}")
        connection.execute("detach built")
        connection.execute(f"use {name}")
        return connection

    def _remake_views(self) -> None:
        """Have the project's macros make the views of raw files and of published marts."""
        with self.adapter.connection_named("raw_stage"):
            get_invocation_context().env.update(
                RAW_DATA_DIR=str(self.contract), PUBLISHED_MARTS_DIR=str(self.marts)
            )
            for macro in ("register_raw_inputs", "register_earlier_runs"):
                self.adapter.execute_macro(macro, macro_resolver=self.adapter._macro_resolver)
            handle = self.adapter.connections.get_thread_connection().handle
            views = handle.cursor()._cursor.execute(VIEWS).fetchall()
        for (sql,) in views:
            self.connection.execute(sql.replace("CREATE", "CREATE OR REPLACE", 1))
        self.views[self._columns()] = [sql for (sql,) in views]

    def _register(self) -> None:
        """Make the views of the raw files, which depend on the files' columns and types alone."""
        known = self.views.get(self._columns())
        if known is None:
            self._remake_views()
            return
        for sql in known:
            if " raw." in sql[:40]:
                self.connection.execute(sql.replace("CREATE", "CREATE OR REPLACE", 1))

    def _columns(self) -> tuple:
        return tuple(
            (file.name, str(pq.read_schema(file).remove_metadata()))
            for file in sorted(self.contract.glob("*.parquet"))
        )

    def _digests(self) -> dict[str, str]:
        return {file.stem: digest_file(file) for file in self.contract.glob("*.parquet")}

    def _failed_tests(self, digests: dict[str, str], other: set[str]) -> Iterator[tuple[str, str]]:
        for test in self.nodes.tests:
            if not test.reads & other:
                continue
            read = {name: digests.get(name) for name in test.reads}
            if self._compared.get(test.name, (None,))[0] != read:
                self._compared[test.name] = read, self._fault(test)
            fault = self._compared[test.name][1]
            if fault:
                yield test.name, fault

    def _fault(self, test: Node) -> str:
        try:
            # As dbt does: a test fails where it finds rows.
            counted = self.connection.execute(f"select count(*) from ({test.code})")
            faults = counted.fetchall()[0][0]
        except duckdb.Error as error:
            return str(error)
        return f"{faults} rows" if faults else ""

    def _frame(self, name: str, digests: dict[str, str]) -> pd.DataFrame:
        node = self.nodes.audited[name]
        self.nodes.build(self.connection, node, digests)
        return self.connection.sql(f"select * from {node.relation}").df()

    def _unmet(
        self, readers: _Readers, digests: dict[str, str], other: set[str], is_enough: Enough
    ) -> tuple[dict, ...]:
        """Evaluate what reads other cells than in the clean folder.

        Errors and the comparison with last night go first, the other warnings only where those do
        not say enough, one relation after the other, those that take long to build last.
        """
        columns = {name: frame.columns for name, frame in readers.frames.items()}
        turns: dict[tuple, list[Expectation]] = {}
        for expectation in read_expectations(self.seed, "raw", columns):
            if self.nodes.audited[expectation.relation].reads & other:
                turn = _turn(expectation)
                turns.setdefault(turn, []).append(expectation)
        frames: dict[str, pd.DataFrame] = {}
        unmet: tuple[dict, ...] = ()
        for turn in sorted(turns):
            for name in {e.relation for e in turns[turn]} - frames.keys():
                frames[name] = self._frame(name, digests)
            ids = [
                e.expectation_id
                for e in turns[turn]
                if not is_surely_met(e, frames[e.relation]) and not _is_as_clean(e, frames, readers)
            ]
            seed = self.seed[self.seed["expectation_id"].isin(ids)]
            if ids:
                unmet += tuple(
                    _new(evaluate_layer("raw", seed, frames).to_dict("records"), readers)
                )
            if is_enough(unmet):
                break
        return unmet


def _is_as_clean(
    expectation: Expectation, frames: dict[str, pd.DataFrame], readers: _Readers
) -> bool:
    name = expectation.relation
    read = {*expectation.columns, *expectation.key_columns}
    read |= {column for column in frames[name] if column in expectation.row_filter}
    columns = [column for column in frames[name] if column in read]
    now, clean = frames[name], readers.frames[name]
    return len(now) == len(clean) and now[columns].equals(clean[columns])


def _new(results: list[dict], readers: _Readers) -> Iterator[dict]:
    """Yield results that are not met, with the rows that the clean folder does not have."""
    for result in results:
        clean = readers.results[result["expectation_id"]]
        known = json.loads(clean["offending_rows"])
        rows = [row for row in json.loads(result["offending_rows"]) if row not in known]
        if not result["success"] and (rows or clean["success"]):
            yield result | {"offending_rows": json.dumps(rows, ensure_ascii=False)}


def _turn(expectation: Expectation) -> tuple[int, str]:
    if expectation.severity == "error" or expectation.relation == "fct_raw_profiles":
        return 0, ""
    return 1 + (expectation.relation in SLOW), expectation.relation


def _stops(result: dict) -> bool:
    return result["severity"] == "error" and not result["success"]


def _fingerprint(connection: duckdb.DuckDBPyConnection, query: str) -> tuple:
    """Tell the rows of a query from others, whatever their order."""
    counted = connection.execute(f"select count(*), sum(hash(rows)) from ({query}) as rows")
    return counted.fetchone()
