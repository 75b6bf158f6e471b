"""Columns that a regression cannot hold: constants, what effects absorb, what others explain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from urban_resilience.estimation.least_squares.absorption import (
    ABSORBED_SHARE,
    residualize,
    surviving_share,
)
from urban_resilience.estimation.least_squares.regression_sample import CONSTANT, RegressionSample

ABSORBED = "absorbed by the effects of"


def column_faults(sample: RegressionSample, names: Sequence[str]) -> dict[str, str]:
    """Columns that no regression on the sample can hold, each with the reason in words."""
    raw, within = sample.columns(names), sample.within(names)
    varies = surviving_share(raw, raw, sample.weights) > 0
    remains = surviving_share(raw, within, sample.weights) >= ABSORBED_SHARE
    return {
        name: _absorbed_by(sample, column) if moves else "does not vary in the sample"
        for name, moves, stays, column in zip(names, varies, remains, raw.T, strict=True)
        if not (moves and stays)
    }


def absorbed_terms(sample: RegressionSample, terms: Sequence[str]) -> tuple[str, ...]:
    """Name the terms that vary in the sample, but not once the effects are taken out."""
    faults = column_faults(sample, terms)
    return tuple(name for name, fault in faults.items() if fault.startswith(ABSORBED))


def _absorbed_by(sample: RegressionSample, column: np.ndarray) -> str:
    """Say which effects absorb a column: one of them, or only all together."""
    values = column[:, None]
    for name, codes in zip(sample.effect_names, sample.effects, strict=True):
        within = residualize(values, [codes], sample.weights)
        if surviving_share(values, within, sample.weights)[0] < ABSORBED_SHARE:
            return f"{ABSORBED} {name}"
    return f"{ABSORBED} {' and '.join(sample.absorbed)} together"


def rank_reason(sample: RegressionSample, outcome: str, terms: Sequence[str]) -> str | None:
    """Say which columns do not vary, are absorbed or are collinear, or None."""
    names = [outcome, *(term for term in terms if term != CONSTANT)]
    faults = column_faults(sample, names)
    if faults:
        return faults_in_words(faults)
    lost = _dependent_columns(sample.within(terms), sample.weights)
    if lost:
        return f"collinear with other regressors: {', '.join(terms[i] for i in lost)}"
    return None


def faults_in_words(faults: dict[str, str]) -> str:
    """Name columns after their fault, those with the same fault together."""
    named: dict[str, list[str]] = {}
    for name, fault in faults.items():
        named.setdefault(fault, []).append(name)
    return "; ".join(f"{fault}: {', '.join(names)}" for fault, names in named.items())


def _dependent_columns(matrix: np.ndarray, weights: np.ndarray) -> list[int]:
    """Find columns that the ones before them explain."""
    if matrix.shape[1] > matrix.shape[0]:
        return list(range(matrix.shape[0], matrix.shape[1]))
    scaled = matrix * np.sqrt(weights)[:, None]
    norms = np.linalg.norm(scaled, axis=0)
    diagonal = np.abs(np.diag(np.linalg.qr(scaled / norms, mode="r")))
    return list(np.flatnonzero(diagonal**2 < ABSORBED_SHARE))
