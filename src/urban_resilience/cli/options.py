"""Options that several commands have, and what holds where they are absent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from urban_resilience.cli.plain_help import PLACES
from urban_resilience.shared.project import ROOT, STUDY_VARIABLE
from urban_resilience.shared.refusal import Refusal

PROJECT_FILE = "dbt_project.yml"
SIMULATED_DIR = Path("data/simulated")

Study = Annotated[
    Path | None,
    typer.Option(
        "--study",
        envvar=STUDY_VARIABLE,
        metavar="FOLDER",
        help="A study of your own; the shipped one if absent.",
        rich_help_panel=PLACES,
        show_default=False,
    ),
]
Raw = Annotated[
    Path | None,
    typer.Option(
        "--raw",
        envvar="RAW_DATA_DIR",
        metavar="FOLDER",
        help="Your raw files. If absent: `raw` in the folder of the study, else data/simulated.",
        rich_help_panel=PLACES,
        show_default=False,
    ),
]
Warehouse = Annotated[
    Path | None,
    typer.Option(
        "--warehouse",
        envvar="WAREHOUSE_PATH",
        metavar="FILE",
        help="The DuckDB file. If absent: warehouse/urban_resilience.duckdb, or warehouse/ and the "
        "name of the study.",
        rich_help_panel=PLACES,
        show_default=False,
    ),
]


def raw_folder(study: Path | None, raw: Path | None) -> Path:
    """Folder of raw files: the one named, that of the study, or the simulated."""
    if raw is None and study is not None and (study / "raw").is_dir():
        return study / "raw"
    return raw or SIMULATED_DIR


def warehouse_file(study: Path | None, warehouse: Path | None) -> Path:
    """File of the warehouse, named or that of the study; it need not be there."""
    name = study.resolve().name if study else "urban_resilience"
    return warehouse or Path("warehouse") / f"{name}.duckdb"


def built_warehouse(study: Path | None, warehouse: Path | None) -> Path:
    """File of a warehouse that is there.

    Raises
    ------
    Refusal
        It is not.
    """
    file = warehouse_file(study, warehouse)
    if not file.is_file():
        elsewhere = "" if warehouse else "; --warehouse or WAREHOUSE_PATH names another"
        raise Refusal(f"there is no warehouse at {file}: `make build` makes it{elsewhere}")
    return file


def name_study(study: Path | None) -> None:
    """Tell the library, and dbt, which study is meant."""
    if study is not None:
        os.environ[STUDY_VARIABLE] = str(study)


def need_project() -> None:
    """Refuse what reads the project's seeds and models where the library came without them.

    Raises
    ------
    Refusal
    """
    if not (ROOT / PROJECT_FILE).is_file():
        raise Refusal(
            "this installation has the library without the project's models and seeds: clone the"
            " repository and run `make build` in it"
        )


def need_checkout() -> None:
    """Refuse what dbt does outside of the folder of the project.

    Raises
    ------
    Refusal
    """
    need_project()
    if not Path(PROJECT_FILE).is_file():
        raise Refusal(f"{Path.cwd()} is not the folder of the project: `cd {ROOT}` first")
