"""How strong an instrument is, and how much of it the fixed effects leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from urban_resilience.estimation.estimators.anderson_rubin import InstrumentMoments
from urban_resilience.estimation.least_squares.absorption import surviving_share
from urban_resilience.estimation.least_squares.clustered_covariance import moment_variance
from urban_resilience.estimation.least_squares.regression_sample import (
    RegressionSample,
    draw_sample,
)
from urban_resilience.estimation.standardized import inverse_form
from urban_resilience.estimation.tolerance import is_zero_square, length

# Effective F below which the worst-case bias may exceed 10% of that of least squares, at 5%, for
# one instrument (Montiel Olea and Pflueger 2013).
EFFECTIVE_F_CRITICAL = 23.1
# The noncentrality behind it: one over that share of bias, their simplified rule.
NONCENTRALITY = 10.0
# First-stage F for a nominal 5% test of size at most 10%; errors independent and identically
# distributed only (Stock and Yogo 2005). For reference.
STOCK_YOGO_F = 16.38
# First-stage F from which the usual t test of 5% has that size (Lee, McCrary, Moreira and Porter
# 2022). For reference.
VALID_T_TEST_F = 104.7


@dataclass(frozen=True)
class InstrumentStrength:
    """Strength of the instruments of one endogenous regressor, clusters respected.

    Attributes
    ----------
    kleibergen_paap_f
        Kleibergen-Paap rk Wald F (2006): with one endogenous regressor the F that the instruments
        have no coefficient in the first stage, with the covariance of the standard errors.
    effective_f
        Effective F (Montiel Olea and Pflueger 2013). With one instrument both are the squared t
        of the first stage, with the same small-sample factor as the standard errors.
    kleibergen_paap_lm, lm_p_value
        rk LM test of underidentification, chi-squared with as many degrees of freedom as there are
        instruments, no small-sample factor; not a number where the clusters are no more than these.
    effective_f_critical, stock_yogo_f, valid_t_test_f
        What to compare with.
    is_weak
        ``effective_f`` does not exceed its critical value.
    """

    kleibergen_paap_f: float
    effective_f: float
    kleibergen_paap_lm: float
    lm_p_value: float
    is_weak: bool
    effective_f_critical: float = EFFECTIVE_F_CRITICAL
    stock_yogo_f: float = STOCK_YOGO_F
    valid_t_test_f: float = VALID_T_TEST_F


@dataclass(frozen=True)
class InstrumentAbsorption:
    """How much of the instrument's variance the effects take.

    Attributes
    ----------
    r2_on_effects
        R2 of the instrument on the effects alone.
    surviving_share
        One minus it: the share of variance that can identify anything.
    surviving_share_given_controls
        The same with the controls beside the effects.
    n_zero
        Rows where the instrument is zero.
    surviving_share_without_zeros
        ``surviving_share`` on the rows where it is not zero; None where too few are left. A
        product of a city constant and a national series, in logs, is the sum of a city effect and
        a year effect: what then survives comes from its zeros alone, and this share is 0.
    """

    r2_on_effects: float
    surviving_share: float
    surviving_share_given_controls: float
    n_zero: int
    surviving_share_without_zeros: float | None


def measure_strength(
    first_stage_f: float,
    sample: RegressionSample,
    instruments: np.ndarray,
    regressor: np.ndarray,
    moments: InstrumentMoments,
) -> InstrumentStrength:
    """Collect the statistics of strength.

    Parameters
    ----------
    first_stage_f
        Of the instruments in the first stage, by the covariance of the standard errors.
    sample
        Rows, weights and clusters.
    instruments, regressor
        Shapes (n, k) and (n,), net of controls and effects.
    moments
        Cross products of both, with the variance of the first stage's.
    """
    k = instruments.shape[1]
    scores = (sample.weights * regressor)[:, None] * instruments
    # Under no identification the regressor is its own residual.
    spread = moment_variance(sample, instruments, regressor[:, None])
    # Scores that cancel within clusters: no statistic, rather than one of rounding.
    known = not is_zero_square(np.diag(spread), (scores**2).sum(axis=0)).any()
    total = scores.sum(axis=0)
    # As many instruments as clusters: their scores span everything, and the statistic is their
    # number whatever the data.
    known &= all(k < codes.max() + 1 for codes in sample.clusters)
    distance = inverse_form(total, spread) if known else None
    lagrange = float("nan") if distance is None else distance
    effective, critical = first_stage_f, EFFECTIVE_F_CRITICAL
    if k > 1:
        effective, critical = _effective_f(sample, instruments, moments)
    return InstrumentStrength(
        kleibergen_paap_f=first_stage_f,
        effective_f=effective,
        kleibergen_paap_lm=lagrange,
        lm_p_value=float(stats.chi2.sf(lagrange, k)),
        is_weak=bool(effective <= critical),
        effective_f_critical=critical,
    )


def _effective_f(
    sample: RegressionSample, instruments: np.ndarray, moments: InstrumentMoments
) -> tuple[float, float]:
    """Effective F of several instruments, and its critical value by the simplified rule.

    Notes
    -----
    With Q the instruments' cross products and V the variance of theirs with the first stage's
    residuals, W = Q^(-1/2) V Q^(-1/2): F = x'Z Q^-1 Z'x / tr W. Its critical value is that of a
    noncentral chi-squared over its degrees of freedom K, K = tr(W)^2 (1 + 2 c) / (tr(W'W) + 2 c
    tr(W) max eig W), with noncentrality c K, c = 10 (Montiel Olea and Pflueger 2013, section 3.2).
    One instrument gives K = 1 and 23.1.
    """
    products = instruments.T @ (sample.weights[:, None] * instruments)
    lower = np.linalg.cholesky(products)
    half = np.linalg.solve(lower, moments.regressor)
    variance = np.linalg.solve(lower, np.linalg.solve(lower, moments.variance_regressor).T)
    trace, largest = float(np.trace(variance)), float(np.linalg.eigvalsh(variance).max())
    squares = float(np.sum(variance**2))
    freedom = trace**2 * (1 + 2 * NONCENTRALITY) / (squares + 2 * NONCENTRALITY * trace * largest)
    critical = stats.ncx2.ppf(0.95, freedom, NONCENTRALITY * freedom) / freedom
    return float(half @ half) / trace, float(critical)


def measure_absorption(
    sample: RegressionSample, instrument: str, controls: Sequence[str]
) -> InstrumentAbsorption:
    """Measure what the effects leave of an instrument.

    Parameters
    ----------
    sample
        The rows of the regression.
    instrument, controls
        Column names in both.
    """
    raw, within = sample.columns([instrument]), sample.within([instrument])
    surviving = surviving_share(raw, _centred(sample, within), sample.weights)[0]
    given = surviving_share(raw, partial_out(sample, [instrument], controls), sample.weights)[0]
    is_zero = sample.frame[instrument] == 0
    return InstrumentAbsorption(
        r2_on_effects=float(1 - surviving),
        surviving_share=float(surviving),
        surviving_share_given_controls=float(given),
        n_zero=int(is_zero.sum()),
        surviving_share_without_zeros=_share_without_zeros(sample, instrument),
    )


def partial_out(
    sample: RegressionSample, names: Sequence[str], controls: Sequence[str]
) -> np.ndarray:
    """Residuals of columns on controls and effects (on a constant without effects), (n, k)."""
    within = _centred(sample, sample.within(names))
    if not controls:
        return within
    root = np.sqrt(sample.weights)[:, None]
    regressors = _centred(sample, sample.within(controls)) * root
    # Of one length: a control in small units beside one in large ones would pass for nothing.
    regressors = regressors / length(regressors)
    fitted = regressors @ np.linalg.lstsq(regressors, within * root, rcond=None)[0]
    return within - fitted / root


def _centred(sample: RegressionSample, columns: np.ndarray) -> np.ndarray:
    if sample.effects:
        return columns
    return columns - np.average(columns, axis=0, weights=sample.weights)


def _share_without_zeros(sample: RegressionSample, instrument: str) -> float | None:
    rows = sample.frame.assign(_weight=sample.weights)
    nonzero = draw_sample(
        rows[rows[instrument] != 0],
        numeric=[instrument],
        fixed_effects=sample.absorbed,
        clusters=sample.cluster_names,
        weights="_weight",
        vcov=sample.vcov,
    )
    if nonzero.reason:
        return None
    within = _centred(nonzero, nonzero.within([instrument]))
    return float(surviving_share(nonzero.columns([instrument]), within, nonzero.weights)[0])
