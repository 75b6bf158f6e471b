"""Coefficients and clustered standard errors from cross-products, without going back to rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from urban_resilience.estimation.fit import NotEstimableError
from urban_resilience.estimation.resampling.city_products import CityCrossProducts
from urban_resilience.estimation.resampling.elimination import unpack
from urban_resilience.estimation.resampling.products import multiply
from urban_resilience.estimation.tolerance import is_zero_square


@dataclass(frozen=True)
class ClusteredFit:
    """A regression on all cities, standard errors clustered (CRV1).

    Attributes
    ----------
    names
        The K regressors.
    coefficients, std_errors
        (K,).
    influence
        (G, K) each city's part in the error of the coefficients; their products, summed within
        clusters, make the covariance.
    n_obs, n_clusters, n_parameters
        Rows without singletons, clusters that have one, and the parameters counted in ``factor``.
    factor
        G/(G-1) x (N-1)/(N-K).
    """

    names: tuple[str, ...]
    coefficients: np.ndarray
    std_errors: np.ndarray
    influence: np.ndarray
    n_obs: int
    n_clusters: int
    n_parameters: int
    factor: float

    def of(self, name: str) -> tuple[float, float]:
        """Coefficient and standard error of one regressor."""
        k = self.names.index(name)
        return float(self.coefficients[k]), float(self.std_errors[k])

    def p_value(self, name: str) -> float:
        """Two-sided p-value of one regressor from t(G-1)."""
        estimate, std_error = self.of(name)
        return float(2 * stats.t.sf(abs(estimate / std_error), self.n_clusters - 1))


def fit_clustered(
    products: CityCrossProducts, clusters: Sequence | np.ndarray | None = None
) -> ClusteredFit:
    """Fit the regression of the cross-products.

    Parameters
    ----------
    products
        Cities, columns and the regression.
    clusters
        (G,) cluster of each city, in the order of ``products.units``; the city when not given.

    Returns
    -------
    ClusteredFit
        K counts the regressors, the constant and, less one each, the levels of effects that are
        neither nested in the clusters, as the city's are, nor spanned by another effect (the rule
        of reghdfe, fixest and pyfixest).

    Raises
    ------
    NotEstimableError
        A regressor does not vary given effects and the others, nothing is left of the outcome, or
        there are not two clusters.
    """
    estimate, influence = influence_of(products)
    if fits_perfectly(products):
        outcome = products.outcome
        raise NotEstimableError(f"no residual left in {outcome}: the regression fits it perfectly")
    codes = cluster_codes(products, clusters)
    n_obs = int(products.n_rows.sum())
    n_clusters = len(np.unique(codes[products.n_rows > 0]))
    n_parameters = count_parameters(products, codes)
    factor = small_sample_factor(n_obs, n_clusters, n_parameters)
    by_cluster = sum_by(codes, influence)
    return ClusteredFit(
        names=products.regressors,
        coefficients=estimate,
        std_errors=np.sqrt(factor * _squares(by_cluster, influence)),
        influence=influence,
        n_obs=n_obs,
        n_clusters=n_clusters,
        n_parameters=n_parameters,
        factor=factor,
    )


def influence_of(products: CityCrossProducts) -> tuple[np.ndarray, np.ndarray]:
    """(K,) coefficients and (G, K) influence of each city on them."""
    result = products.coefficients()
    if result.is_singular[0]:
        raise NotEstimableError(
            f"{', '.join(products.regressors)}: one of them does not vary once the effects and "
            "the other regressors are partialled out"
        )
    b = result.coefficients[0]
    matrices = unpack(products.ordered(), products.n_nuisance + len(b) + 1)
    total = matrices.sum(axis=0)
    regressors, residual = _residualized(products, total, b)
    scores = multiply(matrices @ residual, regressors)
    bread = np.linalg.inv(regressors.T @ total @ regressors)
    return b, multiply(scores, bread)


def fits_perfectly(products: CityCrossProducts) -> bool:
    """Whether effects and regressors leave nothing of the outcome but rounding."""
    b = products.coefficients().coefficients[0]
    total = unpack(products.ordered(), products.n_nuisance + len(b) + 1).sum(axis=0)
    _, residual = _residualized(products, total, b)
    return bool(is_zero_square(residual @ total @ residual, total[-1, -1]))


def _residualized(
    products: CityCrossProducts, total: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(P, K) regressors net of the effects and (P,) residual, as combinations of the columns."""
    q = products.n_nuisance
    # Columns of effects that the others determine make this block singular; the space they span,
    # which is all that is used, is unique.
    on_effects = np.linalg.lstsq(total[:q, :q], total[:q, q:], rcond=1e-10)[0]
    residualized = np.vstack([-on_effects, np.eye(len(b) + 1)])
    regressors = residualized[:, :-1]
    return regressors, residualized[:, -1] - regressors @ b


def _squares(by_cluster: np.ndarray, influence: np.ndarray) -> np.ndarray:
    """Sum squares over clusters (K,); zero where cities cancel within each of them."""
    squares = (by_cluster**2).sum(axis=0)
    return np.where(is_zero_square(squares, (influence**2).sum(axis=0)), 0.0, squares)


def count_parameters(products: CityCrossProducts, codes: np.ndarray) -> int:
    """Slopes, constant, and what the effects cost that are not nested in clusters ``codes``."""
    starts = np.cumsum([0, *products.effect_levels])
    total = len(products.regressors) + 1
    for e, cost in enumerate(products.effect_parameters):
        columns = np.arange(starts[e], starts[e + 1])
        if cost and not _is_nested(products.variation(columns) > 0, codes):
            total += cost
    return total


def _is_nested(occurs: np.ndarray, codes: np.ndarray) -> bool:
    """Whether each level (rows) occurs in cities (columns) of one cluster only."""
    return all(len(np.unique(codes[cities])) <= 1 for cities in occurs)


def small_sample_factor(n_obs: int, n_clusters: int, n_parameters: int) -> float:
    """G/(G-1) x (N-1)/(N-K), what multiplies the clustered covariance."""
    if n_clusters < 2 or n_obs <= n_parameters:
        raise NotEstimableError(
            f"{n_obs} observations in {n_clusters} clusters cannot carry {n_parameters} parameters"
        )
    return n_clusters / (n_clusters - 1) * (n_obs - 1) / (n_obs - n_parameters)


def cluster_codes(products: CityCrossProducts, clusters: Sequence | None) -> np.ndarray:
    """(G,) code of each city's cluster."""
    if clusters is None:
        return np.arange(len(products.units))
    clusters = np.asarray(clusters)
    if clusters.shape != products.units.shape:
        raise ValueError(f"{len(clusters)} clusters given for {len(products.units)} cities")
    return np.unique(clusters, return_inverse=True)[1]


def sum_by(codes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sum rows of ``values`` (G, ...) that share a code."""
    sums = np.zeros((codes.max() + 1, *values.shape[1:]))
    np.add.at(sums, codes, values)
    return sums
