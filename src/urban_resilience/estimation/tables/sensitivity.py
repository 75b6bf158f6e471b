"""What an estimate owes to its controls: specification curve and omitted variables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import pandas as pd
import pyarrow as pa

from urban_resilience.estimation.estimators.omitted_variables import assess_omitted_variables
from urban_resilience.estimation.estimators.specification_curve import fit_specification_curve
from urban_resilience.estimation.fit import NotEstimableError, picked, refusal
from urban_resilience.estimation.regression_spec import RegressionSpec
from urban_resilience.estimation.selection import select_sample
from urban_resilience.estimation.tables.schema import long_schema, table_of

# Oster (2019) proposes the first; the second lets omitted variables explain everything.
MAX_R2_RULES = {"1.3 R2": None, "1": 1.0}

SPECIFICATION_CURVE = long_schema(
    "spec_id outcome treatment controls status reason",
    "n_controls n_obs n_clusters n_singletons",
    "estimate std_error statistic p_value conf_low conf_high r2 r2_within",
)
OMITTED_VARIABLES = long_schema(
    "spec_id outcome treatment max_r2_rule status reason",
    "",
    "max_r2 short_estimate short_r2 long_estimate long_r2 delta delta_linear"
    " adjusted_estimate adjusted_estimate_linear second_adjusted_estimate third_adjusted_estimate",
)


def tabulate_specification_curve(specs: Iterable[RegressionSpec], panel: pd.DataFrame) -> pa.Table:
    """Every choice of controls (grain: spec x subset of its controls)."""
    rows = []
    for spec in specs:
        shared = picked(spec, "spec_id", "outcome", "treatment")
        try:
            sample = select_sample(panel, spec.sample_filter)
            curve = fit_specification_curve(sample, **_regression(spec))
        except NotEstimableError as error:
            rows.append({**shared, **refusal(error)})
            continue
        shared |= picked(curve, "n_obs", "n_clusters", "n_singletons")
        rows += [
            {
                **shared,
                **asdict(point),
                "controls": " ".join(point.controls),
                "status": "not_estimable" if point.reason else "estimated",
            }
            for point in curve.points
        ] or [{**shared, **picked(curve, "status", "reason")}]
    return table_of(rows, SPECIFICATION_CURVE)


def tabulate_omitted_variables(specs: Iterable[RegressionSpec], panel: pd.DataFrame) -> pa.Table:
    """Ask what selection on omitted variables would do (grain: spec x rule for the largest R2)."""
    rows = []
    for spec in specs:
        try:
            sample = select_sample(panel, spec.sample_filter)
        except NotEstimableError as error:
            shared = {**picked(spec, "spec_id", "outcome", "treatment"), **refusal(error)}
            rows += [{**shared, "max_r2_rule": rule} for rule in MAX_R2_RULES]
            continue
        for rule, max_r2 in MAX_R2_RULES.items():
            found = assess_omitted_variables(sample, **_regression(spec), max_r2=max_r2)
            numbers = {**(asdict(found.moments) if found.moments else {}), **asdict(found)}
            # The bound solves a cubic: where it has more than one root, none is kept back.
            roots = ("second_adjusted_estimate", "third_adjusted_estimate")
            numbers |= dict(zip(roots, found.other_solutions, strict=False))
            rows.append(
                {
                    **picked(spec, "spec_id", "outcome", "treatment"),
                    "max_r2_rule": rule,
                    **{name: numbers[name] for name in OMITTED_VARIABLES.names if name in numbers},
                }
            )
    return table_of(rows, OMITTED_VARIABLES)


def _regression(spec: RegressionSpec) -> dict:
    return {
        **picked(spec, "outcome", "treatment", "controls", "fixed_effects"),
        "clusters": spec.clusters,
    }
