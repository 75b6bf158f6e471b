"""The systematic effect of virtual agglomeration, mechanisms and controls on resilience."""

from __future__ import annotations

import numpy as np

from urban_resilience.formulas.controls import CONTROLS
from urban_resilience.formulas.digital_infrastructure import is_above_year_median
from urban_resilience.formulas.winsorizing import winsorize
from urban_resilience.simulation.geography import Geography
from urban_resilience.simulation.parameters import STUDY_YEARS, Parameters


def vagg_slope(
    parameters: Parameters, geography: Geography, kept: np.ndarray, panel: dict[str, np.ndarray]
) -> np.ndarray:
    """Direct effect ``b_ct`` of vagg, shape (n_kept, n_study_years)."""
    infrastructure = panel["digital_infrastructure"]
    good = np.where(np.isfinite(infrastructure), is_above_year_median(infrastructure), 0.0)
    agg = winsorize(panel["agg"])
    slope = parameters.effect_base + parameters.effect_good_infrastructure * good
    slope = slope + parameters.effect_interaction * (agg - np.nanmean(agg))
    # crowded cities gain less: the top quartile of geographic agglomeration
    dense = agg > np.nanquantile(agg, 0.75)
    slope = slope + parameters.effect_dense * dense
    by_city = (
        parameters.effect_old_industrial * geography.is_old_industrial[kept]
        + parameters.effect_agglomeration * geography.is_agglomeration[kept]
        + parameters.effect_yangtze_belt * geography.is_yangtze_belt[kept]
    )
    return slope + by_city[:, None]


def systematic_effect(
    parameters: Parameters, geography: Geography, kept: np.ndarray, panel: dict[str, np.ndarray]
) -> np.ndarray:
    """Sum of all effects in deviations from city and year means, shape (n_kept, n_study_years).

    Parameters
    ----------
    panel : dict of ndarray, shape (n_kept, n_study_years)
        ``vagg``, the controls, ``dist_l``, ``mp``, ``lmp``, ``dsp``, ``agg`` and
        ``digital_infrastructure`` before winsorizing. A missing regressor contributes nothing.
    """
    slope = vagg_slope(parameters, geography, kept, panel)
    effect = slope * _within(panel["vagg"])
    effect = effect + parameters.resi_on_dist_l * _within(panel["dist_l"])
    effect = effect + parameters.resi_on_mp * _within(panel["mp"])
    effect = effect + parameters.resi_on_dsp * _within(panel["dsp"])
    effect = effect + parameters.resi_on_lmp * _within(panel["lmp"])
    effect = effect + parameters.agg_effect * _within(panel["agg"])
    for name in CONTROLS:
        effect = effect + getattr(parameters, f"within_{name}") * _within(panel[name])
    years = np.asarray(STUDY_YEARS)
    after = (years >= geography.pilot_year[kept][:, None]).astype(float)
    effect = effect + parameters.pilot_effect * after
    integrated = (geography.is_agglomeration | geography.is_yangtze_belt)[kept]
    progress = (years - years.mean()) / (years[-1] - years[0])
    effect = effect + parameters.group_trend * integrated[:, None] * progress
    # the year effect would absorb the mean of a year; without it the drift of resilience stays
    # that of the yearbook
    return effect - effect.mean(axis=0)


def _within(grid: np.ndarray) -> np.ndarray:
    """Winsorized values in deviations from city means; missing becomes zero."""
    bounded = winsorize(grid)
    mean = np.nansum(bounded, axis=1) / np.maximum(np.isfinite(bounded).sum(axis=1), 1)
    return np.nan_to_num(bounded - mean[:, None])
