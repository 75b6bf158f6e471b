"""Rows of regression_specs that an economist would write: right by an independent fit, or refused.

The degrees-of-freedom rule, everywhere: clustered errors take G/(G-1) x (N-1)/(N-K) and t(G-1), K
the slopes, one constant, and the levels less one of each effect that is nested in no cluster and
spanned by no finer effect; trends of such groups what they add to the rank. HC1 and iid take
N/(N-K) and t(N-K), every effect counted. Peers get dummies for the effects and no factor of theirs.
"""

import re

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.iv import IV2SLS, IVGMM
from scipy import linalg, stats

from support.panels import make_panel
from urban_resilience.estimation.checked_specs import check_specs
from urban_resilience.estimation.designs import fit, match
from urban_resilience.estimation.specs import SpecError, list_faults, parse_specs, read_specs
from urban_resilience.estimation.tables.coefficients import tabulate_coefficients
from urban_resilience.estimation.tables.event_study import tabulate_event_study
from urban_resilience.estimation.tables.indirect_effects import tabulate_indirect_effects
from urban_resilience.estimation.tables.resampled_inference import tabulate_resampled_inference
from urban_resilience.shared.project import ROOT, seed_rows

PLAIN = {
    "spec_id": "row",
    "table_id": "own",
    "column_id": "1",
    "design": "twfe",
    "estimator": "",
    "outcome": "y",
    "treatment": "x",
    "controls": "z",
    "fixed_effects": "year city_code",
    "cluster": "city_code",
    "sample_filter": "",
}
FORMULA = {
    **dict.fromkeys(("design", "outcome", "treatment", "controls", "fixed_effects"), ""),
}
POLICY = {
    "design": "did",
    "treatment": "treated",
    "policy_id": "p",
    "timing": "listed",
    "partial_pilots": "excluded",
}
STARTS = {"p": {0: 2011, 1: 2012, 2: 2013}, "q": {1: 2010, 3: 2013}}


def build_panel():
    panel = make_panel()
    rng = np.random.default_rng(5)
    n, city = len(panel), panel["city_code"].astype(int)
    hidden = rng.normal(size=n)
    panel["iv_1"], panel["iv_2"] = rng.normal(size=n), rng.normal(size=n)
    panel["bought"] = 0.8 * panel["iv_1"] + 0.6 * panel["iv_2"] + hidden + rng.normal(size=n)
    panel["y_hidden"] = panel["y"] + 0.5 * panel["bought"] + hidden
    panel["pop"] = rng.uniform(0.5, 3, size=n)
    panel["is_big"] = (city % 3 == 0).astype(bool)
    panel["belt"] = np.where(city % 2 == 0, "inner", "outer")
    panel["firms"] = rng.poisson(np.exp(0.3 * panel["x"] + 0.1 * (city % 5) - 0.5)).astype(float)
    panel["share"] = 1 / (1 + np.exp(-0.4 * panel["x"] - rng.normal(size=n)))
    panel["x_lag"] = panel.groupby("city_code")["x"].shift(1)
    return panel


def build_timing():
    rows = [
        (policy, f"{100 + c}", "1", float(start))
        for policy, starts in STARTS.items()
        for c in range(30)
        for start in [starts.get(c % 6)]
        if start
    ]
    timing = pd.DataFrame(rows, columns=["policy_id", "city_code", "batch", "first_full_year"])
    absent = ("first_full_announced_year", "first_partial_year", "first_partial_announced_year")
    return timing.assign(**dict.fromkeys(absent, np.nan))


PANEL, TIMING = build_panel(), build_timing()
BATCHES = {"p": {"1"}, "q": {"1"}}


def dated(panel, policy):
    rows = TIMING[TIMING["policy_id"] == policy]
    starts = panel["city_code"].map(rows.set_index("city_code")["first_full_year"])
    return (panel["year"] >= starts).astype(float)


CODED = PANEL.assign(treated=dated(PANEL, "p"), treated_q=dated(PANEL, "q"))


def spec_of(**cells):
    (spec,) = parse_specs(pd.DataFrame([{**PLAIN, **cells}]))
    assert list_faults([spec], PANEL, BATCHES) == []
    return spec


def fitted(**cells):
    found = fit(spec_of(**cells), PANEL, TIMING)
    assert found.status == "estimated", found.reason
    return found


def dummies(frame, effects, trends=()):
    """Independent columns among a constant, every level and the trends.

    Not left to the peers: they take the rank at NumPy's 1e-15, where rounding decides.
    """
    levels = [frame[name.split("^")].astype(str).agg("^".join, axis=1) for name in effects]
    columns = [pd.get_dummies(level).to_numpy(float) for level in levels]
    columns += [
        pd.get_dummies(frame[group]).to_numpy(float)
        * (frame[slope] - frame[slope].mean()).to_numpy(float)[:, None]
        for group, slope in trends
    ]
    matrix = np.hstack([np.ones((len(frame), 1)), *columns])
    length = np.sqrt((matrix**2).sum(axis=0))
    triangular, order = linalg.qr(matrix / length, mode="r", pivoting=True)
    return matrix[:, np.sort(order[: (np.abs(np.diag(triangular)) > 1e-8).sum()])]


def peer(frame, outcome, regressors, effects=(), trends=(), weights=None, **kind):
    """Statsmodels' weighted least squares on dummies; clustered without any factor of theirs."""
    frame = frame.dropna(subset=[outcome, *regressors])
    matrix = np.hstack([frame[list(regressors)].to_numpy(float), dummies(frame, effects, trends)])
    model = sm.WLS(
        frame[outcome].to_numpy(float),
        matrix,
        weights=np.ones(len(frame)) if weights is None else frame[weights].to_numpy(float),
    )
    if "clusters" not in kind:
        return model.fit(**kind)
    groups = frame[kind["clusters"]].apply(lambda column: pd.factorize(column)[0]).to_numpy()
    settings = {"groups": groups.squeeze(), "use_correction": False}
    return model.fit(cov_type="cluster", cov_kwds=settings)


def assert_agrees(found, regressors, model, factor=1.0, freedom=None):
    """Estimates, standard errors and p-values of the first coefficients."""
    by_term = {item.term: item for item in found.coefficients}
    for position, name in enumerate(regressors):
        item = by_term[name]
        error = model.bse[position] * np.sqrt(factor)
        assert item.estimate == pytest.approx(model.params[position], rel=1e-7)
        assert item.std_error == pytest.approx(error, rel=1e-7)
        if freedom:
            tail = 2 * stats.t.sf(abs(item.estimate / error), freedom)
            assert item.p_value == pytest.approx(tail, rel=1e-6)


def clustered(n, g, k):
    return g / (g - 1) * (n - 1) / (n - k)


TWO_WAY = ("city_code", "year")
N, G, T = len(PANEL), 30, 8
# Slopes, a constant, years less one: city effects are nested in their clusters.
BY_CITY = clustered(N, G, 2 + 1 + T - 1)


def test_weights():
    found = fitted(weights="pop")
    model = peer(PANEL, "y", ["x", "z"], TWO_WAY, weights="pop", clusters=["city_code"])
    assert_agrees(found, ["x", "z"], model, BY_CITY, G - 1)


@pytest.mark.parametrize(("vcov", "peers"), [("HC1", "HC1"), ("iid", "nonrobust")])
@pytest.mark.parametrize("weights", ["", "pop"])
def test_errors_that_are_not_clustered(vcov, peers, weights):
    found = fitted(vcov=vcov, cluster="", weights=weights)
    model = peer(PANEL, "y", ["x", "z"], TWO_WAY, weights=weights or None, cov_type=peers)
    # Statsmodels counts every dummy, as the rule does.
    assert_agrees(found, ["x", "z"], model, freedom=N - (2 + 1 + G - 1 + T - 1))
    assert found.vcov_type == vcov
    assert found.n_clusters is None
    assert found.diagnostics.n_effective_clusters is None


def test_two_clusters():
    found = fitted(cluster="city_code year")
    model = peer(PANEL, "y", ["x", "z"], TWO_WAY, clusters=["city_code", "year"])
    # Both effects are nested, each in its own cluster.
    assert_agrees(found, ["x", "z"], model, clustered(N, T, 2 + 1), T - 1)


def test_a_cluster_of_provinces():
    found = fitted(cluster="province", controls="")
    model = peer(PANEL, "y", ["x"], TWO_WAY, clusters=["province"])
    assert_agrees(found, ["x"], model, clustered(N, 7, 1 + 1 + T - 1), 6)


def test_effects_of_provinces_by_year():
    found = fitted(fixed_effects="city_code province^year")
    model = peer(PANEL, "y", ["x", "z"], ("city_code", "province^year"), clusters=["city_code"])
    assert_agrees(found, ["x", "z"], model, clustered(N, G, 2 + 1 + 7 * T - 1), G - 1)


@pytest.mark.parametrize("weights", ["", "pop"])
def test_a_trend_of_every_city(weights):
    """Nested in the clusters, trends cost as little as the effects of their cities."""
    found = fitted(fixed_effects="city_code[year] year", weights=weights)
    model = peer(
        *(PANEL, "y", ["x", "z"], TWO_WAY, [("city_code", "year")]),
        weights=weights or None,
        clusters=["city_code"],
    )
    assert_agrees(found, ["x", "z"], model, BY_CITY, G - 1)


def test_a_trend_of_every_city_without_clusters():
    found = fitted(fixed_effects="city_code[year] year", vcov="HC1", cluster="")
    model = peer(PANEL, "y", ["x", "z"], TWO_WAY, [("city_code", "year")], cov_type="HC1")
    # Years take one of the trends: they have a linear one in common.
    assert_agrees(found, ["x", "z"], model, freedom=N - (2 + 1 + (G - 1) + (T - 1) + (G - 1)))


def test_trends_of_provinces_beside_two_way_effects():
    found = fitted(fixed_effects="city_code year province[[year]]")
    model = peer(PANEL, "y", ["x", "z"], TWO_WAY, [("province", "year")], clusters=["city_code"])
    assert_agrees(found, ["x", "z"], model, clustered(N, G, 2 + 1 + T - 1 + 7 - 1), G - 1)


def test_several_policies_at_once():
    found = fitted(**POLICY | {"policy_id": "p q"})
    names = ["treated", "z", "treated_q"]
    model = peer(CODED, "y", names, TWO_WAY, clusters=["city_code"])
    assert_agrees(found, names, model, clustered(N, G, 3 + 1 + T - 1), G - 1)
    assert found.diagnostics.n_treated_units == 15


def test_a_policy_with_weights_and_robust_errors():
    found = fitted(**POLICY, weights="pop", vcov="HC1", cluster="")
    model = peer(CODED, "y", ["treated", "z"], TWO_WAY, weights="pop", cov_type="HC1")
    assert_agrees(found, ["treated", "z"], model)


@pytest.mark.parametrize(
    ("cells", "ends", "base", "trimmed"),
    [
        ({"event_window": "-4 4", "reference_period": "-1"}, (-4, 4), -1, False),
        ({"event_window": "-2..2", "reference_period": "-2", "weights": "pop"}, (-2, 2), -2, False),
        ({"event_window": "-2 3", "event_ends": "trimmed"}, (-2, 3), -1, True),
    ],
)
def test_windows_of_an_event_study(cells, ends, base, trimmed):
    spec = spec_of(**{**POLICY, "design": "event_study", **cells})
    rows = tabulate_event_study([spec], PANEL, TIMING).to_pandas()
    rows = rows[rows["estimator"] == "two_way_fixed_effects"].set_index("event_time")
    starts = TIMING[TIMING["policy_id"] == "p"].set_index("city_code")["first_full_year"]
    away = PANEL["year"] - PANEL["city_code"].map(starts)
    frame = PANEL[~(away.lt(ends[0]) | away.gt(ends[1]))] if trimmed else PANEL
    away = away.loc[frame.index].clip(*ends)
    points = [int(k) for k in sorted(away.dropna().unique()) if k != base]
    names = [f"event_{k}" for k in points]
    frame = frame.assign(**{f"event_{k}": (away == k).astype(float) for k in points})
    model = peer(
        *(frame, "y", [*names, "z"], TWO_WAY),
        weights=cells.get("weights"),
        clusters=["city_code"],
    )
    factor = clustered(len(frame), G, len(names) + 1 + 1 + T - 1)
    assert rows.index.tolist() == sorted([*points, base])
    assert rows.loc[base, "is_base"]
    assert rows["is_binned"].any() != trimmed
    for position, k in enumerate(points):
        assert rows.loc[k, "estimate"] == pytest.approx(model.params[position], rel=1e-7)
        error = model.bse[position] * np.sqrt(factor)
        assert rows.loc[k, "std_error"] == pytest.approx(error, rel=1e-7)


def test_matching_with_a_caliper_and_two_neighbours_on_own_covariates_and_years():
    cells = {
        **POLICY,
        "design": "psm_did",
        "matching": "k_nearest",
        "matching_covariates": "w x",
        "matching_window": "2008-2009",
        "caliper": "0.05",
        "neighbours": "2",
    }
    found = match(spec_of(**cells), PANEL, TIMING)
    early = PANEL[PANEL["year"].isin([2008, 2009])].groupby("city_code")[["w", "x"]].mean()
    pilots = set(TIMING.loc[TIMING["policy_id"] == "p", "city_code"])
    treated = early.index.isin(pilots)
    score = sm.Logit(treated.astype(float), sm.add_constant(early)).fit(disp=0, tol=1e-12)
    score = score.predict(sm.add_constant(early))
    low = max(score[treated].min(), score[~treated].min())
    high = min(score[treated].max(), score[~treated].max())
    score = score[(score >= low - 1e-12) & (score <= high + 1e-12)]
    weights = dict.fromkeys(score.index, 0.0)
    controls = score[[name not in pilots for name in score.index]]
    for city in (name for name in score.index if name in pilots):
        gaps = (controls - score[city]).abs().sort_values()
        near = gaps[gaps <= 0.05].index[:2]
        weights[city] = float(len(near) > 0)
        for name in near:
            weights[name] += 1 / len(near)
    units = found.matched.units.set_index("city_code")["matching_weight"]
    expected = pd.Series(weights).reindex(units.index).fillna(0.0)
    assert units.to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-9)
    assert (units > 0).sum() > 5
    frame = CODED.assign(weight=CODED["city_code"].map(expected))
    frame = frame[frame["weight"] > 0]
    model = peer(frame, "y", ["treated", "z"], TWO_WAY, weights="weight", clusters=["city_code"])
    factor = clustered(len(frame), frame["city_code"].nunique(), 2 + 1 + T - 1)
    assert_agrees(found.estimate.fit, ["treated", "z"], model, factor)


IV = {"design": "iv", "outcome": "y_hidden", "treatment": "bought", "instrument": "iv_1 iv_2"}


def partialled(controls=("z",), weights=None):
    """Columns net of dummies and controls, rooted weights taken in."""
    root = np.sqrt(np.ones(N) if weights is None else PANEL[weights].to_numpy())[:, None]
    matrix = np.hstack([PANEL[list(controls)].to_numpy(float), dummies(PANEL, TWO_WAY)]) * root
    columns = PANEL[["y_hidden", "bought", "iv_1", "iv_2"]].to_numpy(float) * root
    net = columns - matrix @ np.linalg.lstsq(matrix, columns, rcond=None)[0]
    return net[:, 0], net[:, 1], net[:, 2:]


@pytest.mark.parametrize("weights", ["", "pop"])
@pytest.mark.parametrize("kind", ["clustered", "HC1", "iid"])
def test_two_instruments_with_the_test_that_they_agree(kind, weights):
    """Against linearmodels: two stages, two-step GMM's J by the same errors, Sargan's statistic."""
    errors = {} if kind == "clustered" else {"vcov": kind, "cluster": ""}
    found = fitted(**IV, **errors, weights=weights)
    y, x, z = partialled(weights=weights or None)
    cities = pd.factorize(PANEL["city_code"])[0]
    settings = {
        "clustered": {"cov_type": "clustered", "clusters": cities, "debiased": False},
        "HC1": {"cov_type": "robust", "debiased": False},
        "iid": {"cov_type": "unadjusted", "debiased": False},
    }[kind]
    model = IV2SLS(y, None, x, z).fit(**settings)
    k = 2 + 1 + T - 1
    factor = clustered(N, G, k) if kind == "clustered" else N / (N - k - (G - 1))
    (first, *_) = found.coefficients
    assert first.term == "bought"
    assert first.estimate == pytest.approx(model.params.iloc[0], rel=1e-8)
    error = model.std_errors.iloc[0] * np.sqrt(factor)
    assert first.std_error == pytest.approx(error, rel=1e-8)
    said = found.diagnostics
    assert said.n_instruments == 2
    assert said.sargan == pytest.approx(model.sargan.stat, rel=1e-8)
    assert said.sargan_p_value == pytest.approx(stats.chi2.sf(model.sargan.stat, 1), rel=1e-6)
    moments = {
        "clustered": {"weight_type": "clustered", "clusters": cities},
        "HC1": {"weight_type": "robust"},
        "iid": {"weight_type": "unadjusted"},
    }[kind]
    gmm = IVGMM(y, None, x, z, **moments).fit(iter_limit=2)
    assert said.hansen_j == pytest.approx(gmm.j_stat.stat, rel=1e-6)
    assert said.hansen_j_p_value == pytest.approx(gmm.j_stat.pval, rel=1e-5)
    # The partial F: the Wald test of both instruments in the first stage, by the same errors.
    wide = np.hstack([PANEL[["iv_1", "iv_2", "z"]].to_numpy(float), dummies(PANEL, TWO_WAY)])
    weight = PANEL[weights].to_numpy() if weights else np.ones(N)
    stage = sm.WLS(PANEL["bought"].to_numpy(), wide, weights=weight)
    stage = {
        "clustered": lambda: stage.fit(
            cov_type="cluster", cov_kwds={"groups": cities, "use_correction": False}
        ),
        "HC1": lambda: stage.fit(cov_type="HC0"),
        "iid": lambda: stage.fit(),
    }[kind]()
    covariance = stage.cov_params()[:2, :2]
    k += 1
    scale = {
        "clustered": clustered(N, G, k),
        "HC1": N / (N - k - (G - 1)),
        "iid": 1.0,
    }[kind]
    b = stage.params[:2]
    assert said.first_stage_f == pytest.approx(
        b @ np.linalg.solve(covariance * scale, b) / 2, rel=1e-7
    )
    assert said.first_stage_estimate is None


def test_the_anderson_rubin_set_of_two_instruments_ends_where_the_test_does():
    """Brute force: y less b times x on both instruments, the F of both, on a grid."""
    found = fitted(**IV).diagnostics
    cities = pd.factorize(PANEL["city_code"])[0]
    wide = np.hstack([PANEL[["iv_1", "iv_2", "z"]].to_numpy(float), dummies(PANEL, TWO_WAY)])
    factor, critical = clustered(N, G, 3 + 1 + T - 1), stats.f.ppf(0.95, 2, G - 1)

    def statistic(b):
        model = sm.OLS((PANEL["y_hidden"] - b * PANEL["bought"]).to_numpy(), wide)
        model = model.fit(cov_type="cluster", cov_kwds={"groups": cities, "use_correction": False})
        g = model.params[:2]
        return g @ np.linalg.solve(model.cov_params()[:2, :2] * factor, g) / 2

    assert found.anderson_rubin_shape == "bounded"
    for end in (found.anderson_rubin_low, found.anderson_rubin_high):
        assert statistic(end) == pytest.approx(critical, rel=1e-6)
    assert statistic((found.anderson_rubin_low + found.anderson_rubin_high) / 2) < critical
    assert statistic(found.anderson_rubin_high + 0.1) > critical


def test_the_effective_f_of_several_instruments_is_that_of_one_where_one_counts():
    """Montiel Olea and Pflueger's critical value is 23.1 for one instrument by the formula too."""
    assert stats.ncx2.ppf(0.95, 1, 10) == pytest.approx(23.1, abs=0.02)
    found = fitted(**IV).diagnostics
    # Between the values of one and of infinitely many instruments with one weight.
    assert 10 < found.effective_f_critical < 23.1
    assert found.effective_f > found.effective_f_critical


def test_an_instrument_without_controls():
    found = fitted(**IV | {"instrument": "iv_1", "controls": ""})
    y, x, z = partialled(controls=())
    settings = {"clusters": pd.factorize(PANEL["city_code"])[0], "debiased": False}
    model = IV2SLS(y, None, x, z[:, :1]).fit(cov_type="clustered", **settings)
    (only,) = found.coefficients
    assert only.estimate == pytest.approx(model.params.iloc[0], rel=1e-8)
    error = model.std_errors.iloc[0] * np.sqrt(clustered(N, G, 1 + 1 + T - 1))
    assert only.std_error == pytest.approx(error, rel=1e-8)
    assert found.diagnostics.hansen_j is None


def test_poisson_with_weights():
    """Against statsmodels' GLM on dummies; provinces without any firm tell nothing."""
    found = fitted(
        estimator="poisson", outcome="firms", weights="pop", fixed_effects="year city_code"
    )
    alone = PANEL.groupby("city_code")["firms"].transform("sum") == 0
    frame = PANEL[~alone]
    levels = dummies(frame, TWO_WAY)
    matrix = np.hstack([frame[["x", "z"]].to_numpy(float), levels])
    family = sm.families.Poisson()
    model = sm.GLM(
        frame["firms"].to_numpy(), matrix, family=family, var_weights=frame["pop"].to_numpy()
    )
    groups = pd.factorize(frame["city_code"])[0]
    model = model.fit(
        tol=1e-13,
        maxiter=100,
        cov_type="cluster",
        cov_kwds={"groups": groups, "use_correction": False},
    )
    g = len(np.unique(groups))
    assert_agrees(found, ["x", "z"], model, clustered(len(frame), g, 2 + 1 + T - 1), g - 1)
    assert found.diagnostics.n_separated == alone.sum()
    average = np.average(frame["firms"], weights=frame["pop"])
    likelihood, constant = (
        frame["pop"] @ stats.poisson.logpmf(frame["firms"], mean)
        for mean in (model.mu, np.full(len(frame), average))
    )
    assert found.diagnostics.pseudo_r2 == pytest.approx(1 - likelihood / constant, rel=1e-8)
    pearson = frame["pop"] @ ((frame["firms"] - model.mu) ** 2 / model.mu)
    freedom = len(frame) - (2 + 1 + g - 1 + T - 1)
    assert found.diagnostics.dispersion == pytest.approx(pearson / freedom, rel=1e-7)
    # Mean slope: the coefficient times the mean of the fitted means.
    slope = found.coefficients[0].estimate * np.average(model.mu, weights=frame["pop"])
    assert found.diagnostics.average_partial_effect == pytest.approx(slope, rel=1e-7)


@pytest.mark.parametrize("effects", ["year", "year province", ""])
def test_a_fractional_response(effects):
    found = fitted(estimator="fractional_logit", outcome="share", fixed_effects=effects)
    levels = dummies(PANEL, effects.split())
    matrix = np.hstack([PANEL[["x", "z"]].to_numpy(float), levels])
    groups = pd.factorize(PANEL["city_code"])[0]
    model = sm.GLM(PANEL["share"].to_numpy(), matrix, family=sm.families.Binomial())
    model = model.fit(
        tol=1e-13,
        maxiter=100,
        cov_type="cluster",
        cov_kwds={"groups": groups, "use_correction": False},
    )
    # Effects of provinces are nested in no city.
    k = 2 + 1 + (T - 1) * ("year" in effects) + 6 * ("province" in effects)
    assert_agrees(found, ["x", "z"], model, clustered(N, G, k), G - 1)
    slope = np.mean(model.mu * (1 - model.mu)) * found.coefficients[-2].estimate
    assert found.diagnostics.average_partial_effect == pytest.approx(slope, rel=1e-7)
    assert found.diagnostics.incidental_parameters is None


def test_effects_of_cities_in_a_fractional_response_are_warned_of():
    found = fitted(estimator="fractional_logit", outcome="share")
    assert "few rows each" in found.diagnostics.incidental_parameters


@pytest.mark.parametrize(
    ("estimator", "outcome", "said"),
    [
        ("poisson", "w", "a number from 0 on"),
        ("fractional_logit", "firms", "a share from 0 to 1"),
    ],
)
def test_outcomes_out_of_range_are_said(estimator, outcome, said):
    found = fit(spec_of(estimator=estimator, outcome=outcome), PANEL, TIMING)
    assert found.status == "not_estimable"
    assert said in found.reason


def test_regressors_that_separate_are_said():
    """Zero wherever the dummy is one: its coefficient runs to minus infinity."""
    panel = PANEL.assign(
        firms=np.where(PANEL["is_big"] & (PANEL["year"] > 2011), 0.0, PANEL["firms"] + 1),
        off=(PANEL["is_big"] & (PANEL["year"] > 2011)).astype(float),
    )
    (spec,) = parse_specs(
        pd.DataFrame([{**PLAIN, "estimator": "poisson", "outcome": "firms", "treatment": "off"}])
    )
    found = fit(spec, panel, TIMING)
    assert found.status == "not_estimable"
    assert "separate" in found.reason or "positive" in found.reason


FORMULAS = {
    "y ~ x + z | city_code + year": {},
    "y ~ x": {"controls": "", "fixed_effects": ""},
    "y ~ z + x | year": {"treatment": "z", "controls": "x", "fixed_effects": "year"},
    "y ~ x | city_code + province^year": {
        "controls": "",
        "fixed_effects": "city_code province^year",
    },
    "y ~ x + z | city_code[year] + year": {"fixed_effects": "city_code[year] year"},
    "y_hidden ~ z | city_code + year | bought ~ iv_1 + iv_2": IV,
    "y_hidden ~ 1 | bought ~ iv_1": IV
    | {"controls": "", "fixed_effects": "", "instrument": "iv_1"},
}


@pytest.mark.parametrize(("formula", "cells"), FORMULAS.items())
def test_a_formula_is_another_way_to_write_a_row(formula, cells):
    written, filled = fitted(**FORMULA, formula=formula), fitted(**cells)
    assert {c.term: c for c in written.coefficients} == pytest.approx(
        {c.term: c for c in filled.coefficients}
    )


def test_a_formula_goes_with_other_designs_and_names_the_treatment_asked_for():
    cells = {**FORMULA, "formula": "y ~ treated + z | year + city_code"}
    policy = {name: POLICY[name] for name in ("design", "policy_id", "timing", "partial_pilots")}
    assert fitted(**{**cells, **policy}).coefficients == fitted(**POLICY).coefficients
    spec = spec_of(**FORMULA | {"formula": "y ~ x + z | year", "treatment": "z"})
    assert (spec.treatment, spec.controls) == ("z", ("x",))


REFUSED_FORMULAS = {
    "y ~ sw(x, z) | year": "one row is one regression",
    "y ~ x + csw(z, w) | year": "one row is one regression",
    "c(y, w) ~ x | year": "one row is one regression",
    "y ~ l(x, 1) | year": "lag(x, 1)",
    "y ~ L1.x | year": "lag(x, 1)",
    "y ~ log(x) | year": "a variable is a row of panel_variables",
    "y ~ x:z | year": "write design interaction",
    "y ~ i(year, x) | city_code": "design event_study",
    "y ~ 0 + x": "without its constant",
    "y ~ x | year | z": "effects twice",
    "y ~ z | year | x + w ~ iv_1": "2 regressors are instrumented",
    "x + z": "is no formula",
    "y ~ | year": "a regressor is empty",
    "y ~ x | year[": "is no effect",
}


@pytest.mark.parametrize(("formula", "said"), REFUSED_FORMULAS.items())
def test_formulas_of_more_than_one_regression_are_refused_with_a_remedy(formula, said):
    _, faults = read_specs(pd.DataFrame([{**PLAIN, **FORMULA, "formula": formula}]))
    assert len(faults) == 1
    assert faults[0][0] == "row"
    assert said in faults[0][1]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"outcome": "w"}, "outcome is 'w', the formula says 'y'"),
        ({"controls": "w"}, "controls is 'w', the formula says 'z'"),
        ({"treatment": "w"}, "treatment is 'w', the formula says 'x'"),
        ({"fixed_effects": "city_code"}, "fixed_effects is 'city_code', the formula says 'year'"),
        ({"instrument": "iv_1"}, "instrument is 'iv_1', the formula says 'none'"),
    ],
)
def test_a_formula_that_contradicts_filled_cells_is_refused(cells, said):
    row = {**PLAIN, **FORMULA, "formula": "y ~ x + z | year", **cells}
    with pytest.raises(SpecError, match="row: ") as raised:
        parse_specs(pd.DataFrame([row]))
    assert said in str(raised.value)


def test_a_filter_with_a_group():
    found = fitted(sample_filter="belt = 'inner' and year >= 2010")
    frame = PANEL[(PANEL["belt"] == "inner") & (PANEL["year"] >= 2010)]
    model = peer(frame, "y", ["x", "z"], TWO_WAY, clusters=["city_code"])
    assert_agrees(found, ["x", "z"], model, clustered(len(frame), 15, 2 + 1 + 5))


@pytest.mark.parametrize("vcov", ["clustered", "HC1"])
def test_an_interaction_with_a_dummy(vcov):
    """The dummy's own effect is absorbed; centring leaves the product's coefficient alone."""
    cells = {"vcov": vcov, "cluster": "city_code" if vcov == "clustered" else ""}
    found = fitted(design="interaction", moderator="is_big", weights="pop", **cells)
    frame = PANEL.assign(both=PANEL["x"] * PANEL["is_big"])
    kind = {"clusters": ["city_code"]} if vcov == "clustered" else {"cov_type": "HC1"}
    model = peer(frame, "y", ["both", "x", "z"], TWO_WAY, weights="pop", **kind)
    product = next(c for c in found.coefficients if c.term == "x:is_big")
    factor = clustered(N, G, 3 + 1 + T - 1) if vcov == "clustered" else 1.0
    assert product.estimate == pytest.approx(model.params[0], rel=1e-8)
    assert product.std_error == pytest.approx(model.bse[0] * np.sqrt(factor), rel=1e-8)


@pytest.mark.parametrize(("effects", "k"), [("", 3), ("year", 3 + T - 1)])
def test_no_effects_and_effects_of_years_alone(effects, k):
    found = fitted(fixed_effects=effects)
    model = peer(PANEL, "y", ["x", "z"], effects.split(), clusters=["city_code"])
    assert_agrees(found, ["x", "z"], model, clustered(N, G, k), G - 1)


def test_a_lagged_treatment_is_a_variable():
    found = fitted(treatment="x_lag")
    frame = PANEL.dropna(subset="x_lag")
    model = peer(frame, "y", ["x_lag", "z"], TWO_WAY, clusters=["city_code"])
    assert_agrees(found, ["x_lag", "z"], model, clustered(len(frame), G, 2 + 1 + T - 2), G - 1)


def test_a_placebo_and_a_mechanism_with_effects_of_provinces():
    drawn = {"n_draws": "20", "seed": "1"}
    placebo = spec_of(design="placebo", **drawn)
    rows = tabulate_resampled_inference([placebo], PANEL, TIMING).to_pandas()
    model = peer(PANEL, "y", ["x", "z"], TWO_WAY, clusters=["city_code"])
    assert rows["estimate"].to_numpy() == pytest.approx([model.params[0]] * 2, rel=1e-8)
    steps = spec_of(
        design="mediation", moderator="w", fixed_effects="city_code province year", **drawn
    )
    found = tabulate_indirect_effects([steps], PANEL, TIMING).to_pandas().iloc[0]
    first = peer(PANEL, "w", ["x", "z"], TWO_WAY, clusters=["city_code"])
    second = peer(PANEL, "y", ["w", "z"], TWO_WAY, clusters=["city_code"])
    assert found["estimate"] == pytest.approx(first.params[0] * second.params[0], rel=1e-7)


DRAWN = {"n_draws": "19", "seed": "1"}
REFUSED = {
    "bootstrap with weights": ({"design": "bootstrap", "weights": "pop", **DRAWN}, "weights is"),
    "jackknife, robust": ({"design": "jackknife", "vcov": "HC1", "cluster": ""}, "vcov is 'HC1'"),
    "curve with weights": ({"design": "specification_curve", "weights": "pop"}, "weights is 'pop'"),
    "psm_did with weights": (
        {**POLICY, "design": "psm_did", "matching": "nearest", "weights": "pop"},
        "weights is 'pop', design psm_did reads none: empty the cell (designs that do: twfe",
    ),
    "draws with trends": (
        {"design": "bootstrap", "fixed_effects": "city_code[year]", **DRAWN},
        "design bootstrap cannot absorb trends ('city_code[[year]]'; designs that can: twfe",
    ),
    "trend alone": ({"fixed_effects": "city_code[[year]]"}, "write city_code[year]"),
    "trend in text": ({"fixed_effects": "city_code[belt] year"}, "'belt' of 'city_code[[belt]]'"),
    "no effect": ({"fixed_effects": "city_code[year"}, "is no effect"),
    "unknown weights": ({"weights": "popp"}, "column 'popp' is not in fct_estimation_panel (near"),
    "weights of text": ({"weights": "belt"}, "weight 'belt' is text"),
    "unknown errors": ({"vcov": "hc9", "cluster": ""}, "known: clustered, HC1, iid"),
    "robust and clustered": ({"vcov": "HC1"}, "cluster is 'city_code' beside vcov HC1"),
    "no cluster": ({"cluster": ""}, "cluster is empty (or write vcov HC1 or iid)"),
    "unknown estimator": ({"estimator": "poison"}, "(nearest: poisson)"),
    "estimator of another design": (
        {**POLICY, "estimator": "poisson"},
        "design did uses ols (designs of poisson: twfe)",
    ),
    "second policy unknown": ({**POLICY, "policy_id": "p r"}, "policy_id 'r' has no pilots"),
    "policy twice": ({**POLICY, "policy_id": "p p"}, "policy_id names 'p' twice"),
    "placebo of two policies": (
        {**POLICY, "policy_id": "p q", "design": "placebo", **DRAWN},
        "design placebo takes one",
    ),
    "window without base": (
        {**POLICY, "event_window": "-3 3", "reference_period": "-4"},
        "reference_period -4 lies outside event_window '-3 3'",
    ),
    "base in treatment": (
        {**POLICY, "event_window": "-3 3", "reference_period": "0"},
        "reference_period 0 is a year of treatment",
    ),
    "window that is none": ({**POLICY, "event_window": "four"}, "is not two whole numbers"),
    "window after treatment": ({**POLICY, "event_window": "0 4"}, "must begin before treatment"),
    "window of a plain row": ({"event_window": "-4 4"}, "event_window is '-4 4', design twfe"),
    "unknown ends": ({**POLICY, "event_ends": "cut"}, "known: binned, trimmed"),
    "two neighbours, one to one": (
        {**POLICY, "design": "psm_did", "matching": "nearest", "neighbours": "2"},
        "neighbours is 2, matching nearest reads none",
    ),
    "caliper of a kernel": (
        {**POLICY, "design": "psm_did", "matching": "kernel", "caliper": "0.1"},
        "caliper is 0.1, matching kernel reads none",
    ),
    "caliper below 0": (
        {**POLICY, "design": "psm_did", "matching": "nearest", "caliper": "-1"},
        "caliper is -1, it must be above 0",
    ),
    "nothing to match on": (
        {**POLICY, "design": "psm_did", "matching": "nearest", "controls": ""},
        "there is nothing to match on",
    ),
    "instrument twice": (IV | {"instrument": "iv_1 iv_1"}, "instrument names 'iv_1' twice"),
    "second instrument a control": (
        IV | {"instrument": "iv_1 z"},
        "instrument 'z' is a control of the same regression",
    ),
    "weighted by the outcome": (
        {"weights": "y"},
        "weights names 'y', which is the outcome of the same regression",
    ),
    "clustered by the treatment": (
        {"cluster": "city_code x"},
        "cluster names 'x', which is the treatment of the same regression",
    ),
    "lag in a cell": ({"treatment": "L1.x"}, "write it as a row of panel_variables"),
    "mechanism without cities": (
        {"design": "mediation", "moderator": "w", "fixed_effects": "province year", **DRAWN},
        "design mediation needs city_code among its fixed_effects",
    ),
}


@pytest.mark.parametrize(("cells", "said"), REFUSED.values(), ids=REFUSED)
def test_what_a_design_cannot_do_is_refused_by_name(cells, said):
    specs, unreadable = read_specs(pd.DataFrame([{**PLAIN, **cells}]))
    faults = [*unreadable, *list_faults(specs, PANEL, BATCHES)]
    assert any(said in fault for _, fault in faults), faults


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"caliper": "wide"}, "caliper 'wide' is no number"),
        ({"neighbours": "2.5"}, "neighbours '2.5' is no whole number"),
        ({"reference_period": "one"}, "reference_period 'one' is no whole number"),
    ],
)
def test_numbers_that_are_none_are_named(cells, said):
    _, faults = read_specs(pd.DataFrame([{**PLAIN, **cells}]))
    assert faults == [("row", said)]


def test_a_study_without_regressions_is_no_fault():
    rows = pd.DataFrame([PLAIN]).iloc[:0]
    assert parse_specs(rows) == []
    checked = check_specs(rows)
    assert checked.num_rows == 0
    assert {"formula", "weights", "note"} <= set(checked.column_names)
    for tabulate in (tabulate_coefficients, tabulate_event_study, tabulate_resampled_inference):
        assert tabulate([], PANEL, TIMING).num_rows == 0


def test_checked_rows_have_what_a_formula_states():
    row = {**PLAIN, **FORMULA, "formula": "resi ~ vagg + pop | year", "note": "as written"}
    (checked,) = check_specs(pd.DataFrame([row])).to_pylist()
    assert checked["design"] == "twfe"
    assert (checked["treatment"], checked["controls"]) == ("vagg", "pop")
    assert checked["vcov"] == "clustered"
    assert checked["weights"] is None
    assert checked["note"] == "as written"


def test_the_estimators_name_no_study():
    """Rows name outcomes, policies and places; the library names keys alone."""
    named = {row["variable"] for row in seed_rows("panel_variables")}
    named |= {row["policy_id"] for row in seed_rows("policy_pilots")}
    named |= {"china", "chinese", "yuan"}
    # Words of Python and of statistics are variables of the shipped study as well.
    words = re.compile(rf"\b({'|'.join(named - {'iv', 'open', 'pop', 'agg'})})\b", re.IGNORECASE)
    room = ROOT / "src" / "urban_resilience" / "estimation"
    found = [
        f"{path.relative_to(room)}: {line.strip()}"
        for path in sorted(room.rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if words.search(line)
    ]
    assert found == []
