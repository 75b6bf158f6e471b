"""DuckDB SQL as Spark SQL, below the models: they are written once, in the words of DuckDB.

The parser and the writer are sqlglot's. What it would pass on although it means something else
there is rewritten (`rewrites`), and a function that nobody has compared on both engines is refused,
by name: better no build than another number.
"""

from typing import cast

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ErrorLevel, SqlglotError

from urban_resilience.spark.compared import refuse_unknown
from urban_resilience.spark.refused import TranslationError
from urban_resilience.spark.rewrites import rewrite


class SourceDialect(DuckDB):
    """DuckDB's words, with places of lists left as they are: sqlglot shifts some and not others."""

    INDEX_OFFSET = 0


def parsed(sql: str) -> exp.Expression:
    """Parse one DuckDB query.

    Raises
    ------
    sqlglot.errors.SqlglotError
    """
    return cast(exp.Expression, sqlglot.parse_one(sql, read=SourceDialect))


def to_spark(sql: str) -> str:
    """Say one DuckDB query, as dbt compiles it, in Spark SQL.

    Raises
    ------
    TranslationError
        The text cannot be parsed, or holds what has not been compared on both engines.
    """
    try:
        tree = parsed(sql)
        refuse_unknown(tree)
        return rewrite(tree).sql(
            dialect="spark", pretty=True, comments=False, unsupported_level=ErrorLevel.RAISE
        )
    except SqlglotError as error:
        raise TranslationError(f"{error}") from error
