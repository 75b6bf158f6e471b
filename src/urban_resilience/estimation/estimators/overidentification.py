"""Whether several instruments agree on one coefficient: tests of overidentifying restrictions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from urban_resilience.estimation.least_squares.clustered_covariance import moment_variance
from urban_resilience.estimation.least_squares.regression_sample import RegressionSample
from urban_resilience.estimation.standardized import standardize


@dataclass(frozen=True)
class Overidentification:
    """Tests that k instruments of one regressor all give the same coefficient.

    Attributes
    ----------
    hansen_j, hansen_j_p_value
        Hansen (1982): minimized criterion of two-step GMM whose weights are by the errors that the
        standard errors assume (clusters, rows, or one variance, where it is Sargan's); chi-squared
        with k - 1 degrees of freedom. None where there are no more clusters than instruments.
    sargan, sargan_p_value
        Sargan (1958): rows times R2 of the two-stage residuals on the instruments, for errors that
        are independent and of one variance.
    """

    hansen_j: float | None
    hansen_j_p_value: float | None
    sargan: float
    sargan_p_value: float


def assess_overidentification(
    sample: RegressionSample,
    outcome: np.ndarray,
    regressor: np.ndarray,
    instruments: np.ndarray,
    residuals: np.ndarray,
) -> Overidentification:
    """Test the overidentifying restrictions of a two-stage fit.

    Parameters
    ----------
    sample
        Rows, weights, clusters and kind of errors.
    outcome, regressor, instruments
        Net of controls and effects: (n,), (n,), (n, k) with k > 1. Partialling out changes neither
        test (Baum, Schaffer and Stillman 2007).
    residuals
        Of the two-stage fit, (n,).

    Notes
    -----
    No small-sample factor; moments are not centred. Passing says that the instruments agree, not
    that they are valid: instruments that share a fault agree as well.
    """
    weighted = sample.weights[:, None] * instruments
    freedom = instruments.shape[1] - 1
    errors = weighted.T @ residuals
    explained = errors @ np.linalg.solve(weighted.T @ instruments, errors)
    sargan = float(explained / (sample.weights @ residuals**2 / sample.n_obs))
    variance = moment_variance(sample, instruments, residuals[:, None])
    found = _minimized(weighted.T @ outcome, weighted.T @ regressor, variance)
    return Overidentification(
        hansen_j=found,
        hansen_j_p_value=None if found is None else float(stats.chi2.sf(found, freedom)),
        sargan=sargan,
        sargan_p_value=float(stats.chi2.sf(sargan, freedom)),
    )


def _minimized(outcome: np.ndarray, regressor: np.ndarray, variance: np.ndarray) -> float | None:
    """Criterion of two-step GMM at its minimum; None where the weights cannot be inverted."""
    found = standardize(variance)
    if found is None:
        return None
    scale, correlations = found
    lower = np.linalg.cholesky(correlations)
    y, x = (np.linalg.solve(lower, part / scale) for part in (outcome, regressor))
    left = y - x * (x @ y) / (x @ x)
    return float(left @ left)
