"""Least squares with absorbed effects and clustered standard errors, one regression at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyfixest as pf

from urban_resilience.estimation.results import Coefficient, Fit
from urban_resilience.estimation.specs import RegressionSpec, select_sample

MIN_OBSERVATIONS = 10
MIN_CLUSTERS = 2


def fit_specification(spec: RegressionSpec, panel: pd.DataFrame) -> Fit:
    """Estimate one regression on the panel.

    Standard errors are clustered (CRV1) with the small-sample factor
    G/(G-1) x (N-1)/(N-K); K counts the slopes, the constant and every absorbed effect that is not
    nested in the clusters. p-values and 95% intervals use t(G-1).

    Parameters
    ----------
    spec
        The regression; its columns must exist in ``panel`` (see ``validate_specs``).
    panel
        City-years x variables.

    Returns
    -------
    Fit
        ``status`` is ``not_estimable`` with a reason in words where the data cannot carry the
        regression; never an exception for what the data lack.
    """
    sample = select_sample(panel, spec.sample_filter)
    unavailable = [name for name in spec.columns if sample[name].isna().all()]
    if len(sample) and unavailable:
        return _not_estimable(f"no value in the sample: {', '.join(unavailable)}")
    sample = sample.dropna(subset=list(spec.columns))
    reason = _reason_against(spec, sample)
    if reason:
        return _not_estimable(reason, n_obs=len(sample))
    model = pf.feols(
        _formula(spec),
        data=_with_numeric_effects(sample, spec),
        vcov={"CRV1": spec.cluster},
        fixef_rm="singleton",
    )
    return _read(spec, model, rows_offered=len(sample))


def _formula(spec: RegressionSpec) -> str:
    # The year effect comes before the city effect: pyfixest 0.60 otherwise counts no degrees of
    # freedom for the years when the clusters equal the first effect.
    effects = sorted(spec.fixed_effects, key=lambda name: (name == spec.cluster, name))
    absorbed = f" | {' + '.join(effects)}" if effects else ""
    return f"{spec.outcome} ~ {' + '.join(spec.regressors)}{absorbed}"


def _with_numeric_effects(sample: pd.DataFrame, spec: RegressionSpec) -> pd.DataFrame:
    keep = sample[list(spec.columns)].copy()
    for name in (spec.outcome, *spec.regressors):
        keep[name] = keep[name].astype(float)
    return keep


def _reason_against(spec: RegressionSpec, sample: pd.DataFrame) -> str | None:
    if len(sample) < MIN_OBSERVATIONS:
        return f"{len(sample)} usable rows in the sample, {MIN_OBSERVATIONS} are needed"
    clusters = sample[spec.cluster].nunique()
    if clusters < MIN_CLUSTERS:
        return f"{clusters} cluster of {spec.cluster}, {MIN_CLUSTERS} are needed"
    for name in (spec.outcome, *spec.regressors):
        values = sample[name].astype(float)
        if np.isclose(values.std(), 0):
            return f"{name} does not vary in the sample"
        for effect in spec.fixed_effects:
            within = values - values.groupby(sample[effect]).transform("mean")
            if within.abs().max() <= 1e-10 * max(1.0, values.abs().max()):
                return f"{name} does not vary within {effect}, whose effects absorb it"
    return None


def _read(spec: RegressionSpec, model: pf.Feols, rows_offered: int) -> Fit:
    table = model.tidy(alpha=0.05)
    lost = [name for name in spec.regressors if name not in table.index]
    if lost:
        return _not_estimable(f"collinear with other regressors or effects: {', '.join(lost)}")
    coefficients = tuple(
        Coefficient(
            term=str(term),
            estimate=float(row["Estimate"]),
            std_error=float(row["Std. Error"]),
            statistic=float(row["t value"]),
            p_value=float(row["Pr(>|t|)"]),
            conf_low=float(row["2.5%"]),
            conf_high=float(row["97.5%"]),
        )
        for term, row in table.iterrows()
    )
    return Fit(
        status="estimated",
        n_obs=int(model._N),
        n_clusters=int(np.atleast_1d(model._G)[0]),
        n_singletons=rows_offered - int(model._N),
        r2=float(model._r2),
        r2_within=float(model._r2_within) if spec.fixed_effects else None,
        vcov_type=f"CRV1 {spec.cluster}",
        coefficients=coefficients,
    )


def _not_estimable(reason: str, n_obs: int | None = None) -> Fit:
    return Fit(status="not_estimable", reason=reason, n_obs=n_obs)
