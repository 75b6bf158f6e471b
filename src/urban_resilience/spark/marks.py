"""Parts of a statement that are written in DuckDB's words, as macros/spark.sql marks them.

A statement of dbt-spark's own is Spark SQL already; what comes from a model, a test or a macro of
the project stands between marks, and is translated where it stands. Rows of small files (seeds
while SQL is written from them, headers, sizes) are read where dbt runs.
"""

import re
from collections.abc import Callable

QUERY = re.compile(r"/\*\[duckdb\*/(.*?)/\*duckdb\]\*/", re.DOTALL)
FILES = re.compile(r"/\*\[files\*/(.*?)/\*files\]\*/", re.DOTALL)
ROWS = re.compile(r"/\*\[rows\*/(.*?)/\*rows\]\*/", re.DOTALL)


def translated(statement: str, translate: Callable[[str], str]) -> str:
    """Return the statement with each marked part in Spark's words."""
    return QUERY.sub(lambda found: translate(found.group(1)), statement)


def marked_part(statement: str, mark: re.Pattern[str]) -> str | None:
    """Return what stands between two marks of a kind, or none."""
    found = mark.search(statement)
    return found.group(1).strip() if found else None
