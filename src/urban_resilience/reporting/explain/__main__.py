"""Command line: ``python -m urban_resilience.reporting.explain city|spec ...``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import duckdb

from urban_resilience.reporting.explain.city_year import NothingToExplainError, explain_city_year
from urban_resilience.reporting.explain.specification import explain_specification


def main(arguments: list[str] | None = None) -> int:
    """Print the explanation; 0 when there is one."""
    parser = argparse.ArgumentParser(
        prog="python -m urban_resilience.reporting.explain", description=__doc__
    )
    commands = parser.add_subparsers(dest="command", required=True)
    city = commands.add_parser("city", help="how the index of a city in a year came about")
    city.add_argument("city", help="code, or name in either language")
    city.add_argument("year", type=int)
    city.add_argument("--index", default="", help="row of index_definitions; the first if absent")
    spec = commands.add_parser("spec", help="a regression in words, from raw rows to its result")
    spec.add_argument("spec_id")
    options = parser.parse_args(arguments)
    path = Path(os.environ.get("WAREHOUSE_PATH") or "warehouse/urban_resilience.duckdb")
    if not path.is_file():
        print(f"there is no warehouse at {path}: `make build` makes it", file=sys.stderr)
        return 1
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            if options.command == "city":
                print(explain_city_year(connection, options.city, options.year, options.index))
            else:
                print(explain_specification(connection, options.spec_id))
    except NothingToExplainError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
