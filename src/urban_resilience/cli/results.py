"""Commands that write a published warehouse for readers, and that compare two of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from urban_resilience.cli import options
from urban_resilience.cli.progress import steps

# What `exports` takes; its modules are heavy, so the words stand here too, held equal by a test.
FORMATS = "parquet,csv,xlsx,dta,tables,figures,replication"


def site(
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Folder to write, replaced whole.")
    ] = Path("site"),
    study: options.Study = None,
    warehouse: options.Warehouse = None,
) -> None:
    """Write the pages of a warehouse again; `build` publishes them by itself, beside the file."""
    file = options.built_warehouse(study, warehouse)
    from urban_resilience.reporting.site.assemble import build_site

    with steps("site") as tell:
        report = build_site(file, out, tell)
    print(f"{out / 'index.html'} ({report.bytes_written / 1e6:.1f} MB, {report.seconds:.0f} s)")
    if report.remark:
        print(f"without the SQL page: {report.remark}")


def export(
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Folder to write, replaced whole.")
    ] = Path("export"),
    formats: Annotated[
        str, typer.Option("--format", metavar="NAMES", help="Some of the default, by comma.")
    ] = FORMATS,
    stars: Annotated[
        int,
        typer.Option(min=0, max=1, metavar="0|1", help="Stars of significance in printed tables."),
    ] = 1,
    brackets: Annotated[
        str, typer.Option(metavar="se|t|p", help="What stands in brackets below an estimate.")
    ] = "se",
    study: options.Study = None,
    warehouse: options.Warehouse = None,
) -> None:
    """Write marts, printed tables, figures and replication scripts for other programs."""
    file = options.built_warehouse(study, warehouse)
    from urban_resilience.reporting.exports.export import export as write_export
    from urban_resilience.reporting.exports.printed import BRACKETS, Form

    if brackets not in BRACKETS:
        raise typer.BadParameter(f"{brackets!r}: there are {', '.join(BRACKETS)}.")
    names = [name.strip() for name in formats.split(",") if name.strip()]
    with steps("export") as tell:
        done = write_export(file, out, names, Form(bool(stars), brackets), tell)
    for remark in done.remarks:
        print(f"note: {remark}")
    size = f"{done.files} files, {done.bytes_written / 1e6:,.0f} MB, {done.seconds:.0f} s"
    print(f"{done.folder}: {size}; {done.built.in_words}")


def diff(
    a: Annotated[
        int | None,
        typer.Option("--a", metavar="RUN", help="The earlier; the one before the later if absent."),
    ] = None,
    b: Annotated[
        int | None,
        typer.Option("--b", metavar="RUN", help="The later; what readers see if absent."),
    ] = None,
    study: options.Study = None,
    warehouse: options.Warehouse = None,
) -> None:
    """Say what changed between two kept versions: rows, scores, ranks, coefficients.

    In words, the largest changes first, and in SQL that gives every row. `history` lists the runs.
    """
    from urban_resilience.refresh.compare import versions_to_compare
    from urban_resilience.refresh.places import Places
    from urban_resilience.reporting.version_changes import in_words, version_changes

    places = Places(options.warehouse_file(study, warehouse))
    earlier, later = versions_to_compare(places, a, b)
    before, after = earlier.file(places), later.file(places)
    with steps("diff") as tell:
        changes = version_changes(before, after, tell)
    print(f"From version {earlier.run_id} to version {later.run_id}:")
    print(in_words(changes, before, after))


def docs(study: options.Study = None, warehouse: options.Warehouse = None) -> int:
    """Write one file that describes every model and column: target/static_index.html."""
    options.need_checkout()
    options.name_study(study)
    import subprocess
    import sys

    from urban_resilience.shared.project import SEEDS_VARIABLE
    from urban_resilience.shared.study import use_study

    # The folder of seeds, relative to the project, is in the environment by then.
    use_study()
    environment = {
        SEEDS_VARIABLE: os.environ.get(SEEDS_VARIABLE) or "seeds",
        "WAREHOUSE_PATH": str(options.warehouse_file(study, warehouse)),
    }
    command = [str(Path(sys.executable).with_name("dbt")), "docs", "generate", "--static"]
    return subprocess.run(command, env=os.environ | environment, check=False).returncode
