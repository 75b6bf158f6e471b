"""Balance of covariates between treated and untreated units, before and after matching."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from urban_resilience.estimation.estimators.matching.logit import fit_logit
from urban_resilience.estimation.tolerance import is_zero, length


@dataclass(frozen=True)
class CovariateBalance:
    """One covariate, before or after matching.

    Attributes
    ----------
    variable
        Column name.
    stage
        ``before`` or ``after``.
    mean_treated, mean_control
        Weighted means.
    standardized_bias
        100 (mean_treated - mean_control) / sqrt((s1^2 + s0^2) / 2), s of the *unmatched* groups
        in both stages (Rosenbaum and Rubin 1985); below 10 in size is the usual aim. None where
        the covariate is constant.
    variance_ratio
        Variance among treated over variance among controls, of this stage.
    """

    variable: str
    stage: str
    mean_treated: float
    mean_control: float
    standardized_bias: float | None
    variance_ratio: float | None


@dataclass(frozen=True)
class JointBalance:
    """All covariates together, before or after matching.

    Attributes
    ----------
    stage
        ``before`` or ``after``.
    n_treated, n_control
        Units with positive weight.
    pseudo_r2
        McFadden's R2 of a weighted logit of treatment on the covariates; None where there is none.
    lr_statistic, lr_df, lr_p_value
        Likelihood-ratio test that all slopes are zero. After matching it is descriptive: weights
        enter the likelihood as they are, and matched units are no independent sample.
    mean_absolute_bias, max_absolute_bias
        Of ``standardized_bias`` over the covariates.
    reason
        Why there is no logit, or None.
    """

    stage: str
    n_treated: int
    n_control: int
    pseudo_r2: float | None
    lr_statistic: float | None
    lr_df: int
    lr_p_value: float | None
    mean_absolute_bias: float | None
    max_absolute_bias: float | None
    reason: str | None = None


@dataclass(frozen=True)
class Balance:
    """Covariate by covariate, and jointly."""

    covariates: tuple[CovariateBalance, ...] = ()
    joint: tuple[JointBalance, ...] = ()


def measure_balance(
    units: pd.DataFrame,
    covariates: Sequence[str],
    treated: np.ndarray,
    weights: np.ndarray,
    before: np.ndarray | None = None,
) -> Balance:
    """Compare the groups before and after matching.

    Parameters
    ----------
    units
        n units (or unit-years) x covariates, no missing value.
    covariates
        Column names.
    treated
        Boolean, shape (n,).
    weights
        Matching weights, shape (n,), zero for unmatched units.
    before
        Weights of the comparison before matching, shape (n,), positive; ones when not given.

    Returns
    -------
    Balance
        Empty where a group is empty; without its ``after`` half where nothing was matched.
    """
    values = units[list(covariates)].to_numpy(dtype=float)
    if not (treated.any() and (~treated).any()):
        return Balance()
    unmatched = np.ones(len(values)) if before is None else before
    # Of the unmatched groups, in both stages.
    spread = np.sqrt(
        (
            _variance(values[treated], unmatched[treated])
            + _variance(values[~treated], unmatched[~treated])
        )
        / 2
    )
    stages = {"before": unmatched, "after": weights}
    if not ((weights > 0) & treated).any():
        del stages["after"]
    rows, joint = [], []
    for stage, stage_weights in stages.items():
        stage_rows = _compare(stage, covariates, values, treated, stage_weights, spread)
        rows += stage_rows
        joint.append(_compare_jointly(stage, values, treated, stage_weights, stage_rows))
    return Balance(tuple(rows), tuple(joint))


def _compare(
    stage: str,
    covariates: Sequence[str],
    values: np.ndarray,
    treated: np.ndarray,
    weights: np.ndarray,
    spread: np.ndarray,
) -> list[CovariateBalance]:
    moments = []
    for group in (treated, ~treated):
        used = group & (weights > 0)
        mean = np.average(values[used], axis=0, weights=weights[used])
        moments.append((mean, _variance(values[used], weights[used])))
    (mean_1, variance_1), (mean_0, variance_0) = moments
    return [
        CovariateBalance(
            variable=name,
            stage=stage,
            mean_treated=float(mean_1[j]),
            mean_control=float(mean_0[j]),
            standardized_bias=_ratio(100 * (mean_1[j] - mean_0[j]), spread[j]),
            variance_ratio=_ratio(variance_1[j], variance_0[j]),
        )
        for j, name in enumerate(covariates)
    ]


def _compare_jointly(
    stage: str,
    values: np.ndarray,
    treated: np.ndarray,
    weights: np.ndarray,
    rows: Sequence[CovariateBalance],
) -> JointBalance:
    used = weights > 0
    logit = fit_logit(values[used], treated[used].astype(float), weights[used])
    biases = [abs(r.standardized_bias) for r in rows if r.standardized_bias is not None]
    statistic = None
    if logit.log_likelihood is not None and logit.null_log_likelihood is not None:
        statistic = 2 * (logit.log_likelihood - logit.null_log_likelihood)
    return JointBalance(
        stage=stage,
        n_treated=int((used & treated).sum()),
        n_control=int((used & ~treated).sum()),
        pseudo_r2=logit.pseudo_r2,
        lr_statistic=statistic,
        lr_df=values.shape[1],
        lr_p_value=None if statistic is None else float(stats.chi2.sf(statistic, values.shape[1])),
        mean_absolute_bias=float(np.mean(biases)) if biases else None,
        max_absolute_bias=float(np.max(biases)) if biases else None,
        reason=logit.reason,
    )


def _variance(values: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Unbiased variance of columns; weights count reliability, so that equal weights give n - 1."""
    weights = np.ones(len(values)) if weights is None else weights
    total = weights.sum()
    freedom = total - weights @ weights / total
    if freedom <= 1e-12 * total:
        return np.zeros(values.shape[1])
    centred = values - np.average(values, axis=0, weights=weights)
    constant = is_zero(length(centred, weights), length(values, weights))
    return np.where(constant, 0.0, weights @ centred**2 / freedom)


def _ratio(numerator: float, denominator: float) -> float | None:
    return float(numerator / denominator) if denominator > 0 else None
