"""Every command with its place in the help and its examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from urban_resilience.cli import asking, building, inputs, results, serving
from urban_resilience.cli.one_line import OneLineGroup
from urban_resilience.cli.plain_help import PlainCommand, examples

DATA, BUILD, READ = "Your data", "Build and publish", "Read the results"
SIDE = "Simulated data, and dbt by hand"

app = typer.Typer(
    cls=OneLineGroup,
    no_args_is_help=False,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    # Boxes would double the time that a help takes.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "urban-resilience build",
        "urban-resilience explain Shenzhen 2019",
        "urban-resilience export --format xlsx --out results",
        heading="From nothing to an answer:",
    )
    + "\n\n`COMMAND --help` shows examples of each. STUDY, RAW_DATA_DIR and WAREHOUSE_PATH in the"
    " environment stand behind --study, --raw and --warehouse. The targets of the Makefile have the"
    " same names: `make build`.",
)


@app.callback()
def urban_resilience(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Turn raw city statistics into tested indices and regression evidence."""
    if version:
        from importlib.metadata import version as version_of

        print(version_of("urban-resilience"))
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


def _add(panel: str, function: Callable[..., object], *shown: str) -> None:
    name = function.__name__.replace("_", "-")
    app.command(name, cls=PlainCommand, rich_help_panel=panel, epilog=examples(*shown))(function)


_add(
    DATA,
    inputs.check_data,
    "urban-resilience check-data --raw my/files",
    "urban-resilience check-data --raw my/files --write-mapping",
)
_add(DATA, inputs.template, "urban-resilience template --out forms")
_add(
    DATA,
    inputs.study,
    "urban-resilience study --out my_study",
    "urban-resilience build --study my_study --raw my/files",
)
_add(
    BUILD,
    building.build,
    "urban-resilience build",
    "urban-resilience build --raw my/files",
    "urban-resilience build --study studies/castle_doctrine",
)
_add(
    BUILD,
    building.build_spark,
    "urban-resilience build-spark --raw my/files",
    "SPARK_CONF_DIR=/etc/spark/conf urban-resilience build-spark --raw /shared/files",
)
_add(
    BUILD,
    building.refresh,
    "urban-resilience refresh --raw my/files >> logs/refresh.log 2>&1",
    "urban-resilience refresh --force --accept-changes",
)
_add(BUILD, building.rollback, "urban-resilience rollback", "urban-resilience rollback --to 12")
_add(BUILD, building.history, "urban-resilience history")
_add(
    BUILD,
    building.as_of,
    "urban-resilience as-of --date 2026-03-01",
    "urban-resilience as-of --date 2026-03-01T02:30:00Z --out then.duckdb",
)
_add(READ, results.site, "urban-resilience site --out pages")
_add(
    READ,
    serving.serve,
    "urban-resilience serve",
    "urban-resilience serve --port 0 --open",
    "urban-resilience serve --pages site",
)
_add(
    READ,
    results.export,
    "urban-resilience export --out results",
    "urban-resilience export --format xlsx,dta",
    "urban-resilience export --format tables --stars 0 --brackets t",
)
_add(READ, results.diff, "urban-resilience diff", "urban-resilience diff --a 12 --b 14")
_add(
    READ,
    asking.explain,
    "urban-resilience explain Shenzhen 2019",
    "urban-resilience explain 深圳 2019 --index resi",
)
_add(
    READ,
    asking.query,
    'urban-resilience query "select city_name_en, resi from fct_resilience where year = 2019"',
    "urban-resilience query @analyses/resilience_risers.sql --out risers.csv",
    'echo "from fct_coefficients" | urban-resilience query - --format json --limit 5',
)
_add(READ, asking.explain_spec, "urban-resilience explain-spec t3_4")
_add(READ, results.docs, "urban-resilience docs")


@app.command(hidden=True)
def reference(context: typer.Context) -> None:
    """Print the reference of docs/commands.md, below its mark."""
    from urban_resilience.cli.reference import reference as written

    print(written(context.parent and context.parent.command), end="")


_add(SIDE, inputs.simulate, "urban-resilience simulate --out data/simulated --seed 7")
_add(SIDE, inputs.prepare, "urban-resilience prepare --raw my/files --out contract")
_add(SIDE, inputs.seeds, "STUDY_SEEDS=$(urban-resilience seeds --study my_study) dbt build")
