"""Fixed effects taken out of columns exactly, and observations that the effects leave empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from urban_resilience.estimation.products import cross_products, multiply
from urban_resilience.estimation.tolerance import is_zero, length

# A column is absorbed, or collinear with others, when less than this share of its variance survives
# them. Wider than what counts as zero (``tolerance``): dividing by it costs that many digits.
ABSORBED_SHARE = 1e-10


@dataclass(frozen=True, eq=False)
class Trend:
    """A slope of its own for every level of a group.

    Attributes
    ----------
    name
        As a specification writes it, such as ``city_code[[year]]``.
    codes
        Integer codes of the group from 0 without gaps, shape (n,).
    values
        What the slope is in, less its mean and over its spread, shape (n,).
    """

    name: str
    codes: np.ndarray
    values: np.ndarray


def keep_repeated_levels(effects: Sequence[np.ndarray]) -> np.ndarray:
    """Mark the rows that are no singleton of any effect, dropping singletons until none is left.

    Parameters
    ----------
    effects
        Integer codes from 0, one array of shape (n,) per effect.

    Returns
    -------
    numpy.ndarray
        Boolean of shape (n,). A dropped row can leave another level with one row, hence the loop
        (Correia 2015).
    """
    keep = np.ones(len(effects[0]), dtype=bool)
    while True:
        repeated = keep.copy()
        for codes in effects:
            counts = np.bincount(codes[keep], minlength=codes.max(initial=-1) + 1)
            repeated &= counts[codes] > 1
        if (repeated == keep).all():
            return keep
        keep = repeated


def residualize(
    columns: np.ndarray,
    effects: Sequence[np.ndarray],
    weights: np.ndarray,
    trends: Sequence[Trend] = (),
) -> np.ndarray:
    """Take the residuals of columns on effects and trends, by weighted least squares.

    The effect with most levels is taken out by its group means; the others are small enough to be
    projected out as dummies. This is exact (Frisch and Waugh 1933, Lovell 1963): there is no
    iteration and no tolerance, so the same rows give the same digits.

    Parameters
    ----------
    columns
        Shape (n, k).
    effects
        Integer codes from 0 without gaps, one array of shape (n,) per effect; may be empty.
    weights
        Positive, shape (n,).
    trends
        Slopes of groups; they need an effect beside them.

    Returns
    -------
    numpy.ndarray
        Shape (n, k).
    """
    if not effects:
        return columns
    largest, *others = sorted(effects, key=lambda codes: -codes.max())
    within = _demean(columns, largest, weights)
    if not others and not trends:
        return within
    root = np.sqrt(weights)[:, None]
    basis = _basis_beside(largest, others, weights, trends)
    scaled = root * within
    for _ in range(2):  # The second pass removes what rounding left in the first.
        scaled = scaled - basis @ (basis.T @ scaled)
    return scaled / root


def trend_costs(effects: Sequence[np.ndarray], weights: np.ndarray, trends: Sequence[Trend]) -> int:
    """Parameters that trends take beside the effects: the columns that effects do not span."""
    if not trends:
        return 0
    largest, *others = sorted(effects, key=lambda codes: -codes.max())
    with_trends = _basis_beside(largest, others, weights, trends).shape[1]
    return with_trends - (_basis_beside(largest, others, weights, ()).shape[1] if others else 0)


def _basis_beside(
    largest: np.ndarray,
    others: Sequence[np.ndarray],
    weights: np.ndarray,
    trends: Sequence[Trend],
) -> np.ndarray:
    """Orthonormal columns of what effects and trends add to the largest effect, scaled."""
    dummies = [np.eye(codes.max() + 1)[codes] for codes in others]
    dummies += [np.eye(t.codes.max() + 1)[t.codes] * t.values[:, None] for t in trends]
    columns = _demean(np.hstack(dummies), largest, weights)
    return orthonormal_basis(np.sqrt(weights)[:, None] * columns)


def sum_by(codes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sum the rows of ``values`` (n, ...) by integer code (n,), giving (levels, ...)."""
    sums = np.zeros((codes.max(initial=-1) + 1, *values.shape[1:]))
    np.add.at(sums, codes, values)
    return sums


def surviving_share(columns: np.ndarray, within: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Give the share of each column's variance that is left in its residuals, shape (k,).

    One minus it is the R2 of the column on the effects. A constant column has none to survive: 0.
    """
    centred = columns - np.average(columns, axis=0, weights=weights)
    total = weights @ centred**2
    varies = ~is_zero(length(centred, weights), length(columns, weights))
    return np.divide(weights @ within**2, total, out=np.zeros(len(total)), where=varies)


def _demean(columns: np.ndarray, codes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    means = sum_by(codes, columns * weights[:, None]) / sum_by(codes, weights[:, None])
    return columns - means[codes]


def orthonormal_basis(columns: np.ndarray) -> np.ndarray:
    """Orthonormal columns of the same span; what the others determine is left out."""
    norms = length(columns)
    scaled = columns[:, norms > 0] / norms[norms > 0]
    if not scaled.shape[1]:
        return scaled
    # By the cross products: dummies are well conditioned and far fewer than rows.
    sizes, directions = np.linalg.eigh(cross_products(scaled[None])[0])
    kept = sizes > ABSORBED_SHARE
    return multiply(scaled, directions[:, kept] / np.sqrt(sizes[kept]))
