"""Command line: ``python -m urban_resilience.reporting.site``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from urban_resilience.reporting.site.assemble import build_site


def main(arguments: list[str] | None = None) -> int:
    """Write the pages of a warehouse beside it, or elsewhere."""
    parser = argparse.ArgumentParser(description="Static pages of a published warehouse.")
    default = Path(os.environ.get("WAREHOUSE_PATH", "warehouse/urban_resilience.duckdb"))
    parser.add_argument("--warehouse", type=Path, default=default)
    parser.add_argument("--out", type=Path, help="folder to write")
    options = parser.parse_args(arguments)
    if not options.warehouse.exists():
        parser.error(f"{options.warehouse} is not there: `make build` makes it")
    out = options.out or options.warehouse.with_suffix(".site")
    report = build_site(options.warehouse, out)
    size = report.bytes_written / 1e6
    print(f"{out / 'index.html'} ({size:.1f} MB, {report.seconds:.0f} s)")
    if report.remark:
        print(f"without the SQL page: {report.remark}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
