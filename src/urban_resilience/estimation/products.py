"""Matrix products that come out the same on any number of threads.

BLAS splits a large product over threads, and where it splits decides how it rounds: a p-value could
then hang on the machine's load. Below about 64^3 multiplications OpenBLAS keeps to one thread, so
products are made in pieces of that size. That costs nothing on the shapes of this library.
"""

from __future__ import annotations

import numpy as np

# Multiplications in one call of BLAS; OpenBLAS goes parallel above this.
LIMIT = 2**18
# Shape of a piece: deep and wide enough that packing it costs less than multiplying.
INNER, WIDTH = 256, 128
# A single row would be handed to a matrix-vector routine, which goes parallel much earlier.
MIN_ROWS = 4


def multiply(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(M, N) times (N, K), the same to the last bit for any number of threads."""
    n_rows, n_inner = left.shape
    n_columns = right.shape[1]
    inner, width = max(1, min(n_inner, INNER)), max(1, min(n_columns, WIDTH))
    height = max(MIN_ROWS, min(LIMIT // (inner * width), n_rows))
    n_batches = -(-n_rows // height)
    padded = np.zeros((n_batches * height, n_inner))
    padded[:n_rows] = left
    batches = padded.reshape(n_batches, height, n_inner)
    result = np.zeros((n_batches, height, n_columns))
    for column in range(0, n_columns, width):
        part = result[:, :, column : column + width]
        for row in range(0, n_inner, inner):
            piece = right[row : row + inner, column : column + width]
            part += batches[:, :, row : row + inner] @ piece
    return result.reshape(-1, n_columns)[:n_rows]


def cross_products(columns: np.ndarray) -> np.ndarray:
    """(M, N, K) to (M, K, K): every matrix's transpose times itself, as in :func:`multiply`."""
    piece = max(1, LIMIT // columns.shape[2] ** 2)
    return sum(
        columns[:, start : start + piece].transpose(0, 2, 1) @ columns[:, start : start + piece]
        for start in range(0, columns.shape[1], piece)
    )
