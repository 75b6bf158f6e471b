"""What changed between two builds: rows, scores, ranks and coefficients, in SQL and in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from urban_resilience.reporting.dictionary import MART_SCHEMAS
from urban_resilience.shared.database import quote
from urban_resilience.shared.steps import Tell, tell_nobody

SHOWN = 5
# The last digits follow the order of summation: a change there is none.
SAME = "1e-10"
_SCHEMAS = ", ".join(f"'{schema}'" for schema in MART_SCHEMAS)
ROWS = f"""
select
    schema_name || '.' || table_name as relation,
    max(estimated_size) filter (where database_name = 'before') as rows_before,
    max(estimated_size) filter (where database_name = 'after') as rows_after
from duckdb_tables()
where database_name in ('before', 'after') and schema_name in ({_SCHEMAS})
group by relation
having rows_before is distinct from rows_after
order by relation
"""
SCORES = f"""
select
    index_id, city_code, places.city_name_en, year, old.score as score_before,
    new.score as score_after, new.score - old.score as change
from before.indices.fct_index_scores as old
full join after.indices.fct_index_scores as new using (index_id, city_code, year)
left join after.reference.dim_cities as places using (city_code)
where coalesce(abs(new.score - old.score) > {SAME} * greatest(1, abs(old.score)), true)
order by abs(change) desc nulls first, index_id, city_code, year
"""
RANKS = """
select
    index_id, city_code, places.city_name_en, year, old.rank_in_year as rank_before,
    new.rank_in_year as rank_after, old.rank_in_year - new.rank_in_year as places_gained
from before.indices.fct_index_scores as old
inner join after.indices.fct_index_scores as new using (index_id, city_code, year)
left join after.reference.dim_cities as places using (city_code)
where old.rank_in_year <> new.rank_in_year
order by abs(places_gained) desc, index_id, city_code, year
"""
COEFFICIENTS = f"""
select
    spec_id, term, old.estimate as estimate_before, new.estimate as estimate_after,
    old.p_value as p_before, new.p_value as p_after,
    abs(new.estimate - old.estimate) / nullif(old.std_error, 0) as change_in_std_errors,
    sign(old.estimate) <> sign(new.estimate) as is_other_sign,
    (old.p_value < 0.05) <> (new.p_value < 0.05) as is_other_significance
from before.results.fct_coefficients as old
full join after.results.fct_coefficients as new using (spec_id, term)
where coalesce(abs(new.estimate - old.estimate) > {SAME} * greatest(1, abs(old.estimate)), true)
    or (old.estimate is null) <> (new.estimate is null)
order by change_in_std_errors desc nulls first, spec_id, term
"""
READS = {
    "scores": (SCORES, "indices.fct_index_scores"),
    "ranks": (RANKS, "indices.fct_index_scores"),
    "coefficients": (COEFFICIENTS, "results.fct_coefficients"),
}
Row = dict[str, object]


@dataclass(frozen=True)
class Change:
    """What changed of one kind.

    Attributes
    ----------
    kind
        ``rows``, ``scores``, ``ranks`` or ``coefficients``.
    sql
        Gives the rows, once both files are attached (`attach_sql`).
    n
        How many rows.
    words
        What they say, the largest changes first.
    """

    kind: str
    sql: str
    n: int
    words: tuple[str, ...]


def attach_sql(before: Path, after: Path) -> str:
    """Write the statements that every query of a `Change` wants before it."""
    files = {"before": before, "after": after}
    return "\n".join(f"attach {quote(file)} as {as_} (read_only);" for as_, file in files.items())


def version_changes(before: Path, after: Path, tell: Tell = tell_nobody) -> list[Change]:
    """Compare two finished warehouse files; both are only read.

    A kind that one of the files has no relation for is left out, and ``rows`` names that relation.
    ``tell`` is called at the start of each kind.
    """
    with duckdb.connect() as connection:
        connection.execute(attach_sql(before, after))
        total = len(READS) + 1
        tell("rows", 1, total)
        found = [_change("rows", ROWS, connection)]
        for number, (kind, (sql, relation)) in enumerate(READS.items(), 2):
            tell(kind, number, total)
            schema, table = relation.split(".")
            count = connection.execute(
                "select count(*) from duckdb_tables() where database_name in ('before', 'after')"
                " and schema_name = ? and table_name = ?",
                [schema, table],
            ).fetchall()[0][0]
            if count == 2:
                found.append(_change(kind, sql, connection))
    return found


def _change(kind: str, sql: str, connection: duckdb.DuckDBPyConnection) -> Change:
    result = connection.execute(sql)
    names = [column[0] for column in result.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    said = [WORDS[kind](row) for row in rows[:SHOWN]]
    more = [f"and {len(rows) - SHOWN:,} more"] if len(rows) > SHOWN else []
    return Change(kind, sql.strip(), len(rows), (*_summary(kind, rows), *said, *more))


def _summary(kind: str, rows: list[Row]) -> tuple[str, ...]:
    if kind != "coefficients" or not rows:
        return ()
    signs = sum(bool(row["is_other_sign"]) for row in rows)
    others = sum(bool(row["is_other_significance"]) for row in rows)
    return (f"{signs:,} change sign, {others:,} cross the 5 percent line",)


def _of_rows(row: Row) -> str:
    if row["rows_before"] is None:
        return f"{row['relation']} is new: {row['rows_after']:,} rows"
    if row["rows_after"] is None:
        return f"{row['relation']} is gone: it had {row['rows_before']:,} rows"
    return f"{row['relation']}: {row['rows_before']:,} rows, now {row['rows_after']:,}"


def _place(row: Row) -> str:
    return f"{row['index_id']} of {row['city_name_en'] or row['city_code']} in {row['year']}"


def _of_scores(row: Row) -> str:
    if row["score_before"] is None:
        return f"{_place(row)} is new: {row['score_after']:.4f}"
    if row["score_after"] is None:
        return f"{_place(row)} is gone: it was {row['score_before']:.4f}"
    return f"{_place(row)}: {row['score_before']:.4f}, now {row['score_after']:.4f}"


def _of_ranks(row: Row) -> str:
    return f"{_place(row)}: place {row['rank_before']}, now {row['rank_after']}"


def _of_coefficients(row: Row) -> str:
    name = f"{row['term']} in {row['spec_id']}"
    if row["estimate_before"] is None:
        return f"{name} is new: {row['estimate_after']:.4g}"
    if row["estimate_after"] is None:
        return f"{name} is gone: it was {row['estimate_before']:.4g}"
    size = row["change_in_std_errors"]
    apart = f", {size:.2f} standard errors apart" if size is not None else ""
    signs = " and another sign" if row["is_other_sign"] else ""
    return f"{name}: {row['estimate_before']:.4g}, now {row['estimate_after']:.4g}{apart}{signs}"


WORDS: dict[str, Callable[[Row], str]] = {
    "rows": _of_rows,
    "scores": _of_scores,
    "ranks": _of_ranks,
    "coefficients": _of_coefficients,
}
NAMES = {
    "rows": "relations with another number of rows",
    "scores": "scores of indices that changed",
    "ranks": "places in the ranking that changed",
    "coefficients": "coefficients that changed",
}


def in_words(changes: list[Change], before: Path, after: Path) -> str:
    """Lay the changes out for a terminal: words first, then the SQL that gives every row."""
    lines = []
    for change in changes:
        lines.append(f"{change.n:,} {NAMES[change.kind]}")
        lines += [f"  {words}" for words in change.words]
    lines += ["", "-- Every row, in any DuckDB client:", attach_sql(before, after)]
    for change in changes:
        if change.n:
            lines += [f"-- {NAMES[change.kind]}", f"{change.sql};"]
    return "\n".join(lines)
