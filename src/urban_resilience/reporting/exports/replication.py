"""Scripts that run our regressions again elsewhere: reghdfe in Stata, fixest or plm in R."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import duckdb
import pandas as pd
import pyreadstat

from urban_resilience.reporting.built import Built
from urban_resilience.reporting.exports.rerun import Rerun, read_reruns


def write_replication(
    connection: duckdb.DuckDBPyConnection, built: Built, folder: Path, suffix: str
) -> None:
    """Write the panel and the two scripts that read it.

    Parameters
    ----------
    connection
        To the warehouse.
    built
        Named in both scripts.
    folder
        To make.
    suffix
        Part of the names of the files with numbers: ``.SIMULATED`` or nothing.
    """
    folder.mkdir()
    panel, reruns, left_out = read_reruns(connection)
    data = f"panel{suffix}"
    panel.to_csv(folder / f"{data}.csv", index=False)
    text = {name: panel[name].fillna("") for name in panel if not _is_number(panel[name])}
    pyreadstat.write_dta(panel.assign(**text), str(folder / f"{data}.dta"), version=15)
    script = do_file(panel, reruns, left_out, built, f"{data}.dta")
    (folder / "replication.do").write_text(script, encoding="utf-8")
    script = r_script(reruns, left_out, built, f"{data}.csv")
    (folder / "replication.R").write_text(script, encoding="utf-8")


def do_file(
    panel: pd.DataFrame, reruns: Sequence[Rerun], left_out: dict[str, str], built: Built, data: str
) -> str:
    """Write the regressions for Stata 14 and later, with reghdfe and ivreghdfe of the SSC."""
    grouped = sorted(
        {
            name
            for rerun in reruns
            for effect in (*rerun.fixed_effects, *rerun.clusters)
            for name in effect.split("^")
            if not _is_number(panel[name])
        }
    )
    lines = [f"* {line}" for line in _heading(built, left_out)]
    lines += [
        "* Needs: ssc install reghdfe, ftools, ivreghdfe, ivreg2, ranktest.",
        "clear all",
        f'use "{data}", clear',
        *(f"egen long id_{name} = group({name})"[:80] for name in grouped),
        "",
        "program define beside",
        "    args spec term estimate error n",
        "    display as text %-44s \"`spec'\" as result %13.8f `estimate' %13.8f _b[`term'] ///",
        "        %13.8f `error' %13.8f _se[`term'] %8.0f `n' %8.0f e(N)",
        "end",
        "",
        'display "regression, ours, theirs, our s.e., their s.e., our N, their N"',
    ]
    for rerun in reruns:
        lines += [
            "",
            f"* {rerun.spec_id}: {rerun.table_id}, column {rerun.column_id}",
            f"quietly {_stata_command(rerun, grouped)}",
        ]
        lines += [
            f"beside {rerun.spec_id} {rerun.treatment} {rerun.estimate!r} {rerun.std_error!r}"
            f" {rerun.n_obs}"
        ]
    return "\n".join(lines) + "\n"


def _stata_command(rerun: Rerun, grouped: Sequence[str]) -> str:
    def numeric(name: str) -> str:
        return f"id_{name}" if name in grouped else name

    controls = " ".join(rerun.controls)
    clusters = " ".join(numeric(name) for name in rerun.clusters)
    errors = {"HC1": "vce(robust)", "iid": ""}.get(rerun.vcov, f"vce(cluster {clusters})")
    effects = " ".join(
        "#".join(numeric(part) for part in effect.split("^")) for effect in rerun.fixed_effects
    )
    absorbed = f"absorb({effects})" if effects else "noabsorb"
    condition = f"if {rerun.sample} == 1"
    if not rerun.instruments:
        named = " ".join([rerun.outcome, rerun.treatment, controls]).strip()
        return f"reghdfe {named} {condition}, {absorbed} {errors}".strip()
    instruments = " ".join(rerun.instruments)
    named = f"{rerun.outcome} {controls} ({rerun.treatment} = {instruments})"
    errors = {"HC1": "robust", "iid": ""}.get(rerun.vcov, f"cluster({clusters})")
    return f"ivreghdfe {named} {condition}, {absorbed} {errors}".strip()


def r_script(reruns: Sequence[Rerun], left_out: dict[str, str], built: Built, data: str) -> str:
    """Write the regressions for R: with fixest, and with plm and sandwich where asked."""
    body = files("urban_resilience.reporting").joinpath("templates/replication.R")
    rows = ",\n".join(f"  list({_r_fields(rerun)})" for rerun in reruns)
    lines = [f"# {line}" for line in _heading(built, left_out)]
    lines += [
        f"data <- {json.dumps(data)}",
        f"banner <- {json.dumps(built.banner, ensure_ascii=False)}",
    ]
    lines += [f"specs <- list(\n{rows}\n)", ""]
    return "\n".join(lines) + body.read_text(encoding="utf-8")


def _r_fields(rerun: Rerun) -> str:
    texts = {
        "id": rerun.spec_id, "table": rerun.table_id, "outcome": rerun.outcome,
        "treatment": rerun.treatment,
        "vcov": rerun.vcov, "sample": rerun.sample,
    }  # fmt: skip
    lists = {
        "controls": rerun.controls, "effects": rerun.fixed_effects, "clusters": rerun.clusters,
        "instruments": rerun.instruments,
    }  # fmt: skip
    numbers = {"estimate": rerun.estimate, "std_error": rerun.std_error, "n_obs": rerun.n_obs}
    fields = [f"{name} = {json.dumps(value)}" for name, value in texts.items()]
    fields += [f"{name} = c({', '.join(map(json.dumps, value))})" for name, value in lists.items()]
    return ", ".join([*fields, *(f"{name} = {value!r}" for name, value in numbers.items())])


def _heading(built: Built, left_out: dict[str, str]) -> list[str]:
    banner = [built.banner] if built.banner else []
    lines = ["Runs the regressions of the warehouse again and prints ours beside theirs.", *banner]
    lines += [f"Made from the rows of regression_specs; {built.in_words}."]
    return lines + [f"Not run again, {name}: {reason}." for name, reason in left_out.items()]


def _is_number(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values)
