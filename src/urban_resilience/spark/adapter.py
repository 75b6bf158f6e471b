"""dbt's adapter for Spark, by session, with three things that it lacks.

Marked DuckDB SQL is translated before it runs; seeds are loaded as they are typed (the session
method turns empty cells into the text None); a Python model runs where dbt runs, on frames of its
inputs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, cast

import dbt.adapters.spark
import duckdb
import pyarrow as pa
from dbt.adapters.base import PythonJobHelper
from dbt.adapters.base.plugin import AdapterPlugin
from dbt.adapters.contracts.connection import Connection, ConnectionState
from dbt.adapters.spark.connections import SparkConnectionManager, SparkCredentials
from dbt.adapters.spark.impl import SparkAdapter as PlainSparkAdapter
from dbt.adapters.spark.session import Connection as SessionHandle
from dbt.adapters.spark.session import Cursor, SessionConnectionWrapper
from dbt.include.spark import PACKAGE_PATH
from dbt_common.exceptions import DbtRuntimeError
from pyspark.sql import SparkSession

from urban_resilience.spark.marks import FILES, ROWS, marked_part, translated
from urban_resilience.spark.refused import TranslationError
from urban_resilience.spark.session import WORK_FOLDER
from urban_resilience.spark.translate import to_spark

# Types of the columns of seeds.
ARROW = {
    "string": pa.string(),
    "double": pa.float64(),
    "bigint": pa.int64(),
    "int": pa.int32(),
    "smallint": pa.int16(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


def use_translating_adapter() -> None:
    """Let dbt load this adapter for profiles of type spark."""
    dbt.adapters.spark.Plugin = AdapterPlugin(
        adapter=cast(Any, SparkAdapter), credentials=SparkCredentials, include_path=PACKAGE_PATH
    )


class DriverRows:
    """Rows read by DuckDB where dbt runs, in the form of a cursor."""

    def __init__(self, sql: str) -> None:
        with duckdb.connect() as connection:
            answer = connection.execute(sql)
            self.description = [
                (column[0], str(column[1]).lower(), None, None, None, None, True)
                for column in answer.description or []
            ]
            self._rows = answer.fetchall()

    def fetchall(self) -> list[Any]:
        """Return all rows."""
        return self._rows

    def fetchone(self) -> Any:
        """Return the next row, or none."""
        return self._rows.pop(0) if self._rows else None

    def close(self) -> None:
        """Nothing is open."""


class TranslatingConnection(SessionConnectionWrapper):
    """A session that understands marked DuckDB SQL."""

    def execute(self, sql: str, bindings: list[Any] | None = None) -> None:
        """Run one statement: translate what is marked, read files here, load rows of a seed."""
        table = marked_part(sql, ROWS)
        if table is not None:
            load_rows(table, bindings or [])
            sql, bindings = "select 1 as loaded", None
        files = marked_part(sql, FILES)
        if files is not None:
            self._cursor = cast("Cursor", DriverRows(files))
            return
        try:
            spark_sql = translated(sql, to_spark)
        except TranslationError as error:
            raise DbtRuntimeError(f"{_node(sql)} cannot be said in Spark: {error}") from error
        if spark_sql != sql:
            keep_texts(_node(sql), sql, spark_sql)
        # Spark's pages and its log of events name jobs by this.
        SparkSession.builder.getOrCreate().sparkContext.setJobDescription(_node(sql))
        super().execute(spark_sql, bindings)


class TranslatingConnectionManager(SparkConnectionManager):
    """Opens sessions of the kind above."""

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Open a connection by the session method, the only one that this project uses."""
        if connection.credentials.method != "session":
            raise DbtRuntimeError("Of dbt-spark's methods this project uses `session` alone.")
        handle = SessionHandle(server_side_parameters=connection.credentials.server_side_parameters)
        connection.handle = TranslatingConnection(handle)
        connection.state = ConnectionState.OPEN
        return connection


class DriverPythonJob(PythonJobHelper):
    """Runs a Python model where dbt runs: its inputs are city-years and seeds, no records."""

    def __init__(self, parsed_model: dict[str, Any], credentials: SparkCredentials) -> None:
        self._table = f"{parsed_model['schema']}.{parsed_model['alias']}"

    def submit(self, compiled_code: str) -> None:
        """Compute the model's frame and write it as a table."""
        session = SparkSession.builder.getOrCreate()
        space: dict[str, Any] = {}
        exec(compile(compiled_code.strip(), self._table, "exec"), space)

        with duckdb.connect() as connection:

            def load(name: str) -> duckdb.DuckDBPyRelation:
                arrow = session.table(name.replace('"', "").replace("`", "")).toArrow()
                return connection.from_arrow(arrow)

            frame = space["model"](space["dbtObj"](load), connection)
            result = typed_table(frame, connection)
        session.createDataFrame(result).write.mode("overwrite").format("parquet").saveAsTable(
            self._table
        )


class SparkAdapter(PlainSparkAdapter):
    """What stands in dbt-spark's place; dbt tells its type by the class's name."""

    ConnectionManager = TranslatingConnectionManager

    @property
    def default_python_submission_method(self) -> str:
        """Python models run here."""
        return "driver"

    @property
    def python_submission_helpers(self) -> dict[str, type[PythonJobHelper]]:
        """The only way to run one."""
        return {"driver": DriverPythonJob}


def typed_table(frame: Any, connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Turn what a Python model returns into a table; a column of nulls is of whole numbers."""
    if isinstance(frame, pa.Table):
        table = frame
    elif isinstance(frame, duckdb.DuckDBPyRelation):
        table = frame.to_arrow_table()
    else:
        table = connection.from_df(frame).to_arrow_table()
    fields = [
        pa.field(field.name, pa.int32()) if pa.types.is_null(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))


def load_rows(table: str, cells: Sequence[Any]) -> None:
    """Insert cells, row after row, in the types of the table's columns."""
    session = SparkSession.builder.getOrCreate()
    schema = session.table(table).schema
    width = len(schema.fields)
    kinds = [field.dataType.simpleString() for field in schema.fields]
    columns = {
        field.name: pa.array([_typed(cell, kind) for cell in cells[place::width]], ARROW[kind])
        for place, (field, kind) in enumerate(zip(schema.fields, kinds, strict=True))
    }
    session.createDataFrame(pa.table(columns)).write.insertInto(table)


def _typed(cell: Any, kind: str) -> Any:
    if cell is None:
        return None
    if kind == "string":
        return str(cell)
    if kind in ("int", "bigint", "smallint"):
        return int(cell)
    if kind == "double":
        return float(cell)
    if kind == "boolean" and isinstance(cell, str):
        return {"true": True, "false": False}[cell.strip().lower()]
    return cell


def _node(sql: str) -> str:
    """Name the node of a statement, from the comment that dbt puts before it."""
    found = re.match(r"\s*/\* (\{.*?\}) \*/", sql, re.DOTALL)
    if found:
        node = json.loads(found.group(1)).get("node_id")
        if node:
            return str(node)
    return "a statement of dbt"


def keep_texts(node: str, duckdb_sql: str, spark_sql: str) -> None:
    """Write both texts, so that an error of Spark leads back to the model."""
    name = re.sub(r"[^A-Za-z0-9_.]", "_", node)
    WORK_FOLDER.mkdir(parents=True, exist_ok=True)
    (WORK_FOLDER / f"{name}.duckdb.sql").write_text(duckdb_sql, encoding="utf-8")
    (WORK_FOLDER / f"{name}.spark.sql").write_text(spark_sql, encoding="utf-8")
