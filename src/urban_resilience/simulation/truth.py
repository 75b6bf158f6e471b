"""The truth file: what the data were made from and what an estimator should find in them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from urban_resilience.formulas.controls import CONTROLS
from urban_resilience.formulas.resilience_indicators import DIMENSIONS
from urban_resilience.formulas.study_panel import STUDY_YEARS, StudyPanel
from urban_resilience.formulas.winsorizing import winsorize
from urban_resilience.simulation.geography import Geography
from urban_resilience.simulation.simulate import SimulatedData

GENERATOR_VERSION = "1.0"


def two_way_slopes(
    outcome: np.ndarray, regressors: np.ndarray, cities: np.ndarray, years: np.ndarray
) -> np.ndarray:
    """Least-squares slopes with city and year effects.

    Parameters
    ----------
    outcome : ndarray, shape (n,)
    regressors : ndarray, shape (n, k)
    cities, years : ndarray of int, shape (n,)
        Positions from zero.

    Returns
    -------
    ndarray, shape (k,)
    """
    dummies = (years[:, None] == np.unique(years)[None, 1:]).astype(float)
    columns = np.column_stack([regressors, dummies, outcome])
    count = np.maximum(np.bincount(cities), 1)
    means = np.stack([np.bincount(cities, weights=c) for c in columns.T], axis=1) / count[:, None]
    within = columns - means[cities]
    slopes, *_ = np.linalg.lstsq(within[:, :-1], within[:, -1], rcond=None)
    return slopes[: regressors.shape[1]]


def true_values(data: SimulatedData, panel: StudyPanel) -> dict:
    """Assemble the truth of a data set.

    Parameters
    ----------
    data : SimulatedData
    panel : StudyPanel
        Computed from ``data``.

    Returns
    -------
    dict
        Ready for JSON; floats rounded so that the file does not depend on the machine.
    """
    parameters = data.parameters
    weights = panel.resilience.index.dimension_weight
    systematic = sum(
        w * data.fitted.systematic[d] for w, d in zip(weights, DIMENSIONS, strict=True)
    )
    target = sum(w * data.fitted.target[d] for w, d in zip(weights, DIMENSIONS, strict=True))
    return {
        "data_origin": "simulated",
        "generator_version": GENERATOR_VERSION,
        "seed": parameters.seed,
        "parameters": asdict(parameters),
        "total_effect_of_vagg": _total_effects(data, systematic, panel),
        "expected_counts": _expected_counts(data, panel),
        "dimension_weights": dict(
            zip(panel.resilience.index.dimensions, _plain(weights), strict=True)
        ),
        "fit": {
            "n_bounded_dimension_cells": data.fitted.n_bounded,
            "max_abs_error_resi": _largest_gap(panel.resilience.resi, target),
            **{
                f"max_abs_error_{d}": _largest_gap(
                    panel.resilience.dimensions[d], data.fitted.target[d]
                )
                for d in DIMENSIONS
            },
        },
        "capital_elasticity": _plain(panel.alpha),
    }


def _plain(value: float | np.ndarray, digits: int = 9) -> Any:
    if np.ndim(value):
        return [float(np.round(v, digits)) for v in np.asarray(value)]
    return float(np.round(value, digits))


def _largest_gap(computed: np.ndarray, target: np.ndarray) -> Any:
    return _plain(np.nanmax(np.abs(computed - target)))


def _noiseless_sample(systematic: np.ndarray, panel: StudyPanel) -> pd.DataFrame:
    """Estimation sample with the noiseless part of resilience, winsorized like resilience."""
    unknown = ~np.isfinite(panel.resilience.resi)
    noiseless = winsorize(np.where(unknown, np.nan, systematic)).reshape(-1)
    sample = panel.variables.assign(noiseless=noiseless)
    return sample[sample["is_estimation_sample"]]


def _slope(sample: pd.DataFrame, names: list[str]) -> Any:
    """Two-way slope of the noiseless part on the first name, given the other names."""
    cities = sample["city_code"].astype("category").cat.codes.to_numpy().astype(int)
    years = (sample["year"] - STUDY_YEARS[0]).to_numpy()
    regressors = sample[list(names)].to_numpy()
    return _plain(two_way_slopes(sample["noiseless"].to_numpy(), regressors, cities, years)[0])


def _total_effects(
    data: SimulatedData, systematic: np.ndarray, panel: StudyPanel
) -> dict[str, Any]:
    """Project the noiseless part of resilience on vagg, in the sample and in its groups."""
    sample = _noiseless_sample(systematic, panel)
    effects = {
        "two_way": _slope(sample, ["vagg"]),
        "two_way_with_controls": _slope(sample, ["vagg", *CONTROLS]),
    }
    groups = {
        name: _slope(sample[inside], ["vagg", *CONTROLS])
        for name, inside in _groups(data.geography, sample).items()
    }
    return effects | {"by_group_with_controls": groups}


def _groups(geography: Geography, sample: pd.DataFrame) -> dict[str, np.ndarray]:
    """Masks of the compared groups over the rows of the sample."""
    codes = geography.cities["city_code"]
    flags = {
        "old_industrial": geography.is_old_industrial,
        "agglomeration": geography.is_agglomeration,
        "yangtze_belt": geography.is_yangtze_belt,
    }
    masks: dict[str, np.ndarray] = {}
    for name, flag in flags.items():
        inside = sample["city_code"].isin(codes[flag]).to_numpy()
        masks |= {name: inside, f"not_{name}": ~inside}
    infrastructure = sample["digital_infrastructure"]
    median = infrastructure.groupby(sample["year"]).transform("median")
    good = (infrastructure > median).to_numpy()
    poor = (infrastructure <= median).to_numpy()
    return masks | {"good_infrastructure": good, "poor_infrastructure": poor}


def _expected_counts(data: SimulatedData, panel: StudyPanel) -> dict:
    frame = panel.variables
    inside = frame[frame["is_estimation_sample"]]
    return {
        "n_yearbook_cities": int(data.city_yearbook["city_code"].nunique()),
        "n_kept_cities": int(panel.decision.kept.sum()),
        "n_estimation_sample": len(inside),
        "n_with_dist": int(inside["dist"].notna().sum()),
        "n_with_mp": int(inside["mp"].notna().sum()),
        "n_with_digital_infrastructure": int(inside["digital_infrastructure"].notna().sum()),
        "n_member_records": len(data.platform_members),
        "dropped_cities": sorted(data.geography.cities["city_code"][~panel.decision.kept]),
    }
