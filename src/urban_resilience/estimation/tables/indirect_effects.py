"""Products of the two steps of a mechanism (grain: spec x form of the second step)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import pandas as pd
import pyarrow as pa

from urban_resilience.estimation.estimators.mediation import IndirectEffect, Path, mediated_effect
from urban_resilience.estimation.fit import NotEstimableError, picked, refusal
from urban_resilience.estimation.regression_spec import RegressionSpec
from urban_resilience.estimation.selection import select_sample
from urban_resilience.estimation.tables.schema import long_schema, table_of

INDIRECT_EFFECTS = long_schema(
    "spec_id table_id outcome treatment mediator second_step status reason",
    "n_obs n_clusters n_singletons draws failed_draws seed",
    "first_step_estimate first_step_std_error second_step_estimate second_step_std_error"
    " total_effect estimate share_of_total sobel_std_error sobel_z sobel_p_value"
    " conf_low conf_high",
)


def tabulate_indirect_effects(
    specs: Iterable[RegressionSpec], panel: pd.DataFrame, timing: pd.DataFrame
) -> pa.Table:
    """Multiply the two steps of a mechanism (grain: spec x form of the second step).

    ``alone`` leaves the treatment out of the second step, as the usual two steps do;
    ``beside_treatment`` keeps it in.
    """
    rows = []
    for spec in specs:
        shared = {
            **picked(spec, "spec_id", "table_id", "outcome", "treatment", "seed"),
            "mediator": spec.moderator,
        }
        draws, seed = spec.drawing
        try:
            found = mediated_effect(
                select_sample(panel, spec.sample_filter),
                outcome=spec.outcome,
                treatment=spec.treatment,
                mediator=spec.moderator,
                controls=spec.controls,
                effects=spec.effects_beside_city,
                draws=draws,
                seed=seed,
            )
        except NotEstimableError as error:
            rows.append({**shared, **refusal(error)})
            continue
        counts = picked(found, "n_obs", "n_clusters", "n_singletons", "draws", "failed_draws")
        first = found.treatment_on_mediator
        forms: tuple[tuple[str, Path, IndirectEffect], ...] = (
            ("alone", found.mediator_on_outcome, found.indirect),
            ("beside_treatment", found.mediator_beside_treatment, found.indirect_beside_treatment),
        )
        rows += [
            {
                **shared,
                **counts,
                "status": "estimated",
                "second_step": name,
                "first_step_estimate": first.estimate,
                "first_step_std_error": first.std_error,
                "second_step_estimate": second.estimate,
                "second_step_std_error": second.std_error,
                "total_effect": found.total.estimate,
                **asdict(product),
            }
            for name, second, product in forms
        ]
    return table_of(rows, INDIRECT_EFFECTS)
