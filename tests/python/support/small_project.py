"""A copy of the project with a tenth of its models, so that a real night takes seconds.

What stays reads and judges the raw files, up to the raw gate, computes the indicators and runs one
regression; its panel is made up. Seeds, macros, intake, tests of what stays and the refresh are the
real ones.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import yaml

from support.dbt import ROOT
from support.project import copy_project
from urban_resilience.variables.panel_columns import panel_columns

WANTED = (
    *("fct_raw_files", "int_indicators_computed", "est_coefficients", "fct_policy_timing"),
    # Named by macros alone.
    "int_variables_checked",
)
PANEL = "fct_estimation_panel"
REF = re.compile(r"""ref\(['"](\w+)['"]\)""")
GATE = re.compile(r"behind_gate\('(\w+)'\)")
MADE_UP = {
    "varchar": "'p' || id % 5",
    "boolean": "true",
    "integer": "2010 + cast(id % 3 as integer)",
    "double": "sin(id * {number})",
}


def small_project(destination: Path) -> Path:
    """Copy the project, library included, and take away what the wanted models do not need."""
    copy_project(destination)
    shutil.copytree(ROOT / "src", destination / "src", ignore=shutil.ignore_patterns("__pycache__"))
    files = [
        path
        for folder in ("models", "python_models", "snapshots")
        for path in (destination / folder).rglob("*.*")
        if path.suffix in (".sql", ".py")
    ]
    models = {path.stem: path for path in files}
    _write_panel(models[PANEL])
    kept = _needed(models)
    for name, path in models.items():
        if name not in kept:
            path.unlink()
    for path in [*destination.glob("models/**/*.yml"), *destination.glob("python_models/**/*.yml")]:
        if path.stem not in kept and not path.stem.startswith("_"):
            path.unlink()
    seeds = {path.stem for path in destination.glob("seeds/*/*.csv")}
    for path in destination.glob("tests/singular/*.sql"):
        if not set(REF.findall(path.read_text(encoding="utf-8"))) <= kept | seeds:
            path.unlink()
    shutil.rmtree(destination / "analyses")
    _drop_tests(destination / "seeds" / "reference" / "_reference__seeds.yml")
    # What the paper printed is of regressions that are not here.
    _drop_tests(destination / "seeds" / "study" / "published_results.yml")
    _keep_rows(destination / "seeds" / "study" / "regression_specs.csv", "t3_1,", "t3_2,")
    # No model here computes a measure.
    _keep_rows(destination / "seeds" / "study" / "measure_inputs.csv")
    return destination


def _needed(models: dict[str, Path]) -> set[str]:
    staging = [name for name, path in models.items() if "staging" in path.parts]
    kept, waiting = set(), [*WANTED, *staging]
    while waiting:
        name = waiting.pop()
        if name in models and name not in kept:
            kept.add(name)
            described = models[name].with_suffix(".yml")
            texts = [path.read_text(encoding="utf-8") for path in (models[name], described)
                     if path.exists()]  # fmt: skip
            waiting += [found for text in texts for found in REF.findall(text)]
            waiting += [f"dq_{layer}" for layer in GATE.findall(texts[0])]
    return kept


def _write_panel(path: Path) -> None:
    """Rows with the panel's columns and no meaning."""
    listed = ",\n    ".join(
        f"cast({_made_up(name, kind, number)} as {kind}) as {name}"
        for number, (name, kind) in enumerate(panel_columns().items(), 1)
    )
    path.write_text(f"select\n    {listed}\nfrom range(300) as made_up (id)\n", encoding="utf-8")


def _made_up(name: str, kind: str, number: int) -> str:
    keys = {"city_code": "110000 + id // 3", "year": "2010 + id % 3"}
    return keys.get(name) or MADE_UP[kind].format(number=number)


def _drop_tests(path: Path) -> None:
    """Leave out the tests of facts that no night here changes: they are half of all nodes."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    for seed in document["seeds"]:
        for described in (seed, *seed.get("columns", [])):
            described.pop("data_tests", None)
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")


def _keep_rows(seed: Path, *beginnings: str) -> None:
    header, *rows = seed.read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if row.startswith(beginnings)]
    seed.write_text("\n".join([header, *kept]) + "\n", encoding="utf-8")
