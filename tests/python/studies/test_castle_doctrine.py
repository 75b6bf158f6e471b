"""The study of American states, built from its folder, against its own file computed by hand.

Standard errors: clustered by state, factor G / (G - 1) x (N - 1) / (N - K), where K counts
regressors and effects but not those nested in the clusters (fixest's rule): the states' effects.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from support.dbt import ROOT
from support.study_build import build_study
from support.warehouse import Warehouse

pytestmark = pytest.mark.slow
STUDY = ROOT / "studies" / "castle_doctrine"
HOMICIDES = "homicides_per_100k"
CONTROLS = [
    "unemployment_rate_percent", "poverty_rate_percent", "income_log", "police_log",
    "prisoners_before",
]  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    run = build_study(STUDY, STUDY / "raw", tmp_path_factory.mktemp("castle"))
    return Warehouse(run.warehouse)


@pytest.fixture(scope="module")
def rows():
    """The file with what the variables are computed from, joined by hand."""
    frame = pd.read_csv(STUDY / "raw" / "city_yearbook.csv").sort_values(["state", "year"])
    law = pd.read_csv(STUDY / "policy_pilots.csv").set_index("city_code")["year"]
    region = pd.read_csv(STUDY / "cities.csv").set_index("city_code")["census_region"]
    frame["post"] = (frame["year"] >= frame["state"].map(law).fillna(9999)).astype(float)
    frame["region_year"] = frame["state"].map(region) + frame["year"].astype(str)
    frame["prisoners_before"] = frame.groupby("state")["prisoners_log"].shift()
    return frame


def dummies(values: pd.Series) -> np.ndarray:
    return pd.get_dummies(values).to_numpy(float)


def fit(frame, outcome, regressors, effects, weighted, trends):
    """Least squares on dummies; estimate and standard error of the first regressor."""
    frame = frame.dropna(subset=regressors)
    x = np.column_stack([frame[regressors].to_numpy(float), *(dummies(frame[e]) for e in effects)])
    if trends:
        x = np.column_stack([x, dummies(frame["state"]) * (frame[["year"]].to_numpy(float) - 2005)])
    y = np.log(frame[outcome].to_numpy(float))
    w = frame["mean_population_persons"].to_numpy(float) if weighted else np.ones(len(y))
    root = np.sqrt(w / w.mean())[:, None]
    beta = np.linalg.lstsq(x * root, y * root[:, 0], rcond=1e-12)[0]
    score = (x * root) * ((y - x @ beta) * root[:, 0])[:, None]
    by_state = pd.DataFrame(score).groupby(frame["state"].to_numpy()).sum().to_numpy()
    bread = np.linalg.pinv((x * root).T @ (x * root), rcond=1e-12)
    covariance = bread @ (by_state.T @ by_state) @ bread
    n, g = len(y), len(by_state)
    # The effects of states, and their slopes, are nested in the clusters: K is without them.
    k = len(regressors) + frame[effects[0]].nunique()
    factor = g / (g - 1) * (n - 1) / (n - k)
    return beta[0], float(np.sqrt(factor * covariance[0, 0])), n


@pytest.mark.parametrize(
    ("spec_id", "outcome", "controls", "periods", "weighted", "trends"),
    [
        ("castle_did", HOMICIDES, [], "year", False, False),
        ("castle_formula", HOMICIDES, [], "year", False, False),
        ("castle_weighted", HOMICIDES, [], "year", True, False),
        ("castle_region_years", HOMICIDES, [], "region_year", True, False),
        ("castle_controls", HOMICIDES, CONTROLS, "region_year", True, False),
        ("castle_trends", HOMICIDES, [], "year", True, True),
        ("castle_burglary", "burglaries_per_100k", [], "region_year", True, False),
    ],
)
def test_regressions_equal_dummies_by_hand(
    warehouse, rows, spec_id, outcome, controls, periods, weighted, trends
):
    found = warehouse.frame(
        "select estimate, std_error, fits.n_obs from results.fct_coefficients"
        " inner join results.fct_model_fits as fits using (spec_id)"
        f" where spec_id = '{spec_id}' and term in ('treated', 'post')"
    ).iloc[0]
    estimate, error, n = fit(
        rows, outcome, ["post", *controls], [periods, "state"], weighted, trends
    )
    assert found["n_obs"] == n
    assert found["estimate"] == pytest.approx(estimate, rel=1e-8)
    assert found["std_error"] == pytest.approx(error, rel=1e-8)


def test_the_textbook_number(warehouse):
    """Cunningham (2021), chapter on two-way effects: 0.069 (recalled)."""
    query = "select estimate from results.fct_coefficients where spec_id = 'castle_did'"
    assert round(warehouse.value(query), 3) == 0.069


def test_every_regression_is_estimated_and_no_row_is_lost(warehouse):
    kept = "select count(*) filter (where is_kept) from panel.fct_sample_decisions"
    assert warehouse.value(kept) == 50
    statuses = warehouse.frame("select status from results.fct_model_fits")["status"]
    assert set(statuses) == {"estimated"}
    assert len(statuses) == 8
    events = "select count(distinct event_time) from results.fct_event_study"
    assert warehouse.value(events) == 8
