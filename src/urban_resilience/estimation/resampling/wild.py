"""Restricted wild cluster bootstrap of a t statistic (Cameron, Gelbach and Miller, 2008).

With the null imposed, each draw adds to the restricted fit the restricted residuals times one
random sign per cluster. Residuals sum to zero within every city, so a sign that is constant within
a cluster of cities leaves the city effects untouched, and the numerator and every score of a draw
are linear in the signs (Roodman, Nielsen, MacKinnon and Webb, 2019): a few numbers per cluster,
made from the cross-products, replace the regression.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from urban_resilience.estimation.fit import NotEstimableError
from urban_resilience.estimation.least_squares.absorption import sum_by
from urban_resilience.estimation.products import multiply
from urban_resilience.estimation.resampling.city_products import CityCrossProducts
from urban_resilience.estimation.resampling.clustered import (
    cluster_codes,
    fit_clustered,
)
from urban_resilience.estimation.resampling.elimination import TOLERANCE, unpack
from urban_resilience.estimation.resampling.empirical_p import empirical_p
from urban_resilience.estimation.resampling.schemes import wild_weights

# Squared scores below this share of their largest part are what rounding leaves of zero.
ROUNDING = 1e-13
# An interval is searched this far, and found this close, in standard errors.
FAR, INTERVAL_PRECISION = 1000.0, 1e-3


@dataclass(frozen=True)
class WildBootstrap:
    """A t test by the restricted wild cluster bootstrap.

    Attributes
    ----------
    estimate, std_error, t_statistic
        In the data; the standard error is CRV1, the statistic is measured from ``null``.
    p_greater, p_less, p_two_sided
        (1 + #) / (R + 1) over the bootstrap statistics.
    t_draws
        (R,) bootstrap statistics.
    draws, failed_draws, seed, weights, n_clusters
        How they were made; a draw fails when its standard error is zero.
    """

    estimate: float
    std_error: float
    t_statistic: float
    p_greater: float
    p_less: float
    p_two_sided: float
    t_draws: np.ndarray
    draws: int
    failed_draws: int
    seed: int
    weights: str
    n_clusters: int


def wild_cluster_bootstrap(
    products: CityCrossProducts,
    term: str | None = None,
    null: float = 0.0,
    clusters: Sequence | np.ndarray | None = None,
    draws: int = 999,
    seed: int = 0,
    weights: str = "rademacher",
) -> WildBootstrap:
    """Test that one coefficient equals ``null``.

    Parameters
    ----------
    products
        Cities, columns and the regression.
    term
        The regressor tested; the first when not given.
    null
        Value of the coefficient under the hypothesis.
    clusters
        (G,) cluster of each city (its province, say); the city itself when not given.
    draws, seed, weights
        Number of draws, seed of the generator, ``rademacher`` or ``webb``.

    Raises
    ------
    NotEstimableError
        The regression cannot be estimated on all cities, or fits them without residual.
    """
    term = term or products.regressors[0]
    fit = fit_clustered(products, clusters)
    estimate, std_error = fit.of(term)
    if std_error == 0:
        raise NotEstimableError(f"the clustered standard error of {term} is zero")
    signs = wild_weights(fit.rule.n_clusters, draws, np.random.default_rng(seed), weights)
    t_draws = wild_t_statistics(products, term, null, clusters, signs, fit.rule.factor)
    t_statistic = (estimate - null) / std_error
    p = empirical_p(t_statistic, t_draws)
    return WildBootstrap(
        estimate=estimate,
        std_error=std_error,
        t_statistic=t_statistic,
        p_greater=p.greater,
        p_less=p.less,
        p_two_sided=p.two_sided,
        t_draws=t_draws,
        draws=p.draws,
        failed_draws=p.failed_draws,
        seed=seed,
        weights=weights,
        n_clusters=fit.rule.n_clusters,
    )


def wild_interval(
    products: CityCrossProducts,
    term: str | None = None,
    clusters: Sequence | np.ndarray | None = None,
    draws: int = 999,
    seed: int = 0,
    weights: str = "rademacher",
    level: float = 0.95,
) -> tuple[float, float]:
    """Invert the test: the values of the coefficient that it does not reject.

    Parameters
    ----------
    products, term, clusters, draws, seed, weights
        As in :func:`wild_cluster_bootstrap`; every value is tested with the same signs.
    level
        Coverage.

    Returns
    -------
    tuple of float
        Ends, found by bisection to a thousandth of a standard error; infinite where values a
        thousand standard errors away are still not rejected.
    """
    term = term or products.regressors[0]
    fit = fit_clustered(products, clusters)
    estimate, std_error = fit.of(term)
    signs = wild_weights(fit.rule.n_clusters, draws, np.random.default_rng(seed), weights)

    def is_kept(distance: float) -> bool:
        null = estimate + distance * std_error
        t_draws = wild_t_statistics(products, term, null, clusters, signs, fit.rule.factor)
        return empirical_p(-distance, t_draws).two_sided > 1 - level

    low, high = (_edge(is_kept, side) for side in (-1.0, 1.0))
    return estimate + low * std_error, estimate + high * std_error


def _edge(is_kept: Callable[[float], bool], side: float) -> float:
    """Distance in standard errors at which values stop being kept, away from zero on one side."""
    inside, outside = 0.0, 2.0 * side
    while is_kept(outside):
        if abs(outside) > FAR:
            return side * np.inf
        inside, outside = outside, 2 * outside
    while abs(outside - inside) > INTERVAL_PRECISION:
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if is_kept(middle) else (inside, middle)
    return (inside + outside) / 2


def wild_t_statistics(
    products: CityCrossProducts,
    term: str,
    null: float,
    clusters: Sequence | np.ndarray | None,
    signs: np.ndarray,
    factor: float,
) -> np.ndarray:
    """Bootstrap t statistics for given signs.

    Parameters
    ----------
    products, term, null, clusters
        As in :func:`wild_cluster_bootstrap`.
    signs
        (R, clusters) one per cluster that has a row, clusters in sorted order.
    factor
        Small-sample factor of the clustered variance.

    Returns
    -------
    (R,) numpy.ndarray
        NaN where the standard error of a draw is zero.
    """
    x_u, to_fit, fitted = _cluster_parts(products, term, null, clusters)
    n_fitted = to_fit.shape[1]
    # With e the sign of a cluster, its score is e x'u less what the refit takes off, which is
    # linear in all signs. Squared and summed over clusters, that leaves a few sums per draw.
    sums = multiply(signs, np.hstack([to_fit, x_u[:, None] * fitted]))
    taken, crossed = sums[:, :n_fitted], sums[:, n_fitted:]
    own = multiply(signs**2, x_u[:, None] ** 2)[:, 0]
    both = ((multiply(taken, fitted.T @ fitted) - 2 * crossed) * taken).sum(axis=1)
    squares = own + both
    spread = np.sqrt(factor * np.maximum(squares, 0.0)) / fitted[:, -1].sum()
    missing = np.full(len(signs), np.nan)
    return np.divide(taken[:, -1], spread, out=missing, where=squares > ROUNDING * own)


def _cluster_parts(
    products: CityCrossProducts, term: str, null: float, clusters: Sequence | np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Add up each cluster, with Z the effects and other regressors and x residual after Z.

    u is the restricted residual. Returned are x'u; what the cluster adds to the refitted
    coefficients of [Z, x]; and x'[Z, x], what these take off the cluster's score.
    """
    others = [name for name in products.regressors if name != term]
    # Effects and other regressors first, then the regressor tested, then the outcome.
    arranged = products.regress(products.outcome, (*others, term))
    q = products.n_nuisance + len(others)
    codes = cluster_codes(products, clusters)
    has_rows = np.unique(codes[products.n_rows > 0])
    matrices = sum_by(codes, unpack(arranged.ordered(), q + 2))[has_rows]
    total = matrices.sum(axis=0)
    inverse = _inverse_of_span(total[:q, :q])
    x = np.concatenate([-inverse @ total[:q, q], [1.0, 0.0]])
    u = np.concatenate([-inverse @ (total[:q, q + 1] - null * total[:q, q]), [-null, 1.0]])
    times_u, times_x = matrices @ u, matrices @ x
    x_u, x_x = times_u @ x, times_x @ x
    to_fit = np.column_stack([multiply(times_u[:, :q], inverse), x_u / x_x.sum()])
    return x_u, to_fit, np.column_stack([times_x[:, :q], x_x])


def _inverse_of_span(products: np.ndarray) -> np.ndarray:
    """Inverse on the span of the columns: effects that others determine have no direction of own.

    Only projections on that span are used, and these are unique. That the regressors are
    identified has been checked before.
    """
    scale = np.sqrt(np.diag(products))
    scale = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
    correlations = products * np.outer(scale, scale)
    inverse = np.linalg.pinv(correlations, rcond=TOLERANCE, hermitian=True)
    return inverse * np.outer(scale, scale)
