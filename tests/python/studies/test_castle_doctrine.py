"""The study of American states, built from its folder, against its own file computed by hand.

Standard errors: clustered by state, factor G / (G - 1) x (N - 1) / (N - K), where K counts
regressors and effects but not those nested in the clusters (fixest's rule): the states' effects.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyfixest as pf
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


# Nine changes that an economist may make next, each by rows alone: what is added to which file.
CHANGES = {
    # An own raw series (its figures are a second file), group, policy.
    "raw_columns": [
        "city_yearbook,particles_ug_m3,Particles,air,ug_m3,1,100,false,false,Made up,test",
    ],
    "city_groups": [
        "group_id,city_code,evidence",
        *(f"new_england,{state},test" for state in ("CT", "MA", "ME", "NH", "RI", "VT")),
        *(f"gulf,{state},test" for state in ("AL", "FL", "LA", "MS", "TX")),
    ],
    "policy_pilots": ["night_courts,NY,1,2005,,full,test", "night_courts,CA,1,2007,,full,test"],
    # Indicators, and indices over them.
    "resilience_indicators": [
        "indicator_id,position,name_en,expression,unit",
        "calm,1,Few homicides,homicides_per_100k,per 100000",
        "work,2,Employment,100 - unemployment_rate_percent,percent",
        "air,3,Clean air,rolling_mean(particles_ug_m3; 2),ug_m3".replace(";", ","),
    ],
    "index_indicators": [
        "indicator_set,indicator_id,dimension,direction_as_printed,direction_used",
        "safety,calm,peace,negative,negative",
        "safety,work,economy,positive,positive",
        "safety,air,nature,negative,negative",
    ],
    "index_definitions": [
        "index_id,name_en,indicator_set,direction,normalization,weighting,aggregation,scope",
        "safety,Safety,safety,used,min_max,equal,weighted_sum,pooled",
        "safety_critic,Safety by CRITIC,safety,used,min_max,critic,weighted_sum,pooled",
    ],
    # Controls: of series, of variables, of an index, of a policy, of the year's other states.
    "panel_variables": [
        "particles_before,,,lag(particles_ug_m3),,",
        "safety,,,safety_critic,,",
        "is_dirty,,,particles_ug_m3 > median_in_year(particles_ug_m3),,",
        "courts,,,year >= coalesce(night_courts_year; 9999),,".replace(";", ","),
        "particles_squared,,,particles_before ^ 2,,",
    ],
    "regression_specs": [
        "own_control,own,1,twfe,l_homicide,post,particles_before particles_squared,,,",
        "own_index,own,2,twfe,safety,post,,,,",
        "own_sample,own,3,twfe,l_homicide,post,,not new_england and not is_dirty,,",
        "own_policy,own,4,did,l_homicide,treated,,,night_courts,",
        "both_laws,own,5,twfe,l_homicide,post,courts,,,",
        "own_group,own,6,interaction,l_homicide,post,,,,gulf",
    ],
}  # fmt: skip


def add_rows(path, lines):
    """Append rows to a file of the study; the first line is its header where it has none yet."""
    head = [] if path.exists() else lines[:1]
    added = lines if head == [] and path.exists() else lines[1:]
    with path.open("a") as file:
        file.writelines(f"{line}\n" for line in [*head, *added])


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """The shipped folder with the rows of the nine changes."""
    folder = Path(shutil.copytree(STUDY, tmp_path_factory.mktemp("study") / STUDY.name))
    changes = dict(CHANGES)
    head = "variable,name_en,unit,expression,is_described,may_be_negative"
    changes["panel_variables"] = [quoted(line, head, 3) for line in changes["panel_variables"]]
    changes["resilience_indicators"] = [
        quoted(line, changes["resilience_indicators"][0], 3)
        for line in changes["resilience_indicators"]
    ]
    specs = pd.DataFrame(
        [line.split(",") for line in changes.pop("regression_specs")],
        columns=[
            "spec_id", "table_id", "column_id", "design", "outcome", "treatment", "controls",
            "sample_filter", "policy_id", "moderator",
        ],
    )  # fmt: skip
    specs["sample_filter"] = [
        f"is_estimation_sample and {text}" if text else "is_estimation_sample"
        for text in specs["sample_filter"]
    ]
    is_policy = specs["policy_id"] != ""
    specs["timing"], specs["partial_pilots"] = (
        is_policy.map({True: word, False: ""}) for word in ("listed", "excluded")
    )
    fixed = {"estimator": "ols", "fixed_effects": "year city_code", "cluster": "city_code"}
    shipped = pd.read_csv(folder / "regression_specs.csv", dtype=str)
    both = pd.concat([shipped, specs.assign(**fixed)])
    both.to_csv(folder / "regression_specs.csv", index=False)
    for name, lines in changes.items():
        add_rows(folder / f"{name}.csv", lines)
    particles().to_csv(folder / "raw" / "city_yearbook_air.csv", index=False)
    return folder


def quoted(line, header, place):
    """Put the cell at a place into quotes: what is too many between is its commas."""
    cells, width = line.split(","), len(header.split(","))
    extra = len(cells) - width
    cell = ",".join(cells[place : place + extra + 1])
    return ",".join([*cells[:place], f'"{cell}"', *cells[place + extra + 1 :]])


def particles():
    """Figures of a series that the package does not have: made up, and said to be."""
    frame = pd.read_csv(STUDY / "raw" / "city_yearbook.csv")[["state", "year"]]
    noise = np.random.default_rng(7).normal(size=len(frame))
    return frame.assign(particles_ug_m3=np.round(12 + 3 * noise.clip(-3, 3), 3))


@pytest.fixture(scope="module")
def warehouse(study, tmp_path_factory):
    run = build_study(study, study / "raw", tmp_path_factory.mktemp("castle"))
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
    fits = warehouse.frame("select spec_id, status, reason from results.fct_model_fits")
    assert fits[fits["status"] != "estimated"].empty
    assert len(fits) == 14
    events = (
        "select count(distinct event_time) from results.fct_event_study"
        " where spec_id = 'castle_events'"
    )
    assert warehouse.value(events) == 8


@pytest.fixture(scope="module")
def changed(rows):
    """What the added rows say, in pandas."""
    frame = rows.merge(particles(), on=["state", "year"]).sort_values(["state", "year"])
    by_state = frame.groupby("state")["particles_ug_m3"]
    frame["particles_before"] = by_state.shift()
    frame["particles_squared"] = frame["particles_before"] ** 2
    median = frame.groupby("year")["particles_ug_m3"].transform("median")
    frame["is_dirty"] = frame["particles_ug_m3"] > median
    frame["new_england"] = frame["state"].isin(["CT", "MA", "ME", "NH", "RI", "VT"])
    frame["courts"] = (
        (frame["state"] == "NY") & (frame["year"] >= 2005)
        | (frame["state"] == "CA") & (frame["year"] >= 2007)
    ).astype(float)  # fmt: skip
    frame["air"] = (frame["particles_ug_m3"] + frame["particles_before"]) / 2
    complete = frame["air"].notna()
    good = pd.DataFrame(
        {
            "calm": -frame["homicides_per_100k"],
            "work": 100 - frame["unemployment_rate_percent"],
            "air": -frame["air"],
        }
    )[complete]
    score = (good - good.min()) / (good.max() - good.min())
    # Diakoulaki et al. (1995): deviation times what the others do not say.
    weight = score.std() * (1 - score.corr()).sum()
    frame["safety"] = (score * weight / weight.sum()).sum(axis=1).where(complete)
    frame["l_homicide"] = np.log(frame["homicides_per_100k"])
    return frame


@pytest.mark.parametrize(
    ("spec_id", "formula", "where"),
    [
        ("own_control", "l_homicide ~ post + particles_before + particles_squared", ""),
        ("own_index", "safety ~ post", ""),
        ("own_sample", "l_homicide ~ post", "not new_england and not is_dirty"),
        ("own_policy", "l_homicide ~ courts", ""),
        ("both_laws", "l_homicide ~ post + courts", ""),
    ],
)
def test_changes_by_rows_equal_pyfixest_on_the_file(warehouse, changed, spec_id, formula, where):
    """pyfixest's own clustered errors: K without effects nested in the clusters, as ours."""
    frame = changed.query(where) if where else changed
    peer = pf.feols(f"{formula} | state + year", frame, vcov={"CRV1": "state"})
    found = warehouse.frame(
        f"select estimate, std_error from results.fct_coefficients where spec_id = '{spec_id}'"
        " and term in ('post', 'treated')"
    ).iloc[0]
    term = "courts" if spec_id == "own_policy" else "post"
    assert found["estimate"] == pytest.approx(peer.coef()[term], rel=1e-7)
    assert found["std_error"] == pytest.approx(peer.se()[term], rel=1e-6)


def test_an_own_series_is_treated_like_any_other(warehouse):
    series = (
        "select count(*) from panel.fct_series where series = 'particles_ug_m3'"
        " and imputation_code = 'observed'"
    )
    assert warehouse.value(series) == 550
    profile = "select count(*) from quality.fct_raw_columns where column_name = 'particles_ug_m3'"
    assert warehouse.value(profile) == 1
    groups = "select count(*) from reference.dim_cities where new_england"
    assert warehouse.value(groups) == 6
    comment = (
        "select comment from duckdb_columns() where table_name = 'fct_estimation_panel'"
        " and column_name = 'particles_before'"
    )
    assert "lag(particles_ug_m3)" in warehouse.value(comment)
