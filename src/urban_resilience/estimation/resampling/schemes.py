"""Resampling schemes as weights and labels, one row per draw.

Every scheme takes a ``numpy.random.Generator`` and fills draw after draw: the first draws of a
longer run are the draws of a shorter one, and two runs from one generator continue each other.
"""

from __future__ import annotations

import numpy as np


def bootstrap_cities(
    n_cities: int, draws: int, rng: np.random.Generator, strata: np.ndarray | None = None
) -> np.ndarray:
    """Draw as many cities as there are, with replacement.

    Parameters
    ----------
    n_cities, draws
        G and R.
    rng
        Source of the draws.
    strata
        (G,) labels; cities are then drawn within each stratum, whose size is kept.

    Returns
    -------
    (R, G) numpy.ndarray of float
        Times each city is drawn; each row sums to G.
    """
    order, starts, sizes = _by_stratum(strata, n_cities)
    chosen = starts + rng.integers(sizes, size=(draws, n_cities))
    return _tally(order[chosen], n_cities)


def leave_one_out(n_cities: int) -> np.ndarray:
    """(G, G) weights of a jackknife over cities: all ones but the city left out."""
    return 1.0 - np.eye(n_cities)


def permute_labels(
    labels: np.ndarray, draws: int, rng: np.random.Generator, strata: np.ndarray | None = None
) -> np.ndarray:
    """Shuffle labels over their holders.

    Parameters
    ----------
    labels
        (M,) label of each city, or row: 0/1 of a group, or positions of donors.
    draws, rng
        R and the source of the draws.
    strata
        (M,) labels are exchanged only within a stratum.

    Returns
    -------
    (R, M) numpy.ndarray
        Each row holds the same labels as ``labels``, in every stratum.
    """
    labels = np.asarray(labels)
    shuffled = np.tile(labels, (draws, 1))
    if strata is None:
        return rng.permuted(shuffled, axis=1, out=shuffled)
    order, starts, _ = _by_stratum(strata, len(labels))
    # First places of strata are whole numbers: less than one shuffles within each only.
    keys = starts + 0.5 * rng.random((draws, len(labels)))
    shuffled[:, order] = labels[order[np.argsort(keys, axis=1)]]
    return shuffled


def permute_histories(
    labels: np.ndarray,
    unit_codes: np.ndarray,
    period_codes: np.ndarray,
    draws: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Exchange whole histories of labels between cities observed in the same periods.

    A city's labels over time stay together, and every period keeps its number of each label. A
    city whose set of periods no other city shares keeps its own history in every draw.

    Parameters
    ----------
    labels
        (N,) label of each row.
    unit_codes, period_codes
        (N,) city and period of each row; rows sorted by city, then by period.
    draws, rng
        R and the source of the draws.

    Returns
    -------
    (R, N) numpy.ndarray
        Labels of the rows in each draw.
    """
    labels = np.asarray(labels)
    counts = np.bincount(unit_codes)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    strata = period_strata(unit_codes, period_codes)
    donors = permute_labels(np.arange(len(counts)), draws, rng, strata)
    position = np.arange(len(labels)) - starts[unit_codes]
    return labels[starts[donors][:, unit_codes] + position]


def period_strata(unit_codes: np.ndarray, period_codes: np.ndarray) -> np.ndarray:
    """(G,) stratum of each city: cities observed in the same periods share one."""
    starts = np.searchsorted(unit_codes, np.arange(unit_codes[-1] + 1))
    keys: dict[bytes, int] = {}
    return np.array(
        [keys.setdefault(p.tobytes(), len(keys)) for p in np.split(period_codes, starts[1:])]
    )


def bootstrap_rows(
    n_rows: int, sizes: tuple[int, ...], draws: int, rng: np.random.Generator
) -> tuple[np.ndarray, ...]:
    """Draw samples of given sizes, one after the other, from the same pool with replacement.

    Parameters
    ----------
    n_rows
        N, rows in the pool.
    sizes
        Rows of each sample.
    draws, rng
        R and the source of the draws.

    Returns
    -------
    tuple of (R, N) numpy.ndarray of float
        Times each row is in each sample.
    """
    chosen = rng.integers(n_rows, size=(draws, sum(sizes)))
    samples = np.split(chosen, np.cumsum(sizes)[:-1], axis=1)
    return tuple(_tally(sample, n_rows) for sample in samples)


def wild_weights(
    n_clusters: int, draws: int, rng: np.random.Generator, kind: str = "rademacher"
) -> np.ndarray:
    """Random signs of a wild cluster bootstrap, mean 0 and variance 1.

    Parameters
    ----------
    n_clusters, draws, rng
        G, R and the source of the draws.
    kind
        ``rademacher``: -1 or 1. ``webb``: the six points of Webb (2023), for few clusters, where
        Rademacher weights give only 2^(G-1) different sizes of t.

    Returns
    -------
    (R, G) numpy.ndarray of float
    """
    if kind not in WILD_POINTS:
        raise ValueError(f"unknown wild weights '{kind}' (known: {', '.join(WILD_POINTS)})")
    points = WILD_POINTS[kind]
    return points[rng.integers(len(points), size=(draws, n_clusters))]


_WEBB = np.sqrt([0.5, 1.0, 1.5])
WILD_POINTS = {
    "rademacher": np.array([-1.0, 1.0]),
    "webb": np.concatenate([-_WEBB[::-1], _WEBB]),
}


def _tally(chosen: np.ndarray, n_bins: int) -> np.ndarray:
    # One draw at a time stays in cache; one tally of all draws is ten times slower.
    return np.array([np.bincount(row, minlength=n_bins) for row in chosen], dtype=float)


def _by_stratum(strata: np.ndarray | None, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions sorted by stratum, and for each of them its stratum's first place and size."""
    if strata is None:
        return np.arange(size), np.zeros(size, np.intp), np.full(size, size)
    strata = np.asarray(strata)
    if strata.shape != (size,):
        raise ValueError(f"strata of shape {strata.shape}, expected ({size},)")
    codes, counts = np.unique(strata, return_inverse=True, return_counts=True)[1:]
    order = np.argsort(codes, kind="stable")
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return order, starts[codes[order]], counts[codes[order]]
