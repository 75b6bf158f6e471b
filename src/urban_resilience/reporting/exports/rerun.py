"""What a script in Stata or R needs to run regressions again: rows, samples, our numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from urban_resilience.estimation.designs import policy_design, policy_sample
from urban_resilience.estimation.estimators.treatment_timing import TREATED, code_treatment
from urban_resilience.estimation.regression_spec import RegressionSpec
from urban_resilience.estimation.selection import select_sample
from urban_resilience.estimation.specs import parse_specs
from urban_resilience.reporting.stata_names import stata_names

DESIGNS = ("twfe", "iv", "did")
ESTIMATORS = ("ols", "2sls")
FIRST = ("table_3", "iv", "did")
KEYS = ["city_code", "year"]


@dataclass(frozen=True)
class Rerun:
    """A regression to run again, by the names of the exported panel.

    Attributes
    ----------
    sample
        Column that is 1 in the rows of its sample.
    treatment
        Column of the panel; of a policy, the dated treatment by the rules of the row.
    estimate, std_error, n_obs
        Ours.
    """

    spec_id: str
    table_id: str
    column_id: str
    outcome: str
    treatment: str
    controls: tuple[str, ...]
    fixed_effects: tuple[str, ...]
    clusters: tuple[str, ...]
    vcov: str
    instruments: tuple[str, ...]
    sample: str
    estimate: float
    std_error: float
    n_obs: int


def read_reruns(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[pd.DataFrame, list[Rerun], dict[str, str]]:
    """Read the panel, with samples and treatments as columns, and the regressions to run on it.

    Returns
    -------
    panel : DataFrame
        ``city_code``, ``year``, what the regressions read, and two columns for each sample and
        treatment, by names that Stata takes.
    reruns : list of Rerun
        Those of ``regression_specs`` that are least squares or two stages, in the order of tables.
    left_out : dict of str to str
        Why the others are not among them.
    """
    rows = connection.execute("from reference.regression_specs").df()
    panel = connection.execute(f"from panel.fct_estimation_panel order by {', '.join(KEYS)}").df()
    timing = connection.execute("from reference.fct_policy_batches").df()
    ours = _ours(connection)
    left_out: dict[str, str] = {}
    kept: list[tuple[RegressionSpec, pd.DataFrame]] = []
    for spec in sorted(parse_specs(rows), key=_place):
        if spec.design not in DESIGNS:
            continue
        reason = _cannot(spec, ours)
        if reason:
            left_out[spec.spec_id] = reason
        else:
            kept.append((spec, _sample(spec, panel, timing)))
    return _laid_out(panel, kept, ours, left_out)


def _place(spec: RegressionSpec) -> tuple[int, str, str, str]:
    """Sort by the tables that are asked for first, then by table and column."""
    first = FIRST.index(spec.table_id) if spec.table_id in FIRST else len(FIRST)
    return first, spec.table_id, spec.column_id, spec.spec_id


def _ours(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[float, float, int]]:
    rows = connection.execute(
        "select spec_id, estimate, std_error, n_obs from results.fct_coefficients"
        " inner join results.fct_model_fits using (spec_id)"
        " where term = treatment and status = 'estimated' and std_error is not null"
    ).fetchall()
    return {spec_id: (estimate, error, n_obs) for spec_id, estimate, error, n_obs in rows}


def _cannot(spec: RegressionSpec, ours: dict[str, tuple[float, float, int]]) -> str:
    if spec.spec_id not in ours:
        return "it could not be estimated here"
    if spec.estimator not in ESTIMATORS:
        return f"its estimator is {spec.estimator}"
    if spec.weights:
        return f"it is weighted by {spec.weights}"
    if any("[" in effect for effect in spec.fixed_effects):
        return "its effects have slopes"
    return "it has several policies" if len(spec.policies) > 1 else ""


def _sample(spec: RegressionSpec, panel: pd.DataFrame, timing: pd.DataFrame) -> pd.DataFrame:
    """Complete rows of a regression, with its treatment where that is a policy."""
    if spec.design == "did":
        rows = policy_sample(spec, panel, timing)
        rows = code_treatment(rows, policy_design(spec, rows))
    else:
        rows = select_sample(panel, spec.sample_filter)
    return _repeated(rows.dropna(subset=[name for name in spec.columns if name in rows]), spec)


def _repeated(rows: pd.DataFrame, spec: RegressionSpec) -> pd.DataFrame:
    """Drop rows that are alone in an effect, as reghdfe does: they say nothing, and count in N."""
    while True:
        alone = pd.Series(False, index=rows.index)
        for effect in spec.fixed_effects:
            alone |= rows.groupby(effect.split("^"))[spec.outcome].transform("size") == 1
        if not alone.any():
            return rows
        rows = rows[~alone]


def _laid_out(
    panel: pd.DataFrame,
    kept: Sequence[tuple[RegressionSpec, pd.DataFrame]],
    ours: dict[str, tuple[float, float, int]],
    left_out: dict[str, str],
) -> tuple[pd.DataFrame, list[Rerun], dict[str, str]]:
    used = dict.fromkeys(name for spec, _ in kept for name in spec.columns)
    columns = [*KEYS, *(name for name in used if name in panel and name not in KEYS)]
    added = [f"{kind}_{spec.spec_id}" for spec, _ in kept for kind in ("use", "treated")]
    names = stata_names([*columns, *added])
    laid_out = panel[columns].rename(columns=names)
    index = pd.MultiIndex.from_frame(panel[KEYS])
    more: dict[str, pd.Series] = {}
    reruns = []
    for spec, rows in kept:
        own = rows.set_index(KEYS)
        sample = names[f"use_{spec.spec_id}"]
        more[sample] = pd.Series(index.isin(own.index).astype(float), index=panel.index)
        treatment = names.get(spec.treatment, spec.treatment)
        if spec.treatment == TREATED:
            treatment = names[f"treated_{spec.spec_id}"]
            more[treatment] = pd.Series(
                own[TREATED].astype(float).reindex(index).to_numpy(), index=panel.index
            )
        estimate, error, n_obs = ours[spec.spec_id]
        reruns.append(
            Rerun(
                spec.spec_id,
                spec.table_id,
                spec.column_id,
                names[spec.outcome],
                treatment,
                tuple(names[name] for name in spec.controls),
                tuple(_effect(effect, names) for effect in spec.fixed_effects),
                tuple(names[name] for name in spec.clusters),
                spec.vcov,
                tuple(names[name] for name in spec.instruments),
                sample,
                estimate,
                error,
                n_obs,
            )
        )
    return pd.concat([laid_out, pd.DataFrame(more)], axis=1), reruns, left_out


def _effect(effect: str, names: dict[str, str]) -> str:
    return "^".join(names[part] for part in effect.split("^"))
