"""Command line: ``python -m benchmarks [name|all] [--quick]``; the names are below."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import report
from benchmarks.machine import describe_machine
from benchmarks.project import Workspace

BENCHMARKS = {
    "build": "build_profile",
    "member": "member_stage",
    "entropy": "entropy",
    "intake": "intake",
    "refresh": "refresh",
    "resampling": "resampling",
}
# Many minutes: run by name only.
ON_REQUEST = {
    "scale": "scale",
    "skew": "skew",
    "size": "group_difference_size",
    "coverage": "coverage",
}


def main() -> int:
    """Run the chosen benchmarks and print their tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "benchmark", nargs="?", default="all", choices=[*BENCHMARKS, *ON_REQUEST, "all"]
    )
    parser.add_argument("--quick", action="store_true", help="1 and 10 million records only")
    arguments = parser.parse_args()
    chosen = list(BENCHMARKS) if arguments.benchmark == "all" else [arguments.benchmark]
    machine = describe_machine()
    began = time.perf_counter()

    def progress(line: str) -> None:
        print(f"[{time.perf_counter() - began:6.1f} s] {line}", file=sys.stderr, flush=True)

    sections = []
    with tempfile.TemporaryDirectory(prefix="urban_resilience_benchmarks_") as folder:
        workspace = Workspace(Path(folder))
        for name in chosen:
            progress(f"{name}: preparing")
            sections.append(
                _load((BENCHMARKS | ON_REQUEST)[name]).run(workspace, arguments.quick, progress)
            )
    print(report.write_report(machine, sections))
    progress(
        f"done; tables and JSON are in {report.OUTPUT.relative_to(Path.cwd())}/"
        if report.OUTPUT.is_relative_to(Path.cwd())
        else "done"
    )
    return 0


def _load(module: str):
    import importlib

    return importlib.import_module(f"benchmarks.{module}")


if __name__ == "__main__":
    raise SystemExit(main())
