"""The solver of every regression: pyfixest, on columns net of the effects.

The effects are taken out first, exactly (Frisch and Waugh 1933, Lovell 1963): pyfixest 0.60 takes
them out by iteration, in the order of a set, so that digits change from one process to the next.
On such columns its regression without effects is the regression with them; no small-sample factor
is applied here (``small_sample_rule`` has it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyfixest as pf

from urban_resilience.estimation.fit import NotEstimableError
from urban_resilience.estimation.least_squares.regression_sample import (
    UNCLUSTERED,
    RegressionSample,
)
from urban_resilience.estimation.tolerance import length

WEIGHT, OUTCOME, INSTRUMENT = "weight", "outcome", "instrument"
# pyfixest's names of errors that are not clustered, without its small-sample factors.
PLAIN_VCOV = {"HC1": "HC1", UNCLUSTERED: "iid"}
# Which columns others explain is decided before (``rank_reason``), by one rule for every design.
COLLINEAR_TOLERANCE = 1e-14


@dataclass(frozen=True, eq=False)
class Solution:
    """Estimates and their covariance, in the units of the data.

    Attributes
    ----------
    estimates
        Shape (k,), in the order of the terms asked for.
    covariance
        Without a small-sample factor, (k, k): the CRV1 sandwich (two ways by inclusion and
        exclusion), White's, or the mean squared residual over the regressors' cross products.
    residuals
        Shape (n,), of the outcome net of the effects.
    """

    estimates: np.ndarray
    covariance: np.ndarray
    residuals: np.ndarray


def solve(
    sample: RegressionSample,
    outcome: str,
    terms: Sequence[str],
    instrumented: tuple[str, Sequence[str]] | None = None,
) -> Solution:
    """Regress the outcome on the terms, both net of the effects.

    Parameters
    ----------
    sample
        Rows, effects, clusters and weights.
    outcome, terms
        Columns of the sample; terms that ``rank_reason`` finds nothing against.
    instrumented
        A term and the columns that are its instruments: two-stage least squares.

    Raises
    ------
    NotEstimableError
        pyfixest takes terms for collinear after all.
    """
    target, matrix = sample.within([outcome])[:, 0], sample.within(terms)
    names = [f"x{position}" for position in range(len(terms))]
    columns = dict(zip(names, matrix.T, strict=True)) | {OUTCOME: target}
    formula = [f"{OUTCOME} ~ 0", *names]
    tail = ""
    if instrumented:
        term, instruments = instrumented
        excluded = [f"{INSTRUMENT}{position}" for position in range(len(instruments))]
        columns |= dict(zip(excluded, sample.within(instruments).T, strict=True))
        endogenous = names[list(terms).index(term)]
        formula.remove(endogenous)
        tail = f" | {endogenous} ~ {' + '.join(excluded)}"
    # Columns of one length: what pyfixest takes for collinear then does not depend on units.
    scale = {name: float(length(column, sample.weights)) for name, column in columns.items()}
    data = pd.DataFrame({name: column / scale[name] for name, column in columns.items()})
    clusters = {f"cluster{i}": codes for i, codes in enumerate(sample.clusters)}
    model = pf.feols(
        " + ".join(formula) + tail,
        data=data.assign(**clusters, **{WEIGHT: sample.weights}),
        vcov={"CRV1": "+".join(clusters)} if clusters else PLAIN_VCOV[sample.vcov],
        weights=WEIGHT,
        ssc=pf.ssc(k_adj=False, G_adj=False),
        fixef_rm="none",
        collin_tol=COLLINEAR_TOLERANCE,
        copy_data=False,
        store_data=False,
    )
    found = model.coef()
    if len(found) < len(names):
        raise NotEstimableError(f"collinear in pyfixest: {', '.join(model._collin_vars)}")
    order = [found.index.get_loc(name) for name in names]
    unit = np.array([scale[OUTCOME] / scale[name] for name in names])
    estimates = found.to_numpy()[order] * unit
    covariance = model._vcov[np.ix_(order, order)] * np.outer(unit, unit)
    if sample.vcov == UNCLUSTERED:
        # pyfixest divides the squared residuals by N - 1 before any factor.
        covariance *= (sample.n_obs - 1) / sample.n_obs
    return Solution(estimates, covariance, target - matrix @ estimates)
