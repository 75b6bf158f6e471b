"""DuckDB SQL as Spark SQL, below the models: they are written once, in the words of DuckDB.

The parser and the writer are sqlglot's. What it would pass on although it means something else
there is rewritten (`rewrites`), and a function that nobody has compared on both engines is refused,
by name: better no build than another number.
"""

from dataclasses import dataclass
from typing import cast

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ErrorLevel, SqlglotError

from urban_resilience.spark.compared import refuse_unknown
from urban_resilience.spark.rewrites import rewrite


class SourceDialect(DuckDB):
    """DuckDB's words, with places of lists left as they are: sqlglot shifts some and not others."""

    INDEX_OFFSET = 0


class TranslationError(ValueError):
    """SQL that cannot be said in Spark without a change of meaning, with what stands in the way."""


@dataclass(frozen=True)
class Translation:
    """One statement in both tongues."""

    duckdb: str
    spark: str


def translate(sql: str) -> Translation:
    """One DuckDB query as Spark SQL.

    Parameters
    ----------
    sql : str
        One query, as dbt compiles it.

    Returns
    -------
    Translation
        Both texts.

    Raises
    ------
    TranslationError
        The text cannot be parsed, or holds what has not been compared on both engines.
    """
    try:
        tree = cast(exp.Expression, sqlglot.parse_one(sql, read=SourceDialect))
        refuse_unknown(tree)
        text = rewrite(tree).sql(
            dialect="spark", pretty=True, comments=False, unsupported_level=ErrorLevel.RAISE
        )
    except (SqlglotError, NotImplementedError) as error:
        raise TranslationError(f"{error}") from error
    return Translation(duckdb=sql, spark=text)


def to_spark(sql: str) -> str:
    """Return the Spark text of `translate` alone."""
    return translate(sql).spark


def as_column_type(duckdb_type: str) -> str:
    """Name a type of a contract in Spark's words: varchar is string there."""
    return exp.DataType.build(duckdb_type, dialect="duckdb").sql(dialect="spark")
