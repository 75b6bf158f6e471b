"""Two-step evidence on a mechanism: treatment on mediator, mediator on outcome.

The product of the two coefficients is the usual indirect effect. It has a causal meaning only if
the mediator is as good as random given treatment, controls and effects, which the second step does
not establish; the regression with treatment and mediator together is estimated beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from urban_resilience.estimation.fit import NotEstimableError
from urban_resilience.estimation.least_squares.regression_sample import draw_sample
from urban_resilience.estimation.least_squares.usable_columns import (
    column_faults,
    faults_in_words,
)
from urban_resilience.estimation.resampling import (
    CityCrossProducts,
    bootstrap_cities,
    fit_clustered,
    percentile_interval,
)
from urban_resilience.estimation.resampling.clustered import ClusteredFit
from urban_resilience.estimation.tolerance import is_zero


@dataclass(frozen=True)
class Path:
    """One coefficient with its clustered standard error and p-value."""

    estimate: float
    std_error: float
    p_value: float


@dataclass(frozen=True)
class IndirectEffect:
    """A product of two coefficients.

    Attributes
    ----------
    estimate
        a x b.
    share_of_total
        Its share of the treatment's total effect; NaN where that is zero.
    sobel_std_error, sobel_z, sobel_p_value
        Sobel (1982): first-order variance with independent steps, normal two-sided p-value.
    conf_low, conf_high
        95% percentile interval of the product over resampled cities.
    """

    estimate: float
    share_of_total: float
    sobel_std_error: float
    sobel_z: float
    sobel_p_value: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True)
class Mediation:
    """The steps of a mechanism, all on the same rows.

    Attributes
    ----------
    treatment_on_mediator
        a, first step.
    mediator_on_outcome
        b of the usual second step, without the treatment.
    mediator_beside_treatment, treatment_beside_mediator
        b and the direct effect from the regression with both.
    total
        Treatment on outcome, without the mediator.
    indirect, indirect_beside_treatment
        a times the first b, a times the second b. The second and the direct effect add up to the
        total exactly.
    n_obs, n_clusters, n_singletons, draws, failed_draws, seed
        Rows without singletons, cities, singletons left out, draws of cities and those in which a
        step was singular.
    """

    treatment_on_mediator: Path
    mediator_on_outcome: Path
    mediator_beside_treatment: Path
    treatment_beside_mediator: Path
    total: Path
    indirect: IndirectEffect
    indirect_beside_treatment: IndirectEffect
    n_obs: int
    n_clusters: int
    n_singletons: int
    draws: int
    failed_draws: int
    seed: int


def mediated_effect(
    data: pd.DataFrame,
    outcome: str,
    treatment: str,
    mediator: str,
    controls: Sequence[str] = (),
    effects: Sequence[str] = ("year",),
    unit: str = "city_code",
    draws: int = 1000,
    seed: int = 0,
) -> Mediation:
    """Estimate both steps and the products, with intervals from resampled cities.

    Parameters
    ----------
    data
        Rows of the panel, in any order. Every step uses the rows that have all columns.
    outcome, treatment, mediator, controls
        Numeric columns.
    effects, unit
        Absorbed effects beside the city's, and the city, which is also the cluster.
    draws, seed
        Bootstrap samples of cities (every step is refitted on the same sample) and their seed.

    Raises
    ------
    ValueError
        A column is wrong or used twice.
    NotEstimableError
        A step is not identified on all cities, or in fewer than two draws.
    """
    names = (outcome, treatment, mediator, *controls)
    sample = draw_sample(data, numeric=names, fixed_effects=(unit, *effects), clusters=(unit,))
    faults = {} if sample.reason else column_faults(sample, names)
    if faults:
        raise NotEstimableError(faults_in_words(faults))
    both = CityCrossProducts.from_frame(
        data, outcome, (treatment, mediator, *controls), effects, unit
    )
    steps = {
        "a": both.regress(mediator, (treatment, *controls)),
        "b": both.regress(outcome, (mediator, *controls)),
        "both": both,
        "total": both.regress(outcome, (treatment, *controls)),
    }
    fits = {step: fit_clustered(products) for step, products in steps.items()}
    weights = bootstrap_cities(len(both.units), draws, np.random.default_rng(seed))
    drawn = {step: steps[step].coefficients(weights) for step in ("a", "b", "both")}
    a_draws = drawn["a"].of(treatment)
    failed = np.any([result.is_singular for result in drawn.values()], axis=0)
    paths = {
        "a": _path(fits["a"], treatment),
        "b": _path(fits["b"], mediator),
        "b_beside": _path(fits["both"], mediator),
        "direct": _path(fits["both"], treatment),
        "total": _path(fits["total"], treatment),
    }
    total = paths["total"].estimate
    # It is the sum of the direct and the indirect effect: where they cancel, nothing to share in.
    parts = abs(paths["direct"].estimate) + abs(paths["a"].estimate * paths["b_beside"].estimate)
    total = 0.0 if is_zero(abs(total), parts) else total
    return Mediation(
        treatment_on_mediator=paths["a"],
        mediator_on_outcome=paths["b"],
        mediator_beside_treatment=paths["b_beside"],
        treatment_beside_mediator=paths["direct"],
        total=paths["total"],
        indirect=_product(paths["a"], paths["b"], total, a_draws * drawn["b"].of(mediator)),
        indirect_beside_treatment=_product(
            paths["a"], paths["b_beside"], total, a_draws * drawn["both"].of(mediator)
        ),
        n_obs=fits["a"].rule.n_obs,
        n_clusters=fits["a"].rule.n_clusters,
        n_singletons=both.n_singletons,
        draws=draws,
        failed_draws=int(failed.sum()),
        seed=seed,
    )


def _path(fit: ClusteredFit, name: str) -> Path:
    estimate, std_error = fit.of(name)
    return Path(estimate, std_error, fit.p_value(name))


def _product(a: Path, b: Path, total: float, draws: np.ndarray) -> IndirectEffect:
    estimate = a.estimate * b.estimate
    std_error = math.hypot(a.estimate * b.std_error, b.estimate * a.std_error)
    z = estimate / std_error if std_error else math.nan
    low, high = percentile_interval(draws)
    return IndirectEffect(
        estimate=estimate,
        share_of_total=estimate / total if total else math.nan,
        sobel_std_error=std_error,
        sobel_z=z,
        sobel_p_value=math.erfc(abs(z) / math.sqrt(2)),
        conf_low=low,
        conf_high=high,
    )
