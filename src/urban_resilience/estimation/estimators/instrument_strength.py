"""How strong an instrument is, and how much of it the fixed effects leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from urban_resilience.estimation.least_squares.absorption import surviving_share
from urban_resilience.estimation.least_squares.clustered_covariance import cluster_meat
from urban_resilience.estimation.least_squares.regression_sample import (
    RegressionSample,
    draw_sample,
)
from urban_resilience.estimation.tolerance import is_zero_square

# Effective F below which the worst-case bias may exceed 10% of that of least squares, at 5%, for
# one instrument (Montiel Olea and Pflueger 2013).
EFFECTIVE_F_CRITICAL = 23.1
# First-stage F for a nominal 5% test of size at most 10%; errors independent and identically
# distributed only (Stock and Yogo 2005). For reference.
STOCK_YOGO_F = 16.38
# First-stage F from which the usual t test of 5% has that size (Lee, McCrary, Moreira and Porter
# 2022). For reference.
VALID_T_TEST_F = 104.7


@dataclass(frozen=True)
class InstrumentStrength:
    """Strength of one instrument for one endogenous regressor, clusters respected.

    Attributes
    ----------
    first_stage_t
        t of the instrument in the first stage.
    kleibergen_paap_f
        Kleibergen-Paap rk Wald F (2006).
    effective_f
        Effective F (Montiel Olea and Pflueger 2013). With one instrument both are the squared t
        of the first stage, with the same small-sample factor as the standard errors.
    kleibergen_paap_lm, lm_p_value
        rk LM test of underidentification, chi-squared(1), no small-sample factor.
    effective_f_critical, stock_yogo_f, valid_t_test_f
        What to compare with.
    is_weak
        ``effective_f`` does not exceed its critical value.
    """

    first_stage_t: float
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
    first_stage_t: float, sample: RegressionSample, instrument: np.ndarray, regressor: np.ndarray
) -> InstrumentStrength:
    """Collect the statistics of strength.

    Parameters
    ----------
    first_stage_t
        Clustered t of the instrument in the first stage.
    sample
        Rows, weights and clusters.
    instrument, regressor
        Shape (n,), net of controls and effects.
    """
    strength = first_stage_t**2
    scores = (sample.weights * instrument * regressor)[:, None]
    # Under no identification the regressor is its own residual.
    spread = cluster_meat(scores, sample.clusters)[0, 0]
    # Scores that cancel within clusters: no statistic, rather than one of rounding.
    known = not is_zero_square(spread, (scores**2).sum())
    lagrange = float(scores.sum() ** 2 / spread) if known else float("nan")
    return InstrumentStrength(
        first_stage_t=first_stage_t,
        kleibergen_paap_f=strength,
        effective_f=strength,
        kleibergen_paap_lm=lagrange,
        lm_p_value=float(stats.chi2.sf(lagrange, 1)),
        is_weak=bool(strength <= EFFECTIVE_F_CRITICAL),
    )


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
        fixed_effects=sample.effect_names,
        clusters=sample.cluster_names,
        weights="_weight",
    )
    if nonzero.reason:
        return None
    within = _centred(nonzero, nonzero.within([instrument]))
    return float(surviving_share(nonzero.columns([instrument]), within, nonzero.weights)[0])
