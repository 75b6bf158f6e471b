"""Commands that build and publish, and that go back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from urban_resilience.cli import options
from urban_resilience.cli.inputs import simulate_if_nothing_supplied
from urban_resilience.shared.refusal import Refusal

if TYPE_CHECKING:
    from urban_resilience.refresh.nightly import Builder
    from urban_resilience.refresh.places import Places

AcceptChanges = Annotated[
    bool,
    typer.Option(
        "--accept-changes",
        help="Let comparisons with the published build warn instead of stop.",
    ),
]
Keep = Annotated[int, typer.Option(min=1, metavar="NUMBER", help="Published versions to keep.")]


def build(
    accept_changes: AcceptChanges = False,
    keep: Keep = 7,
    study: options.Study = None,
    raw: options.Raw = None,
    warehouse: options.Warehouse = None,
) -> int:
    """Build the warehouse of raw files, test it, publish it and sum it up.

    A build that fails a check leaves the published warehouse as it is. Without raw files it
    simulates some. Exit codes are those of `refresh`.
    """
    return _run(study, raw, warehouse, True, accept_changes, keep, with_summary=True)


def build_spark(
    accept_changes: AcceptChanges = False,
    keep: Keep = 7,
    study: options.Study = None,
    raw: options.Raw = None,
    warehouse: options.Warehouse = None,
) -> int:
    """Build with the SQL from raw files to panel and indices on Apache Spark, the rest on DuckDB.

    Needs Java 17 and the extra `spark` (`make build-spark` installs it). A master and two workers
    are started on this machine, or SPARK_CONF_DIR names a cluster. What Spark hands over is judged,
    estimated from and published as by `build`.
    """
    return _run(study, raw, warehouse, True, accept_changes, keep, with_summary=True, on_spark=True)


def refresh(
    force: Annotated[
        bool, typer.Option("--force", help="Build even where nothing has changed.")
    ] = False,
    accept_changes: AcceptChanges = False,
    keep: Keep = 7,
    study: options.Study = None,
    raw: options.Raw = None,
    warehouse: options.Warehouse = None,
) -> int:
    """Do the same for a scheduler: nothing where neither raw files nor project have changed.

    Ends with 0 where readers have what they should, 1 where a build failed and they keep what they
    had, 75 where another refresh is at work. REFRESH_ON_FINISH names a command to be told with.
    """
    return _run(study, raw, warehouse, force, accept_changes, keep)


def rollback(
    to: Annotated[
        int | None,
        typer.Option(
            metavar="RUN", help="Its run number; the version before the current if absent."
        ),
    ] = None,
    study: options.Study = None,
    warehouse: options.Warehouse = None,
) -> int:
    """Publish an earlier kept version again."""
    from urban_resilience.refresh.announce import announce
    from urban_resilience.refresh.nightly import roll_back

    places = _places(study, warehouse)
    return announce(roll_back(places, to), places)


def history(study: options.Study = None, warehouse: options.Warehouse = None) -> None:
    """List every run of build and refresh, and how it ended."""
    from urban_resilience.refresh.runs import read_runs

    for run in read_runs(_places(study, warehouse).runs):
        revision = (run.git_revision or "")[:8] + ("+" if "+" in (run.git_revision or "") else "")
        detail = run.reason or ""
        print(f"{run.run_id:>6}  {run.started_at}  {run.outcome:<11}  {revision:<9}  {detail}")


def as_of(
    date: Annotated[
        str, typer.Option(metavar="DATE", help="To the end of that day, or a time; UTC.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File to write; a folder of its own beside the warehouse if absent.",
        ),
    ] = None,
    study: options.Study = None,
    raw: options.Raw = None,
    warehouse: options.Warehouse = None,
) -> int:
    """Rebuild with the yearbook as it was known at a past date; publish nothing."""
    places = _use_study(study, warehouse)
    from urban_resilience.refresh.as_of import default_file, rebuild_as_of

    file = out or default_file(places, date)
    # A target folder of its own keeps the results of the refresh.
    os.environ["DBT_TARGET_PATH"] = f"{os.environ.get('DBT_TARGET_PATH') or 'target'}/as_of"
    code = rebuild_as_of(places, options.raw_folder(study, raw), date, file)
    print(f"as of {date}: {f'built {file}' if code == 0 else 'not built'}")
    return code


def _spark_builder() -> Builder:
    from importlib.util import find_spec

    if find_spec("pyspark") is None:
        raise Refusal(
            "Apache Spark is not installed here. `make build-spark` installs it, or:"
            " pip install --require-hashes -r requirements-spark.lock"
        )
    from urban_resilience.spark.build import build

    return build


def _run(
    study: Path | None,
    raw: Path | None,
    warehouse: Path | None,
    force: bool,
    accept_changes: bool,
    keep: int,
    with_summary: bool = False,
    on_spark: bool = False,
) -> int:
    places = _use_study(study, warehouse)
    from urban_resilience.refresh import announce, build, nightly, runs
    from urban_resilience.reporting.summary import print_summary

    try:
        folder = options.raw_folder(study, raw)
        simulate_if_nothing_supplied(folder)
        target = Path(os.environ.get("DBT_TARGET_PATH") or "target")
        result = nightly.refresh(
            places,
            folder,
            Path.cwd(),
            _spark_builder() if on_spark else build.build,
            force=force,
            accept_changes=accept_changes,
            keep=keep,
            run_results=target / "run_results.json",
            write_pages=_write_pages,
        )
        if with_summary and result.run.outcome == runs.PUBLISHED:
            print_summary(places.warehouse, target)
        return announce.announce(result, places)
    except Refusal:
        raise
    except Exception as error:
        return announce.announce_crash(error)


def _write_pages(built: Path, folder: Path) -> str:
    # Charts take a second to import: a night on which nothing has changed does without.
    from urban_resilience.reporting.site.assemble import build_site

    report = build_site(built, folder)
    return f"the site has no SQL page: {report.remark}" if report.remark else ""


def _places(study: Path | None, warehouse: Path | None) -> Places:
    from urban_resilience.refresh.places import Places

    return Places(options.warehouse_file(study, warehouse))


def _use_study(study: Path | None, warehouse: Path | None) -> Places:
    options.need_checkout()
    options.name_study(study)
    from urban_resilience.shared.study import use_study

    places = _places(study, warehouse)
    use_study()
    return places
