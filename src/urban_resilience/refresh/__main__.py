"""Command line: ``python -m urban_resilience.refresh [run|rollback|history|as-of|diff]``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import traceback
from pathlib import Path

from urban_resilience.refresh.as_of import AsOfError, default_file, rebuild_as_of
from urban_resilience.refresh.build import SIMULATED_DIR, build, simulate_if_nothing_supplied
from urban_resilience.refresh.lock import AlreadyRunningError
from urban_resilience.refresh.nightly import RefreshResult, refresh, roll_back
from urban_resilience.refresh.places import BadPlaceError, Places
from urban_resilience.refresh.publish import (
    NoSuchVersionError,
    find_version,
    kept_versions,
    published_version,
)
from urban_resilience.refresh.runs import FAILED, PUBLISHED, ROLLED_BACK, read_runs
from urban_resilience.reporting.freshness import stale_tables
from urban_resilience.reporting.summary import print_summary
from urban_resilience.reporting.version_changes import in_words, version_changes
from urban_resilience.shared.problems import IntakeError
from urban_resilience.shared.study import use_study

# Of sysexits.h: a scheduler may try again later.
TRY_AGAIN = 75


def main() -> int:
    """Run the command; 0 when readers have what they should, 75 when another refresh is at work."""
    arguments = _parser().parse_args()
    try:
        path = os.environ.get("WAREHOUSE_PATH") or "warehouse/urban_resilience.duckdb"
        places = Places(Path(path))
        if arguments.command == "history":
            return _print_history(places)
        if arguments.command == "diff":
            return _print_changes(places, arguments.a, arguments.b)
        if arguments.command == "rollback":
            return _report(roll_back(places, arguments.to), places)
        use_study()
        if arguments.command == "as-of":
            return _as_of(places, arguments)
        return _refresh(places, arguments)
    except IntakeError as error:
        print(f"The study cannot be used:\n{error}", file=sys.stderr)
        return 1
    except (AlreadyRunningError, NoSuchVersionError, BadPlaceError, AsOfError) as error:
        print(f"refresh refused: {error}", file=sys.stderr)
        return TRY_AGAIN if isinstance(error, AlreadyRunningError) else 1
    except Exception as error:
        # A full disk, say. The log gets the place in the code, the scheduler its last line.
        traceback.print_exc()
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        _close(FAILED, f"refresh failed: {reason} (readers keep what they had)")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m urban_resilience.refresh", description=__doc__)
    parser.set_defaults(command="run", force=False, accept_changes=False, summary=False, keep=7)
    commands = parser.add_subparsers(dest="command", required=False)
    run = commands.add_parser("run", help="build, audit and publish if anything changed")
    run.add_argument("--force", action="store_true", help="build even if nothing changed")
    run.add_argument(
        "--accept-changes",
        action="store_true",
        help="let comparisons with the published build warn instead of stop",
    )
    run.add_argument("--keep", type=int, default=7, help="published versions to keep")
    run.add_argument("--summary", action="store_true", help="close with the summary of the build")
    back = commands.add_parser("rollback", help="publish an earlier kept version again")
    back.add_argument("--to", type=int, help="its run number; the one before the current if absent")
    commands.add_parser("history", help="every run and how it ended")
    diff = commands.add_parser("diff", help="what changed between two kept versions")
    diff.add_argument("--a", type=int, help="run number of the earlier; the one before B if absent")
    diff.add_argument("--b", type=int, help="run number of the later; what readers see if absent")
    as_of = commands.add_parser("as-of", help="rebuild with the yearbook as known at a past date")
    as_of.add_argument("--date", required=True, help="to the end of that day, or a time; UTC")
    as_of.add_argument("--out", type=Path, help="file to write; a folder of its own if absent")
    return parser


def _refresh(places: Places, arguments: argparse.Namespace) -> int:
    raw = Path(os.environ.get("RAW_DATA_DIR") or SIMULATED_DIR)
    if simulate_if_nothing_supplied(raw):
        return 1
    target = Path(os.environ.get("DBT_TARGET_PATH", "target"))
    result = refresh(
        places,
        raw,
        Path.cwd(),
        build,
        force=arguments.force,
        accept_changes=arguments.accept_changes,
        keep=arguments.keep,
        run_results=target / "run_results.json",
        write_pages=_write_pages,
    )
    if arguments.summary and result.run.outcome == PUBLISHED:
        print_summary(places.warehouse, target)
    return _report(result, places)


def _write_pages(built: Path, folder: Path) -> str:
    # Charts take a second to import: a night on which nothing has changed does without.
    from urban_resilience.reporting.site.assemble import build_site

    report = build_site(built, folder)
    return f"the site has no SQL page: {report.remark}" if report.remark else ""


def _as_of(places: Places, arguments: argparse.Namespace) -> int:
    """Rebuild an earlier state; a target folder of its own keeps the results of the refresh."""
    out = arguments.out or default_file(places, arguments.date)
    os.environ["DBT_TARGET_PATH"] = f"{os.environ.get('DBT_TARGET_PATH', 'target')}/as_of"
    raw = Path(os.environ.get("RAW_DATA_DIR") or SIMULATED_DIR)
    code = rebuild_as_of(places, raw, arguments.date, out)
    print(f"as of {arguments.date}: {'built ' + str(out) if code == 0 else 'not built'}")
    return code


def _report(result: RefreshResult, places: Places) -> int:
    for note in result.notes:
        print(f"note: {note}")
    # Every night, and above all on those on which nothing has changed.
    if places.warehouse.exists() and result.run.outcome != ROLLED_BACK:
        for table in stale_tables(places.warehouse):
            print(f"note: {table}")
    if result.failed:
        kept = "unchanged" if places.warehouse.exists() else "not written"
        print(f"The build failed; {places.warehouse} is {kept}. The messages above name the cause.")
    _close(result.run.outcome, result.line)
    return int(result.failed)


def _close(outcome: str, line: str) -> None:
    """Tell whoever wants to know: ``REFRESH_ON_FINISH`` is a command, none by default."""
    sys.stderr.flush()
    print(line, flush=True)
    command = os.environ.get("REFRESH_ON_FINISH")
    if not command:
        return
    environment = {"REFRESH_OUTCOME": outcome, "REFRESH_LINE": line}
    code = subprocess.run(command, shell=True, env=os.environ | environment, check=False).returncode
    if code:
        print(f"note: REFRESH_ON_FINISH ended with code {code}")


def _print_changes(places: Places, a: int | None, b: int | None) -> int:
    kept = [version.run_id for version in kept_versions(places)]
    current = published_version(places)
    later = b if b is not None else current.run_id if current else max(kept, default=0)
    earlier = a if a is not None else max((run for run in kept if run < later), default=0)
    before, after = (find_version(places, run).file(places) for run in (earlier, later))
    print(f"From version {earlier} to version {later}:")
    print(in_words(version_changes(before, after), before, after))
    return 0


def _print_history(places: Places) -> int:
    for run in read_runs(places.runs):
        revision = (run.git_revision or "")[:8] + ("+" if "+" in (run.git_revision or "") else "")
        detail = run.reason or ""
        print(f"{run.run_id:>6}  {run.started_at}  {run.outcome:<11}  {revision:<9}  {detail}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
