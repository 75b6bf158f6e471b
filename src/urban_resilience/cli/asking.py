"""Commands that answer a question about a published warehouse."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from urban_resilience.cli import answers, options

if TYPE_CHECKING:
    import duckdb

# Rows that are shown, and those of a file: more than any relation has.
LIMIT, EVERY = 1000, 10**9


def explain(
    city: Annotated[
        str, typer.Argument(metavar="CITY", help="Its code, or its name in either language.")
    ],
    year: Annotated[int, typer.Argument(metavar="YEAR", help="A year of the study.")],
    index: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Row of index_definitions; the first if absent.",
            show_default=False,
        ),
    ] = "",
    study: options.Study = None,
    warehouse: options.Warehouse = None,
) -> None:
    """Say how the index of a city in a year came about, down to file and row.

    Raw cells, what was filled, normalized values, weights, what each indicator adds.
    """
    with _opened(options.built_warehouse(study, warehouse)) as connection:
        from urban_resilience.reporting.explain.city_year import explain_city_year

        print(explain_city_year(connection, city, year, index))


def explain_spec(
    spec_id: Annotated[str, typer.Argument(metavar="SPEC_ID", help="Row of regression_specs.")],
    study: options.Study = None,
    warehouse: options.Warehouse = None,
) -> None:
    """Say in words what a regression does: sample, estimator, errors, result, where it is shown."""
    with _opened(options.built_warehouse(study, warehouse)) as connection:
        from urban_resilience.reporting.explain.specification import explain_specification

        print(explain_specification(connection, spec_id))


def query(
    sql: Annotated[
        str,
        typer.Argument(
            metavar="SQL", help="A query; @FILE for the text of a file, - for standard input."
        ),
    ],
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="|".join(answers.FORMATS),
            help="If absent: that of the ending of --out, else a table.",
            show_default=False,
        ),
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="File to write.")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="ROWS", help=f"Rows at most; {LIMIT:,} are shown, a file has them all."
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=0.01, metavar="SECONDS", help="After which it is stopped.")
    ] = 60,
    study: options.Study = None,
    warehouse: options.Warehouse = None,
) -> None:
    """Answer a question in SQL from the published file, which is only read.

    A relation is found by its name: `fct_resilience`, or `indices.fct_resilience`; `show all
    tables` lists them, `describe fct_resilience` their columns. Nothing but the warehouse is read.
    """
    file = options.built_warehouse(study, warehouse)
    text = _text_of(sql)
    kind = answers.format_of(format_, out)
    from urban_resilience.reporting.queries.ask import ask, ask_arrow

    if kind == "parquet":
        assert out is not None
        table, is_cut = ask_arrow(file, text, limit, seconds)
        answers.write_parquet(table, out)
        n_rows = table.num_rows
    else:
        answer = ask(file, text, limit or (EVERY if out else LIMIT), seconds)
        n_rows, is_cut = len(answer.rows), answer.is_cut
        if out is None:
            answers.show(answer, kind)
        else:
            answers.write(answer, kind, out)
    more = ", and there are more: --limit asks for more of them" if is_cut else ""
    if out is not None or is_cut:
        print(f"{f'{out}: ' if out else ''}{n_rows:,} rows{more}", file=sys.stderr)


def _text_of(sql: str) -> str:
    if sql == "-":
        return sys.stdin.read()
    if not sql.startswith("@"):
        return sql
    return Path(sql[1:]).read_text(encoding="utf-8-sig")


def _opened(file: Path) -> duckdb.DuckDBPyConnection:
    import duckdb

    return duckdb.connect(str(file), read_only=True)
