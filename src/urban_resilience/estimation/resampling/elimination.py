"""Many small normal equations at once, by Gaussian elimination with the draws side by side.

Symmetric matrices are packed: the upper triangle row after row, one column per draw. Every step
is then arithmetic on long contiguous rows, which for matrices of a few dozen columns beats a call
of LAPACK per draw.
"""

from __future__ import annotations

import numpy as np

# Share of its variation within units that a column must keep, once the columns before it are
# partialled out, to count as varying at all. Rounding leaves about 1e-15.
TOLERANCE = 1e-10


def packed_size(n_columns: int) -> int:
    """Length of the packed upper triangle of a symmetric matrix."""
    return n_columns * (n_columns + 1) // 2


def pack(matrices: np.ndarray) -> np.ndarray:
    """Pack symmetric matrices (M, P, P) into (P(P+1)/2, M)."""
    upper = np.triu_indices(matrices.shape[-1])
    return np.ascontiguousarray(matrices[:, *upper].T)


def unpack(packed: np.ndarray, n_columns: int) -> np.ndarray:
    """Undo :func:`pack`: (P(P+1)/2, M) to (M, P, P)."""
    first, second = np.triu_indices(n_columns)
    matrices = np.empty((packed.shape[1], n_columns, n_columns))
    matrices[:, first, second] = packed.T
    matrices[:, second, first] = packed.T
    return matrices


def packed_rows_of(columns: np.ndarray, n_columns: int) -> np.ndarray:
    """Rows of a packed matrix that hold the packed matrix of some of its columns, in that order."""
    positions = np.empty((n_columns, n_columns), np.intp)
    upper = np.triu_indices(n_columns)
    positions[upper] = np.arange(packed_size(n_columns))
    positions[upper[1], upper[0]] = positions[upper]
    first, second = np.triu_indices(len(columns))
    return positions[columns[first], columns[second]]


def diagonal_rows(n_columns: int) -> np.ndarray:
    """Rows of a packed matrix that hold its diagonal."""
    steps = np.arange(n_columns, 0, -1)
    return np.concatenate([[0], np.cumsum(steps)[:-1]])


def solve_draws(
    packed: np.ndarray, n_nuisance: int, n_regressors: int, scale: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of every draw from its packed cross-products (Goodnight, 1979).

    Parameters
    ----------
    packed
        (P(P+1)/2, R) cross-products of nuisance columns, regressors and the outcome, in this
        order; P = n_nuisance + n_regressors + 1. Overwritten.
    n_nuisance
        Columns of absorbed effects. One that the draw leaves without variation, or that the others
        determine (the last year; a year in which the draw has no row), is dropped: the space that
        effects span, and so every other coefficient, is the same whichever is dropped.
    n_regressors
        Columns whose coefficients are wanted.
    scale
        (P, R) what the pivots are measured against; the diagonal when not given.

    Returns
    -------
    coefficients : (R, n_regressors) numpy.ndarray
        NaN throughout a singular draw.
    is_singular : (R,) numpy.ndarray of bool
        Whether some regressor keeps less than :data:`TOLERANCE` of its variation. Nothing is
        dropped or pseudo-inverted to make such a draw yield a number.
    """
    n_columns = n_nuisance + n_regressors + 1
    starts = diagonal_rows(n_columns)
    rows = [packed[starts[j] : starts[j] + n_columns - j] for j in range(n_columns)]
    if scale is None:
        scale = packed[starts].copy()
    inverses = []
    is_singular = np.zeros(packed.shape[1], dtype=bool)
    for j in range(n_nuisance + n_regressors):
        varies = rows[j][0] > TOLERANCE * scale[j]
        inverses.append(np.divide(1.0, rows[j][0], out=np.zeros_like(rows[j][0]), where=varies))
        if j >= n_nuisance:
            is_singular |= ~varies
        factors = rows[j][1:] * inverses[j]
        for below in range(j + 1, n_columns):
            rows[below] -= factors[below - j - 1] * rows[j][below - j :]
    coefficients = np.empty((n_regressors, packed.shape[1]))
    for k in reversed(range(n_regressors)):
        j = n_nuisance + k
        explained = sum(
            (rows[j][m - k] * coefficients[m] for m in range(k + 1, n_regressors)), start=0.0
        )
        coefficients[k] = (rows[j][-1] - explained) * inverses[j]
    coefficients[:, is_singular] = np.nan
    return np.ascontiguousarray(coefficients.T), is_singular
