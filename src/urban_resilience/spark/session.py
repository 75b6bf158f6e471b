"""The Spark session of a build, and what it is set to."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from urban_resilience.spark.cluster import HOST
from urban_resilience.spark.functions import register

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Where a build on this machine logs, keeps its tables and its texts in both tongues.
WORK_FOLDER = Path("target/spark")
# What makes Spark's answers those of DuckDB, or its plans of our queries end. Holds on any cluster.
ALWAYS = {
    # Overflow and text that is no number are errors, not nulls.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.sources.default": "parquet",
    # A code in the name of a folder keeps its leading zero.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    # Deriving constraints of 40 columns takes minutes and gigabytes, for no better plan.
    "spark.sql.constraintPropagation.enabled": "false",
    # The code generated for our widest rows exceeds what Java compiles; trying costs the most.
    "spark.sql.codegen.wholeStage": "false",
}
# For a master on this machine, where no SPARK_CONF_DIR says otherwise.
ON_THIS_MACHINE = {
    "spark.driver.bindAddress": HOST,
    "spark.driver.host": HOST,
    "spark.driver.memory": "3g",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "4",
    "spark.eventLog.enabled": "true",
    "spark.eventLog.compress": "false",
    "spark.eventLog.rolling.enabled": "false",
}


def open_session(folder: Path, master: str | None, **settings: str) -> SparkSession:
    """Open the session that dbt will find.

    Parameters
    ----------
    folder : Path
        For tables and the log of events; emptied tables of an earlier build must be gone from it.
    master : str or None
        Address of the master; None where SPARK_CONF_DIR names a cluster with all its settings.
    **settings
        Further settings, dots as two underscores.
    """
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("urban_resilience")
    chosen = dict(ALWAYS)
    if master:
        events = folder.resolve() / "events"
        events.mkdir(parents=True, exist_ok=True)
        chosen |= ON_THIS_MACHINE
        chosen["spark.sql.warehouse.dir"] = str(folder.resolve() / "tables")
        chosen["spark.eventLog.dir"] = events.as_uri()
        builder = builder.master(master)
    chosen |= {name.replace("__", "."): value for name, value in settings.items()}
    for name, value in chosen.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    register(session)
    return session
