"""Commands that answer a question about a published warehouse."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from urban_resilience.cli import options

if TYPE_CHECKING:
    import duckdb


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


def _opened(file: Path) -> duckdb.DuckDBPyConnection:
    import duckdb

    return duckdb.connect(str(file), read_only=True)
