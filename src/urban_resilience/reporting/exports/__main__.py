"""Command line: ``python -m urban_resilience.reporting.exports --out FOLDER``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import duckdb

from urban_resilience.reporting.exports.export import FORMATS, UnknownFormatError, export
from urban_resilience.reporting.exports.folder import ForeignFolderError
from urban_resilience.reporting.exports.printed import BRACKETS, Form


def main() -> int:
    """Write the export; 0 when the folder is there."""
    parser = argparse.ArgumentParser(
        prog="python -m urban_resilience.reporting.exports", description=__doc__
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--format", default=",".join(FORMATS), help="some of the default, by comma")
    parser.add_argument("--stars", type=int, choices=(0, 1), default=1, help="in printed tables")
    parser.add_argument("--brackets", choices=BRACKETS, default="se", help="below an estimate")
    arguments = parser.parse_args()
    path = os.environ.get("WAREHOUSE_PATH") or "warehouse/urban_resilience.duckdb"
    if not Path(path).is_file():
        print(f"there is no warehouse at {path}: `make build` makes it", file=sys.stderr)
        return 1
    formats = [name.strip() for name in arguments.format.split(",") if name.strip()]
    try:
        form = Form(bool(arguments.stars), arguments.brackets)
        done = export(Path(path), arguments.out, formats, form, tell=print)
    except (UnknownFormatError, ForeignFolderError, duckdb.Error, OSError) as error:
        print(f"export refused: {error}", file=sys.stderr)
        return 1
    for remark in done.remarks:
        print(f"note: {remark}")
    size = f"{done.files} files, {done.bytes_written / 1e6:,.0f} MB, {done.seconds:.0f} s"
    print(f"{done.folder}: {size}; {done.built.in_words}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
