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


def tell_nested_names_apart(tree: exp.Expression) -> None:
    """Rename parts of a query within a query that share their name with another's.

    sqlglot writes all of them at the head of the statement for Spark, where names are unique.
    """
    seen: set[str] = set()
    for part in list(tree.find_all(exp.With)):
        query = cast("exp.Expression | None", part.parent)
        for cte in part.expressions:
            old, number = cte.alias, 2
            if old.lower() in seen:
                while f"{old}_{number}".lower() in seen:
                    number += 1
                _rename(cte, query, f"{old}_{number}")
            seen.add(cte.alias.lower())


def _rename(cte: exp.Expression, query: exp.Expression | None, new: str) -> None:
    old = cte.alias
    cte.args["alias"].set("this", exp.to_identifier(new))
    for table in query.find_all(exp.Table) if query else ():
        if table.name.lower() == old.lower() and not table.db:
            table.set("this", exp.to_identifier(new))
            if not table.alias:
                # Columns go on being called by the name they had.
                table.set("alias", exp.TableAlias(this=exp.to_identifier(old)))


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
        tell_nested_names_apart(tree)
        return rewrite(tree).sql(
            dialect="spark", pretty=True, comments=False, unsupported_level=ErrorLevel.RAISE
        )
    except SqlglotError as error:
        raise TranslationError(f"{error}") from error
