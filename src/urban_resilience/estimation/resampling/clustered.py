"""Coefficients and clustered standard errors from cross-products, without going back to rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from urban_resilience.estimation.fit import NotEstimableError
from urban_resilience.estimation.least_squares.absorption import sum_by
from urban_resilience.estimation.least_squares.small_sample import SmallSampleRule, is_nested
from urban_resilience.estimation.products import multiply
from urban_resilience.estimation.resampling.city_products import CityCrossProducts
from urban_resilience.estimation.resampling.elimination import unpack
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
    rule
        Rows without singletons, clusters that have one, parameters, and the factor they make.
    """

    names: tuple[str, ...]
    coefficients: np.ndarray
    std_errors: np.ndarray
    influence: np.ndarray
    rule: SmallSampleRule

    def of(self, name: str) -> tuple[float, float]:
        """Coefficient and standard error of one regressor."""
        k = self.names.index(name)
        return float(self.coefficients[k]), float(self.std_errors[k])

    def p_value(self, name: str) -> float:
        """Two-sided p-value of one regressor from t(G-1)."""
        estimate, std_error = self.of(name)
        return float(2 * stats.t.sf(abs(estimate / std_error), self.rule.degrees_of_freedom))


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
    rule = SmallSampleRule(n_obs, count_parameters(products, codes), n_clusters)
    by_cluster = sum_by(codes, influence)
    return ClusteredFit(
        names=products.regressors,
        coefficients=estimate,
        std_errors=np.sqrt(rule.factor * _squares(by_cluster, influence)),
        influence=influence,
        rule=rule,
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
        # Which levels of the effect occur in which cities.
        levels, cities = np.nonzero(products.variation(np.arange(starts[e], starts[e + 1])) > 0)
        if cost and not is_nested(levels, codes[cities]):
            total += cost
    return total


def cluster_codes(
    products: CityCrossProducts, clusters: Sequence | np.ndarray | None
) -> np.ndarray:
    """(G,) code of each city's cluster."""
    if clusters is None:
        return np.arange(len(products.units))
    labels = np.asarray(clusters)
    if labels.shape != products.units.shape:
        raise ValueError(f"{len(labels)} clusters given for {len(products.units)} cities")
    return np.unique(labels, return_inverse=True)[1]
