"""What counts as zero: one rule, relative to what a number is left of.

Arithmetic in double precision leaves rounding where algebra leaves zero: the residual of a perfect
fit, a first stage of an orthogonal instrument, the deviations of a constant. Divided by, rounding
becomes an estimate. Lengths (roots of sums of squares) are compared, so that units never decide.
"""

from __future__ import annotations

import numpy as np

# A length below this share of the length it is left of is zero: ten digits are gone.
NEGLIGIBLE = 1e-10
# Some hundred units in the last place of the numbers as they came in. A large mean, taken out,
# leaves rounding of this size however little the column varied around it.
ROUNDING = 1e-13
# Where squares are what is kept (cross-products, variances by subtraction) half the digits are gone
# before anything is compared: a square below this share of the squares it is left of is zero.
NEGLIGIBLE_SQUARE = 1e-13


def is_zero(
    left: np.ndarray | float, whole: np.ndarray | float, raw: np.ndarray | float = 0.0
) -> np.ndarray:
    """Tell whether lengths are nothing but rounding.

    Parameters
    ----------
    left
        Lengths to judge, none negative.
    whole
        What they are left of: a column before something was taken out of it; for a cross product
        the product of the two lengths.
    raw
        Length of the numbers as supplied, mean and all.

    Returns
    -------
    numpy.ndarray of bool
        A missing or infinite length is not zero.
    """
    return np.asarray(left) <= np.maximum(
        NEGLIGIBLE * np.asarray(whole), ROUNDING * np.asarray(raw)
    )


def is_zero_square(left: np.ndarray | float, whole: np.ndarray | float) -> np.ndarray:
    """Tell whether sums of squares, found by subtracting squares, are nothing but rounding.

    Parameters
    ----------
    left
        What a subtraction left; rounding can make it negative.
    whole
        The squares that entered it, added up.
    """
    return np.asarray(left) <= NEGLIGIBLE_SQUARE * np.asarray(whole)


def length(columns: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Root of the (weighted) sum of squares of a vector (n,) or of each column (n, k)."""
    squares = np.asarray(columns, dtype=float) ** 2
    return np.sqrt(squares.sum(axis=0) if weights is None else weights @ squares)
