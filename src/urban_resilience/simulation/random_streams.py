"""Random numbers: one independent stream per subject, and autocorrelated noise."""

from __future__ import annotations

import zlib
from statistics import NormalDist

import numpy as np


def stream(seed: int, subject: str) -> np.random.Generator:
    """Open the generator of one subject; adding a subject leaves the others' numbers unchanged."""
    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(subject.encode())]))


def autocorrelated(
    rng: np.random.Generator, n_rows: int, n_years: int, persistence: float
) -> np.ndarray:
    """Stationary first-order autoregression with unit variance, shape (n_rows, n_years)."""
    shocks = rng.standard_normal((n_rows, n_years))
    path = np.empty_like(shocks)
    path[:, 0] = shocks[:, 0]
    for t in range(1, n_years):
        path[:, t] = persistence * path[:, t - 1] + np.sqrt(1 - persistence**2) * shocks[:, t]
    return path


def standardized(values: np.ndarray) -> np.ndarray:
    """Mean zero, standard deviation one over all cells."""
    return (values - values.mean()) / values.std()


def correlated_with(rng: np.random.Generator, score: np.ndarray, correlation: float) -> np.ndarray:
    """Standardized trait with the given correlation to a standardized city score."""
    noise = rng.standard_normal(score.shape)
    return standardized(correlation * score + np.sqrt(1 - correlation**2) * noise)


def normal_scores(values: np.ndarray) -> np.ndarray:
    """Replace values by the normal quantiles of their ranks (ties in order of position)."""
    rank = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    quantile = NormalDist().inv_cdf
    return np.array([quantile((r + 0.5) / values.size) for r in rank])
