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
    frame, effects = estimation_frame(spec, sample)
    reason = _reason_against(spec, frame, effects)
    if reason:
        return _not_estimable(reason, n_obs=len(sample))
    model = pf.feols(
        _formula(spec, effects),
        data=frame,
        vcov={"CRV1": "+".join(spec.clusters)},
        fixef_rm="singleton",
    )
    return _read(spec, model, rows_offered=len(sample))


def estimation_frame(
    spec: RegressionSpec, sample: pd.DataFrame
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Columns of a regression as numbers, and its effects in the order pyfixest counts right.

    Joined effects (``province^year``) become a column of their own. Effects nested in a cluster
    come last: pyfixest 0.60 counts no degrees of freedom for any effect when the first is nested.
    """
    frame = sample[list(spec.columns)].copy()
    for name in (spec.outcome, *spec.regressors):
        frame[name] = frame[name].astype(float)
    names = []
    for effect in spec.fixed_effects:
        name = effect.replace("^", "_by_")
        if name != effect:
            frame[name] = frame[effect.split("^")].astype(str).agg(" ".join, axis=1)
        names.append(name)
    return frame, tuple(sorted(names, key=lambda name: (_is_nested(frame, name, spec), name)))


def _is_nested(frame: pd.DataFrame, effect: str, spec: RegressionSpec) -> bool:
    return any(
        frame.groupby(effect, observed=True)[cluster].nunique().max() == 1
        for cluster in spec.clusters
    )


def _formula(spec: RegressionSpec, effects: tuple[str, ...]) -> str:
    absorbed = f" | {' + '.join(effects)}" if effects else ""
    return f"{spec.outcome} ~ {' + '.join(spec.regressors)}{absorbed}"


def _reason_against(
    spec: RegressionSpec, sample: pd.DataFrame, effects: tuple[str, ...]
) -> str | None:
    if len(sample) < MIN_OBSERVATIONS:
        return f"{len(sample)} usable rows in the sample, {MIN_OBSERVATIONS} are needed"
    for cluster in spec.clusters:
        count = sample[cluster].nunique()
        if count < MIN_CLUSTERS:
            return f"{count} cluster of {cluster}, {MIN_CLUSTERS} are needed"
    for name in (spec.outcome, *spec.regressors):
        values = sample[name].astype(float)
        if np.isclose(values.std(), 0):
            return f"{name} does not vary in the sample"
        for effect in effects:
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
        n_clusters=int(np.min(model._G)),
        n_singletons=rows_offered - int(model._N),
        r2=float(model._r2),
        r2_within=float(model._r2_within) if spec.fixed_effects else None,
        vcov_type=f"CRV1 {spec.cluster}",
        coefficients=coefficients,
    )


def _not_estimable(reason: str, n_obs: int | None = None) -> Fit:
    return Fit(status="not_estimable", reason=reason, n_obs=n_obs)
